"""Alarms: which value of a column is rising, at a stated rate of false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.frame import notes as notes_of
from minyi.analysis.intake.rows import with_notes
from minyi.analysis.trends.seasons import UNJUDGED, judge
from minyi.analysis.trends.series import (
    ALL,
    PERIODS,
    UNNAMED,
    Series,
    exposures,
    series,
    starts_of,
    step,
    timed,
)
from minyi.analysis.trends.surveillance import Plan, Watched, watch
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: How each length of periods is watched; the total may well double or halve within half a year.
PLANS = {
    "D": Plan(14, 56, (1, 7), 1 / 365),
    "W": Plan(8, 26, (1, 4), 1 / 52),
    "M": Plan(6, 24, (1, 3), 1 / 12),
}
_COLUMNS: dict[str, Any] = {
    "value": object,
    "start": "datetime64[ns]",
    "n": "int64",
    "expected": "float64",
    "high": "float64",
    "p": "float64",
    "width": "int64",
    "alarm": "bool",
    "season": object,
    "partial": "bool",
    "reason": object,
    "members": object,
}


def alarms(
    submissions: pd.DataFrame,
    by: str | None = "level1",
    every: str = "W",
    false_alarms: float = 0.05,
    *,
    fewest: int = 3,
) -> pd.DataFrame:
    """Judge each period and value by what the periods before it let expect.

    Each period is judged as if it were the newest, by up to 26 weeks (56 days, 24 months) before
    it, at least 8 (14, 6): alone, and together with the 3 weeks (6 days, 2 months) before. What
    rises is told relative to the trend of the total. See `surveillance` for the method.

    ``benchmarks/alarms.py`` simulates the rates. Asked for 0.05 it finds 0.01–0.07 where nothing
    changes or all grow alike, up to 0.13 where numbers both grow 2 % a week and vary much, or
    swing by 30 % with the year. A doubling from 5 a week is seen in the first week in one case of
    ten and within four in half of them; from 20 a week within four in 70–100 %; from 2 or fewer
    within four in at most a quarter. Five times 2 a week is nearly always seen within four.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`; repeats should be merged before, for ten letters of
        one campaign are no ten matters.
    by : str or None
        A column: level1, department, place, matter …; None watches the total only.
    every : {"D", "W", "M"}
    false_alarms : float
        Probability that a period in which nothing rises gives any alarm, over all values
        together; 0.05 means one period in twenty.
    fewest : int
        No alarm on fewer submissions.

    Returns
    -------
    DataFrame
        A row a period that could be judged and value (``（全部）``: the total; rows without a value
        are only in it; values of under `fewest` submissions are left out). ``value``, ``start``,
        ``n``, ``expected`` and ``high`` (the highest number that gives no alarm by itself), ``p``
        (not corrected for the number of values), ``width`` (recent periods judged together),
        ``alarm``; for alarms also ``season`` (see `seasons.judge`), ``reason`` and ``members``
        (ids); ``partial``: the data begin or end within it, which is minded. Notes in
        ``attrs["notes"]``; never rows, only notes, where too few periods are there.

    Raises
    ------
    InputError
        No time, no such column, or `every`, `false_alarms`, `fewest` out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> days = [*pd.date_range("2026-01-05", periods=12, freq="7D"), *["2026-03-29"] * 9]
    >>> table = pd.DataFrame({"内容": "自来水发黄", "时间": days, "地点": "石桥村"})
    >>> found = alarms(prepare(table), by="place")
    >>> found.loc[found["alarm"] & (found["value"] == "石桥村"), "reason"].tolist()
    ['这一周 10 条，按前 11 周应有约 1.0 条']
    """
    import pandas as pd

    _check(false_alarms, fewest)
    found = series(submissions, by, every)
    told = [*notes_of(submissions), *found.notes]
    plan, name = PLANS[every], PERIODS[every][1]
    if len(found.counts) <= plan.shortest:
        told.append(
            f"只有 {len(found.counts)} 个时段（按{name}），少于 {plan.shortest + 1} 个，无法预警"
        )
        return with_notes(pd.DataFrame(columns=list(_COLUMNS)).astype(_COLUMNS), told)
    values = _watched_values(found, by, fewest)
    counts = np.column_stack([found.counts.to_numpy().sum(axis=1), found.counts[values]])
    daily = found if every == "D" else series(submissions, None, "D")
    exposure = exposures(daily, every)
    seen = watch(counts, exposure, plan, false_alarms, fewest)
    table = _table(found, [ALL, *values], counts, seen, plan)
    fired = table["alarm"].to_numpy().nonzero()[0]
    where = [
        (int(row) // counts.shape[1] + plan.shortest, int(row) % counts.shape[1]) for row in fired
    ]
    table["season"] = _filled(
        len(table),
        fired,
        [judge(counts[:, j], exposure, t, int(seen.width[t, j]), every, plan) for t, j in where],
    )
    table["reason"] = _filled(
        len(table), fired, [_reason(counts[:, j], seen, t, j, name, plan) for t, j in where]
    )
    table["members"] = _members(submissions, table, by, every)
    told += _told(table, false_alarms, name, found)
    return with_notes(table[list(_COLUMNS)].astype(_COLUMNS), told)


def _check(false_alarms: float, fewest: int) -> None:
    if not 0 < false_alarms <= 0.5:
        raise InputError(f"false_alarms 应在 0 到 0.5 之间（如 0.05），实际是 {false_alarms}。")
    if fewest < 1:
        raise InputError(f"fewest 应至少为 1，实际是 {fewest}。")


def _watched_values(found: Series, by: str | None, fewest: int) -> list[str]:
    """Leave out what has no value and what can never alarm."""
    if by is None:
        return []
    totals = found.counts.sum()
    return [str(v) for v, n in totals.items() if n >= fewest and v not in UNNAMED]


def _table(
    found: Series, values: list[str], counts: NDArray[np.int64], seen: Watched, plan: Plan
) -> pd.DataFrame:
    import pandas as pd

    judged = slice(plan.shortest, None)
    starts = found.counts.index[judged]
    columns: dict[str, Any] = {
        "value": np.tile(np.array(values, dtype=object), len(starts)),
        "start": np.repeat(starts.to_numpy(), len(values)),
        "n": counts[judged].ravel(),
        "partial": np.repeat(found.partial[judged], len(values)),
    }
    for name in ("expected", "high", "p", "width", "alarm"):
        columns[name] = getattr(seen, name)[judged].ravel()
    return pd.DataFrame(columns)


def _filled(n: int, rows: NDArray[np.int64], values: list[Any]) -> NDArray[np.object_]:
    filled = np.full(n, "", dtype=object)
    for row, value in zip(rows, values, strict=True):
        filled[row] = value
    return filled


def _reason(
    counts: NDArray[np.int64], seen: Watched, t: int, j: int, period: str, plan: Plan
) -> str:
    """Say in Chinese what was compared; the expected number is that of all recent periods."""
    width = int(seen.width[t, j])
    unit = "个月" if period == "月" else period
    recent = f"这一{unit}" if width == 1 else f"最近 {width} {unit}共"
    n, before = int(counts[t - width + 1 : t + 1].sum()), min(t - width + 1, plan.longest)
    expected = float(seen.together[t, j])
    usual = f"约 {expected:.1f} 条" if expected >= 0.1 else "不到 0.1 条"
    return f"{recent} {n} 条，按前 {before} {unit}应有{usual}"


def _members(
    submissions: pd.DataFrame, table: pd.DataFrame, by: str | None, every: str
) -> NDArray[np.object_]:
    """Return the ids of the submissions of each alarm, in the order of the frame."""
    import pandas as pd

    found, _ = timed(submissions, by)
    starts = starts_of(found["time"], every).to_numpy()
    ids = submissions.loc[found.index, "id"].to_numpy()
    positions = {str(value): at for value, at in found.groupby("value").indices.items()}
    members = np.full(len(table), None, dtype=object)
    members[:] = [()] * len(table)
    for row in table["alarm"].to_numpy().nonzero()[0]:
        value, width = str(table["value"].iloc[row]), int(table["width"].iloc[row])
        end = pd.Timestamp(table["start"].iloc[row])
        begin = end if width == 1 else end - (width - 1) * step(every)
        at = np.arange(len(found)) if value == ALL else positions[value]
        inside = (starts[at] >= begin.to_datetime64()) & (starts[at] <= end.to_datetime64())
        members[row] = tuple(ids[at[inside]])
    return members


def _told(table: pd.DataFrame, false_alarms: float, period: str, found: Series) -> list[str]:
    """Say what the rate means and what could not be judged."""
    unit = "个月" if period == "月" else period
    told = [
        f"误报率定为 {false_alarms:g}：没有事项上升时，平均每 {1 / false_alarms:.0f} {unit}"
        f"约有一{unit}误报（各项合计）；总量随年度大起大落时可多至一倍多",
        "上升是相对于总量的走势说的；同一件事的重复意见请先合并，否则会误报",
    ]
    seasons = table.loc[table["alarm"], "season"]
    if (seasons == UNJUDGED).any():
        told.append("资料不足一年，无法判断上升是不是季节性的（如春灌、供暖、开学）")
    if found.partial[-1]:
        told.append(f"最后一{unit}不满，已按天数折算")
    return told
