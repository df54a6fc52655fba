"""The page 看板: what people write about, who has to answer, where and when."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nicegui import events, ui

from minyi.desk import charts
from minyi.desk.frame import heading, work
from minyi.desk.showing import percent
from minyi.desk.state import Desk
from minyi.store import Store
from minyi.store.records import Filters
from minyi.tables import open_output

_ALL = "全部批次"
_LEVELS = {1: "一级", 2: "二级", 3: "三级"}


@dataclass(frozen=True)
class _Numbers:
    total: int
    n_open: int
    uncertain: float
    n_corrected: int
    category: Sequence[tuple[str, int]]
    department: Sequence[tuple[str, int]]
    place: Sequence[tuple[str, int]]
    week: Sequence[tuple[str, int]]
    kind: Sequence[tuple[str, int]]
    corrections: Sequence[tuple[str, int]]


def _count(store: Store, batch_id: int | None) -> _Numbers:
    ids = store.submissions.ids
    category = store.counts(batch_id, "category")
    return _Numbers(
        total=sum(n for _, n in category),
        n_open=len(ids(batch_id, Filters(needs_review=True, checked=False))),
        uncertain=store.uncertain_share(batch_id),
        n_corrected=len(ids(batch_id, Filters(corrected=True))),
        category=category,
        department=charts.named(store.counts(batch_id, "department"), charts.NOBODY),
        place=charts.named(store.counts(batch_id, "place")),
        week=charts.weeks(store.counts(batch_id, "week")),
        kind=charts.named(store.counts(batch_id, "kind"), charts.NO_KIND),
        corrections=store.corrections_by_category(batch_id),
    )


async def build(desk: Desk) -> None:
    """Build the page."""
    batches = (await work(desk.store.batches.list, 200)).items
    options: dict[int, str] = {0: _ALL} | {
        b.id: f"{b.name}（{b.n_submissions} 条）" for b in batches
    }
    with ui.element("div").classes("heading-row"):
        heading("看板", "数字按改正后的结果统计")
        select = ui.select(options, value=0).props("outlined dense options-dense")
        select.classes("batch-select")
    box = ui.element("div")

    async def draw(_: events.EventArguments | None = None) -> None:
        numbers = await work(_count, desk.store, select.value or None)
        box.clear()
        with box:
            _draw(numbers, _told(options[select.value or 0], numbers.total))

    select.on_value_change(draw)
    await draw()


@dataclass(frozen=True)
class _Told:
    """What a picture says beside its title, and the end of its file's name."""

    line: str
    suffix: str


def _told(batch: str, total: int) -> _Told:
    name = batch.rpartition("（")[0] or batch  # without the number that follows
    today = date.today()
    stem = name.rpartition(".")[0] or name
    return _Told(f"{name}　共 {total} 条　{today.isoformat()} 统计", f"_{stem}_{today:%Y%m%d}")


def _draw(numbers: _Numbers, told: _Told) -> None:
    if not numbers.total:
        with ui.element("div").classes("card nothing"):
            ui.icon("bar_chart")
            ui.label("还没有意见：请先在“一批”里导入表格")
        return
    with ui.element("div").classes("figures"):
        _figure("意见", str(numbers.total))
        _figure("待看", str(numbers.n_open))
        _figure("程序没有把握的", percent(numbers.uncertain))
        _figure("已改正", str(numbers.n_corrected))
    with ui.element("div").classes("board"):
        _category(numbers.category, told)
        _chart("主办部门", numbers.department, charts.bars, "部门", told)
        _chart("每周收到", numbers.week, charts.line, "周一", told, wide=True)
        _chart("属地", numbers.place, charts.bars, "属地", told)
        _chart("诉求类型", numbers.kind, charts.ring, "类型", told)
        corrected = charts.by_level(numbers.corrections, 2)
        _chart("改正最多的类别（原判）", corrected, charts.bars, "原判类别", told, wide=True)


def _figure(name: str, value: str) -> None:
    with ui.element("div").classes("card figure"):
        ui.label(value).classes("figure-value")
        ui.label(name).classes("muted small")


def _category(counts: Sequence[tuple[str, int]], told: _Told) -> None:
    with ui.element("div").classes("card chart-card"):
        with ui.element("div").classes("chart-head"):
            ui.label("类别").classes("card-title")
            level = ui.toggle(_LEVELS, value=1).props("dense unelevated no-caps").classes("seg")
            ui.space()
            tools = ui.element("div").classes("chart-tools")
        box = ui.element("div")

    def draw() -> None:
        box.clear()
        tools.clear()
        summed = charts.by_level(counts, int(level.value))
        title = f"类别（{_LEVELS[int(level.value)]}）"
        _plot(title, summed, charts.bars, "类别", told, box, tools)

    level.on_value_change(draw)
    draw()


def _chart(
    title: str,
    counts: Sequence[tuple[str, int]],
    options: Callable[[charts.Counts], dict[str, Any]],
    column: str,
    told: _Told,
    *,
    wide: bool = False,
) -> None:
    with ui.element("div").classes("card chart-card" + (" is-wide" if wide else "")):
        with ui.element("div").classes("chart-head"):
            ui.label(title).classes("card-title")
            ui.space()
            tools = ui.element("div").classes("chart-tools")
        box = ui.element("div")
        _plot(title, counts, options, column, told, box, tools)


def _plot(
    title: str,
    counts: Sequence[tuple[str, int]],
    options: Callable[[charts.Counts], dict[str, Any]],
    column: str,
    told: _Told,
    box: ui.element,
    tools: ui.element,
) -> None:
    if not counts:
        with box:
            ui.label("还没有").classes("muted empty")
        return
    with box:
        chart = ui.echart(options(counts)).classes("chart")
        if options is charts.bars:
            chart.style(f"height:{min(len(counts), 16) * 27 + 20}px")
        if meaning := charts.explained(counts):
            ui.label(meaning).classes("muted small meaning")

    words = ", ".join(map(json.dumps, (title, told.line, title + told.suffix)))

    async def table() -> None:
        content = await work(_workbook, title, column, counts)
        ui.download(content, f"{title}{told.suffix}.xlsx")

    with tools:
        ui.button("图片").props("flat dense no-caps").on(
            "click", js_handler=f"() => minyi.picture({chart.id}, {words})"
        )
        ui.button("表格", on_click=table).props("flat dense no-caps")


def _workbook(title: str, column: str, counts: Sequence[tuple[str, int]]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "表格.xlsx"
        with open_output(path) as out:
            sheet = out.sheet(title, [column, "条数"], widths={column: 36.0})
            for name, n in counts:
                sheet.append([name, n])
        return path.read_bytes()
