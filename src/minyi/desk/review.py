"""The page 一批, second part: the grid of a batch, and the submission that is looked at."""

from __future__ import annotations

import json
from typing import Any

from nicegui import events, ui

from minyi.desk.batches import start
from minyi.desk.bulk import ask_bulk
from minyi.desk.choosing import Chooser, category_choices, department_choices
from minyi.desk.frame import clerk, plain_teller, said, work
from minyi.desk.importing import unclassified
from minyi.desk.output import file_name, write_batch
from minyi.desk.rows import MOST_ROWS, NAME, grid_options, row_of
from minyi.desk.state import Desk
from minyi.desk.verdict import Case, Choosers, show_text, show_verdict
from minyi.store.records import YES, Batch, Entry

_KEYS_TOLD = (
    ("↑ ↓", "上下条"),
    ("回车", "核对无误"),
    ("C", "改类别"),
    ("D", "改部门"),
    ("1–3", "选备选"),
    ("/", "搜索"),
)


async def build(desk: Desk, batch_id: int) -> None:
    """Build the page of a batch."""
    batch = await work(desk.store.batches.get, batch_id)
    if batch_id in desk.running:
        _running(desk, batch)
        return
    page = Review(desk, batch)
    page.toolbar()
    if await work(unclassified, desk.store, batch_id):
        with ui.element("div").classes("notice"):
            ui.icon("info")
            ui.label("这一批还有没分类的意见（上次没有做完）。")
            ui.button("接着分类", on_click=page.go_on).props("flat dense no-caps")
    with ui.element("div").classes("review"):
        page.grid()
        page.panel = ui.element("aside").classes("card panel")
    page.nothing()
    page.listen()


def _running(desk: Desk, batch: Batch) -> None:
    with ui.element("div").classes("waiting"):
        ui.label(f"正在分类：{batch.name}").classes("card-title")
        with ui.element("div").classes("score-track wide"):
            bar = ui.element("div").classes("score-fill")
        told = ui.label().classes("muted")

    def tick() -> None:
        progress = desk.running.get(batch.id)
        if progress is None:
            ui.navigate.reload()
            return
        bar.style(f"width:{progress.share * 100:.0f}%")
        told.text = progress.error or f"{progress.done} / {progress.total}"

    ui.timer(0.5, tick)


class Review:
    """One visit to a batch."""

    panel: ui.element

    def __init__(self, desk: Desk, batch: Batch) -> None:
        self._desk = desk
        self._batch = batch
        self._who = clerk()
        self._is_plain = plain_teller(desk)
        self._entry: Entry | None = None
        self._asking = False
        self._client = ui.context.client  # what was clicked may be gone when the answer is there
        self._choosers = Choosers(
            Chooser("选择类别", category_choices(desk.minyi.model, desk.office)),
            Chooser("选择部门", department_choices(desk.office)),
        )

    def toolbar(self) -> None:
        """Draw what acts on the whole batch."""
        with ui.element("div").classes("tools"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/batches")).props(
                'flat dense round aria-label="返回批次列表"'
            )
            ui.label(self._batch.name).classes("tools-title")
            self._count = ui.label(self._counts(self._batch)).classes("muted counts")
            ui.space()
            with ui.element("div").classes("tools-right"):
                self._status = ui.toggle({"": "全部", "待看": "待看", "已改": "已改"}, value="")
                self._status.props("unelevated dense no-caps toggle-color=primary")
                self._status.classes("seg")
                self._status.on_value_change(lambda e: _js("only", e.value))
                search = ui.input(placeholder="搜索").props("outlined dense clearable debounce=250")
                search.classes("grid-search").on_value_change(
                    lambda e: _js("search", e.value or "")
                )
                ui.button("批量核对", icon="done_all", on_click=self._bulk).props(
                    "outline no-caps"
                ).classes("bulk")
                self._download_button()

    def _download_button(self) -> None:
        if not self._desk.office.shows_personal_data:
            ui.button("下载", icon="download", on_click=lambda: self._download(False)).props(
                "unelevated no-caps"
            ).classes("download")
            return
        with (
            ui.dropdown_button("下载", icon="download", auto_close=True)
            .props("unelevated no-caps")
            .classes("download")
        ):
            for name, hint, plain in (
                ("原样下载", "各列与原表一致，含电话、身份证号等", True),
                ("遮盖个人信息后下载", "可以转发给其他单位", False),
            ):

                async def choose(_: object = None, plain: bool = plain) -> None:
                    await self._download(plain)

                with ui.item(on_click=choose), ui.item_section():
                    ui.item_label(name)
                    ui.item_label(hint).props("caption")

    def grid(self) -> None:
        """Draw the rows."""
        url = f"/desk/batches/{self._batch.id}/rows"
        with ui.element("div").classes("grid-box"):
            grid = ui.aggrid(grid_options(url)).classes("grid")
            grid.on("cellDoubleClicked", self._edit_in_place, args=["colId"])
            with ui.element("div").classes("keys only-wide"):
                for key, meaning in _KEYS_TOLD:
                    ui.label(key).classes("key")
                    ui.label(meaning).classes("muted small")

    def nothing(self) -> None:
        """Draw the panel while no row is selected."""
        self.panel.clear()
        with self.panel, ui.element("div").classes("nothing"):
            ui.icon("touch_app")
            ui.label("选中一行，在这里看全文、改正")

    def listen(self) -> None:
        """Take what comes from the grid and from the keys."""
        ui.on("minyi_row", self._selected)
        ui.on("minyi_end", lambda: said("后面没有了"))
        ui.keyboard(on_key=self._key, repeating=True)

    async def _selected(self, event: events.GenericEventArguments) -> None:
        await self._open(int(event.args))

    async def _open(self, number: int) -> None:
        self._entry = await work(self._desk.store.submissions.get, number)
        trail = await work(self._desk.store.corrections.trail, number)
        case = Case.of_entry(self._entry, trail)
        self.panel.clear()
        self.panel.classes("is-shown")
        with self.panel:
            with ui.element("div").classes("panel-head"):
                row = self._entry.submission.source_row
                ui.label(f"第 {row} 行" if row else "").classes("muted small")
                time = self._entry.submission.time
                ui.label(time).classes("muted small")
                ui.space()
                ui.button(icon="close", on_click=self._close).props(
                    'flat dense round aria-label="关闭"'
                ).classes("panel-close")
            with ui.element("div").classes("panel-body"):
                show_text(case, plain=self._is_plain())
                show_verdict(case, self._choosers, self._correct)
            with ui.element("div").classes("panel-foot"):
                ui.button("下一条", on_click=lambda: _js("step", 1)).props("flat no-caps")
                ui.button(
                    "已核对" if case.checked else "核对无误，下一条",
                    icon="check",
                    on_click=self._accept,
                ).props("unelevated no-caps").classes("accept")

    def _close(self) -> None:
        self.panel.classes(remove="is-shown")

    async def _correct(self, target: str, value: str) -> None:
        with self._client:
            await self._record(target, value, step=0)
            said("已改正并记下")

    async def _accept(self) -> None:
        if self._entry is None:
            return
        with self._client:
            if self._entry.checked:
                _js("step", 1)
            else:
                await self._record("accepted", YES, step=1)

    async def _record(self, target: str, value: str, step: int) -> None:
        if self._entry is None:
            return
        store, number = self._desk.store, self._entry.submission.id
        await work(store.corrections.add, number, target, value, self._who)
        entry = await work(store.submissions.get, number)
        row = row_of(entry, plain=self._is_plain())
        if step:
            self._entry = entry
        else:
            await self._open(number)
        _js("update", [row], step)
        await self._count_again()

    async def _count_again(self) -> None:
        self._batch = await work(self._desk.store.batches.get, self._batch.id)
        self._count.text = self._counts(self._batch)

    def _counts(self, batch: Batch) -> str:
        more = f"，只列出最需要看的 {MOST_ROWS} 条" if batch.n_submissions > MOST_ROWS else ""
        return f"共 {batch.n_submissions} 条，{batch.n_open} 条待看{more}"

    async def _edit_in_place(self, event: events.GenericEventArguments) -> None:
        if event.args["colId"] in ("category", "department"):
            await self._change(event.args["colId"])

    async def _change(self, target: str) -> None:
        if self._entry is None or self._asking:
            return
        chooser = getattr(self._choosers, target)
        current = getattr(self._entry, target)
        self._asking = True
        try:
            value = await chooser.ask(current)
        finally:
            self._asking = False
        if value and value != current:
            await self._correct(target, value)

    async def _key(self, event: events.KeyEventArguments) -> None:
        modified = event.modifiers.ctrl or event.modifiers.alt or event.modifiers.meta
        if not event.action.keydown or modified or self._choosers.is_open or self._asking:
            return
        key = event.key.name
        if key in ("ArrowDown", "j"):
            _js("step", 1)
        elif key in ("ArrowUp", "k"):
            _js("step", -1)
        elif event.action.repeat or self._entry is None:
            return
        elif key == "Enter":
            await self._accept()
        elif key in ("c", "C"):
            await self._change("category")
        elif key in ("d", "D"):
            await self._change("department")
        elif key in ("1", "2", "3"):
            await self._take_rival(int(key))
        elif key == "/":
            ui.run_javascript("document.querySelector('.grid-search input').focus()")

    async def _take_rival(self, number: int) -> None:
        assert self._entry is not None
        result = self._entry.result
        rivals = [r.code or r.category for r in result.alternatives] if result else []
        rivals = [value for value in rivals if value != self._entry.category]
        if number <= len(rivals):
            await self._correct("category", rivals[number - 1])

    async def _bulk(self) -> None:
        self._asking = True
        try:
            n = await ask_bulk(self._desk.store, self._batch.id, self._who)
        finally:
            self._asking = False
        if n:
            said(f"已核对 {n} 条")
            ui.run_javascript(f"minyi.load({NAME!r}, {f'/desk/batches/{self._batch.id}/rows'!r})")
            await self._count_again()

    async def _download(self, plain: bool) -> None:
        plain = plain and self._desk.office.shows_personal_data  # may be forbidden since
        path = await work(lambda: write_batch(self._desk.store, self._batch.id, plain=plain))
        ui.download(path.read_bytes(), file_name(self._batch))
        path.unlink(missing_ok=True)

    def go_on(self) -> None:
        """Classify what has no result yet."""
        start(self._desk, self._batch.id, self._batch.n_submissions)
        ui.navigate.reload()


def _js(function: str, *arguments: Any) -> None:
    """Call a function of desk.js on the grid."""
    listed = ", ".join(json.dumps(argument) for argument in (NAME, *arguments))
    ui.run_javascript(f"minyi.{function}({listed})")
