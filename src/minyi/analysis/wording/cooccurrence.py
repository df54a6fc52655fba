"""Which words come up together in submissions: the edges of a network of words.

An edge is two terms that citizens put into one submission more often than chance would, measured
by normalised pointwise mutual information; significance is Fisher's exact test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.frame import notes, require
from minyi.analysis.wording.association import exact_p, g2, npmi, q_values
from minyi.analysis.wording.keyterms import one_each
from minyi.analysis.wording.phrases import Integers
from minyi.analysis.wording.vocabulary import Vocabulary, vocabulary
from minyi.domain.office import Office

if TYPE_CHECKING:
    import pandas as pd

MOST_TERMS = 1500  # the commonest; their pairs are counted in a square table
_EXAMPLES = 3
_HEADERS = {
    "first": "词语一",
    "second": "词语二",
    "n_senders": "同时提到的人数",
    "n": "同时提到的条数",
    "n_first": "词语一的条数",
    "n_second": "词语二的条数",
    "expected": "按偶然应有的条数",
    "npmi": "关联强度NPMI",
    "g2": "对数似然值G²",
    "q": "q值",
    "examples": "例子（编号）",
}


@dataclass(frozen=True)
class Cooccurrence:
    """The edges between words.

    Attributes
    ----------
    edges : DataFrame
        A row a pair, the best established first: ``first`` and ``second`` (the commoner term
        first), ``n`` (submissions with both), ``n_senders`` (their citizens), ``n_first``,
        ``n_second``, ``expected`` (submissions with both if chance ruled), ``npmi`` (0 chance,
        1 always together), ``g2``, ``p``, ``q``, ``examples`` (tuple of ids).
    n : int
        Submissions that were counted: a citizen's copies of one text count once.
    notes : tuple of str
        What a reader must know, in Chinese.
    """

    edges: pd.DataFrame
    n: int
    notes: tuple[str, ...]

    def as_table(self) -> pd.DataFrame:
        """Return the edges with Chinese headers."""
        edges = self.edges
        table = edges.assign(
            expected=edges["expected"].round(1),
            npmi=edges["npmi"].round(2),
            g2=edges["g2"].round(1),
            q=[f"{q:.3f}" if q >= 0.001 else "<0.001" for q in edges["q"]],
            examples=edges["examples"].map("、".join),
        )
        return table[list(_HEADERS)].rename(columns=_HEADERS)


def cooccurrence(
    submissions: pd.DataFrame,
    *,
    office: Office | None = None,
    names: bool = False,
    phrases: bool = True,
    fewest: int = 5,
    strength: float = 0.2,
    q: float = 0.05,
    top: int = 200,
) -> Cooccurrence:
    """Find the words that come up together.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`; take the rows of one category or place for its own network.
    office, names, phrases
        See `minyi.analysis.wording.words.keyness`.
    fewest : int
        Citizens that use both words in one submission.
    strength : float
        The least NPMI.
    q : float
        The false discovery rate; the family is all pairs that at least `fewest` submissions hold.
    top : int
        At most so many edges.

    Raises
    ------
    InputError
        Fewer than 30 submissions.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> texts = ["井水又发黄", "路灯坏了", "想办个低保", "低保停了"] * 10
    >>> table = pd.DataFrame({"内容": texts, "姓名": [f"村民{n}" for n in range(40)]})
    >>> found = cooccurrence(prepare(table)).edges
    >>> found[["first", "second", "n", "npmi"]].values.tolist()
    [['井水', '发黄', 10, 1.0]]
    """
    require(submissions)
    told = list(notes(submissions))
    words = vocabulary(
        submissions, office=office, names=names, phrases=phrases, fewest=fewest, copies=False
    )
    rows = one_each_text(words)
    words, cut = _commonest(words, rows)
    if cut:
        told.append(f"词语太多，只计算最常见的 {MOST_TERMS} 个之间的关联")
    counted = _pairs(words, rows, fewest)
    counted = counted.assign(q=q_values(counted["p"].to_numpy(np.float64)))
    close = counted[(counted["npmi"] >= strength) & (counted["q"] <= q)]
    close = close.sort_values(["g2", "i", "j"], ascending=[False, True, True])
    ids = submissions["id"].to_numpy(str)
    edges = _with_citizens(close, words, ids, fewest, top)
    if edges.empty:
        told.append("没有发现经常一起出现的词语")
    return Cooccurrence(edges.reset_index(drop=True), len(rows), tuple(dict.fromkeys(told)))


def one_each_text(words: Vocabulary) -> Integers:
    """Return the rows without a citizen's copies of one text."""
    seen: dict[tuple[int, str], int] = {}
    for row, key in enumerate(zip(words.units.tolist(), words.texts, strict=True)):
        seen.setdefault(key, row)
    return np.array(list(seen.values()), np.int64)


def _commonest(words: Vocabulary, rows: Integers) -> tuple[Vocabulary, bool]:
    n = words.incidence[rows].getnnz(axis=0)
    if len(n) <= MOST_TERMS:
        return words, False
    is_kept = np.zeros(len(n), bool)
    is_kept[np.argsort(-n, kind="stable")[:MOST_TERMS]] = True
    return words.kept(is_kept), True


def _pairs(words: Vocabulary, rows: Integers, fewest: int) -> pd.DataFrame:
    """Measure every pair that occurs often enough; `i` is the commoner term."""
    import pandas as pd

    matrix = words.incidence[rows].astype(np.int32)
    n_with = np.asarray(matrix.sum(axis=0)).ravel().astype(np.int64)
    both = sparse.triu(matrix.T @ matrix, k=1).tocoo()
    is_common = both.data >= fewest
    i, j, n = both.row[is_common], both.col[is_common], both.data[is_common].astype(np.int64)
    i, j = np.where(n_with[i] >= n_with[j], i, j), np.where(n_with[i] >= n_with[j], j, i)
    apart = np.array(
        [not _share(words.terms[a], words.terms[b]) for a, b in zip(i, j, strict=True)], bool
    )
    i, j, n = i[apart], j[apart], n[apart]
    a, b, total = n_with[i], n_with[j], len(rows)
    table = {"i": i, "j": j, "n": n, "n_first": a, "n_second": b, "expected": a * b / total}
    table |= {"npmi": npmi(n, a, b, total), "g2": g2(n, a, b - n, total - a)}
    table |= {"p": exact_p(n, a, b - n, total - a)}
    return pd.DataFrame(table)


def _share(one: str, other: str) -> bool:
    """Tell whether two terms have two characters in common: 噪音, 噪音扰民."""
    return any(one[i : i + 2] in other for i in range(len(one) - 1))


def _with_citizens(
    close: pd.DataFrame, words: Vocabulary, ids: NDArray[np.str_], fewest: int, top: int
) -> pd.DataFrame:
    import pandas as pd

    columns = words.incidence.tocsc()
    kept = []
    for edge in close.to_dict("records"):
        i, j = int(edge.pop("i")), int(edge.pop("j"))
        both = (columns.indices[columns.indptr[k] : columns.indptr[k + 1]] for k in (i, j))
        rows = np.intersect1d(*both)
        n_senders = len(np.unique(words.units[rows]))
        if n_senders < fewest:
            continue
        lengths = np.array([len(words.texts[row]) for row in rows])
        best = rows[np.lexsort((rows, lengths))]  # the shortest show the connection best
        examples = tuple(ids[row] for row in one_each(best, words.units, _EXAMPLES))
        kept.append(
            {"first": words.terms[i], "second": words.terms[j], "n_senders": n_senders, **edge}
            | {"examples": examples}
        )
        if len(kept) == top:
            break
    names = ["first", "second", "n_senders", *close.columns.drop(["i", "j"]), "examples"]
    return pd.DataFrame(kept, columns=names)
