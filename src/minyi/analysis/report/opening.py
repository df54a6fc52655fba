"""What the report says in words before its tables: half a minute for who reads no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from minyi.analysis.privacy.suppression import HIDDEN, TOTAL, suppress
from minyi.analysis.report.ledger import Ledger
from minyi.analysis.report.parts import in_words
from minyi.analysis.report.selection import kind_of_places, short
from minyi.analysis.tables import (
    NO_AREA,
    NO_KIND,
    NO_PLACE,
    OVERDUE,
    SOON,
    STATES,
    UNDATED,
    WORKDAYS,
    place_by_area,
)
from minyi.schema import KINDS

_AREAS = 5  # that are named
_PLACES = 8  # that are named
_DOUBTS = ("类别", "类型", "部门")


@dataclass(frozen=True)
class Counted:
    """What the text is made of.

    Attributes
    ----------
    submissions : DataFrame
        Those of the report.
    cells : DataFrame
        Of `tables.cells`, on the same index.
    duties : DataFrame
        Of `tables.duties`.
    ledger : Ledger
    day : date
    k : int
        The smallest count that is told; 1 in a report for the office itself.
    """

    submissions: pd.DataFrame
    cells: pd.DataFrame
    duties: pd.DataFrame
    ledger: Ledger
    day: date
    k: int = 1

    @property
    def is_public(self) -> bool:
        """Whether small counts are hidden."""
        return self.k > 1

    @cached_property
    def crossed(self) -> pd.DataFrame:
        """Places × areas with 合计, without what is hidden: the one table that is published."""
        return suppress(place_by_area(self.submissions), self.k)

    def told(self, values: pd.Series) -> dict[str, int]:
        """Count values that add up to a number that is told, without what must be hidden."""
        counts = pd.DataFrame([values.value_counts()])
        return _shown(suppress(counts, self.k).iloc[0]) if len(values) else {}

    def says(self, name: str, chosen: pd.Series) -> int:
        """Count rows; 0 for what is hidden."""
        n = self.ledger.count(name, chosen)
        return n if n >= self.k else 0

    def share(self, name: str, column: str, value: str) -> str:
        """Return a name with number and share: 投诉360条、占35.6%."""
        n = self.ledger.count(name, self.cells[column] == value)
        return f"{value}{n}条、占{n / len(self.cells):.1%}"


def _shown(counts: pd.Series) -> dict[str, int]:
    """Return what is neither hidden nor nought nor a total."""
    return {
        str(name): int(n) for name, n in counts.items() if name != TOTAL and n != HIDDEN and n > 0
    }


def opening(counted: Counted, place: str, occasion: str) -> Iterator[str]:
    """Yield the paragraphs of the first page: how many, of whom, what presses, what is unsure."""
    yield _collected(counted, place, occasion) + _places(counted)
    yield _pressing(counted)
    yield from filter(None, [_unsure(counted)])


def numbers(counted: Counted) -> Iterator[str]:
    """Yield the paragraphs of kinds and areas, and of what became of them."""
    yield from filter(None, [_kinds(counted) + _areas(counted)])
    yield from filter(None, [_states(counted) + _suggestions(counted) + _undated(counted)])


def _collected(counted: Counted, place: str, occasion: str) -> str:
    frame, says = counted.submissions, counted.says
    n = says("收集意见", pd.Series(True, index=frame.index))
    signed = frame["sender"] != ""
    people = frame.loc[signed, ["sender", "place"]].drop_duplicates().shape[0]
    named, unnamed = says("署名意见", signed), says("没有署名的意见", ~signed)
    is_told = people >= max(counted.k, 1) and (unnamed or signed.all())
    who = f"，其中署名{named}条（群众{people}人）" if is_told else ""
    without = f"，未署名{unnamed}条" if unnamed and who else ""
    return f"{place}{occasion}共收集意见{n}条{who}{without}。"


def _undated(counted: Counted) -> str:
    undated = counted.submissions["time"].isna()
    n = counted.says("没有日期的意见", undated)
    return f"没有日期的意见{n}条，算不出办理期限。" if n and not undated.all() else ""


def _places(counted: Counted) -> str:
    names = [name for name in places_of(counted) if name != NO_PLACE]
    if len(names) < 2:
        return ""
    told = _shown(counted.crossed[TOTAL])
    parts = [f"{short(name)}{told[name]}条" for name in names if name in told][:_PLACES]
    more = "等" if len(parts) < len(names) else ""
    unknown = f"，另有{told[NO_PLACE]}条没有写明地点" if NO_PLACE in told else ""
    listed = f"：{'、'.join(parts)}{more}" if parts else ""
    return f"来自{len(names)}个{kind_of_places(names)}{listed}{unknown}。"


def _pressing(counted: Counted) -> str:
    until, due = f"截至{in_words(counted.day)}，", counted.duties["due"]
    open_ = counted.says("尚待答复", _among(counted, counted.duties.index))
    if not open_:
        return until + ("没有尚待答复的意见。" if due.empty else "尚待答复的意见很少，不列数字。")
    told = counted.told(due)
    parts = [
        f"{words}{counted.says(f'待答复：{state}', _among(counted, due.index[due == state]))}条"
        for state, words in (
            (OVERDUE, "已逾期"),
            (SOON, f"{WORKDAYS}个工作日内到期"),
            (UNDATED, "没有期限"),
        )
        if state in told
    ]
    left = f"，其中{'、'.join(parts)}" if parts else ""
    return f"{until}尚待答复{open_}条{left}。{_urgent(counted)}"


def _urgent(counted: Counted) -> str:
    urgent = counted.submissions["urgent"]
    n = counted.says("系统判断为紧急", urgent)
    left = counted.says("紧急且尚待答复", urgent & _among(counted, counted.duties.index))
    if not n or (counted.is_public and n - left < counted.k):
        return ""
    return f"系统判断为紧急的{n}条，" + (
        f"其中{left}条尚待答复，请先办理。" if left else "均已答复。"
    )


def _unsure(counted: Counted) -> str:
    """Tell how much a person should look at before numbers are quoted, and of what."""
    frame = counted.submissions
    n = counted.says("需人工复核", frame["needs_review"])
    if not n:
        return ""
    reasons = frame["review_reason"].astype("str")
    doubts = {
        name: counted.says(f"需人工复核：{name}", reasons.str.contains(f"{name}把握不足"))
        for name in _DOUBTS
    }
    parts = "、".join(f"{name}{m}条" for name, m in doubts.items() if m)
    which = f"（{parts}，有重复）" if parts else ""
    return f"需人工复核的{n}条，占{n / len(frame):.0%}{which}，复核后再引用相关数字。"


def _kinds(counted: Counted) -> str:
    told = counted.told(counted.cells["kind"])
    present = sorted((kind for kind in KINDS if kind in told), key=lambda kind: -told[kind])
    parts = "，".join(counted.share(f"诉求类型：{kind}", "kind", kind) for kind in present)
    blank = counted.ledger.count("没有明确诉求或无法分类", counted.cells["kind"] == NO_KIND)
    rest = f"另有{blank}条没有明确诉求或无法分类。" if NO_KIND in told else ""
    return f"按诉求类型分，{parts}。{rest}" if parts else rest


def _areas(counted: Counted) -> str:
    told = _shown(counted.crossed.T[TOTAL])
    names = sorted((own for own in told if own != NO_AREA), key=lambda own: (-told[own], own))
    for name in names[_AREAS:]:
        counted.share(f"类别：{name}", "area", name)
    parts = "，".join(counted.share(f"类别：{name}", "area", name) for name in names[:_AREAS])
    if not parts:
        return ""
    is_one = counted.cells["area"].nunique() == 1
    return f"按内容分，{'都是' if is_one else '反映较多的是'}{parts}。"


def _states(counted: Counted) -> str:
    column = counted.cells["state"]
    told = counted.told(column)
    states = [state for state in STATES if state in told]
    if (column == STATES[-1]).all():
        return "表中没有登记办理状态，有诉求的都按待答复计。"
    parts = "，".join(_state(counted, state) for state in states)
    return f"从办理情况看，{parts}。" if parts else ""


def _state(counted: Counted, state: str) -> str:
    n = counted.ledger.count(f"办理状态：{state}", counted.cells["state"] == state)
    return f"没有填状态的{n}条" if state == STATES[-1] else f"{state}{n}条"


def _suggestions(counted: Counted) -> str:
    column, says = counted.cells["adopted"], counted.says
    n, adopted = says("登记是否采纳的意见", column != ""), says("已采纳", column == "采纳")
    if not n or (counted.is_public and not counted.k <= adopted <= n - counted.k):
        return ""
    return f"登记了是否采纳的意见{n}条，采纳{adopted}条。"


def _among(counted: Counted, index: pd.Index) -> pd.Series:
    frame = counted.submissions
    return pd.Series(frame.index.isin(index), index=frame.index)


def places_of(counted: Counted) -> Sequence[str]:
    """Return the places by number, and trace each."""
    column = counted.cells["place"]
    numbers_of = column.value_counts()
    names = sorted(
        map(str, numbers_of.index), key=lambda own: (own == NO_PLACE, -int(numbers_of[own]), own)
    )
    for name in names:
        counted.ledger.count(f"属地：{name}", column == name)
    return names
