"""A table whose columns are understood: its roles, and its rows in chunks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from minyi.errors import InputError
from minyi.tables.asides import Finder, told_apart
from minyi.tables.header import clean_name
from minyi.tables.merging import filled_down
from minyi.tables.notes import name_list
from minyi.tables.roles import How
from minyi.tables.sheets import NumberedRow, Sheet

_TOO_WIDE = "{rows}比表头多出几格，多出的内容已并入最后一列，请核对分隔符"
_ASIDE = "{rows}像是合计、备注或标题，没有当作意见，请核对"


class UnusableError(InputError):
    """One sheet holds no table that can be used; other sheets may."""


@dataclass(frozen=True)
class Rows:
    """A chunk of a table.

    Attributes
    ----------
    numbers : list of int
        Row numbers in the file as the clerk sees them, from 1.
    cells : list of list of str
        The rows, each exactly as long as the table's header.
    asides : set of int
        Numbers of rows that look like a title, a total or a note; see `minyi.tables.asides`.
    """

    numbers: list[int]
    cells: list[list[str]]
    asides: Collection[int] = frozenset()


@dataclass(frozen=True)
class Table:
    """A sheet whose header and roles are known; its rows are read when asked for.

    Attributes
    ----------
    path : Path
        The file.
    sheet : str
        The sheet's name, ``""`` in a file without sheets.
    header : tuple of str
        Unique names on one line each.
    roles : mapping of str to int
        Role (see `ROLES`) → column from 0, only those found.
    how : mapping of str to str
        Role → ``"name"``, ``"content"`` or ``"chosen"``: how its column was found.
    """

    path: Path
    sheet: str
    header: tuple[str, ...]
    roles: Mapping[str, int]
    how: Mapping[str, How]
    _source: Sheet = field(repr=False, compare=False)
    _header_row: int = field(repr=False, compare=False)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings for the clerk; complete once all chunks have been read."""
        return self._source.notes.texts(self._source.where, self.header)

    def column(self, name: str) -> int:
        """Give the column of a name, from 0.

        Raises
        ------
        InputError
            There is no such column; the message names the nearest one and all others.
        """
        return column_of(self._source, self.header, name)

    def decided(self, columns: Mapping[str, str]) -> Table:
        """Give this table with roles that a person has decided on.

        Parameters
        ----------
        columns : mapping of str to str
            Role → name of its column; ``""`` for none, and so is a name that is not there.
        """
        chosen = {r: self.header.index(name) for r, name in columns.items() if name in self.header}
        kept = {
            role: column
            for role, column in self.roles.items()
            if role not in columns and column not in chosen.values()
        }
        how: dict[str, How] = {role: self.how[role] for role in kept}
        return replace(self, roles=kept | chosen, how=how | dict.fromkeys(chosen, "chosen"))

    def chunks(self, size: int = 2000) -> Iterator[Rows]:
        """Read the rows from the first, at most `size` at a time; may be called again."""
        rows = told_apart(self._filled(), self._finder())
        while part := list(islice(rows, size)):
            asides = frozenset(number for number, _, is_aside in part if is_aside)
            for number in sorted(asides):
                self._source.notes.mark(_ASIDE, number)
            yield Rows([row[0] for row in part], [row[1] for row in part], asides)

    def _filled(self) -> Iterator[NumberedRow]:
        """Read the rows, merged cells filled down."""
        first = self._header_row + 1
        left_out = [self.roles[role] for role in ("text", "title") if role in self.roles]
        merged = [cell for cell in self._source.merged() if cell.top >= first]
        fitted = (
            (number, self._fit(number, cells))
            for number, cells in self._source.rows()
            if number >= first
        )
        return filled_down(fitted, merged, left_out) if merged else fitted

    def _finder(self) -> Finder:
        return Finder(self.roles.get("text"), len(self.header), self._source.headings)

    def _fit(self, number: int, cells: list[str]) -> list[str]:
        width = len(self.header)
        if len(cells) <= width:
            return cells + [""] * (width - len(cells))
        if any(cell.strip() for cell in cells[width:]):
            self._source.notes.mark(_TOO_WIDE, number)
            return [*cells[: width - 1], self._source.glue.join(cells[width - 1 :])]
        return cells[:width]


def column_of(source: Sheet, header: Sequence[str], name: str) -> int:
    """Give the column of a name; the message of the error names the nearest and all others."""
    wanted = clean_name(name)
    if wanted in header:
        return header.index(wanted)
    from difflib import get_close_matches

    near = get_close_matches(wanted, header, n=1, cutoff=0.4)
    hint = f"是不是“{near[0]}”？" if near else ""
    raise UnusableError(f"{source.where}没有列“{name}”；{hint}找到的列：{name_list(header)}。")
