"""The workbook of results: original columns, results, what waits for a person, counts, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from minyi.domain.office import Office
from minyi.learning.persistence import Model
from minyi.schema import COLUMNS
from minyi.summary import Summary, about_rows, summary_blocks
from minyi.tables import Output, Rows, SheetWriter, Table, Tables

SHEETS = ("分类结果", "待复核", "汇总", "说明")
TRAIL = "改正记录"  # which the desk adds
ADDED_SHEETS = (*SHEETS[1:], TRAIL)  # beside the one that has all rows
_WIDEST = 40
_TEXT_WIDTH = 60.0
_WIDTHS = {
    "category": 34,
    "level1": 20,
    "level2": 24,
    "level3": 18,
    "alternatives": 40,
    "department": 20,
    "co_departments": 24,
    "department_reason": 26,
    "deadline": 12,
    "place": 16,
    "evidence": 30,
    "review_reason": 34,
    "row_error": 34,
}
_WRAPPED = {
    "category",
    "alternatives",
    "co_departments",
    "department_reason",
    "evidence",
    "review_reason",
    "row_error",
}
_ROLE_NAMES = {
    "text": "正文",
    "title": "标题",
    "time": "时间",
    "place": "地点",
    "source": "来源",
    "id": "编号",
}
_COUNT_COLUMNS = 20


@dataclass(frozen=True)
class Columns:
    """What stands before the results.

    Attributes
    ----------
    header : tuple of str
        The columns of all tables, then those that tell where a row came from.
    texts : tuple of str
        Those that are wrapped.
    widths : mapping of str to float
    """

    header: tuple[str, ...]
    texts: tuple[str, ...]
    widths: Mapping[str, float]
    _positions: Mapping[int, Sequence[int]] = field(default_factory=dict, repr=False)
    _n_origin: int = 0

    def row(self, table: Table, cells: Sequence[Any], origin: Sequence[Any] = ()) -> list[Any]:
        """Put a row of a table under the header of all; `origin` is left out if not asked for."""
        row: list[Any] = [""] * len(self.header)
        for position, cell in zip(self._positions[id(table)], cells, strict=True):
            row[position] = cell
        if self._n_origin:
            row[-self._n_origin :] = origin
        return row


def columns_of(tables: Tables, origin: Sequence[str] = ()) -> Columns:
    """Join the columns of tables.

    Parameters
    ----------
    tables : Tables
        Columns of the same name become one.
    origin : sequence of str
        Names of columns that tell where a row came from.
    """
    header = list(dict.fromkeys(name for table in tables for name in table.header))
    positions = {id(table): [header.index(name) for name in table.header] for table in tables}
    texts = tuple(
        dict.fromkeys(
            table.header[table.roles["text"]] for table in tables if "text" in table.roles
        )
    )
    widths = _fitting_widths(tables) | dict.fromkeys(texts, _TEXT_WIDTH)
    for name in origin:
        header.append(free(name, header))
    return Columns(tuple(header), texts, widths, positions, len(origin))


def roles_read(tables: Tables) -> dict[str, str]:
    """Tell which columns were read as what, for people."""
    found: dict[str, list[str]] = {}
    for table in tables:
        for role, column in table.roles.items():
            found.setdefault(_ROLE_NAMES[role], []).append(table.header[column])
    return {role: "、".join(dict.fromkeys(names)) for role, names in found.items()}


class ResultBook:
    """Puts original columns and results side by side, and the uncertain rows on their own sheet.

    Parameters
    ----------
    out : Output
        Where it holds one sheet only, there is only the one with all rows.
    columns : Columns
    names : sequence of str
        Of the result columns, in the order of `COLUMNS`.
    further : sequence of str
        Columns after the results.
    """

    def __init__(
        self,
        out: Output,
        columns: Columns,
        names: Sequence[str] = tuple(COLUMNS.values()),
        further: Sequence[str] = (),
    ) -> None:
        self._out = out
        header = list(columns.header)
        self._at = len(header)
        for name in (*names, *further):
            header.append(free(name, header[: self._at]))
        self._header = header
        self._to_review: list[tuple[tuple[bool, float], list[Any]]] = []
        results = list(zip(COLUMNS, header[self._at :], strict=False))
        self._widths = {
            **columns.widths,
            **{shown: float(_WIDTHS.get(name, 10)) for name, shown in results},
            **dict.fromkeys(header[self._at + len(COLUMNS) :], 16.0),
        }
        wrapped = [shown for name, shown in results if name in _WRAPPED]
        self._wrap = [*columns.texts, *wrapped]
        self._all = self._sheet(SHEETS[0])

    def append(
        self, original: Sequence[Any], result: Sequence[Any], further: Sequence[Any] = ()
    ) -> None:
        """Write one row; `result` is what `Result.as_row` gives."""
        row = [*original, *result, *further]
        self._all.append(row)
        if self._out.many_sheets and result[_NEEDS_REVIEW] == "是":
            score = result[_SCORE]
            # Urgent first, then the least certain; rows without a score, where nothing can be
            # done, last.
            key = (result[_URGENT] != "是", 2.0 if score is None else score)
            self._to_review.append((key, row))

    def finish(self, summary: Summary, model: Model, office: Office, received: date) -> None:
        """Write the other sheets; see `about_rows`."""
        if not self._out.many_sheets:
            return
        review = self._sheet(SHEETS[1])
        self._to_review.sort(key=lambda item: item[0])
        for _, row in self._to_review:
            review.append(row)
        counts = self._out.sheet(
            SHEETS[2],
            ["汇总", *[""] * (_COUNT_COLUMNS - 1)],
            widths={"汇总": 36.0},
            freeze=False,
        )
        for line in summary_blocks(summary):
            counts.append([*line, *[""] * (_COUNT_COLUMNS - len(line))][:_COUNT_COLUMNS])
        about = self._out.sheet(
            SHEETS[3], ["项目", "内容"], widths={"项目": 22.0, "内容": 90.0}, wrap=["内容"]
        )
        for pair in about_rows(summary, model, office, received):
            about.append(list(pair))

    def _sheet(self, name: str) -> SheetWriter:
        return self._out.sheet(name, self._header, widths=self._widths, wrap=self._wrap)


_NEEDS_REVIEW = list(COLUMNS).index("needs_review")
_SCORE = list(COLUMNS).index("score")
_URGENT = list(COLUMNS).index("urgent")


def _fitting_widths(tables: Tables) -> dict[str, float]:
    """Return column widths that show the first rows whole, within limits."""
    widths: dict[str, float] = {}
    for table in tables:
        sample = next(table.chunks(100), Rows([], []))
        for column, name in enumerate(table.header):
            shown = zip(sample.numbers, sample.cells, strict=True)
            longest = max(
                (_width(row[column]) for number, row in shown if number not in sample.asides),
                default=0,
            )
            wanted = max(longest, min(_width(name), 16)) + 2
            widths[name] = float(max(widths.get(name, 6), min(wanted, _WIDEST)))
    return widths


def _width(text: str) -> int:
    return sum(2 if character > "\u2e80" else 1 for character in text)


def free(name: str, taken: Sequence[str]) -> str:
    """Return `name`, marked when the original table has a column of that name."""
    while name in taken:
        name += "（民意）"
    return name
