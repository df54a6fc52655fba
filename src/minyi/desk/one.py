"""The page 一条: paste an opinion, see where it belongs, put right what is wrong."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from nicegui import app, events, ui

from minyi.desk import deeds
from minyi.desk.cases import Case
from minyi.desk.choosing import Chooser, category_choices, department_choices
from minyi.desk.deeds import Deed
from minyi.desk.frame import Clerk, heading, plain_teller, said, work
from minyi.desk.state import Desk
from minyi.desk.verdict import Choosers, show_text, show_verdict
from minyi.errors import MissingError
from minyi.schema import Result, Submission
from minyi.store import Store
from minyi.store.records import YES, NewSubmission
from minyi.text.cleaning import clean

BATCH, SOURCE = "单条录入", "desk:one"
_MOST_LOOKED_AT = 500
_EXAMPLE = "我们小区三号楼的电梯坏了两个月，物业一直推，楼上老人下不来，请尽快派人修。"
_PATIENCE = 30  # seconds until a browser that asked for the page is there
_SEND = "(e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) emit() }"


async def build(desk: Desk) -> None:
    """Build the page."""
    heading("一条", "粘贴一条群众意见，看它属于哪一类、由谁办、几时办完")
    with ui.element("div").classes("two"):
        with ui.element("div").classes("card"):
            text = ui.textarea(placeholder="在这里粘贴意见原文…").props(
                "outlined autogrow autofocus input-style='min-height:150px'"
            )
            text.classes("wide paste")
            place = ui.input(placeholder="村、社区或地址（可不填）").props("outlined dense")
            place.classes("wide")
            with ui.element("div").classes("buttons"):
                send = ui.button("分类").props("unelevated").classes("send")
                example = ui.button("试一个例子").props("flat")
                ui.space()
                ui.label("Ctrl + 回车").classes("muted small only-wide")
        answer = ui.element("div").classes("card answer")
    page = _One(desk, answer)

    async def classify(_: events.EventArguments | None = None) -> None:
        send.props("loading")
        try:
            await page.classify(str(text.value or ""), str(place.value or ""))
        finally:
            send.props(remove="loading")

    async def show_example() -> None:
        text.value = _EXAMPLE
        await classify()

    send.on_click(classify)
    example.on_click(show_example)
    text.on("keydown", classify, js_handler=_SEND)
    page.show_nothing()
    try:
        await ui.context.client.connected(_PATIENCE)
    except TimeoutError:  # nobody is there to remember anything for
        return
    memory = app.storage.tab  # in the server's memory, never on disk
    for name, field in (("text", text), ("place", place)):
        field.value = field.value or memory.get(name, "")
    text.on_value_change(lambda e: memory.update(text=str(e.value or "")))
    place.on_value_change(lambda e: memory.update(place=str(e.value or "")))
    await page.remember(memory)


class _One:
    """The answer to what was pasted."""

    def __init__(self, desk: Desk, box: ui.element) -> None:
        self._desk = desk
        self._box = box
        self._is_plain = plain_teller(desk)
        self._clerk = Clerk()
        self._submission = Submission("")
        self._result = Result()
        self._number: int | None = None
        self._done: list[Deed] = []
        self._memory: MutableMapping[str, Any] = {}
        self._client = ui.context.client  # what was clicked may be gone when the answer is there
        self._choosers = Choosers(
            Chooser("选择类别", category_choices(desk.minyi.model, desk.office)),
            Chooser("选择部门", department_choices(desk.office)),
        )
        ui.on("minyi_undo", self._undo)

    async def remember(self, memory: MutableMapping[str, Any]) -> None:
        """Show what this tab showed last, and keep what it shows from now on."""
        self._memory = memory
        if "answer" not in memory:
            return
        self._submission, self._result, self._number = memory["answer"]
        try:
            await self._show()
        except MissingError:  # deleted meanwhile
            memory.pop("answer")
            self._number = None
            self.show_nothing()

    def show_nothing(self) -> None:
        self._box.clear()
        with self._box, ui.element("div").classes("nothing"):
            ui.icon("inbox")
            ui.label("结果会显示在这里")

    async def classify(self, text: str, place: str) -> None:
        if not text.strip():
            ui.notify("请先粘贴一条意见", position="top", color="dark")
            return
        most = self._desk.service.settings.max_characters
        if len(text) > most:
            ui.notify(f"一条意见至多 {most} 字，这里有 {len(text)} 字：请分开粘贴", position="top")
            return
        self._submission = Submission(text, place=place.strip())
        self._result = await self._desk.classify(self._submission)
        self._number, self._done = None, []
        await self._show()
        ui.run_javascript(f"minyi.reveal({self._box.id})")

    async def _show(self) -> None:
        """Draw what now holds."""
        self._memory["answer"] = (self._submission, self._result, self._number)
        if self._number is None:
            self._draw(Case.of_result(self._submission.text, self._result, self._desk))
            return
        entry = await work(self._desk.store.submissions.get, self._number)
        trail = await work(self._desk.store.corrections.trail, self._number)
        self._draw(Case.of_entry(entry, trail, self._desk))

    def _draw(self, case: Case) -> None:
        self._box.clear()
        with self._box:
            if case.result.row_error:
                with ui.element("div").classes("notice"):
                    ui.icon("info")
                    ui.label(f"这条内容没法分类：{case.result.row_error}")
                return
            show_text(case, plain=self._is_plain())
            show_verdict(case, self._choosers, self._correct)
            with ui.element("div").classes("buttons end"):
                if case.checked:
                    ui.label("已记下，用于以后的学习").classes("muted small")
                    ui.button("恢复原判", icon="undo", on_click=self._restore).props(
                        "flat dense no-caps"
                    ).classes("restore")
                if case.is_open:
                    ui.button("核对无误", icon="check", on_click=self._accept).props(
                        "outline"
                    ).classes("accept")

    async def _accept(self) -> None:
        await self._correct("accepted", YES)

    async def _correct(self, target: str, value: str) -> None:
        if not (who := await self._clerk.name()):
            return
        self._number = self._number or await work(
            _store_one,
            self._desk.store,
            self._submission,
            self._result,
            self._desk.model_id,
            who,
        )
        deed = await work(deeds.correct, self._desk.store, self._number, target, value, who)
        self._done.append(deed)
        await self._tell("已核对" if target == "accepted" else "已改正并记下")

    async def _restore(self) -> None:
        if self._number is not None and (who := await self._clerk.name()):
            deed = await work(deeds.restore, self._desk.store, self._number, who)
            self._done.append(deed)
            await self._tell("已恢复程序的原判")

    async def _undo(self) -> None:
        if self._done and (who := await self._clerk.name()):
            await work(deeds.take_back, self._desk.store, self._done.pop(), who)
            await self._tell("已撤销", undo=False)

    async def _tell(self, text: str, *, undo: bool = True) -> None:
        with self._client:
            await self._show()
            said(text, undo=undo)


def _store_one(
    store: Store, submission: Submission, result: Result, model_id: int | None, who: str
) -> int:
    """Keep what was pasted: only once a person has decided something about it."""
    new = NewSubmission(
        submission.text, clean_text=clean([submission.text])[0], place=submission.place
    )
    with store.together():
        known = (b for b in store.batches.list(_MOST_LOOKED_AT).items if b.source == SOURCE)
        batch = next(known, None) or store.batches.add(BATCH, SOURCE, created_by=who)
        (number,) = store.submissions.add(batch.id, [new])
        store.results.save(batch.id, model_id, [(number, result)])
    return number
