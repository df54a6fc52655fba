"""Charts of the dashboard: options for ECharts, made of counts; nothing here draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from minyi.desk.state import path_of
from minyi.domain.taxonomy import NOWHERE_NAME

Counts = Sequence[tuple[str, int]]
_ACCENT, _LINE, _MUTED, _INK = "#1f5f8b", "#e2e6eb", "#66727f", "#1d2733"
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
_MOST_BARS = 15
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


def explained(counts: Counts) -> str:
    """Return what the names that are no categories or places mean, where they occur.

    Examples
    --------
    >>> explained([("城乡建设", 5), ("（没有类别）", 1)])
    '（没有类别）：空白或读不了，没有分类'
    >>> explained([("城乡建设", 5)])
    ''
    """
    names = {name for name, _ in counts}
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


def bars(counts: Counts) -> dict[str, Any]:
    """Return horizontal bars, the longest on top; what is beyond them is summed."""
    shown = list(counts[:_MOST_BARS])
    rest = sum(n for _, n in counts[_MOST_BARS:])
    values: list[Any] = [n for _, n in shown]
    if rest:
        shown.append((f"其余 {len(counts) - _MOST_BARS} 项", rest))
        values.append({"value": rest, "itemStyle": {"color": _PALE}})
    shown.reverse()
    values.reverse()
    return {
        **_common(),
        "grid": {"left": 8, "right": 44, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {
            "type": "category",
            "data": [name for name, _ in shown],
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "axisLabel": {
                "color": _INK,
                ":formatter": "(name) => { const last = name.split(' › ').pop(); return "
                f"last.length > {_LONGEST_LABEL} ? last.slice(0, {_LONGEST_LABEL}) + '…' : last }}",
            },
        },
        "series": [
            {
                "type": "bar",
                "data": values,
                "barMaxWidth": 18,
                "itemStyle": {"color": _ACCENT, "borderRadius": [0, 3, 3, 0]},
                "label": {"show": True, "position": "right", "color": _MUTED},
            }
        ],
    }


def line(counts: Counts) -> dict[str, Any]:
    """Return a line over weeks."""
    return {
        **_common(),
        "grid": {"left": 8, "right": 20, "top": 16, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [name for name, _ in counts],
            "axisLine": {"lineStyle": {"color": _LINE}},
            "axisTick": {"show": False},
            "axisLabel": {
                "color": _MUTED,
                ":formatter": r"(day) => day.slice(5) + '\n' + day.slice(0, 4)",
            },
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "splitLine": {"lineStyle": {"color": _LINE}},
            "axisLabel": {"color": _MUTED},
        },
        "series": [
            {
                "type": "line",
                "data": [n for _, n in counts],
                "symbolSize": 7,
                "lineStyle": {"color": _ACCENT, "width": 2},
                "itemStyle": {"color": _ACCENT},
                "areaStyle": {"color": _ACCENT, "opacity": 0.08},
            }
        ],
    }


def ring(counts: Counts) -> dict[str, Any]:
    """Return a ring with its numbers beside it."""
    return {
        **_common(trigger="item"),
        "legend": {
            "orient": "vertical",
            "right": 12,
            "top": "center",
            "itemWidth": 10,
            "itemHeight": 10,
            "textStyle": {"color": _INK, "fontSize": 13},
            "data": [name for name, _ in counts],
        },
        "series": [
            {
                "type": "pie",
                "radius": ["48%", "74%"],
                "center": ["36%", "50%"],
                "minAngle": 4,
                "data": [
                    {
                        "name": name,
                        "value": n,
                        "itemStyle": {"color": KIND_COLOURS.get(name, _UNNAMED)},
                    }
                    for name, n in counts
                ],
                "label": {"show": True, "formatter": "{c}", "color": _MUTED},
                "labelLine": {"length": 6, "length2": 4},
                "itemStyle": {"borderColor": "#fff", "borderWidth": 2},
            }
        ],
    }


def _common(trigger: str = "axis") -> dict[str, Any]:
    font = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif'
    pointer = {"axisPointer": {"type": "shadow"}} if trigger == "axis" else {}
    return {
        "animation": False,
        "textStyle": {"fontFamily": font},
        "tooltip": {"trigger": trigger, "confine": True, **pointer},
    }
