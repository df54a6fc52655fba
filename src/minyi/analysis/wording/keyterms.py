"""The terms of one group against the others: measured, the strongest kept, with examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.wording.association import g2, log_ratio
from minyi.analysis.wording.grouping import Counted
from minyi.analysis.wording.phrases import Integers
from minyi.analysis.wording.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pandas as pd

_EXAMPLES = 3
_TWINS = 0.6  # 捆绑销售 and 捆绑销售保险 in so large a share of the same submissions are one


class Limits(NamedTuple):
    """Which terms are kept, see `minyi.analysis.wording.words.keyness`."""

    fewest: int
    times: float
    q: float
    top: int


def measured(one: Counted, words: Vocabulary) -> pd.DataFrame:
    """Return a row a tested term, with what is told of it; p and q are added later."""
    import pandas as pd

    ratio, low, high = log_ratio(one.a, one.n1, one.b, one.n2)
    return pd.DataFrame(
        {
            "column": one.terms,
            "group": one.group,
            "term": [words.terms[i] for i in one.terms],
            "n_words": [words.n_words[i] for i in one.terms],
            "n_senders": one.a,
            "share": one.a / one.n1,
            "n_elsewhere": one.b,
            "share_elsewhere": one.b / one.n2,
            "g2": g2(one.a, one.n1, one.b, one.n2),
            "log_ratio": ratio,
            "low": low,
            "high": high,
        }
    )


def strongest(part: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Return the terms within the limits, the strongest first."""
    is_kept = (part["n_senders"] >= limits.fewest) & (part["q"] <= limits.q)
    is_kept &= part["log_ratio"] >= np.log2(limits.times)
    kept: pd.DataFrame = part.loc[is_kept]
    return kept.sort_values(["g2", "term"], ascending=[False, True])


def without_twins(
    part: pd.DataFrame, words: Vocabulary, is_here: NDArray[np.bool_], top: int
) -> pd.DataFrame:
    """Leave out a term that holds, or is part of, a stronger one in mostly the same submissions."""
    own = words.incidence[np.flatnonzero(is_here)].tocsc()
    kept: list[int] = []
    rows: dict[int, set[int]] = {}
    for place, (term, column) in enumerate(zip(part["term"], part["column"], strict=True)):
        rows[place] = set(own.indices[own.indptr[column] : own.indptr[column + 1]].tolist())
        if not any(
            (term in other or other in term) and _overlap(rows[place], rows[i]) >= _TWINS
            for i in kept
            for other in (part["term"].iloc[i],)
        ):
            kept.append(place)
        if len(kept) == top:
            break
    return part.iloc[kept]


def _overlap(one: set[int], other: set[int]) -> float:
    """Return the share of what either holds that both hold (Jaccard)."""
    return len(one & other) / max(len(one | other), 1)


def with_examples(
    part: pd.DataFrame, words: Vocabulary, is_here: NDArray[np.bool_], ids: NDArray[np.str_]
) -> pd.DataFrame:
    """Add the number of submissions with each term, and the most telling of them."""
    import pandas as pd

    rows = np.flatnonzero(is_here)
    own = words.incidence[rows][:, part["column"].to_numpy(np.int64)].tocsc()
    lengths = np.array([len(words.texts[row]) for row in rows], np.float64)
    # Many of the group's words in few characters: what a reader should see first.
    telling = np.asarray(own.astype(np.int64).sum(axis=1)).ravel() / np.sqrt(
        np.maximum(lengths, 20)
    )
    n, examples = [], []
    for column in range(own.shape[1]):
        found = own.indices[own.indptr[column] : own.indptr[column + 1]]
        best = found[np.lexsort((found, -telling[found]))]
        n.append(len(found))
        examples.append(tuple(ids[rows[i]] for i in one_each(best, words.units[rows], _EXAMPLES)))
    part = part.assign(examples=pd.Series(examples, index=part.index, dtype=object))
    part.insert(4, "n", np.array(n, np.int64))
    return part


def one_each(rows: Integers, units: Integers, most: int) -> list[int]:
    """Return the first rows, each of another citizen."""
    seen: dict[int, int] = {}
    for row in rows.tolist():
        seen.setdefault(int(units[row]), row)
        if len(seen) == most:
            break
    return list(seen.values())
