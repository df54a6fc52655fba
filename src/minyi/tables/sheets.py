"""What every reader hands over: one sheet of rows of text, read as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from minyi.tables.notes import Notes, where

NumberedRow: TypeAlias = tuple[int, list[str]]


class Merged(NamedTuple):
    """A merged cell: its first and last row (from 1) and column (from 0)."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """One sheet, text file or document table before its header is understood.

    Attributes
    ----------
    path : Path
        The file.
    name : str
        The sheet's name, ``""`` in a file without sheets.
    rows : callable
        Starts a new pass: row number as the clerk sees it (from 1) and its cells, of any length.
        Rows that are wholly blank are left out.
    names : tuple of str
        Column names the format itself supplies; empty if a header row has to be looked for.
    bound : callable or None
        Gives an upper bound of the columns; None if it cannot be known before the last row.
    glue : str
        Put between surplus cells when they are joined to the last column.
    hidden : bool
        The sheet is hidden in the workbook.
    merged : callable
        Gives the merged cells of more than one row, in the order of their first rows.
    headings : frozenset of int
        Numbers of rows that the format itself calls headings.
    notes : Notes
        Warnings.
    """

    path: Path
    name: str
    rows: Callable[[], Iterator[NumberedRow]]
    names: tuple[str, ...] = ()
    bound: Callable[[], int] | None = None
    glue: str = " "
    hidden: bool = False
    merged: Callable[[], Sequence[Merged]] = tuple
    headings: frozenset[int] = frozenset()
    notes: Notes = field(default_factory=Notes)

    @property
    def where(self) -> str:
        """The file and sheet as messages name them."""
        return where(self.path, self.name)
