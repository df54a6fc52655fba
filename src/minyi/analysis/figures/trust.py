"""How far scores can be trusted, what may go out without a look, and what more labels bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.figures.source import Source
from minyi.analysis.intervals import wilson
from minyi.errors import InputError
from minyi.learning.evaluation import reliability

if TYPE_CHECKING:
    import pandas as pd

_MOST_POINTS = 400
_DECISIONS = "有正确答案的判断"


@dataclass(frozen=True)
class Calibration:
    """How often decisions of about the same score are right.

    Attributes
    ----------
    table : DataFrame
        ``score`` (mean of the bin), ``right`` (share), ``low``, ``high`` (of its 95 % Wilson
        interval), 0–1; ``n`` int.
    source : Source
    """

    table: pd.DataFrame
    source: Source


@dataclass(frozen=True)
class Coverage:
    """What share could be sent without a look, and how much of it would be right.

    Attributes
    ----------
    table : DataFrame
        ``share`` and ``precision``, 0–1, by rising share.
    source : Source
    """

    table: pd.DataFrame
    source: Source


@dataclass(frozen=True)
class LearningCurve:
    """How well models do that were trained on more and more labels.

    Attributes
    ----------
    table : DataFrame
        ``series`` str, what a line is, in Chinese; ``n_labels`` int; ``score`` float, 0–1.
    source : Source
    """

    table: pd.DataFrame
    source: Source


def calibration(scores: NDArray[Any], right: NDArray[np.bool_], n_bins: int = 10) -> Calibration:
    """Return the reliability diagram of decisions.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Probabilities the model gave, 0–1.
    right : ndarray of bool, shape (n,)
    n_bins : int
        Equal bins of scores.
    """
    scores, right = _checked(scores, right)
    return calibration_of(reliability(scores, right, n_bins))


def calibration_of(bins: Sequence[tuple[float, float, int]]) -> Calibration:
    """Return the diagram of bins that were counted elsewhere, as in a model's manifest.

    Parameters
    ----------
    bins : sequence of (mean score, share right, number)
    """
    import pandas as pd

    rows = [(score, right, *wilson(right * m, m), int(m)) for score, right, m in bins]
    table = pd.DataFrame(rows, columns=["score", "right", "low", "high", "n"])
    return Calibration(table.astype({"n": "int64"}), Source(int(table["n"].sum()), of=_DECISIONS))


def coverage(scores: NDArray[Any], right: NDArray[np.bool_]) -> Coverage:
    """Return what the most certain decisions are worth, for every share of them.

    Rows of the same score go together: no threshold parts them. Of more than 400 thresholds
    every so-many-th is kept, the last always.

    Parameters
    ----------
    scores : ndarray, shape (n,)
    right : ndarray of bool, shape (n,)

    Examples
    --------
    >>> found = coverage(np.array([0.9, 0.8, 0.8]), np.array([True, True, False]))
    >>> found.table.round(2).values.tolist()
    [[0.33, 1.0], [1.0, 0.67]]
    """
    import pandas as pd

    scores, right = _checked(scores, right)
    order = np.argsort(-scores, kind="stable")
    n = np.arange(1, len(order) + 1)
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf) < 0)
    step = -(-len(ends) // _MOST_POINTS) or 1
    ends = np.unique(np.append(ends[::step], ends[-1:]))
    precision = np.cumsum(right[order])[ends] / n[ends]
    table = pd.DataFrame({"share": n[ends] / max(len(order), 1), "precision": precision})
    return Coverage(table, Source(len(order), of=_DECISIONS))


def coverage_of(shares: Mapping[str, float], n: int) -> Coverage:
    """Return the curve of precisions and the shares that reach them, as a manifest has them."""
    import pandas as pd

    rows = sorted((float(share), float(precision)) for precision, share in shares.items())
    return Coverage(pd.DataFrame(rows, columns=["share", "precision"]), Source(n, of=_DECISIONS))


def learning_curve_of(points: Iterable[tuple[str, int, float]], source: Source) -> LearningCurve:
    """Return the curve of scores that were measured elsewhere, as by `minyi.curve`.

    Parameters
    ----------
    points : iterable of (series, number of labels, score)
    source : Source
        What the models were tested on.

    Examples
    --------
    >>> points = [("准确率", 100, 0.5), ("准确率", 50, 0.4)]
    >>> learning_curve_of(points, Source(320)).table.values.tolist()
    [['准确率', 50, 0.4], ['准确率', 100, 0.5]]
    """
    import pandas as pd

    table = pd.DataFrame(points, columns=["series", "n_labels", "score"])
    table = table.astype({"series": object, "n_labels": "int64", "score": "float64"})
    order = table["series"].map({name: i for i, name in enumerate(table["series"].unique())})
    table = table.assign(order=order).sort_values(["order", "n_labels"], kind="stable")
    return LearningCurve(table.drop(columns="order").reset_index(drop=True), source)


def _checked(
    scores: NDArray[Any], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    numbers, truth = np.asarray(scores, dtype=float), np.asarray(right, dtype=bool)
    if numbers.shape != truth.shape or numbers.ndim != 1:
        raise InputError(
            f"得分与对错应一样多，实际是 {numbers.size} 个与 {truth.size} 个：请按行配对。"
        )
    if bad := int((~((numbers >= 0) & (numbers <= 1))).sum()):
        raise InputError(f"得分应在 0 到 1 之间，实际有 {bad} 个不是（或为空）：请先去掉这些行。")
    return numbers, truth
