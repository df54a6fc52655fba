"""Merged cells: a workbook keeps their value in the first field only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from minyi.tables.cells import NumberText
from minyi.tables.sheets import Merged, NumberedRow


def filled_down(
    rows: Iterator[NumberedRow], merged: Sequence[Merged], left_out: Collection[int]
) -> Iterator[NumberedRow]:
    """Give every row of a merged cell its value, as the clerk sees it on the screen.

    Numbers stay where they are, or their sum would grow.

    Parameters
    ----------
    rows : iterator of (int, list of str)
        Row numbers and cells; not changed.
    merged : sequence of Merged
        By their first rows.
    left_out : collection of int
        Columns that are not filled: an opinion stands once.
    """
    waiting = iter([cell for cell in merged if cell.left not in left_out])
    begun = next(waiting, None)
    held: dict[int, tuple[int, str]] = {}  # column → last row, value
    for number, cells in rows:
        while begun is not None and begun.top <= number:
            if begun.top == number and begun.left < len(cells):
                held[begun.left] = begun.bottom, cells[begun.left]
            begun = next(waiting, None)
        held = {column: kept for column, kept in held.items() if kept[0] >= number}
        new = {
            column: value
            for column, (_, value) in held.items()
            if not cells[column] and not isinstance(value, NumberText)
        }
        yield number, [new.get(column, cell) for column, cell in enumerate(cells)]
