"""Hot issues: the matters that most people raise, in the two tables known from the field.

热点问题表 has a row an issue, 热点问题留言明细表 a row a member. A description is a title or clause
that one of the members wrote, the one that stands for the others best; nothing is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.issues.describing import describe
from minyi.analysis.issues.heat import DEFAULT, heat
from minyi.analysis.issues.matters import LOCAL, find_matters
from minyi.analysis.issues.mentions import MentionFinder, may_be_name
from minyi.domain.office import Office
from minyi.domain.profile import HEAT
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

ISSUES = ("热度排名", "问题ID", "热度指数", "时间范围", "地点/人群", "问题描述")
MEMBERS = (
    *("问题ID", "留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"),
)
_DOUBT = (
    f"归并依据写着“{LOCAL}”的热点（见热度构成），没有共同的名称可认，"
    "可能混有别的事，也可能没有收全：报出前请读一遍明细表。"
)
_NAME = 10  # characters; what is longer holds more than a name


@dataclass(frozen=True)
class HotIssues:
    """The hot issues of a period.

    Attributes
    ----------
    issues : DataFrame
        热点问题表: `ISSUES`, hottest first.
    members : DataFrame
        热点问题留言明细表: `MEMBERS`, by issue and time, on the index of the submissions.
    parts : DataFrame
        热度构成: the parts of each index, and what they were made of.
    notes : tuple of str
        What the submissions did not tell, in Chinese.
    """

    issues: pd.DataFrame
    members: pd.DataFrame
    parts: pd.DataFrame
    notes: tuple[str, ...] = field(default=())


def hot_issues(
    submissions: pd.DataFrame,
    office: Office | None = None,
    *,
    top: int = 5,
    fewest: int = 3,
    matters: pd.DataFrame | None = None,
) -> HotIssues:
    """Find and rank the hot issues.

    Parameters
    ----------
    submissions : DataFrame
        As `minyi.analysis.frame.prepare` returns it.
    office : Office, optional
        Its places, aliases and weights.
    top : int
        How many issues; 0 for all.
    fewest : int
        The smallest number of submissions of an issue.
    matters : DataFrame, optional
        What `find_matters` returned, if it was called before.

    Raises
    ------
    InputError
        `top` or `fewest` are no such numbers, or the frame was not prepared.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> slips = [f"金桂豪庭{where}工地半夜打桩" for where in ("旁边", "", "边上")]
    >>> found = hot_issues(prepare(pd.DataFrame({"text": slips})))
    >>> found.issues[["热度排名", "地点/人群", "问题描述"]].values.tolist()
    [[1, '金桂豪庭', '金桂豪庭旁边工地半夜打桩']]
    >>> found.notes[0]
    '没有时间：热度不含持续时间、近期和增长，时间范围为空。'
    """
    if top < 0 or fewest < 2:
        raise InputError(f"top 应不小于 0、fewest 应不小于 2，实际是 {top} 和 {fewest}。")
    found = find_matters(submissions, office) if matters is None else matters
    weights = (office.heat if office else None) or DEFAULT
    table = heat(submissions, found, weights)
    table = table[table["n"] >= fewest]
    table = table.head(top) if top else table
    matter = found["matter"].to_numpy()
    rows = [np.flatnonzero(matter == number) for number in table.index]
    reasons = [str(found["reason"].iloc[own[0]]) for own in rows]
    notes = _notes(submissions, table, fewest)
    notes += (_DOUBT,) * (LOCAL in reasons)
    return HotIssues(
        _issues(submissions, found, table, rows),
        _details(submissions, rows),
        _shown_parts(table, reasons),
        notes,
    )


def _notes(submissions: pd.DataFrame, table: pd.DataFrame, fewest: int) -> tuple[str, ...]:
    if submissions.empty:
        return ("所选范围内没有留言：请检查时间范围或筛选条件。",)
    notes = []
    undated = int(submissions["time"].isna().sum())
    if undated == len(submissions):
        notes.append("没有时间：热度不含持续时间、近期和增长，时间范围为空。")
    elif undated:
        rows = "、".join(map(str, submissions.loc[submissions["time"].isna(), "row"].head(5)))
        notes.append(
            f"{undated} 行没有时间或时间无法识别（第 {rows} 行等），只不计入与时间有关的各项。"
        )
    if (submissions["sender"] == "").all():
        notes.append("没有留言用户：无法区分同一人多次留言，热度不含人数。")
    if not (submissions["likes"].any() or submissions["dislikes"].any()):
        notes.append("没有点赞数和反对数：热度不含这两项。")
    if table.empty:
        notes.append(
            f"没有达到 {fewest} 条的同一问题：可把最少条数（fewest）调低，或扩大时间范围。"
        )
    return tuple(notes)


def _issues(
    submissions: pd.DataFrame,
    found: pd.DataFrame,
    table: pd.DataFrame,
    rows: list[NDArray[np.int64]],
) -> pd.DataFrame:
    import pandas as pd

    ranks = list(range(1, len(table) + 1))
    values = [
        ranks,
        ranks,
        table["heat"].round(1).tolist(),
        [_period(first, last) for first, last in zip(table["first"], table["last"], strict=True)],
        [_where(submissions, found, own) for own in rows],
        [describe(submissions, own, str(found["mention"].iloc[own[0]])) for own in rows],
    ]
    return pd.DataFrame(dict(zip(ISSUES, values, strict=True)))


def _period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    import pandas as pd

    if pd.isna(first):
        return ""
    return f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"


def _where(submissions: pd.DataFrame, found: pd.DataFrame, rows: NDArray[np.int64]) -> str:
    """Name the place: those of the place column, then what the members call it."""
    places = submissions["place"].iloc[rows]
    counts = places[places != ""].value_counts()
    told = [str(place) for place in counts[counts >= max(2, 0.1 * len(rows))].index[:3]]
    called = _called(submissions, rows, str(found["mention"].iloc[rows[0]]), bool(told))
    if called and not any(called in place for place in told):
        told.append(called)
    return "、".join(told)


def _called(
    submissions: pd.DataFrame, rows: NDArray[np.int64], mention: str, is_placed: bool
) -> str:
    """Return the name within what the members share: the form of name that most of them use."""
    names = MentionFinder().find(mention)
    if not names or (len(mention) <= _NAME and not is_placed):
        return mention if may_be_name(mention) or not is_placed else ""
    texts = (submissions["title"].iloc[rows] + submissions["text"].iloc[rows]).tolist()
    name = max(names, key=lambda name: sum(name in text for text in texts))
    return mention if len(name) > 0.7 * len(mention) else name  # hardly more than the name


def _details(submissions: pd.DataFrame, rows: list[NDArray[np.int64]]) -> pd.DataFrame:
    import pandas as pd

    order = [own[np.argsort(submissions["time"].to_numpy()[own], kind="stable")] for own in rows]
    flat = np.concatenate(order) if order else np.zeros(0, np.int64)
    numbers = np.repeat(np.arange(1, len(rows) + 1), [len(own) for own in rows])
    source = submissions.iloc[flat]
    names = ("id", "sender", "title", "time", "text", "dislikes", "likes")
    columns = [pd.Series(numbers, index=source.index), *(source[name] for name in names)]
    return pd.DataFrame(dict(zip(MEMBERS, columns, strict=True)), index=source.index)


def _shown_parts(table: pd.DataFrame, reasons: list[str]) -> pd.DataFrame:
    """Return the parts of the index under their Chinese names, and why members belong together."""
    import pandas as pd

    counted = {
        "n": "条数",
        "n_senders": "用户数",
        "first": "最早",
        "last": "最晚",
        "likes": "点赞",
        "dislikes": "反对",
        "n_urgent": "紧急条数",
    }
    shown = pd.DataFrame({"问题ID": range(1, len(table) + 1), "热度指数": table["heat"].round(1)})
    for name, title in HEAT.items():
        shown[title] = table[name].round(3)
    for name, title in counted.items():
        shown[title] = table[name]
    return shown.assign(归并依据=reasons).reset_index(drop=True)
