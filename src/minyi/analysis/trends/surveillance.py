"""Which of many series of counts has just risen above what its own past lets expect.

The statistics of `alarms`, on arrays. The method is the one of disease surveillance: a count is
compared with the predictive distribution that the periods before it give, quasi-Poisson with
overdispersion and a trend, its tail taken from a negative binomial (Farrington et al. 1996, JRSS A
159:547; Noufaily et al. 2013, Statistics in Medicine 32:1206), past alarms damped as there. Like
the prospective scan of Kulldorff (2001, JRSS A 164:61), several recent periods are also judged
together, so that slow rises are seen. Three things differ, as archives of submissions are short and
have many series of small counts:

- Without overdispersion and trend, the tail is the exact conditional test of two Poisson rates
  (Przyborowski & Wilenski 1940): P(Bin(recent + before, share of the exposure) >= recent).
- Overdispersion is shrunk towards that of all series, and is never less than theirs.
- The trend is that of the total, shrunk towards none. The level that all series share may leave
  it by some 20 %; how far it has risen, the other series tell. A rise is more than theirs.
- All series of a period share one false-alarm rate, by Bonferroni's rule without the series that
  are too small for any alarm (Tarone 1990, Biometrics 46:515).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_POOLED = 10.0  # pseudo-periods that the common overdispersion is worth
_NEWTON = 8
_OUTLYING = 0.005  # one-sided; Noufaily et al. weigh down residuals above 2.58
# Standard errors on top of the overdispersion: too little of it means false alarms. A series alone
# has no others to lean on.
_DOUBT, _DOUBT_ALONE = 1.0, 3.0
_WANDER = 0.2  # standard deviation of the common level around its trend, logarithmic


@dataclass(frozen=True, slots=True)
class Plan:
    """How a length of periods is watched.

    Attributes
    ----------
    shortest, longest : int
        Periods before the recent ones that are needed, and at most used.
    widths : tuple of int
        Numbers of recent periods that are judged together; the first is 1.
    drift : float
        Prior standard deviation of the logarithmic growth of the total, a period.
    """

    shortest: int
    longest: int
    widths: tuple[int, ...]
    drift: float


@dataclass(frozen=True, slots=True)
class Watched:
    """What was found; arrays of shape (n_periods, n_series), NaN where too little lies before.

    Attributes
    ----------
    expected, high : ndarray of float
        The count expected, and the highest that gives no alarm by itself.
    p : ndarray of float
        The smallest of the widths' tail probabilities, not corrected.
    together : ndarray of float
        The count expected in all the periods that are judged together.
    width : ndarray of int
        Recent periods that are judged together there.
    alarm : ndarray of bool
    """

    expected: Floats
    high: Floats
    p: Floats
    together: Floats
    width: Counts
    alarm: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Tail:
    """Recent counts of all series against a negative binomial."""

    recent: Floats
    expected: Floats
    size: Floats
    ratio: Floats  # of variance and mean, above 1
    smallest: Floats  # p that the totals allow

    @property
    def p(self) -> Floats:
        above = special.betainc(np.maximum(self.recent, 1), self.size, 1 - 1 / self.ratio)
        return np.where(self.recent > 0, above, 1.0)

    def high(self, bar: float) -> Floats:
        found: Floats = stats.nbinom.isf(bar, self.size, 1 / self.ratio)
        return found


def watch(
    counts: Counts, exposure: Floats, plan: Plan, false_alarms: float, fewest: int
) -> Watched:
    """Judge every period by those before it.

    Parameters
    ----------
    counts : ndarray of int, shape (n_periods, n_series)
        The first series is the total, which gives the trend.
    exposure : ndarray of float, shape (n_periods,)
        What a steady series would bring in each period, in any unit; above 0.
    plan : Plan
    false_alarms : float
        Probability that a period in which nothing rises gives any alarm.
    fewest : int
        No alarm on fewer submissions.
    """
    shape = counts.shape
    expected, high, p, together = (np.full(shape, np.nan) for _ in range(4))
    width = np.ones(shape, np.int64)
    alarm = np.zeros(shape, bool)
    damped, calm = counts.astype(float), counts.astype(float)
    for t in range(plan.shortest, shape[0]):
        widths = [w for w in plan.widths if t - w + 1 >= plan.shortest]
        tails = [_tail(counts, damped, calm, exposure, t, w, plan) for w in widths]
        each = np.array([tail.p for tail in tails])
        bar = corrected(np.concatenate([tail.smallest for tail in tails]), false_alarms)
        enough = np.array([tail.recent for tail in tails]) >= fewest
        best = each.argmin(axis=0)
        p[t], width[t] = each.min(axis=0), np.array(widths)[best]
        expected[t] = tails[0].expected
        together[t] = np.choose(best, [tail.expected for tail in tails])
        alarm[t] = ((each <= bar) & enough).any(axis=0) & (counts[t] > expected[t])
        high[t] = np.maximum(tails[0].high(bar), fewest - 1)
        # Else a rise would hide the next one; as it stays below the bar only in part, a level
        # that lasts becomes the usual one after some periods.
        damped[t] = np.where(alarm[t], np.minimum(damped[t], high[t]), damped[t])
        # A rise is no overdispersion, even one that was too small for an alarm.
        calm[t] = np.where(alarm[t] | (tails[0].p <= _OUTLYING), expected[t], calm[t])
    return Watched(expected, high, p, together, width, alarm)


def corrected(smallest: Floats, rate: float) -> float:
    """Return the bar for single p-values that keeps the rate over all tests (Tarone 1990).

    Parameters
    ----------
    smallest : ndarray of float
        The smallest p-value that each test can give, its total being what it is.
    rate : float

    Examples
    --------
    >>> corrected(np.array([0.001, 0.001, 0.4, 0.5]), 0.05)  # two tests cannot alarm: divide by 2
    0.025
    """
    ordered = np.sort(smallest)
    tests = np.arange(1, len(ordered) + 1)
    possible = np.searchsorted(ordered, rate / tests, side="right")
    enough = np.flatnonzero(possible <= tests)
    return float(rate / tests[enough[0]])


def _tail(
    counts: Counts, damped: Floats, calm: Floats, exposure: Floats, t: int, width: int, plan: Plan
) -> _Tail:
    """Compare the recent periods with those before, brought forward by the trend."""
    end = t - width + 1
    before = slice(max(end - plan.longest, 0), end)
    steps = np.arange(before.start, end, dtype=np.float64) - (t - (width - 1) / 2)
    growth, uncertain = trend(damped[before, 0], exposure[before], steps, plan.drift)
    shares = exposure[before] * np.exp(growth * steps)
    distance = float((steps * shares).sum() / shares.sum())
    share = float(exposure[end : t + 1].sum() / shares.sum())
    usual = np.outer(shares / shares.sum(), calm[before].sum(axis=0))
    # In parts as long as what is judged, for numbers may be up by chance for several days on end.
    parts = np.arange(len(shares) % width, len(shares)).reshape(-1, width)
    came, fitted = (n[parts].sum(axis=1) for n in (calm[before], usual))
    over = dispersion(came, fitted, len(parts) - 1) - 1
    spread = 1 + over * len(parts) * share  # overdispersion grows with the mean
    recent, total = counts[end : t + 1].sum(axis=0).astype(float), damped[before].sum(axis=0)
    return _compared(recent, total, share, spread, distance**2 * uncertain + _WANDER**2)


def _compared(recent: Floats, total: Floats, share: float, spread: Floats, level: float) -> _Tail:
    """Compare recent counts with earlier totals.

    Parameters
    ----------
    recent, total, spread : ndarray of float, shape (n_series,)
        Counts, earlier counts, variance over mean.
    share : float
        Exposure of the recent periods by that of the earlier ones.
    level : float
        Variance of the logarithmic level that all series share.
    """
    usual = total * share
    # The level's gamma posterior, given what the other series bring; a fall of the others makes no
    # rise of what stays as it was.
    others, others_usual = ((n[0] - n) / spread[0] for n in (recent, usual))
    known = 1 / level + np.maximum(others_usual, 0)
    lift = np.maximum((1 / level + others) / known, 1)
    mean = (usual + share) * lift  # without spread and level: the exact conditional test
    ratio = spread * (1 + share * lift) + mean * lift / known
    least = (share / (1 + share)) ** ((recent + total) / spread)
    return _Tail(recent, usual * lift, mean / (ratio - 1), ratio, least)


def trend(total: Floats, exposure: Floats, steps: Floats, drift: float) -> tuple[float, float]:
    """Return the growth of the total a period (logarithmic) and its variance.

    Posterior mode and variance of a Poisson regression, the variance times the overdispersion;
    the prior is normal around 0.

    Parameters
    ----------
    total, exposure, steps : ndarray of float, shape (n_periods,)
    drift : float
        Standard deviation of the prior.
    """
    growth, information, spread = 0.0, 0.0, 1.0
    for _ in range(_NEWTON):
        shares = exposure * np.exp(np.clip(growth * steps, -20, 20))
        mean = total.sum() * shares / shares.sum()
        centred = steps - (steps * shares).sum() / shares.sum()
        spread = max(1.0, _chi_square(total, mean) / max(len(total) - 2, 1))
        information = float((mean * centred**2).sum()) / spread + 1 / drift**2
        score = float(((total - mean) * centred).sum()) / spread - growth / drift**2
        growth += score / information
    return growth, 1 / information


def dispersion(counts: Floats | Counts, usual: Floats, free: int) -> Floats:
    """Return variance over mean of each series, at least 1, rather too high than too low.

    Each is drawn towards what all series have in common, and is no less than that; then comes what
    the estimate may err by.

    Parameters
    ----------
    counts, usual : ndarray, shape (n_periods, n_series)
        What came and what was fitted. The first series is the total, the sum of the others.
    free : int
        Degrees of freedom: periods less fitted parameters.
    """
    alone = counts.shape[1] == 1
    free, usual = max(free, 1), np.maximum(usual, 1e-9)
    sums, means = counts.sum(axis=0), np.maximum(counts.mean(axis=0), 1e-9)
    own = ((counts - usual) ** 2 / usual).sum(axis=0) / free
    pooled = 1 + _excess(own[1:], means[1:]) * means
    pooled[0] = own[0] if alone else (pooled * means)[1:].sum() / means[0]  # if independent
    # Degrees of freedom that the own value is worth: few where counts are small.
    worth = 2 / (2 / free + 1 / np.maximum(sums, 1e-9))
    known = worth + (0.0 if alone else _POOLED)
    shrunk = np.maximum((worth * own + (known - worth) * pooled) / known, np.maximum(pooled, 1))
    doubt = _DOUBT_ALONE if alone else _DOUBT
    found: Floats = 1 + (shrunk - 1) * (1 + doubt * np.sqrt(2 / known))
    return found


def _excess(own: Floats, means: Floats) -> float:
    """Return by how much a unit of the mean raises variance over mean, above 1, in all series."""
    excess = 0.1
    for _ in range(3):
        weights = means / (1 + excess * means) ** 2
        excess = max(0.0, float((weights * (own - 1)).sum() / max((weights * means).sum(), 1e-9)))
    return excess


def _chi_square(total: Floats, mean: Floats) -> float:
    return float(((total - mean) ** 2 / np.maximum(mean, 1e-9)).sum())
