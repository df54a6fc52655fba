"""A submission and what is said of it, as both 一条 and 一批 show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from minyi.desk.choosing import Chooser
from minyi.desk.showing import day, highlighted, moment, percent, shown, trust
from minyi.desk.state import is_code, names_of, path_of
from minyi.schema import KINDS, Result
from minyi.store.records import NO, YES, Correction, Entry

Correct = Callable[[str, str], Awaitable[None]]
TARGETS = {
    "category": "类别",
    "department": "主办部门",
    "kind": "类型",
    "urgent": "紧急",
    "accepted": "核对",
}


@dataclass(frozen=True)
class Case:
    """A submission, the model's result, and what holds after corrections."""

    text: str
    title: str
    result: Result
    category: str
    department: str
    kind: str
    urgent: bool
    checked: bool = False
    corrected: bool = False
    trail: Sequence[Correction] = ()

    @classmethod
    def of_result(cls, text: str, result: Result) -> Case:
        """Return what nobody has touched yet."""
        category = result.category_code or result.category
        return cls(text, "", result, category, result.department, result.kind, result.urgent)

    @classmethod
    def of_entry(cls, entry: Entry, trail: Sequence[Correction] = ()) -> Case:
        """Return a stored submission."""
        return cls(
            entry.submission.text,
            entry.submission.title,
            entry.result or Result(),
            entry.category,
            entry.department,
            entry.kind,
            entry.urgent,
            entry.checked,
            entry.corrected,
            trail,
        )


@dataclass(frozen=True)
class Choosers:
    """The dialogs of a page."""

    category: Chooser
    department: Chooser

    @property
    def is_open(self) -> bool:
        """Whether one of them is in the way."""
        return bool(self.category.dialog.value or self.department.dialog.value)


def show_text(case: Case, *, plain: bool) -> None:
    """Show the words of the citizen, the deciding ones marked."""
    with ui.element("div").classes("letter"):
        if case.title:
            ui.label(shown(case.title, plain=plain)).classes("letter-title")
        marked = highlighted(shown(case.text, plain=plain), case.result.evidence)
        ui.html(marked or "（没有正文）", sanitize=False).classes("letter-text")
        if "<mark>" in marked:
            ui.label("着色的是判断依据的词语").classes("muted small")


def show_verdict(case: Case, choosers: Choosers, correct: Correct) -> None:
    """Show what is said of it, with everything that can be corrected."""
    result = case.result
    if result.needs_review and not case.checked and result.review_reason:
        with ui.element("div").classes("notice"):
            ui.icon("visibility")
            ui.label(f"请看一眼：{result.review_reason}")
    _category(case, choosers, correct)
    _rivals(case, correct)
    _department(case, choosers, correct)
    _facts(case, correct)
    _trail(case.trail)


def _category(case: Case, choosers: Choosers, correct: Correct) -> None:
    async def change() -> None:
        value = await choosers.category.ask(case.category)
        if value and value != case.category:
            await correct("category", value)

    path = path_of(case.category)
    with ui.element("section").classes("part"):
        with ui.element("div").classes("part-head"):
            ui.label("类别").classes("part-name")
            if is_code(case.category):
                ui.label(case.category).classes("code")
            ui.space()
            ui.button("改类别", icon="account_tree", on_click=change).props(
                "flat dense no-caps"
            ).classes("change-category")
        with ui.element("div").classes("path category-path"):
            for i, name in enumerate(path or ("没有类别",)):
                if i:
                    ui.label("›").classes("muted")
                ui.label(name).classes("path-last" if i == len(path) - 1 else "path-step")
        decided = case.result.category_code or case.result.category
        if case.category == decided:
            score_bar(case.result.score)
        else:
            was = " › ".join(path_of(decided)) or "没有类别"
            ui.label(f"已由人改正；程序原判：{was}").classes("muted small")


def score_bar(score: float | None) -> None:
    """Show a score as a bar."""
    with ui.element("div").classes("score"):
        with ui.element("div").classes("score-track"):
            ui.element("div").classes("score-fill").style(f"width:{(score or 0) * 100:.0f}%")
        ui.label(f"{percent(score)} · {trust(score)}").classes("score-text")


def _rivals(case: Case, correct: Correct) -> None:
    options = [(r.code or r.category, r.category, r.score) for r in case.result.alternatives]
    decided = case.result.category_code or case.result.category
    if case.category != decided and decided:
        options = [(decided, "/".join(path_of(decided)), case.result.score or 0.0), *options]
    options = [option for option in options if option[0] != case.category]
    if not options:
        return
    with ui.element("div").classes("rivals"):
        ui.label("也可能是").classes("muted small")
        for number, (value, name, score) in enumerate(options, 1):
            row = ui.element("button").classes("rival")

            async def choose(_: object = None, value: str = value) -> None:
                await correct("category", value)

            row.on("click", choose)
            with row:
                ui.label(str(number)).classes("key")
                ui.label(name.replace("/", " › ")).classes("rival-name")
                ui.label(percent(score)).classes("muted rival-score")


def _department(case: Case, choosers: Choosers, correct: Correct) -> None:
    async def change() -> None:
        value = await choosers.department.ask(case.department)
        if value and value != case.department:
            await correct("department", value)

    with ui.element("section").classes("part"):
        with ui.element("div").classes("part-head"):
            ui.label("主办").classes("part-name")
            ui.space()
            ui.button("改部门", icon="apartment", on_click=change).props(
                "flat dense no-caps"
            ).classes("change-department")
        ui.label(case.department or "没有部门").classes("path-last department-name")
        if case.result.co_departments:
            ui.label(f"协办：{names_of(case.result.co_departments)}").classes("co")
        changed = case.department != case.result.department
        reason = f"已由人改正；程序原判：{case.result.department or '无'}"
        text = reason if changed else case.result.department_reason
        ui.label(text).classes("muted small")


def _facts(case: Case, correct: Correct) -> None:
    with ui.element("div").classes("facts"):
        with ui.element("div").classes("fact"):
            ui.label("类型").classes("muted small")
            with (
                ui.button(case.kind or "—", icon="expand_more")
                .props("flat dense no-caps color=dark")
                .classes("fact-button"),
                ui.menu(),
            ):
                for kind in KINDS:

                    async def choose(_: object = None, kind: str = kind) -> None:
                        if kind != case.kind:
                            await correct("kind", kind)

                    ui.menu_item(kind, choose)
        with ui.element("div").classes("fact"):
            ui.label("紧急").classes("muted small")

            async def turn() -> None:
                await correct("urgent", NO if case.urgent else YES)

            colour = "negative" if case.urgent else "dark"
            ui.button("紧急" if case.urgent else "否", on_click=turn).props(
                f"flat dense no-caps color={colour}"
            ).classes("fact-button")
        _fact("办理期限", day(case.result.deadline))
        _fact("属地", case.result.place or "未识别")


def _fact(name: str, value: str) -> None:
    with ui.element("div").classes("fact"):
        ui.label(name).classes("muted small")
        ui.label(value)


def _trail(trail: Sequence[Correction]) -> None:
    if not trail:
        return
    with ui.expansion(f"留痕（{len(trail)}）").classes("trail").props("dense"):
        for line in reversed(trail):
            ui.label(_told(line)).classes("small")


def _told(line: Correction) -> str:
    head = f"{moment(line.at)}　{line.who or '未署名'}　"
    if line.target == "accepted":
        return head + ("核对无误" if line.value == YES else "撤回核对")
    before, value = ("/".join(path_of(x)) or "（空）" for x in (line.before, line.value))
    return f"{head}{TARGETS[line.target]}：{before} → {value}"
