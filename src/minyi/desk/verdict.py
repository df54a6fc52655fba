"""A submission and what is said of it, as both 一条 and 一批 show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from minyi.desk.cases import Case
from minyi.desk.choosing import Chooser
from minyi.desk.showing import day, highlighted, moment, percent, shown
from minyi.desk.state import is_code, names_of, path_of
from minyi.schema import KINDS
from minyi.store.records import NO, YES, Correction

Correct = Callable[[str, str], Awaitable[None]]
_WITHOUT_EXCEPTION = 0.995  # a score of which nothing passes
TARGETS = {
    "category": "类别",
    "department": "主办部门",
    "kind": "类型",
    "urgent": "紧急",
    "accepted": "核对",
}


@dataclass(frozen=True)
class Choosers:
    """The dialogs of a page."""

    category: Chooser
    department: Chooser

    @property
    def is_open(self) -> bool:
        """Whether one of them is in the way."""
        return bool(self.category.dialog.value or self.department.dialog.value)

    async def ask(self, target: str, case: Case) -> str | None:
        """Ask for another category or department; None where it stays as it is."""
        if target == "category":
            candidates = [value for value, _, _ in case.rivals]
            value = await self.category.ask(case.category, candidates)
            return value if value != case.category else None
        first = [case.usual, case.result.department, *case.result.co_departments]
        candidates = [name for name in dict.fromkeys(first) if name]
        value = await self.department.ask(case.department, candidates)
        return value if value != case.department else None


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
    if case.doubts:
        with ui.element("div").classes("notice"):
            ui.icon("visibility")
            ui.label(f"请看一眼：{'；'.join(case.doubts)}")
    _category(case, choosers, correct)
    _department(case, choosers, correct)
    _rivals(case, correct)
    _facts(case, correct)
    _trail(case.trail)


def _category(case: Case, choosers: Choosers, correct: Correct) -> None:
    async def change() -> None:
        if value := await choosers.ask("category", case):
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
        if case.category == case.decided:
            score_bar(case)
        else:
            was = " › ".join(path_of(case.decided)) or "没有类别"
            ui.label(f"已由人改正；程序原判：{was}").classes("muted small")


def score_bar(case: Case) -> None:
    """Show the score of the category as a bar."""
    score = case.result.score
    with ui.element("div").classes("score"):
        with ui.element("div").classes("score-track"):
            ui.element("div").classes("score-fill").style(f"width:{(score or 0) * 100:.0f}%")
        ui.label(worth(score, case.needed, case.result.review_reason)).classes("score-text")


def worth(score: float | None, needed: float | None, reason: str = "") -> str:
    """Return a score and whether it is enough to decide without a look.

    Examples
    --------
    >>> worth(0.854, 0.95), worth(0.97, 0.95), worth(0.97, 0.9999), worth(None, None)
    ('85% · 未达要求（95%）', '97% · 达到要求', '97% · 未达要求（这一级一律要看）', '没有得分')
    """
    if score is None or needed is None:
        return "没有得分" if score is None else percent(score)
    if score >= needed:  # judged by other thresholds, where the reason says otherwise
        return f"{percent(score)} · " + (
            "未达当时的要求" if "类别把握不足" in reason else "达到要求"
        )
    least = "这一级一律要看" if needed > _WITHOUT_EXCEPTION else percent(needed)
    return f"{percent(score)} · 未达要求（{least}）"


def _rivals(case: Case, correct: Correct) -> None:
    options = case.rivals
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
        if value := await choosers.ask("department", case):
            await correct("department", value)

    with ui.element("section").classes("part"):
        with ui.element("div").classes("part-head"):
            ui.label("主办").classes("part-name")
            ui.space()
            ui.button("改部门", icon="apartment", on_click=change).props(
                "flat dense no-caps"
            ).classes("change-department")
        ui.label(case.department or "没有部门").classes("path-last department-name")
        if case.now.co_departments:
            ui.label(f"协办：{names_of(case.now.co_departments)}").classes("co")
        if case.offer:
            _offer(case, correct)
            return
        changed = case.department != case.result.department
        reason = f"已由人改正；程序原判：{case.result.department or '无'}"
        text = reason if changed else case.now.department_reason
        ui.label(text).classes("muted small")


def _offer(case: Case, correct: Correct) -> None:
    async def take() -> None:
        await correct("department", case.offer)

    with ui.element("div").classes("offer"):
        ui.label(f"归口部门：{case.offer}，一并改？")
        with ui.element("button").classes("rival take-offer").on("click", take):
            ui.label("Y").classes("key")
            ui.label("一并改")


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
            ui.button("是" if case.urgent else "否", on_click=turn).props(
                f"flat dense no-caps color={colour}"
            ).classes("fact-button is-urgent" if case.urgent else "fact-button")
        _fact("办理期限", day(case.now.deadline))
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
    why = f"（{line.why}）" if line.why else ""
    if line.target == "accepted":
        return head + ("核对无误" if line.value == YES else "撤回核对") + why
    before, value = ("/".join(path_of(x)) or "（空）" for x in (line.before, line.value))
    return f"{head}{TARGETS[line.target]}：{before} → {value}{why}"
