"""Hiding personal data in tables: numbers wherever they stand, names and homes by their header."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from minyi.desk.showing import shown
from minyi.tables.roles import plain_name

#: What is told beside the masked download.
PROMISE = (
    "遮盖各处的电话、身份证号、银行卡号、车牌、邮箱、微信和QQ号，以及姓名、住址、证件等列；"
    "正文里写到的人名和门牌不遮盖，转发前请看一遍"
)

_STAFF = re.compile(
    "经办|承办|受理|登记|记录|办理|负责|审核|填表|填报|统计|制表|领导|干部|网格员|民警|接访|接待|部门|单位"
)
_NAME = re.compile(
    "(姓名|名字|称呼|反映人|反应人|诉求人|投诉人|留言人|来信人|信访人|举报人|来访人|来电人|写信人|申请人"
    "|上访人|咨询人|求助人|建议人|提交人|反馈人|被访人|受访人|当事人|联系人|户主|业主|村民|居民|群众"
    "|网名|昵称|留言用户|用户名?|法人|法定代表人)(信息|名称)?$|^(name|姓氏)$"
)
_PERSON = re.compile("姓名|人|户主|业主|网名|用户")  # 联系人及电话
_HOME = re.compile(
    "住址|住所|居住地|户籍|户口所在|户口地址|籍贯|家庭地址|家庭详细|联系地址|通讯地址|通信地址|邮寄地址|身份证地址"
    "|(反映人|诉求人|投诉人|信访人|举报人|来电人|来访人|联系人|户主|申请人|个人)的?(详细)?地址"
)
_ADDRESS = re.compile("^(详细|具体)?地址$")  # a person's where the table names persons
_NUMBER = re.compile(
    "电话|手机|联系方式|联系号码|来电号码|身份证|证件号|银行卡|卡号|账号|帐号|微信|qq|邮箱|邮件|email|phone|车牌"
)
_NOBODY_NAMED = """
    匿名 匿名群众 匿名用户 群众 村民 居民 市民 网民 网友 业主 无 无名 不详 未知 未留 保密 不愿透露
    不愿意透露 本人 男 女 先生 女士 多人 村民代表 群众代表 业主代表
    全体村民 全体业主 部分村民 部分业主
"""
_NOBODY = frozenset(_NOBODY_NAMED.split())
_DOUBLE_NAMES = """
    欧阳 司马 上官 诸葛 司徒 东方 独孤 南宫 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 端木 百里
    轩辕 申屠
"""
_DOUBLE = tuple(_DOUBLE_NAMES.split())
_RUN = re.compile(r"[^\W\d_]+(?:[·•.][^\W\d_]+)*|[A-Za-z0-9_]+")
_VILLAGE = re.compile(
    r"^.*?[^小]社区|^.*?(?:居委会|村委会)|^.*?(?<![新小])村(?![组口里头前后边西东南北中])"
    r"|^.*?(?:街道|[镇乡])|^.*?(?<!小)区|^.*[县市]"
)
_KEPT_FIRST, _KEPT_LAST, _FEWEST = 3, 2, 7
Cover = Callable[[str], str]


def covers_for(header: Sequence[str], texts: Sequence[str] = (), *, plain: bool) -> list[Cover]:
    """Return for each column what hides personal data in its cells.

    Parameters
    ----------
    header : sequence of str
    texts : sequence of str
        Columns of the opinions: only numbers are hidden in them.
    plain : bool
        Hide nothing.

    Examples
    --------
    >>> covers = covers_for(["反映人", "家庭住址", "意见", "经办人"], plain=False)
    >>> row = ["王小明", "新桥镇大塘村三组12号", "请打13812345678", "李四"]
    >>> [cover(cell) for cover, cell in zip(covers, row)]
    ['王**', '新桥镇大塘村***', '请打138****5678', '李四']
    """
    if plain:
        return [_plainly] * len(header)
    names = [plain_name(name) for name in header]
    has_persons = any(_is_name(name) for name in names)
    return [
        _masked if written in texts else _cover(name, has_persons=has_persons)
        for written, name in zip(header, names, strict=True)
    ]


def _cover(name: str, *, has_persons: bool) -> Cover:
    if _HOME.search(name) or (has_persons and _ADDRESS.search(name)):
        return cover_home
    if _NUMBER.search(name) and not _STAFF.search(name):
        return _cover_both if _PERSON.search(name) else cover_number
    return cover_name if _is_name(name) else _masked


def _is_name(name: str) -> bool:
    return bool(_NAME.search(name)) and not _STAFF.search(name)


def _plainly(cell: str) -> str:
    return cell


def _masked(cell: str) -> str:
    return shown(cell, plain=False)


def cover_name(cell: str) -> str:
    """Leave of each name the family name.

    Examples
    --------
    >>> cover_name("王小明、欧阳修（村民）13812345678"), cover_name("匿名")
    ('王**、欧阳*（村民）138****5678', '匿名')
    """
    return _RUN.sub(lambda run: _one_name(run[0]), _masked(cell))


def _one_name(name: str) -> str:
    if name in _NOBODY or name.isdigit():
        return name
    n_kept = 2 if name.startswith(_DOUBLE) and len(name) > 2 else 1
    return name[:n_kept] + "*" * max(1, len(name) - n_kept)


def _cover_both(cell: str) -> str:
    return cover_name(cover_number(cell))


def cover_home(cell: str) -> str:
    """Leave of an address what names the village, or the next larger place.

    Examples
    --------
    >>> cover_home("新桥镇大塘村三组12号"), cover_home("城关镇幸福小区3栋"), cover_home("河街5号")
    ('新桥镇大塘村***', '城关镇***', '***')
    """
    if not cell.strip():
        return cell
    found = _VILLAGE.search(cell)
    kept = found[0] if found else ""
    return _masked(kept) + ("***" if cell[len(kept) :].strip() else "")


def cover_number(cell: str) -> str:
    """Hide a number even where it is mistyped; those of public services stay.

    Examples
    --------
    >>> cover_number("13812345678"), cover_number("5110231990030700"), cover_number("12345")
    ('138****5678', '511***********00', '12345')
    """
    text = _masked(cell)
    places = [i for i, character in enumerate(text) if character.isalnum() and character < "\x7f"]
    if "*" in text or len(places) < _FEWEST or not any(text[i].isdigit() for i in places):
        return text
    hidden = set(places[_KEPT_FIRST:-_KEPT_LAST])
    return "".join("*" if i in hidden else character for i, character in enumerate(text))
