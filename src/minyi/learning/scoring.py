"""A trained model in the form that predicts: arrays only, no scikit-learn.

All flat heads (stem or category, kind, department, urgent) stand side by side in one matrix and
share one sparse product; the leaves of a stem are few and looked at only when the stem is chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.learning import hashing
from minyi.learning.hierarchy import STEM_DIGITS, Floats, Hierarchy, softmax

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix, csr_matrix

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Linear:
    """Logits: ``X @ coef + intercept``.

    Attributes
    ----------
    coef : ndarray of float32, shape (n_features, n_classes)
    intercept : ndarray of float32, shape (n_classes,)
    """

    coef: Floats
    intercept: Floats

    def logits(self, X: csr_matrix | Floats) -> Floats:
        """Return the logits, shape (n_samples, n_classes)."""
        return np.asarray(X @ self.coef + self.intercept)

    def scaled(self, factor: float) -> Linear:
        """Return the same with all logits multiplied."""
        return Linear(np.float32(factor) * self.coef, np.float32(factor) * self.intercept)


@dataclass(frozen=True)
class SentenceHead:
    """A head for sentence vectors, to be mixed with that for words.

    Attributes
    ----------
    linear : Linear
        Of vectors; what it adds to the mixed logits.
    words : float
        What the logits of the head for words are multiplied by before.
    """

    linear: Linear
    words: float

    def mixed(self, own: Floats, vectors: Floats) -> Floats:
        """Return the mixed logits, shape (n, n_classes)."""
        return np.asarray(np.float32(self.words) * own + self.linear.logits(vectors))


@dataclass(frozen=True)
class LeafModel:
    """The leaves of one stem.

    Attributes
    ----------
    features : ndarray of int, shape (n_used,)
        Positions of the features that occurred under the stem.
    weights : ndarray of float32, shape (n_used, n_leaves)
    intercept : ndarray of float32, shape (n_leaves,)
    """

    features: Integers
    weights: Floats
    intercept: Floats

    def logits(self, columns: NDArray[np.int32], values: Floats) -> Floats:
        """Return the logits of one submission, given its features; shape (n_leaves,)."""
        position = self._positions.take(columns, mode="clip")
        known = np.flatnonzero(position >= 0)
        weights = self.weights.take(position.take(known), axis=0)
        return np.asarray(values.take(known) @ weights + self.intercept)

    @cached_property
    def _positions(self) -> NDArray[np.signedinteger]:
        """The row in `weights` of every feature, -1 if absent, as for all beyond the last."""
        n_used = len(self.features)
        # A table for every stem: small integers save most of its memory.
        dtype = np.int16 if n_used <= np.iinfo(np.int16).max else np.int32
        positions = np.full(self.features.max(initial=-1) + 2, -1, dtype=dtype)
        positions[self.features] = np.arange(n_used, dtype=dtype)
        return positions


@dataclass(frozen=True)
class Scorer:
    """Features to calibrated probabilities.

    Attributes
    ----------
    columns, idf : ndarray, shape (n_features,)
        See `TextFeatures`.
    weights : ndarray of float32, shape (n_features, n_outputs)
    intercept : ndarray of float32, shape (n_outputs,)
    heads : mapping of str to tuple of str
        Target to its classes, in the order of the outputs: ``stem`` (a tree) or ``category``,
        ``kind``, ``department``, ``urgent``; those the model was trained for.
    codes : tuple of str
        All codes of a tree, sorted; empty without one.
    leaves : sequence of LeafModel
        One for each stem.
    segments : bool
        Whether words are among the features.
    sentences : dict of str to SentenceHead
        Heads that also have a model of sentence vectors (:mod:`minyi.learning.sentences`).
    """

    columns: Integers
    idf: Floats
    weights: Floats
    intercept: Floats
    heads: Mapping[str, tuple[str, ...]]
    codes: tuple[str, ...] = ()
    leaves: Sequence[LeafModel] = ()
    segments: bool = True
    sentences: Mapping[str, SentenceHead] = field(default_factory=dict)

    @cached_property
    def lookup(self) -> Integers:
        """The position of every hashed column in `columns`, -1 if absent."""
        return hashing.make_lookup(self.columns)

    @property
    def top(self) -> str:
        """The head on which the category is first decided: ``stem`` or ``category``."""
        return "stem" if self.codes else "category"

    def has(self, target: str) -> bool:
        """Whether the model decides about `target`."""
        return target in self.heads or (target == "category" and bool(self.codes))

    def among(self, codes: Collection[str]) -> Scorer:
        """Return a scorer for which every code of the tree but these has a probability of 0.

        Their logits become minus infinity; the others keep their proportions.
        """
        stems = {code[:STEM_DIGITS] for code in codes}
        intercept = self.intercept.copy()
        intercept[self.outputs("stem")] += _penalty(self.heads["stem"], stems)
        # The leaves of a stem that is left out are left as they are: a softmax needs one finite.
        leaves = [
            replace(model, intercept=model.intercept + _penalty(own, codes))
            if stem in stems
            else model
            for stem, own, model in zip(
                self.heads["stem"], Hierarchy(self.codes).leaves, self.leaves, strict=True
            )
        ]
        return replace(self, intercept=intercept, leaves=leaves)

    def weigh(self, features: hashing.Features) -> csc_matrix:
        """Return the features as a matrix, shape (n_submissions, n_features)."""
        counts = hashing.count(features, self.lookup, len(self.columns))
        return hashing.weigh(counts, self.columns, self.idf)

    def logits(self, X: csc_matrix) -> Floats:
        """Return the calibrated logits of all heads, shape (n_submissions, n_outputs)."""
        logits = np.asarray(X @ self.weights)
        logits += self.intercept
        return logits

    def probabilities(self, logits: Floats, head: str) -> Floats:
        """Return the probabilities of one head out of the logits of all."""
        return softmax(logits[:, self.outputs(head)])

    def add_sentences(self, logits: Floats, rows: Integers, vectors: Floats) -> None:
        """Mix the logits of some rows with those of their sentence vectors.

        The two know different things: features the words they were taught, vectors what other
        words mean alike. On short texts both together are right more often than either.
        """
        for head, sentence_head in self.sentences.items():
            part = np.s_[rows[:, None], np.arange(self.intercept.size)[self.outputs(head)]]
            logits[part] = sentence_head.mixed(logits[part], vectors)

    def leaf_probabilities(self, X: csc_matrix, rows: Integers, stems: Integers) -> Floats:
        """Return P(leaf | stem) for the stem (position) of each of `rows`.

        Returns
        -------
        ndarray of float32, shape (n_rows, most leaves of a stem)
            Zeros beyond the leaves that a stem has.
        """
        X = X.tocsr()
        widest = max(len(model.intercept) for model in self.leaves)
        result = np.zeros((len(stems), widest), dtype=np.float32)
        bounds = zip(X.indptr[rows].tolist(), X.indptr[rows + 1].tolist(), strict=True)
        for i, (stem, (start, end)) in enumerate(zip(stems.tolist(), bounds, strict=True)):
            model = self.leaves[stem]
            logits = model.logits(X.indices[start:end], X.data[start:end])
            result[i, : len(logits)] = softmax(logits[None])
        return result

    def all_leaf_probabilities(self, X: csc_matrix) -> Floats:
        """Return P(leaf | stem) for every code, shape (n, n_codes)."""
        logits = (X[:, leaf.features] @ leaf.weights + leaf.intercept for leaf in self.leaves)
        return np.hstack([softmax(each) for each in logits])

    def word_weights(self, features: hashing.Features, classes: Integers) -> Floats:
        """Return how much each word speaks for the class of its submission.

        Parameters
        ----------
        features : hashing.Features
        classes : ndarray of int, shape (n_submissions,)
            Positions among the classes of the head `top`.

        Returns
        -------
        ndarray of float32, shape (n_words,)
            The difference a word makes to the logit against the mean of all classes; not
            scaled to the length of the submission.
        """
        position = self.lookup[features.word_columns]
        output = classes[features.word_rows] + self.outputs(self.top).start
        weights = self.weights[position, output] - self._mean_weights[position]
        return np.where(position >= 0, weights * self.idf[position], 0.0).astype(np.float32)

    @cached_property
    def _mean_weights(self) -> Floats:
        return np.asarray(self.weights[:, self.outputs(self.top)].mean(axis=1))

    def outputs(self, head: str) -> slice:
        """Return which columns of `weights` belong to a head."""
        start = 0
        for name, classes in self.heads.items():
            if name == head:
                return slice(start, start + len(classes))
            start += len(classes)
        raise KeyError(head)


def _penalty(names: Sequence[str], kept: Collection[str]) -> Floats:
    return np.array([0.0 if name in kept else -np.inf for name in names], dtype=np.float32)
