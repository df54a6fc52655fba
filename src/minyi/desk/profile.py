"""The office's own profile as raw TOML: read, checked, written; the old one is kept."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from minyi.desk.state import PROFILE
from minyi.domain.office import Office, load_office
from minyi.errors import ProfileError

Raw = dict[str, Any]
_KEPT = 20  # earlier states of the profile


def read_own(path: Path) -> Raw:
    """Read what the office has written itself; empty when there is nothing.

    Raises
    ------
    ProfileError
        It is no TOML.
    """
    try:
        return tomlkit.parse(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name} 不符合 TOML 格式：{error}。请检查后再试。") from None


def parse(text: str) -> Raw:
    """Read a profile from its text.

    Raises
    ------
    ProfileError
    """
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ProfileError(
            f"不符合 TOML 格式：{error}。请检查该行的引号与方括号；中文的键要加英文双引号。"
        ) from None


def checked(own: Raw) -> Office:
    """Return the profile that would hold.

    Raises
    ------
    ProfileError
        As `load_office`: with the key, what was expected and found.
    """
    with TemporaryDirectory() as folder:
        return load_office(write(Path(folder) / PROFILE, own))


def write(path: Path, own: Raw) -> Path:
    """Write a profile."""
    path.write_text(as_toml(own), "utf-8")
    return path


def save(path: Path, own: Raw) -> None:
    """Check a profile and put it in the place of the old one, which is kept beside it.

    Raises
    ------
    ProfileError
        It is wrong, or cannot be written.
    """
    checked(own)
    try:
        if path.exists():
            earlier = path.parent / "earlier-profiles"
            earlier.mkdir(exist_ok=True)
            stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
            (earlier / f"{path.stem}-{stamp}.toml").write_bytes(path.read_bytes())
            for old in sorted(earlier.glob(f"{path.stem}-*.toml"))[:-_KEPT]:
                with suppress(OSError):
                    old.unlink()
        fresh = write(path.with_suffix(".new"), own)
        fresh.replace(path)
    except OSError as error:
        raise ProfileError(f"无法写入 {path}：{error.strerror}。请检查权限与磁盘空间。") from None


def as_toml(own: Raw) -> str:
    r"""Write a profile as TOML, with the comments and in the order in which it was read.

    Examples
    --------
    >>> own = parse("# 局务会定的\n[deadlines]\n'咨询' = 3  # 三天\n")
    >>> own["deadlines"]["咨询"] = 5
    >>> print(as_toml(own))
    # 局务会定的
    [deadlines]
    '咨询' = 5  # 三天
    <BLANKLINE>
    """
    return tomlkit.dumps(own)


def fresh_list() -> list[Raw]:
    """Return a list to which tables can be added, each under a heading of its own."""
    return tomlkit.aot()
