"""Check an .xls before the parser sees it: a damaged one can make it ask for endless memory.

The container is Microsoft's compound file ([MS-CFB]), the workbook stream a list of records
([MS-XLS]). Nothing is interpreted beyond what bounds the parser's memory.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from pathlib import Path

from minyi.tables.archive import damaged
from minyi.tables.inputs import locked

_LAST_SECTOR = 0xFFFFFFFA
_STREAMS = ("Workbook", "Book", "WORKBOOK", "BOOK")
# Records that hold a cell begin with its row and column; MULRK and MULBLANK end with a column.
_CELLS = frozenset({0x0006, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, 0x00D6})
_CELL_RUNS = frozenset({0x00BD, 0x00BE})
_STRINGS = 0x00FC
_PASSWORD = 0x002F
_MOST_COLUMNS = 256


class _DamagedError(Exception):
    """The file contradicts itself."""


def check_compound(path: Path) -> None:
    """Make sure the chains of an .xls end and its cells and strings fit the format.

    Raises
    ------
    InputError
        The file is damaged or asks for a password.
    """
    try:
        for stream in _workbook_streams(path.read_bytes()):
            _check_records(path, stream)
    except (_DamagedError, struct.error, IndexError, ValueError) as error:
        raise damaged(path) from error


def _workbook_streams(data: bytes) -> Iterator[bytes]:
    """Read the workbook streams, following every chain the parser will follow."""
    shift, mini_shift = struct.unpack_from("<2H", data, 30)
    directory_start, cutoff, mini_start = struct.unpack_from("<I4xII", data, 48)
    if shift not in (9, 12) or mini_shift != 6:
        raise _DamagedError
    table = _sector_table(data, shift)
    directory = _joined(data, table, directory_start, shift, 1)
    mini_table = _numbers(_joined(data, table, mini_start, shift, 1))
    mini_data = b""
    for name, start, size in _entries(directory):
        if name == "Root Entry":
            mini_data = _joined(data, table, start, shift, 1)
        elif name in _STREAMS and size >= cutoff:
            yield _joined(data, table, start, shift, 1)[:size]
        elif name in _STREAMS:
            yield _joined(mini_data, mini_table, start, mini_shift, 0)[:size]


def _sector_table(data: bytes, shift: int) -> array[int]:
    """Read the table that names each sector's successor."""
    where = _numbers(data[76:512])
    following, rest = struct.unpack_from("<2I", data, 68)
    while following < _LAST_SECTOR and rest:
        block = _numbers(_sector(data, following, shift, 1))
        where.extend(block[:-1])
        following, rest = block[-1], rest - 1
        if len(where) > len(data):
            raise _DamagedError
    used = (number for number in where if number < _LAST_SECTOR)
    return _numbers(b"".join(_sector(data, number, shift, 1) for number in used))


def _joined(data: bytes, table: array[int], start: int, shift: int, skip: int) -> bytes:
    """Follow one chain of sectors; one that is longer than its table runs in a circle."""
    pieces: list[bytes] = []
    while start < _LAST_SECTOR:
        if len(pieces) > len(table):
            raise _DamagedError
        pieces.append(_sector(data, start, shift, skip))
        start = table[start]
    return b"".join(pieces)


def _sector(data: bytes, number: int, shift: int, skip: int) -> bytes:
    return data[(number + skip) << shift : (number + skip + 1) << shift]


def _numbers(data: bytes) -> array[int]:
    return array("I", struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _entries(directory: bytes) -> Iterator[tuple[str, int, int]]:
    """List the directory: name, first sector, size in bytes."""
    for place in range(0, len(directory) - 127, 128):
        length = min(64, *struct.unpack_from("<H", directory, place + 64))
        name = directory[place : place + max(0, length - 2)].decode("utf-16-le", "replace")
        yield name, *struct.unpack_from("<2I", directory, place + 116)


def _check_records(path: Path, stream: bytes) -> None:
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, place)
        body = place + 4
        if kind == _PASSWORD:  # all that follows is scrambled
            raise locked(path)
        if kind in _CELLS or kind in _CELL_RUNS:
            _check_column(stream, body + 2)
        if kind in _CELL_RUNS:
            _check_column(stream, body + length - 2)
        if kind == _STRINGS and struct.unpack_from("<I", stream, body + 4)[0] > len(stream):
            raise _DamagedError
        place = body + length


def _check_column(stream: bytes, place: int) -> None:
    if struct.unpack_from("<H", stream, place)[0] >= _MOST_COLUMNS:
        raise _DamagedError
