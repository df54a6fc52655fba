"""How far scores can be trusted: reliability, precision by coverage, the learning curve."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from minyi.analysis.figures import Calibration, Coverage, LearningCurve
from minyi.analysis.fonts import Font
from minyi.analysis.pictures.sheet import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    SMALL,
    VERMILION,
    WIDTH,
    Sheet,
    by_default,
    empty_sheet,
    halo,
    height_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHARES = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
_READING = "竖线为 95% 区间，点旁是条数。点在虚线下方，得分偏高；在上方，偏低"
_NONE = "没有可以比较的判断：请给出得分和对错。"
# Colour and marker tell a score, the dashes a second model: four lines, told in grey print too.
_LINES = ((BLUE, "o", "-"), (ORANGE, "s", "-"), (BLUE, "o", "--"), (ORANGE, "s", "--"))


@by_default
def draw_calibration(
    data: Calibration, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw the reliability diagram: share right over mean score, with 95 % intervals.

    Parameters
    ----------
    data : Calibration
    title : str, optional
    font : Font or str or Path, optional
    """
    title = title or "得分是否可信：得分与实际正确的占比"
    table = data.table
    source = data.source.noting(_READING) if len(table) else data.source
    if table.empty:
        return empty_sheet(title, source, font, _NONE)
    sheet = Sheet(height_of(8.6, title=title, source=source), title, source, font)
    axes = sheet.axes(frame=("bottom", "left"))
    _unit(sheet, axes, 0.0, 0.2)
    axes.set_aspect("equal")
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.vlines(table["score"], table["low"], table["high"], color=BLUE, linewidth=1.2)
    axes.scatter(table["score"], table["right"], s=30, color=BLUE, zorder=3, clip_on=False)
    for score, right, n in zip(table["score"], table["right"], table["n"], strict=True):
        low = right < 0.05
        axes.annotate(
            f"{n:,}",
            (score, right),
            (4, 3 if low else -2),
            textcoords="offset points",
            va="bottom" if low else "top",
            color=INK,
            path_effects=halo(),
            **sheet.lettering(SMALL),
        )
    sheet.label(axes.xaxis, "得分（程序估计的正确概率）")
    sheet.label(axes.yaxis, "实际正确的占比")
    return sheet.figure


@by_default
def draw_coverage(
    data: Coverage,
    *,
    asked: float | None = 0.95,
    title: str | None = None,
    font: Font | str | Path | None = None,
) -> Figure:
    """Draw how much is right of what goes out without a look, over its share of all.

    Parameters
    ----------
    data : Coverage
    asked : float or None
        The precision (0–1) to mark: the largest share that still reaches it.
    title : str, optional
    font : Font or str or Path, optional
    """
    title = title or "免复核的占比与其中正确的占比"
    table = data.table
    if table.empty:
        return empty_sheet(title, data.source, font, _NONE)
    sheet = Sheet(height_of(7.2, title=title, source=data.source), title, data.source, font)
    axes = sheet.axes(frame=("bottom", "left"))
    low = min(float(table["precision"].min()), asked or 1.0)
    step = next(step for step in (0.02, 0.05, 0.1, 0.2) if (1 - low) / step < 6 or step == 0.2)
    floor = int(low / step + 1e-9) * step
    _unit(sheet, axes, floor, step)
    axes.plot(table["share"], table["precision"], color=BLUE, linewidth=1.8, clip_on=False)
    if len(table) <= 12:
        axes.scatter(table["share"], table["precision"], s=26, color=BLUE, zorder=3, clip_on=False)
    if asked is not None:
        _mark(sheet, axes, data, asked, floor)
    sheet.label(axes.xaxis, "不经人看就发出的占比（得分最高的先发）")
    sheet.label(axes.yaxis, "其中正确的占比")
    return sheet.figure


@by_default
def draw_learning_curve(
    data: LearningCurve, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw scores over the number of labels, each doubling of labels as wide as the others.

    Parameters
    ----------
    data : LearningCurve
    title : str, optional
    font : Font or str or Path, optional
    """
    title = title or "学习曲线：标签越多，成绩好多少"
    table = data.table
    if table.empty:
        return empty_sheet(title, data.source, font, "没有成绩可画：请给出标签数和得分。")
    sheet = Sheet(height_of(7.2, title=title, source=data.source), title, data.source, font)
    axes = sheet.axes(frame=("bottom", "left"))
    axes.set_xscale("log")
    axes.set_ylim(0, 1)
    _levels(sheet, axes, _SHARES)
    sizes = sorted(table["n_labels"].unique().tolist())
    sheet.ticks(axes.xaxis, sizes, _sizes(sizes), SMALL)
    axes.set_xticks([], minor=True)
    groups = table.groupby("series", sort=False)
    for rank, (name, own) in enumerate(groups):
        colour, marker, dashes = _LINES[rank % len(_LINES)]
        axes.plot(
            own["n_labels"],
            own["score"],
            color=colour,
            marker=marker,
            linestyle=dashes,
            linewidth=1.8,
            markersize=5,
            label=sheet.font.shows(str(name)),
        )
    where = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": len(groups)}
    sheet.legend(axes, handlelength=3.2, **where)  # long enough to tell dashes
    sheet.label(axes.xaxis, "用来训练的标签数（条，每翻一番一样宽）")
    return sheet.figure


def _sizes(sizes: Sequence[int]) -> list[str]:
    """Name places of a logarithmic axis; where two are close, the last one only."""
    a_cm = log(sizes[-1] / sizes[0]) / (WIDTH - 2.0)
    return [
        f"{n:,}" if n == after or log(after / n) > a_cm else ""
        for n, after in zip(sizes, [*sizes[1:], sizes[-1]], strict=True)
    ]


def _mark(sheet: Sheet, axes: Axes, data: Coverage, asked: float, floor: float) -> None:
    axes.axhline(asked, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    reached = data.table.loc[data.table["precision"] >= asked, "share"]
    if reached.empty:
        words = f"没有哪一段达到 {asked:.0%}"
        sheet.text(axes, 0.02, asked, words, SMALL, va="bottom", color=INK)
        return
    share = float(reached.max())
    found = float(data.table.loc[data.table["share"] == share, "precision"].max())
    axes.vlines(share, floor, found, color=VERMILION, linewidth=1.2)
    axes.scatter([share], [found], s=48, marker="D", color=VERMILION, edgecolor=INK, zorder=4)
    left = share > 0.5
    sheet.text(
        axes,
        share - 0.015 if left else share + 0.015,
        floor + (asked - floor) * 0.12,
        f"要 {asked:.0%} 正确，\n{share:.0%} 可以免复核",
        SMALL + 0.5,
        ha="right" if left else "left",
        va="bottom",
    )


def _unit(sheet: Sheet, axes: Axes, floor: float, step: float) -> None:
    """Set both axes up to 1, in percent; the upright one from `floor` on, in steps."""
    axes.set_xlim(0, 1)
    axes.set_ylim(floor, 1)
    sheet.ticks(axes.xaxis, _SHARES, [f"{at:.0%}" for at in _SHARES], SMALL)
    _levels(sheet, axes, [floor + i * step for i in range(round((1 - floor) / step) + 1)])


def _levels(sheet: Sheet, axes: Axes, levels: Sequence[float]) -> None:
    for at in levels[1:]:
        axes.axhline(at, color=PALE, linewidth=0.6, zorder=0)
    sheet.ticks(axes.yaxis, levels, [f"{at:.0%}" for at in levels], SMALL)
