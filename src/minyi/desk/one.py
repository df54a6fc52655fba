"""The page 一条: paste an opinion, see where it belongs, put right what is wrong."""

from __future__ import annotations

from nicegui import events, ui

from minyi.desk.choosing import Chooser, category_choices, department_choices
from minyi.desk.frame import clerk, heading, plain_teller, said, work
from minyi.desk.state import Desk
from minyi.desk.verdict import Case, Choosers, show_text, show_verdict
from minyi.schema import Result, Submission
from minyi.store import Store
from minyi.store.records import YES, NewSubmission
from minyi.text.cleaning import clean

BATCH, SOURCE = "单条录入", "desk:one"
_MOST_LOOKED_AT = 500
_EXAMPLE = "我们小区三号楼的电梯坏了两个月，物业一直推，楼上老人下不来，请尽快派人修。"
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


class _One:
    """The answer to what was pasted."""

    def __init__(self, desk: Desk, box: ui.element) -> None:
        self._desk = desk
        self._box = box
        self._is_plain = plain_teller(desk)
        self._who = clerk()
        self._submission = Submission("")
        self._result = Result()
        self._number: int | None = None
        self._choosers = Choosers(
            Chooser("选择类别", category_choices(desk.minyi.model, desk.office)),
            Chooser("选择部门", department_choices(desk.office)),
        )

    def show_nothing(self) -> None:
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
        self._number = None
        self._draw(Case.of_result(text, self._result))
        ui.run_javascript(f"minyi.reveal({self._box.id})")

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
                else:
                    ui.button("核对无误", icon="check", on_click=self._accept).props(
                        "outline"
                    ).classes("accept")

    async def _accept(self) -> None:
        await self._correct("accepted", YES)

    async def _correct(self, target: str, value: str) -> None:
        self._number = self._number or await work(
            _store_one,
            self._desk.store,
            self._submission,
            self._result,
            self._desk.model_id,
            self._who,
        )
        store = self._desk.store
        await work(store.corrections.add, self._number, target, value, self._who)
        entry = await work(store.submissions.get, self._number)
        trail = await work(store.corrections.trail, self._number)
        with self._box:
            said("已核对" if target == "accepted" else "已改正并记下")
        self._draw(Case.of_entry(entry, trail))


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
