"""Accepting many at once: all that the model is surer of than a score."""

from __future__ import annotations

from nicegui import ui

from minyi.desk.deeds import Deed, accept_all
from minyi.desk.frame import forget, work
from minyi.store import Store
from minyi.store.records import Filters

_FROM, _TO, _USUAL = 50, 99, 90


def waiting(store: Store, batch_id: int, score: float, *, sure_only: bool) -> list[int]:
    """Return the numbers of what nobody has looked at and the model is so sure of."""
    review = False if sure_only else None
    filters = Filters(checked=False, score_from=score, needs_review=review)
    return store.submissions.ids(batch_id, filters)


def accept(store: Store, numbers: list[int], score: float, who: str) -> Deed:
    """Accept submissions; the trail says that it was done in bulk."""
    return accept_all(store, numbers, f"批量核对：得分不低于 {score:.2f}", who)


async def ask_bulk(store: Store, batch_id: int, who: str) -> Deed | None:
    """Ask for the score, accept, and return what was done."""
    found: list[int] = []
    with ui.dialog() as dialog, ui.card().classes("asking"):
        ui.label("批量核对").classes("card-title")
        ui.label("把握不低于下面分数、还没有人看过的意见，一次记为“核对无误”。").classes("muted")
        with ui.element("div").classes("bulk-row"):
            slider = ui.slider(min=_FROM, max=_TO, value=_USUAL).props("label")
            value = ui.label().classes("bulk-value")
        only = ui.checkbox("只含程序认为不必看的", value=True)
        told = ui.label().classes("bulk-count")
        with ui.element("div").classes("buttons end"):
            ui.button("取消", on_click=dialog.close).props("flat")
            go = ui.button("核对无误", on_click=lambda: dialog.submit(True)).props("unelevated")
            go.classes("bulk-accept")

    async def count() -> None:
        nonlocal found
        value.text = f"{slider.value:.0f}%"
        found = await work(
            lambda: waiting(store, batch_id, slider.value / 100, sure_only=bool(only.value))
        )
        told.text = f"符合条件的有 {len(found)} 条"
        go.set_enabled(bool(found))

    slider.on_value_change(count)
    only.on_value_change(count)
    await count()
    try:
        if not await dialog:
            return None
        return await work(accept, store, found, slider.value / 100, who)
    finally:
        forget(dialog)
