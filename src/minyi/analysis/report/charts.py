"""Pictures of a report as PNG; without matplotlib or a Chinese font there are none, but a note."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from minyi.analysis.figures import Bars, Cross
from minyi.analysis.report.parts import Chart
from minyi.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 200


def picture(chart: Chart) -> bytes | str:
    """Return a PNG of 15 cm width, or why there is none, in Chinese."""
    from minyi.analysis.pictures.sheet import by_default

    try:
        figure = _drawn(chart)
    except InputError as error:
        return f"（{chart.title}没有画出：{error}）"
    png = BytesIO()
    by_default(figure.savefig)(png, format="png", dpi=DPI)
    return png.getvalue()


def trouble() -> str:
    """Return why no picture can be drawn here, in Chinese; empty where they can be."""
    from minyi.analysis.fonts import find_font

    try:
        find_font()
    except InputError as error:
        return f"报告里没有图：{error}"
    return ""


def _drawn(chart: Chart) -> Figure:
    from minyi.analysis import pictures

    if isinstance(chart.data, Bars):
        return pictures.draw_bars(chart.data, title=chart.title)
    if isinstance(chart.data, Cross):
        return pictures.draw_heatmap(chart.data, title=chart.title)
    return pictures.draw_timeline(chart.data, title=chart.title)
