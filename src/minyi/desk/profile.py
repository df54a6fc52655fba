"""The office's own profile as raw TOML: read, checked, written; the old one is kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from minyi.desk.state import PROFILE
from minyi.domain.office import Office, load_office
from minyi.errors import ProfileError

Raw = dict[str, Any]
_HEAD = "# 单位配置：由“设置”页面保存；只写与默认配置不同的部分。\n"
_LISTS = ("towns", "rules")
_KEPT = 20  # earlier states of the profile
_BARE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def read_own(path: Path) -> Raw:
    """Read what the office has written itself; empty when there is nothing.

    Raises
    ------
    ProfileError
        It is no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name} 不符合 TOML 格式：{error}。请检查后再试。") from None


def parse(text: str) -> Raw:
    """Read a profile from its text.

    Raises
    ------
    ProfileError
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
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
    r"""Write a profile as TOML.

    Examples
    --------
    >>> print(as_toml({"deadlines": {"咨询": 3}, "words": ["赶场"]}).partition("。\n")[2])
    words = ["赶场"]
    <BLANKLINE>
    [deadlines]
    "咨询" = 3
    <BLANKLINE>
    """
    plain = {k: v for k, v in own.items() if not isinstance(v, dict) and k not in _LISTS}
    lines = [_HEAD.rstrip("\n"), *_pairs(plain)]
    for name, table in own.items():
        if isinstance(table, dict) and table:
            lines += ["", f"[{_key(name)}]", *_pairs(table)]
    for name in _LISTS:
        for table in own.get(name, []):
            lines += ["", f"[[{name}]]", *_pairs(table)]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items()]


def _key(name: str) -> str:
    return name if name and set(name) <= _BARE else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(_pairs(value)) + "}"
    return str(value)


def _text(value: str) -> str:
    # A JSON string is a TOML string, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
