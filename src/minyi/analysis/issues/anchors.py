"""What a place speaks of far more than others do: the anchors of its matters.

Slips from a village seldom name anything: whoever writes that the mill makes dust stands in front
of it. But a character pair that is many times commoner in one place than in the project's corpus
and in the other places (石场, 炸石) belongs to a matter of that place, and slips that share such
pairs concern the same matter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.issues.vectors import BITS, N_HASHED, background, hash_pairs, unit

FEWEST = 4  # submissions of the place that must share a pair
LIFT = 20.0  # how many times commoner it must be
_FEWEST_ROWS = 8  # a smaller place tells nothing by frequencies


def anchor_vectors(
    titles: Sequence[str], texts: Sequence[str], places: NDArray[np.int64]
) -> sparse.csr_matrix:
    """Return the anchors of every submission, a row of length one each, or empty.

    An anchor weighs ln(lift) times the square root of the submissions of the place that have it;
    the lift is its share there against the larger of its share in the corpus and half its share
    elsewhere.

    Parameters
    ----------
    titles, texts : sequence of str
    places : ndarray of int, shape (n,)
        The place of each; -1 unknown.

    Returns
    -------
    csr_matrix of float32, shape (n, n_hashed)
    """
    n = len(texts)
    fields, hashes = hash_pairs(titles, texts)
    cells = np.sort(((fields >> 1).astype(np.int64) << BITS) | hashes)
    cells = cells[np.diff(cells, prepend=-1) > 0]
    rows, columns = cells >> BITS, cells & (N_HASHED - 1)
    known = places[rows] >= 0
    rows, columns = rows[known], columns[known]
    weights = _weights(places[rows], columns, places)
    strong = weights > 0
    place = (rows[strong], columns[strong])
    matrix = sparse.csr_matrix((weights[strong], place), shape=(n, N_HASHED), dtype=np.float32)
    return unit(matrix)


def _weights(
    place: NDArray[np.int64], columns: NDArray[np.int64], places: NDArray[np.int64]
) -> NDArray[np.float64]:
    corpus, n_corpus = background()
    sizes = np.bincount(places[places >= 0])
    everywhere = np.bincount(columns, minlength=N_HASHED)
    cells = (place << BITS) | columns
    kinds, kind, here = np.unique(cells, return_inverse=True, return_counts=True)
    of_place, column = kinds >> BITS, kinds & (N_HASHED - 1)
    own = sizes[of_place]
    elsewhere = (everywhere[column] - here + 0.5) / np.maximum(sizes.sum() - own, 1) / 2
    usual = (corpus[column] + 1) / n_corpus
    if len(sizes) > 1:
        usual = np.maximum(usual, elsewhere)
    lift = here / own / usual
    is_anchor = (here >= FEWEST) & (lift >= LIFT) & (own >= _FEWEST_ROWS)
    weights = np.where(is_anchor, np.log(np.maximum(lift, 1)) * np.sqrt(here), 0)
    found: NDArray[np.float64] = weights[kind]
    return found
