"""Generated Chinese text for property tests: what occurs in real files, in every wrong combination."""

from hypothesis import strategies as st

PIECES = (
    *"的一是在不了有人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说",
    *"後裡臺灣為會學國發電車書圖馬龍點體東來個時們這門開關著乾於",
    *"，。、；：？！“”‘’（）《》—…·　,.;:?!()\"' ",
    *"0123456789%",
    *"ＡＢ１２⼯⽂\ufeff\u200b\u3000\ue000\U00020000é\u0301\uf9e4",
    *"のはカタ",
    "\n", "\n", "\n\n", "\r\n", "\f", "\u2028", "\t",
    "（上接第5版）", "(紧接4版)", "（下转Ａ2版）", "上接第一版", "（全文见第三版）", "上接天气", "“（上接第一版）”",
    "分享让更多人看到", "— 12 —", "第 3 页", "12", "一、", "（二）", "3.", "第三章 ", "● ", "| a | b |",
    "国家高企 110 家", "1,200", "8:30", "https://a.cn/x?y=1,2", "a@b.cn", "f(x)", "“开“",
    "水渠修好了。", "今年又种下两千多棵果", "树，乡亲们都说好。", "春天来了，燕子从南方飞回来，停在屋檐下面。",
    "老石橋修好了，第一個過橋的是送牛奶的小何。", "看著", "顯著", "乾隆", "餅乾", "王濛", "们", "“萬里長風”",
)  # fmt: skip

texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
paragraphs = st.lists(texts, max_size=12).map("\n".join)
anything = st.one_of(texts, paragraphs, st.text(st.characters(exclude_categories=["Cs"])))
