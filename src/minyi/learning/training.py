"""Train a model on labelled submissions: of the corpus, or of an office, in any scheme."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.errors import InputError
from minyi.learning.classifier import CalibratedLogistic, TreeClassifier, fit_linear
from minyi.learning.features import TextFeatures
from minyi.learning.hierarchy import STEM_DIGITS, Floats, Hierarchy
from minyi.learning.persistence import Model
from minyi.learning.scoring import LeafModel, Scorer
from minyi.schema import Submission
from minyi.version import __version__

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TARGETS = ("category", "kind", "department", "urgent")
PRECISION = 0.95
LEVEL_THRESHOLD = 0.5
_MANY = 2000
_MOST_WEIGHTS = 35_000_000  # features times labels
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
    """A flat head, before all of them stand side by side."""

    coef: Floats
    intercept: Floats
    classes: tuple[str, ...]


def train(
    data: TrainingSet,
    *,
    name: str,
    features: str = "words+chars",
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
    user_words : sequence of str
    about : mapping, optional
        Goes into the manifest (command, date, data).

    Raises
    ------
    InputError
        When there are no labels, or only one.
    """
    # With many texts, what only two of them share is chance: leaving it out is faster and better.
    min_df = 3 if len(data.submissions) > _MANY else 2
    transformer = TextFeatures(features, min_df=min_df, user_words=user_words)
    X = _fit_features(transformer, data)
    parts: dict[str, _Part] = {}
    thresholds: dict[str, float] = {}
    tree: TreeClassifier | None = None
    for target in TARGETS:
        if target not in data.labels:
            continue
        labels = np.asarray(data.labels[target], dtype=str)
        rows = np.flatnonzero(labels != "")
        if len(rows) < 2:
            raise InputError(f"{target} 的标签应至少有 2 条，实际是 {len(rows)} 条。")
        if target == "category" and data.is_taxonomy:
            tree = TreeClassifier().fit(X[rows], labels[rows])
            parts["stem"] = _Part(tree.stem_coef_, tree.stem_intercept_, _names(tree.stems_))
            thresholds[target] = _tree_threshold(tree, labels[rows])
        else:
            flat = CalibratedLogistic().fit(X[rows], labels[rows])
            parts[target] = _Part(flat.coef_, flat.intercept_, _names(flat.classes_))
            thresholds[target] = _flat_threshold(flat, labels[rows])
    if not parts:
        raise InputError("没有可训练的标签：请用 --label 指定标签列。")
    scorer = _assemble(transformer, parts, tree)
    # What predicts must cut words as training did.
    about = {"user_words": list(user_words), **(about or {})}
    return Model(scorer, _manifest(name, data, thresholds, about))


def _fit_features(transformer: TextFeatures, data: TrainingSet) -> csr_matrix:
    """Fit the features; drop those that say least when the model would grow too large.

    What a feature says is the length of its row of coefficients in a first model, times the root
    of its document frequency. Dropping 40 % cost a fifth of a point of macro-F1 on real messages
    (0.835 to 0.834; benchmarks/model_size.py) and makes the model smaller and faster.
    """
    X = transformer.fit_transform(data.submissions)
    most = _MOST_WEIGHTS // max(1, sum(len(set(labels)) for labels in data.labels.values()))
    if X.shape[1] <= most:
        return X
    target = next(name for name in TARGETS if name in data.labels)
    labels = np.asarray(data.labels[target], dtype=str)
    if target == "category" and data.is_taxonomy:
        labels = np.array([code[:STEM_DIGITS] for code in labels])
    rows = np.flatnonzero(labels != "")
    coef, _ = fit_linear(X[rows], labels[rows], np.unique(labels[rows]), CalibratedLogistic().C)
    said = np.linalg.norm(coef, axis=1) * np.sqrt(np.bincount(X.indices, minlength=X.shape[1]))
    transformer.keep(np.sort(np.argsort(-said, kind="stable")[:most]))
    return transformer.transform(data.submissions)


def _flat_threshold(model: CalibratedLogistic, labels: NDArray[np.str_]) -> float:
    best, truth = model.held_out_.argmax(axis=1), labels[model.held_out_rows_]
    return precision_threshold(model.held_out_.max(axis=1), model.classes_[best] == truth)


def _tree_threshold(model: TreeClassifier, codes: NDArray[np.str_]) -> float:
    hierarchy = Hierarchy(model.classes_.tolist())
    decisions = hierarchy.decide(
        model.held_out_stems_,
        lambda rows, stems: hierarchy.padded(model.held_out_leaves_[rows], stems),
        LEVEL_THRESHOLD,
    )
    scores = np.array([decision.score for decision in decisions])
    truth = codes[model.held_out_rows_]
    right = [code.startswith(d.code) for code, d in zip(truth, decisions, strict=True)]
    return precision_threshold(scores, np.array(right))


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
    # No threshold parts rows of the same score.
    apart = np.diff(scores[order], append=-np.inf) < 0
    enough = np.flatnonzero((precision >= PRECISION) & apart)
    enough = enough[enough + 1 >= min(_FEWEST_HELD_OUT, len(order))]
    return round(float(scores[order][enough[-1]]), 4) if len(enough) else 1.0


def _assemble(
    transformer: TextFeatures, parts: Mapping[str, _Part], tree: TreeClassifier | None
) -> Scorer:
    return Scorer(
        columns=transformer.columns_,
        idf=transformer.idf_,
        weights=np.ascontiguousarray(np.hstack([part.coef for part in parts.values()])),
        intercept=np.concatenate([part.intercept for part in parts.values()]),
        heads={name: part.classes for name, part in parts.items()},
        codes=_names(tree.classes_) if tree else (),
        leaves=_leaf_models(tree) if tree else (),
        segments=transformer.features == "words+chars",
    )


def _leaf_models(tree: TreeClassifier) -> list[LeafModel]:
    models = []
    for stem in range(len(tree.stems_)):
        columns = np.flatnonzero(tree.stem_of_ == stem)
        coef = tree.leaf_coef_[:, columns]
        used = np.flatnonzero(coef.any(axis=1))
        models.append(LeafModel(used, coef[used], tree.leaf_intercept_[columns]))
    return models


def _names(classes: NDArray[np.str_]) -> tuple[str, ...]:
    return tuple(classes.tolist())


def _manifest(
    name: str, data: TrainingSet, thresholds: Mapping[str, float], about: Mapping[str, Any]
) -> dict[str, Any]:
    import sklearn

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
