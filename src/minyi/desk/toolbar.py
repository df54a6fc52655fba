"""What acts on a whole batch: filters, search, accepting many, the download."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from nicegui import ui

from minyi.desk.frame import work
from minyi.desk.output import WAYS, file_name, write_batch
from minyi.desk.rows import CHANGED, NAME, OPEN
from minyi.desk.state import Desk
from minyi.store.records import Batch

_WANTED = {"": "全部", OPEN: OPEN, "紧急": "紧急", CHANGED: CHANGED}


class Toolbar:
    """Draw the line above the grid.

    Parameters
    ----------
    desk : Desk
    batch : Batch
    bulk : callable
        Asks what to accept at once.

    Attributes
    ----------
    count : ui.label
        For how many there are.
    """

    def __init__(
        self,
        desk: Desk,
        batch: Batch,
        bulk: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk, self._batch = desk, batch
        with ui.element("div").classes("tools"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/batches")).props(
                'flat dense round aria-label="返回批次列表"'
            )
            ui.label(batch.name).classes("tools-title")
            self.count = ui.label().classes("muted counts")
            ui.space()
            with ui.element("div").classes("tools-right"):
                wanted = ui.toggle(_WANTED, value="")
                wanted.props("unelevated dense no-caps toggle-color=primary").classes("seg")
                wanted.on_value_change(lambda e: _on_grid("only", e.value or ""))
                search = ui.input(placeholder="搜索").props("outlined dense clearable debounce=250")
                search.classes("grid-search").on_value_change(
                    lambda e: _on_grid("search", e.value or "")
                )
                ui.button("批量核对", icon="done_all", on_click=bulk).props(
                    "outline no-caps"
                ).classes("bulk")
                self._download_button()

    def _download_button(self) -> None:
        if not self._desk.office.shows_personal_data:
            ui.button("下载", icon="download", on_click=lambda: self._download(False)).props(
                "unelevated no-caps"
            ).classes("download")
            return
        with (
            ui.dropdown_button("下载", icon="download", auto_close=True)
            .props("unelevated no-caps transition-duration=0")
            .classes("download")
        ):
            for name, hint, plain in WAYS:

                async def choose(_: object = None, plain: bool = plain) -> None:
                    await self._download(plain)

                with ui.item(on_click=choose), ui.item_section().classes("way"):
                    ui.item_label(name)
                    ui.item_label(hint).props("caption")

    async def _download(self, plain: bool) -> None:
        plain = plain and self._desk.office.shows_personal_data  # may be forbidden since
        minyi = self._desk.minyi
        path = await work(
            lambda: write_batch(self._desk.store, self._batch.id, plain=plain, minyi=minyi)
        )
        ui.download(path.read_bytes(), file_name(self._batch, plain=plain))
        path.unlink(missing_ok=True)


def _on_grid(function: str, value: str) -> None:
    ui.run_javascript(f"minyi.{function}({NAME!r}, {json.dumps(value)})")
