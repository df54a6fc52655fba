"""Which words and phrases are distinctive of a place, a period, a kind or a department.

Keyness by citizens: how many of those who write from here use the word, against how many of those
who write from elsewhere. A citizen who repeats himself counts once in each group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from minyi.analysis.frame import CLASSIFIED, notes, require
from minyi.analysis.wording.association import exact_p, q_values
from minyi.analysis.wording.grouping import FEWEST_UNITS, Counted, Counts, groups_of, labels_of
from minyi.analysis.wording.keyterms import (
    Limits,
    measured,
    strongest,
    with_examples,
    without_twins,
)
from minyi.analysis.wording.vocabulary import Vocabulary, check_size, vocabulary
from minyi.domain.office import Office
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

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
    check_size(len(chosen), f"（{len(submissions)} 条中按{name}可比的）")
    words = vocabulary(chosen, office=office, names=names, phrases=phrases, fewest=fewest)
    counts = Counts.of(words, labels[chosen.index].to_numpy(str), groups.compared)
    asked, small = _large_enough(counts, groups.asked, against)
    tested = [counts.tested(group, against, fewest) for group in asked]
    table = _table(words, counts, tested, chosen["id"], Limits(fewest, times, q, top))
    told += [*small, *_caveats(submissions, table, by, names=names)]
    return Keyness(table, counts.groups(tested), name, tuple(dict.fromkeys(told)))


def _large_enough(
    counts: Counts, asked: Sequence[str], against: str | None
) -> tuple[list[str], list[str]]:
    """Return the groups that can be compared, and what is told of the others."""
    large, small = counts.large(asked, against)
    if not large:
        raise InputError(
            f"每一组和对照组都至少需要 {FEWEST_UNITS} 人，现在没有一组够数："
            "请合并几个地点、延长时间段或换一种分组。"
        )
    return large, [f"“{group}”不足 {FEWEST_UNITS} 人，未作比较" for group in small]


def _table(
    words: Vocabulary, counts: Counts, tested: Sequence[Counted], ids: pd.Series, limits: Limits
) -> pd.DataFrame:
    import pandas as pd

    p = np.concatenate([exact_p(one.a, one.n1, one.b, one.n2) for one in tested])
    q = q_values(p)
    parts, start = [], 0
    for one in tested:
        end = start + len(one.terms)
        part = strongest(measured(one, words).assign(p=p[start:end], q=q[start:end]), limits)
        is_here = counts.of_row == one.number
        part = without_twins(part, words, is_here, limits.top)
        parts.append(with_examples(part, words, is_here, ids.to_numpy(str)))
        start = end
    return pd.concat(parts, ignore_index=True).drop(columns="column")


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
        told.append("地名和人名已尽量排除")
    if table.empty:
        told.append("各组之间没有发现显著不同的词语")
    return told


def _shown_q(q: float) -> str:
    return "<0.001" if q < 0.001 else f"{q:.3f}"
