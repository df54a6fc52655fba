"""The workbook that goes back: original columns, results as corrected, and who corrected when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from minyi.desk.importing import ROLES, cells_of, tables_of
from minyi.desk.showing import moment, shown
from minyi.desk.state import path_of
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import MinyiError
from minyi.schema import COLUMNS, Result
from minyi.store import Store
from minyi.store.arrivals import SOURCE
from minyi.store.records import YES, Batch, Correction, Entry
from minyi.tables import open_output

_ALL, _TRAIL = "分类结果", "改正记录"
CHECKING = ("复核情况", "复核人", "复核时间", "原判类别", "原判部门")
_TRAIL_HEADER = ("行号", "时间", "经办人", "改了什么", "改前", "改后")
_TARGETS = {"category": "类别", "department": "主办部门", "kind": "类型", "urgent": "紧急"}
_WIDE = {"类别": 34.0, "备选类别": 36.0, "主办部门": 20.0, "关键词": 24.0, "复核原因": 26.0}
_Cells = list[Any]


def upload_of(store: Store, batch: Batch) -> Path | None:
    """Return the workbook that a batch came from, None when it is no longer there."""
    if not batch.source.startswith(SOURCE):
        return None
    folder = store.uploads / Path(batch.source.removeprefix(SOURCE)).name
    return next(iter(sorted(folder.glob("*"))), None) if folder.is_dir() else None


def write_batch(store: Store, batch_id: int, *, plain: bool) -> Path:
    """Write a batch as a workbook and return where it lies.

    Parameters
    ----------
    store : Store
    batch_id : int
    plain : bool
        Leave personal data as it was written.

    Raises
    ------
    MinyiError
        The batch is gone, or the file cannot be written.
    """
    batch = store.batches.get(batch_id)
    entries = sorted(
        store.submissions.page(batch_id, sort="row", limit=None).items,
        key=lambda entry: entry.submission.id,
    )
    header, rows = _original(store, batch, entries)
    results = [_free(name, header) for name in (*COLUMNS.values(), *CHECKING)]
    path = store.outputs / f"desk-{batch_id}.xlsx"
    trails = {
        e.submission.id: store.corrections.trail(e.submission.id) for e in entries if _seen(e)
    }
    with open_output(path, force=True) as out:
        widths = {**dict.fromkeys(header, 14.0), **{n: _WIDE.get(n, 12.0) for n in results}}
        text = _text_columns(store, batch, header)
        widths |= dict.fromkeys(text, 60.0)
        sheet = out.sheet(_ALL, [*header, *results], widths=widths, wrap=text)
        for cells, entry in zip(rows, entries, strict=True):
            told = _result(entry, trails.get(entry.submission.id, ()))
            sheet.append([*(shown(cell, plain=plain) for cell in cells), *told])
        lines = list(_lines(entries, trails))
        if lines:
            trail = out.sheet(_TRAIL, list(_TRAIL_HEADER), widths={"改前": 34.0, "改后": 34.0})
            for line in lines:
                trail.append(line)
    return path


def _seen(entry: Entry) -> bool:
    return entry.checked or entry.corrected


def _original(
    store: Store, batch: Batch, entries: Sequence[Entry]
) -> tuple[list[str], Iterator[list[str]]]:
    path = upload_of(store, batch)
    if path is None or any(entry.submission.is_purged for entry in entries):
        return list(ROLES.values()), (
            [getattr(entry.submission, role) for role in ROLES] for entry in entries
        )
    tables = tables_of(path, batch.columns)
    header = list(dict.fromkeys(name for table in tables for name in table.header))
    return header, _rows(path, batch, header)


def _rows(path: Path, batch: Batch, header: Sequence[str]) -> Iterator[list[str]]:
    position = {name: i for i, name in enumerate(header)}
    for table, _, cells in cells_of(path, batch.columns):
        row = [""] * len(header)
        for name, cell in zip(table.header, cells, strict=True):
            row[position[name]] = cell
        yield row


def _text_columns(store: Store, batch: Batch, header: Sequence[str]) -> list[str]:
    path = upload_of(store, batch)
    if path is None:
        return [ROLES["text"]] if ROLES["text"] in header else []
    found = {t.header[t.roles["text"]] for t in tables_of(path, batch.columns)}
    return [name for name in header if name in found]


def _result(entry: Entry, trail: Sequence[Correction]) -> _Cells:
    """Return the result columns as they hold now, and then `CHECKING`."""
    result = entry.result or Result(row_status="未分类", row_error="还没有分类")
    cells = _as_holds(result, entry).as_row()
    if not trail:
        return [*cells, "未看" if result.needs_review else "", "", "", "", ""]
    last = trail[-1]
    decided = result.category_code or result.category
    return [
        *cells,
        "已改" if entry.corrected else "已核对",
        last.who,
        moment(last.at),
        "/".join(path_of(decided)) if entry.category != decided else "",
        result.department if entry.department != result.department else "",
    ]


def _as_holds(result: Result, entry: Entry) -> Result:
    """Return a result with what people decided in place of what the model said."""
    changed: dict[str, Any] = {
        "department": entry.department,
        "kind": entry.kind,
        "urgent": entry.urgent,
        "needs_review": result.needs_review and not entry.checked,
    }
    if entry.category != (result.category_code or result.category):
        path = path_of(entry.category)
        levels = [*path, "", "", ""] if entry.category in load_taxonomy() else ["", "", ""]
        changed |= {
            "category_code": entry.category if entry.category in load_taxonomy() else "",
            "category": "/".join(path),
            "level1": levels[0],
            "level2": levels[1],
            "level3": levels[2],
        }
    return replace(result, **changed)


def _lines(
    entries: Sequence[Entry], trails: Mapping[int, Sequence[Correction]]
) -> Iterator[_Cells]:
    for entry in entries:
        for line in trails.get(entry.submission.id, ()):
            row = str(entry.submission.source_row or "")
            if line.target == "accepted":
                what = "核对无误" if line.value == YES else "撤回核对"
                yield [row, moment(line.at), line.who, what, "", ""]
            else:
                before, value = ("/".join(path_of(x)) for x in (line.before, line.value))
                yield [row, moment(line.at), line.who, _TARGETS[line.target], before, value]


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "（民意）"
    return name


def file_name(batch: Batch) -> str:
    """Return the name under which a batch goes back."""
    stem = batch.name.rpartition(".")[0] or batch.name
    if not stem:
        raise MinyiError("批次没有名称：请重新导入。")
    return f"{stem}_分类.xlsx"
