"""The office's profile as it is being edited: what is wrong with it, and what it would change."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from nicegui import ui

from minyi.desk.choosing import Chooser, category_choices, department_choices
from minyi.desk.frame import forget, is_plain, said, work
from minyi.desk.preview import Preview, preview
from minyi.desk.profile import Raw, as_toml, checked, parse, save
from minyi.desk.showing import short
from minyi.desk.state import Desk
from minyi.domain.office import Office
from minyi.errors import MinyiError

_MOST_SHOWN, _MOST_EXAMPLES = 100, 10

Drawer: TypeAlias = "Callable[[Settings], None]"


class Settings:
    """The profile of one visit, until it is saved.

    Attributes
    ----------
    own : dict
        The raw profile as edited so far.
    office : Office
        The profile that held when it was last right.
    """

    box: ui.element

    def __init__(self, desk: Desk, own: Raw, drawers: Mapping[str, Drawer]) -> None:
        self._drawers = drawers
        self.desk = desk
        self.own = own
        self.office: Office = desk.office
        self._saved = as_toml(own)
        self._unread = ""  # what is wrong with a text that is no profile yet
        self._tab = ""
        self.categories = Chooser("选择类别", category_choices(desk.minyi.model, desk.office))
        self.departments = Chooser("选择部门", department_choices(desk.office))

    def draw(self, tab: str = "") -> None:
        """Draw a section, or the present one anew."""
        if self._unread:  # the text is left without being taken
            self._unread = ""
            self._check()
        self._tab = tab or self._tab
        self.box.clear()
        with self.box:
            self._drawers[self._tab](self)

    def change(self, edit: Callable[[Raw], object]) -> None:
        """Edit the raw profile and see whether it is right."""
        edit(self.own)
        self._check()

    def put(self, section: str, key: str, value: object) -> None:
        """Set a key of a table, or remove it with None."""
        table = self.own.setdefault(section, {})
        if value is None or value == "":
            table.pop(key, None)
        else:
            table[key] = value
        if not table:
            self.own.pop(section)
        self._check()

    def bar(self) -> None:
        """Draw the bar at the foot: what is wrong, and what can be done."""
        with ui.element("div").classes("save-bar"):
            self._told = ui.label().classes("save-told")
            ui.space()
            self._undo = ui.button("放弃修改", on_click=self._discard).props("flat")
            self._look = ui.button("看影响", on_click=self._preview).props("outline")
            self._look.classes("preview-button")
            self._save = ui.button("保存", on_click=self._keep).props("unelevated").classes("save")
        self._check()

    def _check(self) -> None:
        is_changed = bool(self._unread) or as_toml(self.own) != self._saved  # comments count too
        with self.box:  # what was pressed may be gone
            ui.run_javascript(f"minyi.unsaved = {json.dumps(is_changed)}")
        problem = self._unread
        try:
            self.office = checked(self.own)
        except MinyiError as error:
            problem = problem or str(error).removeprefix("office.toml 的 ")
        self._told.text = problem or ("有修改没有保存" if is_changed else "没有修改")
        self._told.classes("is-bad" if problem else "", remove="" if problem else "is-bad")
        for button in (self._look, self._save):
            button.set_enabled(is_changed and not problem)
        self._undo.set_enabled(is_changed)

    def text(self) -> None:
        """Draw the whole profile as text."""
        ui.label("整份配置（TOML），适合熟悉的人直接改；改错会指出哪一处。").classes("muted small")
        area = ui.textarea(value=as_toml(self.own)).props("outlined autogrow spellcheck=false")
        area.classes("wide toml")

        def take() -> None:
            try:
                self.own, self._unread = parse(str(area.value or "")), ""
            except MinyiError as error:
                self._unread = str(error)
            self._check()

        area.props("debounce=300").on_value_change(take)

    def _discard(self) -> None:
        self.own, self._unread = parse(self._saved), ""
        self._check()
        self.draw()

    async def _keep(self) -> None:
        await work(save, self.desk.profile, self.own)
        await self.desk.use_office()
        self._saved = as_toml(self.own)
        self._check()
        self.draw()
        said("已保存，新的分类按新配置办理")

    async def _preview(self) -> None:
        self._look.props("loading")
        try:
            found = await work(preview, self.desk, copy.deepcopy(self.own))
        finally:
            self._look.props(remove="loading")
        with ui.dialog() as dialog, ui.card().classes("preview-card"):
            _show_preview(found, plain=is_plain(self.desk))
            with ui.element("div").classes("buttons end"):
                ui.button("关闭", on_click=dialog.close).props("flat")
                ui.button("保存", on_click=lambda: dialog.submit(True)).props("unelevated")
        if await dialog:
            await self._keep()
        forget(dialog)


def _show_preview(found: Preview, *, plain: bool) -> None:
    n = len(found.changes)
    ui.label(f"最近 {found.n_looked_at} 条意见中，{n} 条会有不同").classes("card-title")
    if not n:
        ui.label("按现在库里的意见看，这次修改不影响分办。").classes("muted")
        return
    groups = found.groups()
    with ui.element("div").classes("changes"):
        for name, before, now, entries in groups[:_MOST_SHOWN]:
            with ui.element("details").classes("change-group"):
                with ui.element("summary").classes("change-line change"):
                    ui.label(name).classes("muted small")
                    ui.label(before).classes("before")
                    ui.label("→").classes("muted")
                    ui.label(now).classes("after")
                    ui.space()
                    ui.label(f"{len(entries)} 条").classes("change-count")
                for entry in entries[:_MOST_EXAMPLES]:
                    text = entry.submission.title or entry.submission.text
                    ui.label(short(text, plain=plain)).classes("change-example")
                if len(entries) > _MOST_EXAMPLES:
                    ui.label(f"……共 {len(entries)} 条").classes("change-example")
    more = f"只列出前 {_MOST_SHOWN} 种变化；" if len(groups) > _MOST_SHOWN else ""
    ui.label(f"{more}点一种变化，看是哪些意见").classes("muted small")
