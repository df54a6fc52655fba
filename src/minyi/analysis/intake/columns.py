"""Which column is what, beyond what `minyi.tables` tells: senders, likes, status, replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from minyi.analysis.intake.cells import share_of_statuses
from minyi.tables.roles import How, find_roles, plain_name, role_of

#: What a table can say of a submission, role to Chinese name, in the order of the frame.
ROLES = {
    "id": "编号",
    "sender": "留言人",
    "time": "时间",
    "title": "标题",
    "text": "正文",
    "place": "地点",
    "likes": "点赞数",
    "dislikes": "反对数",
    "status": "办理状态",
    "adopted": "是否采纳",
    "reply": "答复",
    "reply_time": "答复时间",
}
#: The columns of the frame, in order, with their Chinese names.
COLUMNS = {"id": "编号", "source": "来源文件", "row": "来源行号", **ROLES}
#: Rows by which columns are told apart.
SAMPLE_ROWS = 300
# Best first, as in `minyi.tables.roles`: a table may hold several of them. Telephone numbers are
# no senders here: results show the sender.
_SYNONYMS = {
    "sender": """留言用户 反映人 诉求人 投诉人 留言人 来信人 信访人 举报人 建议人 提出人 来电人
        来访人 反映人姓名 诉求人姓名 信访人姓名 群众姓名 受访人 被走访人 走访对象 户主 户主姓名
        用户 用户名 用户id 网名 昵称 姓名 称呼 名字 联系人 sender user userid username author
        name""",
    "likes": "点赞数 点赞 点赞量 赞同数 赞成数 支持数 赞数 赞 likes like upvotes",
    "dislikes": "反对数 反对 反对量 点踩数 踩数 踩 dislikes dislike downvotes",
    "status": """办理状态 办结状态 答复状态 回复状态 办理进度 办理进展 处理进度 工单状态 当前状态
        状态 是否办结 是否解决 是否答复 是否回复 处理状态 status state""",
    "adopted": "是否采纳 采纳情况 是否采用 采用情况 采纳 adopted accepted",
    "reply": """答复内容 回复内容 答复意见 回复意见 答复 回复 答复情况 回复情况 官方回复 处理意见
        办理意见 reply response answer""",
    "reply_time": """答复时间 答复日期 回复时间 回复日期 办结时间 办结日期 replytime replydate
        answertime responsetime""",
}
# These hold a status in one office and an answer in the next: the cells decide.
_OUTCOMES = ("办理情况", "处理情况", "办理结果", "处理结果", "落实情况")
_OF_OFFICE = frozenset(["status", "adopted", "reply", "reply_time"])
_MOSTLY = 0.8  # of the filled cells: a column of status words, not of answers
_RANK = {
    name: (role, rank)
    for role, names in _SYNONYMS.items()
    for rank, name in enumerate(names.split())
}

Found: TypeAlias = tuple[dict[str, int], dict[str, How]]


def find_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], chosen: Mapping[str, int | None]
) -> Found:
    """Find out which column has which role.

    Parameters
    ----------
    header : sequence of str
        Column names.
    rows : sequence of sequence of str
        The first rows, each as long as `header`.
    chosen : mapping of str to int or None
        Roles the user has decided: the column, or None for no column.

    Returns
    -------
    roles : dict of str to int
        Role → column, only those found; a column has one role at most.
    how : dict of str to str
        Role → ``"chosen"``, ``"name"`` or ``"content"``.

    Examples
    --------
    >>> find_columns(["姓名", "反映内容", "办理状态"], [["李四", "路烂了没人修", "已办结"]], {})[0]
    {'sender': 0, 'status': 2, 'text': 1}
    """
    fixed = {role: column for role, column in chosen.items() if column is not None}
    named = _by_name(header, taken={*fixed.values()}, done={*chosen})
    named |= _outcomes(
        header, rows, taken={*fixed.values(), *named.values()}, done={*chosen, *named}
    )
    roles, how = find_roles([_below(name) for name in header], rows, named | fixed)
    how |= dict.fromkeys(named, "name")
    kept = [role for role in roles if role in ROLES and (role in fixed or role not in chosen)]
    return {role: roles[role] for role in kept}, {role: how[role] for role in kept}


def _by_name(header: Sequence[str], taken: set[int], done: set[str]) -> dict[str, int]:
    best: dict[str, tuple[int, int]] = {}
    for column, name in enumerate(header):
        role, rank = _RANK.get(plain_name(name)) or _of_group(name)
        if role and role not in done and column not in taken:
            best[role] = min(best.get(role, (rank, column)), (rank, column))
    return {role: column for role, (_, column) in best.items()}


def _of_group(name: str) -> tuple[str, int]:
    """Return the role of a column under a merged header, such as 办理情况/答复日期.

    What stands above decides who is meant: 反映人/姓名 is the sender, 承办人/姓名 is not.
    """
    above, _, below = map(plain_name, name.partition("/"))
    role, rank = _RANK.get(below, ("", 0))
    is_meant = role in _OF_OFFICE or role == _RANK.get(above, ("",))[0]
    return (role, rank) if is_meant else ("", 0)


def _below(name: str) -> str:
    """Return what a name under a merged header is called itself, if that says the same: 地点/村."""
    above, _, below = name.partition("/")
    return below if role_of(above) and role_of(above) == role_of(below) else name


def _outcomes(
    header: Sequence[str], rows: Sequence[Sequence[str]], taken: set[int], done: set[str]
) -> dict[str, int]:
    """Tell columns such as 办理结果 apart by what stands in them."""
    found: dict[str, int] = {}
    for column, name in enumerate(header):
        if plain_name(name) not in _OUTCOMES or column in taken:
            continue
        is_status = share_of_statuses([row[column] for row in rows]) >= _MOSTLY
        role = "status" if is_status else "reply"
        if role not in done:
            found.setdefault(role, column)
    return found
