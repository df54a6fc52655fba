"""Numbers of submissions over time: lines, and a strip for each hot issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minyi.analysis.figures.source import NAMES, Source, check, cut, named, source_of
from minyi.errors import InputError
from minyi.frames import check_frame

if TYPE_CHECKING:
    import pandas as pd

    from minyi.analysis.issues.hot import HotIssues

#: Length of a period, the shortest first: how pandas names it, and how people do.
PERIODS = {"day": ("D", "日"), "week": ("W-SUN", "周"), "month": ("M", "月"), "year": ("Y", "年")}
_MOST_PERIODS = 400
_MOST_DAYS, _MOST_WEEKS, _MOST_MONTHS = 45, 130, 300
_ONLY_MONTH = "多数时间只写到月份，所以按月统计"
_UNEVEN = "空心点：时段可能不满"


@dataclass(frozen=True)
class Timeline:
    """Numbers of submissions by period.

    Attributes
    ----------
    table : DataFrame
        ``series`` str ("" where there is one only), ``start`` datetime64 (first day of the
        period), ``n`` int, ``partial`` bool (the data begin or end within it). Perhaps also
        ``expected`` float, ``low`` and ``high`` float, the band expected (or ``high`` alone, from
        which there is an alarm), and ``alarm`` bool.
    every : {"day", "week", "month", "year"}
    what : str
        What a series is, in Chinese; "" where there is one only.
    source : Source
    """

    table: pd.DataFrame
    every: str
    what: str
    source: Source


@dataclass(frozen=True)
class IssueTimes:
    """When the submissions about each issue came.

    Attributes
    ----------
    issues : DataFrame
        ``issue`` int, ``label`` str, ``n`` int (all its submissions, with or without a time);
        in the order to draw.
    table : DataFrame
        ``issue``, ``start`` datetime64, ``n``; every period of the span for every issue.
    every : str
    source : Source
    """

    issues: pd.DataFrame
    table: pd.DataFrame
    every: str
    source: Source


def timeline(
    frame: pd.DataFrame, every: str | None = None, *, by: str | None = None, most: int = 6
) -> Timeline:
    """Count rows by period; periods without any are zero.

    Parameters
    ----------
    frame : DataFrame
        Submissions.
    every : {"day", "week", "month", "year"}, optional
        Unless given, by the span of the times; months where most times are no more exact.
    by : str, optional
        A column: a series for each of its most frequent values.
    most : int
        Series to show; the others are left out, and a note says so.

    Raises
    ------
    InputError
        `every` is none of these, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> days = ["2026-05-04", "2026-05-06", "2026-05-20"]
    >>> frame = prepare(pd.DataFrame({"内容": ["路灯坏了", "停水", "停电"], "时间": days}))
    >>> timeline(frame, "week").table["n"].tolist()
    [2, 0, 1]
    """
    import pandas as pd

    check(frame, "time", *([by] if by else []))
    known = frame[frame["time"].notna()]
    every, *notes = _period(known["time"], every)
    starts = _starts(known["time"], every)
    names = named(known, by) if by else pd.Series("", index=known.index, dtype=object)
    shown, n_rest = cut(names.value_counts(sort=False), most)
    if n_rest:
        notes.append(f"只画最多的 {most} 项，另有 {n_rest} 项未画")
    parts = [_numbers(starts[names == name], starts, every).assign(series=name) for name in shown]
    empty: dict[str, list[object]] = {"start": [], "n": [], "series": []}
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(empty)
    table = table.astype({"start": "datetime64[us]", "n": "int64", "series": object})
    table["partial"] = _partial(table["start"], known["time"], every)
    notes.append(_UNEVEN if table["partial"].any() else "")
    what = NAMES.get(by, by) if by else ""
    source = source_of(frame).noting(*notes)
    return Timeline(table[["series", "start", "n", "partial"]], every, what, source)


def timeline_of(
    table: pd.DataFrame, every: str, source: Source, *, series: str | None = None, what: str = ""
) -> Timeline:
    """Return numbers that were counted elsewhere, as with bands and alarms of `trends`.

    Parameters
    ----------
    table : DataFrame
        ``start``, ``n``, and if known ``expected``, ``low``, ``high``, ``alarm``, ``partial``.
    every : {"day", "week", "month", "year"}
    source : Source
    series : str, optional
        The column that names the series.
    what : str
        What a series is, in Chinese.
    """
    check_frame(table, ("start", "n", series), "zh")
    _check(every)
    optional = [name for name in ("expected", "low", "high", "alarm") if name in table.columns]
    found = table[["start", "n", *optional]].copy()
    found.insert(0, "series", named(table, series) if series else "")
    if "alarm" in optional:
        found["alarm"] = [value is True or value == 1 for value in table["alarm"].tolist()]
    found["partial"] = table["partial"] if "partial" in table.columns else False
    told = _UNEVEN if found["partial"].any() else ""
    return Timeline(found.reset_index(drop=True), every, what, source.noting(told))


def issue_times(
    frame: pd.DataFrame,
    issues: pd.Series[int],
    labels: Mapping[int, str],
    *,
    every: str | None = None,
) -> IssueTimes:
    """Count the submissions of each issue by period.

    Parameters
    ----------
    frame : DataFrame
        Submissions.
    issues : Series of int
        The issue of each row, on the index of `frame` or a part of it; rows of other issues are
        left out.
    labels : mapping of int to str
        The issues to show, in order, with their descriptions.
    every : {"day", "week", "month", "year"}, optional
    """
    import pandas as pd

    check(frame, "time")
    if not (issues.index.is_unique and issues.index.isin(frame.index).all()):
        raise InputError(
            f"issues 应以意见表的行索引为索引，表有 {len(frame)} 行，issues 有 {len(issues)} 个，"
            "有的对不上：请用同一张表算出的结果。"
        )
    mine = frame[frame.index.isin(issues.index[issues.isin(list(labels))])]
    issue = issues.reindex(mine.index)
    known = mine["time"].notna()
    every, *notes = _period(mine.loc[known, "time"], every)
    starts = _starts(mine.loc[known, "time"], every)
    parts = [
        _numbers(starts[(issue[known] == number).to_numpy()], starts, every).assign(issue=number)
        for number in labels
    ]
    empty: dict[str, list[object]] = {"issue": [], "start": [], "n": []}
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(empty)
    rows = [(i, label, int((issue == i).sum())) for i, label in labels.items()]
    return IssueTimes(
        pd.DataFrame(rows, columns=["issue", "label", "n"]).astype({"n": "int64"}),
        table[["issue", "start", "n"]],
        every,
        source_of(mine).noting(*notes),
    )


def hot_issue_times(frame: pd.DataFrame, hot: HotIssues, *, every: str | None = None) -> IssueTimes:
    """Count the submissions of hot issues by period, the hottest first.

    Parameters
    ----------
    frame : DataFrame
        The submissions from which `hot` was found.
    hot : HotIssues
        See `minyi.analysis.issues.hot`.
    every : {"day", "week", "month", "year"}, optional
    """
    table = hot.issues
    told = zip(table["问题ID"], table["地点/人群"], table["问题描述"], strict=True)
    labels = {int(i): f"{place}：{words}" if place else words for i, place, words in told}
    return issue_times(frame, hot.members["问题ID"], labels, every=every)


def _check(every: str) -> None:
    if every not in PERIODS:
        raise InputError(f"every 应为 {'、'.join(PERIODS)} 之一，实际是 {every}。")


def _period(times: pd.Series[pd.Timestamp], every: str | None) -> list[str]:
    """Return the period to count by, and perhaps a note."""
    if every is not None:
        _check(every)
    if len(times) == 0:
        return [every or "week"]
    days = int((times.max() - times.min()).days)
    fits = _fitting(days)
    if every is None:
        firsts = (times.dt.day == 1) & (times == times.dt.normalize())
        if fits in ("day", "week") and days > 27 and firsts.mean() > 0.5:
            return ["month", _ONLY_MONTH]
        return [fits]
    length = {"day": 1, "week": 7, "month": 30, "year": 365}[every]
    if days / length > _MOST_PERIODS:
        coarser = f"时间跨 {days // 365} 年多，按{PERIODS[every][1]}太密，改为按{PERIODS[fits][1]}"
        return [fits, coarser + "；请检查有没有写错的年份"]
    return [every]


def _fitting(days: int) -> str:
    if days <= _MOST_DAYS:
        return "day"
    if days <= _MOST_WEEKS * 7:
        return "week"
    return "month" if days <= _MOST_MONTHS * 30 else "year"


def _starts(times: pd.Series[pd.Timestamp], every: str) -> pd.Series[pd.Timestamp]:
    return times.dt.to_period(PERIODS[every][0]).dt.start_time


def _numbers(
    own: pd.Series[pd.Timestamp], all_starts: pd.Series[pd.Timestamp], every: str
) -> pd.DataFrame:
    """Count a series over the whole span, so that all series have the same periods."""
    import pandas as pd

    if len(all_starts) == 0:
        return pd.DataFrame({"start": [], "n": []})
    span = pd.period_range(all_starts.min(), all_starts.max(), freq=PERIODS[every][0])
    counts = own.value_counts().reindex(span.start_time, fill_value=0)
    return pd.DataFrame({"start": span.start_time, "n": counts.to_numpy()})


def _partial(
    starts: pd.Series[pd.Timestamp], times: pd.Series[pd.Timestamp], every: str
) -> pd.Series[bool]:
    """Whether the data begin or end within a period: its number may be low for that alone."""
    if len(times) == 0:
        return starts.astype(bool)
    ends = starts.dt.to_period(PERIODS[every][0]).dt.end_time.dt.normalize()
    return (starts < times.min().normalize()) | (ends > times.max().normalize())
