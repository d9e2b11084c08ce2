"""What a line that recurs may be, by its form alone: a line of the page, perhaps one, or a line of the text.

Newspapers, authorities and authors repeat lines by right: headings, datelines, bylines, dates, labels, closing
formulas. No count speaks against these, so their form protects them. At the other end are lines that only a page
says, 分享到微信 or 版权所有; one of them stands for itself. What is neither may be an item of a menu, 财经, and
is believed in company only (see `boilerplate`).
"""

import functools
import re

from cleaner.lines import ends_sentence, is_heading
from cleaner.patterns import compile_later

TEXT, PERHAPS, PAGE = 0, 1, 2  # of the text, perhaps of the page, of the page
LONGEST_ITEM = 30  # characters of an item of a menu, or the name of a site
LONGEST_NOTICE = 400  # characters of a disclaimer; what is longer is a passage

# What only a page says of itself, and no title, heading or signature does.
PAGE_WORDS = compile_later(
    r"""版权(?:所有|声明|归)|(?i:copyright)|©|(?i:all\ rights\ reserved)|未经.{0,12}(?:授权|许可|允许|同意)|转载
    |免责声明|违者必究
    |(?i:ICP)\s*[备证]|备案(?:号|序号)|公网安备|许可证(?:号|编号)?[：:]|网站标识码|(?:不良|违法).{0,6}信息举报|举报(?:电话|邮箱|热线)
    |不代表(?:本|我们|其)|仅代表(?:作者|本人|其)|[本该][网站](?:站)?(?:声明|注明|立场|转载)|如有侵权|侵删
    |分享(?:到|至|给|让|本)|收藏(?:本|此|到)|请.{0,6}收藏|点赞|扫一扫|扫[码描]|二维码|公众号|(?:下载|打开).{0,8}(?:客户端|(?i:APP))|关注我们|欢迎关注
    |(?:新浪|腾讯|官方)微博|微信[、|｜\s]+(?:微博|(?i:QQ))|微博[、|｜\s]+微信|(?i:QQ)空间|朋友圈
    |(?:设为|返回|网站|回到)(?:首页|主页)|首页\s*[|｜>＞»›·-]|当前位置|您(?:现在)?(?:所在)?的?位置|所在位置[：:]|网站(?:地图|导航)
    |(?:返回|回到)(?:顶部|上页|列表|目录)|[上下]一[篇页条则章][：:]|^\W*[上下]一[篇页条则章]\W*$
    |相关(?:阅读|新闻|链接|文章|推荐|报道)|延伸阅读|推荐阅读|热门(?:推荐|文章|新闻|点击|评论)|(?:点击|阅读)排行
    |(?:查看|阅读|点击|浏览)(?:更多|全文|原文)|更多(?:精彩|内容|资讯|新闻)?\s*[>＞»›]|更多精彩|展开全文
    |登[录陆]\s*[|｜/]|[|｜/]\s*注册|用户登[录陆]|(?:免费|快速)注册|(?:找回|忘记)密码|加入书签|只看该作者|(?:发表|网友|我要|查看|最新)评论|条评论|我要纠错|我有话说
    |^(?:字[号体]|打印|收藏|点赞|举报|写留言)$
    |打印(?:本[页文]|此[页文])|关闭(?:窗口|本页|此页)|字[号体][：:]|[【\[(（]\s*大\s*中\s*小|^\W*大\W+中\W+小\W*$
    |责任编辑|责编\s*[：:]|编辑\s*[：:]|(?:特别|郑重)声明[：:]|关于(?:我们|本站|本网)|联系我们|人才招聘|广告(?:服务|刊例|合作|投放)|友情链接
    |(?:主办|承办)(?:单位)?[：:].{2,}|技术支持[：:]|建议使用.{0,30}浏览|邮(?:政)?编(?:码)?[：:]\s*\d{6}""",
    re.VERBOSE,  # case counts for Latin letters alone: to ask each ideograph for its cases takes long
)
# Brackets and bullets that a page puts before its links too: they make no heading of 【关闭窗口】.
_adornment = re.compile(r"^[\s【［\[|｜>*+#●○■□◆◇▲△★☆※▪•➢►▶—─-]+")
_label = re.compile(r"^[\w（()）、 ]{1,12}[：:]|_{3,}|＿{2,}|(?:[：:]\s*){2,}")
_date = compile_later(
    r"""(?:\d{2,4}|[一二三四五六七八九十〇零]{2,4})\s*[-年/.]\s*[\d一二三四五六七八九十]{1,3}
    |月\s*[\d一二三四五六七八九十]{1,3}\s*日|星期[一二三四五六日天]$""",
    re.VERBOSE,
)
_byline = re.compile(
    r"记者|通讯员|评论员|^作者(?:\s|简介|单位|系)|作者[：:]|编者|译者|供稿|摄影|撰文|编译|[文图]\s*[/／]|本[报刊台网社]讯|新华社|中新[社网]|专电$"
)
# Titles of parts of a text, and of kinds of text; how letters and notices end; who is spoken to.
_part = compile_later(
    r"""(?:目\s*[录次]|摘\s*要|内容(?:提要|摘要|简介)|关键[词字]|[前引序导]\s*言|[自代]?序言?|绪论|正文|结[语论束]|后记|跋|尾声|楔子
    |[总附分]\s*则|附[件录表图注]\S{0,4}|注释?|注解|备注|说明|参考(?:文献|资料|书目)|致谢|鸣谢|译文|原文|题解|赏析|简介|概述|背景
    |(?!通知公告|公[告示]通知|公[告示]公[告示]).{0,4}(?:通[知告报]|公[告报示]|决[定议]|意见|办法|条例|规定|细则|方案|报告|请示|批复|函|纪要|命令|令|总结|计划|讲话|致辞|社论|短评|消息)
    |此致|敬礼|特此.*|以上.*|妥否.*|谢谢.*|[（(]?\s*(?:全文)?完\s*[)）]?|待续|续完
    |.{0,12}(?:同志|同学|朋友|先生|女士|代表|委员)们?|.{0,12}(?:人民政府|委员会|办公[厅室]|人民法院|检察院|有限公司|委|局|厅|部))""",
    re.VERBOSE,
)


@functools.lru_cache(maxsize=1 << 14)  # the same lines are asked for again and again
def form_of(line: str) -> int:
    """What a recurring line may be: TEXT, PERHAPS or PAGE.

    >>> [form_of(line) for line in ("本报讯", "二、工作目标", "姓名：", "财经", "分享到：微信 微博", "【关闭窗口】")]
    [0, 0, 0, 1, 2, 2]
    """
    line = line.strip()
    if len(line) > LONGEST_NOTICE or is_heading(_adornment.sub("", line)):
        return TEXT
    if PAGE_WORDS.search(line):
        return PAGE
    if len(line) > LONGEST_ITEM or is_heading(line) or ends_sentence(line) or line.endswith(("，", "、", ",")):
        return TEXT
    is_text = _label.search(line) or _date.search(line) or _byline.search(line) or _part.fullmatch(line)
    return TEXT if is_text else PERHAPS
