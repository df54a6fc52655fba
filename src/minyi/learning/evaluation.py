"""How good a model is on labelled submissions it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minyi.errors import InputError
from minyi.schema import PRECISIONS

_BINS = 15
_MOST_CONFUSIONS = 10


@dataclass(frozen=True, slots=True)
class ClassReport:
    """Precision, recall and F1 of one class (0–1), and how many submissions have it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Report:
    """The result of an evaluation.

    Attributes
    ----------
    n_submissions : int
    accuracy, macro_f1 : float
        Macro over the classes that occur among the true labels.
    classes : list of ClassReport
    coverage : dict of str to float
        Precision to the share of submissions, the most certain first, that reaches it.
    calibration_error : float
        Expected calibration error over 15 equal bins (Naeini et al. 2015).
    confusion : list of (true label, predicted label, number)
        Errors only, the most frequent first.
    """

    n_submissions: int
    accuracy: float
    macro_f1: float
    classes: list[ClassReport]
    coverage: dict[str, float]
    calibration_error: float
    confusion: list[tuple[str, str, int]]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield the report as lines for a screen, in Chinese."""
        yield f"共 {self.n_submissions} 条"
        yield f"准确率 {self.accuracy:.4f}　宏平均 F1 {self.macro_f1:.4f}"
        yield f"校准误差（ECE）{self.calibration_error:.4f}"
        for precision, share in self.coverage.items():
            yield f"要求准确率 {float(precision):.0%} 时可自动办理 {share:.1%}"
        yield "精确率  召回率  F1      条数  类别"
        for one in self.classes:
            figures = f"{one.precision:.4f}  {one.recall:.4f}  {one.f1:.4f}"
            yield f"{figures}  {one.support:>4}  {one.label}"
        if self.confusion:
            yield "最常见的混淆（正确 → 判成：条数）"
        for true, predicted, number in self.confusion[:_MOST_CONFUSIONS]:
            yield f"  {true} → {predicted}：{number}"


def evaluate(truth: Sequence[str], predicted: Sequence[str], scores: NDArray[Any]) -> Report:
    """Compare predictions with the truth.

    Parameters
    ----------
    truth, predicted : sequence of str
    scores : ndarray, shape (n,)
        The probability (0–1) the model gave to each prediction.
    """
    true, guess = np.asarray(truth, dtype=str), np.asarray(predicted, dtype=str)
    if not (len(true) == len(guess) == len(scores) > 0):
        raise InputError(
            "标签、判断和得分应一样多且至少一条，"
            f"实际是 {len(true)}、{len(guess)}、{len(scores)} 条。"
        )
    right = true == guess
    classes = [_class_report(str(label), true, guess) for label in np.unique(true)]
    pairs, numbers = np.unique(np.stack([true[~right], guess[~right]]), axis=1, return_counts=True)
    order = np.argsort(-numbers, kind="stable")
    confusion = [(str(pairs[0, i]), str(pairs[1, i]), int(numbers[i])) for i in order]
    return Report(
        n_submissions=len(true),
        accuracy=round(float(right.mean()), 6),
        macro_f1=round(float(np.mean([one.f1 for one in classes])), 6),
        classes=classes,
        coverage={f"{p:.2f}": coverage_at(scores, right, p) for p in PRECISIONS},
        calibration_error=calibration_error(scores, right),
        confusion=confusion,
    )


def coverage_at(scores: NDArray[Any], right: NDArray[np.bool_], precision: float) -> float:
    """Return the largest share of the most certain rows that are right so often."""
    order = np.argsort(-scores, kind="stable")
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision
    # No threshold parts rows of the same score.
    reached &= np.diff(scores[order], append=-np.inf) < 0
    enough = np.flatnonzero(reached)
    return round(float(enough[-1] + 1) / len(order), 6) if len(enough) else 0.0


def calibration_error(scores: NDArray[Any], right: NDArray[np.bool_]) -> float:
    """Return the mean distance of score and accuracy over equal bins, weighted by their size."""
    bins = np.minimum((np.asarray(scores) * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in np.unique(bins):
        inside = bins == number
        total += inside.mean() * abs(right[inside].mean() - np.asarray(scores)[inside].mean())
    return round(float(total), 6)


def reliability(
    scores: NDArray[Any], right: NDArray[np.bool_], n_bins: int = 10
) -> list[tuple[float, float, int]]:
    """Return (mean score, accuracy, number) of equal bins, as a reliability diagram shows them.

    Examples
    --------
    >>> reliability(np.array([0.92, 0.98, 0.31]), np.array([True, False, False]))
    [(0.31, 0.0, 1), (0.95, 0.5, 2)]
    """
    bins = np.minimum((np.asarray(scores) * n_bins).astype(int), n_bins - 1)
    found = []
    for number in np.unique(bins):
        inside = bins == number
        means = [round(float(np.mean(values[inside])), 4) for values in (scores, right)]
        found.append((means[0], means[1], int(inside.sum())))
    return found


def _class_report(label: str, true: NDArray[np.str_], guess: NDArray[np.str_]) -> ClassReport:
    hits = int(((true == label) & (guess == label)).sum())
    support, given = int((true == label).sum()), int((guess == label).sum())
    precision = hits / given if given else 0.0
    recall = hits / support
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return ClassReport(label, round(precision, 6), round(recall, 6), round(f1, 6), support)
