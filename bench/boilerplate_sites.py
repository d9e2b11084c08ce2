"""Sites made of undamaged articles: some with the furniture of a web page, some with what recurs by right.

A page is a list of lines with a mark: what of it is boilerplate. {title}, {n} and the like in a line vary with the
page. What is HELD_OUT was written before it was measured, and no rule was changed for it; what led to a change was
moved to the rest.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cleaner.document import Document


@dataclass(frozen=True, slots=True)
class Frame:
    """What a site puts around its texts. A line that begins with `?` is left out on every second page, at random."""

    name: str
    head: tuple[str, ...]
    under_title: tuple[str, ...]
    tail: tuple[str, ...]


DEV = (
    Frame(
        "news portal",
        ("首页", "新闻", "财经", "体育", "娱乐", "科技", "汽车", "房产", "登录 | 注册", "您的位置：首页 > 新闻 > 正文"),
        ("2024年{month}月{day}日 08:{n}", "分享到微信", "字号：大 中 小"),
        (
            "责任编辑：林小满",
            "上一篇：{title}",
            "下一篇：{title}",
            "?扫一扫，用手机看本文",
            "免责声明：本站转载内容仅代表作者个人观点，与本站立场无关，如涉及版权问题请与我们联系，我们将及时处理。",
            "关于我们 | 联系我们 | 广告服务 | 网站地图",
            "版权所有 小溪新闻网 未经授权禁止转载",
            "溪ICP备12345678号-1",
        ),
    ),
    Frame(
        "city office",
        (
            "无障碍浏览",
            "网站首页",
            "政务公开",
            "政务服务",
            "互动交流",
            "走进青石",
            "当前位置：网站首页 > 政务公开 > 动态",
        ),
        ("来源：青石镇政府", "发布时间：2024-{month}-{day}", "【字体：大 中 小】"),
        (
            "【打印本页】 【关闭窗口】",
            "主办单位：青石镇人民政府办公室",
            "网站标识码：3300000001",
            "联系电话：0570-1234567",
        ),
    ),
    Frame("lone last line", (), (), ("分享到：微信 微博 QQ空间",)),
    Frame("menu at the end", (), (), ("推荐", "军事", "历史", "国际", "图片", "视频")),
    Frame(
        "novel site",
        ("书库", "排行榜", "完本", "作者专区", "用户中心", "加入书签"),
        (),
        ("上一章", "目录", "下一章", "喜欢本书请大家收藏，本站更新速度全网最快。"),
    ),
    Frame(
        "forum",
        ("论坛", "家园", "群组", "快速注册", "找回密码"),
        ("发表于 2024-{month}-{day} 12:{n}", "只看该作者", "倒序浏览"),
        ("回复", "举报", "使用道具", "本版积分规则", "Powered by Board X3.4", "小黑屋|手机版|Archiver|溪水论坛"),
    ),
    Frame("press office", (), ("字号", "大", "中", "小", "打印", "关闭"), ("相关附件", "政策解读", "回到顶部")),
    Frame(
        "app page",
        (),
        ("{title} · {n}分钟前",),
        (
            "阅读 {n}",
            "写留言",
            "热门评论",
            "打开APP，阅读体验更佳",
            "特别声明：以上内容由用户上传并发布，本平台仅提供信息存储服务。",
        ),
    ),
)
HELD_OUT = (
    Frame(
        "museum",
        ("首页", "参观", "展览", "藏品", "教育", "文创"),
        (),
        (
            "开放时间：9:00-17:00（周一闭馆）",
            "咨询热线：0570-7654321",
            "青石博物馆 版权所有",
            "溪公网安备 33010002000001号",
        ),
    ),
    Frame(
        "related titles",
        ("溪水网 > 文化频道",),
        (),
        (
            "（责任编辑：王大江）",
            "相关阅读",
            "{title}",
            "{title}",
            "{title}",
            "{title}",
            "{title}",
            "本网站内容归溪水网所有",
        ),
    ),
    Frame(
        "digital paper",
        ("青石日报数字报", "往期回顾", "版面导航", "标题导航", "放大", "缩小", "默认"),
        ("2024年{month}月{day}日 第{n}版",),
        ("?本版新闻", "收藏", "打印", "复制链接", "《青石日报》版权所有，任何单位和个人未经许可不得使用"),
    ),
    Frame(
        "public account",
        ("点击上方蓝字关注我们",),
        ("原创 {title}", "{month}-{day}"),
        (
            "长按识别二维码关注",
            "觉得不错，请点个“在看”",
            "部分图片来自网络，版权归原作者所有，如有侵权请联系删除。",
        ),
    ),
    Frame(
        "institute",
        ("English", "院长信箱", "中文版", "概况", "机构", "人才", "科研", "党建"),
        (),
        ("附件下载：", "地址：青石镇水渠路1号 邮政编码：330001", "Copyright © 2010-2024 溪水研究所", "浏览次数：{n}"),
    ),
)
# What recurs by right, and is boilerplate of no site: {body} stands for the paragraphs.
OWN = {
    "reports": (
        "{title}",
        "工作目标",
        "{body}",
        "主要任务",
        "{body}",
        "一、加强领导",
        "{body}",
        "（二）保障措施",
        "{body}",
        "附件：任务分工表",
        "青石镇人民政府办公室",
        "2024年{month}月{day}日",
    ),
    "notices": (
        "关于{title}的通知",
        "各村、各单位：",
        "{body}",
        "特此通知。",
        "青石镇水利站",
        "2024年{month}月{day}日",
    ),
    "orders": ("公告", "{body}", "此致", "敬礼", "青石镇人民法院"),
    "speeches": ("{title}", "同志们：", "{body}", "谢谢大家！"),
    "rules": ("{title}", "目  录", "第一章 总则", "第二章 附则", "第一章 总则", "{body}", "第二章 附则", "{body}"),
    "papers": (
        "{title}",
        "林小满 王大江",
        "青石师范学院 中文系",
        "摘要",
        "{body}",
        "关键词",
        "水渠；石桥",
        "引言",
        "{body}",
        "参考文献",
    ),
    "dispatches": ("{title}", "本报记者 林小满", "新华社青石5月1日电", "{body}", "（完）"),
    "column": ("今日谈", "{title}", "林小满", "{body}"),
    "forms": ("{title}", "姓名：", "性别：", "住址：", "{body}", "申请人签名：", "日期：　　年　月　日"),
    "songs": ("{title}", "作词：林小满", "作曲：王大江", "{body}", "摇啊摇，摇到石桥头", "摇啊摇，摇到石桥头"),
    "tables": ("{title}", "{body}", "附表", "序号", "姓名", "单位", "{title}", "{title}", "{title}", "{title}"),
    "products": ("{title}", "品牌", "{title}", "产地", "{title}", "型号", "{title}", "{body}"),
    "interviews": ("{title}", "{body}", "问：", "{body}", "答：", "{body}"),
    "lessons": (
        "{title}",
        "教学目标",
        "认识生字{n}个",
        "教学重点",
        "读懂课文",
        "教学过程",
        "{body}",
        "板书设计",
        "教学反思",
        "{body}",
    ),
    "letters": ("亲爱的妈妈", "{body}", "祝", "身体健康", "你的孩子", "{month}月{day}日"),
    "plays": ("{title}", "人物", "老王", "小何", "村长", "时间", "现代", "地点", "石桥头", "{body}", "幕落"),
}

OWN_HELD_OUT = {
    "recipes": (
        "{title}",
        "食材准备",
        "鸡蛋",
        "面粉",
        "白糖",
        "牛奶",
        "{title}",
        "制作步骤",
        "{body}",
        "小贴士",
        "{body}",
    ),
    "calls": ("征稿启事", "{body}", "投稿邮箱", "截稿日期", "青石文学编辑部"),
    "judgments": (
        "青石镇人民法院",
        "民 事 判 决 书",
        "（2024）溪01民初{n}号",
        "{body}",
        "审　判　长　王大江",
        "书　记　员　林小满",
    ),
    "official": (
        "青石镇人民政府文件",
        "青政发〔2024〕{n}号",
        "{title}",
        "各村，镇直各单位：",
        "{body}",
        "（此件公开发布）",
        "抄送：镇党委",
    ),
    "patents": ("{title}", "技术领域", "{body}", "背景技术", "{body}", "发明内容", "{body}", "具体实施方式", "{body}"),
    "announcements": (
        "证券代码：60{n}00",
        "青石股份有限公司",
        "重大事项公告",
        "本公司董事会及全体董事保证本公告内容不存在任何虚假记载、误导性陈述或者重大遗漏，并对其内容承担法律责任。",
        "重要内容提示：",
        "{body}",
        "特此公告。",
        "青石股份有限公司董事会",
        "2024年{month}月{day}日",
    ),
    "stories": ("{title}", "林小满", "1", "{body}", "2", "{body}", "3", "{body}", "作者单位：青石师范学院"),
}


def fields(rng: random.Random, titles: list[str]) -> dict[str, object]:
    """Values of the marks of one line."""
    title = rng.choice(titles)[:20]
    return {"title": title, "month": rng.randrange(1, 13), "day": rng.randrange(1, 29), "n": rng.randrange(10, 60)}


def framed(frame: Frame, article: list[str], titles: list[str], rng: random.Random) -> tuple[list[str], list[str]]:
    """The lines of a page, and those of them that are boilerplate. The first line of an article is its title."""
    gold: list[str] = []

    def lines(of: tuple[str, ...]) -> Iterator[str]:
        for line in of:
            if line.startswith("?") and rng.random() < 0.5:
                continue
            line = line.removeprefix("?")
            if "{" not in line:
                gold.append(line)
            yield line.format(**fields(rng, titles))

    page = [*lines(frame.head), article[0], *lines(frame.under_title), *article[1:], *lines(frame.tail)]
    return page, gold


def own(pattern: tuple[str, ...], article: list[str], titles: list[str], rng: random.Random) -> list[str]:
    """A text of a kind whose texts share some lines by right."""
    share = max(1, (len(article) - 1) // max(1, pattern.count("{body}")))
    page: list[str] = []
    at = 1
    facts = fields(rng, titles)
    for line in pattern:
        if line == "{body}":
            page += article[at : at + share] or [article[-1]]
            at += share
        elif line == "{title}":
            page.append(article[0] if not page else rng.choice(titles)[:20])
        else:
            page.append(line.format(**facts))
    return page


def site(name: str, articles: list[list[str]], make: Callable[[list[str]], list[str]]) -> list[Document]:
    """Documents of one source."""
    return [
        Document(f"{name}-{number}", f"{name}/{number:04}.txt", "\n".join(make(article)))
        for number, article in enumerate(articles)
    ]
