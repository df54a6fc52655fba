"""Whole files: tables in, classified tables out, on all cores, in constant memory."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from minyi.errors import MinyiError
from minyi.pipeline import Minyi, load
from minyi.review import FAILED
from minyi.schema import COLUMNS, Result, Submission
from minyi.summary import Summary, about_rows, summary_blocks
from minyi.tables import (
    Output,
    Rows,
    SheetWriter,
    Table,
    Tables,
    find_inputs,
    open_output,
    open_tables,
)
from minyi.workers import WorkerLostError, Workers, serve

CHUNK = 1000
_WIDEST = 40
_SERIAL_ROWS = 3000  # below this, starting workers costs more than it saves
_MOST_WORKERS = 16
_ROLES = ("text", "title", "time", "place")
_SHEETS = ("分类结果", "待复核", "汇总", "说明")
_SOURCE_COLUMNS = ("来源文件", "来源工作表", "来源行号")
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
    "review_reason": 28,
}

_WRAPPED = {
    "category",
    "alternatives",
    "co_departments",
    "department_reason",
    "evidence",
    "review_reason",
}
_ROLE_NAMES = {
    "text": "正文",
    "title": "标题",
    "time": "时间",
    "place": "地点",
    "source": "来源",
    "id": "编号",
}

Progress = Callable[[int], None]
_Fields = list[tuple[str, str, str, str]]
_Work = tuple[Table, Rows]
_Done = tuple[list[list[Any]], list[str]]  # result rows; what the pipeline warned of


@dataclass(frozen=True)
class Job:
    """What to classify and how.

    Attributes
    ----------
    model : str
        ``starter`` or a model folder.
    office : str or None
        An office profile.
    received : date
        The day from which deadlines count where a row has no time.
    """

    model: str = "starter"
    office: str | None = None
    received: date = field(default_factory=date.today)

    def load(self) -> Minyi:
        """Load the model and the profile; cached by process."""
        return load(self.model, office=self.office, received=self.received)

    def as_message(self) -> list[str | None]:
        """Return what a worker needs to do a part of the job."""
        return [self.model, self.office, self.received.isoformat()]

    @classmethod
    def from_message(cls, message: Sequence[str]) -> Job:
        """Make the job again from `as_message`."""
        model, office, received = message
        return cls(model, office, date.fromisoformat(received))


def classify_files(
    paths: Sequence[Path],
    output: Path,
    *,
    job: Job | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    header: str = "zh",
    force: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Classify the submissions of files and write the result.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    output : Path
        Its extension tells the format; see `open_output`.
    job : Job, optional
    columns : mapping of str to str, optional
        Role to the name of its column, where recognising by name and content is not wanted.
    sheet : str, optional
        Only this sheet.
    header : {"zh", "en"}
        The language of the result columns' names.
    force : bool
        Replace an existing output.
    workers : int, optional
        Processes; by default as many as the machine has cores, one for small tables.
    progress : callable, optional
        Called with the number of rows done so far.

    Returns
    -------
    Summary
        Counts, and what the user should know.
    """
    job = job or Job()
    minyi = job.load()
    tables = _without_own_sheets(open_tables(paths, columns, sheet=sheet))
    with open_output(output, force=force, inputs=find_inputs(paths)) as out:
        summary = Summary(notes=list(tables.skipped), roles=_roles_read(tables))
        writer = _Writer(out, tables, header)
        for (table, rows), (results, warned) in _classified(minyi, job, tables, workers):
            summary.notes += [note for note in warned if note not in summary.notes]
            for number, cells, result in zip(rows.numbers, rows.cells, results, strict=True):
                summary.count(result, f"{table.path.name} {table.sheet}".strip(), number)
                writer.append(table, number, cells, result)
            if progress:
                progress(summary.n_rows)
        for table in tables:
            summary.notes += table.warnings
        if out.cut_cells:
            summary.notes.append(f"{out.cut_cells} 个单元格超过 Excel 的长度上限，已截断并注明")
        writer.finish(summary, minyi, job)
    return summary


def _without_own_sheets(tables: Tables) -> Tables:
    """Leave out, of a result of ours that is classified again, all sheets but the first."""
    results = {table.path for table in tables if table.sheet == _SHEETS[0]}
    kept = Tables(t for t in tables if t.path not in results or t.sheet not in _SHEETS[1:])
    own = [t for t in tables if t.path in results and t.sheet in _SHEETS[1:]]
    skipped = [f"文件“{t.path}”的工作表“{t.sheet}”是分类时另加的，没有再读一遍" for t in own]
    kept.skipped = (*tables.skipped, *skipped)
    return kept


def _roles_read(tables: Tables) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for table in tables:
        for role, column in table.roles.items():
            found.setdefault(_ROLE_NAMES[role], []).append(table.header[column])
    return {role: "、".join(dict.fromkeys(names)) for role, names in found.items()}


def estimate_rows(tables: Sequence[Table]) -> int:
    """Estimate how many rows there are, from the size of text files, by counting in others."""
    total = 0
    for table in tables:
        first = next(table.chunks(200), None)
        if first is None:
            continue
        if table.path.suffix.lower() in {".csv", ".tsv", ".txt", ".jsonl"}:
            size = sum(len(cell.encode()) + 1 for row in first.cells for cell in row)
            total += max(
                len(first.cells), table.path.stat().st_size * len(first.cells) // max(size, 1)
            )
        else:
            total += sum(len(rows.cells) for rows in table.chunks(5000))
    return total


def _classified(
    minyi: Minyi, job: Job, tables: Tables, workers: int | None
) -> Iterator[tuple[_Work, _Done]]:
    """Yield chunks with their results, in order; start workers once the work proves to be long."""
    work = ((table, rows) for table in tables for rows in table.chunks(CHUNK))
    workers = workers or min(os.cpu_count() or 1, _MOST_WORKERS)
    done = 0
    for item in work:
        if workers > 1 and done >= _SERIAL_ROWS:
            yield from _in_parallel(minyi, job, chain([item], work), workers)
            return
        yield item, _rows(minyi, _fields(item))
        done += len(item[1].cells)


def _in_parallel(
    minyi: Minyi, job: Job, work: Iterator[_Work], n_workers: int
) -> Iterator[tuple[_Work, _Done]]:
    pending: deque[tuple[_Work, Future[_Done]]] = deque()
    with Workers("from minyi.batch import serve_rows; serve_rows()", n_workers) as workers:

        def first() -> tuple[_Work, _Done]:
            item, future = pending.popleft()
            try:
                return item, future.result()
            except WorkerLostError:  # killed by the system, short of memory, or by hand
                return item, _rows(minyi, _fields(item))

        for item in work:
            pending.append((item, workers.submit([job.as_message(), _fields(item)])))
            if len(pending) > 2 * n_workers:
                yield first()
        while pending:
            yield first()


def serve_rows() -> None:
    """Be a worker: classify what comes in."""
    serve(lambda message: _rows(Job.from_message(message[0]).load(), message[1]))


def _fields(item: _Work) -> _Fields:
    table, rows = item
    columns = [table.roles.get(role) for role in _ROLES]
    return [
        tuple("" if column is None else cells[column] for column in columns)  # type: ignore[misc]
        for cells in rows.cells
    ]


def _rows(minyi: Minyi, fields: _Fields) -> _Done:
    """Classify; warnings come back as text, so that those of workers are not lost or repeated."""
    submissions = [Submission(text, title, time, place) for text, title, time, place in fields]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        results = [result.as_row() for result in classify_each(minyi, submissions)]
    return results, [str(warning.message) for warning in caught if warning.category is UserWarning]


def classify_each(minyi: Minyi, submissions: Sequence[Submission]) -> list[Result]:
    """Classify; should one row bring the program down, mark that row and keep the others."""
    try:
        return minyi.classify(submissions)
    except MinyiError:
        raise
    except Exception as error:
        if len(submissions) > 1:
            middle = len(submissions) // 2
            halves = submissions[:middle], submissions[middle:]
            return [one for half in halves for one in classify_each(minyi, half)]
        problem = f"程序内部错误（{type(error).__name__}），请人工处理并反馈"
        return [
            Result(needs_review=True, review_reason=problem, row_status=FAILED, row_error=problem)
        ]


class _Writer:
    """Puts original columns and results side by side, and the uncertain rows on their own sheet."""

    def __init__(self, out: Output, tables: Tables, header: str) -> None:
        self._out = out
        self._original = list(dict.fromkeys(name for table in tables for name in table.header))
        self._positions = {
            id(table): [self._original.index(name) for name in table.header] for table in tables
        }
        self._named = len(tables) > 1
        if self._named:
            self._original += [_free(name, self._original) for name in _SOURCE_COLUMNS]
        names = list(COLUMNS) if header == "en" else list(COLUMNS.values())
        self._results = [_free(name, self._original) for name in names]
        self._to_review: list[tuple[tuple[bool, float], list[Any]]] = []
        text_columns = [table.header[table.roles["text"]] for table in tables]
        self._layout = {
            "widths": {
                **_fitting_widths(tables),
                **dict.fromkeys(text_columns, 60.0),
                **{
                    shown: float(_WIDTHS.get(name, 10))
                    for name, shown in zip(COLUMNS, self._results, strict=True)
                },
            },
            "wrap": [*text_columns, *self._wrapped_results()],
        }
        self._all = self._sheet(_SHEETS[0])

    def append(self, table: Table, number: int, cells: list[str], result: list[Any]) -> None:
        row = [""] * len(self._original)
        for position, cell in zip(self._positions[id(table)], cells, strict=True):
            row[position] = cell
        if self._named:
            row[-3:] = [table.path.name, table.sheet, str(number)]
        row += result
        self._all.append(row)
        if self._out.many_sheets and result[_NEEDS_REVIEW] == "是":
            score = result[_SCORE]
            # Urgent first, then the least certain; rows without a score, where nothing can be
            # done, last.
            key = (result[_URGENT] != "是", 2.0 if score is None else score)
            self._to_review.append((key, row))

    def finish(self, summary: Summary, minyi: Minyi, job: Job) -> None:
        if not self._out.many_sheets:
            return
        review = self._sheet(_SHEETS[1])
        self._to_review.sort(key=lambda item: item[0])
        for _, row in self._to_review:
            review.append(row)
        counts = self._out.sheet(
            _SHEETS[2], ["汇总", *[""] * 19], widths={"汇总": 36.0}, freeze=False
        )
        for line in summary_blocks(summary):
            counts.append([*line, *[""] * (20 - len(line))][:20])
        about = self._out.sheet(_SHEETS[3], ["项目", "内容"], widths={"项目": 22.0, "内容": 90.0})
        for pair in about_rows(summary, minyi.model, minyi.office, job.received):
            about.append(list(pair))

    def _wrapped_results(self) -> list[str]:
        named = zip(COLUMNS, self._results, strict=True)
        return [shown for name, shown in named if name in _WRAPPED]

    def _sheet(self, name: str) -> SheetWriter:
        return self._out.sheet(name, [*self._original, *self._results], **self._layout)  # type: ignore[arg-type]


_NEEDS_REVIEW = list(COLUMNS).index("needs_review")
_SCORE = list(COLUMNS).index("score")
_URGENT = list(COLUMNS).index("urgent")


def _fitting_widths(tables: Tables) -> dict[str, float]:
    """Return column widths that show the first rows whole, within limits."""
    widths: dict[str, float] = {}
    for table in tables:
        sample = next(table.chunks(100), Rows([], []))
        for column, name in enumerate(table.header):
            longest = max((_width(row[column]) for row in sample.cells), default=0)
            wanted = max(longest, min(_width(name), 16)) + 2
            widths[name] = float(max(widths.get(name, 6), min(wanted, _WIDEST)))
    return widths


def _width(text: str) -> int:
    return sum(2 if character > "\u2e80" else 1 for character in text)


def _free(name: str, taken: Sequence[str]) -> str:
    """Return `name`, marked when the original table has a column of that name."""
    while name in taken:
        name += "（民意）"
    return name
