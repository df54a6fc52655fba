"""Part groups that share a name but not an object: two complaints about one road."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.issues.linkage import members
from minyi.analysis.issues.linking import Linking
from minyi.analysis.issues.vectors import Vectors, row_numbers


def part(found: Vectors, labels: NDArray[np.int64], linking: Linking) -> NDArray[np.int64]:
    """Split groups whose halves speak of different things: two complaints about one road."""
    groups = [rows for rows in members(labels) if 2 < len(rows) < linking.whole]
    labels = labels.copy()
    todo = [
        (np.array(rows), alike)
        for rows, alike in zip(groups, _likenesses_within(found.objects, groups), strict=True)
    ]
    while todo:
        rows, alike = todo.pop()
        if len(rows) < 3 or alike.min() >= linking.apart:
            continue
        other = _other_half(alike)
        if not _is_one(alike, other, linking):
            labels[rows[other]] = labels.max() + 1
            todo += [(rows[half], alike[np.ix_(half, half)]) for half in (other, ~other)]
    return labels


def _likenesses_within(
    block: sparse.csr_matrix, groups: list[list[int]]
) -> list[NDArray[np.float64]]:
    """Return the scalar products within each group, all from one multiplication."""
    sizes = np.array([len(rows) for rows in groups], np.int64)
    chosen = block[[row for rows in groups for row in rows]]
    group_of = np.repeat(np.arange(len(groups)), sizes)
    own = group_of[row_numbers(chosen)] * block.shape[1] + chosen.indices
    names, columns = np.unique(own, return_inverse=True)
    shape = (len(group_of), len(names))
    apart = sparse.csr_matrix((chosen.data, columns, chosen.indptr), shape=shape)
    pairs = (apart @ apart.T).tocoo()
    first = np.cumsum(sizes) - sizes
    ends = np.cumsum(sizes**2)
    group = group_of[pairs.row]
    place = (pairs.row - first[group]) * sizes[group] + pairs.col - first[group]
    cells = np.zeros(int(sizes @ sizes))
    cells[(ends - sizes**2)[group] + place] = pairs.data
    parts = np.split(cells, ends[:-1]) if len(groups) else []
    return [part.reshape(n, n) for part, n in zip(parts, sizes, strict=True)]


def _other_half(alike: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell one half from the other where average linkage would merge them last."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    tree = linkage(squareform(1 - alike, checks=False), "average")
    sides = [[row] for row in range(len(alike))]
    for left, right, _, _ in tree[:-1]:
        sides.append(sides[int(left)] + sides[int(right)])
    other = np.zeros(len(alike), bool)
    other[sides[int(tree[-1, 0])]] = True
    return other


def _is_one(alike: NDArray[np.float64], other: NDArray[np.bool_], linking: Linking) -> bool:
    across = alike[np.ix_(other, ~other)].mean()
    same = (other[:, None] == other) & ~np.eye(len(other), dtype=bool)
    return bool(across >= min(linking.apart, linking.apart_share * alike[same].mean()))
