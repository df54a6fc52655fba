"""The page 一批, first part: a workbook comes in, its columns are confirmed, batches are listed."""

from __future__ import annotations

import threading
from datetime import datetime

from nicegui import events, ui

from minyi.desk.classifying import classify_batch
from minyi.desk.confirming import confirmation
from minyi.desk.frame import clerk, forget, heading, plain_teller, said, work
from minyi.desk.importing import (
    Upload,
    discard,
    imported_before,
    keep,
    look,
    place_for,
    upload_of,
)
from minyi.desk.rows import n_left
from minyi.desk.showing import lately, moment
from minyi.desk.state import Desk, Progress, Reading, user_name
from minyi.service.settings import MEBI
from minyi.store.records import Batch
from minyi.tables.inputs import READABLE

HINT = ".xlsx .xls .csv .docx .txt 等"
_PICK = "() => getElement({0}).$refs.qRef.pickFiles()"


async def build(desk: Desk) -> None:
    """Build the page."""
    page = _Batches(desk)
    heading("一批", "放入 Excel 表格，核对识别的列，分类后逐条改正，再下载带结果的表格")
    page.drop_zone()
    page.confirming = ui.element("div")
    page.listed = ui.element("div")
    await page.draw_list()
    ui.timer(0.7, page.tick)


class _Batches:
    """Upload, confirmation and list of one visit."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._who = clerk()
        self._is_plain = plain_teller(desk)
        self._bars: dict[int, tuple[ui.element, ui.label]] = {}
        self._reading: frozenset[str] = frozenset()
        self._taken: set[str] = set()
        self._started: int | None = None
        self._client = ui.context.client  # what was clicked may be gone when the answer is there
        self.confirming: ui.element
        self.listed: ui.element
        self._zone: ui.element

    def drop_zone(self) -> None:
        most = self._desk.service.settings.max_upload
        self._zone = ui.element("div").classes("drop")
        with self._zone:
            ui.icon("upload_file")
            ui.html("把表格拖到这里，或<u>点击选择文件</u>", sanitize=False).classes("drop-title")
            ui.label(f"{HINT}，不超过 {most // MEBI} MB").classes("muted small")
            upload = ui.upload(
                max_files=1,
                max_file_size=most,
                auto_upload=True,
                on_upload=self._uploaded,
                on_rejected=lambda: ui.notify(
                    f"只能放入一个表格文件（{' '.join(READABLE)}），不超过 {most // MEBI} MB",
                    type="negative",
                    position="top",
                ),
            ).props(f'accept="{",".join(READABLE)}"')
            upload.classes("drop-catch").on("click", js_handler=_PICK.format(upload.id))
        self._upload = upload

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        path = place_for(self._desk.store, event.file.name)
        try:
            await event.file.save(path)
            self._upload.reset()
            upload = await work(look, path)
            earlier = await work(imported_before, self._desk.store, upload)
        except Exception:
            discard(self._desk.store, path)
            raise
        self._confirm(upload, earlier)

    def _confirm(self, upload: Upload, earlier: Batch | None) -> None:
        self._zone.visible = False
        self.confirming.clear()
        with self.confirming:
            confirmation(
                upload,
                earlier=earlier,
                plain=self._is_plain(),
                decide=lambda key, value: self._again(upload, earlier, key, value),
                start=lambda: self._start(upload),
                cancel=lambda: self._cancel(upload),
            )

    async def _again(self, upload: Upload, earlier: Batch | None, key: str, value: str) -> None:
        self._confirm(await work(look, upload.path, {**upload.chosen, key: value}), earlier)

    def _cancel(self, upload: Upload) -> None:
        if upload.token in self._taken:  # a batch needs it now
            return
        discard(self._desk.store, upload.path)
        self.confirming.clear()
        self._zone.visible = True

    async def _start(self, upload: Upload) -> None:
        self._taken.add(upload.token)
        try:
            batch = await work(take_in, self._desk, upload, self._who)
        except BaseException:
            self._taken.discard(upload.token)
            raise
        if batch is None:  # the other click of a double click does it
            return
        self._started = batch.id
        self.confirming.clear()
        self._zone.visible = True
        await self.draw_list()

    async def draw_list(self) -> None:
        reading = dict(self._desk.reading)
        store = self._desk.store
        page = await work(store.batches.list, 100)
        n_open = await work(lambda: {b.id: b.n_open + n_left(store, b.id) for b in page.items})
        self._bars.clear()
        self._reading = frozenset(reading)
        self.listed.clear()
        with self.listed:
            if not page.items and not reading:
                with ui.element("div").classes("nothing"):
                    ui.icon("table_rows")
                    ui.label("还没有批次")
                return
            with ui.element("div").classes("card batches"):
                ui.label("批次").classes("card-title")
                for arriving in reading.values():
                    _arriving_row(arriving)
                for batch in page.items:
                    self._row(batch, n_open[batch.id])

    def _row(self, batch: Batch, n_open: int) -> None:
        with ui.element("div").classes("batch"):
            with ui.link(target=f"/batches/{batch.id}").classes("batch-link"):
                ui.label(batch.name).classes("batch-name")
                # Batches of earlier versions bear the computer's name for its user.
                who = batch.created_by if batch.created_by != user_name() else ""
                ui.label(f"{moment(batch.created)}　{who}").classes("muted small")
            progress = self._desk.running.get(batch.id)
            if progress is not None:
                with ui.element("div").classes("batch-progress"):
                    with ui.element("div").classes("score-track"):
                        bar = ui.element("div").classes("score-fill")
                    told = ui.label("正在分类…").classes("muted small")
                self._bars[batch.id] = (bar, told)
            else:
                ui.label(f"{batch.n_submissions} 条").classes("batch-count")
                text = f"{n_open} 条待看" if n_open else "已看完"
                ui.label(text).classes("pill is-open" if n_open else "pill")
            ui.button(icon="delete_outline", on_click=lambda: self._ask_delete(batch)).props(
                'flat dense round color=secondary aria-label="删除批次"'
            )

    async def _ask_delete(self, batch: Batch) -> None:
        with self._client, ui.dialog() as dialog, ui.card().classes("asking"):
            ui.label(f"删除“{batch.name}”？").classes("card-title")
            ui.label(which(batch, datetime.now())).classes("asked-which")
            ui.label("其中的意见、结果和改正记录都会删除，不能恢复。").classes("muted")
            with ui.element("div").classes("buttons end"):
                ui.button("取消", on_click=dialog.close).props("flat")
                ui.button("删除", on_click=lambda: dialog.submit(True)).props(
                    "unelevated color=negative"
                )
        if await dialog:
            await work(self._desk.store.batches.delete, batch.id)
            await work(_remove_upload, self._desk, batch)
            await self.draw_list()
            with self._client:
                said("已删除")
        forget(dialog)

    async def tick(self) -> None:
        """Show how far the running batches are; open the one that was begun here."""
        # A few rows are done before the list shows them running.
        if self._started is not None and self._started not in self._desk.running:
            ui.navigate.to(f"/batches/{self._started}")
            self._started = None
            return
        if self._reading != self._desk.reading.keys():
            await self.draw_list()
            return
        for number, (bar, told) in self._bars.items():
            progress = self._desk.running.get(number)
            if progress is None:
                await self.draw_list()
                return
            bar.style(f"width:{progress.share * 100:.0f}%")
            told.text = progress.error or f"正在分类 {progress.done} / {progress.total}"


def which(batch: Batch, now: datetime) -> str:
    """Tell a batch from others of its name."""
    return f"{lately(batch.created, now)} 导入，{batch.n_submissions} 条"


def _arriving_row(arriving: Reading) -> None:
    with ui.element("div").classes("batch is-arriving"):
        with ui.element("div").classes("batch-link"):
            ui.label(arriving.name).classes("batch-name")
            ui.label(arriving.who).classes("muted small")
        ui.label("正在读入…").classes("muted small")


def take_in(desk: Desk, upload: Upload, who: str) -> Batch | None:
    """Make an upload a batch and begin to classify it; to be run in a thread.

    Until it is a batch it stands in `Desk.reading`, where pages opened meanwhile find it.

    Returns
    -------
    Batch or None
        None if that is under way already.
    """
    mark = Reading(upload.path.name, who)
    if desk.reading.setdefault(upload.token, mark) is not mark:
        return None
    try:
        batch = keep(desk.store, upload, who)
        start(desk, batch.id, batch.n_submissions or upload.n_rows)
    finally:
        desk.reading.pop(upload.token, None)
    return batch


def start(desk: Desk, batch_id: int, total: int, *, anew: bool = False) -> None:
    """Begin to classify a batch in a thread of its own, unless that is under way."""
    running = desk.running.get(batch_id)
    if running is not None and not running.error:
        return
    progress = desk.running[batch_id] = Progress(total)
    threading.Thread(
        target=classify_batch,
        args=(desk, batch_id, progress),
        kwargs={"anew": anew},
        name=f"minyi-desk-{batch_id}",
        daemon=True,
    ).start()


def _remove_upload(desk: Desk, batch: Batch) -> None:
    path = upload_of(desk.store, batch)
    if path is not None:
        discard(desk.store, path)
