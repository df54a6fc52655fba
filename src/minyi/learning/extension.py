"""A base scorer that also knows the features of new texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from minyi.learning.features import TextFeatures
from minyi.learning.scoring import Linear, Scorer
from minyi.schema import Submission

_MOST_WEIGHTS = 35_000_000  # features times outputs
_MANY = 2000


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
