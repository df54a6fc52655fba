"""Where the header is and what its columns are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from minyi.tables.roles import is_plain_name, known_names, median_length
from minyi.tables.sheets import NumberedRow

LOOKAHEAD = 20
_LONGEST_LABEL = 20
_SENTENCE = re.compile("[。！？；!?;]")
_NUMERIC = re.compile(r"[\d\s.,:/\-+%年月日时分秒]+")
_BETWEEN_CHINESE = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


@dataclass(frozen=True)
class Header:
    """The columns' names and the row number of the header's last row, 0 if there is none."""

    names: tuple[str, ...]
    last_row: int = 0


def find_header(rows: Sequence[NumberedRow], width: int, wanted: Collection[str] = ()) -> Header:
    """Find the header among the first 20 filled rows.

    A row of well-known names wins; else the first row as wide as the table if it holds short
    labels over values of another kind. Two rows merged into groups are joined, as in 留言/时间.
    Without any, names are invented (列A…) and the first row is data.

    Parameters
    ----------
    rows : sequence of (int, list of str)
        Row numbers and cells.
    width : int
        Columns of the table.
    wanted : collection of str
        Names the user has asked for: a row that holds them all is the header.
    """
    padded = [cells + [""] * (width - len(cells)) for _, cells in rows]
    top = _header_row(padded, width, wanted)
    if top is None:
        return Header(unique_names([""] * width))
    if top and _are_groups(padded[top - 1], padded[top]):
        top -= 1
    if top + 1 < len(padded) and _are_groups(padded[top], padded[top + 1]):
        return Header(unique_names(_joined(padded[top], padded[top + 1])), rows[top + 1][0])
    return Header(unique_names(padded[top]), rows[top][0])


def clean_name(name: str) -> str:
    """Write a column's name on one line: breaks and blanks between Chinese characters go."""
    return " ".join(_BETWEEN_CHINESE.sub("", name).split())


def unique_names(raw: Sequence[str]) -> tuple[str, ...]:
    r"""Clean names and make them differ: an empty one becomes 列C, a repeated one gets ``_2``.

    Examples
    --------
    >>> unique_names(["内\n容", "内容", ""])
    ('内容', '内容_2', '列C')
    """
    taken = {clean_name(name) for name in raw}
    names: dict[str, None] = {}
    for index, text in enumerate(raw):
        name = clean_name(text) or f"列{column_letters(index)}"
        names[name if name not in names else _numbered(name, taken | names.keys())] = None
    return tuple(names)


def column_letters(index: int) -> str:
    """Letter a column, counted from 0, the way Excel does: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _numbered(name: str, taken: Collection[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _header_row(rows: Sequence[list[str]], width: int, wanted: Collection[str]) -> int | None:
    early = rows[:LOOKAHEAD]
    for index, cells in enumerate(early):
        if wanted and set(wanted) <= set(map(clean_name, cells)):
            return index
    if width == 1:
        return next((i for i, cells in enumerate(early) if is_plain_name(cells[0])), None)
    hits = [known_names(cells) for cells in early]
    if max(hits, default=0) >= 2:
        return hits.index(max(hits))
    wide = (i for i, cells in enumerate(early) if len(_filled(cells)) >= max(2, 0.6 * width))
    first = next(wide, None)
    if first is None or not _all_labels(early[first]):
        return None
    below = rows[first + 1 :][:50]
    return first if hits[first] or _contrasts(early[first], below) else None


def _filled(cells: Sequence[str]) -> list[str]:
    return [cell for cell in map(clean_name, cells) if cell]


def _all_labels(cells: Sequence[str]) -> bool:
    filled = _filled(cells)
    return len(set(filled)) == len(filled) and all(map(_is_label, filled))


def _is_label(cell: str) -> bool:
    return (
        len(cell) <= _LONGEST_LABEL and not _SENTENCE.search(cell) and not _NUMERIC.fullmatch(cell)
    )


def _contrasts(labels: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether some column holds numbers, dates or far longer text under its label."""
    return any(
        _differs(label, [row[column] for row in below if row[column].strip()])
        for column, label in enumerate(labels)
        if label.strip()
    )


def _differs(label: str, values: list[str]) -> bool:
    if not values:
        return False
    numeric = sum(_NUMERIC.fullmatch(value) is not None for value in values)
    return numeric >= 0.6 * len(values) or median_length(values) >= max(10, 2.5 * len(label))


def _are_groups(top: Sequence[str], sub: Sequence[str]) -> bool:
    """Tell whether two rows are one header: groups above, their columns below."""
    pairs = list(zip(map(clean_name, top), map(clean_name, sub), strict=True))
    continued = any(not upper and lower for upper, lower in pairs)
    standing = any(upper and not lower for upper, lower in pairs)
    lowers = [lower for _, lower in pairs if lower]
    return (
        continued
        and standing
        and bool(pairs[0][0])
        and len(_filled(top)) > 1
        and all(map(_is_label, lowers))
        and known_names(lowers) > 0
    )


def _joined(top: Sequence[str], sub: Sequence[str]) -> list[str]:
    names = []
    group = ""
    for upper, lower in zip(map(clean_name, top), map(clean_name, sub), strict=True):
        group = upper or (group if lower else "")
        names.append(f"{group}/{lower}" if group and lower else group or lower)
    return names
