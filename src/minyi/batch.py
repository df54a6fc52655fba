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
from minyi.resultbook import ADDED_SHEETS, SHEETS, ResultBook, columns_of, roles_read
from minyi.review import ASIDE, BLANK, FAILED
from minyi.schema import COLUMNS, Result, Submission
from minyi.summary import Summary
from minyi.tables import Rows, Table, Tables, find_inputs, open_output, open_tables
from minyi.workers import WorkerLostError, Workers, serve

CHUNK = 1000
_SERIAL_ROWS = 3000  # below this, starting workers costs more than it saves
_MOST_WORKERS = 16
_ROLES = ("text", "title", "time", "place")
_ORIGIN = ("来源文件", "来源工作表", "来源行号")

Progress = Callable[[int], None]
_Fields = list[tuple[str, str, str, str] | None]  # None where nothing is to be classified
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
    tables = without_own_sheets(open_tables(paths, columns, sheet=sheet))
    with open_output(output, force=force, inputs=find_inputs(paths)) as out:
        summary = Summary(notes=list(tables.skipped), roles=roles_read(tables))
        joined = columns_of(tables, _ORIGIN if len(tables) > 1 else ())
        names = list(COLUMNS) if header == "en" else list(COLUMNS.values())
        book = ResultBook(out, joined, names)
        for (table, rows), (results, warned) in _classified(minyi, job, tables, workers):
            summary.notes += [note for note in warned if note not in summary.notes]
            for number, cells, result in zip(rows.numbers, rows.cells, results, strict=True):
                summary.count(result, f"{table.path.name} {table.sheet}".strip(), number)
                book.append(joined.row(table, cells, _origin(table, number)), result)
            if progress:
                progress(summary.n_rows)
        for table in tables:
            summary.notes += table.warnings
        if out.cut_cells:
            summary.notes.append(f"{out.cut_cells} 个单元格超过 Excel 的长度上限，已截断并注明")
        book.finish(summary, minyi.model, minyi.office, job.received)
    return summary


def without_own_sheets(tables: Tables) -> Tables:
    """Leave out, of a result of ours that is classified again, all sheets but the first."""
    results = {table.path for table in tables if table.sheet == SHEETS[0]}
    kept = Tables(t for t in tables if t.path not in results or t.sheet not in ADDED_SHEETS)
    own = [t for t in tables if t.path in results and t.sheet in ADDED_SHEETS]
    skipped = [f"文件“{t.path}”的工作表“{t.sheet}”是分类时另加的，没有再读一遍" for t in own]
    kept.skipped = (*tables.skipped, *skipped)
    return kept


def _origin(table: Table, number: int) -> Sequence[str]:
    return table.path.name, table.sheet, str(number)


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
        None
        if number in rows.asides
        else tuple("" if column is None else cells[column] for column in columns)  # type: ignore[misc]
        for number, cells in zip(rows.numbers, rows.cells, strict=True)
    ]


def _rows(minyi: Minyi, fields: _Fields) -> _Done:
    """Classify; warnings come back as text, so that those of workers are not lost or repeated."""
    submissions = [Submission(*given) for given in fields if given]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        results = iter(classify_each(minyi, submissions) if submissions else ())
        cells = [(next(results) if given else aside()).as_row() for given in fields]
    return cells, [str(warning.message) for warning in caught if warning.category is UserWarning]


def aside() -> Result:
    """Return what is said of a row that is no submission."""
    return Result(needs_review=True, review_reason=ASIDE, row_status=BLANK, row_error=ASIDE)


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
