"""Result files of one table: .csv, .tsv, .jsonl and .parquet."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minyi.errors import OutputError
from minyi.tables.cells import cell_text
from minyi.tables.header import unique_names

if TYPE_CHECKING:
    import pyarrow

# What Excel may run when it stands first in a cell, full-width forms included.
RISKY_FIRST = frozenset("=+-@\t\r＝＋－＠")

_PLAIN_NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?%?")
_NOT_CHARACTERS = re.compile("[\ud800-\udfff\ufffe\uffff]")
_BATCH = 2000


def legal_text(text: str) -> str:
    """Replace what is no character in any file: lone surrogates and U+FFFE, U+FFFF."""
    return text if text.isprintable() else _NOT_CHARACTERS.sub("\ufffd", text)


def plain_value(value: object) -> str | float | None:
    """Bring a value to what files can hold; NaN and infinities become None."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return legal_text(str(value))


class CsvFile:
    """Comma- or tab-separated text that Chinese Excel opens right: UTF-8 with its mark.

    A cell that a spreadsheet might run as a formula gets a leading apostrophe; plain numbers
    such as -5 stay as they are. NUL characters are dropped.
    """

    many_sheets = False
    cut_cells = 0

    def __init__(self, folder: Path, suffix: str) -> None:
        self._path = folder / "table"
        self._file = self._path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter="\t" if suffix == ".tsv" else ",")

    def sheet(
        self,
        name: str,
        header: Sequence[str],
        widths: Mapping[str, float],
        wrap: Collection[str],
        freeze: bool,
    ) -> CsvFile:
        """Begin the only table."""
        self.write(header)
        return self

    def write(self, row: Sequence[object]) -> None:
        """Write one row."""
        self._writer.writerow([_csv_cell(value) for value in row])

    def finish(self) -> Path:
        """Close the file and say where it is."""
        self._file.close()
        return self._path

    def abandon(self) -> None:
        """Let go of the file."""
        self._file.close()


class JsonLinesFile:
    """One JSON object a line, keyed by the header."""

    many_sheets = False
    cut_cells = 0

    def __init__(self, folder: Path, suffix: str) -> None:
        self._path = folder / "table"
        self._file = self._path.open("w", encoding="utf-8", newline="\n")
        self._names: tuple[str, ...] = ()

    def sheet(
        self,
        name: str,
        header: Sequence[str],
        widths: Mapping[str, float],
        wrap: Collection[str],
        freeze: bool,
    ) -> JsonLinesFile:
        """Begin the only table."""
        self._names = unique_names([legal_text(column) for column in header])
        return self

    def write(self, row: Sequence[object]) -> None:
        """Write one row."""
        entry = dict(zip(self._names, map(plain_value, row), strict=True))
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def finish(self) -> Path:
        """Close the file and say where it is."""
        self._file.close()
        return self._path

    def abandon(self) -> None:
        """Let go of the file."""
        self._file.close()


class ParquetFile:
    """A parquet file; a column's type follows from all its values.

    The rows wait in a scratch file of JSON lines, because only the last one settles the types.
    """

    many_sheets = False
    cut_cells = 0

    def __init__(self, folder: Path, suffix: str) -> None:
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            raise OutputError(
                '写 .parquet 文件需要 pyarrow；请运行 pip install "minyi[parquet]"，或改用 .xlsx。'
            ) from error
        self._path = folder / "table"
        self._waiting = (folder / "rows").open("w+", encoding="utf-8", newline="\n")
        self._names: tuple[str, ...] = ()
        self._types: list[set[type]] = []

    def sheet(
        self,
        name: str,
        header: Sequence[str],
        widths: Mapping[str, float],
        wrap: Collection[str],
        freeze: bool,
    ) -> ParquetFile:
        """Begin the only table."""
        self._names = unique_names([legal_text(column) for column in header])
        self._types = [set() for _ in header]
        return self

    def write(self, row: Sequence[object]) -> None:
        """Write one row."""
        values = [plain_value(value) for value in row]
        for types, value in zip(self._types, values, strict=True):
            if value is not None:
                types.add(_column_type(value))
        self._waiting.write(json.dumps(values) + "\n")

    def finish(self) -> Path:
        """Write the rows batch by batch and say where the file is."""
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        kinds = [_common_type(types) for types in self._types]
        schema = pyarrow.schema(
            [(name, _arrow_type(kind)) for name, kind in zip(self._names, kinds, strict=True)]
        )
        self._waiting.seek(0)
        with ParquetWriter(self._path, schema) as writer:
            for rows in _batches(self._waiting):
                columns = [
                    [None if value is None else _converted(value, kind) for value in column]
                    for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)
                ]
                writer.write_batch(pyarrow.record_batch(columns, schema=schema))
        self._waiting.close()
        return self._path

    def abandon(self) -> None:
        """Let go of the scratch file."""
        self._waiting.close()


def _csv_cell(value: object) -> object:
    value = plain_value(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    if text[:1] in RISKY_FIRST and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _batches(lines: Iterator[str]) -> Iterator[list[list[Any]]]:
    while batch := [json.loads(line) for line in islice(lines, _BATCH)]:
        yield batch


def _column_type(value: str | float) -> type:
    if type(value) is int and not -(2**63) <= value < 2**63:
        return str
    return next(kind for kind in (bool, int, float, str) if isinstance(value, kind))


def _common_type(types: set[type]) -> type:
    if len(types) == 1:
        return next(iter(types))
    return float if types == {int, float} else str


def _converted(value: object, kind: type) -> object:
    return cell_text(value) if kind is str else kind(value)


def _arrow_type(kind: type) -> pyarrow.DataType:
    import pyarrow

    return {
        bool: pyarrow.bool_(),
        int: pyarrow.int64(),
        float: pyarrow.float64(),
        str: pyarrow.string(),
    }[kind]
