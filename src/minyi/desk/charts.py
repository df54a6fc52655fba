"""Charts of the dashboard: options for ECharts, made of figures' data; nothing here draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from minyi.desk.showing import percent
from minyi.desk.state import path_of
from minyi.domain.taxonomy import NOWHERE_NAME

if TYPE_CHECKING:
    from minyi.analysis.figures import Bars, Timeline

Counts = Sequence[tuple[str, int]]
ACCENT, LINE, MUTED, INK = "#1f5f8b", "#e2e6eb", "#66727f", "#1d2733"
_PALE, _UNNAMED = "#ccd6de", "#98a3ae"
#: A colour a kind, none as bright as another: they differ in grey print too.
KIND_COLOURS = {
    "举报": "#5c1a22",
    "求助": "#1f5f8b",
    "投诉": "#c2573f",
    "建议": "#6fa58a",
    "表扬": "#e3b23c",
    "咨询": "#c6d9e6",
}
MOST_BARS = 15
_LONGEST_LABEL = 12
UNKNOWN, NOTHING = "（未识别）", "（没有类别）"
NOBODY, NO_KIND = "（没有部门）", "（没有类型）"
_MEANINGS = {
    NOWHERE_NAME: "读得懂但没有诉求（问候、广告等）",
    NOTHING: "空白或读不了，没有分类",
    UNKNOWN: "文中没有写到，程序认不出",
    NOBODY: "没有分类的意见",
    NO_KIND: "没有分类的意见",
}


def by_level(counts: Counts, level: int) -> list[tuple[str, int]]:
    """Sum categories to a level, 1 to 3, most frequent first.

    Examples
    --------
    >>> by_level([("0102", 2), ("010211", 3), ("", 1)], 1)
    [('城乡建设', 5), ('（没有类别）', 1)]
    """
    sums: Counter[str] = Counter()
    for code, n in counts:
        path = path_of(code)[:level]
        sums[" › ".join(path[-2:]) or NOTHING] += n
    return sums.most_common()


def named(counts: Counts, empty: str = UNKNOWN) -> list[tuple[str, int]]:
    """Give what is empty a name."""
    return [(name or empty, n) for name, n in counts]


def explained(names: Collection[str]) -> str:
    """Return what the names that are no categories or places mean, where they occur.

    Examples
    --------
    >>> explained(["城乡建设", "（没有类别）"])
    '（没有类别）：空白或读不了，没有分类'
    >>> explained(["城乡建设"])
    ''
    """
    return "；".join(f"{name}：{told}" for name, told in _MEANINGS.items() if name in names)


def weeks(counts: Counts) -> list[tuple[str, int]]:
    """Name ISO weeks by their Monday; weeks between without any are zero.

    Examples
    --------
    >>> weeks([("2026-W27", 4), ("2026-W29", 1)])
    [('2026-06-29', 4), ('2026-07-06', 0), ('2026-07-13', 1)]
    """
    found = {_monday(name): n for name, n in counts if name}
    if not found:
        return []
    first, last = min(found), max(found)
    span = range(first.toordinal(), last.toordinal() + 1, 7)
    if len(span) > 520:  # ten years: one of the times is a slip
        return [(day.isoformat(), n) for day, n in sorted(found.items())]
    days = [date.fromordinal(ordinal) for ordinal in span]
    return [(day.isoformat(), found.get(day, 0)) for day in days]


def _monday(week: str) -> date:
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def bars(data: Bars) -> dict[str, Any]:
    """Return horizontal bars, the longest on top."""
    shown = data.table.iloc[::-1]
    return {
        **common(),
        "grid": {"left": 8, "right": 44, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {
            "type": "category",
            "data": shown["name"].tolist(),
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "axisLabel": {
                "color": INK,
                ":formatter": "(name) => { const last = name.split(' › ').pop(); return "
                f"last.length > {_LONGEST_LABEL} ? last.slice(0, {_LONGEST_LABEL}) + '…' : last }}",
            },
        },
        "series": [
            {
                "type": "bar",
                "data": [
                    point | ({"itemStyle": {"color": _PALE}} if is_rest else {})
                    for point, is_rest in zip(_points(data)[::-1], shown["is_rest"], strict=True)
                ],
                "barMaxWidth": 18,
                "itemStyle": {"color": ACCENT, "borderRadius": [0, 3, 3, 0]},
                "label": {"show": True, "position": "right", "color": MUTED},
            }
        ],
    }


def _points(data: Bars) -> list[dict[str, Any]]:
    """Return what each bar is, and what it says when it is pointed at."""
    table = data.table
    return [
        {"name": name, "value": int(n), "told": f"{name}\n{n} 条，占 {percent(share)}"}
        for name, n, share in zip(table["name"], table["n"], table["share"], strict=True)
    ]


def line(data: Timeline) -> dict[str, Any]:
    """Return a line over weeks."""
    days = data.table["start"].dt.strftime("%Y-%m-%d").tolist()
    numbers = data.table["n"].tolist()
    return {
        **common(),
        "grid": {"left": 8, "right": 20, "top": 16, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": days,
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisTick": {"show": False},
            "axisLabel": {
                "color": MUTED,
                ":formatter": r"(day) => day.slice(5) + '\n' + day.slice(0, 4)",
            },
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "splitLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": MUTED},
        },
        "series": [
            {
                "type": "line",
                "data": [
                    {"value": n, "told": f"{day} 起的一周\n{n} 条"}
                    for day, n in zip(days, numbers, strict=True)
                ],
                "symbolSize": 7,
                "lineStyle": {"color": ACCENT, "width": 2},
                "itemStyle": {"color": ACCENT},
                "areaStyle": {"color": ACCENT, "opacity": 0.08},
            }
        ],
    }


def ring(data: Bars) -> dict[str, Any]:
    """Return a ring with its numbers beside it."""
    names = data.table["name"].tolist()
    return {
        **common(trigger="item"),
        "legend": {
            "orient": "vertical",
            "right": 12,
            "top": "center",
            "itemWidth": 10,
            "itemHeight": 10,
            "textStyle": {"color": INK, "fontSize": 13},
            "data": names,
        },
        "series": [
            {
                "type": "pie",
                "radius": ["48%", "74%"],
                "center": ["36%", "50%"],
                "minAngle": 4,
                "data": [
                    point | {"itemStyle": {"color": KIND_COLOURS.get(name, _UNNAMED)}}
                    for point, name in zip(_points(data), names, strict=True)
                ],
                "label": {"show": True, "formatter": "{c}", "color": MUTED},
                "labelLine": {"length": 6, "length2": 4},
                "itemStyle": {"borderColor": "#fff", "borderWidth": 2},
            }
        ],
    }


def common(trigger: str = "axis") -> dict[str, Any]:
    """Return what all charts have; what is pointed at says its ``told``."""
    font = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif'
    pointer = {"axisPointer": {"type": "shadow"}} if trigger == "axis" else {}
    return {
        "animation": False,
        "textStyle": {"fontFamily": font},
        "tooltip": {"trigger": trigger, "confine": True, ":formatter": "minyi.tip", **pointer},
    }
