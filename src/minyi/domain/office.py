"""Read an office profile: its departments, places, categories, routes, rules, deadlines, weights.

A profile is a TOML file. An office writes only what differs from the shipped default; the
result is checked once, in ``checking``, so that the rest of the house can rely on it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from minyi.domain.checking import Checker
from minyi.domain.departments import load_departments
from minyi.domain.profile import HEAT, URGENT, Office, Rule, Town
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import ProfileError
from minyi.resources import bundled

__all__ = ["HEAT", "URGENT", "Office", "Rule", "Town", "load_office"]


def load_office(path: Path | str | None = None) -> Office:
    """Read a profile over the shipped default.

    Parameters
    ----------
    path : Path or str, optional
        The office's own ``office.toml``.

    Raises
    ------
    ProfileError
        With file, key, what was expected and found.

    Examples
    --------
    >>> load_office().route("010205")
    ('公交公司', '交通运输')
    """
    default = bundled("domain/office.toml")
    profile = _read(default)
    name = default.name
    if path is not None:
        name = Path(path).name
        profile = _merge(profile, _read(Path(path)))
    return Checker(name, load_taxonomy(), load_departments()).office(profile)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise ProfileError(f"找不到单位配置文件：{path}。请检查路径。") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{path.name} 不是 UTF-8 编码：请用记事本另存为 UTF-8。") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(
            f"{path.name} 不符合 TOML 格式：{error}。"
            "请检查该行的引号与方括号；中文的键要加英文双引号。"
        ) from None
    except OSError as error:
        raise ProfileError(f"无法读取单位配置文件 {path}：{error.strerror}。") from None


def _merge(default: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(default)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(default.get(key), dict):
            merged[key] = {**default[key], **value}
        elif key == "rules" and isinstance(value, list):
            merged[key] = [*value, *default.get(key, [])]
        else:
            merged[key] = value
    return merged
