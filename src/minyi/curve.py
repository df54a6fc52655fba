"""What more labels would bring: models trained on more and more of a table's labels."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.crosscheck import FOLDS, SEED, deal, fit, part, rows_labelled_for
from minyi.errors import InputError, OutputError
from minyi.labelled import Labelled, report_on
from minyi.learning.persistence import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

PICTURES = (".png", ".svg", ".pdf")
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
    """Whether what draws pictures with Chinese words is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("matplotlib", "zhplot"))


def check_picture(path: Path, *, force: bool = False) -> None:
    """Check before the long work that a picture can be written.

    Raises
    ------
    OutputError
        The extension is not one of `PICTURES`, or the file exists.
    """
    if path.suffix.lower() not in PICTURES:
        raise OutputError(f"图片应写成 {'、'.join(PICTURES)}，实际是“{path}”。")
    if path.is_dir() or (path.exists() and not force):
        raise OutputError(f"{path} 已存在：换一个名字，或加 --force 覆盖。")


def draw_curve(points: Sequence[Point], path: Path) -> None:
    """Write a learning curve as a picture; needs the extra ``analysis``.

    Nothing global is changed: neither matplotlib's settings nor its list of fonts.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Without dates and random names, the same numbers give the same picture.
    dates = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    suffix, picture = path.suffix.lower(), BytesIO()
    with mpl.rc_context({"svg.hashsalt": "minyi"}):
        figure = Figure(figsize=(8, 5), layout="constrained")
        FigureCanvasAgg(figure)
        _draw(figure.add_subplot(), points, _chinese_font())
        figure.savefig(picture, format=suffix[1:], dpi=150, metadata=dates[suffix])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture.getvalue())
    except OSError as error:
        raise OutputError(f"无法写入 {path}：{error.strerror}。") from None


def _draw(axes: Axes, points: Sequence[Point], font: FontProperties) -> None:
    sizes = sorted({point.n_labels for point in points})
    for with_base in sorted({point.with_base for point in points}):
        of_one = [point for point in points if point.with_base is with_base]
        for name, colour, shown in (("accuracy", "C0", "准确率"), ("macro_f1", "C1", "宏平均 F1")):
            axes.plot(
                sizes,
                [getattr(point, name) for point in of_one],
                color=colour,
                marker="o",
                linestyle="--" if with_base else "-",
                label=f"{shown}（加底模）" if with_base else shown,
            )
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set_xticks([], minor=True)
    axes.set_ylim(0, 1)
    axes.grid(alpha=0.3)
    axes.set_xlabel("用来训练的标签数（条）", fontproperties=font)
    axes.set_ylabel("在留出的五分之一上", fontproperties=font)
    axes.set_title("学习曲线", fontproperties=font)
    axes.legend(prop=font, loc="lower right")


def _chinese_font() -> FontProperties:
    """Return the font that zhplot carries; importing zhplot would change matplotlib's settings."""
    from matplotlib.font_manager import FontProperties

    spec = importlib.util.find_spec("zhplot")
    folders = (spec.submodule_search_locations if spec else None) or []
    fonts = sorted(font for folder in folders for font in Path(folder).glob("fonts/*.ttf"))
    return FontProperties(fname=str(fonts[0]))
