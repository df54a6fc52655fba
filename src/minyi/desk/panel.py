"""The panel beside the grid: the submission that is looked at, and what can be done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from minyi.desk.cases import Case
from minyi.desk.verdict import Choosers, Correct, show_text, show_verdict
from minyi.store.records import Entry

Act = Callable[[], object]


@dataclass(frozen=True)
class Actions:
    """What the panel can ask for."""

    correct: Correct
    accept: Callable[[], Awaitable[None]]
    restore: Callable[[], Awaitable[None]]
    go_on: Act


class Panel:
    """Draw a submission, or that there is none.

    Parameters
    ----------
    choosers : Choosers
    actions : Actions
    """

    def __init__(self, choosers: Choosers, actions: Actions) -> None:
        self._choosers = choosers
        self._actions = actions
        self._box = ui.element("aside").classes("card panel")

    def nothing(self, told: str = "选中一行，在这里看全文、改正") -> None:
        """Draw that no row is selected; there is nothing to press."""
        self._box.clear()
        self._box.classes(remove="is-shown")
        with self._box, ui.element("div").classes("nothing"):
            ui.icon("touch_app")
            ui.label(told)

    def show(self, entry: Entry, case: Case, *, plain: bool) -> None:
        """Draw a submission."""
        self._box.clear()
        self._box.classes("is-shown")
        with self._box:
            self._head(entry, case)
            with ui.element("div").classes("panel-body"):
                show_text(case, plain=plain)
                show_verdict(case, self._choosers, self._actions.correct)
            with ui.element("div").classes("panel-foot"):
                ui.button("下一条", on_click=self._actions.go_on).props("flat no-caps")
                ui.button(
                    "核对无误，下一条" if case.is_open else "已核对",
                    icon="check",
                    on_click=self._actions.accept,
                ).props("unelevated no-caps").classes("accept")

    def _head(self, entry: Entry, case: Case) -> None:
        with ui.element("div").classes("panel-head"):
            row = entry.submission.source_row
            ui.label(f"第 {row} 行" if row else "").classes("muted small panel-row")
            ui.label(entry.submission.time).classes("muted small")
            ui.space()
            if entry.result is not None and (case.corrected or case.checked):
                ui.button(
                    "恢复原判" if case.corrected else "撤回核对",
                    icon="undo",
                    on_click=self._actions.restore,
                ).props("flat dense no-caps").classes("restore")
            ui.button(icon="close", on_click=self.close).props(
                'flat dense round aria-label="关闭"'
            ).classes("panel-close")

    def close(self) -> None:
        """Put the panel away, on a phone."""
        self._box.classes(remove="is-shown")
