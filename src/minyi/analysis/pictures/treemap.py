"""A tree map: areas of submissions by category of levels 1 and 2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from minyi.analysis.figures import Tree
from minyi.analysis.figures.source import NO_CATEGORY
from minyi.analysis.fonts import Font
from minyi.analysis.pictures.lettering import even, width
from minyi.analysis.pictures.sheet import (
    INK,
    POINT,
    SMALL,
    WIDTH,
    Sheet,
    by_default,
    empty_sheet,
    height_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDE, _HIGH = WIDTH - 0.5, 10.5  # cm
_HEAD, _HEAD_SIZE = 0.48, SMALL + 1  # cm and points, of the line of a level 1
_SMALLEST = SMALL - 0.5  # points
# From dark to light with the rank, and back: neighbours differ in lightness.
_SHADES = ("#0b5a8a", "#9cc9e3", "#3f8dbb", "#d3e7f3", "#6fb0d6", "#bcdaeb", "#2373a4", "#e6f1f8")
_DARK = {"#0b5a8a", "#3f8dbb", "#2373a4"}
_UNNAMED = "#e4e4e4"  # what has no category must not stand out


class Tile(NamedTuple):
    """A rectangle in cm; y grows upwards."""

    x: float
    y: float
    width: float
    height: float


@by_default
def draw_treemap(
    data: Tree, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw areas in proportion to numbers: a block a level 1, in it a tile a level 2.

    Parameters
    ----------
    data : Tree
    title : str, optional
    font : Font or str or Path, optional
    """
    title = title or "各类意见的分量（块为一级类别，格为二级类别）"
    if data.table.empty:
        return empty_sheet(title, data.source, font, "没有意见可画。")
    source = data.source.noting("面积与条数成正比；格太小的不写名称")
    sheet = Sheet(height_of(_HIGH, title=title, source=source), title, source, font)
    axes = sheet.axes(frame=())
    axes.set_xlim(0, _WIDE)
    axes.set_ylim(0, _HIGH)
    groups = data.table.groupby("level1", sort=False)["n"]
    blocks = tiles(groups.sum().tolist(), Tile(0, 0, _WIDE, _HIGH))
    for rank, (name, block) in enumerate(zip(groups.sum().index, blocks, strict=True)):
        own = data.table[data.table["level1"] == name]
        shade = _UNNAMED if name == NO_CATEGORY else _SHADES[rank % len(_SHADES)]
        _block(sheet, axes, block, str(name), own[["level2", "n"]].values.tolist(), shade)
    return sheet.figure


def _block(
    sheet: Sheet,
    axes: Axes,
    block: Tile,
    name: str,
    parts: Sequence[tuple[str, int]],
    shade: str,
) -> None:
    """Draw a level 1: a head line over its tiles, or one tile where a head has no room."""
    colour = "white" if shade in _DARK else INK
    words = f"{name} {sum(n for _, n in parts):,}"
    divided = len(parts) > 1 or bool(parts[0][0])
    if divided and block.height > 2 * _HEAD and _set(words, block, 1, _HEAD_SIZE):
        inner = block._replace(height=block.height - _HEAD)
        head = Tile(block.x, block.y + inner.height, block.width, _HEAD)
        _fill(axes, head, shade, "none", 0.0)
        left, middle = block.x + 0.12, head.y + _HEAD / 2
        sheet.text(axes, left, middle, words, _HEAD_SIZE, va="center", color=colour)
        for (part, n), tile in zip(parts, tiles([n for _, n in parts], inner), strict=True):
            _fill(axes, tile, shade, "white", 0.5)
            _write(sheet, axes, tile, f"{part or '未细分'} {n:,}", colour, _SMALLEST)
    else:
        _fill(axes, block, shade, "none", 0.0)
        _write(sheet, axes, block, words, colour, SMALL + 0.5)
    _fill(axes, block, "none", "white", 2.2)


def _fill(axes: Axes, tile: Tile, colour: str, edge: str, line: float) -> None:
    from matplotlib.patches import Rectangle

    corner = tile.x, tile.y
    axes.add_patch(
        Rectangle(corner, tile.width, tile.height, facecolor=colour, edgecolor=edge, linewidth=line)
    )


def _write(sheet: Sheet, axes: Axes, tile: Tile, words: str, colour: str, largest: float) -> None:
    middle = tile.x + tile.width / 2, tile.y + tile.height / 2
    for size in (largest, _SMALLEST):
        room = int((tile.height - 0.12) / (size * 1.3 * POINT))
        if broken := _set(words, tile, min(room, 4), size):
            sheet.text(axes, *middle, broken, size, ha="center", va="center", color=colour)
            return


def _set(words: str, tile: Tile, room: int, size: float) -> str:
    """Break “name number” into the lines of a tile, the number whole; "" if it does not fit."""
    em = (tile.width - 0.2) / (size * POINT)
    if room < 1 or em < 2:
        return ""
    if width(words) <= em:
        return words
    name, _, number = words.rpartition(" ")
    broken = even(name, em, room - 1)
    return f"{broken}\n{number}" if broken and width(number) <= em else ""


def tiles(numbers: Sequence[float], whole: Tile) -> list[Tile]:
    """Divide a rectangle in proportion to numbers, the tiles as square as can be.

    The squarified tree map of Bruls, Huizing and van Wijk (2000).

    Parameters
    ----------
    numbers : sequence of float
        Positive, falling.
    whole : Tile

    Examples
    --------
    >>> tiles([6, 2], Tile(0, 0, 4, 2))
    [Tile(x=0.0, y=0.0, width=3.0, height=2.0), Tile(x=3.0, y=0.0, width=1.0, height=2.0)]
    """
    total, found, start = sum(numbers), list[Tile](), 0
    scale = whole.width * whole.height / total if total else 0.0
    areas = [n * scale for n in numbers]
    rest = whole
    while start < len(areas):
        side = min(rest.width, rest.height)
        end = start + 1
        while end < len(areas) and _worst(areas[start : end + 1], side) <= _worst(
            areas[start:end], side
        ):
            end += 1
        row, rest = _row(areas[start:end], rest)
        found += row
        start = end
    return found


def _worst(areas: Sequence[float], side: float) -> float:
    """Return the greatest ratio of sides in a row along a side."""
    total = sum(areas)
    return max(side**2 * max(areas) / total**2, total**2 / (side**2 * min(areas)))


def _row(areas: Sequence[float], rest: Tile) -> tuple[list[Tile], Tile]:
    """Lay a row along the shorter side, and return what is left of the rectangle."""
    total, row = sum(areas), []
    if rest.width >= rest.height:
        wide, top = total / rest.height, rest.y + rest.height
        for area in areas:
            top -= area / wide
            row.append(Tile(float(rest.x), float(top), float(wide), float(area / wide)))
        return row, Tile(rest.x + wide, rest.y, rest.width - wide, rest.height)
    high, x = total / rest.width, rest.x
    y = rest.y + rest.height - high
    for area in areas:
        row.append(Tile(float(x), float(y), float(area / high), float(high)))
        x += area / high
    return row, Tile(rest.x, rest.y, rest.width, rest.height - high)
