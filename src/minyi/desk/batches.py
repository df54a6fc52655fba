"""The page 一批, first part: a workbook comes in, its columns are confirmed, batches are listed."""

from __future__ import annotations

import threading
from pathlib import Path

from nicegui import events, ui

from minyi.desk.confirming import confirmation
from minyi.desk.frame import clerk, forget, heading, plain_teller, said, work
from minyi.desk.importing import Upload, classify_batch, discard, keep, look, place_for
from minyi.desk.showing import moment
from minyi.desk.state import Desk, Progress
from minyi.service.settings import MEBI
from minyi.store.records import Batch
from minyi.tables.inputs import READABLE

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
            ui.label(f".xlsx .xls .csv .docx 等，不超过 {most // MEBI} MB").classes("muted small")
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
        except Exception:
            discard(self._desk.store, path)
            raise
        self._confirm(upload)

    def _confirm(self, upload: Upload) -> None:
        self._zone.visible = False
        self.confirming.clear()
        with self.confirming:
            confirmation(
                upload,
                plain=self._is_plain(),
                decide=lambda key, value: self._again(upload, key, value),
                start=lambda: self._start(upload),
                cancel=lambda: self._cancel(upload.path),
            )

    async def _again(self, upload: Upload, key: str, value: str) -> None:
        self._confirm(await work(look, upload.path, {**upload.chosen, key: value}))

    def _cancel(self, path: Path) -> None:
        discard(self._desk.store, path)
        self.confirming.clear()
        self._zone.visible = True

    async def _start(self, upload: Upload) -> None:
        batch = await work(keep, self._desk.store, upload, self._who)
        start(self._desk, batch.id, batch.n_submissions or upload.n_rows)
        self._started = batch.id
        self.confirming.clear()
        self._zone.visible = True
        await self.draw_list()

    async def draw_list(self) -> None:
        page = await work(self._desk.store.batches.list, 100)
        self._bars.clear()
        self.listed.clear()
        with self.listed:
            if not page.items:
                with ui.element("div").classes("nothing"):
                    ui.icon("table_rows")
                    ui.label("还没有批次")
                return
            with ui.element("div").classes("card batches"):
                ui.label("批次").classes("card-title")
                for batch in page.items:
                    self._row(batch)

    def _row(self, batch: Batch) -> None:
        with ui.element("div").classes("batch"):
            with ui.link(target=f"/batches/{batch.id}").classes("batch-link"):
                ui.label(batch.name).classes("batch-name")
                ui.label(f"{moment(batch.created)}　{batch.created_by}").classes("muted small")
            progress = self._desk.running.get(batch.id)
            if progress is not None:
                with ui.element("div").classes("batch-progress"):
                    with ui.element("div").classes("score-track"):
                        bar = ui.element("div").classes("score-fill")
                    told = ui.label("正在分类…").classes("muted small")
                self._bars[batch.id] = (bar, told)
            else:
                ui.label(f"{batch.n_submissions} 条").classes("batch-count")
                text = f"{batch.n_open} 条待看" if batch.n_open else "已看完"
                ui.label(text).classes("pill is-open" if batch.n_open else "pill")
            ui.button(icon="delete_outline", on_click=lambda: self._ask_delete(batch)).props(
                'flat dense round color=secondary aria-label="删除批次"'
            )

    async def _ask_delete(self, batch: Batch) -> None:
        with self._client, ui.dialog() as dialog, ui.card().classes("asking"):
            ui.label(f"删除“{batch.name}”？").classes("card-title")
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
        for number, (bar, told) in self._bars.items():
            progress = self._desk.running.get(number)
            if progress is None:
                if number == self._started:
                    ui.navigate.to(f"/batches/{number}")
                else:
                    await self.draw_list()
                return
            bar.style(f"width:{progress.share * 100:.0f}%")
            told.text = progress.error or f"正在分类 {progress.done} / {progress.total}"


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
    from minyi.desk.output import upload_of

    path = upload_of(desk.store, batch)
    if path is not None:
        discard(desk.store, path)
