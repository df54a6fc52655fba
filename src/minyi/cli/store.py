"""The commands of the store: ``minyi key …`` and ``minyi store …``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from minyi.errors import InputError
from minyi.store import Store

_SETTINGS = {"help_option_names": ["-h", "--help"]}
key_app = typer.Typer(
    help="管理程序访问用的密钥。", no_args_is_help=True, context_settings=_SETTINGS
)
store_app = typer.Typer(help="导出或清除数据。", no_args_is_help=True, context_settings=_SETTINGS)

_Url = Annotated[
    str | None,
    typer.Option("--store", envvar="MINYI_STORE", help="数据文件，或 postgresql:// 地址"),
]
_Name = Annotated[str, typer.Argument(help="密钥的名称，如 12345平台")]


@key_app.command("add", epilog="例：minyi key add 12345平台")
def add_key(name: _Name, store: _Url = None) -> None:
    """新建一个密钥；密钥只显示这一次。"""
    with Store.open(store) as opened:
        key, plaintext = opened.keys.add(name)
    typer.echo(f"已建立密钥 {key.name}，请现在就保存，以后无法再次显示：")
    typer.echo(plaintext)


@key_app.command("list", epilog="例：minyi key list")
def list_keys(store: _Url = None) -> None:
    """列出全部密钥和最近使用的时间。"""
    with Store.open(store) as opened:
        keys = opened.keys.list()
    if not keys:
        typer.echo("还没有密钥：请用 minyi key add 名称 新建。")
    for key in keys:
        used = f"最近使用 {_local(key.last_used)}" if key.last_used else "从未使用"
        state = f"已于 {_local(key.revoked)} 吊销" if key.revoked else "有效"
        typer.echo(f"{key.name}  建立于 {_local(key.created)}，{used}，{state}")


@key_app.command("revoke", epilog="例：minyi key revoke 12345平台")
def revoke_key(name: _Name, store: _Url = None) -> None:
    """吊销一个密钥，立即生效。"""
    with Store.open(store) as opened:
        opened.keys.revoke(name)
    typer.echo(f"已吊销密钥 {name}")


@store_app.command("export", epilog="例：minyi store export 民意数据.zip")
def export_store(
    output: Annotated[Path, typer.Argument(help="要写的压缩文件，如 民意数据.zip")],
    store: _Url = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="不隐去电话、身份证号等个人信息")
    ] = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="覆盖已有的输出")] = False,
) -> None:
    """把全部数据写成一个压缩文件，内为 CSV 表格；个人信息默认隐去。"""
    with Store.open(store) as opened:
        written = opened.export(output, masked=not unmasked, force=force)
    typer.echo(f"已导出到 {written}{'（含个人信息，请妥善保管）' if unmasked else ''}")


@store_app.command("purge", epilog="例：minyi store purge --before 2025-01-01 --keep-statistics")
def purge_store(
    before: Annotated[str, typer.Option("--before", help="清除这一天之前存入的，如 2025-01-01")],
    keep_statistics: Annotated[
        bool, typer.Option("--keep-statistics", help="只去掉文字，保留统计数")
    ] = False,
    store: _Url = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问")] = False,
) -> None:
    """清除某日之前存入的意见文字、上传文件和结果；清除后无法恢复。"""
    day = _day(before)
    what = "文字（保留统计数）" if keep_statistics else "全部数据，连同统计数"
    if not yes and not typer.confirm(f"将清除 {day} 之前存入的{what}，无法恢复。继续吗？"):
        typer.echo("没有清除。")
        return
    with Store.open(store) as opened:
        purged = opened.purge(day, keep_statistics=keep_statistics)
    typer.echo(f"已清除 {purged.submissions} 条意见的文字、{purged.files} 个文件。")


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--before 应为 2025-01-01 这样的日期，实际是 {text}。") from None
