"""Seasonal matters: does the same rise come every year?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

from minyi.analysis.frame import notes as notes_of
from minyi.analysis.intake.rows import with_notes
from minyi.analysis.trends.series import UNNAMED, exposures, series, timed
from minyi.analysis.trends.surveillance import Plan, dispersion

if TYPE_CHECKING:
    import pandas as pd

SEASONAL, UNUSUAL, UNCLEAR, UNJUDGED = "季节性", "非季节性", "说不准", "无法判断"
# Periods of a year, and how far the same season may lie off: Spring Festival moves by weeks.
_YEAR = {"D": (364, 21), "W": (52, 3), "M": (12, 1)}
# Standard errors: the best of seven weeks, three months or six weeks of days must stand out.
_ROSE = {"D": 3.0, "W": 2.33, "M": 2.33}
_MORE = 1.64
_MONTHS = 12
_LEAST_YEARS = 2


def judge(
    counts: NDArray[np.int64],
    exposure: NDArray[np.float64],
    t: int,
    width: int,
    every: str,
    plan: Plan,
) -> str:
    """Compare a rise with the same season of all earlier years.

    Farrington's comparison with the same weeks of earlier years (up to three weeks off), here of
    rises: recent periods over those before them. Logarithmic ratios of counts, a half added.

    Parameters
    ----------
    counts, exposure : ndarray, shape (n_periods,)
        Of one series.
    t, width : int
        The period of the alarm, and how many periods were judged together.
    every : {"D", "W", "M"}
    plan : Plan

    Returns
    -------
    str
        季节性: it rose in most earlier years too, and now not more than then. 非季节性: now it
        rises more than in any earlier year. 说不准: neither can be said. 无法判断: less than a
        year lies before.
    """
    now = _rise(counts, exposure, t, width, plan)
    year, off = _YEAR[every]
    verdicts = []
    for back in range(t - year, plan.shortest + width - 2, -year):
        around = range(max(back - off, plan.shortest + width - 1), back + off + 1)
        then = [_rise(counts, exposure, other, width, plan) for other in around]
        rise, error = max(then, key=lambda pair: pair[0] / pair[1])
        more = (now[0] - rise) / np.hypot(now[1], error)
        verdicts.append((rise / error >= _ROSE[every], more >= _MORE))
    if not verdicts:
        return UNJUDGED
    if sum(rose and not more for rose, more in verdicts) > len(verdicts) / 2:
        return SEASONAL
    return UNUSUAL if all(more for _, more in verdicts) else UNCLEAR


def seasonal(submissions: pd.DataFrame, by: str = "level1") -> pd.DataFrame:
    """Find the months in which a value comes more often, in every year.

    A month counts when its submissions a day exceed the average of the value's year in each
    year, and over all years by more than chance: Poisson, numbers divided by the overdispersion
    of the same month in different years, at 5 % for all months and values together (Bonferroni).

    Simulated for two years of 20 values without seasons, 2–10 a week and weeks that vary by up to
    55 % more than chance (15 runs each): any month was found in 0–7 % of the runs.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`; at least two years, else there is only a note.
    by : str

    Returns
    -------
    DataFrame
        ``value`` str, ``month`` int (1–12), ``n`` int, ``ratio`` float (to the average of the
        value), ``years`` int. Notes in ``attrs["notes"]``.
    """
    import pandas as pd

    found = series(submissions, by, "M")
    told = [*notes_of(submissions), *found.notes]
    columns = {"value": object, "month": int, "n": int, "ratio": float, "years": int}
    whole = len(found.counts) // _MONTHS * _MONTHS
    if whole < _LEAST_YEARS * _MONTHS:
        told.append(f"资料只有 {len(found.counts)} 个月，不足两年，看不出哪些月份年年都多")
        return with_notes(pd.DataFrame(columns=list(columns)).astype(columns), told)
    days = exposures(timed(submissions, None)[0]["time"], "M")[-whole:].reshape(-1, _MONTHS, 1)
    values = [value for value in found.counts.columns if value not in UNNAMED]
    counts = found.counts[values].to_numpy()[-whole:].reshape(-1, _MONTHS, len(values))
    expected = counts.sum(axis=1, keepdims=True) * days / days.sum(axis=1, keepdims=True)
    total, usual = counts.sum(axis=0), expected.sum(axis=0)
    chance = _chance(counts, expected, total / np.maximum(usual, 1e-9))
    often = (counts > expected).all(axis=0) & (chance <= 0.05 / chance.size)
    month = pd.DatetimeIndex(found.counts.index).month[-whole:][:_MONTHS]
    rows = [
        (values[j], int(month[i]), int(total[i, j]), total[i, j] / usual[i, j], len(counts))
        for j, i in np.argwhere(often.T)
    ]
    return with_notes(pd.DataFrame(rows, columns=list(columns)).astype(columns), told)


def _chance(
    counts: NDArray[np.int64], expected: NDArray[np.float64], ratio: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for each month and value how likely chance brings as many in all years."""
    years, months, n_values = counts.shape
    came, fitted = (
        np.column_stack([part.sum(axis=2).ravel(), part.reshape(-1, n_values)])
        for part in (counts, expected * ratio)
    )
    spread = dispersion(came, fitted, (years - 1) * (months - 1))[1:]
    total, usual = counts.sum(axis=0) / spread, expected.sum(axis=0) / spread
    found: NDArray[np.float64] = special.gammainc(total, np.maximum(usual, 1e-9))  # Poisson's tail
    return found


def _rise(
    counts: NDArray[np.int64], exposure: NDArray[np.float64], t: int, width: int, plan: Plan
) -> tuple[float, float]:
    """Return the logarithmic ratio of recent periods and those before, and its standard error."""
    recent, before = (
        slice(t - width + 1, t + 1),
        slice(max(t - width + 1 - plan.longest, 0), t - width + 1),
    )
    n, m = counts[recent].sum() + 0.5, counts[before].sum() + 0.5
    ratio = n / exposure[recent].sum() / (m / exposure[before].sum())
    return float(np.log(ratio)), float(np.sqrt(1 / n + 1 / m))
