"""Which submissions a report is about: a place, a span of days, and what both are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from minyi.analysis.figures.source import span
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from minyi.domain.office import Office

_TOWN = re.compile(r"^(.+?(?:镇|乡|街道|办事处))(.+)$")
_VILLAGE = re.compile(r"(?:村|社区|居委会|居)$")
_IS_TOWN = re.compile(r"(?:镇|乡|街道|办事处)$")
_SHOWN = 8


def select(
    submissions: pd.DataFrame, place: str, start: date | None, end: date | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the submissions of a place and span, and what had to be left out, in Chinese.

    Parameters
    ----------
    submissions : DataFrame
    place : str
        A village or a town, as in the column of places, with or without the town's name; empty
        for all.
    start, end : date or None
        First and last day.

    Raises
    ------
    InputError
        The last day is before the first.
    """
    import pandas as pd

    if start and end and end < start:
        raise InputError(f"截止日期 {end} 早于起始日期 {start}：请对调或改正。")
    chosen = pd.Series(True, index=submissions.index)
    told = []
    if place:
        chosen &= submissions["place"].map(lambda own: place in names_of(own)).astype(bool)
        if not chosen.any():
            told.append(f"没有{place}的意见；表里的地点有：{_places(submissions)}")
        unknown = int((submissions["place"] == "").sum())
        if unknown:
            told.append(f"有 {unknown} 条意见不知道是哪里的，没有计入{place}")
    if start or end:
        undated = int((chosen & submissions["time"].isna()).sum())
        if undated:
            told.append(f"有 {undated} 条意见没有日期，没有计入本期")
        days = submissions["time"].dt.normalize()
        chosen &= (days >= pd.Timestamp(start)) if start else days.notna()
        chosen &= (days <= pd.Timestamp(end)) if end else days.notna()
    return submissions[chosen], tuple(told)


def names_of(place: str) -> set[str]:
    """Return what a place may be called: itself, its town, its village.

    Examples
    --------
    >>> sorted(names_of("清溪镇石桥村"))
    ['清溪镇', '清溪镇石桥村', '石桥村']
    """
    parts = _TOWN.match(place)
    return {place, *parts.groups()} if parts else {place}


def short(place: str) -> str:
    """Return the village of a place; the place itself where there is none.

    Examples
    --------
    >>> short("清溪镇石桥村"), short("清溪镇")
    ('石桥村', '清溪镇')
    """
    parts = _TOWN.match(place)
    return parts[2] if parts else place


def named_place(submissions: pd.DataFrame, place: str, office: Office | None) -> str:
    """Return what the report is of: the place asked for, else their one place, or the office."""
    if place:
        return place
    places = {own for own in submissions["place"] if own}
    if len(places) == 1 and (submissions["place"] != "").all():
        return short(places.pop())
    towns = set(map(_town, places))
    if len(towns) == 1 and (town := towns.pop()):
        return town
    return office.name if office else ""


def kind_of_places(places: Sequence[str]) -> str:
    """Return what places are, to count them: 6个村（社区）.

    Examples
    --------
    >>> kind_of_places(["清溪镇石桥村", "东湖社区"]), kind_of_places(["清溪镇"])
    ('村（社区）', '乡镇（街道）')
    """
    if all(map(_VILLAGE.search, places)):
        return "村（社区）"
    return "乡镇（街道）" if all(map(_IS_TOWN.search, places)) else "地方"


def title_of(place: str) -> str:
    """Return what a report of a place is called.

    Examples
    --------
    >>> title_of("石桥村"), title_of("清溪镇"), title_of("")
    ('石桥村村情报告', '清溪镇镇情报告', '社情民意报告')
    """
    if _VILLAGE.search(place):
        return f"{place}{'村' if place.endswith('村') else '社区'}情报告"
    if _IS_TOWN.search(place):
        return f"{place}{place[-1] if place[-1] in '镇乡' else '街道'}情报告"
    return f"{place}社情民意报告"


def period_of(submissions: pd.DataFrame, start: date | None, end: date | None) -> str:
    """Return the span that was asked for, filled up by that of the submissions."""
    times = submissions["time"].dropna()
    first = start or (times.min().date() if len(times) else None)
    last = end or (times.max().date() if len(times) else None)
    if first and last:
        return span(first, last)
    if start:
        return f"{span(start, start)}以来"
    return f"截至{span(end, end)}" if end else ""


def _town(place: str) -> str:
    parts = _TOWN.match(place)
    return parts[1] if parts else place if _IS_TOWN.search(place) else ""


def _places(submissions: pd.DataFrame) -> str:
    counts = submissions.loc[submissions["place"] != "", "place"].value_counts()
    shown = "、".join(map(str, counts.index[:_SHOWN]))
    return f"{shown}等 {len(counts)} 处" if len(counts) > _SHOWN else shown or "（没有）"
