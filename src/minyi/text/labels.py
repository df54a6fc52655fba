"""What the words around a number say it is: 订单号 before eleven digits, 这个单号 behind them.

All functions take a text in one form (see ``identifiers``) and the span of a number.
"""

from __future__ import annotations

import re
from typing import Literal, cast

#: ``other``: a document, an amount. ``member``: an account or a parcel, but no bank's.
Label = Literal["other", "member", "identity", "card", "phone", ""]

PUT = r"[是为: (\"“【\[]{0,3}"  # what stands right between a label and its number
# What may stand there when people are chatty: 卡号是我老婆的, 电话(家)我留一个.
_FILLER = (
    r"(?:[是为就叫的我你您他们这那个两三写留填打发给下一如分别显示老婆公家达约近改成换变"
    r" :=<《(\"“【\[-]|\([^()\d]{1,10}\)){0,10}"
)
_SIGNS = r"[a-z0-9./-]"
_MORE = r"(?:[\0*a-z0-9./-]{4,30}[、;和及与或转/] ?){0,4}"  # earlier numbers of the same list

_NUMBER = r"(?:号码?)?"
# The last character of a document before 号: 订单号, 流水号, 备案号.
_DOCUMENTS = (
    "单票水理文案批次列串照书目籍学工图型表件据块备架考册记易税告利准裹踪编码签品货款箱桩杆柜间房版程期群辅"
    "历约赔院床包诊审核检验认样付退"
)
_DOCUMENT = "|".join(
    (
        "(?<!号)码",
        f"[{_DOCUMENTS}]号|[单票书照]号码",
        "(?:合同|(?<=[一-龥])证|[动主]机|[机车]身|宗地|版本|座位|客户|(?<![开用])户)号",
        "(?:抖音|快手|用户|直播|房间|游戏|店铺)(?:号|id)|(?:合同|准考证)号码",
        f"(?:公交|交通|加油|校园|[饭水电气]|门禁|借书|乘车|就诊|健康|地铁)卡{_NUMBER}",
    )
)
# These say what follows, and nothing of what precedes them.
_BARE = (
    "[订运]单|发票|许可证|批次|第|(?<![a-z])(?:imei[12]?|uid|sn|meid)|房间|[金余总]额|[共合总]计|投资"
    "|产值|人民币|[¥￥$]|读数|里程表?|人口|[播览击读销]量"
)
_MEMBER = (
    f"(?:会员|购物|etc|sim|电话|手机|流量|图书|老年|优惠|储值|礼品|预付|充值)卡(?:卡号|{_NUMBER})"
    f"|(?:宽带|游戏|登[录陆]|用户|电力|燃气|[水电气]费|缴费|公积金(?:个人|单位)?)[账帐][号户]{_NUMBER}"
    "|快递|物流|包裹|[圆中申]通|韵达|顺丰|极兔|借据|凭证"
)
_IDENTITY = (
    f"(?:身[份分]证?|[一二]代证|证件|残疾人?证|驾驶?证|驾照|sfz|id ?card|户口[本簿]?){_NUMBER}"
    "|孩子|小孩|儿子|女儿|孙[子女]|新生儿"
)
_CARD = f"(?:[账帐][号户]|卡|折){_NUMBER}"
_PHONE = f"(?:电话|手机|座机|固话|传真|宅电|小灵通|热线|联系方式|tel|phone|mobile|cell){_NUMBER}"
_CALLS = r"联系|[致来回]电|拨打?|打|找|\0[/、]"

_OWN = rf"(?P<identity>{_IDENTITY})|(?P<card>{_CARD})|(?P<phone>{_PHONE}"
_BEFORE = re.compile(
    rf"(?:(?P<other>{_DOCUMENT}|{_BARE})|(?P<member>{_MEMBER})|{_OWN}|{_CALLS}))"
    rf"{_FILLER}{_MORE}(?(other){_SIGNS}{{0,24}})$",
    re.ASCII,
)
# It must not be the label of the next number.
_BEHIND = re.compile(
    rf" ?(?:\(|就?是|[为这那该此])[^\d,，。;；!?\n]{{0,6}}?(?:(?P<other>{_DOCUMENT})|{_OWN}|号码))"
    rf"(?!{PUT}[a-z0-9])",
    re.ASCII,
)
_ADDRESS = re.compile(r"(?:https?:|www\.|\.(?:com|cn|net|org)/)[!-~]*$")
# Degrees and zero before decimals; "12." may number the items of a list.
_DECIMAL = re.compile(r"(?:\d{3}|[2-9]\d|1[89]|(?<!\d)0)\.$")
_WORD = re.compile(r"[^\d ./()-]", re.ASCII)
_LETTERS = re.compile(r"([a-z]+)(?:-?\d+-)?$", re.ASCII)


def before(text: str, start: int) -> str:
    """Return what stands before a number, as far as it may say something of it."""
    return text[max(0, start - 40) : start]


def label_of(text: str, start: int, end: int) -> Label:
    """Tell what the nearest label calls the number: the one before it, else the one behind."""
    words = before(text, start)
    if _ADDRESS.search(words) or _DECIMAL.search(words):
        return "other"
    clause = words[1 + max(map(words.rfind, ",。!?\n")) :]
    match = _WORD.search(clause) and _BEFORE.search(clause)
    match = match or _BEHIND.match(text, end, end + 24)
    return cast(Label, match.lastgroup) if match else ""


def letters_before(text: str, start: int) -> str:
    """Return the letters that touch the number: sf1381234567890, zb-2023-13812345678."""
    match = _LETTERS.search(before(text, start))
    return match[1] if match else ""
