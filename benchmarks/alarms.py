"""How often do alarms ring for nothing, and how often when a matter doubles?

Simulated submissions, through the public functions. False alarms: the share of periods, of those
that are judged, with any alarm although nothing rises; the nominal rate is the upper bound that
users ask for. Overdispersed numbers are negative binomial, variance = mean + excess * mean².
Power: one value rises for good; the share of runs with an alarm for it in the first week, and in
the first four. Seasons: a value rises four weeks a year, another only once. Changes: the share of
intervals (95 %) that hold the true ratio, and of comparisons with any wrong verdict.

    python benchmarks/alarms.py [--runs 100]
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

import common

common.one_core()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from minyi.analysis.trends import alarms, change, seasonal  # noqa: E402

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SEED = 20260506
_START = pd.Timestamp("2023-01-02")  # a Monday
_NOMINAL = 0.05
_WEEKEND = np.array([1.4, 1.2, 1.2, 1.2, 1.2, 0.5, 0.3])
_SIZES = ((1, 20.0), (8, 20.0), (20, 5.0), (80, 1.0))  # values, mean submissions a period


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    runs = parser.parse_args().runs
    chance = np.random.default_rng(_SEED)
    false_alarms(chance, runs)
    power(chance, runs)
    seasons(chance, max(runs // 4, 5))
    changes(chance, runs)
    speed(chance)


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


def false_alarms(chance: np.random.Generator, runs: int) -> None:
    weeks = np.arange(52.0)[:, None]
    scenarios = {
        "Poisson": (0.0, np.ones((52, 1))),
        "excess 0.1": (0.1, np.ones((52, 1))),
        "excess 0.3": (0.3, np.ones((52, 1))),
        "trend +2 % a week": (0.0, np.exp(0.02 * (weeks - 26))),
        "trend -2 % a week": (0.0, np.exp(-0.02 * (weeks - 26))),
        "trend +2 %, excess 0.1": (0.1, np.exp(0.02 * (weeks - 26))),
        "year's wave ±30 %, 0.1": (0.1, 1 + 0.3 * np.sin(weeks * 2 * np.pi / 52)),
    }
    sizes = "".join(f"{f'{n} x {mean:g}':>10}" for n, mean in _SIZES)
    print(f"False alarms, nominal {_NOMINAL}, {runs} runs of 52 weeks (values x mean a week)")
    print(f"{'':26}{sizes}")
    for name, (excess, shape) in scenarios.items():
        found = [rate(chance, runs, size, excess, shape, "W") for size in _SIZES]
        print(f"{name:26}" + "".join(f"{value:10.3f}" for value in found), flush=True)
    week = np.tile(_WEEKEND, 16)[:, None]
    for name, excess in (("days, weekends low", 0.0), ("days, the same, 0.1", 0.1)):
        found = [rate(chance, runs // 2, (n, m / 5), excess, week, "D") for n, m in _SIZES]
        print(f"{name:26}" + "".join(f"{value:10.3f}" for value in found), flush=True)


def rate(
    chance: np.random.Generator,
    runs: int,
    size: tuple[int, float],
    excess: float,
    shape: NDArray[np.float64],
    every: str,
) -> float:
    judged = rung = 0
    for _ in range(runs):
        counts = drawn(chance, means_of(chance, len(shape), *size) * shape, excess)
        frame = submissions(counts, 7 if every == "W" else 1)
        found = alarms(frame, "matter" if size[0] > 1 else None, every, _NOMINAL)
        judged += found["start"].nunique()
        rung += found.loc[found["alarm"], "start"].nunique()
    return rung / judged


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
    print(f"\nChanges: 8 weeks of 20 values, two periods of 28 days, {runs} runs")
    for mean in (1.0, 5.0, 20.0):
        for excess in (0.0, 0.1, 0.3):
            held = wrong = n = 0
            for _ in range(runs):
                counts = drawn(chance, means_of(chance, 8, 20, mean), excess)
                last = tuple(_START + pd.Timedelta(days=day) for day in (28, 55))
                found = change(submissions(counts), "matter", last).iloc[1:]
                inside = found["low"].le(1) & (found["high"].ge(1) | found["high"].isna())
                held, n = held + int(inside.sum()), n + len(found)
                wrong += bool(found["verdict"].isin(["增加", "减少"]).any())
            print(
                f"mean {mean:4g} excess {excess:<12}held {held / n:.3f}"
                f"  any wrong {wrong / runs:.3f}",
                flush=True,
            )


def speed(chance: np.random.Generator) -> None:
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
