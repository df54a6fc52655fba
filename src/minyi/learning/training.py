"""Train a model on labelled submissions: of the corpus, or of an office, in any scheme."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.errors import InputError
from minyi.learning.classifier import CalibratedLogistic, TreeClassifier
from minyi.learning.features import TextFeatures
from minyi.learning.hierarchy import Hierarchy
from minyi.learning.persistence import Model
from minyi.learning.scoring import Floats, Head, Scorer
from minyi.schema import Submission

TARGETS = ("category", "kind", "department", "urgent")
PRECISION = 0.95
LEVEL_THRESHOLD = 0.5
_FEWEST_HELD_OUT = 20


@dataclass(frozen=True)
class TrainingSet:
    """Cleaned submissions and their labels.

    Attributes
    ----------
    submissions : sequence of Submission
        Title and text cleaned.
    labels : mapping of str to sequence of str
        By target (see `TARGETS`), as long as `submissions`; an empty label means unknown.
    is_taxonomy : bool
        Whether the category labels are codes of the taxonomy.
    """

    submissions: Sequence[Submission]
    labels: Mapping[str, Sequence[str]]
    is_taxonomy: bool = True


class _Part(NamedTuple):
    """A head before all of them are put on one projection."""

    coef: Floats
    classes: tuple[str, ...]
    intercept: Floats


def train(
    data: TrainingSet,
    *,
    name: str,
    features: str = "words+chars",
    rank: int = 160,
    user_words: Sequence[str] = (),
    about: Mapping[str, Any] | None = None,
) -> Model:
    """Fit every target that has labels.

    Parameters
    ----------
    data : TrainingSet
    name : str
        The model's name, shown to users.
    features : {"words+chars", "chars"}
    rank : int
        Columns of the shared projection; when all heads together need no more, nothing is lost.
    user_words : sequence of str
    about : mapping, optional
        Goes into the manifest (command, date, data).

    Raises
    ------
    InputError
        When there are no labels, or only one.
    """
    transformer = TextFeatures(features, user_words=user_words)
    X = transformer.fit_transform(data.submissions)
    parts: dict[str, _Part] = {}
    thresholds: dict[str, float] = {}
    for target in TARGETS:
        if target not in data.labels:
            continue
        labels = np.asarray(data.labels[target], dtype=str)
        rows = np.flatnonzero(labels != "")
        if len(rows) < 2:
            raise InputError(f"{target} 的标签应至少有 2 条，实际是 {len(rows)} 条。")
        is_tree = target == "category" and data.is_taxonomy
        fit = _fit_tree if is_tree else _fit_flat
        fitted, thresholds[target] = fit(X[rows], labels[rows], target)
        parts.update(fitted)
    if not parts:
        raise InputError("没有可训练的标签：请用 --label 指定标签列。")
    scorer = _assemble(transformer, parts, rank)
    return Model(scorer, _manifest(name, data, thresholds, about or {}))


def _fit_flat(X: Any, labels: NDArray[np.str_], target: str) -> tuple[dict[str, _Part], float]:
    model = CalibratedLogistic().fit(X, labels)
    best, truth = model.held_out_.argmax(axis=1), labels[model.held_out_rows_]
    threshold = precision_threshold(model.held_out_.max(axis=1), model.classes_[best] == truth)
    return {target: _Part(model.coef_, tuple(model.classes_.tolist()), model.intercept_)}, threshold


def _fit_tree(X: Any, codes: NDArray[np.str_], target: str) -> tuple[dict[str, _Part], float]:
    model = TreeClassifier().fit(X, codes)
    decisions = Hierarchy(model.classes_.tolist()).decide(model.held_out_, LEVEL_THRESHOLD)
    scores = np.array([decision.score for decision in decisions])
    truth = codes[model.held_out_rows_]
    right = [code.startswith(d.code) for code, d in zip(truth, decisions, strict=True)]
    parts = {
        "stem": _Part(model.stem_coef_, tuple(model.stems_.tolist()), model.stem_intercept_),
        "leaf": _Part(model.leaf_coef_, tuple(model.classes_.tolist()), model.leaf_intercept_),
    }
    return parts, precision_threshold(scores, np.array(right))


def precision_threshold(scores: NDArray[Any], right: NDArray[np.bool_]) -> float:
    """Return the lowest score at and above which decisions are right often enough.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Of held-out decisions.
    right : ndarray of bool, shape (n,)

    Returns
    -------
    float
        The lowest score such that at least `PRECISION` of the rows at and above it are right;
        1.0 when there is none.
    """
    order = np.argsort(-scores, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    enough = enough[enough + 1 >= min(_FEWEST_HELD_OUT, len(order))]
    return round(float(scores[order][enough[-1]]), 4) if len(enough) else 1.0


def _assemble(transformer: TextFeatures, parts: Mapping[str, _Part], rank: int) -> Scorer:
    """Put all heads on one projection, by a truncated singular value decomposition if too wide."""
    stacked = np.hstack([part.coef for part in parts.values()])
    projection, mixing = _factor(stacked, rank)
    heads, start = {}, 0
    for name, part in parts.items():
        end = start + len(part.classes)
        weights = np.ascontiguousarray(mixing[:, start:end])
        heads[name] = Head(part.classes, weights, part.intercept.astype(np.float32))
        start = end
    return Scorer(
        transformer.columns_,
        transformer.idf_,
        np.ascontiguousarray(projection),
        heads,
        transformer.features == "words+chars",
    )


def _factor(weights: Floats, rank: int) -> tuple[Floats, Floats]:
    if weights.shape[1] <= rank:
        return weights, np.eye(weights.shape[1], dtype=np.float32)
    gram = weights.T.astype(np.float64) @ weights
    _, vectors = np.linalg.eigh(gram)
    # A fixed sign makes the same training give the same bytes.
    mixing = vectors[:, ::-1][:, :rank].T
    mixing *= np.sign(mixing[np.arange(rank), np.abs(mixing).argmax(axis=1)])[:, None]
    mixing = mixing.astype(np.float32)
    return weights @ mixing.T, mixing


def _manifest(
    name: str, data: TrainingSet, thresholds: Mapping[str, float], about: Mapping[str, Any]
) -> dict[str, Any]:
    import sklearn

    from minyi import __version__

    return {
        "name": name,
        "scheme": "taxonomy" if data.is_taxonomy else "labels",
        "thresholds": dict(thresholds),
        "precision": PRECISION,
        "n_submissions": len(data.submissions),
        "date": date.today().isoformat(),
        "versions": {
            "minyi": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        **about,
    }
