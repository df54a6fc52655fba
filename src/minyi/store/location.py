"""Where the store lies: the user's data folder, and files that nobody else may read."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from minyi.errors import NoSpaceError, StoreError

FILE, UPLOADS = "minyi.db", "uploads"
NO_DATABASE = (
    "{name} 不是民意的数据文件（应为 SQLite 数据库）：请换一个文件名，或移走它后重新开始。"
)
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_SQLITE = b"SQLite format 3\0"


def user_folder() -> Path:
    """Return the folder for the user's data, as the operating system has it."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "minyi"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "minyi"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "minyi"


def make_private(folder: Path) -> Path:
    """Make a folder that only the user can open; one that is there already stays as it is.

    Raises
    ------
    StoreError
    """
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=_PRIVATE_FOLDER, exist_ok=True)
            folder.chmod(_PRIVATE_FOLDER)  # whatever the umask
    except OSError as error:
        raise _unusable(error, f"无法建立数据文件夹 {folder}", folder) from None
    return folder


def create_file(path: Path) -> None:
    """Make sure that a SQLite file is there, readable by the user alone.

    Raises
    ------
    StoreError
        The file is something else; it is left as it is.
    """
    make_private(path.parent)
    try:
        # SQLite gives its companions (-wal, -shm) the rights of the file.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE_FILE))
        with path.open("rb") as file:
            begin = file.read(len(_SQLITE))
    except OSError as error:
        raise _unusable(error, f"无法打开数据文件 {path}", path) from None
    if begin not in (b"", _SQLITE):
        raise not_a_database(path)
    with suppress(OSError):
        path.chmod(_PRIVATE_FILE)


def _unusable(error: OSError, what: str, place: Path) -> StoreError:
    if is_full(error):
        return NoSpaceError(f"磁盘已满，{what}：请腾出空间后再试。", place)
    return StoreError(f"{what}：{error.strerror}。请检查权限，或换一个位置。", place)


def is_full(error: OSError) -> bool:
    """Tell whether there is no room on the disk, or none left for this user."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def not_a_database(name: object) -> StoreError:
    """Say that a file is no store."""
    return StoreError(NO_DATABASE.format(name=name), name)


def short_path(path: Path, folder: Path) -> str:
    """Write a path as it is kept: inside the store's folder relative, so that it may be moved."""
    path, folder = path.absolute(), folder.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def full_path(kept: str, folder: Path) -> Path:
    """Read a path as it is kept."""
    return folder / kept
