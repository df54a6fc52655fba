"""What submissions of one category are about that the taxonomy does not name.

Topics are factors of a tf-idf matrix; how many there are is decided by which of them come back
when a fifth of the texts is left out (`stability`). Those that do not come back, or
are no more coherent than topics of shuffled words, are dropped: an accident of the sample.

The list is a lead to follow, not a finding. Three selections of some 400 messages from a city's
letter box (property management, schools, buses), each whole and five times without a tenth: 4 to 8
topics were listed, and of those of one run 58 % stood in another's list (47, 67 and 61 %). Other
ways of choosing the number did no better: the smallest with 90 % of the best gain 49 %, the best
mean stability 53 %, always 8 or always 12 topics 58 %; to ask that a topic also stands in most
models of other numbers gave 65 % and half the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from minyi.analysis.frame import notes, require
from minyi.analysis.wording.cooccurrence import one_each_text
from minyi.analysis.wording.grouping import period
from minyi.analysis.wording.phrases import Integers
from minyi.analysis.wording.portraits import described
from minyi.analysis.wording.stability import Model, chosen, fit, transformed
from minyi.analysis.wording.vocabulary import Vocabulary, check_size, vocabulary
from minyi.domain.office import Office
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SEED = 20260301
_MOST_TEXTS = 5000  # from which the topics are learnt; all are then assigned
_MOST_TERMS = 2000
_COMMONEST = 0.4  # a word in more of the texts tells no topic from another
_HELD = 0.5  # of what a submission holds of all topics, its own must be so much
_MOST = 0.6  # of all that are in a topic; what holds more is what is left over, not a topic
_TOO_FEW_WORDS = (
    "这些留言里反复出现的词语太少，分不出主题：请放宽筛选条件，或只看用词（minyi analyse words）。"
)
_HEADERS = {
    "topic": "主题",
    "label": "名称（关键词）",
    "words": "代表词",
    "n": "条数",
    "n_senders": "人数",
    "share": "占本类（%）",
    "stability": "稳定度",
    "named": "分类体系中已有",
    "category": "最接近的类别",
    "category_share": "属于该类别的（%）",
    "share_before": "前半人数占比（%）",
    "share_after": "后半人数占比（%）",
    "trend": "变化",
    "examples": "代表留言（编号）",
}


@dataclass(frozen=True)
class Topics:
    """The topics of some submissions.

    Attributes
    ----------
    topics : DataFrame
        A row a topic, the largest first; index ``topic`` from 1. ``label``, ``words`` (tuple of
        str), ``n``, ``n_senders``, ``share`` (of all submissions), ``stability`` (0–1),
        ``category`` (most of its submissions) with ``category_share``, ``named`` (bool: nearly
        the same submissions as a category of the taxonomy), ``share_before`` and ``share_after``
        (of the citizens of the earlier and the later half, NaN without times), ``trend``,
        ``examples`` (ids).
    members : Series of int64
        Index of the submissions; the topic, 0 for none.
    months : DataFrame, shape (n_months, n_topics)
        Submissions of each topic a month, and ``全部``; empty without times.
    stability : DataFrame
        Index: the number of topics tried; mean ``stability``, number of ``stable`` topics, and
        whether it was ``chosen``.
    notes : tuple of str
        What a reader must know, in Chinese.
    """

    topics: pd.DataFrame
    members: pd.Series
    months: pd.DataFrame
    stability: pd.DataFrame
    notes: tuple[str, ...]

    def as_table(self) -> pd.DataFrame:
        """Return the topics with Chinese headers."""
        table = self.topics.reset_index()
        shares = ["share", "category_share", "share_before", "share_after"]
        table[shares] = (table[shares] * 100).round(1)
        table["stability"] = table["stability"].round(2)
        table["named"] = ["是" if named else "否" for named in table["named"]]
        for column in ("words", "examples"):
            table[column] = ["、".join(cells) for cells in table[column]]
        return table[list(_HEADERS)].rename(columns=_HEADERS)


def find_topics(
    submissions: pd.DataFrame,
    category: str = "",
    *,
    office: Office | None = None,
    names: bool = False,
    numbers: Sequence[int] = tuple(range(2, 13)),
    runs: int = 8,
    stable: float = 0.5,
    fewest: int = 5,
    seed: int = SEED,
) -> Topics:
    """Find the topics of a category.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`, or, without `category`, of `prepare`.
    category : str
        Path or beginning of a path (``城乡建设/物业管理``), or the name of a level; empty: all.
    office, names
        See `minyi.analysis.wording.words.keyness`.
    numbers : sequence of int
        The numbers of topics to try.
    runs : int
        How often each is tried again.
    stable : float
        The least stability of a topic; it must also be more coherent than chance.
    fewest : int
        Citizens of a topic.
    seed : int
        The same submissions and seed give the same topics.

    Raises
    ------
    InputError
        Fewer than 30 submissions, or no such category.

    Examples
    --------
    >>> import pandas as pd
    >>> from minyi.analysis.frame import prepare
    >>> lot = np.random.default_rng(1)
    >>> water = "井水 发黄 浑浊 检测 桶装水 肠胃 水质 过滤 水源 异味"
    >>> light = "路灯 摔跤 灯泡 漆黑 手电 放学 摸黑 电工 照明 线路"
    >>> texts = ["，".join(lot.choice(w.split(), 4)) for w in (water, light) for _ in range(60)]
    >>> frame = pd.DataFrame({"内容": texts, "姓名": [f"村民{n}" for n in range(120)]})
    >>> find_topics(prepare(frame), numbers=[2]).topics["n"].tolist()
    [60, 60]
    """
    require(submissions)
    part = _of_category(submissions, category)
    check_size(len(part))
    words = vocabulary(part, office=office, names=names, fewest=max(fewest, 3), copies=False)
    words, weights, learnt = _weighed(words, seed)
    numbers = _feasible(numbers, len(learnt), len(words.terms))
    models = [fit(weights[learnt], n, runs, seed) for n in numbers]
    best = chosen(models, stable)
    members, held, stability = _assigned(words, weights, best, stable, fewest)
    numbered = _series(members, part)
    told = [*notes(part), *_caveats(best, len(stability), members)]
    return Topics(
        described(part, words, members, held, stability),
        numbered,
        _months(part, numbered),
        _tried(numbers, models, best, stable),
        tuple(dict.fromkeys(told)),
    )


def _of_category(submissions: pd.DataFrame, category: str) -> pd.DataFrame:
    if not category:
        return submissions
    require(submissions, "category")
    path = submissions["category"].astype("str")
    found = (path == category) | path.str.startswith(category + "/")
    for level in ("level1", "level2", "level3"):
        found |= submissions[level] == category
    if not found.any():
        raise InputError(
            f"没有归入“{category}”的留言："
            "请写分类体系里的全路径（如 城乡建设/物业管理）或某一级的名称。"
        )
    return submissions[found]


def _telling(words: Vocabulary, rows: Integers) -> Vocabulary:
    n = words.incidence[rows].getnnz(axis=0)
    is_kept = (n <= _COMMONEST * len(rows)) & (n >= 3)
    if is_kept.sum() > _MOST_TERMS:
        least = np.sort(n[is_kept])[-_MOST_TERMS]
        is_kept &= n >= least
    return words.kept(is_kept)


def _weighed(
    words: Vocabulary, seed: int
) -> tuple[Vocabulary, sparse.csr_matrix, NDArray[np.int64]]:
    """Return the telling terms, tf-idf of all texts, and the rows from which topics are learnt.

    Every text has length one; a word counts once a text.
    """
    from sklearn.preprocessing import normalize

    rows = one_each_text(words)
    words = _telling(words, rows)
    if not words.terms:
        raise InputError(_TOO_FEW_WORDS)
    n = np.maximum(words.incidence[rows].getnnz(axis=0), 1)
    idf = np.log(len(rows) / n) + 1
    weights = normalize(words.incidence.astype(np.float64) @ sparse.diags(idf)).tocsr()
    learnt = rows[weights[rows].getnnz(axis=1) >= 2]
    if len(learnt) > _MOST_TEXTS:
        order = np.random.default_rng(seed).permutation(len(learnt))[:_MOST_TEXTS]
        learnt = learnt[np.sort(order)]
    return words, weights, learnt


def _feasible(numbers: Sequence[int], n_texts: int, n_terms: int) -> list[int]:
    """Return the numbers of topics for which there are texts and terms enough."""
    feasible = [n for n in numbers if 2 <= n <= min(n_texts // 10, n_terms // 5)]
    if not feasible:
        raise InputError(_TOO_FEW_WORDS)
    return feasible


def _assigned(
    words: Vocabulary, weights: sparse.csr_matrix, model: Model, stable: float, fewest: int
) -> tuple[Integers, NDArray[np.float64], NDArray[np.float64]]:
    """Return the topic of each text (-1: none), how much it holds of it, and stabilities.

    All topics compete for a text, the unstable too; only then are those dropped that are unstable
    or too small. The largest topic gets number 0.
    """
    scale = np.linalg.norm(model.parts, axis=1)
    held = transformed(weights, model.parts) * scale
    best = held.argmax(axis=1)
    most = held[np.arange(len(best)), best]
    is_own = (most > 0) & (most >= _HELD * held.sum(axis=1))
    best = np.where(is_own, best, -1)
    sizes = np.array([len(np.unique(words.units[best == t])) for t in range(len(scale))])
    holds = model.holds(stable) & (sizes >= fewest) & (sizes <= _MOST * sizes.sum())
    kept = [int(t) for t in np.argsort(-sizes, kind="stable") if holds[t]]
    number = np.full(len(scale) + 1, -1)
    number[kept] = np.arange(len(kept))
    return number[best], most, model.stability[kept]


def _series(members: Integers, part: pd.DataFrame) -> pd.Series:
    import pandas as pd

    return pd.Series(members + 1, index=part.index, name="topic", dtype="int64")


def _months(part: pd.DataFrame, members: pd.Series) -> pd.DataFrame:
    import pandas as pd

    month = period(part["time"], "month")
    known = month != ""
    table = pd.crosstab(month[known], members[known])
    table = table.drop(columns=[0], errors="ignore").assign(全部=month[known].value_counts())
    return table.rename_axis(index="month", columns=None)


def _tried(
    numbers: Sequence[int], models: Sequence[Model], best: Model, stable: float
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "stability": [model.mean for model in models],
            "stable": [int(model.holds(stable).sum()) for model in models],
            "chosen": [model is best for model in models],
        },
        index=pd.Index(list(numbers), name="n_topics"),
    )


def _caveats(best: Model, kept: int, members: Integers) -> list[str]:
    n, tried = int((members >= 0).sum()), len(best.stability)
    told = (
        f"试分 {tried} 个主题，其中 {kept} 个可靠并列出"
        f"（去掉部分留言后仍出现，且用词关联强于随机）；{len(members)} 条中有 {n} 条归入某个主题，"
        "其余不成主题"
    )
    if kept:
        found = (
            "主题由程序按用词归纳，名称是关键词；留言少一成，列出的主题就有约四成不同：只宜作线索，"
            "引用前请读代表留言"
        )
        return [told, found]
    none = "没有发现可靠的主题：换一批留言就会得出不同的结果，或与随机打乱无异，因此不列出"
    return [none, told]
