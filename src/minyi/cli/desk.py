"""The command ``minyi desk``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer


def desk(
    port: Annotated[
        int, typer.Option("--port", "-p", help="端口；默认 8420，被占用时另找一个")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="是否自动打开浏览器")
    ] = True,
    data: Annotated[
        str | None,
        typer.Option("--data", help="数据放在哪里：文件夹、.db 文件，或 postgresql://…"),
    ] = None,
    office: Annotated[Path | None, typer.Option("--office", help="单位配置文件")] = None,
) -> None:
    """打开工作台：在浏览器里分类、改正、统计（只在本机，不连外网）。"""
    from minyi.desk.server import serve_desk
    from minyi.service.settings import settings_from

    settings = settings_from(port=port, store=_store(data), office=str(office) if office else None)

    def greet(address: str) -> None:
        typer.echo(f"工作台：{address}　（关闭：在这个窗口按 Ctrl-C）")
        if browser:
            webbrowser.open(address)

    serve_desk(settings, greet)


def _store(data: str | None) -> str | None:
    """Return the store that is meant: a folder means the one inside it."""
    if data is None or "://" in data or Path(data).suffix:
        return data
    return str(Path(data) / "minyi.db")
