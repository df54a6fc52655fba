"""Continue a base model with an office's labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi.errors import InputError
from minyi.learning.classifier import fit_temperature, folds
from minyi.learning.features import TextFeatures
from minyi.learning.hierarchy import LEAF_DIGITS, STEM_DIGITS, Floats, softmax
from minyi.learning.scoring import LeafModel, Linear, Scorer
from minyi.learning.transfer import allowed_classes, fit_near, within
from minyi.schema import Submission

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# How much the base counts (a factor of its logits), and how far the labels are trusted against it.
BALANCES = ((1.0, 3.0), (1.0, 30.0), (0.6, 30.0), (0.3, 100.0))
_LEAF_TRUST = 10.0
_MOST_WEIGHTS = 35_000_000  # features times outputs
_MANY = 2000
_SEED = 20
_FEW = 500  # rows; of fewer, two folds choose
_ENOUGH = 2000  # rows that choose how far to trust the labels
_FEWEST_LEAF_ROWS = 2
_ROUNDS = 2  # of guessing the level 2 of labels of level 1


@dataclass(frozen=True)
class Extended:
    """A base scorer among the features of new texts as well.

    Attributes
    ----------
    transformer : TextFeatures
        The features of the base and those that are frequent in the new texts.
    heads : dict of str to Linear
        The flat heads of the base; new features weigh nothing.
    positions : ndarray of int
        Where the features of the base are now.
    """

    base: Scorer
    transformer: TextFeatures
    heads: dict[str, Linear]
    positions: NDArray[np.int64]

    def scorer(self, heads: Mapping[str, Linear], classes: Mapping[str, Sequence[str]]) -> Scorer:
        """Return a scorer with these heads; others and the leaves are those of the base.

        A head ``category``, for a scheme of an office's own, takes the place of the tree.
        """
        names = {**self.base.heads, **{name: tuple(values) for name, values in classes.items()}}
        own_scheme = "category" in names
        if own_scheme:
            names.pop("stem", None)
        parts = [heads.get(name) or self.heads[name] for name in names]
        return replace(
            self.base,
            columns=self.transformer.columns_,
            idf=self.transformer.idf_,
            weights=np.ascontiguousarray(np.hstack([part.coef for part in parts])),
            intercept=np.concatenate([part.intercept for part in parts]),
            heads=names,
            codes=() if own_scheme else self.base.codes,
            # A head of other classes has no use for the base's model of sentence vectors.
            sentences={
                name: linear
                for name, linear in self.base.sentences.items()
                if names.get(name) == self.base.heads[name]
            },
            leaves=[]
            if own_scheme
            else [
                replace(leaf, features=self.positions[leaf.features]) for leaf in self.base.leaves
            ],
        )


def extend(
    base: Scorer, submissions: Sequence[Submission], user_words: Sequence[str] = ()
) -> Extended:
    """Let a base scorer know the features that occur often enough in new texts."""
    transformer = TextFeatures(
        "words+chars" if base.segments else "chars",
        min_df=3 if len(submissions) > _MANY else 2,
        user_words=user_words,
    ).fit(submissions)
    new = np.flatnonzero(~np.isin(transformer.columns_, base.columns))
    room = max(0, _MOST_WEIGHTS // len(base.intercept) - len(base.columns))
    new = new[np.argsort(transformer.idf_[new], kind="stable")[:room]]  # the most frequent
    columns = np.concatenate([base.columns, transformer.columns_[new]])
    idf = np.concatenate([base.idf, transformer.idf_[new]])
    order = np.argsort(columns)
    transformer.columns_, transformer.idf_ = columns[order], idf[order]
    positions = np.searchsorted(transformer.columns_, base.columns)
    weights = np.zeros((len(columns), len(base.intercept)), np.float32)
    weights[positions] = base.weights
    heads, start = {}, 0
    for name, classes in base.heads.items():
        part = slice(start, start + len(classes))
        heads[name] = Linear(np.ascontiguousarray(weights[:, part]), base.intercept[part])
        start = part.stop
    return Extended(base, transformer, heads, positions)


@dataclass(frozen=True)
class Continued:
    """A head that was continued.

    Attributes
    ----------
    linear : Linear
        Calibrated.
    weight : float
        How much the base counted.
    trust : float
        How far the labels were trusted against the base (``C`` of `fit_near`).
    held_out_rows : ndarray of int
    held_out : ndarray of float32, shape (n_held_out, n_classes)
        The calibrated probabilities of these rows by models that had not seen them.
    """

    linear: Linear
    weight: float
    trust: float
    held_out_rows: NDArray[np.int64]
    held_out: Floats


def continue_head(
    X: csr_matrix, classes: Sequence[str], labels: NDArray[np.str_], base: Linear
) -> Continued:
    """Continue one head; a label may be the beginning of several classes (a level 1).

    The weight of the base, how far the labels are trusted, and the temperature are those that make
    held-out labels most likely.
    """
    allowed = allowed_classes(classes, labels.tolist())
    splits = folds(labels)
    few = splits[:2] if len(labels) <= _FEW else splits[:1]
    trials = {
        (weight, trust): [
            (test, _try(X, allowed, base.scaled(weight), trust, _some(train), X[test]))
            for train, test in few
        ]
        for weight, trust in BALANCES
    }
    losses = {balance: _best_loss(parts, allowed) for balance, parts in trials.items()}
    weight, trust = min(losses, key=lambda balance: losses[balance])
    held_out = trials[weight, trust]
    base = base.scaled(weight)
    if len(splits[0][0]) > _ENOUGH:
        train, test = splits[0]
        held_out = [(test, _try(X, allowed, base, trust, train, X[test]))]
    rows = np.concatenate([test for test, _ in held_out])
    logits = np.vstack([part for _, part in held_out])
    temperature = fit_temperature(logits, allowed[rows])
    linear = _fit(X, allowed, base, trust).scaled(float(temperature))
    return Continued(linear, weight, trust, rows, softmax(logits * temperature))


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.random.default_rng(_SEED).permutation(rows)[:_ENOUGH]


def _try(
    X: csr_matrix,
    allowed: NDArray[np.bool_],
    base: Linear,
    trust: float,
    rows: NDArray[np.int64],
    test: csr_matrix,
) -> Floats:
    return _fit(X[rows], allowed[rows], base, trust).logits(test)


def _fit(X: csr_matrix, allowed: NDArray[np.bool_], base: Linear, trust: float) -> Linear:
    # Expectation maximisation: where a label allows several classes, the present model guesses.
    linear = base
    rounds = _ROUNDS if (allowed.sum(axis=1) > 1).any() else 1
    for _ in range(rounds):
        linear = fit_near(X, within(linear.logits(X), allowed), base, C=trust, start=linear)
    return linear


def _best_loss(
    parts: Sequence[tuple[NDArray[np.int64], Floats]], allowed: NDArray[np.bool_]
) -> float:
    """Return the loss of held-out logits at their best temperature, as they will be used."""
    truth = allowed[np.concatenate([test for test, _ in parts])]
    logits = np.vstack([part for _, part in parts])
    return _loss(softmax(logits * fit_temperature(logits, truth)), truth)


def _loss(probabilities: Floats, allowed: NDArray[np.bool_]) -> float:
    right = (probabilities * allowed).sum(axis=1)
    return float(-np.log(np.maximum(right, 1e-6)).mean())


def prior_for(
    base: Linear, logits: Floats, classes: Sequence[str], labels: NDArray[np.str_]
) -> Linear:
    """Return a beginning for classes that the base does not know.

    The logit of a new class is the mean of those base classes that its labelled texts look like.

    Parameters
    ----------
    base : Linear
    logits : ndarray, shape (n_rows, n_base_classes)
        What the base says of the labelled rows.
    classes : sequence of str
        The new classes, sorted.
    labels : ndarray of str, shape (n_rows,)
    """
    alike = np.zeros((logits.shape[1], len(classes)), np.float32)
    np.add.at(alike.T, np.searchsorted(classes, labels), softmax(logits))
    alike /= np.maximum(alike.sum(axis=0), 1e-9)
    guess = Linear(base.coef @ alike, base.intercept @ alike)
    truth = np.asarray(classes)[None, :] == labels[:, None]
    return guess.scaled(float(fit_temperature(logits @ alike, truth)))


def continue_leaves(scorer: Scorer, X: csr_matrix, codes: NDArray[np.str_]) -> list[LeafModel]:
    """Continue the leaf models of the stems for which there are labels of level 3."""
    models = list(scorer.leaves)
    leaves_of = {
        stem: [c for c in scorer.codes if c[:STEM_DIGITS] == stem] for stem in scorer.heads["stem"]
    }
    for number, stem in enumerate(scorer.heads["stem"]):
        names = leaves_of[stem]
        rows = np.flatnonzero(np.isin(codes, [name for name in names if len(name) == LEAF_DIGITS]))
        if len(rows) < _FEWEST_LEAF_ROWS or len(names) < 2:
            continue
        coef = np.zeros((X.shape[1], len(names)), np.float32)
        coef[models[number].features] = models[number].weights
        part = X[rows]
        targets = (np.asarray(names)[None, :] == codes[rows][:, None]).astype(np.float32)
        near = fit_near(part, targets, Linear(coef, models[number].intercept), C=_LEAF_TRUST)
        used = np.union1d(models[number].features, np.unique(part.indices))
        models[number] = LeafModel(used, near.coef[used], near.intercept)
    return models


def _check_base(base: Scorer, head: str, source: str, labels: Sequence[str]) -> None:
    if source not in base.heads:
        what = "类别标签是本程序的代码" if head == "stem" else f"{head} 没有学过"
        raise InputError(f"--base 的模型用的是自定类别，而这里的{what}：请改用 --base starter。")
    if head == "stem":
        known = base.heads["stem"]
        unknown = {label for label in labels if not any(stem.startswith(label) for stem in known)}
        if unknown:
            raise InputError(
                f"--base 的模型不认识类别 {'、'.join(sorted(unknown)[:5])}：请改用 --base starter。"
            )


def continued_scorer(
    extended: Extended, X: csr_matrix, labels: Mapping[str, NDArray[np.str_]], is_taxonomy: bool
) -> tuple[Scorer, dict[str, tuple[Continued, NDArray[np.int64]]]]:
    """Return the continued scorer, and for each target its head and the rows that have labels."""
    heads: dict[str, Linear] = {}
    classes: dict[str, Sequence[str]] = {}
    told: dict[str, Any] = {}
    for target, names in labels.items():
        rows = np.flatnonzero(names != "")
        head = "stem" if target == "category" and is_taxonomy else target
        wanted = np.array([name[:STEM_DIGITS] for name in names]) if head == "stem" else names
        if len(set(names[rows].tolist())) < 2:
            raise InputError(f"{target} 的标签应至少有两种，实际有 {len(set(names[rows]))} 种。")
        source = head if head in extended.heads else "stem"
        _check_base(extended.base, head, source, wanted[rows].tolist())
        known: Sequence[str] = extended.base.heads[source]
        prior = extended.heads[source]
        if head != "stem" and not set(wanted[rows]) <= set(known):
            known = np.unique(wanted[rows]).tolist()
            prior = prior_for(prior, prior.logits(X[rows]), known, wanted[rows])
        continued = continue_head(X[rows], known, wanted[rows], prior)
        heads[head], classes[head] = continued.linear, known
        told[target] = (continued, rows)
    scorer = extended.scorer(heads, classes)
    if "category" in labels and is_taxonomy:
        scorer = replace(scorer, leaves=continue_leaves(scorer, X, labels["category"]))
    return scorer, told
