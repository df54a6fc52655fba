"""Submissions as series of counts: a period a row, from the first to the last, a value a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.figures.source import NO_CATEGORY, UNKNOWN, named, ranked
from minyi.analysis.frame import require
from minyi.domain.calendar import add_workdays
from minyi.errors import InputError
from minyi.frames import check_frame
from minyi.schema import COLUMNS as RESULT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

#: Lengths of periods: how pandas names them, how people do, days.
PERIODS = {"D": ("D", "日", 1), "W": ("W-SUN", "周", 7), "M": ("M", "月", 30)}
ALL = "（全部）"
UNNAMED = (UNKNOWN, NO_CATEGORY)
_MOST_PERIODS = 5000
_MOST_CELLS = 20_000_000
_WEEKDAYS_KNOWN = 28  # days from which the numbers of Mondays, Tuesdays … can be compared
_STEADY = 5.0  # submissions as usual, added to those of each weekday
_FRIDAY, _SATURDAY, _HOLIDAY = 4, 5, 7


@dataclass(frozen=True)
class Series:
    """Counts by period and value.

    Attributes
    ----------
    counts : DataFrame of int
        Index ``start`` (first day of the period, a week beginning on Monday), a column a value,
        the most frequent first and what has no value last.
    partial : ndarray of bool, shape (n_periods,)
        The data begin or end within the period.
    notes : tuple of str
        In Chinese.
    """

    counts: pd.DataFrame
    partial: NDArray[np.bool_]
    notes: tuple[str, ...]


def timed(submissions: pd.DataFrame, by: str | None) -> tuple[pd.DataFrame, list[str]]:
    """Return ``time`` and ``value`` (text) of the submissions with a time, and notes.

    Raises
    ------
    InputError
        The frame was not prepared, has no column `by` or no time at all.
    """
    import pandas as pd

    require(submissions)
    if "time" not in submissions.columns:
        require(submissions, "time")
    if by is not None and by not in submissions.columns:
        require(submissions, *([by] if by in RESULT_COLUMNS else []))
        check_frame(submissions, (by,), "zh")
    known = submissions["time"].notna()
    if len(submissions) and not known.any():
        raise InputError(
            "时间列应有日期（如 2026-05-06），实际没有时间列，"
            f"或者 {len(submissions)} 行都空着或读不懂："
            "请改好时间列，或用 time=列名 另指一列（命令行加 --columns）。"
        )
    value = _values(submissions, by) if by else pd.Series(ALL, index=submissions.index)
    found = pd.DataFrame({"time": submissions["time"], "value": value})[known]
    notes = [f"有 {int((~known).sum())} 条没有时间，未计入"] if not known.all() else []
    return found, notes if len(submissions) else ["没有意见，表是空的"]


def series(submissions: pd.DataFrame, by: str | None, every: str) -> Series:
    """Count submissions by period and value; periods without any are zero.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`.
    by : str or None
        A column; None: all together.
    every : {"D", "W", "M"}
    """
    import pandas as pd

    check_every(every)
    found, notes = timed(submissions, by)
    if found.empty:
        empty = pd.DatetimeIndex([], name="start")
        return Series(pd.DataFrame(index=empty), np.zeros(0, bool), tuple(notes))
    times = found["time"]
    starts = _starts(times, every)
    value = pd.Categorical(found["value"], ranked(found["value"].value_counts(sort=False)))
    n_values = len(value.categories)
    if len(starts) * n_values > _MOST_CELLS:
        raise InputError(
            f"{len(starts)} 个时段 × {n_values} 项太多，算不下："
            "请用更长的时段（W 或 M）或更粗的分类。"
        )
    codes = starts.get_indexer(starts_of(times, every)) * n_values + value.codes
    cells = np.bincount(codes, minlength=len(starts) * n_values)
    counts = pd.DataFrame(
        cells.reshape(len(starts), n_values).astype(np.int64), starts, list(value.categories)
    )
    partial = _cut(starts, times, every)
    return Series(counts, partial, (*notes, *_only_months(times, every)))


def check_every(every: str) -> None:
    """Refuse lengths of periods that are not there."""
    if every not in PERIODS:
        raise InputError(f"every 应为 D（日）、W（周）或 M（月），实际是 {every!r}。")


def day_weights(times: pd.Series[Any]) -> pd.Series[float]:
    """Return what a steady series would bring on each day, in days of average number.

    Mondays may bring more than Sundays and public holidays; workdays moved to a weekend count as
    Fridays. How many each kind of day brings is taken from the daily totals, drawn a little towards
    the mean; under four weeks all days are alike.

    Parameters
    ----------
    times : Series of datetime64
        Of all submissions.

    Returns
    -------
    Series of float
        Index: the days from the first to the last submission.
    """
    import pandas as pd

    starts = starts_of(times, "D")
    days = pd.date_range(starts.min(), starts.max())
    if len(days) < _WEEKDAYS_KNOWN:
        return pd.Series(1.0, days)
    totals = np.bincount((starts - days[0]).days, minlength=len(days))
    kind = np.array([_kind(day.date()) for day in days])
    usual = totals.mean() * np.bincount(kind, minlength=8)
    factor = (np.bincount(kind, totals, 8) + _STEADY) / (usual + _STEADY)
    return pd.Series(factor[kind], days)


def exposures(times: pd.Series[Any], every: str) -> NDArray[np.float64]:
    """Return what a steady series would bring in each period, in days of average number.

    A week without its Sunday is nearly whole where Sundays bring nothing; see `day_weights`. As
    the data end with a submission, the last period also has the days without any that are to be
    expected after it: some where submissions are rare, else none.

    Parameters
    ----------
    times : Series of datetime64
        Of all submissions.
    every : {"D", "W", "M"}

    Returns
    -------
    ndarray of float, shape (n_periods,)
    """
    import pandas as pd

    weights = day_weights(times)
    starts = starts_of(pd.DatetimeIndex(weights.index), every)
    numbers = np.unique(starts.to_numpy(), return_inverse=True)[1]
    found = np.bincount(numbers, weights).astype(np.float64)
    left = (starts[-1] + step(every) - weights.index[-1]).days - 1
    found[-1] += min(left, 1 / np.expm1(len(times) / len(weights)))
    return found


def step(every: str) -> pd.DateOffset:
    """Return the length of a period, to be added to its first day."""
    import pandas as pd

    return pd.DateOffset(months=1) if every == "M" else pd.DateOffset(days=PERIODS[every][2])


def _kind(day: date) -> int:
    """Return the weekday as which a day counts, Monday 0; 7 for a holiday on a weekday."""
    weekday = day.weekday()
    is_workday = add_workdays(day - timedelta(days=1), 1)[0] == day
    if is_workday:
        return weekday if weekday < _SATURDAY else _FRIDAY
    return weekday if weekday >= _SATURDAY else _HOLIDAY


def _values(submissions: pd.DataFrame, by: str) -> pd.Series[Any]:
    """Return a column as text; groups numbered -1 are none."""
    values = submissions[by]
    if values.dtype.kind in "iu":
        numbers = values.astype(str)
        return numbers.where(values >= 0, UNKNOWN).astype(object)
    return named(submissions, by)


def starts_of(times: pd.Series[Any] | pd.DatetimeIndex, every: str) -> pd.DatetimeIndex:
    """Return the first day of the period of each time."""
    import pandas as pd

    days = pd.DatetimeIndex(times.to_numpy()).normalize()
    if every == "D":
        return days
    if every == "W":
        return days - pd.to_timedelta(days.day_of_week, unit="D")
    return days - pd.to_timedelta(days.day - 1, unit="D")


def _starts(times: pd.Series[Any], every: str) -> pd.DatetimeIndex:
    import pandas as pd

    ends = starts_of(pd.Series([times.min(), times.max()]), every)
    if (ends[1] - ends[0]).days / PERIODS[every][2] > _MOST_PERIODS:
        raise InputError(
            f"时间从 {ends[0]:%Y-%m-%d} 到 {ends[1]:%Y-%m-%d}，按{PERIODS[every][1]}超过"
            f" {_MOST_PERIODS} 个时段：请检查有没有写错的年份，或用更长的时段。"
        )
    return pd.date_range(
        ends[0], ends[1], freq={"D": "D", "W": "7D", "M": "MS"}[every], name="start"
    )


def _cut(starts: pd.DatetimeIndex, times: pd.Series[Any], every: str) -> NDArray[np.bool_]:
    """Say which periods the data do not cover from the first day to the last."""
    import pandas as pd

    first, last = times.min().normalize(), times.max().normalize()
    ends = starts + step(every) - pd.Timedelta(days=1)
    return np.asarray((starts < first) | (ends > last))


def _only_months(times: pd.Series[Any], every: str) -> list[str]:
    midnight = (times == times.dt.normalize()) & (times.dt.day == 1)
    several = times.dt.to_period("M").nunique() > 1
    if every == "M" or not several or midnight.mean() <= 0.5:
        return []
    return ['多数时间是每月 1 日，可能只写到月份：请按月统计（every="M"）']
