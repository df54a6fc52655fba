"""Link submissions of one matter: which pairs are alike, and which groups hold together.

Large sets are grouped in passes: what is nearly the same text first, by a few features; then groups
stand for their members by mean vectors, until nothing merges any more. The cost of a pass grows
with the submissions, not with their pairs.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.issues.linkage import Pairs, average_linkage, products
from minyi.analysis.issues.vectors import Vectors, heaviest, row_numbers, unit

_SAME = 0.33  # likeness, by few features, of what is nearly the same text


@dataclass(frozen=True, slots=True)
class Linking:
    """What makes two submissions one matter; chosen by measuring (``benchmarks/hot.py``).

    Attributes
    ----------
    least : float
        The mean likeness of the members of a matter.
    weakest : float
        A pair that shares less of names or of objects is not looked at.
    missing : float
        The likeness taken for such pairs.
    near, days : float
        What is added for one moment in time, and the days in which it falls to a third.
    sender, place : float
        What is added for one sender, and added or taken for one place or two.
    nameless : float
        The mean likeness that a group without a name in common must reach.
    longest : int
        So many submissions that share a pair of characters are all compared.
    core : int
        From so many members on, a group takes in others that point in its direction.
    direction : float
        The likeness of the mean vectors for that.
    apart, apart_share : float
        A group is split where its two halves share so little of their objects, and less than this
        share of what the members of a half share among themselves.
    whole : int
        So many agree on more than a name: from here on, a group is left whole.
    """

    least: float = 0.2
    weakest: float = 0.05
    missing: float = 0.02
    near: float = 0.03
    days: float = 60.0
    sender: float = 0.03
    place: float = 0.03
    nameless: float = 0.5
    longest: int = 200
    core: int = 5
    direction: float = 0.33
    apart: float = 0.2
    apart_share: float = 0.6
    whole: int = 30


@dataclass(frozen=True, slots=True)
class Texts:
    """The different texts among the submissions; equal ones are grouped from the start."""

    titles: list[str]
    texts: list[str]
    text_of: NDArray[np.int64]  # of every submission
    sizes: NDArray[np.int64]
    days: NDArray[np.float64]  # NaN where unknown
    senders: NDArray[np.int64]  # -1 where unknown
    places: NDArray[np.int64]
    categories: list[str]  # codes, empty where unknown
    place_names: list[str]  # by the numbers in `places`

    def take(self, rows: NDArray[np.int64]) -> Texts:
        """Return some of the texts."""
        titles, texts = ([block[row] for row in rows] for block in (self.titles, self.texts))
        return Texts(
            titles,
            texts,
            np.arange(len(rows)),
            self.sizes[rows],
            self.days[rows],
            self.senders[rows],
            self.places[rows],
            [self.categories[row] for row in rows],
            self.place_names,
        )


_MANY = 8_000  # from here on, what is nearly the same text is put together first
_MOST_PASSES = 4


def group(found: Vectors, texts: Texts, linking: Linking) -> NDArray[np.int64]:
    """Return the group of every text by average linkage, numbered from 0."""
    labels = np.arange(len(texts.sizes))
    for _ in range(_MOST_PASSES):
        before = int(labels.max(initial=-1)) + 1
        if before <= _MANY:
            break
        labels = _pass(found, texts, labels, linking, least=_SAME, kept=24, longest=48)
        if labels.max() + 1 > 0.8 * before:
            break
    for _ in range(_MOST_PASSES):
        before = int(labels.max(initial=-1)) + 1
        longest = linking.longest if before <= _MANY else linking.longest // 2
        labels = _pass(found, texts, labels, linking, least=linking.least, longest=longest)
        # Only a feature of more than `longest` submissions leaves pairs for another pass.
        most = np.bincount(labels).max(initial=0)
        if labels.max(initial=-1) + 1 > 0.95 * before or most < longest // 2:
            break
    return labels


def absorb(found: Vectors, labels: NDArray[np.int64], linking: Linking) -> NDArray[np.int64]:
    """Join small groups to the large one in whose direction they point.

    Mean likenesses fall as a group grows, because each member tells only a part of the matter;
    the direction of the mean vector does not.
    """
    sizes = np.bincount(labels)
    large = np.flatnonzero(sizes >= linking.core)
    if not len(large):
        return labels
    blocks = (found.names, found.objects)
    names, objects = (unit(heaviest(_means(block, labels, sizes), 64)) for block in blocks)
    a, b = ((block[large] @ block.T).tocoo() for block in (names, objects))
    n = len(sizes)
    shared, left, right = np.intersect1d(
        a.row.astype(np.int64) * n + a.col, b.row.astype(np.int64) * n + b.col, return_indices=True
    )
    likeness = 2 * a.data[left] * b.data[right] / (a.data[left] + b.data[right])
    core, small = large[shared // n], shared % n
    good = (likeness >= linking.direction) & (sizes[small] < linking.core)
    core, small, likeness = core[good], small[good], likeness[good]
    order = np.lexsort((core, likeness))  # the best comes last and stays
    target = np.arange(n)
    target[small[order]] = core[order]
    return np.unique(target[labels], return_inverse=True)[1]


def _pass(
    found: Vectors,
    texts: Texts,
    labels: NDArray[np.int64],
    linking: Linking,
    *,
    least: float,
    longest: int,
    kept: int = 0,
) -> NDArray[np.int64]:
    """Merge groups once; the groups stand for their members by mean vectors."""
    n_groups = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels, minlength=n_groups)
    names, objects = found.names, found.objects
    if n_groups < len(labels):
        names, objects = (_means(block, labels, sizes) for block in (names, objects))
    if kept:
        names, objects = heaviest(names, kept), heaviest(objects, kept)
    order = _alike_beside(names, objects)
    pairs = _likenesses(names[order], objects[order], linking.weakest, longest)
    pairs = Pairs(order[pairs.left], order[pairs.right], pairs.likeness)
    pairs = _with_context(pairs, texts, labels, sizes, linking)
    merged = average_linkage(pairs, sizes, least=least, missing=linking.missing)
    return merged[labels]


def _means(
    block: sparse.csr_matrix, labels: NDArray[np.int64], sizes: NDArray[np.int64]
) -> sparse.csr_matrix:
    shares = (1 / sizes[labels]).astype(np.float32)
    rows = np.arange(len(labels))
    adder = sparse.csr_matrix((shares, (labels, rows)), shape=(len(sizes), len(labels)))
    return heaviest((adder @ block).tocsr(), 160)


def _alike_beside(names: sparse.csr_matrix, objects: sparse.csr_matrix) -> NDArray[np.int64]:
    """Return an order in which rows with the same weightiest name stand beside each other."""
    return np.lexsort((_weightiest(objects), _weightiest(names)))


def _weightiest(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    rows = row_numbers(matrix)
    most = np.zeros(matrix.shape[0], np.float32)
    np.maximum.at(most, rows, matrix.data)
    top = matrix.data >= most[rows]
    best = np.full(matrix.shape[0], -1, np.int64)
    best[rows[top]] = matrix.indices[top]
    return best


def _likenesses(
    names: sparse.csr_matrix, objects: sparse.csr_matrix, weakest: float, longest: int
) -> Pairs:
    """Return the harmonic mean of both products for pairs in which both are strong enough."""
    n = names.shape[0]
    with ThreadPoolExecutor(2) as pool:  # SciPy releases the interpreter while it multiplies
        by_name, by_object = pool.map(lambda m: products(m, weakest, longest), (names, objects))
    order = np.argsort(by_name.cells)
    cells = by_name.cells.take(order)
    if not len(cells):
        return Pairs(cells, cells, cells.astype(np.float64))
    place = np.minimum(np.searchsorted(cells, by_object.cells), len(cells) - 1)
    both = np.flatnonzero(cells.take(place) == by_object.cells)
    a = by_name.values.take(order.take(place.take(both)))
    b = by_object.values.take(both)
    found = by_object.cells.take(both)
    likeness = (2 * a * b / (a + b)).astype(np.float64)
    left, right = found // n, found % n
    return Pairs(
        np.concatenate([left, right]),
        np.concatenate([right, left]),
        np.concatenate([likeness, likeness]),
    )


def _with_context(
    pairs: Pairs,
    texts: Texts,
    labels: NDArray[np.int64],
    sizes: NDArray[np.int64],
    linking: Linking,
) -> Pairs:
    """Add what time, sender and place say of a pair."""
    n = len(sizes)
    is_known = ~np.isnan(texts.days)
    known = np.bincount(labels, weights=is_known, minlength=n)
    summed = np.bincount(labels, weights=np.where(is_known, texts.days, 0), minlength=n)
    with np.errstate(invalid="ignore"):
        days = summed / known
    left, right, likeness = pairs
    near = np.exp(-np.abs(days[left] - days[right]) / linking.days)
    likeness = likeness + linking.near * np.nan_to_num(near)
    context = (
        (texts.senders, linking.sender, 0.0),
        (texts.places, linking.place, linking.place),
    )
    for codes, weight, penalty in context:
        one = only(codes, labels, n)
        told = (one[left] >= 0) & (one[right] >= 0)
        same = one[left] == one[right]
        likeness = likeness + weight * (told & same) - penalty * (told & ~same)
    return Pairs(left, right, likeness)


def only(codes: NDArray[np.int64], labels: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return the code that all rows of a group have, -1 where they differ."""
    low, high = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    np.minimum.at(low, labels, codes)
    np.maximum.at(high, labels, codes)
    return np.where(low == high, high, -1)
