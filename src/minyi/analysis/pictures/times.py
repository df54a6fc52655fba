"""Time: lines of numbers with bands and alarms, and a strip for each hot issue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from minyi.analysis.figures import IssueTimes, Timeline
from minyi.analysis.figures.times import PERIODS
from minyi.analysis.fonts import Font
from minyi.analysis.pictures.lettering import even, width, wrap
from minyi.analysis.pictures.sheet import (
    BLUE,
    BODY,
    INK,
    MUTED,
    PALE,
    POINT,
    RULE,
    SKY,
    SMALL,
    VERMILION,
    WIDTH,
    Sheet,
    by_default,
    empty_sheet,
    halo,
    height_of,
    steps,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NO_TIME = "这些意见都没有时间，画不了时间图：请给出时间列（如“留言时间”），或检查时间的写法。"
_MOST_NUMBERS = 20  # points with their numbers written
_TICK = 1.5  # cm that a date takes
_LABEL = 17.0  # em of an issue's description


@by_default
def draw_timeline(
    data: Timeline, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw numbers by period, a panel for each series, all of the same scale.

    Where the data have them: the band expected is shaded, alarms are triangles with their date.
    Periods that the data may not cover whole are hollow.

    Parameters
    ----------
    data : Timeline
    title : str, optional
    font : Font or str or Path, optional
    """
    unit = PERIODS[data.every][1]
    title = title or f"每{unit}的意见数" + (f"（按{data.what}）" if data.what else "")
    if data.table.empty:
        return empty_sheet(title, data.source, font, _NO_TIME)
    names = list(dict.fromkeys(data.table["series"]))
    each = 6.0 if len(names) == 1 else 2.9
    drawing = each * len(names) + 1.0
    sheet = Sheet(height_of(drawing, title=title, source=data.source), title, data.source, font)
    top = max(float(data.table[c].max()) for c in ("n", "high") if c in data.table.columns)
    for i, name in enumerate(names):
        own = data.table[data.table["series"] == name].sort_values("start")
        axes = sheet.axes(frame=("bottom",), place=(len(names), 1, i + 1))
        _line(sheet, axes, own, top, 5 if len(names) == 1 else 3)
        if i == len(names) - 1:
            _dates(sheet, axes, own["start"].tolist(), data.every, WIDTH - 2.0)
        if name:
            words = f"{wrap(name, 24, 1)}　{int(own['n'].sum()):,} 条"
            axes.set_title(
                sheet.font.shows(words), loc="left", color=INK, pad=6, **sheet.lettering(BODY)
            )
        if i == 0 and ({"expected", "high", "alarm"} & set(own.columns)):
            where = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": 4}
            sheet.legend(axes, borderaxespad=0.1, **where)
    return sheet.figure


def _line(sheet: Sheet, axes: Axes, own: pd.DataFrame, top: float, n_steps: int) -> None:
    at = list(range(len(own)))
    levels = steps(top, n_steps)
    axes.set_ylim(0, max(levels[-1], top * 1.12))
    axes.set_xlim(-0.6, max(len(own) - 0.4, 0.6))
    for level in levels[1:]:
        axes.axhline(level, color=PALE, linewidth=0.6, zorder=0)
    sheet.ticks(axes.yaxis, levels, [f"{level:,.0f}" for level in levels], SMALL, color=MUTED)
    _expected(axes, own, at)
    alarm = own["alarm"].tolist() if "alarm" in own.columns else [False] * len(own)
    partial, numbers = own["partial"].tolist(), own["n"].tolist()
    axes.plot(at, numbers, color=BLUE, linewidth=1.6)
    size = 22 if len(own) <= 60 else 6
    for hollow in (False, True):
        chosen = [i for i in at if partial[i] is hollow and not alarm[i]]
        axes.scatter(
            chosen,
            [numbers[i] for i in chosen],
            s=size,
            facecolor="white" if hollow else BLUE,
            edgecolor=BLUE,
            linewidth=1.1,
            zorder=3,
            clip_on=False,
        )
    hot = [i for i in at if alarm[i]]
    axes.scatter(
        hot,
        [numbers[i] for i in hot],
        s=70,
        marker="^",
        color=VERMILION,
        edgecolor=INK,
        linewidth=0.6,
        zorder=4,
        label="预警" if hot else None,
    )
    for i in at if len(own) <= _MOST_NUMBERS and n_steps > 3 else hot:
        around = numbers[max(i - 1, 0) : i + 2]
        # In a valley the lines run above the point.
        below = numbers[i] == min(around) < max(around) and numbers[i] > top * 0.12
        axes.annotate(
            f"{numbers[i]:,}",
            (i, numbers[i]),
            (0, -5 if below else 7 if alarm[i] else 5),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            color=INK,
            zorder=5,
            path_effects=halo(),
            **sheet.lettering(SMALL),
        )


def _expected(axes: Axes, own: pd.DataFrame, at: Sequence[int]) -> None:
    """Draw what was expected, told by dashes in grey print too."""
    dashes, dots = (0, (4, 3)), (0, (1, 2))
    numbers = {c: own[c].astype(float) for c in ("expected", "low", "high") if c in own.columns}
    if "low" in numbers and "high" in numbers:
        low, high = numbers["low"], numbers["high"]
        axes.fill_between(at, low, high, color=SKY, alpha=0.3, lw=0, label="通常的范围")
        for edge in (low, high):
            axes.plot(at, edge, color=BLUE, linewidth=0.7, linestyle=dashes)
    elif "high" in numbers:
        axes.plot(at, numbers["high"], color=INK, linewidth=0.9, linestyle=dashes, label="预警线")
    if "expected" in numbers:
        axes.plot(at, numbers["expected"], color=INK, linewidth=1.1, linestyle=dots, label="预计")


def _dates(
    sheet: Sheet, axes: Axes, starts: Sequence[pd.Timestamp], every: str, room: float
) -> None:
    """Name so many periods as fit; the year stands under the first of each."""
    step = max(1, -(-len(starts) * 15 // int(room * 10 / _TICK * 1.5)))
    at = list(range(0, len(starts), step))
    names, year = [], None
    for i in at:
        day = starts[i]
        name = {"month": f"{day.month}月", "year": ""}.get(every, f"{day.month}月{day.day}日")
        told = f"{day.year}年" if day.year != year else ""
        names.append(f"{name}\n{told}".strip("\n") if name else f"{day.year}年")
        year = day.year
    sheet.ticks(axes.xaxis, at, names, SMALL, color=MUTED, linespacing=1.35)
    if every == "week":
        sheet.label(axes.xaxis, "日期是每周的周一")


@by_default
def draw_issue_times(
    data: IssueTimes, *, title: str | None = None, font: Font | str | Path | None = None
) -> Figure:
    """Draw a strip for each issue: when its submissions came, all of the same scale.

    Parameters
    ----------
    data : IssueTimes
    title : str, optional
    font : Font or str or Path, optional
    """
    title = title or f"热点问题的时间分布（每{PERIODS[data.every][1]}条数）"
    if data.issues.empty:
        return empty_sheet(title, data.source, font, "没有达到条数的热点问题。")
    if data.table.empty:
        return empty_sheet(title, data.source, font, _NO_TIME)
    told = zip(data.issues["label"], data.issues["n"], strict=True)
    labels = [_issue(i, label, n) for i, (label, n) in enumerate(told, start=1)]
    row = max(label.count("\n") + 1 for label in labels) * SMALL * 1.35 * POINT + 0.3
    row = max(row, 1.25)
    drawing = row * len(labels) + 0.9
    sheet = Sheet(height_of(drawing, title=title, source=data.source), title, data.source, font)
    axes = sheet.axes(frame=("bottom",))
    starts = sorted(data.table["start"].unique())
    axes.set_xlim(-0.6, max(len(starts) - 0.4, 0.6))
    axes.set_ylim(len(labels), 0)
    most = max(int(data.table["n"].max()), 1)
    for rank, issue in enumerate(data.issues["issue"]):
        own = data.table[data.table["issue"] == issue].sort_values("start")
        _strip(sheet, axes, own["n"].tolist(), rank + 1, most)
    sheet.ticks(
        axes.yaxis,
        [rank + 0.55 for rank in range(len(labels))],
        labels,
        SMALL + 0.5,
        ha="left",
        linespacing=1.2,
    )
    wide = max(width(line) for label in labels for line in label.split("\n"))
    axes.tick_params(axis="y", length=0, pad=wide * (SMALL + 0.5) + 6)
    _dates(sheet, axes, starts, data.every, WIDTH - wide * (SMALL + 0.5) * POINT - 1.2)
    return sheet.figure


def _issue(number: int, label: str, n: int) -> str:
    """Set the place with the number of submissions on a line, and below it what was said."""
    place, colon, words = label.partition("：")
    head, count = f"{number}. {place}", f"{n:,} 条"
    if colon and width(f"{head}（{count}）") <= _LABEL:
        return f"{head}（{count}）\n{even(words, _LABEL, 2) or wrap(words, _LABEL, 2)}"
    return f"{wrap(f'{number}. {label}', _LABEL, 3)}\n{count}"


def _strip(sheet: Sheet, axes: Axes, numbers: Sequence[int], base: int, most: int) -> None:
    axes.axhline(base, color=RULE, linewidth=0.8, zorder=1)
    heights = [n / most * 0.68 for n in numbers]
    shades = [BLUE if n == max(numbers) else SKY for n in numbers]
    at = list(range(len(numbers)))
    axes.bar(at, [-h for h in heights], bottom=base, width=0.78, color=shades, zorder=2)
    few = len(numbers) <= _MOST_NUMBERS
    for x, n, height in zip(at, numbers, heights, strict=True):
        if n and (few or n == max(numbers)):
            y = base - height - 0.03
            sheet.text(axes, x, y, f"{n:,}", SMALL - 0.5, ha="center", va="bottom", color=MUTED)
