"""Intervals of shares: how sure a figure is that rests on few rows."""

from __future__ import annotations

from math import sqrt

_Z = 1.959964  # of 95 %


def wilson(hits: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), 0–1.

    Examples
    --------
    >>> [round(end, 2) for end in wilson(9, 10)]
    [0.6, 0.98]
    """
    if not n:
        return 0.0, 1.0
    share, z2 = hits / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)
