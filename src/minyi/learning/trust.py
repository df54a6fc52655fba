"""How far scores can be trusted: what held-out decisions say of thresholds and calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.domain.taxonomy import DIGITS_PER_LEVEL
from minyi.learning.evaluation import calibration_error, reliability
from minyi.learning.hierarchy import LEAF_DIGITS, STEM_DIGITS, TOP_DIGITS
from minyi.schema import PRECISIONS

FALSE_ALARMS = 0.01
_FEWEST_HELD_OUT = 20


class Decided(NamedTuple):
    """Decisions on held-out rows: their scores and whether they are right.

    For ``urgent``: the score of yes, and whether it is. For categories of the taxonomy also the
    level at which each decision stopped, and the numbers of rows by true and decided level 1.
    """

    scores: NDArray[Any]
    right: NDArray[np.bool_]
    levels: NDArray[np.int64] | None = None
    confusion: Mapping[str, Mapping[str, int]] | None = None


def decided_codes(
    codes: Sequence[str], scores: Sequence[float], accepted: Sequence[Sequence[str]]
) -> Decided:
    """Return decisions about codes, each right when it is, or lies above, an accepted code.

    Parameters
    ----------
    codes : sequence of str
    scores : sequence of float
    accepted : sequence of sequence of str
        For each row the codes that are right, the label first.
    """
    rows = list(zip(codes, accepted, strict=True))
    right = [any(name.startswith(code) for name in own) for code, own in rows]
    pairs = Counter((own[0][:TOP_DIGITS], code[:TOP_DIGITS]) for code, own in rows)
    confusion: dict[str, dict[str, int]] = {}
    for (label, given), n in sorted(pairs.items()):
        confusion.setdefault(label, {})[given] = n
    levels = np.array([len(code) // DIGITS_PER_LEVEL for code in codes])
    return Decided(np.array(scores), np.array(right), levels, confusion)


def thresholds(decided: Mapping[str, Decided]) -> dict[str, Any]:
    """Return, by target, the score from which a decision needs no look.

    For ``urgent``, the lowest at which `FALSE_ALARMS` of the others are called urgent; for the
    others one for each of `PRECISIONS`, by its name. Categories of the taxonomy have thresholds
    for each level at which a decision may stop (``level1`` …), for a score of 0.9 is right more
    often at level 3 than where the model did not dare to go below level 1.
    """
    found: dict[str, Any] = {}
    for target, one in decided.items():
        if target == "urgent":
            found[target] = alarm_threshold(one.scores[~one.right])
        elif one.levels is None:
            found[target] = _by_precision(one.scores, one.right)
        else:
            for level in (1, 2, 3):
                own = one.levels == level
                if own.sum() < _FEWEST_HELD_OUT:  # too few to tell: as all together
                    own = np.ones(len(own), bool)
                found[f"level{level}"] = _by_precision(one.scores[own], one.right[own])
    return found


def _by_precision(scores: NDArray[Any], right: NDArray[np.bool_]) -> dict[str, float]:
    return {f"{p:.2f}": precision_threshold(scores, right, p) for p in PRECISIONS}


def metrics(decided: Mapping[str, Decided]) -> dict[str, Any]:
    """Return what held-out rows say of each target, as plain values for the manifest."""
    return {target: _metrics(one, target) for target, one in decided.items()}


def alarm_threshold(others: NDArray[Any]) -> float:
    """Return the lowest score at which `FALSE_ALARMS` of what is not urgent is called so."""
    if len(others) == 0:
        return 0.5
    # The next step of rounding up, so that ties at the quantile are not called urgent.
    return min(1.0, round(float(np.quantile(others, 1 - FALSE_ALARMS)) + 1e-4, 4))


def precision_threshold(scores: NDArray[Any], right: NDArray[np.bool_], precision: float) -> float:
    """Return the lowest score at and above which decisions are right often enough.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Of held-out decisions.
    right : ndarray of bool, shape (n,)
    precision : float

    Returns
    -------
    float
        The lowest score such that at least `precision` of the rows at and above it are right;
        1.0 when there is none.
    """
    order = np.argsort(-scores, kind="stable")
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # No threshold parts rows of the same score.
    apart = np.diff(scores[order], append=-np.inf) < 0
    enough = np.flatnonzero((reached >= precision) & apart)
    enough = enough[enough + 1 >= min(_FEWEST_HELD_OUT, len(order))]
    return round(float(scores[order][enough[-1]]), 4) if len(enough) else 1.0


def level_threshold(
    codes: Sequence[str], probabilities: NDArray[Any], accepted: Sequence[Collection[str]]
) -> float:
    """Return the score from which one level further down is more often right than wrong.

    Scores of moderate size are not exact, so this need not be one half. Read off an isotonic
    regression of being right on the score (Zadrozny and Elkan 2002), of both lower levels.

    Parameters
    ----------
    codes : sequence of str
    probabilities : ndarray, shape (n, n_codes)
        Of held-out rows.
    accepted : sequence of collection of str
        The codes that are right for each row.
    """
    from sklearn.isotonic import IsotonicRegression

    scores, right = [], []
    for digits in (STEM_DIGITS, LEAF_DIGITS):
        cut = np.array([code[:digits] for code in codes])
        names, starts = np.unique(cut, return_index=True)  # codes are sorted
        sums = np.add.reduceat(probabilities, starts, axis=1)
        sums = sums[:, [len(name) == digits for name in names]]
        names = names[[len(name) == digits for name in names]]
        if len(names) == 0:
            continue
        best = names[sums.argmax(axis=1)]
        scores += sums.max(axis=1).tolist()
        right += [
            any(code.startswith(name) for code in own)
            for name, own in zip(best.tolist(), accepted, strict=True)
        ]
    if not scores:
        return 1.0
    steps = np.linspace(0.0, 1.0, 101)
    often = IsotonicRegression(out_of_bounds="clip").fit(scores, right).predict(steps)
    enough = np.flatnonzero(often >= 0.5)
    return round(float(steps[enough[0]]), 2) if len(enough) else 1.0


def _metrics(decided: Decided, target: str) -> dict[str, Any]:
    scores, right = np.asarray(decided.scores, dtype=float), decided.right
    found: dict[str, Any] = {"n_held_out": len(right)}
    if target == "urgent":
        called = scores >= alarm_threshold(scores[~right])
        found["recall"] = round(float(called[right].mean()), 4) if right.any() else None
        found["false_alarms"] = round(float(called[~right].mean()), 4) if not right.all() else None
        return found
    if decided.confusion is not None:
        found["confusion"] = decided.confusion
    return {
        **found,
        "accuracy": round(float(right.mean()), 4),
        "calibration_error": calibration_error(scores, right),
        "coverage": _coverage(decided),
        "reliability": reliability(scores, right),
    }


def _coverage(decided: Decided) -> dict[str, float]:
    """Return the share of rows that reach their threshold, by precision."""
    lines = thresholds({"": decided})
    if decided.levels is None:
        own = [lines[""]] * len(decided.scores)
    else:
        own = [lines[f"level{level}"] for level in decided.levels.tolist()]
    return {
        name: round(float(np.mean(decided.scores >= [line[name] for line in own])), 4)
        for name in (f"{p:.2f}" for p in PRECISIONS)
    }
