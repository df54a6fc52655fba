"""Alarms: which value of a column is rising, at a stated rate of false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.frame import notes as notes_of
from minyi.analysis.intake.rows import with_notes
from minyi.analysis.trends.seasons import SEASONAL, UNJUDGED, UNUSUAL, judge
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
    "D": Plan(14, 56, (1, 7), 3 / 365),
    "W": Plan(8, 26, (1, 4), 3 / 52),
    "M": Plan(6, 24, (1, 3), 3 / 12),
}
_THEN = {SEASONAL: "；往年同期也这样上升", UNUSUAL: "；往年同期没有升这么多"}
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
    rises with everything else is no alarm but of the total. See `surveillance` for the method.

    `false_alarms` is an upper bound. ``benchmarks/alarms.py`` simulates it for 1–80 values of
    0.2–20 a week (200 runs a scenario). Asked for 0.05, it finds 0.01–0.03 where chance alone acts,
    steady, growing by 2 % a week, in a wave of the year of ±30 % or in 12 weeks of data; up to 0.05
    where weeks vary by 32–55 % besides, with growth, short data and cut weeks too. The constants
    were chosen on such simulations; the figures are of other draws. Not held: by day, a total whose
    weeks vary by 55 % (0.08); a common step of more than a third; repeated letters.

    A doubling is seen in the first week and within four: from 20 a week in 0.47 and 0.99 of the
    cases, from 5 in 0.09 and 0.54, from 2 in 0.05 and 0.23. A tripling: from 20 in 0.99 and 1.00,
    from 5 in 0.48 and 0.99, from 2 in 0.14 and 0.78, from 1 within four in 0.30. Where weeks vary
    by 32 % more than chance, a doubling from 20 in 0.14 and 0.61, a tripling in 0.53 and 0.99.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`; repeats should be merged before, for ten letters of
        one campaign are no ten matters.
    by : str or None
        A column: level1, department, place, matter …; None watches the total only.
    every : {"D", "W", "M"}
    false_alarms : float
        Highest probability that a period in which nothing rises gives any alarm, over all values
        together; 0.05 means at most one period in twenty.
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
    plan = PLANS[every]
    if len(found.counts) <= plan.shortest:
        told.append(
            f"只有 {len(found.counts)} 个时段（按{PERIODS[every][1]}），"
            f"少于 {plan.shortest + 1} 个，无法预警{'' if every == 'D' else '；可试试更短的时段'}"
        )
        return with_notes(pd.DataFrame(columns=list(_COLUMNS)).astype(_COLUMNS), told)
    values = _watched_values(found, by, fewest)
    counts = np.column_stack([found.counts.to_numpy().sum(axis=1), found.counts[values]])
    exposure = exposures(timed(submissions, None)[0]["time"], every)
    seen = watch(counts, exposure, plan, false_alarms, fewest)
    table = _table(found, [ALL, *values], counts, seen, plan)
    for name, texts in _said(counts, exposure, seen, every).items():
        table[name] = texts[plan.shortest :].ravel()
    table["members"] = _members(submissions, table, by, every)
    return with_notes(
        table[list(_COLUMNS)].astype(_COLUMNS), [*told, *_told(table, false_alarms, every)]
    )


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


def _said(
    counts: NDArray[np.int64], exposure: NDArray[np.float64], seen: Watched, every: str
) -> dict[str, NDArray[np.object_]]:
    """Say of each alarm, in Chinese, if it is seasonal and what was compared."""
    season, reason = (np.full(counts.shape, "", dtype=object) for _ in range(2))
    for t, j in np.argwhere(seen.alarm).tolist():
        width = int(seen.width[t, j])
        season[t, j] = judge(counts[:, j], exposure, t, width, every, PLANS[every])
        reason[t, j] = _reason(counts[:, j], seen, t, j, every, season[t, j])
    return {"season": season, "reason": reason}


def _reason(
    counts: NDArray[np.int64], seen: Watched, t: int, j: int, every: str, season: str
) -> str:
    """Say what was compared; the expected number is that of all recent periods."""
    width = int(seen.width[t, j])
    unit = _unit(every)
    recent = f"这一{unit}" if width == 1 else f"最近 {width} {unit}共"
    n, before = int(counts[t - width + 1 : t + 1].sum()), min(t - width + 1, PLANS[every].longest)
    expected = float(seen.together[t, j])
    usual = f"约 {expected:.1f} 条" if expected >= 0.1 else "不到 0.1 条"
    return f"{recent} {n} 条，按前 {before} {unit}应有{usual}{_THEN.get(season, '')}"


def _unit(every: str) -> str:
    return "个月" if every == "M" else PERIODS[every][1]


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


def _told(table: pd.DataFrame, false_alarms: float, every: str) -> list[str]:
    """Say what the rate means and what could not be judged."""
    unit = _unit(every)
    told = [
        f"误报率定为 {false_alarms:g}：没有事项上升时，平均每 {1 / false_alarms:.0f} {unit}"
        f"最多约有一{unit}误报（各项合计）",
        "上升是相对于总量的走势说的，各项一起增多不算；同一件事的重复意见请先合并，否则会误报",
    ]
    seasons = table.loc[table["alarm"], "season"]
    if (seasons == UNJUDGED).any():
        told.append("资料不足一年，无法判断上升是不是季节性的（如春灌、供暖、开学）")
    if table["partial"].iloc[-1]:
        told.append(f"最后一{unit}不满，已按天数折算")
    return told
