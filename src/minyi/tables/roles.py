"""Which column is what: by its name first, then, for the text and the time, by its content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

How: TypeAlias = Literal["name", "content", "chosen"]

ROLES = ("text", "title", "time", "place", "source", "id")

# Best first: a table may hold several of them.
_SYNONYMS = {
    "text": """留言详情 留言内容 诉求内容 反映内容 投诉内容 信访内容 来信内容 来电内容 来访内容
        举报内容 咨询内容 求助内容 建议内容 意见内容 事项内容 问题内容 工单内容 事件内容 案件内容
        受理内容 登记内容 诉求详情 问题详情 事项详情 工单详情 反映详情 详细内容 诉求描述 问题描述
        事项描述 事件描述 情况描述 工单描述 诉求正文 留言正文 正文 内容 详情 内容描述 内容详情
        反映问题 反映情况 反映事项 存在问题 问题反映 反映的问题 诉求事项 信访事项 主要诉求 诉求
        留言 来信 意见建议 意见和建议 意见与建议 意见及建议 意见或建议 意见 建议 问题建议
        问题及建议 问题和建议 内容摘要 反馈内容 反馈意见 意见反馈 情况说明 问题说明 描述 问题 文本
        事由 text content fulltext message body description detail details comment""",
    "title": """留言主题 留言标题 诉求标题 诉求主题 事项名称 事项标题 工单标题 来信标题 来信主题
        信件标题 信件主题 信访主题 问题标题 投诉标题 建议标题 标题 主题 题目 事件名称 诉求名称
        工单主题 件名 title subject headline""",
    "time": """留言时间 留言日期 登记时间 登记日期 来信时间 来信日期 反映时间 反映日期 诉求时间
        投诉时间 投诉日期 举报时间 来电时间 来电日期 来访时间 来访日期 信访时间 信访日期 提交时间
        提交日期 收到日期 收到时间 收件时间 收件日期 受理时间 受理日期 受理登记时间 创建时间
        创建日期 发布时间 发布日期 录入时间 接收时间 接件时间 上报时间 上报日期 填报时间 填报日期
        填写时间 工单时间 发生时间 时间 日期 time date datetime createdat created timestamp""",
    "place": """地点 问题地点 事发地点 事件地点 发生地点 诉求地点 反映地点 事发地址 事发地
        问题属地 属地 所属村 所属村组 所属村社区 所属村居 村组 村社区 村居 村别 村名 所在村 行政村
        所属社区 社区 所属街道 街道 所属乡镇 乡镇 所属镇街 镇街 所属镇 乡镇街道 所在乡镇 所属区域
        所在区域 区域 所属地区 所在地区 地区 所属区县 区县 辖区 所属辖区 位置 详细地址 地址 具体地址
        所在地 联系地址 家庭住址 住址 村 place address location area""",
    "source": """诉求来源 留言来源 信访来源 工单来源 来信来源 事件来源 问题来源 数据来源 信息来源
        来源渠道 受理渠道 诉求渠道 反映渠道 投诉渠道 渠道来源 来源 渠道 来信渠道 受理方式 反映方式
        诉求方式 来源方式 信访形式 平台 source channel""",
    "id": """留言编号 工单编号 工单号 信访编号 信访件编号 信件编号 来信编号 受理编号 受理号 诉求编号
        投诉编号 事项编号 案件编号 案号 登记编号 登记号 流水号 单号 事件编号 问题编号 编号 序号
        id no 编码 号码""",
}
_OTHERS = """
    姓名 称呼 反映人 诉求人 投诉人 留言人 来信人 信访人 举报人 联系人 留言用户 用户 网名 昵称 性别
    年龄 民族 电话 手机 手机号 手机号码 联系电话 电话号码 联系方式 身份证 身份证号 证件号码 邮箱
    单位 类别 类型 分类 一级标签 二级标签 三级标签 一级分类 二级分类 三级分类 诉求类型 诉求类别
    事项类别 问题类型 问题分类 标签 答复 回复 答复内容 回复内容 答复意见 答复时间 回复时间
    办理结果 办理情况 办理意见 处理结果 处理情况 处理意见 办结时间 办理时间 办理期限 截止时间
    承办单位 承办部门 主办单位 协办单位 责任单位 责任部门 办理单位 处理部门 部门 经办人 负责人
    受理人 登记人 记录人 状态 办理状态 是否办结 是否公开 满意度 评价 备注 说明 点赞数 反对数 附件
    图片 链接 数量 件数 次数 name phone category type status label department remark
"""
_OTHER_WORDS = frozenset(_OTHERS.split())
_ANSWER = re.compile(
    "答复|回复|回应|办理|办结|处理|处置|批示|审核|审批|核查|核实|调查|结果|转办|拟办|承办|交办|措施"
    "|整改|备注|说明|answer|reply|response|result"
)
_NOT_EVENT = re.compile("截止|期限|出生|更新|打印|导出|答复|回复|办理|办结|处理|处置")
# How an unknown longer name ends: 12345热线诉求内容, 市民来电时间.
_ENDINGS = {
    "text": "内容|详情|正文|描述|诉求|意见建议|意见和建议|text|content",
    "title": "标题|主题|title",
    "time": "时间|日期|time|date",
    "place": "地点|地址|位置|区域|乡镇|镇街|街道|社区",
    "source": "来源|渠道",
    "id": "编号|单号|序号|流水号",
}
_NOT_PLACE = re.compile("邮箱|邮件|ip|网|mail")
_PREFIX = re.compile("^(群众|市民|居民|村民|网民|公众|热线|您的|你的|主要|具体|原始)+")
_BRACKETED = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|<.*?>")
_MARKS = re.compile(r"[\W_]+")
_RANK = {name: (role, rank) for role in ROLES for rank, name in enumerate(_SYNONYMS[role].split())}
_ENDING = {role: re.compile(f"(?:{ends})$") for role, ends in _ENDINGS.items()}
_LAST_RANK = 1000
_LONGEST_NAME = 20

_CHINESE = re.compile("[\u3400-\u9fff]")
_MOMENT = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(\s*\S{0,4}\d{1,2}\s*[:：时].*)?|20\d{6}"
)
_PROFILED_CELLS = 100_000


def role_of(name: str) -> str | None:
    """Name the role a column's name stands for, None if it stands for none."""
    ranked = _ranked(name)
    return ranked[0] if ranked else None


def is_plain_name(name: str) -> bool:
    """Tell whether a name is, word for word, a well-known column name."""
    name = plain_name(name)
    return name in _OTHER_WORDS or name in _RANK or _PREFIX.sub("", name) in _RANK


def median_length(cells: Sequence[str]) -> int:
    """Give the (upper) median number of characters; statistics.median is slow to import."""
    return sorted(map(len, cells))[len(cells) // 2]


def known_names(cells: Sequence[str]) -> int:
    """Count the different cells that are well-known column names."""
    return len({cell for cell in cells if is_plain_name(cell) or _ranked(cell)})


def find_roles(
    header: Sequence[str], rows: Sequence[Sequence[str]], chosen: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, How]]:
    """Find out which column is what.

    Parameters
    ----------
    header : sequence of str
        Column names.
    rows : sequence of sequence of str
        The first rows, each as long as `header`.
    chosen : mapping of str to int
        Roles the user has decided, with their columns.

    Returns
    -------
    roles : dict of str to int
        Role → column, only those found; a column has one role at most.
    how : dict of str to str
        Role → ``"chosen"``, ``"name"`` or ``"content"``.
    """
    roles = dict(chosen)
    how: dict[str, How] = dict.fromkeys(chosen, "chosen")
    for role, column in _by_name(header, taken=roles).items():
        roles[role], how[role] = column, "name"
    rows = rows[: max(20, _PROFILED_CELLS // max(1, len(header)))]
    for role, find in (("text", _text_by_content), ("time", _time_by_content)):
        if role not in roles and (found := find(header, rows, roles)) is not None:
            roles = {other: column for other, column in roles.items() if column != found}
            roles[role], how[role] = found, "content"
    return roles, {role: how[role] for role in roles}


def _by_name(header: Sequence[str], taken: Mapping[str, int]) -> dict[str, int]:
    best: dict[str, tuple[int, int]] = {}
    for column, name in enumerate(header):
        ranked = None if column in taken.values() else _ranked(name)
        if ranked and ranked[0] not in taken:
            role, rank = ranked
            best[role] = min(best.get(role, (rank, column)), (rank, column))
    return {role: column for role, (_, column) in best.items()}


def plain_name(name: str) -> str:
    """Give a name without width, case, marks and what stands in brackets, to compare it.

    Examples
    --------
    >>> plain_name("办理状态（必填）*")
    '办理状态'
    """
    name = unicodedata.normalize("NFKC", name).lower()
    return _MARKS.sub("", _BRACKETED.sub("", name))


@lru_cache(maxsize=4096)
def _ranked(name: str) -> tuple[str, int] | None:
    """Give the role of a name and its rank among the names of this role, the lower the better."""
    if len(name) > 2 * _LONGEST_NAME:
        return None
    name = plain_name(name)
    exact = _RANK.get(name) or _RANK.get(_PREFIX.sub("", name))
    if exact or name in _OTHER_WORDS or len(name) > _LONGEST_NAME:
        return exact
    fits = (role for role, ending in _ENDING.items() if ending.search(name))
    return next(((role, _LAST_RANK) for role in fits if not _is_other(role, name)), None)


def _is_other(role: str, name: str) -> bool:
    """Tell names apart that end alike: 答复内容 is not the text, 办结时间 is not the time."""
    unlike = {"text": _ANSWER, "title": _ANSWER, "time": _NOT_EVENT, "place": _NOT_PLACE}.get(role)
    return bool(unlike and unlike.search(name))


def _text_by_content(
    header: Sequence[str], rows: Sequence[Sequence[str]], roles: Mapping[str, int]
) -> int | None:
    if len(header) == 1:
        return 0
    taken = [column for role, column in roles.items() if role != "title"]
    free = [c for c, name in enumerate(header) if c not in taken and _may_be_text(name)]
    scores = {column: _prose([row[column] for row in rows]) for column in free}
    best = max(free, key=lambda column: scores[column], default=None)
    return best if best is not None and scores[best] else None


def _may_be_text(name: str) -> bool:
    name = plain_name(name)
    return not (_ANSWER.search(name) or name in _OTHER_WORDS)


def _prose(cells: Sequence[str]) -> float:
    """Score how much a column looks like free Chinese text: long, Chinese, every cell different."""
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < 0.3 * len(cells):
        return 0.0
    length = median_length(filled)
    chinese = sum(len(_CHINESE.findall(cell[:1000])) for cell in filled)
    chinese_share = chinese / sum(len(cell[:1000]) for cell in filled)
    distinct = len(set(filled)) / len(filled)
    if length < 6 or chinese_share < 0.3 or (distinct < 0.3 and len(filled) > 4):
        return 0.0
    return length * chinese_share * distinct


def _time_by_content(
    header: Sequence[str], rows: Sequence[Sequence[str]], roles: Mapping[str, int]
) -> int | None:
    for column, name in enumerate(header):
        if column in roles.values() or _NOT_EVENT.search(name) or name in _OTHER_WORDS:
            continue
        filled = [row[column].strip() for row in rows if row[column].strip()]
        if filled and sum(map(_is_moment, filled)) >= 0.8 * len(filled):
            return column
    return None


def _is_moment(cell: str) -> bool:
    return _MOMENT.fullmatch(cell) is not None
