"""Commands whose libraries come with an extra: listed at once, imported only when called.

Those libraries are heavy and optional. ``minyi --help`` shows what stands here and imports none.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperGroup

from minyi.errors import InputError


@dataclass(frozen=True)
class _Mounted:
    """A command, or a `typer.Typer` with several, in a module that is imported when called."""

    module: str
    attribute: str
    extra: str
    help: str
    example: str | None = None


_SERVICE = (
    "alembic",
    "fastapi",
    "orjson",
    "prometheus_client",
    "python_multipart",
    "sqlalchemy",
    "uvicorn",
)
_LIBRARIES: dict[str, tuple[str, ...]] = {
    "": (),
    "service": _SERVICE,
    "desk": (*_SERVICE, "nicegui", "tomlkit"),
}  # that an extra installs
_MOUNTED = {
    "serve": _Mounted(
        "minyi.cli.service",
        "serve",
        "service",
        "提供 HTTP 接口：分类、批量作业、更正（说明见 /docs；其余设置用环境变量 MINYI_…）。",
        "例：minyi serve --port 8000",
    ),
    "desk": _Mounted(
        "minyi.cli.desk",
        "desk",
        "desk",
        "打开工作台：在浏览器里分类、改正、统计（只在本机，不连外网）。",
        "例：minyi desk",
    ),
    "analyse": _Mounted(
        "minyi.cli.analyse",
        "analyse_app",
        "",  # only pictures and reports need its extra, and say so themselves
        "分析：重复、热点、趋势、用词、话题、汇总、报告、答复质量。",
    ),
    "key": _Mounted("minyi.cli.store", "key_app", "service", "管理程序访问用的密钥。"),
    "store": _Mounted("minyi.cli.store", "store_app", "service", "导出或清除数据。"),
}


class Commands(TyperGroup):
    """Commands, of which the mounted ones are imported when they are called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name, the command and what is left of the arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in _MOUNTED:
            command = _load(name, _MOUNTED[name])
        return name, command, rest


def mount(app: typer.Typer) -> None:
    """List the mounted commands in `app`, whose class must be `Commands`."""
    for name, mounted in _MOUNTED.items():
        app.command(name, help=mounted.help)(_stand_in)


def _stand_in() -> None:
    """Stand in the list of commands: `Commands` puts the real one in its place."""


def _load(name: str, mounted: _Mounted) -> Any:
    missing = [library for library in _LIBRARIES[mounted.extra] if not find_spec(library)]
    if missing:
        raise InputError(
            f"minyi {name} 要用的组件没有安装（缺少 {'、'.join(missing)}）："
            f'请运行 "{sys.executable}" -m pip install "minyi[{mounted.extra}]"'
            f'（在源代码的文件夹里写 ".[{mounted.extra}]"；离线电脑可先下载安装包）。'
        )
    found = getattr(import_module(mounted.module), mounted.attribute)
    alone = typer.Typer(add_completion=False)
    if not isinstance(found, typer.Typer):
        alone.command(name, epilog=mounted.example)(found)
        return typer.main.get_command(alone)
    alone.add_typer(found, name=name)
    group: Any = typer.main.get_command(alone)
    return group.commands[name]
