"""The page of a batch that is being classified."""

from __future__ import annotations

from nicegui import ui

from minyi.desk.state import Desk
from minyi.store.records import Batch


def show_progress(desk: Desk, batch: Batch) -> None:
    """Draw how far a batch is; the page is opened anew when it is done."""
    with ui.element("div").classes("waiting"):
        ui.label(f"正在分类：{batch.name}").classes("card-title")
        with ui.element("div").classes("score-track wide"):
            bar = ui.element("div").classes("score-fill")
        told = ui.label().classes("muted")

    def tick() -> None:
        progress = desk.running.get(batch.id)
        if progress is None:
            ui.navigate.reload()
            return
        bar.style(f"width:{progress.share * 100:.0f}%")
        told.text = progress.error or f"{progress.done} / {progress.total}"

    ui.timer(0.5, tick)
