"""Which texts may be alike: MinHash signatures and banding, in vectorised NumPy.

The share of equal values in the MinHash signatures of two texts estimates the Jaccard similarity
of their shingles (Broder 1997, "On the resemblance and containment of documents"); cut into bands,
signatures meet in a bucket when one whole band is equal (Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", 3.4). What meets is a candidate only: `Shingles.compare` counts exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.repeats.shingles import Hashes, Integers, Shingles, distinct, mix

N_HASHES = 128
# The chance that banding overlooks a pair as similar as asked for.
_MISS = 0.002
_CACHED = 1 << 16  # shingles that are hashed at once: they stay in the processor's cache
_PRUNED_EVERY = 4  # bands after which double candidates are dropped


def sign(shingles: Shingles) -> Hashes:
    """Return the MinHash signatures.

    Parameters
    ----------
    shingles : Shingles
        Every text has one shingle at least.

    Returns
    -------
    ndarray of uint32, shape (n_texts, N_HASHES)
        The share of equal values of two rows estimates their Jaccard similarity J with standard
        error sqrt(J (1 - J) / N_HASHES), at most 0.044.
    """
    signatures = np.empty((len(shingles), N_HASHES), dtype=np.uint32)
    xors, factors = _constants()
    for start, end in _stretches(shingles.bounds):
        bounds = shingles.bounds[start : end + 1]
        hashes = shingles.hashes[bounds[0] : bounds[-1]]
        starts = bounds[:-1] - bounds[0]
        for number in range(N_HASHES):
            shuffled = (hashes ^ xors[number]) * factors[number]
            signatures[start:end, number] = np.minimum.reduceat(shuffled, starts)
    return signatures


def _constants() -> tuple[Hashes, Hashes]:
    steps = np.arange(1, 2 * N_HASHES + 1, dtype=np.uint32) * np.uint32(0x9E3779B9)
    mixed = mix(steps)
    return mixed[:N_HASHES], mixed[N_HASHES:] | np.uint32(1)


def _stretches(bounds: Integers) -> Iterator[tuple[int, int]]:
    """Cut the texts into stretches of about `_CACHED` shingles."""
    marks = np.searchsorted(bounds, np.arange(0, bounds[-1] + _CACHED, _CACHED))
    ends = np.unique(np.minimum(marks, len(bounds) - 1))
    yield from pairwise(ends.tolist())


def rows_per_band(jaccard: float) -> int:
    """Return the most signature values a band can have without overlooking similar pairs.

    A pair of Jaccard similarity J shares a band of r values out of b = `N_HASHES` / r bands with
    probability 1 - (1 - J^r)^b.

    Examples
    --------
    >>> rows_per_band(0.667), rows_per_band(0.9)
    (4, 8)
    """
    fitting = [
        rows for rows in (1, 2, 4, 8, 16) if (1 - jaccard**rows) ** (N_HASHES // rows) <= _MISS
    ]
    return max(fitting, default=1)


def candidates(signatures: Hashes, tells: NDArray[np.uint64], jaccard: float) -> Integers:
    """Pair texts that share a band, a number of pairs linear in the number of texts.

    In a bucket every text is paired with the first one, with the first one of its own `tells` and
    with its neighbour, never all with all: a letter sent 100,000 times stays linear.

    Parameters
    ----------
    signatures : ndarray of uint32, shape (n_texts, N_HASHES)
        In the order of preference: the first text of a bucket is the one that others are paired
        with.
    tells : ndarray of uint64, shape (n_texts,)
    jaccard : float
        The similarity from which pairs must not be overlooked.

    Returns
    -------
    ndarray of int64, shape (n_pairs, 2)
        Smaller number first, ascending, each pair once.
    """
    n = len(signatures)
    width = rows_per_band(jaccard)
    found = np.empty(0, dtype=np.int64)
    waiting: list[Integers] = []
    for number, start in enumerate(range(0, N_HASHES, width)):
        waiting += _meetings(_band_keys(signatures[:, start : start + width]), tells)
        if number % _PRUNED_EVERY == _PRUNED_EVERY - 1 or start + width >= N_HASHES:
            found, waiting = distinct(np.concatenate([found, *waiting])), []
    return np.stack([found // max(n, 1), found % max(n, 1)], axis=1)


def _band_keys(band: Hashes) -> NDArray[np.uint64]:
    keys = np.zeros(len(band), dtype=np.uint64)
    for column in band.T:
        keys = (keys ^ column) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _meetings(keys: NDArray[np.uint64], tells: NDArray[np.uint64]) -> list[Integers]:
    n = len(keys)
    # Only buckets of several; the sorts are stable, so numbers ascend within a run.
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    equal = ordered[1:] == ordered[:-1]
    if not equal.any():
        return []
    several = np.sort(order[np.r_[False, equal] | np.r_[equal, False]])
    order = np.lexsort((tells[several], keys[several]))
    members = several[order]
    bucket, tell = keys[members], tells[members]
    opens = np.r_[True, bucket[1:] != bucket[:-1]]
    opens_run = opens | np.r_[True, tell[1:] != tell[:-1]]
    heads = np.minimum.reduceat(members, np.flatnonzero(opens))[np.cumsum(opens) - 1]
    run_heads = members[np.flatnonzero(opens_run)][np.cumsum(opens_run) - 1]
    neighbours = np.where(opens, members, np.r_[members[:1], members[:-1]])
    return [_keyed(members, others, n) for others in (heads, run_heads, neighbours)]


def _keyed(left: Integers, right: Integers, n: int) -> Integers:
    differ = left != right
    left, right = left[differ], right[differ]
    return np.minimum(left, right) * n + np.maximum(left, right)
