"""Files that are not grids: JSON lines, parquet, plain text and Word documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from minyi.errors import InputError
from minyi.tables.archive import damaged
from minyi.tables.cells import cell_text, is_blank
from minyi.tables.delimited import has_known_header, note_broken, read_delimited, text_sample
from minyi.tables.encoding import Encoding, detect_encoding, open_text, without_nul
from minyi.tables.notes import MOST_ROWS, Notes, row_list, where
from minyi.tables.roles import role_of
from minyi.tables.sheets import NumberedRow, Sheet

TEXT_NAME = "内容"


def read_jsonl(path: Path) -> Sheet:
    """Read one JSON object a line; the columns are all keys of the file in order of appearance.

    Raises
    ------
    InputError
        Some lines are not JSON objects.
    """
    encoding = detect_encoding(path)
    names: dict[str, None] = {}
    bad: list[int] = []
    for number, entry in _entries(path, encoding):
        if entry is None:
            bad.append(number)
        else:
            names.update(dict.fromkeys(entry))
        if len(bad) > MOST_ROWS:
            break
    if bad:
        raise InputError(
            f"{where(path)}应当每行一个 JSON 对象，{row_list(bad)}不是；"
            '请改成 {"内容": "…"} 的样子，一行一条。'
        )

    def rows() -> Iterator[NumberedRow]:
        for number, entry in _entries(path, encoding):
            cells = [cell_text((entry or {}).get(name)) for name in names]
            if not is_blank(cells):
                yield number, cells

    notes = Notes()
    note_broken(encoding, notes)
    return Sheet(path, "", rows, names=tuple(names), notes=notes)


def read_parquet(path: Path) -> Sheet:
    """Read a parquet file batch by batch.

    Raises
    ------
    InputError
        pyarrow is not installed, or the file is damaged.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError(
            f'读取{where(path)}需要 pyarrow；请运行 pip install "minyi[parquet]"，或另存为 .xlsx。'
        ) from error
    try:
        with ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
    except (ArrowException, OSError, ValueError) as error:
        raise damaged(path) from error

    def rows() -> Iterator[NumberedRow]:
        try:
            yield from _parquet_rows(path)
        except (ArrowException, OSError, ValueError) as error:
            raise damaged(path) from error

    return Sheet(path, "", rows, names=names)


def read_text(path: Path) -> Sheet:
    """Read plain text: a submission a line, or a paragraph if blank lines separate them.

    A text that begins with a delimited header of well-known names is read as a table.
    """
    encoding = detect_encoding(path)
    sample = text_sample(path, encoding)
    if has_known_header(sample):
        return read_delimited(path, encoding)
    by_paragraph = _has_paragraphs(sample)

    def rows() -> Iterator[NumberedRow]:
        with open_text(path, encoding, newline=None) as file:
            lines = enumerate((line.rstrip("\n") for line in without_nul(file)), 1)
            units = _paragraphs(lines) if by_paragraph else lines
            for number, text in units:
                if text.strip() and not (number == 1 and role_of(text) == "text"):
                    yield number, [text]

    notes = Notes()
    note_broken(encoding, notes)
    return Sheet(path, "", rows, names=(TEXT_NAME,), notes=notes)


def read_any_text(path: Path) -> Sheet:
    """Read a file that is text, in the way its extension tells."""
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        return read_jsonl(path)
    return read_text(path) if suffix in (".txt", ".docx") else read_delimited(path)


def _entries(path: Path, encoding: Encoding) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Parse line by line; None stands for a line that is not an object. Numbers stay as typed."""
    with open_text(path, encoding, newline="\n") as file:
        for number, line in enumerate(without_nul(file), 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
            except (ValueError, RecursionError):
                entry = None
            yield number, entry if isinstance(entry, dict) else None


def _parquet_rows(path: Path) -> Iterator[NumberedRow]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        batches = (batch.columns for batch in file.iter_batches(batch_size=2000))
        columns = ([column.to_pylist() for column in batch] for batch in batches)
        values = chain.from_iterable(zip(*batch, strict=True) for batch in columns)
        for number, row in enumerate(values, 1):
            cells = [cell_text(value) for value in row]
            if not is_blank(cells):
                yield number, cells


def _has_paragraphs(sample: str) -> bool:
    """Tell whether blank lines separate the submissions, at most about eight lines each."""
    blank = [not line.strip() for line in sample.splitlines()]
    groups = sum(1 for is_gap, _ in groupby(blank) if not is_gap)
    return groups >= max(2, blank.count(False) / 8)


def _paragraphs(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for is_gap, group in groupby(lines, key=lambda line: not line[1].strip()):
        if not is_gap:
            numbers, texts = zip(*group, strict=True)
            yield numbers[0], "\n".join(texts)
