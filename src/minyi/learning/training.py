"""Train a model on labelled submissions: of the corpus, or of an office, in any scheme."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.errors import InputError
from minyi.learning.classifier import CalibratedLinear, Parts, TreeClassifier
from minyi.learning.clauses import split_clauses
from minyi.learning.continuation import continued_scorer
from minyi.learning.extension import extend
from minyi.learning.features import TextFeatures
from minyi.learning.hierarchy import STEM_DIGITS, Decision, Floats, Hierarchy
from minyi.learning.linear import fit_linear
from minyi.learning.persistence import Model
from minyi.learning.scoring import LeafModel, Scorer, SentenceHead
from minyi.learning.sentences import SHORT, as_sentence, encode_many
from minyi.learning.trust import Decided, decided_codes, level_threshold, metrics, thresholds
from minyi.schema import URGENT_YES, Submission
from minyi.version import __version__

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TARGETS = ("category", "kind", "department", "urgent")
CLAUSE_WEIGHT = 0.3
_MANY = 2000
_MOST_WEIGHTS = 35_000_000  # features times labels


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
    base: Model | None = None,
    clauses: bool = False,
    semantic: bool = False,
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
    base : Model, optional
        Continue this model instead of beginning with nothing; what the labels do not tell stays.
    clauses : bool
        Let the sentences of submissions be examples of their category, for the sake of slips.
    semantic : bool
        Fit heads for sentence vectors as well; needs the optional encoder.
    about : mapping, optional
        Goes into the manifest (command, date, data).

    Raises
    ------
    InputError
        When there are no labels, or only one.
    """
    about = {"user_words": list(user_words), **(about or {})}  # to cut words as training did
    if base is not None:
        return _train_near(base, data, name, about)
    # With many texts, what only two of them share is chance: leaving it out is faster and better.
    min_df = 3 if len(data.submissions) > _MANY else 2
    transformer = TextFeatures(features, min_df=min_df, user_words=user_words)
    X = _fit_features(transformer, data)
    parts: dict[str, _Part] = {}
    decided: dict[str, Decided] = {}
    tested: dict[str, tuple[NDArray[np.int64], Floats]] = {}
    tree: TreeClassifier | None = None
    level: float | None = None
    for target in TARGETS:
        if target not in data.labels:
            continue
        labels = np.asarray(data.labels[target], dtype=str)
        rows = np.flatnonzero(labels != "")
        if len(rows) < 2:
            raise InputError(f"{target} 的标签应至少有 2 条，实际是 {len(rows)} 条。")
        if target == "category" and data.is_taxonomy:
            own_parts = _parts(transformer, data.submissions, rows) if clauses else None
            # With their sentences the rows are several times as many.
            tree = TreeClassifier(0.15 if own_parts else 0.3).fit(X[rows], labels[rows], own_parts)
            parts["stem"] = _Part(tree.stem_coef_, tree.stem_intercept_, _names(tree.stems_))
            decided[target], level = _tree_decisions(tree, labels[rows])
            tested[target] = tree.held_out_rows_, tree.held_out_stems_
        else:
            flat = CalibratedLinear().fit(X[rows], labels[rows])
            parts[target] = _Part(flat.coef_, flat.intercept_, _names(flat.classes_))
            truth = labels[rows][flat.held_out_rows_]
            decided[target] = _flat_decisions(flat.classes_, flat.held_out_, truth, target)
            if target == "department":
                tested[target] = flat.held_out_rows_, flat.held_out_
    if not parts:
        raise InputError("没有可训练的标签：请用 --label 指定标签列。")
    scorer = _assemble(transformer, parts, tree)
    if semantic:
        scorer = replace(scorer, sentences=_sentence_heads(data, tested))
    return Model(scorer, _manifest(name, data, decided, about, level))


def _parts(
    transformer: TextFeatures, submissions: Sequence[Submission], rows: NDArray[np.int64]
) -> Parts | None:
    clauses, parents = split_clauses([submissions[row] for row in rows.tolist()])
    if not clauses:
        return None
    return Parts(transformer.transform(clauses), parents, CLAUSE_WEIGHT)


def _sentence_heads(
    data: TrainingSet, held_out: Mapping[str, tuple[NDArray[np.int64], Floats]]
) -> dict[str, SentenceHead]:
    """Fit heads for sentence vectors, where these know something that words do not."""
    from minyi.learning.mixing import fit_sentence_head

    vectors = encode_many([as_sentence(submission) for submission in data.submissions])
    short = np.array([len(s.title) + len(s.text) <= SHORT for s in data.submissions])
    heads = {}
    for target, (tested, own) in held_out.items():
        labels = np.array([_as_head(label, target) for label in data.labels[target]])
        rows = np.flatnonzero(labels != "")
        logits = np.log(np.maximum(own, 1e-9))
        name = "stem" if target == "category" else target
        heads[name] = fit_sentence_head(vectors[rows], labels[rows], tested, logits, short[rows])
    return heads


def _as_head(label: str, target: str) -> str:
    return label[:STEM_DIGITS] if target == "category" else label


def _train_near(base: Model, data: TrainingSet, name: str, about: Mapping[str, Any]) -> Model:
    user_words = [*base.manifest.get("user_words", ()), *about["user_words"]]
    extended = extend(base.scorer, data.submissions, user_words)
    X = extended.transformer.transform(data.submissions)
    labels = {target: np.asarray(names, dtype=str) for target, names in data.labels.items()}
    scorer, told = continued_scorer(extended, X, labels, data.is_taxonomy)
    decided = {}
    for target, (continued, rows) in told.items():
        held_out = rows[continued.held_out_rows]
        truth = labels[target][held_out]
        if target == "category" and data.is_taxonomy:
            level = base.threshold("level")
            stems = continued.held_out
            decided[target] = _continued_decisions(scorer, X[held_out], stems, level, truth)
        else:
            classes = np.asarray(scorer.heads[target])
            decided[target] = _flat_decisions(classes, continued.held_out, truth, target)
    about = {
        **about,
        "user_words": user_words,
        "base": base.name,
        "base_weight": {target: continued.weight for target, (continued, _) in told.items()},
        "trust": {target: continued.trust for target, (continued, _) in told.items()},
        "shares": {target: continued.shares for target, (continued, _) in told.items()},
    }
    manifest = _manifest(name, data, decided, about)
    kept = base.manifest.get("thresholds", {})
    manifest["scheme"] = "taxonomy" if scorer.codes else "labels"
    return Model(scorer, {**manifest, "thresholds": {**kept, **manifest["thresholds"]}})


def _continued_decisions(
    scorer: Scorer, X: csr_matrix, stems: Floats, level: float, truth: NDArray[np.str_]
) -> Decided:
    decisions = Hierarchy(scorer.codes).decide(
        stems, lambda rows, chosen: scorer.leaf_probabilities(X.tocsc(), rows, chosen), level
    )
    # An office's label may say less than the decision: then that far is what can be checked.
    accepted = [
        [d.code if d.code.startswith(code) else code]
        for code, d in zip(truth.tolist(), decisions, strict=True)
    ]
    return decided_codes(*_scored(decisions), accepted)


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
    coef, _ = fit_linear(X[rows], labels[rows], np.unique(labels[rows]), CalibratedLinear().C)
    said = np.linalg.norm(coef, axis=1) * np.sqrt(np.bincount(X.indices, minlength=X.shape[1]))
    transformer.keep(np.sort(np.argsort(-said, kind="stable")[:most]))
    return transformer.transform(data.submissions)


def _flat_decisions(
    classes: NDArray[np.str_], held_out: Floats, truth: NDArray[np.str_], target: str
) -> Decided:
    if target == "urgent":
        return Decided(held_out[:, np.searchsorted(classes, URGENT_YES)], truth == URGENT_YES)
    return Decided(held_out.max(axis=1), classes[held_out.argmax(axis=1)] == truth)


def _tree_decisions(model: TreeClassifier, codes: NDArray[np.str_]) -> tuple[Decided, float]:
    """Return the held-out decisions, and the score from which they went a level down."""
    truth = codes[model.held_out_rows_].tolist()
    hierarchy = Hierarchy(model.classes_.tolist())
    whole = model.held_out_stems_[:, model.stem_of_] * model.held_out_leaves_
    level = level_threshold(model.classes_.tolist(), whole, [[code] for code in truth])
    decisions = hierarchy.decide(
        model.held_out_stems_,
        lambda rows, stems: hierarchy.padded(model.held_out_leaves_[rows], stems),
        level,
    )
    return decided_codes(*_scored(decisions), [[code] for code in truth]), level


def _scored(decisions: Sequence[Decision]) -> tuple[list[str], list[float]]:
    return [decision.code for decision in decisions], [decision.score for decision in decisions]


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
    name: str,
    data: TrainingSet,
    decided: Mapping[str, Decided],
    about: Mapping[str, Any],
    level: float | None = None,
) -> dict[str, Any]:
    import sklearn

    return {
        "name": name,
        "scheme": "taxonomy" if data.is_taxonomy else "labels",
        "thresholds": {**thresholds(decided), **({} if level is None else {"level": level})},
        "metrics": metrics(decided),
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
