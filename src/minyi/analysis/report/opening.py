"""The first section: one look at the numbers, in the words of an office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from minyi.analysis.report.ledger import Ledger
from minyi.analysis.tables import (
    NO_AREA,
    NO_KIND,
    NO_PLACE,
    OVERDUE,
    SOON,
    STATES,
    UNDATED,
    WORKDAYS,
)
from minyi.schema import KINDS

_AREAS = 5  # that are named


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
    """

    submissions: pd.DataFrame
    cells: pd.DataFrame
    duties: pd.DataFrame
    ledger: Ledger
    day: date

    def share(self, name: str, column: str, value: str) -> str:
        """Return a name with number and share: 投诉360条，占35.6%."""
        n = self.ledger.count(name, self.cells[column] == value)
        return f"{value}{n}条、占{n / len(self.cells):.1%}"


def opening(counted: Counted, place: str, period: str, occasion: str) -> Iterator[str]:
    """Yield the paragraphs; every number in them is counted by the ledger."""
    yield _collected(counted, place, period, occasion)
    yield _kinds(counted) + _areas(counted)
    yield _handling(counted) + _suggestions(counted)


def _collected(counted: Counted, place: str, period: str, occasion: str) -> str:
    frame, count = counted.submissions, counted.ledger.count
    n = count("收集意见", pd.Series(True, index=frame.index))
    places = frame.loc[frame["place"] != "", "place"].nunique()
    over = f"，涉及{places}个村（社区）" if places > 1 else ""
    signed = frame["sender"] != ""
    unsigned = count("没有署名的意见", ~signed)
    people = frame.loc[signed, ["sender", "place"]].drop_duplicates().shape[0]
    who = f"、署名群众{people}人" if people else ""
    count("署名意见", signed)
    without = f"（另有{unsigned}条没有署名）" if unsigned and people else ""
    undated = count("没有日期的意见", frame["time"].isna())
    when = f"{period}，" if period else ""
    left = f"其中{undated}条没有日期。" if undated and period else ""
    return f"{when}{place}{occasion}共收集意见{n}条{over}{who}{without}。{left}"


def _kinds(counted: Counted) -> str:
    present = [k for k in KINDS if (counted.cells["kind"] == k).any()]
    present.sort(key=lambda kind: -int((counted.cells["kind"] == kind).sum()))
    parts = "，".join(counted.share(f"诉求类型：{kind}", "kind", kind) for kind in present)
    blank = counted.ledger.count("没有明确诉求或无法分类", counted.cells["kind"] == NO_KIND)
    rest = f"另有{blank}条没有明确诉求或无法分类。" if blank else ""
    return f"按诉求类型分，{parts}。{rest}" if parts else rest


def _areas(counted: Counted) -> str:
    areas = counted.cells.loc[counted.cells["area"] != NO_AREA, "area"].value_counts()
    names = sorted(map(str, areas.index), key=lambda name: (-int(areas[name]), name))
    for name in names[_AREAS:]:
        counted.share(f"类别：{name}", "area", name)
    told = "，".join(counted.share(f"类别：{name}", "area", name) for name in names[:_AREAS])
    if not told:
        return ""
    return f"按内容分，{'反映较多的是' if len(names) > 1 else '都是'}{told}。"


def _handling(counted: Counted) -> str:
    cells, count = counted.cells, counted.ledger.count
    until = f"截至{counted.day.year}年{counted.day.month}月{counted.day.day}日，"
    states = [state for state in STATES if (cells["state"] == state).any()]
    parts = "，".join(f"{s}{count(f'办理状态：{s}', cells['state'] == s)}条" for s in states)
    if states == [STATES[-1]]:
        parts = "表中没有登记办理状态，有诉求的都按待答复计"
    open_ = count("尚待答复", _among(counted, counted.duties.index))
    due = counted.duties["due"]
    told = [
        f"{words}{count(f'待答复：{state}', _among(counted, due.index[due == state]))}条"
        for state, words in (
            (OVERDUE, "已超过办理期限"),
            (SOON, f"{WORKDAYS}个工作日内到期"),
            (UNDATED, "没有期限"),
        )
        if (due == state).any()
    ]
    left = f"尚待答复的{open_}条" if open_ else "没有尚待答复的意见"
    return f"{until}{parts}；{left}{'中，' if told else ''}{'，'.join(told)}。"


def _suggestions(counted: Counted) -> str:
    cells, count = counted.cells, counted.ledger.count
    said = ""
    if (cells["adopted"] != "").any():
        n = count("登记是否采纳的意见", cells["adopted"] != "")
        adopted = count("已采纳", cells["adopted"] == "采纳")
        said = f"登记了是否采纳的建议{n}条，采纳{adopted}条。"
    urgent = counted.submissions["urgent"]
    if urgent.any():
        n = count("系统判断为紧急", urgent)
        left = count("紧急且尚待答复", urgent & _among(counted, counted.duties.index))
        said += f"系统判断为紧急的{n}条，" + (f"其中{left}条尚待答复。" if left else "均已答复。")
    return said


def _among(counted: Counted, index: pd.Index) -> pd.Series:
    frame = counted.submissions
    return pd.Series(frame.index.isin(index), index=frame.index)


def places_of(counted: Counted) -> list[str]:
    """Return the places by number, and trace each."""
    column = counted.cells["place"]
    numbers = column.value_counts()
    names = sorted(map(str, numbers.index), key=lambda p: (p == NO_PLACE, -int(numbers[p]), p))
    for name in names:
        counted.ledger.count(f"属地：{name}", column == name)
    return names
