"""What all pages have: the bar on top, the five pages, the name of the clerk, errors in Chinese."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from nicegui import app, ui
from nicegui.run import io_bound

from minyi.desk.state import Desk, user_name
from minyi.errors import MinyiError
from minyi.service import logs
from minyi.service.problems import Problem
from minyi.version import __version__

STATIC = Path(__file__).parent / "static"
ACCENT = "#1f5f8b"
PAGES = (
    ("/", "一条", "edit_note"),
    ("/batches", "一批", "table_view"),
    ("/board", "看板", "bar_chart"),
    ("/office", "设置", "tune"),
    ("/learning", "学习", "school"),
)
_CLERK, PLAIN = "minyi_clerk", "minyi_plain"
_LONGEST_NAME = 40

Build = Callable[[Desk], Awaitable[None]]
Value = TypeVar("Value")


def set_up() -> None:
    """Add to all pages what they share."""
    app.add_static_files("/desk-static", STATIC)
    app.colors(primary=ACCENT, secondary="#5b6b7b", accent=ACCENT, positive="#2e7d5b")
    version = f"{__version__}-{max(int(f.stat().st_mtime) for f in STATIC.iterdir())}"
    ui.add_head_html(
        f'<link rel="stylesheet" href="/desk-static/desk.css?{version}">'
        f'<script src="/desk-static/desk.js?{version}"></script>',
        shared=True,
    )


def add_page(desk: Desk, path: str, build: Build, *, title: str, active: str = "") -> None:
    """Register a page."""

    async def page() -> None:
        await show(desk, build, active or path)

    ui.page(path, title=f"{title} · 民意", response_timeout=30)(page)


async def show(desk: Desk, build: Build, active: str) -> None:
    """Draw a page inside the frame, or say that the service is being started."""
    ui.on_exception(tell)
    if not desk.is_ready:
        _wait(desk)
        return
    with _frame(desk, active):
        try:
            await build(desk)
        except (MinyiError, Problem) as error:
            with ui.element("div").classes("card notice-bad"):
                ui.label(words_of(error))


def _wait(desk: Desk) -> None:
    with ui.element("div").classes("waiting"):
        ui.spinner(size="2.4rem")
        ui.label("正在载入模型，请稍候…")
        reason = ui.label().classes("muted")

    def look() -> None:
        reason.text = desk.service.problem
        if desk.is_ready:
            ui.navigate.reload()

    ui.timer(0.4, look)


@contextmanager
def _frame(desk: Desk, active: str) -> Iterator[None]:
    with ui.header(elevated=False).classes("top"):
        with ui.link(target="/").classes("brand"):
            ui.html("<b>民意</b><span>意见分办</span>", sanitize=False)
        with ui.element("nav").classes("pages"):
            for path, name, icon in PAGES:
                link = ui.link(target=path).classes("page-link")
                link.classes("is-active" if path == active else "")
                with link:
                    ui.icon(icon)
                    ui.label(name)
        ui.space()
        _person(desk)
    with ui.element("main").classes("main"):
        yield


def _person(desk: Desk) -> None:
    button = ui.button(clerk(), icon="person_outline").props("flat dense no-caps").classes("person")
    with button, ui.menu().props("auto-close=false"), ui.element("div").classes("person-menu"):
        name = ui.input("经办人", value=clerk()).props("dense outlined maxlength=40")
        ui.label("改正时记在留痕里").classes("muted small")
        if desk.office.shows_personal_data:
            plain = ui.switch("显示电话、身份证号等原文", value=is_plain(desk))
            plain.on_value_change(lambda e: _remember(PLAIN, "1" if e.value else ""))
        else:
            ui.label("个人信息一律遮盖（单位设置）").classes("muted small")
        ui.button("保存", on_click=lambda: _remember(_CLERK, name.value)).props("unelevated dense")


def _remember(name: str, value: str) -> None:
    kept = str(value).strip()[:_LONGEST_NAME]
    ui.run_javascript(f"minyi.remember('{name}', {json.dumps(kept)}); location.reload()")


def _cookie(name: str) -> str:
    request = ui.context.client.request
    return unquote(request.cookies.get(name, ""))[:_LONGEST_NAME] if request else ""


def clerk() -> str:
    """Return the name that corrections of this browser carry."""
    return _cookie(_CLERK).strip() or user_name()


def is_plain(desk: Desk) -> bool:
    """Whether personal data is shown: the clerk asks for it and the profile allows it."""
    return plain_teller(desk)()


def plain_teller(desk: Desk) -> Callable[[], bool]:
    """Return what tells `is_plain` later in this visit, when the profile may forbid it."""
    is_asked = _cookie(PLAIN) == "1"
    return lambda: is_asked and desk.office.shows_personal_data


async def work(function: Callable[..., Value], *arguments: Any) -> Value:
    """Call what takes time, or waits for the store, in a thread."""
    return await io_bound(function, *arguments)  # type: ignore[return-value]


def words_of(error: Exception) -> str:
    """Return an error for people; what is not ours is logged by place, without its words."""
    if isinstance(error, Problem):
        return error.detail
    if isinstance(error, MinyiError):
        return str(error)
    logs.failure("desk", error)
    return f"程序内部错误（{type(error).__name__}）：请刷新页面再试；仍不行请告诉管理员。"


def tell(error: Exception) -> None:
    """Show an error on the page."""
    ui.notify(words_of(error), type="negative", position="top", timeout=8000, multi_line=True)


def said(text: str) -> None:
    """Tell that something was done."""
    ui.notify(text, position="bottom", timeout=2500, color="dark")


def forget(dialog: ui.dialog) -> None:
    """Remove a dialog, unless its page is gone already."""
    if not dialog.is_deleted:
        dialog.delete()


def heading(title: str, hint: str = "") -> None:
    """Write the title of a page, and in a line what it is for."""
    with ui.element("div").classes("heading"):
        ui.html(title, tag="h1")
        if hint:
            ui.label(hint).classes("muted")
