"""The workbook that goes back: original columns, results as corrected, and who corrected when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minyi.desk.covering import PROMISE, Cover, covers_for
from minyi.desk.doubts import RESTORED, UNDONE
from minyi.desk.holding import as_holds, decided_by_model
from minyi.desk.importing import ROLES, for_pages, lines_of, tables_of, upload_of
from minyi.desk.showing import moment
from minyi.desk.state import path_of
from minyi.errors import MinyiError
from minyi.pipeline import Minyi
from minyi.resultbook import TRAIL, Columns, ResultBook, columns_of, roles_read
from minyi.store import Store
from minyi.store.records import YES, Batch, Correction, Entry
from minyi.summary import Summary
from minyi.tables import Output, Tables, open_output

CHECKING = ("复核情况", "复核人", "复核时间", "原判类别", "原判部门")
ROW = "原表行号"
#: The ways to download a batch: name, what it holds, and whether personal data stays.
WAYS = (
    ("原样下载", "各列与原表一致，含姓名、电话、身份证号等个人信息", True),
    ("遮盖个人信息后下载", PROMISE, False),
)
_SHEET = "来源工作表"
_TRAIL_HEADER = (ROW, "时间", "经办人", "改了什么", "改前", "改后")
_TRAIL_WIDTHS = {"时间": 18.0, "经办人": 12.0, "改前": 40.0, "改后": 40.0}
_TARGETS = {"category": "类别", "department": "主办部门", "kind": "类型", "urgent": "紧急"}
_MASKED = "个人信息已遮盖：" + PROMISE.removeprefix("遮盖")
_Cells = list[Any]


def write_batch(store: Store, batch_id: int, *, plain: bool, minyi: Minyi) -> Path:
    """Write a batch as a workbook and return where it lies.

    Parameters
    ----------
    store : Store
    batch_id : int
    plain : bool
        Leave personal data as it was written.
    minyi : Minyi
        Whose profile says who helps with a corrected category, and whose model is named.

    Raises
    ------
    MinyiError
        The batch is gone, or the file cannot be written.
    """
    batch = store.batches.get(batch_id)
    entries = entries_of(store, batch_id)
    trails = store.corrections.trails(batch_id)
    source = source_of(store, batch, entries)
    covers = covers_for(source.columns.header, source.columns.texts, plain=plain)
    summary = Summary(roles=source.roles, notes=[] if plain else [_MASKED])
    path = store.outputs / f"desk-{batch_id}-{'plain' if plain else 'masked'}.xlsx"
    with open_output(path, force=True) as out:
        book = ResultBook(out, source.columns, further=CHECKING)
        for (where, original), entry in zip(source.rows, entries, strict=True):
            trail = trails.get(entry.submission.id, ())
            result = as_holds(entry, minyi.office, trail).as_row()
            summary.count(result, where, entry.submission.source_row or 0)
            book.append(_covered(original, covers), result, _checking(entry, trail))
        summary.notes += source.notes()
        if out.cut_cells:
            summary.notes.append(f"{out.cut_cells} 个单元格超过 Excel 的长度上限，已截断并注明")
        received = batch.created.astimezone().date()
        book.finish(summary, minyi.model, minyi.office, received)
        _write_trail(out, entries, trails)
    return path


def entries_of(store: Store, batch_id: int) -> list[Entry]:
    """Return what a batch holds, in the order of its workbook."""
    entries = store.submissions.page(batch_id, sort="row", limit=None).items
    return sorted(entries, key=lambda entry: entry.submission.id)


def _covered(cells: Sequence[Any], covers: Sequence[Cover]) -> _Cells:
    return [
        cover(cell) if cell and isinstance(cell, str) else cell
        for cell, cover in zip(cells, covers, strict=True)
    ]


@dataclass(frozen=True)
class Source:
    """What a batch came from: its columns, and its rows with the file and sheet they stood in."""

    columns: Columns
    rows: Iterator[tuple[str, _Cells]]
    roles: dict[str, str] = field(default_factory=dict)
    notes: Callable[[], list[str]] = list  # complete once the rows were read


def source_of(store: Store, batch: Batch, entries: Sequence[Entry]) -> Source:
    """Return the rows of a batch as they came, each beside its entry of `entries_of`."""
    path = upload_of(store, batch)
    if path is None or any(entry.submission.is_purged for entry in entries):
        return _from_store(batch, entries)
    tables = tables_of(path, batch.columns)
    columns = columns_of(tables, (_SHEET, ROW) if len(tables) > 1 else (ROW,))

    def notes() -> list[str]:
        told = [*tables.skipped, *(note for table in tables for note in table.warnings)]
        return [for_pages(note, path) for note in told]

    return Source(columns, _from_upload(batch, tables, columns), roles_read(tables), notes)


def _from_upload(batch: Batch, tables: Tables, columns: Columns) -> Iterator[tuple[str, _Cells]]:
    for line in lines_of(tables):
        sheet = line.table.sheet
        origin = (sheet, line.number) if len(tables) > 1 else (line.number,)
        yield f"{batch.name} {sheet}".strip(), columns.row(line.table, line.cells, origin)


def _from_store(batch: Batch, entries: Sequence[Entry]) -> Source:
    text = ROLES["text"]
    columns = Columns((*ROLES.values(), ROW), (text,), {text: 60.0})
    rows = (
        (
            batch.name,
            [*(getattr(s, role) for role in ROLES), "" if s.source_row is None else s.source_row],
        )
        for s in (entry.submission for entry in entries)
    )
    return Source(columns, rows)


def _checking(entry: Entry, trail: Sequence[Correction]) -> _Cells:
    """Return the values of `CHECKING`."""
    result = entry.result
    if not (entry.checked or entry.corrected) or not trail or result is None:
        return ["未看" if result and result.needs_review else "", "", "", "", ""]
    last = trail[-1]
    decided = decided_by_model(result)
    return [
        "已改" if entry.corrected else "已核对" if entry.checked else "未看",
        last.who,
        moment(last.at),
        "/".join(path_of(decided)) if entry.category != decided else "",
        result.department if entry.department != result.department else "",
    ]


def _write_trail(
    out: Output, entries: Sequence[Entry], trails: Mapping[int, Sequence[Correction]]
) -> None:
    sheet = out.sheet(TRAIL, list(_TRAIL_HEADER), widths=_TRAIL_WIDTHS, wrap=["改前", "改后"])
    for line in _lines(entries, trails):
        sheet.append(line)


def _lines(
    entries: Sequence[Entry], trails: Mapping[int, Sequence[Correction]]
) -> Iterator[_Cells]:
    for entry in entries:
        for line in trails.get(entry.submission.id, ()):
            row = entry.submission.source_row or ""
            undone = f"（{line.why}）" if line.why in (UNDONE, RESTORED) else ""
            if line.target == "accepted":
                what = "核对无误" if line.value == YES else "撤回核对"
                yield [row, moment(line.at), line.who, what + undone, "", ""]
            else:
                before, value = ("/".join(path_of(x)) for x in (line.before, line.value))
                what = _TARGETS[line.target] + undone
                yield [row, moment(line.at), line.who, what, before, value]


def file_name(batch: Batch, *, plain: bool) -> str:
    """Return the name under which a batch goes back; it tells whether personal data is in it."""
    stem = batch.name.rpartition(".")[0] or batch.name
    if not stem:
        raise MinyiError("批次没有名称：请重新导入。")
    return f"{stem}_分类_{'含个人信息' if plain else '已遮盖'}.xlsx"
