"""The command ``minyi serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[str | None, typer.Option("--host", help="监听的地址，默认只限本机")] = None,
    port: Annotated[int | None, typer.Option("--port", "-p", help="端口，默认 8000")] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="库：文件，或 postgresql://…")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="模型文件夹；默认用库中启用的模型")
    ] = None,
    office: Annotated[Path | None, typer.Option("--office", help="单位配置文件")] = None,
    encoder: Annotated[
        bool | None,
        typer.Option("--encoder/--no-encoder", help="安装了语义编码器时是否使用（多占内存）"),
    ] = None,
    rate: Annotated[
        int | None, typer.Option("--rate", help="每个密钥每秒平均请求数，0 为不限")
    ] = None,
    max_upload: Annotated[
        int | None, typer.Option("--max-upload", help="上传文件的字节数上限")
    ] = None,
) -> None:
    """提供 HTTP 接口：分类、批量作业、更正（说明见 /docs；其余设置用环境变量 MINYI_…）。"""
    from minyi.service.server import serve as run
    from minyi.service.settings import settings_from

    settings = settings_from(
        host=host,
        port=port,
        store=store,
        model=model,
        office=str(office) if office else None,
        encoder=encoder,
        rate=rate,
        max_upload=max_upload,
    )
    run(settings, lambda address: typer.echo(f"接口：{address}  说明：{address}/docs  Ctrl-C 停止"))
