"""A heat map: how each place divides over the categories, with the numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from minyi.analysis.figures import Cross
from minyi.analysis.fonts import Font
from minyi.analysis.pictures.lettering import upright, width, wrap
from minyi.analysis.pictures.sheet import (
    INK,
    MUTED,
    POINT,
    SMALL,
    Sheet,
    by_default,
    empty_sheet,
    height_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

_MOST_ACROSS = 8  # places that fit side by side with their names written across
_LONGEST_UPRIGHT = 10  # characters
_CELL, _TALL_CELL = 0.6, 0.74  # cm, where names run over one line and two
_ROW = 12.0  # em


@by_default
def draw_heatmap(
    data: Cross, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw numbers by place and category; darker is a greater share of its place.

    Up to 8 places stand side by side over the categories; more stand below each other, and the
    categories' names run from top to bottom.

    Parameters
    ----------
    data : Cross
    title : str, optional
    font : Font or str or Path, optional
    """
    title = title or f"{data.rows}与{data.columns}：意见数及其在各{data.rows}中的占比"
    if data.counts.empty:
        return empty_sheet(title, data.source, font, "没有意见可画。")
    across = len(data.counts) <= _MOST_ACROSS
    shares, so = data.shares, "只供参考"
    if len(data.few) < len(shares):  # shares of few say little: no shade, and no say in the scale
        shares.loc[list(data.few)] = 0.0
        so = "不着色"
    if data.rest:  # a sum of many would be the darkest, and leave the others pale
        shares[data.rest] = 0.0
    source = data.source.noting(
        f"* 不足 20 条的{data.rows}，占比不稳，{so}" if data.few else "",
        f"“{data.rest}”不着色" if data.rest else "",
    )
    counts, shares = (table.T if across else table for table in (data.counts, shares))
    places = [
        (f"{name}{'*' if name in data.few else ''}", f"{n:,} 条") for name, n in data.totals.items()
    ]
    categories = [str(name) for name in data.counts.columns]
    if across:
        rows = [_two_lines(name) for name in categories]
        columns = [f"{wrap(name, 5, 3)}\n{n}" for name, n in places]
    else:
        rows = [f"{wrap(name, 11, 1)}　{n}" for name, n in places]
        columns = [upright(name.split(" › ")[-1][:_LONGEST_UPRIGHT]) for name in categories]
    head = max(name.count("\n") + 1 for name in columns) * SMALL * 1.3 * POINT
    cell = _TALL_CELL if any("\n" in name for name in rows) else _CELL
    drawing = len(rows) * cell + head + 1.7
    sheet = Sheet(height_of(drawing, title=title, source=source), title, source, font)
    axes = sheet.axes(frame=())
    colours = _colours()
    depths = shares.to_numpy(dtype=float)
    most = max(float(depths.max()), 0.01)
    axes.pcolormesh(depths, cmap=colours, vmin=0, vmax=most, edgecolors="white", linewidth=0.8)
    axes.set_ylim(len(rows), 0)
    for y, line in enumerate(counts.to_numpy().tolist()):
        for x, n in enumerate(line):
            _number(sheet, axes, x + 0.5, y + 0.5, n, float(depths[y, x]) / most)
    at = [y + 0.5 for y in range(len(rows))]
    sheet.ticks(axes.yaxis, at, rows, SMALL + 0.5, linespacing=1.15)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    sheet.ticks(
        axes.xaxis, [x + 0.5 for x in range(len(columns))], columns, SMALL, linespacing=1.15
    )
    _key(sheet, axes, colours, most, data.rows)
    return sheet.figure


def _two_lines(name: str) -> str:
    """Break the name of a category, between its levels if it can be."""
    above, arrow, below = name.partition(" › ")
    if arrow and width(name) > _ROW >= max(width(f"{above} ›"), width(below)):
        return f"{above} ›\n{below}"
    return wrap(name, _ROW, 2)


def _number(sheet: Sheet, axes: Axes, x: float, y: float, n: int, depth: float) -> None:
    colour = MUTED if n == 0 else "white" if depth > 0.55 else INK
    words = "·" if n == 0 else f"{n:,}"
    sheet.text(axes, x, y, words, SMALL, ha="center", va="center", color=colour)


def _colours() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    # One hue, and lightness falling evenly: the same to every eye, and in grey.
    return LinearSegmentedColormap.from_list("minyi", ["#f7fafc", "#9cc9e3", "#2f7fb0", "#08395a"])


def _key(sheet: Sheet, axes: Axes, colours: Colormap, most: float, rows: str) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    bar = sheet.figure.colorbar(
        ScalarMappable(Normalize(0, most), colours),
        ax=axes,
        orientation="horizontal",
        shrink=0.45,
        aspect=30,
        pad=0.02,
        anchor=(1.0, 0.5),
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)
    at = [0, most / 2, most]
    sheet.ticks(bar.ax.xaxis, at, [f"{share:.0%}" for share in at], SMALL)
    sheet.label(bar.ax.xaxis, f"占该{rows}意见的比例；格中是条数")
