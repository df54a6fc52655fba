"""Writing results: whole under the final name, or not at all."""

from __future__ import annotations

import errno
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from minyi.errors import OutputError

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

Value: TypeAlias = str | float | int | bool | None


class _Sink(Protocol):
    """Takes the rows of one sheet."""

    def write(self, row: Sequence[Value]) -> None: ...


class _Target(Protocol):
    """A file format: gives out sheets, then puts the whole together."""

    many_sheets: bool
    cut_cells: int

    def sheet(
        self,
        name: str,
        header: Sequence[str],
        widths: Mapping[str, float],
        wrap: Collection[str],
        freeze: bool,
    ) -> _Sink: ...
    def finish(self) -> Path: ...
    def abandon(self) -> None: ...


WRITABLE = (".xlsx", ".csv", ".tsv", ".jsonl", ".parquet")


def open_output(path: Path, *, force: bool = False, inputs: Sequence[Path] = ()) -> Output:
    """Open a result file; everything that can be checked is checked now, before the long work.

    Parameters
    ----------
    path : Path
        Its extension decides the format: .xlsx, .csv, .tsv, .jsonl or .parquet. Missing folders
        are made.
    force : bool
        Replace an existing file.
    inputs : sequence of Path
        Files being read, which must not be replaced.

    Returns
    -------
    Output
        To be used as a context manager. The file appears at a clean exit; after an exception
        nothing is left behind.

    Raises
    ------
    OutputError
        The extension is unknown, the file exists, is an input, is open in Excel, or the folder
        cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in WRITABLE:
        raise OutputError(
            f"不能写成“{suffix or '无扩展名'}”文件：“{path}”；可以写的是 {'、'.join(WRITABLE)}。"
        )
    _check_free(path, force, inputs)
    from tempfile import TemporaryDirectory

    try:
        made = _make_folder(path.parent)
        folder = TemporaryDirectory(prefix=".minyi-", dir=path.parent, ignore_cleanup_errors=True)
        return Output(path, _target(Path(folder.name), suffix), folder, made)
    except OSError as error:
        raise _trouble(path, error) from error


class SheetWriter:
    """Appends rows to one sheet of an `Output`."""

    def __init__(self, path: Path, sink: _Sink, width: int) -> None:
        self._path = path
        self._sink = sink
        self._width = width

    def append(self, row: Sequence[Value]) -> None:
        """Write one row, as long as the header; None and ``""`` leave the cell empty.

        Raises
        ------
        ValueError
            The row is not as long as the header.
        OutputError
            The disk is full or has gone.
        """
        if len(row) != self._width:
            raise ValueError(f"expected {self._width} cells, got {len(row)}")
        try:
            self._sink.write(row)
        except OSError as error:
            raise _trouble(self._path, error) from error


class Output:
    """A result file being written; see `open_output`.

    Attributes
    ----------
    many_sheets : bool
        Whether a second sheet may be opened; only workbooks hold several.
    """

    def __init__(
        self, path: Path, target: _Target, folder: TemporaryDirectory[str], made: list[Path]
    ) -> None:
        self._path = path
        self._target = target
        self._folder = folder
        self._made = made
        self._sheets = 0

    @property
    def many_sheets(self) -> bool:
        """Whether a second sheet may be opened; only workbooks hold several."""
        return self._target.many_sheets

    @property
    def cut_cells(self) -> int:
        """Cells that were too long for Excel and were cut, with a note of their full length."""
        return self._target.cut_cells

    def sheet(
        self,
        name: str,
        header: Sequence[str],
        *,
        widths: Mapping[str, float] | None = None,
        wrap: Collection[str] = (),
        freeze: bool = True,
    ) -> SheetWriter:
        """Begin a sheet; sheets may be filled in turns.

        Parameters
        ----------
        name : str
            Its name; what Excel does not allow in it is replaced. Ignored without sheets.
        header : sequence of str
            Column names.
        widths : mapping of str to float, optional
            Column name → width in characters of the default font.
        wrap : collection of str
            Columns whose text is wrapped.
        freeze : bool
            Keep the header in sight when scrolling.

        Raises
        ------
        OutputError
            The format holds one sheet only, or the header is too wide for Excel.
        """
        if not header:
            raise ValueError("expected at least one column")
        if self._sheets and not self.many_sheets:
            raise OutputError(
                f"“{self._path.suffix}”文件只能放一张表：“{self._path}”；要多张表请改用 .xlsx。"
            )
        try:
            sink = self._target.sheet(name, header, widths or {}, wrap, freeze)
        except OSError as error:
            raise _trouble(self._path, error) from error
        self._sheets += 1
        return SheetWriter(self._path, sink, len(header))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        finished = False
        try:
            if kind is None:
                self._target.finish().replace(self._path)
                finished = True
        except OSError as trouble:
            raise _trouble(self._path, trouble) from trouble
        finally:
            self._clear(finished)

    def _clear(self, finished: bool) -> None:
        with suppress(OSError):
            self._target.abandon()
        self._folder.cleanup()
        if not finished:
            for folder in self._made:
                with suppress(OSError):
                    folder.rmdir()


def _target(folder: Path, suffix: str) -> _Target:
    if suffix == ".xlsx":
        from minyi.tables.spreadsheet import Workbook

        return Workbook(folder, suffix)
    from minyi.tables import flat

    if suffix == ".parquet":
        return flat.ParquetFile(folder, suffix)
    kind = flat.JsonLinesFile if suffix == ".jsonl" else flat.CsvFile
    return kind(folder, suffix)


def _check_free(path: Path, force: bool, inputs: Sequence[Path]) -> None:
    try:
        if path.is_dir():
            raise OutputError(f"“{path}”是文件夹，不是文件；请给出文件名，例如 结果.xlsx。")
        if not path.exists():
            return
        if any(path.samefile(source) for source in inputs if source.exists()):
            raise OutputError(f"输出文件“{path}”就是输入文件，不能覆盖；请换一个文件名。")
        if not force:
            raise OutputError(
                f"输出文件“{path}”已经存在；请换一个文件名，或用 --force 表示可以覆盖。"
            )
        with path.open("r+b"):
            pass
    except OSError as error:
        raise _trouble(path, error) from error


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder and its parents; list those made, innermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _trouble(path: Path, error: OSError) -> OutputError:
    if isinstance(error, PermissionError):
        mend = "没有写入权限，或者它正在 Excel 中打开；请先在 Excel 中关闭，或换一个文件夹"
    elif error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        mend = "磁盘已满或超出配额；请清理空间，或换一个磁盘"
    elif error.errno in (errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ENOENT):
        mend = "路径不成立；请检查文件夹和文件名"
    else:
        mend = f"系统报告：{error.strerror}；请换一个文件夹再试"
    return OutputError(f"写不了“{path}”：{mend}。原有文件没有改动。")
