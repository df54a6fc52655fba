"""How strongly two things go together in counts: G², log ratio with interval, exact p, q, NPMI.

All functions take arrays of equal shape (or what broadcasts) and count units, never occurrences:
a unit is there or not, so that one who repeats himself counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[Any] | Sequence[int] | int

_Z95 = 1.959963984540054
_LITTLE = 1e-16  # a term of a tail that changes its sum no more


def g2(a: Counts, n1: Counts, b: Counts, n2: Counts) -> Floats:
    """Return the log-likelihood ratio G² of a 2 × 2 table, all four cells.

    Parameters
    ----------
    a, b : array of int
        Units with the word, here and elsewhere.
    n1, n2 : array of int
        All units, here and elsewhere.

    Notes
    -----
    Dunning (1993), *Accurate methods for the statistics of surprise and coincidence*. Rayson &
    Garside (2000) leave out the cells without the word, which is right for counts of tokens;
    where a unit has the word or not, those cells weigh.

    Examples
    --------
    >>> g2([10, 5], 20, [10, 5], 20).round(3)
    array([0., 0.])
    >>> float(g2(15, 20, 5, 20).round(2))
    10.46
    """
    from scipy.special import xlogy

    a, n1, b, n2 = _floats(a, n1, b, n2)
    total = n1 + n2
    with_word, without = a + b, total - a - b
    cells = ((a, n1, with_word), (n1 - a, n1, without), (b, n2, with_word), (n2 - b, n2, without))
    parts = [xlogy(o, o * total / np.maximum(n * m, 1)) for o, n, m in cells]
    return np.asarray(np.maximum(2 * sum(parts), 0), np.float64)


def log_ratio(a: Counts, n1: Counts, b: Counts, n2: Counts) -> tuple[Floats, Floats, Floats]:
    """Return the binary logarithm of how many times as common the word is here, with 95 % limits.

    Notes
    -----
    Hardie (2014), *Log Ratio*; half a unit is added to every count, so that a word that is
    missing on one side has a finite ratio, and the interval is that of Walter (1975) for the
    logarithm of a ratio of proportions.

    Examples
    --------
    >>> [round(float(x), 2) for x in log_ratio(40, 100, 10, 100)]
    [1.95, 1.05, 2.84]
    """
    a, n1, b, n2 = (x + 0.5 for x in _floats(a, n1, b, n2))
    ratio = np.log2((a / n1) / (b / n2))
    error = np.sqrt(np.maximum(1 / a - 1 / n1 + 1 / b - 1 / n2, 0)) / np.log(2)
    return ratio, ratio - _Z95 * error, ratio + _Z95 * error


def exact_p(a: Counts, n1: Counts, b: Counts, n2: Counts) -> Floats:
    """Return the p-value of Fisher's exact test: twice the tail on the side of what was seen.

    The distribution of G² is not that of χ² where little is expected: 5 of 170 here and 0 of 830
    elsewhere have p = 0.00003 by χ² and 0.0003 by counting.

    Examples
    --------
    >>> [round(float(p), 5) for p in exact_p([5, 3], [170, 10], [0, 3], [830, 10])]
    [0.00027, 1.0]
    """
    a, n1, b, n2 = _floats(a, n1, b, n2)
    is_more = a * n2 >= b * n1
    more, n_more = np.where(is_more, a, b), np.where(is_more, n1, n2)
    less, n_less = np.where(is_more, b, a), np.where(is_more, n2, n1)
    return np.minimum(2 * _tail(more, n_more, less, n_less), 1.0)


def _tail(a: Floats, n1: Floats, b: Floats, n2: Floats) -> Floats:
    """Return the probability of `a` or more of the a + b units falling among n1 of n1 + n2."""
    from scipy.special import gammaln

    def ways(n: Floats, k: Floats) -> Floats:
        return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), np.float64)

    known = a + b
    term = np.exp(ways(n1, a) + ways(n2, b) - ways(n1 + n2, known))
    total, here, there = term.copy(), a.copy(), b.copy()
    # Above the mean every further term is smaller than the one before.
    while (term > total * _LITTLE).any():
        term = term * (n1 - here) * there / ((here + 1) * (n2 - there + 1))
        here, there = here + 1, np.maximum(there - 1, 0)
        total += term
    return total


def q_values(p: Floats) -> Floats:
    """Return for each p the smallest false discovery rate at which it would be kept.

    Notes
    -----
    Benjamini & Hochberg (1995), *Controlling the false discovery rate*. What is handed in is the
    family: every test that was made, not only those to be shown.

    Examples
    --------
    >>> q_values(np.array([0.01, 0.04, 0.03, 0.5])).round(3)
    array([0.04 , 0.053, 0.053, 0.5  ])
    """
    p = np.asarray(p, np.float64)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum.accumulate(scaled[::-1])[::-1] if len(p) else scaled
    return np.minimum(q, 1.0)


def npmi(both: Counts, a: Counts, b: Counts, n: Counts) -> Floats:
    """Return the normalised pointwise mutual information: 1 always together, 0 by chance.

    Notes
    -----
    ln(p(ab) / (p(a) p(b))) / −ln p(ab); Bouma (2009), *Normalized (pointwise) mutual information
    in collocation extraction*. −1 where the two never meet.

    Examples
    --------
    >>> npmi([10, 1, 0], 10, [10, 10, 10], 100).round(2)
    array([ 1.,  0., -1.])
    """
    both, a, b, n = _floats(both, a, b, n)
    met = np.maximum(both, 1)
    surprise = -np.log(met / n)
    value = np.log(met * n / np.maximum(a * b, 1)) / np.where(surprise > 0, surprise, 1)
    return np.where(both > 0, np.where(surprise > 0, value, 1.0), -1.0)


def _floats(*counts: Counts) -> tuple[Floats, ...]:
    arrays = np.broadcast_arrays(*(np.asarray(values, np.float64) for values in counts))
    return tuple(np.array(values) for values in arrays)
