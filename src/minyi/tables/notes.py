"""Wording shared by all messages: where something is, which rows, which columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

MOST_ROWS = 5
_MOST_NAMES = 30
_LONGEST_NAME = 20


def where(path: Path, sheet: str = "") -> str:
    """Name a file, and its sheet if it has one, the way every message does."""
    return f"文件“{path}”" + (f"的工作表“{sheet}”" if sheet else "")


def row_list(rows: Sequence[int]) -> str:
    """Name up to five rows, as in ``第 3、8 行``."""
    shown = "、".join(map(str, rows[:MOST_ROWS]))
    return f"第 {shown} 行" + ("等" if len(rows) > MOST_ROWS else "")


def name_list(names: Iterable[str]) -> str:
    """Name the columns found; shortened, because a mistaken header may hold a citizen's words."""
    names = list(names)
    shown = "、".join(
        name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
        for name in names[:_MOST_NAMES]
    )
    return shown + (f"等共 {len(names)} 列" if len(names) > _MOST_NAMES else "")


class Notes:
    """Warnings about one sheet, gathered at opening and while its rows stream by.

    Reading the same rows twice adds nothing, so a table may be read again.
    """

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._rows: dict[tuple[str, int | None], list[int]] = {}

    def add(self, text: str) -> None:
        """Keep one warning about the whole sheet."""
        if text not in self._plain:
            self._plain.append(text)

    def mark(self, template: str, row: int, column: int | None = None) -> None:
        """Keep one row that `template` (with ``{rows}`` and perhaps ``{column}``) speaks about."""
        rows = self._rows.setdefault((template, column), [])
        if len(rows) <= MOST_ROWS and row not in rows:
            rows.append(row)

    def texts(self, place: str, header: Sequence[str]) -> tuple[str, ...]:
        """Word all warnings; `place` is prefixed and column numbers become names."""
        marked = (
            template.format(rows=row_list(rows), column="" if column is None else header[column])
            for (template, column), rows in self._rows.items()
        )
        return tuple(f"{place}：{text}" for text in (*self._plain, *marked))
