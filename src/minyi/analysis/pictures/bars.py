"""Horizontal bars: numbers of submissions, and words typical of one part or the other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minyi.analysis.figures import Bars, Keyness
from minyi.analysis.fonts import Font
from minyi.analysis.pictures.lettering import shorten, width, wrap
from minyi.analysis.pictures.sheet import (
    BLUE,
    BODY,
    MUTED,
    ORANGE,
    POINT,
    RULE,
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

_LABEL = 15.0  # em
_ROW = 0.62  # cm
_READING = "倍数：本处与别处说这个词的人所占比例之比，条长取其对数。后面是本处和别处的人数"
_NO_RATIO = "\n空心的：别处没有人说，算不出倍数，条长按别处有半个人说来画"
_LINE = BODY * 1.25 * POINT


@by_default
def draw_bars(
    data: Bars, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw numbers of submissions as horizontal bars, the largest on top.

    Parameters
    ----------
    data : Bars
    title : str, optional
    font : Font or str or Path, optional
        A font or its file; unless given, one is found.
    """
    title = title or f"各{data.what}的意见数"
    table = data.table
    if table.empty:
        return empty_sheet(title, data.source, font, "没有意见可画。")
    names = [wrap(name, _LABEL, 2) for name in table["name"]]
    tall = max(name.count("\n") for name in names)
    row = _ROW + tall * _LINE * 0.8
    sheet = Sheet(
        height_of(row * len(table) + 0.3, title=title, source=data.source), title, data.source, font
    )
    axes = sheet.axes(frame=("left",))
    at = list(range(len(table)))
    # What is summed as the rest gets no bar: it would dwarf all others.
    bars = table["n"].where(~table["is_rest"], 0)
    axes.barh(at, bars, height=0.68 if not tall else 0.56, color=BLUE)
    axes.set_ylim(len(table) - 0.5, -0.5)
    most = float(bars.max())
    words = [f"{n:,}（{share:.1%}）" for n, share in zip(table["n"], table["share"], strict=True)]
    # Room for the longest number behind the longest bar.
    room = max(map(width, words)) * BODY * POINT / (WIDTH * 0.55)
    axes.set_xlim(0, most * (1 + min(room, 0.6)) or 1)
    for y, n, word in zip(at, bars, words, strict=True):
        sheet.text(axes, n + most * 0.012, y, word, BODY, va="center")
    sheet.ticks(axes.yaxis, at, names)
    return sheet.figure


@by_default
def draw_keyness(
    data: Keyness, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw words typical of one group to the right, of the other to the left.

    Parameters
    ----------
    data : Keyness
    title : str, optional
    font : Font or str or Path, optional
    """
    against = f"“{data.here}”与“{data.there}”" if data.there else f"“{data.here}”"
    title = title or f"{against}的特色词"
    table = data.table
    if table.empty:
        why = "没有明显的特色词：与别处用词相近，或意见太少。"
        return empty_sheet(title, data.source, font, why)
    drawing = 0.52 * len(table) + (2.0 if data.there else 1.3)
    sheet = Sheet(height_of(drawing, title=title, source=data.source), title, data.source, font)
    axes = sheet.axes(frame=())
    most = float(table["value"].abs().max())
    for y, row in enumerate(table.to_dict("records")):
        _word(sheet, axes, y, row, most)
    axes.axvline(0, color=RULE, linewidth=0.8)
    axes.set_xlim(-most * (1.75 if data.there else 0.7), most * 1.75)
    axes.set_ylim(len(table) - 0.4, -1.5 if data.there else -0.6)
    if data.there:
        gap = most * 0.02
        sheet.text(axes, -gap, -1.0, f"← {data.there}更常说", ha="right", va="center")
        sheet.text(axes, gap, -1.0, f"{data.here}更常说 →", va="center")
    sheet.label(axes.xaxis, _READING + (_NO_RATIO if (table["n_there"] == 0).any() else ""))
    return sheet.figure


def _word(sheet: Sheet, axes: Axes, y: int, row: Mapping[Hashable, Any], most: float) -> None:
    """Draw a word and its bar; to the left lighter and hatched, so that grey print tells it.

    Where nobody elsewhere says the word, the length hangs on half a citizen: the bar is hollow.
    """
    value, gap, is_right = float(row["value"]), most * 0.02, row["value"] > 0
    tone, n_here, n_there = BLUE if is_right else ORANGE, int(row["n_here"]), int(row["n_there"])
    axes.barh(
        y,
        value,
        height=0.66,
        facecolor=tone if n_there else "white",
        edgecolor="white" if n_there else tone,
        hatch=None if is_right else "////",
        linewidth=0 if n_there else 1.2,
    )
    sides = ("right", "left") if is_right else ("left", "right")
    gap = gap if is_right else -gap
    word = shorten(str(row["term"]), 12)
    sheet.text(axes, -gap, y, word, ha=sides[0], va="center")
    told = f"{2 ** abs(value):,.1f} 倍　{n_here:,} 比 {n_there:,} 人"
    told = told if n_there else f"{n_here:,} 人，别处没有"
    sheet.text(axes, value + gap, y, told, SMALL, ha=sides[1], va="center", color=MUTED)
