"""Average linkage on a sparse graph: groups that hold together as a whole, not by chains.

Merging all pairs of groups that are each other's nearest, round after round, gives the same tree
as merging one pair after the other, because averages never grow by a merge (Bruynooghe 1977;
Murtagh 1983); a round is a handful of array operations, whatever the number of groups.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_MOST_ROUNDS = 200
_MOST_PRODUCTS = 40_000_000  # multiplications at a time
_PARTS = 8  # at least: half of the multiplications of the later ones are spared

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Pairs(NamedTuple):
    """Likenesses of pairs; each pair stands there both ways."""

    left: Integers
    right: Integers
    likeness: Floats


def average_linkage(
    pairs: Pairs, sizes: Integers, *, least: float, missing: float = 0.0
) -> Integers:
    """Merge groups while the mean likeness between their members is at least `least`.

    Parameters
    ----------
    pairs : Pairs
        The likenesses that are known, of rows or of groups of rows.
    sizes : ndarray of int, shape (n,)
        How many rows each of the n stands for.
    least : float
        The smallest mean likeness, 0 to 1.
    missing : float
        The likeness taken for pairs that are not given.

    Returns
    -------
    ndarray of int, shape (n,)
        The group of each, numbered from 0.
    """
    labels = np.arange(len(sizes))
    sizes = sizes.astype(np.int64)
    left, right = pairs.left.astype(np.int64), pairs.right.astype(np.int64)
    weights = (sizes[left] * sizes[right]).astype(np.float64)
    sums = pairs.likeness * weights
    for _ in range(_MOST_ROUNDS):
        whole = (sizes[left] * sizes[right]).astype(np.float64)
        means = (sums + (whole - weights) * missing) / whole
        target = _mutual(left, right, means, len(sizes), least)
        moved = target != np.arange(len(sizes))
        if not moved.any():
            break
        number = np.cumsum(~moved) - 1
        new = number[target]  # a target never moves itself
        labels = new[labels]
        sizes = np.bincount(new, weights=sizes).astype(np.int64)
        left, right, sums, weights = _merged(new, left, right, sums, weights, len(sizes))
    return labels


def _mutual(left: Integers, right: Integers, means: Floats, n: int, least: float) -> Integers:
    """Return for each group the lower one of a pair that are nearest to each other, or itself."""
    good = means >= least
    left, right, means = left[good], right[good], means[good]
    best = np.zeros(n)
    np.maximum.at(best, left, means)
    top = means >= best[left]
    nearest = np.full(n, n)
    np.minimum.at(nearest, left[top], right[top])  # of equals the lowest: no circles
    own = np.arange(n)
    linked = np.flatnonzero(nearest < n)
    mutual = linked[nearest[nearest[linked]] == linked]
    target = own.copy()
    target[mutual] = np.minimum(mutual, nearest[mutual])
    return target


def _merged(
    new: Integers, left: Integers, right: Integers, sums: Floats, weights: Floats, n: int
) -> tuple[Integers, Integers, Floats, Floats]:
    left, right = new[left], new[right]
    apart = left != right
    cells = left[apart] * n + right[apart]
    cells, place = np.unique(cells, return_inverse=True)
    summed = np.bincount(place, weights=sums[apart], minlength=len(cells)).astype(np.float64)
    weighed = np.bincount(place, weights=weights[apart], minlength=len(cells)).astype(np.float64)
    return cells // n, cells % n, summed, weighed


class Products(NamedTuple):
    """Scalar products of rows: each pair once, as ``lower * n + higher``."""

    cells: Integers
    values: NDArray[np.float32]


def products(matrix: sparse.csr_matrix, least: float, longest: int) -> Products:
    """Return the scalar products of all rows that are at least `least`, without the diagonal.

    A feature of more than `longest` rows is cut into as many features: rows beside each other,
    which the caller sorts by likeness, still meet, and the cost stays linear.
    """
    matrix = split_columns(matrix, longest)
    n = matrix.shape[0]
    cells, values = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for start, end in pairwise(_bounds(matrix)):
        part = matrix[start:end] @ matrix[start:].T  # what lies before was compared before
        strong = np.flatnonzero(part.data >= least)
        columns = part.indices.take(strong).astype(np.int64) + start
        rows = np.searchsorted(part.indptr, strong, side="right") - 1 + start
        upper = columns > rows
        cells.append(rows[upper].astype(np.int64) * n + columns[upper])
        values.append(part.data.take(strong[upper]))
    return Products(np.concatenate(cells), np.concatenate(values))


def _bounds(matrix: sparse.csr_matrix) -> list[int]:
    """Cut the rows so that the products of a part fit into memory."""
    counts = np.bincount(matrix.indices, minlength=1).astype(np.int64)
    cost = np.add.reduceat(np.append(counts.take(matrix.indices), 0), matrix.indptr[:-1])
    cost[np.diff(matrix.indptr) == 0] = 0
    cost = np.cumsum(cost)
    part = cost // max(min(_MOST_PRODUCTS, int(cost[-1:].sum()) // _PARTS), 1)
    cuts = np.flatnonzero(np.diff(part)) + 1
    return [0, *cuts.tolist(), matrix.shape[0]]


def split_columns(matrix: sparse.csr_matrix, longest: int) -> sparse.csr_matrix:
    """Cut every column into columns of at most `longest` values, in the order of the rows."""
    turned = matrix.tocsc()
    counts = np.diff(turned.indptr)
    if counts.max(initial=0) <= longest:
        return matrix
    place = np.arange(turned.nnz) - np.repeat(turned.indptr[:-1], counts)
    pieces = -(-counts // longest)
    first = np.concatenate([[0], np.cumsum(pieces)])
    columns = np.repeat(first[:-1], counts) + place // longest
    shape = (matrix.shape[0], int(first[-1]))
    return sparse.csr_matrix((turned.data, (turned.indices, columns)), shape=shape)


def members(matter: NDArray[np.int64]) -> list[list[int]]:
    """Return the positions of each matter's members, in order."""
    order = np.argsort(matter, kind="stable")
    order = order[np.searchsorted(matter[order], 0) :]
    bounds = np.flatnonzero(np.diff(matter[order])) + 1
    return [part.tolist() for part in np.split(order, bounds)] if len(order) else []
