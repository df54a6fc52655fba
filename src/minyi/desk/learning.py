"""The page 学习: what waits to be learnt, learning in the background, and which model is used."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nicegui import ui

from minyi.desk.batches import start
from minyi.desk.frame import forget, heading, said, words_of, work
from minyi.desk.showing import moment
from minyi.desk.state import Desk
from minyi.desk.teaching import FEWEST, Task, teach
from minyi.service.core import STARTER
from minyi.store.records import Filters, Lesson, ModelVersion

_ENOUGH = 200  # lessons from which learning usually helps
_MOST_BATCHES = 1000


async def build(desk: Desk) -> None:
    """Build the page."""
    heading("学习", "程序从改正和核对里学习，学成新的模型；用不用由您决定，随时可以换回")
    page = _Learning(desk)
    page.box = ui.element("div")
    await page.draw()
    ui.timer(1.0, page.tick)


class _Learning:
    box: ui.element

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._was_running = desk.training.is_running
        self._client = ui.context.client  # what was clicked may be gone when the answer is there

    async def tick(self) -> None:
        """Draw again when learning has ended."""
        is_running = self._desk.training.is_running
        if self._was_running and not is_running:
            self._was_running = is_running
            await self.draw()
        self._was_running = is_running

    async def draw(self) -> None:
        store = self._desk.store
        versions = list(await work(store.models.list))
        lessons = await work(store.corrections.waiting)
        waiting = n_new(lessons, versions)
        self.box.clear()
        with self.box:
            self._state(waiting, len(lessons))
            self._versions(versions)

    def _state(self, waiting: int, lessons: int) -> None:
        training = self._desk.training
        with ui.element("div").classes("card learn"):
            with ui.element("div").classes("learn-figures"):
                _figure(str(waiting), "条改正或核对还没有学")
                _figure(str(lessons), "条可以学的，合计")
            with ui.element("div").classes("learn-action"):
                if training.is_running:
                    ui.linear_progress(show_value=False).props("indeterminate rounded")
                    ui.label("正在学习，一般要一两分钟；可以去做别的。").classes("muted")
                else:
                    self._button(lessons)
            if training.error:
                with ui.element("div").classes("notice-bad"):
                    ui.icon("error_outline")
                    ui.label(training.error)

    def _button(self, lessons: int) -> None:
        go = ui.button("开始学习", icon="school", on_click=self._learn).props("unelevated")
        go.classes("learn-go")
        if lessons < FEWEST:
            go.disable()
            ui.label(f"至少要有 {FEWEST} 条，请先在“一批”里核对或改正").classes("muted small")
        else:
            ui.label("在初始模型上继续学，不会忘掉它原来会的").classes("muted small")
        if lessons < _ENOUGH:
            ui.label(
                f"一般要几百条改正才见效，现在有 {lessons} 条；太少时学了可能变差，学完会比给您看。"
            ).classes("muted small guidance")

    async def _learn(self) -> None:
        if self._desk.training.is_running:
            return
        self._desk.training.is_running, self._desk.training.error = True, ""
        threading.Thread(target=learn, args=(self._desk,), name="minyi-learn", daemon=True).start()
        await self.draw()

    def _versions(self, versions: list[ModelVersion]) -> None:
        active = self._desk.model_id
        with ui.element("div").classes("card versions"):
            ui.label("模型").classes("card-title")
            for version in versions:
                self._version(version, is_used=version.id == active)
            with ui.element("div").classes("version"):
                with ui.element("div").classes("version-name"):
                    ui.label("初始模型").classes("strong")
                    ui.label("随程序提供").classes("muted small")
                ui.element("div").classes("version-figures")
                self._use(None, is_used=active is None)
            if self._desk.service.settings.model:
                ui.label("启动时指定了模型（--model），这里的选择不起作用。").classes("muted small")
        with ui.element("div").classes("buttons"):
            ui.button("用现在的模型重新判断没看过的意见", on_click=self._anew).props(
                "flat no-caps"
            ).classes("anew")

    def _version(self, version: ModelVersion, *, is_used: bool) -> None:
        with ui.element("div").classes("version"):
            with ui.element("div").classes("version-name"):
                ui.label(version.name).classes("strong")
                n = version.metrics.get("n_lessons", 0)
                ui.label(f"{moment(version.created)}　学了 {n} 条").classes("muted small")
            with ui.element("div").classes("version-figures"):
                _compared("改正过的", version.metrics.get("corrected"))
                _compared("核对无误的", version.metrics.get("confirmed"))
                if is_worse(version.metrics):
                    ui.label("变差了，建议不用").classes("worse")
                if not version.metrics.get("corrected") and not version.metrics.get("confirmed"):
                    ui.label("新的改正太少，没有做前后对比").classes("muted small")
            self._use(version.id, is_used=is_used, metrics=version.metrics)

    def _use(
        self, number: int | None, *, is_used: bool, metrics: Mapping[str, Any] | None = None
    ) -> None:
        async def use() -> None:
            with self._client:
                if is_worse(metrics or {}) and not await _ask(
                    "确定换用变差了的模型？",
                    "在没有用来学的改正里，它判对的比原来少。可以再核对一些意见，重新学习。",
                    "仍然换用",
                ):
                    return
                await self._desk.use_model(number)
                await self.draw()
                said("已换用这个模型")

        if is_used:
            ui.label("使用中").classes("pill in-use")
        else:
            ui.button("用这个", on_click=use).props("outline dense no-caps").classes("use")

    async def _anew(self) -> None:
        store = self._desk.store
        numbers = await work(store.submissions.ids, None, Filters(checked=False))
        batches = (await work(store.batches.list, _MOST_BATCHES)).items
        with self._client:
            if not numbers:
                said("没有还没看过的意见")
                return
            if not await _ask(
                f"重新判断 {len(numbers)} 条没看过的意见？",
                f"在 {len(batches)} 个批次里，按现在的模型和设置重新判断；改正过、核对过的不动。",
                "重新判断",
            ):
                return
            for batch in batches:
                start(self._desk, batch.id, batch.n_submissions, anew=True)
            said(f"正在重新判断 {len(numbers)} 条，进度见“一批”")


async def _ask(title: str, told: str, yes: str) -> bool:
    with ui.dialog() as dialog, ui.card().classes("asking"):
        ui.label(title).classes("card-title")
        ui.label(told).classes("muted")
        with ui.element("div").classes("buttons end"):
            ui.button("取消", on_click=dialog.close).props("flat")
            ui.button(yes, on_click=lambda: dialog.submit(True)).props("unelevated").classes("yes")
    answer = await dialog
    forget(dialog)
    return bool(answer)


def is_worse(metrics: Mapping[str, Any]) -> bool:
    """Tell whether a new version was right less often, on what it had not learnt, than the old.

    Examples
    --------
    >>> is_worse({"corrected": {"n": 9, "before": 2, "after": 4}})
    False
    >>> is_worse({"corrected": {"n": 9, "before": 2, "after": 4},
    ...           "confirmed": {"n": 9, "before": 9, "after": 5}})
    True
    """
    figures = [metrics.get(name) or {} for name in ("corrected", "confirmed")]
    before, after = (sum(int(f.get(when, 0)) for f in figures) for when in ("before", "after"))
    return after < before


def n_new(lessons: Sequence[Lesson], versions: Sequence[ModelVersion]) -> int:
    """Return how many no version has learnt yet."""
    since = max((version.trained_on for version in versions), default=0)
    return sum(lesson.last_correction > since for lesson in lessons)


def _figure(value: str, name: str) -> None:
    with ui.element("div"):
        ui.label(value).classes("figure-value")
        ui.label(name).classes("muted small")


def _compared(name: str, figures: Mapping[str, int] | None) -> None:
    if not figures or not figures["n"]:
        return
    n, before, after = figures["n"], figures["before"], figures["after"]
    with ui.element("div").classes("compared"):
        ui.label(f"{name} {n} 条").classes("muted small")
        ui.label(f"判对 {before} → {after}").classes("better" if after > before else "")


def learn(desk: Desk) -> None:
    """Learn from all corrections and keep the new version; to be run in a thread."""
    folder = None
    try:
        store = desk.store
        lessons = store.corrections.waiting()
        active = store.models.active()
        number = max((version.id for version in store.models.list()), default=0) + 1
        folder = store.model_folders / f"v{number}-{date.today():%Y%m%d}"
        while folder.exists():
            number += 1
            folder = store.model_folders / f"v{number}-{date.today():%Y%m%d}"
        since = active.trained_on if active else 0
        task = Task(
            lessons=lessons,
            new=[i for i, lesson in enumerate(lessons) if lesson.last_correction > since],
            base=STARTER,
            active=str(active.folder) if active else STARTER,
            office=str(desk.profile),
            folder=str(folder),
        )
        metrics: dict[str, Any] = teach(task)
        newest = max(lesson.last_correction for lesson in lessons)
        store.models.add(f"第 {number} 版", folder, metrics, STARTER, newest)
    except Exception as error:
        desk.training.error = words_of(error)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        desk.training.is_running = False
