"""What all pages have: the bar on top, the five pages, the name of the clerk, errors in Chinese."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from nicegui import app, ui
from nicegui.run import io_bound
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

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
# Not the Enter with which an input method is being operated.
_ENTER = "(e) => { if (e.key === 'Enter' && !e.isComposing) emit() }"

_NOT_FOUND = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>没有这个页面 · 民意</title>
<link rel="stylesheet" href="/desk-static/desk.css">
<main class="main waiting"><h1>没有这个页面</h1>
<p>地址可能写错了，或者内容已经删除。</p>
<p><a href="/">回到“一条”</a>　<a href="/batches">看批次列表</a></p></main>
</html>"""

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
    app.exception_handler(404)(_not_found)


async def _not_found(request: Request, error: Exception) -> Response:
    """Answer for an address that is no page in Chinese, with a way back."""
    endpoint = request.scope.get("endpoint")
    if isinstance(error, HTTPException) and endpoint not in (None, app):  # a file, not a page
        return await http_exception_handler(request, error)
    return HTMLResponse(_NOT_FOUND, 404)


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
            if active == "/batches":
                ui.button(
                    "返回批次列表", icon="arrow_back", on_click=lambda: ui.navigate.to(active)
                ).props("flat no-caps").classes("way-back")


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
    button = (
        ui.button(clerk() or "经办人", icon="person_outline")
        .props("flat dense no-caps")
        .classes("person")
    )
    with button, ui.menu().props("auto-close=false"), ui.element("div").classes("person-menu"):
        name = ui.input("经办人", value=_cookie(_CLERK)).props("dense outlined maxlength=40")
        name.props(f'placeholder="{escape(user_name())}" stack-label')
        ui.label("改正时记在留痕里").classes("muted small")

        def keep(told: str, **others: str) -> None:
            _remember(told, {_CLERK: str(name.value), **others})

        name.on("keydown", lambda: keep("已保存"), js_handler=_ENTER)
        ui.button("保存", on_click=lambda: keep("已保存")).props("unelevated dense")
        ui.separator()
        if desk.office.shows_personal_data:
            plain = ui.switch("显示电话、身份证号等原文", value=is_plain(desk))
            ui.label("拨动就生效，只对这台电脑上的这个浏览器").classes("muted small")
            plain.on_value_change(
                lambda e: keep(
                    "已显示个人信息原文" if e.value else "已遮盖个人信息",
                    **{PLAIN: "1" if e.value else ""},
                )
            )
        else:
            ui.label("个人信息一律遮盖（单位设置）").classes("muted small")


def _remember(told: str, values: dict[str, str]) -> None:
    """Keep values in cookies, and tell so once the page stands anew."""
    kept = {name: value.strip()[:_LONGEST_NAME] for name, value in values.items()}
    ui.run_javascript(f"minyi.keep({json.dumps(kept)}, {json.dumps(told)})")


class Clerk:
    """Who corrects in this visit: asked for before the first correction, unless known."""

    def __init__(self) -> None:
        self._name = _cookie(_CLERK).strip()
        self._client = ui.context.client
        self.is_asked = False

    async def name(self) -> str:
        """Return the name; empty when the clerk would not give one."""
        if not self._name and not self.is_asked:
            self.is_asked = True
            try:
                with self._client:
                    self._name = await _ask_name()
                    if not self._name:
                        said("没有记下：改正和核对要先写上经办人")
            finally:
                self.is_asked = False
        return self._name


async def _ask_name() -> str:
    with ui.dialog() as dialog, ui.card().classes("asking ask-name"):
        ui.label("您是哪位经办人？").classes("card-title")
        ui.label("改正和核对会记在您名下；只问一次，以后在右上角可以改。").classes("muted")
        name = ui.input("姓名").props("outlined dense autofocus maxlength=40")

        def submit() -> None:
            if str(name.value or "").strip():
                dialog.submit(str(name.value).strip()[:_LONGEST_NAME])

        name.on("keydown", submit, js_handler=_ENTER)
        with ui.element("div").classes("buttons end"):
            ui.button("取消", on_click=dialog.close).props("flat")
            ui.button("记下", on_click=submit).props("unelevated")
    given = str(await dialog or "")
    forget(dialog)
    if given:
        ui.run_javascript(f"minyi.introduce('{_CLERK}', {json.dumps(given)})")
    return given


def _cookie(name: str) -> str:
    request = ui.context.client.request
    return unquote(request.cookies.get(name, ""))[:_LONGEST_NAME] if request else ""


def clerk() -> str:
    """Return the name that the clerk at this browser gave; empty before that."""
    return _cookie(_CLERK).strip()


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


def said(text: str, *, undo: bool = False) -> None:
    """Tell that something was done; with `undo`, pressing 撤销 emits ``minyi_undo``."""
    ui.run_javascript(f"minyi.toast({json.dumps(text)}, {json.dumps(undo)})")


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
