"""Two things at once, for the dashboard: categories by place, and who answers for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minyi.desk.charts import ACCENT, INK, MUTED, NOBODY, UNKNOWN, common
from minyi.desk.showing import percent
from minyi.desk.state import path_of
from minyi.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from minyi.analysis.figures import Cross, Flow

_BY = ("category", "department", "place")
_ALL = 1_000_000
_DARK = 0.6  # of the deepest shade: from there numbers are white
_WHITE, _PALEST = "#ffffff", "#f3f6f9"


@dataclass(frozen=True)
class Crossings:
    """The data of both pictures.

    Attributes
    ----------
    places : Cross
    departments : Flow
    every_place : Cross
        Nothing summed, for the table.
    every_department : Flow
    """

    places: Cross
    departments: Flow
    every_place: Cross
    every_department: Flow


def cross(store: Store, batch_id: int | None) -> Crossings:
    """Count what holds after corrections.

    Parameters
    ----------
    store : Store
    batch_id : int or None
        None counts everything.
    """
    import pandas as pd

    from minyi.analysis.figures import category_by_place, category_to_department

    rows = [
        ((*path_of(category), "")[0], department or NOBODY, place, n)
        for (category, department, place), n in store.crossed(batch_id, _BY)
    ]
    frame = pd.DataFrame(rows, columns=["level1", "department", "place", "n"])
    frame = frame.loc[frame.index.repeat(frame["n"])].reset_index(drop=True)
    frame = frame.assign(id="", text="", row=0)  # figures want submissions, of which these are part
    return Crossings(
        category_by_place(frame),
        category_to_department(frame),
        category_by_place(frame, most_rows=_ALL, most_columns=_ALL),
        category_to_department(frame, most_categories=_ALL, most_departments=_ALL),
    )


def heat(data: Cross) -> dict[str, Any]:
    """Return places over categories: darker is a greater share of the place."""
    shares = data.shares.to_numpy(copy=True)
    totals = data.totals.tolist()
    names = [str(name) for name in data.counts.index]
    # Shares of few say little, and what has no place is none: no shade, and no say in the scale.
    bare_rows = [i for i, name in enumerate(names) if name in data.few or name == UNKNOWN]
    if len(bare_rows) < len(names):
        shares[bare_rows] = 0.0
    most = max(float(shares.max()), 0.01)
    cells = [
        _cell(x, y, n, float(shares[y, x]) / most)
        | {"told": f"{place}　{category}\n{n} 条，占{data.rows}的 {percent(n / totals[y])}"}
        for y, (place, row) in enumerate(zip(names, data.counts.to_numpy().tolist(), strict=True))
        for x, (category, n) in enumerate(zip(data.counts.columns, row, strict=True))
        if n
    ]
    label = {"color": INK, "interval": 0, "fontSize": 12}
    bare = {"axisLine": {"show": False}, "axisTick": {"show": False}, "type": "category"}
    cut = {"overflow": "break", "width": 74, "lineHeight": 15}
    return {
        **common(trigger="item"),
        "grid": {"left": 8, "right": 8, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {
            **bare,
            "data": [str(name) for name in data.counts.columns],
            "position": "top",
            "axisLabel": {**label, **cut},
            "splitArea": {"show": False},
        },
        "yAxis": {
            **bare,
            "data": [f"{name}*" if name in data.few else name for name in names],
            "inverse": True,
            "axisLabel": label,
        },
        "visualMap": {
            "show": False,
            "min": 0,
            "max": 1,
            "dimension": 2,
            "inRange": {"color": [_PALEST, "#8fb2ca", ACCENT]},
        },
        "series": [{"type": "heatmap", "data": cells, "label": {"show": True, "formatter": "{b}"}}],
    }


def _cell(x: int, y: int, n: int, shade: float) -> dict[str, Any]:
    return {
        "name": str(n),
        "value": [x, y, round(shade, 3)],
        "label": {"color": _WHITE if shade >= _DARK else INK},
        "itemStyle": {"borderColor": _WHITE, "borderWidth": 2},
    }


def flow(data: Flow) -> dict[str, Any]:
    """Return bands from categories on the left to the departments that answer on the right."""
    left, right = _side(data.categories), _side(data.departments)
    nodes = [
        {"id": f"{mark}{name}", "depth": depth, "words": f"{name}　{n}", "told": f"{name}\n{n} 条"}
        for depth, (mark, side) in enumerate((("c", left), ("d", right)))
        for name, n in side.items()
    ]
    links = [
        {
            "source": f"c{category}",
            "target": f"d{department}",
            "value": n,
            "told": f"{category} → {department}\n{n} 条，占该类的 {percent(n / left[category])}",
        }
        for category, department, n in bands(data)
    ]
    label = {"color": INK, "fontSize": 12, ":formatter": "(one) => one.data.words"}
    return {
        **common(trigger="item"),
        "series": [
            {
                "type": "sankey",
                "left": 150,
                "right": 210,
                "top": 8,
                "bottom": 8,
                "nodeWidth": 10,
                "nodeGap": 9,
                "layoutIterations": 0,  # the figure has put them in order
                "draggable": False,
                "data": nodes,
                "links": links,
                "itemStyle": {"color": ACCENT, "borderWidth": 0},
                "lineStyle": {"color": MUTED, "opacity": 0.22, "curveness": 0.5},
                "emphasis": {"focus": "adjacency", "lineStyle": {"color": ACCENT, "opacity": 0.5}},
                "levels": [
                    {"depth": 0, "label": {**label, "position": "left"}},
                    {"depth": 1, "label": {**label, "position": "right"}},
                ],
            }
        ],
    }


def _side(sums: pd.Series[int]) -> dict[str, int]:
    return {str(name): int(n) for name, n in zip(sums.index, sums, strict=True)}


def bands(data: Flow) -> list[tuple[str, str, int]]:
    """Return category, department and number of each band."""
    table = data.table
    columns = (table["category"], table["department"], table["n"].tolist())
    return [
        (str(category), str(department), n)
        for category, department, n in zip(*columns, strict=True)
    ]
