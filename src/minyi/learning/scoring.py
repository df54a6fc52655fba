"""A trained model in the form that predicts: arrays only, no scikit-learn.

All heads (category, kind, department, urgent) share the features and one sparse product with
the projection; what is left is small and dense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from minyi.learning import hashing
from minyi.learning.hierarchy import softmax, stem_positions, tree_probabilities

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """One target's last layer.

    Attributes
    ----------
    classes : tuple of str
    weights : ndarray of float32, shape (rank, n_classes)
    intercept : ndarray of float32, shape (n_classes,)
        Both already multiplied by the calibration temperature.
    """

    classes: tuple[str, ...]
    weights: Floats
    intercept: Floats


@dataclass(frozen=True)
class Scorer:
    """Features to calibrated probabilities.

    Attributes
    ----------
    columns, idf : ndarray, shape (n_features,)
        See `TextFeatures`.
    projection : ndarray of float32, shape (n_features, rank)
    heads : mapping of str to Head
        ``category`` (or ``stem`` and ``leaf`` for a tree), ``kind``, ``department``, ``urgent``;
        those the model was trained for.
    segments : bool
        Whether words are among the features.
    """

    columns: NDArray[np.int64]
    idf: Floats
    projection: Floats
    heads: Mapping[str, Head]
    segments: bool = True

    @cached_property
    def lookup(self) -> NDArray[np.int64]:
        """The position of every hashed column in `columns`, -1 if absent."""
        return hashing.make_lookup(self.columns)

    def project(self, features: hashing.Features) -> Floats:
        """Return the projected features, shape (n_submissions, rank)."""
        counts = hashing.count(features, self.lookup, len(self.columns))
        weighed = hashing.weigh(counts, self.columns, self.idf)
        return np.asarray(weighed @ self.projection)

    def probabilities(self, projected: Floats, target: str) -> Floats:
        """Return calibrated probabilities over ``classes(target)``."""
        if target == "category" and "stem" in self.heads:
            stems, leaves = (self._logits(projected, name) for name in ("stem", "leaf"))
            return tree_probabilities(stems, leaves, self._stem_of)
        return softmax(self._logits(projected, target))

    def classes(self, target: str) -> tuple[str, ...]:
        """Return the classes of a target, in the order of its probabilities."""
        if target == "category" and "stem" in self.heads:
            return self.heads["leaf"].classes
        return self.heads[target].classes

    def has(self, target: str) -> bool:
        """Whether the model decides about `target`."""
        return target in self.heads or (target == "category" and "stem" in self.heads)

    def word_weights(self, features: hashing.Features, classes: NDArray[np.int64]) -> Floats:
        """Return how much each word speaks for the class of its submission.

        Parameters
        ----------
        features : hashing.Features
        classes : ndarray of int, shape (n_submissions,)
            Positions in `top_classes`.

        Returns
        -------
        ndarray of float32, shape (n_words,)
            The difference a word makes to the logit against the mean of all classes; not
            scaled to the length of the submission.
        """
        position = self.lookup[features.word_columns]
        direction = self._centred.T[classes][features.word_rows]
        weights = np.einsum("ij,ij->i", self.projection[position], direction)
        return np.where(position >= 0, weights * self.idf[position], 0.0).astype(np.float32)

    @cached_property
    def _centred(self) -> Floats:
        weights = self.heads["stem" if "stem" in self.heads else "category"].weights
        return weights - weights.mean(axis=1, keepdims=True)

    @property
    def top_classes(self) -> tuple[str, ...]:
        """The classes among which the first decision on the category falls: stems or labels."""
        return self.heads["stem" if "stem" in self.heads else "category"].classes

    @cached_property
    def _stem_of(self) -> NDArray[np.int64]:
        return stem_positions(self.heads["leaf"].classes, self.heads["stem"].classes)

    def _logits(self, projected: Floats, name: str) -> Floats:
        head = self.heads[name]
        return projected @ head.weights + head.intercept
