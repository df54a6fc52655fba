"""The page 看板: what people write about, who has to answer, where and when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nicegui import events, ui

from minyi.desk import charts, pictures
from minyi.desk.crossings import Crossings, cross
from minyi.desk.frame import heading, work
from minyi.desk.hot import HotCard
from minyi.desk.pictures import Picture
from minyi.desk.rows import n_left
from minyi.desk.showing import percent
from minyi.desk.state import Desk
from minyi.store import Store
from minyi.store.records import Filters

_ALL = "全部批次"
_LEVELS = {1: "一级", 2: "二级", 3: "三级"}


@dataclass(frozen=True)
class _Numbers:
    total: int
    n_open: int
    uncertain: float
    n_corrected: int
    categories: Mapping[int, Picture]
    department: Picture
    week: Picture
    place: Picture
    kind: Picture
    corrections: Picture


def _count(store: Store, batch_id: int | None) -> _Numbers:
    ids, counts = store.submissions.ids, store.counts
    category = counts(batch_id, "category")
    by_department = charts.named(counts(batch_id, "department"), charts.NOBODY)
    by_kind = charts.named(counts(batch_id, "kind"), charts.NO_KIND)
    corrected = charts.by_level(store.corrections_by_category(batch_id), 2)
    return _Numbers(
        total=sum(n for _, n in category),
        n_open=len(ids(batch_id, Filters(needs_review=True, checked=False)))
        + n_left(store, batch_id),
        uncertain=store.uncertain_share(batch_id),
        n_corrected=len(ids(batch_id, Filters(corrected=True))),
        categories={
            level: pictures.bars(f"类别（{name}）", "类别", charts.by_level(category, level))
            for level, name in _LEVELS.items()
        },
        department=pictures.bars("主办部门", "部门", by_department),
        week=pictures.line("每周收到", "周一", charts.weeks(counts(batch_id, "week"))),
        place=pictures.bars("属地", "属地", charts.named(counts(batch_id, "place"))),
        kind=pictures.ring("诉求类型", "类型", by_kind),
        corrections=pictures.bars("改正最多的类别（原判）", "原判类别", corrected),
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
        batch_id = select.value or None
        numbers = await work(_count, desk.store, batch_id)
        box.clear()
        with box:
            _draw(desk, batch_id, numbers, _told(options[select.value or 0], numbers.total))

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


def _draw(desk: Desk, batch_id: int | None, numbers: _Numbers, told: _Told) -> None:
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
        _category(numbers.categories, told)
        _Card("主办部门").show(numbers.department, told)
        _Card("每周收到", "is-wide").show(numbers.week, told)
        _Card("属地").show(numbers.place, told)
        _Card("诉求类型").show(numbers.kind, told)
        HotCard(desk, batch_id, told.suffix)
        _crossed(desk, batch_id, told)
        _Card("改正最多的类别（原判）", "is-wide").show(numbers.corrections, told)


def _figure(name: str, value: str) -> None:
    with ui.element("div").classes("card figure"):
        ui.label(value).classes("figure-value")
        ui.label(name).classes("muted small")


def _category(levels: Mapping[int, Picture], told: _Told) -> None:
    card = _Card("类别")
    with card.choices:
        level = ui.toggle(_LEVELS, value=1).props("dense unelevated no-caps").classes("seg")
    level.on_value_change(lambda: card.show(levels[int(level.value)], told))
    card.show(levels[1], told)


def _crossed(desk: Desk, batch_id: int | None, told: _Told) -> None:
    """Draw what takes longer to count, once the page stands."""
    cards = [
        _Card("各属地反映什么", "is-wide is-broad"),
        _Card("各类意见由谁主办", "is-wide is-broad"),
    ]
    for card in cards:
        card.say("正在统计…")

    async def fill() -> None:
        try:
            found: Crossings | None = await work(cross, desk.store, batch_id)
        except BaseException:
            for card in () if cards[0].is_gone else cards:
                card.say("没有统计出来：请刷新页面再试")
            raise
        if found is None or cards[0].is_gone:
            return
        cards[0].show(pictures.places(found), told)
        cards[1].show(pictures.departments(found), told)

    ui.timer(0, fill, once=True)


class _Card:
    """A place for a picture.

    Attributes
    ----------
    choices : ui.element
        Beside the title.
    """

    def __init__(self, title: str, classes: str = "") -> None:
        with ui.element("div").classes(f"card chart-card {classes}"):
            with ui.element("div").classes("chart-head"):
                ui.label(title).classes("card-title")
                self.choices = ui.element("div")
                ui.space()
                self._tools = ui.element("div").classes("chart-tools")
            self._box = ui.element("div")

    @property
    def is_gone(self) -> bool:
        """Whether another batch was chosen meanwhile."""
        return self._box.is_deleted

    def say(self, words: str) -> None:
        """Put words in the place of a picture."""
        self._box.clear()
        self._tools.clear()
        with self._box:
            ui.label(words).classes("muted empty")

    def show(self, picture: Picture, told: _Told) -> None:
        """Draw a picture, with what saves it."""
        if not picture.rows:
            self.say("还没有")
            return
        self._box.clear()
        self._tools.clear()
        with self._box:
            chart = ui.echart(picture.options).classes("chart")
            if picture.height:
                chart.style(f"height:{picture.height}px")
            if picture.meaning:
                ui.label(picture.meaning).classes("muted small meaning")
        words = (picture.title, told.line, picture.title + told.suffix)
        with self._tools:
            _buttons(picture, chart.id, words)


def _buttons(picture: Picture, chart: int, words: Sequence[str]) -> None:
    async def table() -> None:
        content = await work(pictures.workbook, picture)
        ui.download(content, f"{words[-1]}.xlsx")

    listed = ", ".join(map(json.dumps, words))
    ui.button("图片").props("flat dense no-caps").on(
        "click", js_handler=f"() => minyi.picture({chart}, {listed})"
    )
    ui.button("表格", on_click=table).props("flat dense no-caps")
