"""What is told of a topic: its words, category, trend, and the submissions that stand for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.wording.association import exact_p, g2, log_ratio
from minyi.analysis.wording.keyterms import one_each
from minyi.analysis.wording.phrases import Integers
from minyi.analysis.wording.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pandas as pd

_NAMED = 0.5  # Jaccard overlap from which a topic is a category of the taxonomy
_LABEL, _WORDS, _EXAMPLES = 3, 8, 5
_LESS, _EVEN, _MORE = "减少", "无明显变化", "增多"
_COLUMNS = [
    "label",
    "words",
    "n",
    "n_senders",
    "share",
    "stability",
    "named",
    "category",
    "category_share",
    "share_before",
    "share_after",
    "trend",
    "examples",
]


def described(
    part: pd.DataFrame,
    words: Vocabulary,
    members: Integers,
    held: NDArray[np.float64],
    stability: NDArray[np.float64],
) -> pd.DataFrame:
    """Return a row a topic, see `minyi.analysis.wording.topics.Topics`."""
    import pandas as pd

    ids = part["id"].to_numpy(str)
    halves = _halves(part)
    described = []
    for topic in range(len(stability)):
        is_member = members == topic
        rows = np.flatnonzero(is_member)
        best = rows[np.argsort(-held[rows], kind="stable")]
        said = _key_words(words, is_member)
        one = {"label": "、".join(said[:_LABEL]), "words": tuple(said), "n": len(rows)}
        one |= {"n_senders": len(np.unique(words.units[rows])), "share": len(rows) / len(part)}
        one |= {"stability": float(stability[topic]), **_category(part, is_member)}
        one |= _trend(is_member, words.units, halves, len(stability))
        one["examples"] = tuple(ids[row] for row in one_each(best, words.units, _EXAMPLES))
        described.append(one)
    index = pd.RangeIndex(1, len(described) + 1, name="topic")
    return pd.DataFrame(described, index=index, columns=_COLUMNS)


def _key_words(words: Vocabulary, is_member: NDArray[np.bool_]) -> list[str]:
    """Return what the members say and the others do not, no word twice as part of another."""
    a, b = (
        words.incidence[np.flatnonzero(side)].getnnz(axis=0) for side in (is_member, ~is_member)
    )
    n1, n2 = int(is_member.sum()), int((~is_member).sum())
    strength = g2(a, n1, b, n2) * (a * n2 > b * n1)
    said: list[str] = []
    for i in np.argsort(-strength, kind="stable"):
        term = words.terms[i]
        if strength[i] > 0 and not any(term in other or other in term for other in said):
            said.append(term)
        if len(said) == _WORDS:
            break
    return said


def _category(part: pd.DataFrame, is_member: NDArray[np.bool_]) -> dict[str, object]:
    """Tell which category of the taxonomy the members are in, and whether it is the topic."""
    if "category" not in part.columns:
        return {"category": "", "category_share": np.nan, "named": False}
    paths = part["category"].astype("str")
    inside = paths[is_member].value_counts()
    path, both = str(inside.index[0]), int(inside.iloc[0])
    n = int(is_member.sum())
    overlap = both / (n + int((paths == path).sum()) - both)
    is_whole = bool((paths == path).all())  # the topics within one leaf are all unnamed
    return {
        "category": path,
        "category_share": both / n,
        "named": overlap >= _NAMED and not is_whole,
    }


def _halves(part: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return which rows came before, and which after, the middle one of those with a time."""
    time = part["time"]
    known = time.notna()
    if not known.any() or time.min() == time.max():
        return None
    middle = time.median()
    first, second = (known & (time <= middle)).to_numpy(), (known & (time > middle)).to_numpy()
    return (first, second) if second.any() else None


def _trend(
    is_member: NDArray[np.bool_],
    units: Integers,
    halves: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None,
    n_topics: int,
) -> dict[str, object]:
    """Compare the shares of both halves; a change is told at 5 % over all topics (Bonferroni)."""
    if halves is None:
        return {"share_before": np.nan, "share_after": np.nan, "trend": ""}
    before, after = (len(np.unique(units[is_member & half])) for half in halves)
    n1, n2 = (len(np.unique(units[half])) for half in halves)
    p = float(exact_p(after, n2, before, n1)) * n_topics
    up = float(log_ratio(after, n2, before, n1)[0]) > 0
    trend = _EVEN if p > 0.05 else _MORE if up else _LESS
    return {"share_before": before / n1, "share_after": after / n2, "trend": trend}
