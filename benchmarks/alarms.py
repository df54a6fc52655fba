"""How often do alarms ring for nothing, and how often when a matter doubles?

Simulated submissions, through the public functions. False alarms: the share of periods, of those
that are judged, with any alarm although nothing rises; the nominal rate is the upper bound that
users ask for. Overdispersed numbers are negative binomial, variance = mean + excess * mean², their
ups and downs those of weeks; in clusters, three of ten come two by two. A wave is common to all
values and has a phase drawn at random. Power: one value rises for good; the share of runs with an
alarm for it in the first week, and in the first four. Seasons: a value rises four weeks a year,
another only once. Changes: the share of intervals (95 %) that hold the true ratio, and of
comparisons with any wrong verdict, all days having the numbers of their weekday or holiday.

    python benchmarks/alarms.py [--runs 200] [--only false_alarms power seasons changes speed]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import common

common.one_core()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from minyi.analysis.trends import alarms, change, seasonal  # noqa: E402
from minyi.domain.calendar import add_workdays  # noqa: E402

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SEED = 20260506
_START = pd.Timestamp("2023-01-02")  # a Monday
_NOMINAL = 0.05
_WEEKDAYS = np.array([1.4, 1.2, 1.2, 1.2, 1.2, 0.5, 0.3])
_HOLIDAY = 0.3
# Values, and mean submissions a week of each; one value alone is watched as the total.
_SIZES = ((1, 2.0), (1, 20.0), (8, 2.0), (8, 20.0), (20, 5.0), (20, 0.5), (40, 0.2), (80, 1.0))
_WEEKS, _SHORT = 34, 12
Draw = Callable[[np.random.Generator, tuple[int, float]], pd.DataFrame]


def main() -> None:
    parts = {part.__name__: part for part in (false_alarms, power, seasons, changes, speed)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--only", nargs="*", choices=parts, default=list(parts))
    asked = parser.parse_args()
    for name in asked.only:
        parts[name](np.random.default_rng(_SEED), asked.runs)


def submissions(counts: NDArray[np.int64], every: int = 7) -> pd.DataFrame:
    """Make a frame of submissions from counts of shape (n_periods, n_values)."""
    periods, values = (np.repeat(part.ravel(), counts.ravel()) for part in np.indices(counts.shape))
    # In a week the days take turns, so that the last week is whole.
    days = periods * every + np.arange(len(periods)) % every
    return pd.DataFrame(
        {
            "id": np.arange(len(days)).astype(str),
            "text": "",
            "row": np.arange(1, len(days) + 1),
            "time": _START + pd.to_timedelta(days, unit="D"),
            "matter": values,
        }
    )


def drawn(chance: np.random.Generator, means: NDArray[np.float64], excess: float) -> Any:
    """Draw counts: Poisson, or negative binomial."""
    if excess:
        means = means * chance.gamma(1 / excess, excess, means.shape)
    return chance.poisson(means)


def means_of(chance: np.random.Generator, n_periods: int, n_values: int, mean: float) -> Any:
    """Return means that differ between values (log-normal) and stay the same over time."""
    each = mean * np.exp(chance.normal(-0.125, 0.5, n_values)) if n_values > 1 else [mean]
    return np.tile(each, (n_periods, 1))


def by_day(
    chance: np.random.Generator,
    weekly: NDArray[np.float64],
    excess: float,
    start: pd.Timestamp = _START,
) -> Any:
    """Draw counts by day of weeks with these means; weekdays and holidays differ."""
    if excess:
        weekly = weekly * chance.gamma(1 / excess, excess, weekly.shape)
    days = pd.date_range(start, periods=len(weekly) * 7)
    weights = [_weight(day) / 7 for day in days]
    return chance.poisson(np.repeat(weekly, 7, axis=0) * np.array(weights)[:, None])


def _weight(day: pd.Timestamp) -> float:
    is_workday = add_workdays((day - pd.Timedelta(days=1)).date(), 1)[0] == day.date()
    if is_workday or day.day_of_week >= 5:
        return float(_WEEKDAYS[min(day.day_of_week, 4) if is_workday else day.day_of_week])
    return _HOLIDAY


def weeks_of(excess: float, growth: float = 0.0, wave: float = 0.0, n: int = _WEEKS) -> Draw:
    """Return what draws whole weeks."""

    def draw(chance: np.random.Generator, size: tuple[int, float]) -> pd.DataFrame:
        weeks = np.arange(n)[:, None]
        phase = chance.uniform(0, 52)
        shape = np.exp(growth * (weeks - n / 2)) + wave * np.sin((weeks + phase) * np.pi / 26)
        return submissions(drawn(chance, means_of(chance, n, *size) * shape, excess))

    return draw


def clusters(chance: np.random.Generator, size: tuple[int, float]) -> pd.DataFrame:
    """Draw weeks in which three of ten submissions come two by two."""
    means = means_of(chance, _WEEKS, *size)
    return submissions(chance.poisson(0.7 * means) + 2 * chance.poisson(0.15 * means))


def days_of(excess: float, n: int, first: int, last: int) -> Draw:
    """Return what draws days; so many are missing in the first and in the last week."""

    def draw(chance: np.random.Generator, size: tuple[int, float]) -> pd.DataFrame:
        counts = by_day(chance, means_of(chance, n, *size), excess)
        counts[:first] = counts[len(counts) - last :] = 0
        return submissions(counts, 1)

    return draw


def false_alarms(chance: np.random.Generator, runs: int) -> None:
    scenarios: dict[str, Draw] = {
        "Poisson": weeks_of(0.0),
        "excess 0.1": weeks_of(0.1),
        "excess 0.3": weeks_of(0.3),
        "+2 % a week": weeks_of(0.0, 0.02),
        "-2 % a week": weeks_of(0.0, -0.02),
        "+2 %, excess 0.1": weeks_of(0.1, 0.02),
        "+2 %, excess 0.3": weeks_of(0.3, 0.02),
        "wave of ±30 %": weeks_of(0.0, 0.0, 0.3),
        "wave, excess 0.1": weeks_of(0.1, 0.0, 0.3),
        "clusters": clusters,
        f"{_SHORT} weeks": weeks_of(0.0, n=_SHORT),
        f"{_SHORT} weeks, excess 0.3": weeks_of(0.3, n=_SHORT),
        f"{_SHORT} weeks, +2 %, 0.1": weeks_of(0.1, 0.02, n=_SHORT),
        "part weeks, short, 0.1": days_of(0.1, _SHORT, 3, 4),
        "part weeks, excess 0.1": days_of(0.1, _WEEKS, 3, 4),
    }
    print(f"False alarms, nominal {_NOMINAL}, {runs} runs of {_WEEKS} weeks (values x mean a week)")
    _print_sizes()
    for name, draw in scenarios.items():
        many = 4 * runs if f"{_SHORT} weeks" in name else runs
        _print_rates(name, [rate(chance, many, size, draw) for size in _SIZES])
    print("Only the last, cut week")
    for name, cut in (("1 day there", 6), ("3 days there", 4)):
        draw = days_of(0.1, _SHORT, 0, cut)
        _print_rates(name, [rate(chance, runs, size, draw, newest=True) for size in _SIZES])
    print("By day (16 weeks)")
    for name, excess in (("Poisson", 0.0), ("excess 0.1", 0.1)):
        draw = days_of(excess, 16, 0, 0)
        _print_rates(name, [rate(chance, runs // 4, size, draw, "D") for size in _SIZES])


def _print_sizes() -> None:
    print(f"{'':26}" + "".join(f"{f'{n} x {mean:g}':>10}" for n, mean in _SIZES))


def _print_rates(name: str, rates: list[float]) -> None:
    print(f"{name:26}" + "".join(f"{value:10.3f}" for value in rates), flush=True)


def rate(
    chance: np.random.Generator,
    runs: int,
    size: tuple[int, float],
    draw: Draw,
    every: str = "W",
    *,
    newest: bool = False,
) -> float:
    judged = rung = 0
    for _ in range(runs):
        found = alarms(draw(chance, size), "matter" if size[0] > 1 else None, every, _NOMINAL)
        if newest:
            found = found[found["start"] == found["start"].max()]
        judged += found["start"].nunique()
        rung += found.loc[found["alarm"], "start"].nunique()
    return rung / max(judged, 1)


def power(chance: np.random.Generator, runs: int) -> None:
    print("\nPower: one of 20 values rises in week 31; found in the 1st week / by the 4th")
    print(f"{'usual number a week':26}" + "".join(f"{m:>12g}" for m in (0.2, 1, 2, 5, 20)))
    begin = _START + pd.Timedelta(weeks=30)
    for factor in (2, 3, 5):
        for excess in (0.0, 0.1):
            cells = []
            for mean in (0.2, 1.0, 2.0, 5.0, 20.0):
                first = by_fourth = 0
                for _ in range(runs):
                    means = means_of(chance, 34, 20, 5.0)
                    means[:, 0] = mean
                    means[30:, 0] *= factor
                    found = alarms(submissions(drawn(chance, means, excess)), "matter")
                    rung = found[found["alarm"] & (found["value"] == "0")]["start"]
                    first += bool((rung == begin).any())
                    by_fourth += bool((rung >= begin).any())
                cells.append(f"{first / runs:.2f} / {by_fourth / runs:.2f}")
            print(f"{f'x {factor}, excess {excess}':26}" + "".join(f"{c:>13}" for c in cells))


def seasons(chance: np.random.Generator, runs: int) -> None:
    runs = max(runs // 8, 5)
    print(f"\nSeasons: three years, 10 values of mean 5 a week, {runs} runs")
    labels: dict[str, list[str]] = {"each year": [], "once": []}
    months = 0
    for _ in range(runs):
        means = means_of(chance, 156, 10, 5.0)
        means[:, :2] = 5.0
        for year, shift in enumerate(chance.integers(-2, 3, 3)):  # it moves, as Spring Festival
            begin = 20 + 52 * year + int(shift)
            means[begin : begin + 4, 0] *= 4
        means[124:128, 1] *= 4
        frame = submissions(drawn(chance, means, 0.05))
        found = alarms(frame, "matter")
        late = found[found["alarm"] & (found["start"] >= _START + pd.Timedelta(weeks=120))]
        labels["each year"] += late.loc[late["value"] == "0", "season"].tolist()[:1]
        labels["once"] += late.loc[late["value"] == "1", "season"].tolist()[:1]
        months += "0" in set(seasonal(frame, "matter")["value"])
    for name, said in labels.items():
        print(f"{name:26}{len(said)} alarms: {pd.Series(said).value_counts().to_dict()}")
    print(f"{'seasonal() finds it':26}{months} of {runs}")


def changes(chance: np.random.Generator, runs: int) -> None:
    """Nothing changes; 20 values; the intervals of all values, and that of the total."""
    start = pd.Timestamp("2024-01-01")
    print(f"\nChanges: 20 values, {runs} runs; held / of the total / any wrong verdict")
    print(f"{'':30}{'mean a week':>12}" + "".join(f"{f'excess {e}':>22}" for e in _EXCESS))
    for name, (days, period, against) in _COMPARED.items():
        for mean in (1.0, 5.0, 20.0):
            cells = [
                coverage(chance, runs, (start, days, mean, e), period, against) for e in _EXCESS
            ]
            print(f"{name:30}{mean:>12g}" + "".join(f"{cell:>22}" for cell in cells), flush=True)


_EXCESS = (0.0, 0.1, 0.3)
_COMPARED = {  # days of data, period, compared with
    "month, half a year known": (182, "2024-06", "previous"),
    "month, nothing else known": (152, ("2024-05-01", "2024-05-31"), "previous"),
    "month, cut after 10 days": (162, "2024-06", "previous"),
    "week, half a year known": (182, "2024-06-17/2024-06-23", "previous"),
    "three days": (182, "2024-06-21/2024-06-23", "previous"),
    "last year's month": (517, "2025-05", "last year"),
    "last year's week": (517, "2025-05-19/2025-05-25", "last year"),
    "week, two weeks known": (14, "2024-01-08/2024-01-14", "previous"),
}


def coverage(
    chance: np.random.Generator,
    runs: int,
    drawn_as: tuple[pd.Timestamp, int, float, float],
    period: Any,
    against: str,
) -> str:
    start, days, mean, excess = drawn_as
    held = held_total = wrong = n = 0
    for _ in range(runs):
        counts = by_day(chance, means_of(chance, days // 7 + 1, 20, mean), excess, start)[:days]
        frame = submissions(counts, 1)
        frame["time"] += start - _START
        found = change(frame, "matter", period, against)
        inside = found["low"].le(1) & (found["high"].ge(1) | found["high"].isna())
        held, n = held + int(inside[1:].sum()), n + len(found) - 1
        held_total += bool(inside.iloc[0])
        wrong += bool(found["verdict"].isin(["增加", "减少"]).any())
    return f"{held / n:.3f} / {held_total / runs:.3f} / {wrong / runs:.3f}"


def speed(chance: np.random.Generator, _: int) -> None:
    n = 200_000
    frame = submissions(np.ones((1, n), np.int64))
    days = chance.integers(0, 1095, n)
    frame = frame.assign(time=_START + pd.to_timedelta(days, unit="D"))
    frame["matter"] = chance.integers(0, 300, n)
    print(f"\nSeconds for {n:,} submissions of three years, 300 values")
    for every in ("W", "D", "M"):
        begin = time.perf_counter()
        alarms(frame, "matter", every)
        print(f"{every:26}{time.perf_counter() - begin:.1f}")


if __name__ == "__main__":
    main()
