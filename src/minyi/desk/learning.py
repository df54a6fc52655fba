"""The page 学习: what waits to be learnt, learning in the background, and which model is used."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from datetime import date
from typing import Any

from nicegui import ui

from minyi.desk.batches import start
from minyi.desk.frame import heading, said, words_of, work
from minyi.desk.showing import moment
from minyi.desk.state import Desk
from minyi.desk.teaching import FEWEST, Task, teach
from minyi.service.core import STARTER
from minyi.store.records import ModelVersion


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
        waiting = await work(store.corrections.count_waiting)
        lessons = await work(lambda: len(store.corrections.waiting()))
        versions = list(await work(store.models.list))
        self.box.clear()
        with self.box:
            self._state(waiting, lessons)
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
            ui.button("用现在的模型重新判断没看过的意见", on_click=self._anew).props("flat no-caps")

    def _version(self, version: ModelVersion, *, is_used: bool) -> None:
        with ui.element("div").classes("version"):
            with ui.element("div").classes("version-name"):
                ui.label(version.name).classes("strong")
                n = version.metrics.get("n_lessons", 0)
                ui.label(f"{moment(version.created)}　学了 {n} 条").classes("muted small")
            with ui.element("div").classes("version-figures"):
                _compared("改正过的", version.metrics.get("corrected"))
                _compared("核对无误的", version.metrics.get("confirmed"))
                if not version.metrics.get("corrected") and not version.metrics.get("confirmed"):
                    ui.label("新的改正太少，没有做前后对比").classes("muted small")
            self._use(version.id, is_used=is_used)

    def _use(self, number: int | None, *, is_used: bool) -> None:
        async def use() -> None:
            with self._client:
                await self._desk.use_model(number)
                await self.draw()
                said("已换用这个模型")

        if is_used:
            ui.label("使用中").classes("pill in-use")
        else:
            ui.button("用这个", on_click=use).props("outline dense no-caps").classes("use")

    async def _anew(self) -> None:
        batches = (await work(self._desk.store.batches.list, 1000)).items
        for batch in batches:
            start(self._desk, batch.id, batch.n_submissions, anew=True)
        said(f"正在重新判断 {len(batches)} 个批次，进度见“一批”")


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
