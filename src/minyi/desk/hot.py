"""热点 on the dashboard: the hot issues of a batch, their members, and the report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from nicegui import ui

from minyi.desk import finding
from minyi.desk.confirming import begin
from minyi.desk.finding import Found, Written
from minyi.desk.frame import forget, plain_teller, work
from minyi.desk.output import WAYS
from minyi.desk.state import Desk

_COLUMNS = ("热度排名", "地点/人群", "问题描述", "时间范围", "热度指数")
_MEMBERS = ("留言编号", "留言用户", "留言时间", "留言主题", "留言详情")
_MOST_SHOWN = 200
_EVERYWHERE = "全部"
_OCCASION = "本轮走访"


class HotCard:
    """The card of one visit; what was found goes with the page.

    Parameters
    ----------
    desk : Desk
    batch_id : int or None
        Hot issues are those of one batch.
    suffix : str
        The end of the names of files.
    """

    def __init__(self, desk: Desk, batch_id: int | None, suffix: str) -> None:
        self._desk, self._batch_id, self._suffix = desk, batch_id, suffix
        self._is_plain = plain_teller(desk)
        self._client = ui.context.client  # what was clicked may be gone when the answer is there
        with ui.element("div").classes("card chart-card is-wide hot"):
            with ui.element("div").classes("chart-head"):
                ui.label("热点问题").classes("card-title")
                ui.space()
                self._tools = ui.element("div").classes("chart-tools")
            self._box = ui.element("div")
        with self._box:
            self._offer()

    def _offer(self) -> None:
        if self._batch_id is None:
            ui.label("热点问题按一批意见来找：请先在上面选一批。").classes("muted")
            return
        with ui.element("div").classes("buttons"):
            go = ui.button("找出热点问题", icon="local_fire_department")
            go.props("outline no-caps").classes("hot-go")
            go.on_click(lambda: begin(go, self._find))
            ui.label("把说同一件事的意见归在一起，按热度排列；意见多时要等一会儿。").classes(
                "muted"
            )

    async def _find(self) -> None:
        assert self._batch_id is not None
        with self._box, ui.element("div").classes("buttons") as notice:
            ui.spinner()
            ui.label("正在找热点问题，可以先看别的…").classes("muted")
        try:
            found = await work(finding.find, self._desk, self._batch_id)
        finally:
            if not notice.is_deleted:
                notice.delete()
        if found is not None and not self._box.is_deleted:
            self._show(found)

    def _show(self, found: Found) -> None:
        self._box.clear()
        with self._box:
            if found.hot.issues.empty:
                ui.label("没有发现热点问题。").classes("muted")
            else:
                self._table(found)
            for note in found.notes:
                ui.label(note).classes("muted small")
            self._report(found)
        self._tools.clear()
        with self._tools:
            for name, hint, plain in WAYS if self._desk.office.shows_personal_data else WAYS[1:]:

                async def save(_: object = None, plain: bool = plain) -> None:
                    await self._save(found, plain=plain)

                ui.button(name, on_click=save).props(f'flat dense no-caps title="{hint}"')

    async def _save(self, found: Found, *, plain: bool) -> None:
        plain = plain and self._desk.office.shows_personal_data  # may be forbidden since
        content = await work(lambda: finding.workbook(found, plain=plain))
        told = "含个人信息" if plain else "已遮盖"
        ui.download(content, f"热点{self._suffix}_{told}.xlsx")

    def _table(self, found: Found) -> None:
        issues = finding.issues_of(found, plain=self._is_plain())
        sizes = found.hot.members["问题ID"].value_counts()
        with ui.element("div").classes("preview"), ui.element("table"):
            _line("th", ["排名", *_COLUMNS[1:4], "热度", "意见"])
            for number, values in zip(
                issues["问题ID"], issues[list(_COLUMNS)].to_numpy().tolist(), strict=True
            ):
                with _line("td", values), ui.element("td"):
                    ui.button(
                        f"{sizes[number]} 条",
                        on_click=lambda _, number=number: self._members(found, number),
                    ).props("flat dense no-caps").classes("hot-members")

    async def _members(self, found: Found, number: int) -> None:
        plain = self._is_plain()  # may be forbidden since the table was drawn
        members = await work(lambda: finding.members_of(found, number, plain=plain))
        with self._client, ui.dialog() as dialog, ui.card().classes("preview-card hot-card"):
            ui.label(f"第 {number} 个热点，{len(members)} 条").classes("card-title")
            with ui.element("div").classes("preview changes"), ui.element("table"):
                names = [name for name in _MEMBERS if (members[name] != "").any()]
                _line("th", names)
                for values in members[names].head(_MOST_SHOWN).itertuples(index=False):
                    _line("td", list(values))
            if len(members) > _MOST_SHOWN:
                ui.label(f"只列出前 {_MOST_SHOWN} 条，全部在表格里。").classes("muted small")
            with ui.element("div").classes("buttons end"):
                ui.button("关闭", on_click=dialog.close).props("flat")
        await dialog
        forget(dialog)

    def _report(self, found: Found) -> None:
        with ui.element("div").classes("buttons hot-report"):
            if not finding.can_report():
                ui.label(finding.HOW_TO_INSTALL).classes("muted small")
                return
            place = ui.select([_EVERYWHERE, *found.places], label="哪里", value=_EVERYWHERE)
            place.props("outlined dense options-dense")
            occasion = ui.input("意见怎么来的", value=_OCCASION).props(
                "outlined dense maxlength=20"
            )
            go = ui.button("写报告（Word）", icon="article").props("outline no-caps")
            ready = ui.element("div").classes("buttons")

        async def write() -> None:
            where = "" if place.value == _EVERYWHERE else str(place.value)
            how = str(occasion.value or "").strip() or _OCCASION
            ready.clear()
            with ready:
                ui.spinner()
            written = await work(finding.write, self._desk, found, where, how)
            if not ready.is_deleted:
                ready.clear()
                with ready:
                    _files(written)

        go.classes("hot-write").on_click(write)


def _files(written: Written) -> None:
    name = f"{written.title}_{date.today():%Y%m%d}"
    for label, content, ending in (
        ("报告", written.document, ".docx"),
        ("底数", written.numbers, "_底数.xlsx"),
    ):
        ui.button(label, icon="download", on_click=_giving(content, name + ending)).props(
            "flat no-caps"
        )


def _giving(content: bytes, name: str) -> Callable[[], None]:
    return lambda: ui.download(content, name)


def _line(tag: str, values: list[str]) -> ui.element:
    with ui.element("tr") as row:
        for value in values:
            with ui.element(tag):
                ui.label(str(value))
    return row
