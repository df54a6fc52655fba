"""Which words and phrases are distinctive of a place, a period, a kind or a department.

Keyness by citizens: how many of those who write from here use the word, against how many of those
who write from elsewhere. A citizen who repeats himself counts once in each group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.frame import CLASSIFIED, notes, require
from minyi.analysis.wording.association import exact_p, g2, log_ratio, q_values
from minyi.analysis.wording.grouping import FEWEST_UNITS, Counted, Counts, groups_of, labels_of
from minyi.analysis.wording.phrases import Integers
from minyi.analysis.wording.vocabulary import Vocabulary, check_size, vocabulary
from minyi.domain.office import Office
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_EXAMPLES = 3
_TWINS = 0.6  # 捆绑销售 and 捆绑销售保险 in so large a share of the same submissions are one
_HEADERS = {
    "term": "词语",
    "n": "条数",
    "n_senders": "人数",
    "share": "占本组（%）",
    "n_elsewhere": "对照组人数",
    "share_elsewhere": "占对照组（%）",
    "times": "倍数",
    "times_low": "倍数下限",
    "times_high": "倍数上限",
    "g2": "对数似然值G²",
    "log_ratio": "对数比",
    "q": "q值",
    "examples": "例子（编号）",
}
_TABLE = (
    "term n n_senders share n_elsewhere share_elsewhere times times_low times_high g2 q examples"
)


@dataclass(frozen=True)
class Keyness:
    """The distinctive words of groups.

    Attributes
    ----------
    words : DataFrame
        A row a group and term, the strongest first in each group: ``group``, ``term``,
        ``n_words`` (more than 1: a phrase), ``n`` (submissions), ``n_senders`` and ``share``
        (citizens of the group with the term), ``n_elsewhere`` and ``share_elsewhere``, ``g2``,
        ``log_ratio`` with its 95 % limits ``low`` and ``high``, ``p``, ``q``, ``examples``
        (tuple of ids).
    groups : DataFrame
        Index: the group; ``n`` submissions, ``n_senders`` citizens, ``tested`` terms.
    by : str
        The Chinese name of what was compared.
    notes : tuple of str
        What a reader must know, in Chinese.
    """

    words: pd.DataFrame
    groups: pd.DataFrame
    by: str
    notes: tuple[str, ...]

    def as_table(self) -> pd.DataFrame:
        """Return the words with Chinese headers, ratios as "so many times".

        Where nobody elsewhere uses the word, only the lower limit is told.
        """
        words = self.words
        seen = words["n_elsewhere"] > 0  # else the ratio hangs on half a citizen
        table = words.assign(
            share=(words["share"] * 100).round(1),
            share_elsewhere=(words["share_elsewhere"] * 100).round(1),
            times=(2 ** words["log_ratio"]).round(1).where(seen),
            times_low=(2 ** words["low"]).round(1),
            times_high=(2 ** words["high"]).round(1).where(seen),
            g2=words["g2"].round(1),
            q=words["q"].map(_shown_q),
            examples=words["examples"].map("、".join),
        )
        return table[["group", *_TABLE.split()]].rename(columns={"group": self.by, **_HEADERS})


def keyness(
    submissions: pd.DataFrame,
    by: str | pd.Series,
    value: str | None = None,
    *,
    against: str | None = None,
    office: Office | None = None,
    names: bool = False,
    phrases: bool = True,
    fewest: int = 5,
    times: float = 1.5,
    q: float = 0.05,
    top: int = 30,
) -> Keyness:
    """Find the words and phrases that are used more in one group than elsewhere.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`; of `classified` where `by` is what the model says.
    by : str or Series
        A column (``place``, ``kind``, ``department``, ``level1`` …), ``week``, ``month``,
        ``quarter`` or ``year``, or labels of your own on the same index, such as the town of each
        village. Submissions without a label are left out.
    value : str, optional
        The group; without it, each group against all others.
    against : str, optional
        One other group to compare with, instead of all others.
    office : Office, optional
        Its words are words to the segmenter, its places are names.
    names : bool
        Keep names of places and people, which are left out by default.
    phrases : bool
        Look for phrases also.
    fewest : int
        Citizens of the group that use the word.
    times : float
        How many times as common it is at least.
    q : float
        The false discovery rate: of the words in the table, so large a share is expected to be
        there by chance. The family is all words that were tested, in all groups.
    top : int
        At most so many words a group.

    Returns
    -------
    Keyness

    Raises
    ------
    InputError
        Fewer than 30 submissions; no such column or value; groups too small.

    Notes
    -----
    Strength is Dunning's G² on counts of citizens, significance Fisher's exact test with
    Benjamini and Hochberg's q, size the log ratio; see `minyi.analysis.wording.association`.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> texts = ["井水发黄，喝不得"] * 20 + ["路灯不亮，路上摔跤"] * 20
    >>> table = pd.DataFrame({"内容": texts, "村": ["高坪村"] * 20 + ["柳塘村"] * 20,
    ...                       "姓名": [f"村民{n}" for n in range(40)]})
    >>> found = keyness(prepare(table, place="村"), "place", "高坪村")
    >>> found.words[["term", "n_senders", "n_elsewhere"]].values.tolist()
    [['井水发黄', 20, 0]]
    """
    require(submissions)
    check_size(len(submissions))
    labels, name = labels_of(submissions, by)
    groups, told = groups_of(labels, value, against)
    chosen = submissions[labels.isin(groups.compared)]
    check_size(len(chosen))
    words = vocabulary(chosen, office=office, names=names, phrases=phrases, fewest=fewest)
    counts = Counts.of(words, labels[chosen.index].to_numpy(str), groups.compared)
    asked, small = counts.large(groups.asked, against)
    told += [f"“{g}”不足 {FEWEST_UNITS} 人，未作比较" for g in small]
    if not asked:
        raise InputError(
            f"每一组和对照组都至少需要 {FEWEST_UNITS} 人，现在没有一组够数："
            "请合并几个地点、延长时间段或换一种分组。"
        )
    tested = [counts.tested(group, against, fewest) for group in asked]
    table = _table(words, counts, tested, submissions=chosen, limits=(fewest, times, q, top))
    told += _caveats(submissions, table, by, names=names)
    return Keyness(table, counts.groups(tested), name, tuple(dict.fromkeys(told)))


def _table(
    words: Vocabulary,
    counts: Counts,
    tested: Sequence[Counted],
    *,
    submissions: pd.DataFrame,
    limits: tuple[int, float, float, int],
) -> pd.DataFrame:
    import pandas as pd

    p = np.concatenate([exact_p(one.a, one.n1, one.b, one.n2) for one in tested])
    q = q_values(p)
    ids = submissions["id"].to_numpy(str)
    parts, start = [], 0
    for one in tested:
        end = start + len(one.terms)
        part = _measured(one, words).assign(p=p[start:end], q=q[start:end])
        is_here = counts.of_row == one.number
        part = _without_twins(_strongest(part, limits), words, is_here, limits[-1])
        parts.append(_with_examples(part, words, is_here, ids))
        start = end
    return pd.concat(parts, ignore_index=True).drop(columns="column")


def _measured(one: Counted, words: Vocabulary) -> pd.DataFrame:
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


def _strongest(part: pd.DataFrame, limits: tuple[int, float, float, int]) -> pd.DataFrame:
    fewest, times, q, _ = limits
    good = (part["n_senders"] >= fewest) & (part["q"] <= q) & (part["log_ratio"] >= np.log2(times))
    kept: pd.DataFrame = part.loc[good]
    return kept.sort_values(["g2", "term"], ascending=[False, True])


def _without_twins(
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


def _with_examples(
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


def _caveats(
    submissions: pd.DataFrame, table: pd.DataFrame, by: str | pd.Series, *, names: bool
) -> list[str]:
    told = list(notes(submissions))
    if not submissions["sender"].astype(bool).any():
        told.append("没有留言人一列，一条留言算一人（文字完全相同的算一人）")
    if isinstance(by, str) and by in CLASSIFIED:
        told.append(
            "分组由程序按文字判断，这些词也是判断的依据：只宜看作对各组的描述，不宜当作独立的发现"
        )
    if not names:
        told.append("地名和人名已尽量排除；要保留请用 names=True")
    if table.empty:
        told.append("各组之间没有发现显著不同的词语")
    return told


def _shown_q(q: float) -> str:
    return "<0.001" if q < 0.001 else f"{q:.3f}"
