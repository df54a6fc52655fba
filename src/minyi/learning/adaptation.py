"""Adapt a model to an office's unlabelled archive: words and sentence vectors teach each other.

Co-training of two views (Blum and Mitchell 1998): what both together are most sure of becomes a
label for the view of characters and words, round by round. The sentence encoder is needed only
for that; the adapted model runs without it. Self-training without a second view does harm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi.errors import InputError, ModelError
from minyi.learning.extension import extend
from minyi.learning.hierarchy import TOP_DIGITS, Floats, softmax
from minyi.learning.scoring import Linear, Scorer
from minyi.learning.transfer import fit_near
from minyi.schema import Submission

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FEWEST = 200  # texts; with fewer there is little to learn and nothing to check it by
ROUNDS = (0.4, 0.6, 0.8)  # the share of each class that becomes labels, the surest first
_TRUST = 3.0
_STEPS = 12
_WATCHED = 0.15  # of the texts teach nothing: they tell whether the model got worse
_SETTLED = 0.01  # the share of texts that change their class when it is time to stop
_MOST_DRIFT = 0.25
_LEAST_GAIN = -0.01
_LEAST_KAPPA = 0.2  # agreement of the two views beyond chance: below it one of them knows nothing
_SEED = 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Check:
    """What the watched texts, which taught nothing, say of an adaptation.

    Attributes
    ----------
    n_texts, n_watched, rounds : int
    agreement_before, agreement_after : float
        How often the two views name the same level 2 (0–1). Views that differ in kind agree more
        only when they come nearer to the truth (Dasgupta et al. 2002).
    drift : float
        How far the shares of the level 1 moved, from 0 to 1 (total variation).
    problem : str
        Why the base is kept, in Chinese; empty when the adaptation is good.
    """

    n_texts: int
    n_watched: int
    rounds: int
    agreement_before: float
    agreement_after: float
    drift: float
    problem: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def adapt(
    base: Scorer,
    submissions: Sequence[Submission],
    vectors: Floats,
    *,
    stems: Collection[str] | None = None,
    user_words: Sequence[str] = (),
    progress: Progress | None = None,
) -> tuple[Scorer, Check]:
    """Return the adapted scorer and what speaks for it; the base itself when it got worse.

    Parameters
    ----------
    base : Scorer
        With heads for sentence vectors.
    submissions : sequence of Submission
        Cleaned.
    vectors : ndarray of float32, shape (n, 512)
        Of their sentences.
    stems : collection of str, optional
        The level 2 categories that the office uses; only these are taught.
    user_words : sequence of str
    progress : callable, optional
        Called with the number of rounds done and their total.

    Raises
    ------
    InputError
        Fewer than `FEWEST` texts.
    """
    if len(submissions) < FEWEST:
        raise InputError(
            f"至少需要 {FEWEST} 条不重复的意见才能适应，实际只有 {len(submissions)} 条："
            "请把往年的也加进来。"
        )
    if "stem" not in base.sentences:
        raise ModelError("这个模型没有语义部分，不能用来适应：请用自带的 starter。")
    extended = extend(base, submissions, user_words)
    X = extended.transformer.transform(submissions)
    watched = np.random.default_rng(_SEED).random(len(submissions)) < _WATCHED
    views = {head: one.linear.logits(vectors) for head, one in base.sentences.items()}
    heads = dict(extended.heads)
    before = softmax(heads["stem"].logits(X))
    taught = np.flatnonzero(~watched)
    done = 0
    for share in ROUNDS:
        changed = []
        for head, view in views.items():
            barred = [] if head != "stem" or stems is None else _others(base.heads[head], stems)
            own = heads[head].logits(X)
            teacher = np.float32(base.sentences[head].words) * own + view
            teacher[:, barred] = -np.inf
            rows = taught[surest(softmax(teacher[taught]), share)]
            near = extended.heads[head]
            heads[head] = _taught(X[rows], teacher[rows], near, start=heads[head])
            now = heads[head].logits(X)
            changed.append(np.mean(now.argmax(axis=1) != own.argmax(axis=1)))
        done += 1
        if progress:
            progress(done, len(ROUNDS))
        if max(changed) < _SETTLED:
            break
    final = {head: _as_certain(heads[head], extended.heads[head], X[watched]) for head in views}
    after = softmax(final["stem"].logits(X))
    check = _check(
        base, before[watched], after[watched], views["stem"][watched], len(submissions), done
    )
    return (base if check.problem else extended.scorer(final, {})), check


def _others(names: Sequence[str], stems: Collection[str]) -> list[int]:
    return [position for position, name in enumerate(names) if name not in stems]


def _taught(X: csr_matrix, teacher: Floats, near: Linear, start: Linear) -> Linear:
    """Return the head after it learnt what the teacher says of each row."""
    labels = np.eye(teacher.shape[1], dtype=np.float32)[teacher.argmax(axis=1)]
    return fit_near(X, labels, near, C=_TRUST, start=start, steps=_STEPS)


def surest(probabilities: Floats, share: float) -> NDArray[np.int64]:
    """Return the rows of the highest probability of each predicted class, at least one of each."""
    best, score = probabilities.argmax(axis=1), probabilities.max(axis=1)
    order = np.lexsort((-score, best))
    starts = np.flatnonzero(np.diff(best[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    kept = rank < np.maximum(1, np.round(share * np.repeat(sizes, sizes)))
    return np.sort(order[kept])


def _kappa(first: NDArray[np.int64], second: NDArray[np.int64], agreed: float) -> float:
    """Return the agreement beyond chance (Cohen 1960), at most 1."""
    size = max(int(first.max()), int(second.max())) + 1
    shares = [np.bincount(view, minlength=size) / len(view) for view in (first, second)]
    chance = float(shares[0] @ shares[1])
    return (agreed - chance) / max(1 - chance, 1e-9)


def _as_certain(linear: Linear, base: Linear, X: csr_matrix) -> Linear:
    """Scale the logits so that the mean certainty is that of the base on the same texts.

    The labels were guesses: to have learnt them by heart is no ground for more certainty.
    """
    wanted = softmax(base.logits(X)).max(axis=1).mean()
    logits = linear.logits(X)
    low, high = 0.05, 2.0
    for _ in range(20):
        middle = (low + high) / 2
        if softmax(logits * middle).max(axis=1).mean() > wanted:
            high = middle
        else:
            low = middle
    return linear.scaled(low)


def _check(
    base: Scorer, before: Floats, after: Floats, view: Floats, n_texts: int, rounds: int
) -> Check:
    stems = base.heads["stem"]
    second = view.argmax(axis=1)
    agreed = [float(np.mean(p.argmax(axis=1) == second)) for p in (before, after)]
    tops, top_of = np.unique([stem[:TOP_DIGITS] for stem in stems], return_inverse=True)
    shares = [np.bincount(top_of, p.mean(axis=0), len(tops)) for p in (before, after)]
    drift = float(np.abs(shares[0] - shares[1]).sum() / 2)
    problem = ""
    if _kappa(before.argmax(axis=1), second, agreed[0]) < _LEAST_KAPPA:
        problem = f"两种判断几乎各说各话（一致率 {agreed[0]:.1%}），不能互相学习"
    elif agreed[1] - agreed[0] < _LEAST_GAIN:
        problem = f"适应后两种判断的一致率从 {agreed[0]:.1%} 降到 {agreed[1]:.1%}"
    elif drift > _MOST_DRIFT:
        problem = f"适应后各类的比例偏移了 {drift:.0%}，超过 {_MOST_DRIFT:.0%}"
    return Check(
        n_texts,
        len(before),
        rounds,
        round(agreed[0], 4),
        round(agreed[1], 4),
        round(drift, 4),
        problem,
    )
