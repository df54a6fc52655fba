"""The page 一批, second part: the grid of a batch, and the submission that is looked at."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import events, ui

from minyi.desk import deeds
from minyi.desk.batches import start
from minyi.desk.bulk import ask_bulk
from minyi.desk.cases import Case
from minyi.desk.choosing import Chooser, category_choices, department_choices
from minyi.desk.classifying import unclassified
from minyi.desk.deeds import Deed
from minyi.desk.frame import Clerk, plain_teller, said, work
from minyi.desk.panel import Actions, Panel
from minyi.desk.progress import show_progress
from minyi.desk.rows import MOST_ROWS, NAME, grid_options, is_open, n_left, row_of
from minyi.desk.state import Desk
from minyi.desk.toolbar import Toolbar
from minyi.desk.verdict import Choosers
from minyi.store.records import YES, Batch, Entry

_KEYS_TOLD = (
    ("↑ ↓", "上下条"),
    ("回车", "核对无误"),
    ("C", "改类别"),
    ("D", "改部门"),
    ("Y", "并改部门"),
    ("/", "搜索"),
    ("Ctrl+Z", "撤销"),
)
_MOST_UNDONE = 50


async def build(desk: Desk, batch_id: int) -> None:
    """Build the page of a batch."""
    batch = await work(desk.store.batches.get, batch_id)
    if batch_id in desk.running:
        show_progress(desk, batch)
        return
    page = Review(desk, batch)
    page.count = Toolbar(desk, batch, page.bulk).count
    await page.count_again()
    if await work(unclassified, desk.store, batch_id):
        with ui.element("div").classes("notice"):
            ui.icon("info")
            ui.label("这一批还有没分类的意见（上次没有做完）。")
            ui.button("接着分类", on_click=page.go_on).props("flat dense no-caps")
    with ui.element("div").classes("review"):
        page.grid()
        page.draw_panel()
    page.listen()


class Review:
    """One visit to a batch."""

    panel: Panel
    count: ui.label

    def __init__(self, desk: Desk, batch: Batch) -> None:
        self._desk = desk
        self._batch = batch
        self._clerk = Clerk()
        self._is_plain = plain_teller(desk)
        self._entry: Entry | None = None
        self._case: Case | None = None
        self._done: list[Deed] = []
        self._asking = False
        self._client = ui.context.client  # what was clicked may be gone when the answer is there
        self._choosers = Choosers(
            Chooser("选择类别", category_choices(desk.minyi.model, desk.office)),
            Chooser("选择部门", department_choices(desk.office)),
        )

    def grid(self) -> None:
        """Draw the rows."""
        with ui.element("div").classes("grid-box"):
            grid = ui.aggrid(grid_options(self._url)).classes("grid")
            grid.on("cellDoubleClicked", self._edit_in_place, args=["colId"])
            with ui.element("div").classes("keys only-wide"):
                for key, meaning in _KEYS_TOLD:
                    ui.label(key).classes("key")
                    ui.label(meaning).classes("muted small")
                self._rival_key = ui.label().classes("key rival-key")
                self._rival_told = ui.label("选备选").classes("muted small")

    @property
    def _url(self) -> str:
        return f"/desk/batches/{self._batch.id}/rows"

    def draw_panel(self) -> None:
        """Draw the panel, while no row is selected."""
        actions = Actions(self._correct, self._accept, self._restore, lambda: _js("step", 1))
        self.panel = Panel(self._choosers, actions)
        self.panel.nothing()
        self._tell_rivals()

    def listen(self) -> None:
        """Take what comes from the grid and from the keys."""
        ui.on("minyi_row", self._selected)
        ui.on("minyi_none", self._deselected)
        ui.on("minyi_end", lambda: said("后面没有了"))
        ui.on("minyi_undo", self._undo)
        ui.keyboard(on_key=self._key, repeating=True)

    async def _selected(self, event: events.GenericEventArguments) -> None:
        await self._open(int(event.args))

    def _deselected(self, event: events.GenericEventArguments) -> None:
        self._entry = self._case = None
        if event.args:
            self.panel.nothing()
        else:
            self.panel.nothing("没有符合条件的意见")
        self._tell_rivals()

    async def _open(self, number: int) -> None:
        entry = await work(self._desk.store.submissions.get, number)
        trail = await work(self._desk.store.corrections.trail, number)
        self._entry, self._case = entry, Case.of_entry(entry, trail, self._desk)
        self.panel.show(entry, self._case, plain=self._is_plain())
        self._tell_rivals()

    def _tell_rivals(self) -> None:
        n = len(self._case.rivals) if self._case else 0
        self._rival_key.text = f"1–{n}" if n > 1 else "1"
        self._rival_key.visible = self._rival_told.visible = n > 0

    async def _correct(self, target: str, value: str) -> None:
        if await self._record(target, value, step=0):
            with self._client:
                said("已改正并记下", undo=True)

    async def _accept(self) -> None:
        if self._case is None:
            return
        if not self._case.is_open:
            with self._client:
                _js("step", 1)
        elif await self._record("accepted", YES, step=1):
            with self._client:
                said("已核对", undo=True)

    async def _restore(self) -> None:
        if self._entry is None or not (who := await self._who()):
            return
        number = self._entry.submission.id
        self._remember(await work(deeds.restore, self._desk.store, number, who))
        with self._client:
            await self._show_anew(number, step=0)
            said("已恢复程序的原判", undo=True)

    async def _who(self) -> str:
        """Return who corrects; what was asked for is not done while that is not told."""
        self._asking = True
        try:
            return await self._clerk.name()
        finally:
            self._asking = False

    async def _record(self, target: str, value: str, step: int) -> bool:
        if self._entry is None:
            return False
        number = self._entry.submission.id
        if not (who := await self._who()):
            return False
        self._remember(await work(deeds.correct, self._desk.store, number, target, value, who))
        with self._client:
            await self._show_anew(number, step)
        return True

    def _row(self) -> dict[str, Any]:
        assert self._entry is not None and self._case is not None
        waits = is_open(self._entry, self._case.doubts)
        return row_of(self._entry, plain=self._is_plain(), waits=waits)

    def _remember(self, deed: Deed) -> None:
        self._done = [*self._done, deed][-_MOST_UNDONE:]

    async def _show_anew(self, number: int, step: int) -> None:
        await self._open(number)
        _js("update", [self._row()], step)
        await self.count_again()

    async def _undo(self) -> None:
        if not self._done:
            with self._client:
                said("没有可以撤销的了")
            return
        if not (who := await self._who()):
            return
        deed = self._done.pop()
        await work(deeds.take_back, self._desk.store, deed, who)
        with self._client:
            if len(deed.numbers) > 1:
                await self._load_again()
            else:
                await self._open(deed.numbers[0])
                _js("back", [self._row()])
                await self.count_again()
            said("已撤销")

    async def _load_again(self) -> None:
        if self._entry is not None:
            await self._open(self._entry.submission.id)
        _js("load", self._url)
        await self.count_again()

    async def count_again(self) -> None:
        """Tell how many there are, and how many wait."""
        batch = await work(self._desk.store.batches.get, self._batch.id)
        n_open = batch.n_open + await work(n_left, self._desk.store, batch.id)
        more = f"，只列出最需要看的 {MOST_ROWS} 条" if batch.n_submissions > MOST_ROWS else ""
        self.count.text = f"共 {batch.n_submissions} 条，{n_open} 条待看{more}"

    async def _edit_in_place(self, event: events.GenericEventArguments) -> None:
        if event.args["colId"] in ("category", "department"):
            await self._change(event.args["colId"])

    async def _change(self, target: str) -> None:
        if self._case is None or self._asking:
            return
        self._asking = True
        try:
            value = await self._choosers.ask(target, self._case)
        finally:
            self._asking = False
        if value:
            await self._correct(target, value)

    async def _key(self, event: events.KeyEventArguments) -> None:
        if not event.action.keydown or self._choosers.is_open or self._asking:
            return
        key, modifiers = event.key.name, event.modifiers
        if modifiers.ctrl or modifiers.meta:
            if key in ("z", "Z") and not event.action.repeat:
                await self._undo()
        elif modifiers.alt:
            return
        elif key in ("ArrowDown", "j"):
            _js("step", 1)
        elif key in ("ArrowUp", "k"):
            _js("step", -1)
        elif key == "/":
            ui.run_javascript("document.querySelector('.grid-search input').focus()")
        elif self._case is not None and not event.action.repeat:
            await self._act(key)

    async def _act(self, key: str) -> None:
        """Do with the submission what a key says."""
        assert self._case is not None
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "enter": self._accept,
            "c": lambda: self._change("category"),
            "d": lambda: self._change("department"),
            "y": self._take_offer,
        }
        if act := acts.get(key.lower()):
            await act()
        elif key.isdecimal() and 0 < int(key) <= len(self._case.rivals):
            await self._correct("category", self._case.rivals[int(key) - 1][0])

    async def _take_offer(self) -> None:
        if self._case and self._case.offer:
            await self._correct("department", self._case.offer)

    async def bulk(self) -> None:
        """Ask what to accept at once, and accept it."""
        if not (who := await self._who()):
            return
        self._asking = True
        try:
            with self._client:
                deed = await ask_bulk(self._desk.store, self._batch.id, who)
        finally:
            self._asking = False
        if deed:
            self._remember(deed)
            with self._client:
                await self._load_again()
                said(f"已核对 {len(deed.numbers)} 条", undo=True)

    def go_on(self) -> None:
        """Classify what has no result yet."""
        start(self._desk, self._batch.id, self._batch.n_submissions)
        ui.navigate.reload()


def _js(function: str, *arguments: Any) -> None:
    """Call a function of desk.js on the grid."""
    listed = ", ".join(json.dumps(argument) for argument in (NAME, *arguments))
    ui.run_javascript(f"minyi.{function}({listed})")
