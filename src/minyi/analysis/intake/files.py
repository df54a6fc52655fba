"""Spreadsheets as cells, a column a role, sheet after sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from minyi.analysis.intake.columns import ROLES, SAMPLE_ROWS, find_columns
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from minyi.tables import Table, Tables


def open_files(paths: Sequence[Path], columns: Mapping[str, str], sheet: str | None) -> Tables:
    """Open the tables of the submissions; those that Minyi has written beside them are left out.

    Raises
    ------
    InputError
        A file cannot be read, no sheet can be used, or a role or column does not exist.
    """
    from minyi.batch import without_own_sheets
    from minyi.tables import ROLES as TABLE_ROLES
    from minyi.tables import open_tables

    if unknown := sorted(columns.keys() - ROLES.keys()):
        raise InputError(f"没有“{unknown[0]}”这种列；可以指定的是 {'、'.join(ROLES)}。")
    known = {role: name for role, name in columns.items() if name and role in TABLE_ROLES}
    further = [name for role, name in columns.items() if name and role not in TABLE_ROLES]
    return without_own_sheets(open_tables(paths, known, sheet=sheet, extra=further))


def read_table(table: Table, columns: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the cells of a table with their ``source`` and ``row``, and the columns' names.

    Totals and notes below the table are no submissions; the warnings of the table tell of them.
    """
    import pandas as pd

    chosen = {role: table.column(name) if name else None for role, name in columns.items()}
    chosen.setdefault("text", table.roles["text"])
    sample = next(table.chunks(SAMPLE_ROWS)).cells
    roles, _ = find_columns(table.header, sample, chosen)
    rows: list[list[str]] = []
    numbers: list[int] = []
    for chunk in table.chunks():
        for number, cells in zip(chunk.numbers, chunk.cells, strict=True):
            if number not in chunk.asides:
                rows.append([cells[column] for column in roles.values()])
                numbers.append(number)
    where = f"{table.path.name} › {table.sheet}" if table.sheet else table.path.name
    frame = pd.DataFrame(rows, columns=list(roles), dtype=object)  # `texts_of` makes them str
    names = {role: table.header[column] for role, column in roles.items()}
    return frame.assign(source=where, row=numbers), names
