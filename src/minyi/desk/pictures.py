"""The pictures of the dashboard: each with its options for ECharts, its table and its meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from minyi.desk import charts
from minyi.desk.crossings import Crossings, bands, flow, heat
from minyi.tables import open_output

if TYPE_CHECKING:
    from minyi.analysis.figures import Bars

_WIDE, _NAMES = ("类别", "原判类别", "部门", "主办部门", "属地"), 36.0
_ROW, _TALL_ROW, _MARGIN, _HEAD = 27, 30, 20, 60  # pixels


@dataclass(frozen=True)
class Picture:
    """A picture, before it is drawn.

    Attributes
    ----------
    title : str
    options : dict
        For ECharts.
    header : list of str
        Of its table.
    rows : list of list
        All of them, where the picture sums what is rare.
    meaning : str
        What needs to be said under it.
    height : int
        Pixels; 0 for the usual height.
    """

    title: str
    options: dict[str, Any]
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    meaning: str = ""
    height: int = 0


def bars(title: str, column: str, counts: charts.Counts) -> Picture:
    """Return horizontal bars of what was counted."""
    data = _bars(counts, column)
    height = len(data.table) * _ROW + _MARGIN
    return _counted(title, column, counts, charts.bars(data), height)


def ring(title: str, column: str, counts: charts.Counts) -> Picture:
    """Return a ring of what was counted."""
    return _counted(title, column, counts, charts.ring(_bars(counts, column)))


def line(title: str, column: str, counts: charts.Counts) -> Picture:
    """Return a line over the weeks, each named by its Monday."""
    import pandas as pd

    from minyi.analysis.figures import Source, timeline_of

    days = pd.to_datetime([day for day, _ in counts])
    table = pd.DataFrame({"start": days, "n": [n for _, n in counts]})
    data = timeline_of(table, "week", Source(int(table["n"].sum())))
    return _counted(title, column, counts, charts.line(data))


def _bars(counts: charts.Counts, column: str) -> Bars:
    from minyi.analysis.figures import Source, bars_of

    source = Source(sum(n for _, n in counts))
    return bars_of(counts, column, source, most=charts.MOST_BARS)


def _counted(
    title: str, column: str, counts: charts.Counts, options: dict[str, Any], height: int = 0
) -> Picture:
    rows = [[name, n] for name, n in counts]
    meaning = charts.explained([name for name, _ in counts])
    return Picture(title, options, [column, "条数"], rows, meaning, height)


def places(found: Crossings) -> Picture:
    """Return places over categories."""
    shown, every = found.places, found.every_place.counts
    few = "* 不足 20 条，占比不稳，不着色" if 0 < len(shown.few) < len(shown.counts) else ""
    names = [*map(str, shown.counts.index)]
    told = ["颜色越深，占该地意见的比例越大", few, charts.explained(names)]
    rows = [
        [str(place), *map(int, row)]
        for place, row in zip(every.index, every.to_numpy(), strict=True)
    ]
    header = ["属地", *map(str, every.columns)]
    height = len(names) * _TALL_ROW + _HEAD
    return Picture(
        "各属地反映什么", heat(shown), header, rows, "；".join(filter(None, told)), height
    )


def departments(found: Crossings) -> Picture:
    """Return categories on their way to departments."""
    shown = found.departments
    rows = [list(band) for band in bands(found.every_department)]
    height = max(len(shown.categories), len(shown.departments)) * _TALL_ROW + _MARGIN
    header = ["类别", "主办部门", "条数"]
    return Picture("各类意见由谁主办", flow(shown), header, rows, "线越粗，条数越多", height)


def workbook(picture: Picture) -> bytes:
    """Return the table of a picture as a workbook."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "表格.xlsx"
        with open_output(path) as out:
            widths = {name: _NAMES for name in picture.header if name in _WIDE}
            sheet = out.sheet(picture.title, list(picture.header), widths=widths)
            for row in picture.rows:
                sheet.append(list(row))
        return path.read_bytes()
