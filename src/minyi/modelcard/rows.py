"""What the corpus holds: the rows the model was trained on, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Protocol

from minyi.domain.taxonomy import DIGITS_PER_LEVEL, NOWHERE, NOWHERE_NAME, load_taxonomy
from minyi.modelcard.markdown import number, percent, table
from minyi.schema import KINDS

SOURCES = ("信箱", "热线", "纸条", "问卷", "走访")
LENGTHS = (0, 20, 40, 80, 160, 320)  # characters: where each band begins
BANDS = (
    *(f"{low}–{high - 1} 字" for low, high in pairwise(LENGTHS)),
    f"{LENGTHS[-1]} 字以上",
)


class Row(Protocol):
    """What the card counts of a labelled submission; see ``data/README.md``."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def category(self) -> str: ...  # noqa: D102
    @property
    def also(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def urgent(self) -> bool: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102


def area_of(row: Row) -> str:
    """Return the code of level 1, or that of what belongs nowhere."""
    return row.category[:DIGITS_PER_LEVEL] or NOWHERE


def has_two_matters(row: Row) -> bool:
    """Whether a further code is of another level 1 than the category."""
    return any(code[:DIGITS_PER_LEVEL] != area_of(row) for code in row.also)


def area_names() -> dict[str, str]:
    """Return the names of level 1 by code, and that of what belongs nowhere."""
    taxonomy = load_taxonomy()
    areas = {code: f"{code} {one.label}" for code, one in taxonomy.items() if one.level == 1}
    return {**areas, NOWHERE: NOWHERE_NAME}


def areas(rows: Sequence[Row]) -> Iterator[list[str]]:
    """Yield for each area, and for all, the cells of the card's first table."""
    names = area_names()
    parts = {name: [row for row in rows if area_of(row) == code] for code, name in names.items()}
    for name, part in [*parts.items(), ("合计", rows)]:
        kinds = Counter(row.kind for row in part)
        numbers = [len(part), *(kinds[kind] for kind in KINDS)]
        numbers += [sum(row.urgent for row in part), sum(map(has_two_matters, part))]
        yield [name, *map(number, numbers), median_length([len(row.text) for row in part])]


def shares(header: str, names: Sequence[str], values: Sequence[str]) -> str:
    """Return a table of how many values there are of each name."""
    counts = Counter(values)
    cells = [[name, number(counts[name]), percent(counts[name] / len(values))] for name in names]
    return table([header, "条数", "占比"], cells)


def band(length: int) -> str:
    """Return the band that a length in characters belongs to."""
    return BANDS[sum(length >= low for low in LENGTHS) - 1]


def median_length(lengths: Sequence[int]) -> str:
    """Return the median of lengths in characters; a dash without any."""
    return f"{median(lengths):.0f}" if lengths else "—"
