"""Continue a base model with an office's labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi.errors import InputError
from minyi.learning.classifier import CalibratedLinear, fit_temperature, folds
from minyi.learning.extension import Extended
from minyi.learning.hierarchy import LEAF_DIGITS, STEM_DIGITS, Floats, softmax
from minyi.learning.linear import fit_linear
from minyi.learning.mixing import added, best_shares
from minyi.learning.scoring import LeafModel, Linear, Scorer
from minyi.learning.transfer import allowed_classes, fit_near, within

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# How much the base counts (a factor of its logits), and how far the labels are trusted against it.
BALANCES = ((1.0, 3.0), (1.0, 30.0), (0.6, 30.0), (0.3, 100.0))
_LEAF_TRUST = 10.0
_NOT = -1.0  # the margin of what a text is not
_SEED = 20
_FEW = 500  # rows; of fewer, two folds choose
_ENOUGH = 2000  # rows that choose how far to trust the labels
_FEWEST_LEAF_ROWS = 2
_ROUNDS = 2  # of guessing the level 2 of labels of level 1


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
    shares : tuple of float
        What the logits of the continued model and of a model of the labels alone are multiplied by.
    held_out_rows : ndarray of int
    held_out : ndarray of float32, shape (n_held_out, n_classes)
        The calibrated probabilities of these rows by models that had not seen them.
    """

    linear: Linear
    weight: float
    trust: float
    shares: tuple[float, float]
    held_out_rows: NDArray[np.int64]
    held_out: Floats


def continue_head(
    X: csr_matrix, classes: Sequence[str], labels: NDArray[np.str_], base: Linear
) -> Continued:
    """Continue one head; a label may be the beginning of several classes (a level 1).

    The logits are those of the base, moved by the labels, and those of a model of the labels alone.
    How much the base counts, how far the labels are trusted, and how much each of the two models
    weighs, are what makes held-out labels most likely.
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
    moved = trials[weight, trust]
    base = base.scaled(weight)
    if len(splits[0][0]) > _ENOUGH:
        train, test = splits[0]
        moved = [(test, _try(X, allowed, base, trust, train, X[test]))]
    rows = np.concatenate([test for test, _ in moved])
    alone = [fit_alone(X[train], labels[train], classes).logits(X[test]) for train, test in few]
    logits = [np.vstack([part for _, part in moved]), np.vstack(alone)]
    shares = best_shares(logits, allowed[rows]).tolist()
    both = [_fit(X, allowed, base, trust), fit_alone(X, labels, classes)]
    held_out = softmax(shares[0] * logits[0] + shares[1] * logits[1])
    return Continued(added(both, shares), weight, trust, (shares[0], shares[1]), rows, held_out)


def fit_alone(X: csr_matrix, labels: NDArray[np.str_], classes: Sequence[str]) -> Linear:
    """Fit a head on the labels alone; the classes that a label means get the same logit."""
    names, row_names = np.unique(labels, return_inverse=True)
    meant = allowed_classes(classes, names.tolist())
    # Where labels of a level 1 and of a level 2 below it stand side by side, the former decides.
    inside = (meant[:, None] <= meant[None]).all(axis=2)
    widest = np.where(inside, meant.sum(axis=1), 0).argmax(axis=1)
    kept = np.unique(widest)
    coef, intercept = fit_linear(X, names[widest][row_names], names[kept], CalibratedLinear().C)
    meant = meant[kept].astype(np.float32)
    unknown = np.float32(_NOT) * (meant.sum(axis=0) == 0)
    return Linear(coef @ meant, intercept @ meant + unknown)


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
