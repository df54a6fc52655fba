"""Tables of the project's own corpus, written for a test and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

from small_corpus import corpus

HEADER = ("编号", "登记时间", "标题", "内容")
FIRST_ID = 511023199003070000  # eighteen digits, as on an identity card
Rows = list[list[str]]


def rows(n: int, *, longest: int = 10_000) -> Rows:
    """Return `n` different rows of the corpus, spread over its categories."""
    chosen = [e for e in corpus() if len(e.text) <= longest]
    step = max(1, len(chosen) // n)
    spread = (chosen[::step] * (n // len(chosen[::step]) + 1))[:n]
    return [
        [str(FIRST_ID + i), f"2026-03-{i % 28 + 1:02}", e.title, e.text]
        for i, e in enumerate(spread)
    ]


def vague_rows(n: int) -> Rows:
    """Return rows with the first few characters of a text only, most of them to be reviewed."""
    return [[number, day, "", text[:9]] for number, day, _, text in rows(n)]


def write_sheets(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # openpyxl would take =… for a formula
    book.save(path)
    return path


def write_workbook(path: Path, lines: Sequence[Sequence[object]]) -> Path:
    return write_sheets(path, {"Sheet1": [HEADER, *lines]})


def write_jsonl(path: Path, lines: Sequence[Sequence[str]]) -> Path:
    entries = (dict(zip(HEADER, line, strict=True)) for line in lines)
    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    path.write_text(text, "utf-8")
    return path


def read_sheets(path: Path) -> dict[str, list[list[object]]]:
    """Return every sheet's lines, header included; an empty cell is an empty text."""
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        return {
            sheet.title: [
                ["" if value is None else value for value in line]
                for line in sheet.iter_rows(values_only=True)
            ]
            for sheet in book.worksheets
        }
    finally:
        book.close()


def read_jsonl(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
