"""The page 设置: the office's profile, checked as it is saved, with a preview of what changes."""

from __future__ import annotations

from nicegui import ui

from minyi.desk import rulebook, sections
from minyi.desk.frame import heading, work
from minyi.desk.profile import read_own
from minyi.desk.settings import Settings
from minyi.desk.state import Desk

_TABS = {
    "时限与复核": sections.basics,
    "部门": sections.departments,
    "乡镇村": sections.towns,
    "规则": rulebook.rules,
    "归口": rulebook.routes,
    "全文": Settings.text,
}


async def build(desk: Desk) -> None:
    """Build the page."""
    heading("设置", "单位配置：改完先看影响，再保存；保存后立即用于新的分类")
    page = Settings(desk, await work(read_own, desk.profile), _TABS)
    with ui.element("div").classes("card settings"):
        with ui.tabs().props("dense no-caps align=left inline-label") as tabs:
            for name in _TABS:
                ui.tab(name)
        page.box = ui.element("div").classes("settings-body")
    page.bar()
    tabs.on_value_change(lambda event: page.draw(str(event.value)))
    tabs.value = next(iter(_TABS))
