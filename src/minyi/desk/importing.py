"""From an uploaded workbook to classified submissions in the store; nothing here draws."""

from __future__ import annotations

import filecmp
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from minyi.batch import aside
from minyi.errors import InputError
from minyi.resultbook import ADDED_SHEETS
from minyi.service.work import safe_name
from minyi.store import Store
from minyi.store.arrivals import SOURCE
from minyi.store.records import Batch, NewSubmission
from minyi.tables import Table, Tables, open_tables
from minyi.text.cleaning import clean

ROLES = {"text": "意见正文", "title": "标题", "time": "时间", "place": "地点"}
_CHUNK = 500
_PREVIEW = 4
_MOST_ROWS = 200_000
_MOST_LOOKED_AT = 100  # batches, the newest


@dataclass(frozen=True)
class Seen:
    """A sheet of an upload that has rows.

    Attributes
    ----------
    sheet : str
        Its name, ``""`` in a file without sheets.
    roles : mapping of str to str
        Role to header; without ``text`` it will not be read.
    sample : list of list of str
        The first rows.
    """

    sheet: str
    header: tuple[str, ...]
    roles: Mapping[str, str]
    sample: list[list[str]]
    n_rows: int

    @property
    def is_read(self) -> bool:
        """Whether it has a text column."""
        return "text" in self.roles


@dataclass(frozen=True)
class Upload:
    """A file on its way in.

    Attributes
    ----------
    token : str
        The name of its folder among the uploads.
    sheets : tuple of Seen
    chosen : mapping of str to str
        `key` to header, ``""`` for none: what the clerk decided.
    notes : tuple of str
        What was left out, and why.
    """

    path: Path
    token: str
    sheets: tuple[Seen, ...]
    chosen: Mapping[str, str]
    notes: tuple[str, ...] = field(default=())

    @property
    def n_rows(self) -> int:
        """How many rows will be read."""
        return sum(sheet.n_rows for sheet in self.sheets if sheet.is_read)


def key(role: str, sheet: str) -> str:
    """Return the key of a choice for one sheet; a role alone is for all sheets."""
    return f"{role}:{sheet}" if sheet else role


def place_for(store: Store, name: str) -> Path:
    """Return where an upload is to be written, under the name that people know."""
    folder = store.arrivals.begin(f"desk-{secrets.token_hex(8)}")
    folder.mkdir(mode=0o700)
    return folder / safe_name(name)


def discard(store: Store, path: Path) -> None:
    """Remove an upload."""
    store.arrivals.drop(path.parent)


def look(path: Path, chosen: Mapping[str, str] | None = None) -> Upload:
    """Recognise the columns of an upload; a sheet whose text is not recognised comes without.

    Raises
    ------
    InputError
        It cannot be read, no sheet has rows, or there are too many.
    """
    chosen = dict(chosen or {})
    try:
        tables = _decided(path, chosen)
    except InputError as error:
        raise InputError(for_pages(str(error), path)) from None
    sheets = tuple(map(_seen, tables))  # after which all warnings are known
    notes = [*tables.skipped, *(note for table in tables for note in table.warnings)]
    upload = Upload(
        path=path,
        token=path.parent.name,
        sheets=sheets,
        chosen=chosen,
        notes=tuple(for_pages(note, path) for note in notes),
    )
    if upload.n_rows > _MOST_ROWS:
        raise InputError(
            f"一次至多 {_MOST_ROWS} 行，这个文件有 {upload.n_rows} 行：请分成几个文件。"
        )
    return upload


def _seen(table: Table) -> Seen:
    return Seen(
        sheet=table.sheet,
        header=table.header,
        roles={role: table.header[column] for role, column in table.roles.items()},
        sample=next(table.chunks(_PREVIEW)).cells,
        n_rows=sum(len(rows.cells) for rows in table.chunks(5000)),
    )


def for_pages(message: str, path: Path) -> str:
    """Leave out where we keep the file, and what only the command line has."""
    message = message.replace(str(path), path.name)
    return message.replace("请用 --sheet 指定它", "请先在 Excel 里取消隐藏")


def _decided(path: Path, chosen: Mapping[str, str]) -> Tables:
    """Open all sheets that have rows, with the roles that were recognised or chosen."""
    tables = open_tables([path], undecided=True)
    own = [table for table in tables if table.sheet not in ADDED_SHEETS] or tables
    decided = Tables(table.decided(_choices(chosen, table.sheet)) for table in own)
    decided.skipped = tables.skipped
    return decided


def _choices(chosen: Mapping[str, str], sheet: str) -> dict[str, str]:
    choices = {role: chosen.get(key(role, sheet), chosen.get(role)) for role in ROLES}
    return {role: name for role, name in choices.items() if name is not None}


def tables_of(path: Path, chosen: Mapping[str, str]) -> Tables:
    """Open the sheets that were, or are to be, read.

    Raises
    ------
    InputError
        The file cannot be read, or no sheet has a text column.
    """
    decided = _decided(path, chosen)
    tables = Tables(table for table in decided if "text" in table.roles)
    if not tables:
        raise InputError(f"“{path.name}”还没有选出{ROLES['text']}列：请选出写有意见的那一列。")
    tables.skipped = decided.skipped
    return tables


class Line(NamedTuple):
    """A row of an upload; `is_aside` if it looks like a total, a note or a title."""

    table: Table
    number: int
    cells: list[str]
    is_aside: bool


def lines_of(tables: Tables) -> Iterator[Line]:
    """Yield all rows in the order in which they are kept."""
    for table in tables:
        for rows in table.chunks():
            for number, cells in zip(rows.numbers, rows.cells, strict=True):
                yield Line(table, number, cells, number in rows.asides)


def upload_of(store: Store, batch: Batch) -> Path | None:
    """Return the workbook that a batch came from, None when it is no longer there."""
    if not batch.source.startswith(SOURCE):
        return None
    folder = store.uploads / Path(batch.source.removeprefix(SOURCE)).name
    return next(iter(sorted(folder.glob("*"))), None) if folder.is_dir() else None


def imported_before(store: Store, upload: Upload) -> Batch | None:
    """Return the newest batch that came from the same workbook, None if there is none.

    The same is what has the same content; where that is gone, the same name and as many rows.
    """
    for batch in store.batches.list(_MOST_LOOKED_AT).items:
        path = upload_of(store, batch)
        if path is not None and path != upload.path and _same(path, upload.path):
            return batch
        if batch.name == upload.path.name and batch.n_submissions == upload.n_rows > 0:
            return batch
    return None


def _same(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:  # removed this moment
        return False


def keep(store: Store, upload: Upload, who: str) -> Batch:
    """Put all rows into the store, as one batch, or none; an upload becomes one batch only."""
    source = SOURCE + upload.token
    if known := _batch_of(store, source):
        return known
    # Read before anything is written: meanwhile nobody else could write.
    rows = lines_of(tables_of(upload.path, upload.chosen))
    new: list[NewSubmission] = []
    asides: list[int] = []
    while part := list(islice(rows, _CHUNK)):
        asides += [len(new) + i for i, line in enumerate(part) if line.is_aside]
        new += _new(part)
    with store.together():
        if known := _batch_of(store, source):
            return known
        batch = store.batches.add(upload.path.name, source, {**upload.chosen}, created_by=who)
        numbers = store.submissions.add(batch.id, new)
        if asides:
            store.results.save(batch.id, None, [(numbers[i], aside()) for i in asides])
    store.arrivals.end(upload.path.parent)
    return batch


def _batch_of(store: Store, source: str) -> Batch | None:
    listed = store.batches.list(_MOST_LOOKED_AT).items
    return next((batch for batch in listed if batch.source == source), None)


def _new(part: Sequence[Line]) -> list[NewSubmission]:
    fields = [_fields(line.table, line.cells) for line in part]
    cleaned = clean([found["text"] for found in fields])
    return [
        NewSubmission(source_row=line.number, clean_text=text, **found)
        for line, found, text in zip(part, fields, cleaned, strict=True)
    ]


def _fields(table: Table, cells: Sequence[str]) -> dict[str, str]:
    return {role: str(cells[table.roles[role]]) if role in table.roles else "" for role in ROLES}
