"""The card on which the columns of a workbook are confirmed, or chosen by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from nicegui import events, ui

from minyi.desk.covering import Cover, covers_for
from minyi.desk.importing import ROLES, Seen, Upload, key
from minyi.desk.showing import lately, short
from minyi.store.records import Batch

_NONE = "（没有）"
_NOT_READ = "（不读这张表）"
_SAMPLE = 16
_MISSING = f"还没有选出{ROLES['text']}列：请在上面选出写有意见的那一列"

Decide = Callable[[str, str], Awaitable[None]]


def confirmation(
    upload: Upload,
    *,
    earlier: Batch | None,
    plain: bool,
    decide: Decide,
    start: Callable[[], Awaitable[None]],
    cancel: Callable[[], None],
) -> None:
    """Draw the card.

    Parameters
    ----------
    upload : Upload
    earlier : Batch or None
        What the same workbook has become before.
    plain : bool
        Show personal data.
    decide : callable
        Takes a choice: its key and the header, ``""`` for none.
    start, cancel : callable
        What the buttons do.
    """
    with ui.element("div").classes("card confirm"):
        with ui.element("div").classes("card-head"):
            ui.label(f"{upload.path.name}，共 {upload.n_rows} 行").classes("card-title")
            ui.label("请核对各列是否认对了").classes("muted")
        if earlier is not None:
            _warning(earlier)
        for seen in upload.sheets:
            _sheet(seen, plain=plain, decide=decide, many=len(upload.sheets) > 1)
        for note in upload.notes:
            ui.label(note).classes("muted small")
        if not upload.n_rows:
            ui.label(_MISSING).classes("missing")
        with ui.element("div").classes("buttons"):
            go = ui.button(f"开始分类（{upload.n_rows} 行）")
            go.on_click(lambda: begin(go, start))
            go.props("unelevated").classes("start").set_enabled(upload.n_rows > 0)
            ui.button("换一个文件", on_click=cancel).props("flat")


async def begin(button: ui.button, start: Callable[[], Awaitable[None]]) -> None:
    """Start once, however often the button is pressed, and again only if that failed."""
    if not button.enabled:
        return
    button.disable()
    try:
        await start()
    except BaseException:
        if not button.is_deleted:
            button.enable()
        raise


def _warning(earlier: Batch) -> None:
    with ui.element("div").classes("notice earlier"):
        ui.icon("content_copy")
        when = lately(earlier.created, datetime.now())
        ui.label(f"这个文件{when} 已导入（{earlier.n_submissions} 条），再导入会多出一批。")
        ui.link("打开那一批", f"/batches/{earlier.id}")


def _sheet(seen: Seen, *, plain: bool, decide: Decide, many: bool) -> None:
    if many:
        told = f"{seen.n_rows} 行" if seen.is_read else f"{seen.n_rows} 行，没有选正文列，不读"
        ui.label(f"工作表“{seen.sheet}”，{told}").classes("sheet-name")
    options = {header: _option(seen, i, plain=plain) for i, header in enumerate(seen.header)}
    with ui.element("div").classes("roles"):
        for role, name in ROLES.items():
            _role_select(seen, role, name, options, decide=decide, many=many)
    if seen.is_read or not many:
        _preview(seen, plain=plain)


def _option(seen: Seen, column: int, *, plain: bool) -> str:
    """Return a column's name with the first value under it."""
    filled = (cells[column] for cells in seen.sample if cells[column].strip())
    value = short(_covers(seen, plain=plain)[column](next(filled, "")), plain=True)
    value = value if len(value) <= _SAMPLE else value[:_SAMPLE] + "…"
    header = short(seen.header[column], plain=plain)
    return f"{header}（{value}）" if value else header


def _covers(seen: Seen, *, plain: bool) -> list[Cover]:
    return covers_for(seen.header, [seen.roles.get("text", "")], plain=plain)


def _role_select(
    seen: Seen, role: str, name: str, columns: dict[str, str], *, decide: Decide, many: bool
) -> None:
    none = "" if role != "text" else _NOT_READ if many and seen.is_read else None
    options = columns if none is None else {"": none or _NONE, **columns}
    value = seen.roles.get(role, "")
    select = ui.select(options, label=name, value=value if value in options else None)
    select.props("outlined dense options-dense").classes(f"role-{role}")

    async def change(event: events.ValueChangeEventArguments[str]) -> None:
        await decide(key(role, seen.sheet), event.value or "")

    select.on_value_change(change)


def _preview(seen: Seen, *, plain: bool) -> None:
    roles = {header: role for role, header in seen.roles.items() if role in ROLES}
    covers = _covers(seen, plain=plain)
    with ui.element("div").classes("preview"), ui.element("table"):
        with ui.element("tr"):
            for header in seen.header:
                with ui.element("th").classes("is-read" if header in roles else ""):
                    ui.label(short(header, plain=plain))
                    if header in roles:
                        ui.label(ROLES[roles[header]]).classes("tag")
        for cells in seen.sample:
            with ui.element("tr"):
                for header, cell, cover in zip(seen.header, cells, covers, strict=True):
                    kept = "is-kept" if header in roles else ""
                    kept += " is-text" if roles.get(header) == "text" else ""
                    with ui.element("td").classes(kept):
                        ui.label(short(cover(cell), plain=True))
