"""What more labels would bring: models trained on more and more of a table's labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.crosscheck import FOLDS, SEED, deal, fit, part, rows_labelled_for
from minyi.errors import InputError, OutputError
from minyi.labelled import Labelled, report_on
from minyi.learning.persistence import Model

_DRAWS = 3
_SMALLEST = 50


class Point(NamedTuple):
    """What models trained on so many labels score on held-out rows (0–1), the mean of draws."""

    n_labels: int
    with_base: bool
    accuracy: float
    macro_f1: float


def learning_curve(
    data: Labelled, target: str = "category", *, base: Model | None = None
) -> list[Point]:
    """Train on more and more of the labels, and evaluate each model on the same held-out fifth.

    Parameters
    ----------
    data : Labelled
    target : {"category", "kind", "department"}
    base : Model, optional
        Train every size a second time, on top of this model.

    Returns
    -------
    list of Point
        Without base and then with it, sizes ascending: 50, 100, 200, … and all there are. Each
        is the mean over three draws; of all labels there is one draw only.

    Raises
    ------
    InputError
        There are too few labels for two sizes, or hardly any label occurs twice.
    """
    whole, rows = rows_labelled_for(data, target)
    labels = np.asarray(whole.labels[target], dtype=str)
    fold_of, is_first = deal(labels, whole.submissions)
    pool = np.flatnonzero((fold_of > 0) & is_first)
    if len(pool) < 2 * _SMALLEST:
        raise InputError(
            f"画学习曲线至少需要 {2 * _SMALLEST * FOLDS // (FOLDS - 1)} 条不同的、有标签的意见"
            f"（五分之一留作检验），实际只有 {is_first.sum()} 条。"
        )
    test = [rows[i] for i in np.flatnonzero((fold_of == 0) & is_first)]
    held_out = Labelled(
        [data.submissions[i] for i in test], {target: [data.labels[target][i] for i in test]}
    )
    points = []
    for model in [None, base] if base else [None]:
        for size in _sizes(len(pool)):
            draws = _draws(pool, labels, size)
            reports = [report_on(held_out, fit(part(whole, d), model), target) for d in draws]
            means = [
                float(np.mean([getattr(report, name) for report in reports]))
                for name in ("accuracy", "macro_f1")
            ]
            points.append(Point(size, model is not None, *means))
    return points


def curve_lines(points: Sequence[Point]) -> Iterator[str]:
    """Yield a learning curve as lines for a screen, in Chinese."""
    plain, based = ([p for p in points if p.with_base is given] for given in (False, True))
    yield "标签数  准确率  宏平均F1" + ("  加底模准确率  加底模宏平均F1" if based else "")
    for position, point in enumerate(plain):
        line = f"{point.n_labels:>6}  {point.accuracy:.4f}  {point.macro_f1:.4f}"
        if based:
            line += f"    {based[position].accuracy:.4f}        {based[position].macro_f1:.4f}"
        yield line


def _sizes(n: int) -> list[int]:
    sizes = [_SMALLEST]
    while sizes[-1] * 2 < n:
        sizes.append(sizes[-1] * 2)
    return [*sizes, n]


def _draws(pool: NDArray[np.int64], labels: NDArray[np.str_], n: int) -> list[NDArray[np.int64]]:
    """Draw rows as an office would have come by them; a larger draw contains the smaller ones."""
    draws = []
    for number in range(_DRAWS if n < len(pool) else 1):
        order = np.random.default_rng([SEED, number]).permutation(pool)
        # Nothing can be learned of one label: the first row of another one goes to the front.
        other = np.flatnonzero(labels[order] != labels[order[0]])[:1]
        front = np.concatenate([order[:1], order[other]])
        rest = np.delete(order, [0, *other])
        draws.append(np.concatenate([front, rest])[:n])
    return draws


# --- its picture ---


def can_draw() -> bool:
    """Whether pictures with Chinese words can be drawn here."""
    from minyi.analysis.fonts import find_font

    try:
        find_font()
    except InputError:
        return False
    return True


def check_picture(path: Path, *, force: bool = False) -> None:
    """Check before the long work that a picture can be written.

    Raises
    ------
    OutputError
        The extension is not one of `minyi.analysis.pictures.SUFFIXES`, or the file exists.
    """
    from minyi.analysis.pictures import SUFFIXES

    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"图片应写成 {'、'.join(SUFFIXES)}，实际是“{path}”。")
    if path.is_dir() or (path.exists() and not force):
        raise OutputError(f"{path} 已存在：换一个名字，或加 --force 覆盖。")


def draw_curve(points: Sequence[Point], path: Path) -> None:
    """Write a learning curve as a picture; needs the extra ``analysis``.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    from minyi.analysis.figures import Source, learning_curve_of
    from minyi.analysis.pictures import draw_learning_curve, save

    told = [
        (shown + ("（加底模）" if based else ""), point.n_labels, getattr(point, name))
        for based in (False, True)
        for name, shown in (("accuracy", "准确率"), ("macro_f1", "宏平均 F1"))
        for point in points
        if point.with_base is based
    ]
    n = max((point.n_labels for point in points), default=0)
    source = Source(n, of="标签用来训练，在另外五分之一上检验")
    save(draw_learning_curve(learning_curve_of(told, source)), path)
