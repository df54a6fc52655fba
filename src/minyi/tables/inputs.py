"""Which files to read, and what a file really is: its content beats its extension."""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from minyi.errors import InputError
from minyi.tables.notes import where

Kind: TypeAlias = Literal["xlsx", "xls", "docx", "parquet", "text", "empty"]

READABLE = (".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt", ".jsonl", ".parquet", ".docx")

_SAVE_AS = {
    ".doc": "请用 Word 或 WPS 打开，另存为 .docx",
    ".wps": "请用 WPS 打开，另存为 .docx",
    ".rtf": "请用 Word 或 WPS 打开，另存为 .docx",
    ".et": "请用 WPS 打开，另存为 .xlsx",
    ".ods": "请另存为 .xlsx",
    ".xlsb": "请用 Excel 打开，另存为 .xlsx",
    ".json": "请改存为 .jsonl（每行一个 JSON 对象）或 .xlsx",
    ".pdf": "请把文字复制到 Word 或 Excel，存为 .docx 或 .xlsx",
    ".zip": "请先解压，再选择里面的文件",
}
_BINARY = {
    b"%PDF": ".pdf",
    b"{\\rtf": ".rtf",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"Rar!": ".zip",
    b"7z\xbc\xaf": ".zip",
    b"\x1f\x8b": ".zip",
    b"MZ\x90": "程序",
}
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|head|meta|table|style|\?xml)\b", re.IGNORECASE)


def find_inputs(paths: Sequence[Path]) -> list[Path]:
    """List the files to read.

    Parameters
    ----------
    paths : sequence of Path
        Files, kept in the order given, and folders, replaced by the readable files directly
        inside them in the order of their names; lock files (``~$``) and hidden files are left out.

    Returns
    -------
    list of Path
        Every file once.

    Raises
    ------
    InputError
        A file is missing, may not be read or has an extension that cannot be read, or there is
        nothing to read.
    """
    files: dict[Path, Path] = {}
    for path in map(Path, paths):
        for file in _folder_files(path) if _is_folder(path) else [_readable(path)]:
            files.setdefault(file.resolve(), file)
    if not files:
        raise InputError("没有给出要读取的文件；请给出文件或文件夹。")
    return list(files.values())


def kind_of(path: Path) -> Kind:
    """Recognise a file by its first bytes.

    Raises
    ------
    InputError
        The content is of a kind that cannot be read; the message says what to save it as.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        return "empty"
    if head.startswith(b"PK\x03\x04"):
        return _archive_kind(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound_kind(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    _refuse_foreign(path, head)
    return "text"


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise _no_access(path) from error


def _folder_files(folder: Path) -> list[Path]:
    try:
        files = sorted(entry for entry in folder.iterdir() if entry.is_file())
    except PermissionError as error:
        raise _no_access(folder) from error
    visible = [file for file in files if not file.name.startswith((".", "~$"))]
    found = [file for file in visible if file.suffix.lower() in READABLE]
    if not found:
        counts = Counter(file.suffix.lower() or "无扩展名" for file in visible)
        inside = "、".join(f"{suffix} {count} 个" for suffix, count in sorted(counts.items()))
        raise InputError(
            f"文件夹“{folder}”里没有可以读取的文件（里面有：{inside or '没有文件'}）；"
            f"可以读取的是 {'、'.join(READABLE)}。"
        )
    return [_readable(file) for file in found]


def _readable(path: Path) -> Path:
    suffix = path.suffix.lower()
    try:
        if not path.is_file():
            raise InputError(f"找不到{where(path)}；请检查路径和文件名。")
        if suffix not in READABLE:
            raise _unreadable(path, suffix)
        if path.name.startswith("~$"):
            raise InputError(f"{where(path)}是 Office 的临时锁文件；请选择名字前没有 ~$ 的原文件。")
        with path.open("rb") as file:
            file.read(1)
    except PermissionError as error:
        raise _no_access(path) from error
    except OSError as error:
        raise InputError(
            f"{where(path)}读不出来（{error.strerror}）；请换一个位置再试。"
        ) from error
    return path


def _no_access(path: Path) -> InputError:
    return InputError(
        f"没有读取{where(path)}的权限；请先在其他程序中关闭它，或请管理员开放读取权限。"
    )


def _unreadable(path: Path, found: str) -> InputError:
    mend = _SAVE_AS.get(found, f"可以读取的是 {'、'.join(READABLE)}")
    return InputError(f"不能读取{where(path)}（类型：{found or '无扩展名'}）；{mend}。")


def _archive_kind(path: Path) -> Kind:
    from minyi.tables.archive import member_names

    names = member_names(path)
    if "xl/workbook.bin" in names:
        raise _unreadable(path, ".xlsb")
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if any(name.startswith("word/") for name in names):
        return "docx"
    raise _unreadable(path, ".ods" if "content.xml" in names else ".zip")


def _compound_kind(path: Path) -> Kind:
    """Tell the old Office formats apart by the names of the streams inside."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:

        def holds(stream: str) -> bool:
            return data.find(stream.encode("utf-16-le")) >= 0

        if holds("EncryptedPackage"):
            raise locked(path)
        if holds("Workbook") or holds("Book"):
            return "xls"
        raise _unreadable(path, ".doc" if holds("WordDocument") else "未知的旧版 Office 格式")


def locked(path: Path) -> InputError:
    """Word the refusal of a file that asks for a password."""
    return InputError(
        f"{where(path)}有打开密码，无法读取；请在 Excel 或 WPS 中打开，去掉密码后另存。"
    )


def _refuse_foreign(path: Path, head: bytes) -> None:
    for magic, found in _BINARY.items():
        if head.startswith(magic):
            raise _unreadable(path, found)
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    if _WEB_PAGE.match(head.decode(encoding, "ignore")):
        raise InputError(
            f"{where(path)}其实是网页（HTML 或 XML）格式，不是表格；"
            "请用 Excel 或 WPS 打开，另存为 .xlsx。"
        )
