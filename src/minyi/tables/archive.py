"""Office files are zip archives: look inside safely before a parser does."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias
from zipfile import BadZipFile, ZipFile

from minyi.errors import InputError
from minyi.tables.notes import where

# A real workbook expands 5 to 20 times; 511 KB of zeros were seen to become 530 MB.
MOST_BYTES = 2 * 1024**3
_SUSPECT_BYTES = 64 * 1024**2
_SUSPECT_RATIO = 200
# The parser lays a sheet out as a full rectangle of 32-byte cells.
MOST_CELLS = 50_000_000

_BLOCK = 4 * 1024**2
_TAIL = 64 * 1024
_READ_PARTS = re.compile(r"xl/(worksheets/[^/]+\.xml|sharedStrings\.xml)|word/document\.xml")
# A cell with something in it; one that is only formatted closes itself.
_FILLED_CELL = re.compile(rb' r="[A-Z]+(\d+)"(?:[^>]*[^/>])?>')
_WIDE_CELL = re.compile(rb' r="([A-Z]{2,3})\d+"(?:[^>]*[^/>])?>')
_ERROR_CELL = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"[^>]*>'
    rb"(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]*)</v>"
)

Errors: TypeAlias = dict[int, dict[int, str]]


def member_names(path: Path) -> frozenset[str]:
    """List the parts of an archive.

    Raises
    ------
    InputError
        The archive is damaged.
    """
    try:
        with ZipFile(path) as archive:
            return frozenset(archive.namelist())
    except (BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> InputError:
    """Word the refusal of a file that breaks off or does not add up."""
    return InputError(
        f"{where(path)}已损坏或不完整，无法打开；"
        "请重新下载或复制一份，或用 Excel、WPS 修复后另存为 .xlsx。"
    )


def check_archive(path: Path) -> dict[str, Errors]:
    """Make sure an archive is whole and does not expand beyond reason.

    Parameters
    ----------
    path : Path
        An .xlsx or .docx file.

    Returns
    -------
    dict
        For every worksheet part: row → column (both from 0) → error text such as ``#N/A``, which
        the workbook parser would drop.

    Raises
    ------
    InputError
        The archive is damaged, is a zip bomb, or spreads few cells over too wide a sheet.
    """
    try:
        with ZipFile(path) as archive:
            _check_size(path, archive)
            parts = [name for name in archive.namelist() if _READ_PARTS.fullmatch(name)]
            return {name: _survey(path, archive, name) for name in parts}
    except (BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError) as error:
        raise damaged(path) from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise InputError(f"{where(path)}有密码；请去掉密码后再试。") from error


def sheet_parts(path: Path) -> dict[str, str]:
    """Map each sheet's name to the archive part that holds it."""
    from xml.etree import ElementTree

    with ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    return {
        sheet.get("name", ""): _part_name(targets.get(_relation(sheet.attrib), ""))
        for sheet in book.iterfind("{*}sheets/{*}sheet")
    }


def column_index(letters: str) -> int:
    """Count a column's letters from 0: A → 0, AA → 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _relation(attributes: dict[str, str]) -> str:
    return next((value for key, value in attributes.items() if key.endswith("}id")), "")


def _part_name(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _check_size(path: Path, archive: ZipFile) -> None:
    packed = sum(info.compress_size for info in archive.infolist()) or 1
    expanded = sum(info.file_size for info in archive.infolist())
    too_dense = expanded > _SUSPECT_BYTES and expanded / packed > _SUSPECT_RATIO
    if expanded > MOST_BYTES or too_dense:
        raise InputError(
            f"{where(path)}展开后有 {expanded / 1024**2:.0f} MB，是压缩前的 "
            f"{expanded / packed:.0f} 倍，大得不正常，为安全起见没有打开；"
            "请把有内容的部分复制到新的工作簿，或另存为 .csv。"
        )


def _survey(path: Path, archive: ZipFile, part: str) -> Errors:
    """Read one part to its end, which also checks its checksum."""
    errors: Errors = {}
    last_row = last_column = 0
    for block in _blocks(archive, part):
        for letters in set(_WIDE_CELL.findall(block)):
            last_column = max(last_column, column_index(letters.decode()))
        if last_column:
            last_row = max(last_row, _last_row(block))
        if b't="e"' in block:
            _collect_errors(block, errors)
    if last_row * (last_column + 1) > MOST_CELLS:
        raise InputError(
            f"{where(path)}里有一张表的内容散得太开（{last_row} 行 × {last_column + 1} 列），"
            "读入会耗尽内存；请删除远处的零星单元格，或把有内容的部分复制到新的工作簿。"
        )
    return errors


def _last_row(block: bytes) -> int:
    """Find the row of a block's last filled cell, which nearly always stands at its very end."""
    rows = _FILLED_CELL.findall(block, max(0, len(block) - _TAIL)) or _FILLED_CELL.findall(block)
    return int(rows[-1]) if rows else 0


def _blocks(archive: ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part in blocks that end where a cell ends."""
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            block = rest + block
            end = block.rfind(b"</c>") + 4 if b"</c>" in block else len(block)
            rest = block[end:]
            yield block[:end]
    yield rest


def _collect_errors(block: bytes, errors: Errors) -> None:
    for letters, row, text in _ERROR_CELL.findall(block):
        errors.setdefault(int(row) - 1, {})[column_index(letters.decode())] = text.decode()
