"""Bands from categories to the departments that answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from minyi.analysis.figures import Flow
from minyi.analysis.fonts import Font
from minyi.analysis.pictures.lettering import even, wrap
from minyi.analysis.pictures.sheet import (
    BLUE,
    BODY,
    INK,
    MUTED,
    ORANGE,
    SKY,
    SMALL,
    WIDTH,
    Sheet,
    by_default,
    empty_sheet,
    height_of,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TONES = (BLUE, ORANGE, SKY, "#009E73", "#CC79A7", "#8c8c8c")
_NODES = 8.0  # cm, all nodes of a side together
_SLOT = 0.46  # cm, the least room of a node: its name must fit
_LINE = 0.4  # cm, for each further line of it
_GAP = 0.12  # cm
_LABEL = 11.0  # em
_LEFT, _RIGHT, _THICK = 4.2, WIDTH - 4.7, 0.28  # cm


class Node(NamedTuple):
    """A category or department on the sheet; top and height in cm, y growing upwards."""

    name: str
    n: int
    top: float
    height: float


@by_default
def draw_flow(
    data: Flow, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw bands from categories on the left to departments on the right, as wide as numbers.

    Parameters
    ----------
    data : Flow
    title : str, optional
    font : Font or str or Path, optional
    """
    title = title or "各类意见由哪些部门主办"
    if data.table.empty:
        return empty_sheet(title, data.source, font, "没有意见可画。")
    left, right = nodes(data.categories), nodes(data.departments)
    depth = max(-column[-1].top + column[-1].height for column in (left, right))
    source = data.source.noting("带子越宽，条数越多")
    sheet = Sheet(height_of(depth + 1.1, title=title, source=source), title, source, font)
    axes = sheet.axes(frame=())
    axes.set_xlim(0, WIDTH - 0.5)
    axes.set_ylim(-depth - 0.1, 0.7)
    _bands(axes, data, left, right)
    for column, x, ha, words in (
        (left, _LEFT, "right", "类别"),
        (right, _RIGHT, "left", "主办部门"),
    ):
        _column(sheet, axes, column, x, ha)
        edge = x - 0.15 if ha == "right" else x + _THICK + 0.15
        sheet.text(axes, edge, 0.45, words, SMALL, ha=ha, va="center", color=MUTED)
    return sheet.figure


def nodes(sums: pd.Series[int]) -> list[Node]:
    """Place the nodes of a side from the top down; small ones keep room for their names.

    Parameters
    ----------
    sums : Series of int
        By name, in order.
    """
    scale = _NODES / max(int(sums.sum()), 1)
    placed, top = list[Node](), 0.0
    for name, n in zip(map(str, sums.index), map(int, sums), strict=True):
        height = n * scale
        slot = max(height + _GAP, _SLOT + _words(name, n).count("\n") * _LINE)
        placed.append(Node(name, n, top - (slot - height) / 2, height))
        top -= slot
    return placed


def _words(name: str, n: int) -> str:
    words = f"{name} {n:,}"
    return even(words, _LABEL, 2) or f"{wrap(name, _LABEL, 2)}\n{n:,}"


def _column(sheet: Sheet, axes: Axes, column: Sequence[Node], x: float, ha: str) -> None:
    from matplotlib.patches import Rectangle

    for node in column:
        bottom = node.top - node.height
        axes.add_patch(Rectangle((x, bottom), _THICK, node.height, facecolor=INK, lw=0))
        edge = x - 0.15 if ha == "right" else x + _THICK + 0.15
        sheet.text(
            axes,
            edge,
            node.top - node.height / 2,
            _words(node.name, node.n),
            BODY - 0.5,
            ha=ha,
            va="center",
            linespacing=1.1,
        )


def _bands(axes: Axes, data: Flow, left: Sequence[Node], right: Sequence[Node]) -> None:
    """Draw the bands, at each end in the order of the other side, so that few cross."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Curve

    numbers = data.table.set_index(["category", "department"])["n"].to_dict()
    leaving = {node.name: node.top for node in left}
    arriving = {node.name: node.top for node in right}
    starts: dict[tuple[str, str], float] = {}
    for source in left:
        for target in right:
            if n := numbers.get((source.name, target.name)):
                starts[source.name, target.name] = leaving[source.name]
                leaving[source.name] -= n * source.height / source.n
    bands = []
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    middle = (_LEFT + _THICK + _RIGHT) / 2
    for target in right:
        for rank, source in enumerate(left):
            if (source.name, target.name) not in starts:
                continue
            thick = numbers[source.name, target.name] * source.height / source.n
            a, b = starts[source.name, target.name], arriving[target.name]
            arriving[target.name] -= thick
            x = _LEFT + _THICK
            points = [
                *((x, a), (middle, a), (middle, b), (_RIGHT, b)),
                *((_RIGHT, b - thick), (middle, b - thick), (middle, a - thick), (x, a - thick)),
                (x, a),
            ]
            bands.append((thick, Curve(points, codes), _TONES[rank % len(_TONES)]))
    # Thin ones lie below: on top they would scratch the thick.
    for _, curve, tone in sorted(bands, key=lambda band: band[0]):
        axes.add_patch(PathPatch(curve, facecolor=tone, alpha=0.6, edgecolor="white", lw=0.3))
