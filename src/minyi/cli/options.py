"""Options that several commands share, and what they check of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minyi.errors import InputError

Text = Annotated[str | None, typer.Option("--text", help="正文所在列的名称")]
Title = Annotated[str | None, typer.Option("--title", help="标题所在列的名称")]
Time = Annotated[str | None, typer.Option("--time", help="时间所在列的名称")]
Place = Annotated[str | None, typer.Option("--place", help="地点所在列的名称")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="只读这一张工作表")]
Model = Annotated[str, typer.Option("--model", "-m", help="模型文件夹；starter 是自带模型")]
Office = Annotated[Path | None, typer.Option("--office", help="单位配置文件 office.toml")]
Where = Annotated[str | None, typer.Option("--where", help="只用符合 列=值 的行")]
Force = Annotated[bool, typer.Option("--force", "-f", help="覆盖已有的输出")]


def roles(text: str | None, title: str | None) -> dict[str, str]:
    """Return the columns that were named, by what they hold."""
    return {role: name for role, name in (("text", text), ("title", title)) if name}


def check_free(folder: Path, force: bool) -> None:
    """Refuse to write over a model without ``--force``."""
    if (folder / "manifest.json").exists() and not force:
        raise InputError(f"{folder} 里已有模型：换一个文件夹，或加 --force 覆盖。")
