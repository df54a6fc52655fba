"""Delimited text: .csv, .tsv and whatever exports call by those names."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from minyi.errors import InputError
from minyi.tables.cells import is_blank
from minyi.tables.encoding import Encoding, detect_encoding, open_text, without_nul
from minyi.tables.notes import Notes, where
from minyi.tables.roles import known_names
from minyi.tables.sheets import NumberedRow, Sheet

DELIMITERS = (",", "\t", ";", "|")
# Stands for "no delimiter": a control character that text does not hold.
NO_DELIMITER = "\x1f"

_LONGEST_CELL = 64 * 1024**2
_SAMPLE = 256 * 1024
_SAMPLE_ROWS = 100
_TALL_CELL = 200
_REPLACED = "有 {broken} 处字节无法识别，已用“\ufffd”代替；其余文字不受影响"
_UNPAIRED = "{rows}有一个单元格跨了很多行，可能是引号没有配对，请核对"


def read_delimited(path: Path, encoding: Encoding | None = None) -> Sheet:
    """Read a delimited text file, one record at a time.

    Parameters
    ----------
    path : Path
        The file. Its encoding and delimiter (comma, tab, semicolon or vertical bar) are found out;
        without a consistent delimiter every record is one cell.
    encoding : Encoding, optional
        Known already.
    """
    encoding = encoding or detect_encoding(path)
    delimiter = find_delimiter(text_sample(path, encoding)) or NO_DELIMITER
    notes = Notes()
    note_broken(encoding, notes)

    def rows() -> Iterator[NumberedRow]:
        return _rows(path, encoding, delimiter, notes)

    glue = "" if delimiter == NO_DELIMITER else delimiter
    return Sheet(path, "", rows, glue=glue, notes=notes)


def note_broken(encoding: Encoding, notes: Notes) -> None:
    """Warn about bytes that no encoding could make sense of."""
    if encoding.broken:
        notes.add(_REPLACED.format(broken=encoding.broken))


def text_sample(path: Path, encoding: Encoding) -> str:
    """Read the beginning of a text file, up to the end of a line."""
    with open_text(path, encoding) as file:
        sample = file.read(_SAMPLE).replace("\0", "")
    return sample if len(sample) < _SAMPLE else sample[: sample.rfind("\n") + 1] or sample


def find_delimiter(sample: str) -> str:
    """Find the delimiter that splits most records into the same number of cells, or ``""``."""
    scores = {delimiter: _consistency(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] else ""


def has_known_header(sample: str) -> bool:
    """Tell whether a text begins with a delimited header of well-known column names."""
    return any(_has_header(_parsed(sample, delimiter)) for delimiter in DELIMITERS)


def _consistency(sample: str, delimiter: str) -> float:
    rows = _parsed(sample, delimiter)
    if not rows:
        return 0.0
    cells, times = Counter(map(len, rows)).most_common(1)[0]
    share = times / len(rows)
    if _has_header(rows):
        return 100.0 + share
    return share * min(cells, 10) if cells > 1 and share >= 0.5 else 0.0


def _has_header(rows: list[list[str]]) -> bool:
    return any(known_names(row) >= 2 for row in rows[:20])


def _parsed(sample: str, delimiter: str) -> list[list[str]]:
    _allow_long_cells()
    lines = sample.splitlines(keepends=True)
    rows = (row for row in csv.reader(lines, delimiter=delimiter) if not is_blank(row))
    try:
        return list(islice(rows, _SAMPLE_ROWS))
    except csv.Error:
        return []


def _rows(path: Path, encoding: Encoding, delimiter: str, notes: Notes) -> Iterator[NumberedRow]:
    _allow_long_cells()
    with open_text(path, encoding) as file:
        reader = csv.reader(without_nul(file), delimiter=delimiter)
        number = lines = 0
        try:
            for number, row in enumerate(reader, 1):
                if reader.line_num - lines > _TALL_CELL:
                    notes.mark(_UNPAIRED, number)
                lines = reader.line_num
                if not is_blank(row):
                    yield number, row
        except csv.Error as error:
            raise _endless_cell(path, number + 1) from error


def _allow_long_cells() -> None:
    """Raise the limit of 128 KB a cell, which the csv module keeps for the whole process."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))


def _endless_cell(path: Path, row: int) -> InputError:
    return InputError(
        f"{where(path)}第 {row} 行有一个单元格超过 {_LONGEST_CELL // 1024**2} MB，"
        "多半是引号没有配对；请补上缺少的引号，或用 Excel 另存为 .xlsx。"
    )
