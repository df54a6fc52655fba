"""``minyi explain`` and ``minyi model show``: what a model says of one text, and of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minyi.cli.options import Model, Office
from minyi.cli.program import app

model_app = typer.Typer(help="查看模型。", no_args_is_help=True)
app.add_typer(model_app, name="model")


@app.command(epilog='例：minyi explain "三组的水渠垮了半年没人修"')
def explain(
    words: Annotated[list[str], typer.Argument(help="一段意见")],
    title: Annotated[str, typer.Option("--title", help="标题")] = "",
    model: Model = "starter",
    office: Office = None,
) -> None:
    """说明一条意见为什么这样分：类别、得分、备选、关键词、部门与依据。"""
    from minyi.pipeline import load
    from minyi.schema import COLUMNS, Submission

    minyi = load(model, office=office)
    result = minyi.classify([Submission(" ".join(words), title)])[0]
    for name, value in zip(COLUMNS.values(), result.as_row(), strict=True):
        if value not in ("", None):
            print(f"{name}：{value}")


@model_app.command("show", epilog="例：minyi model show starter")
def model_show(
    model: Annotated[str, typer.Argument(help="模型文件夹；starter 是自带模型")] = "starter",
) -> None:
    """显示模型的来历、标签数、阈值与指标。"""
    from minyi.learning.persistence import load_model
    from minyi.resources import bundled

    folder = bundled("models/starter") if model == "starter" else Path(model)
    manifest = load_model(folder).manifest
    for key, value in manifest.items():
        counts = {name: len(labels) for name, labels in value.items()} if key == "labels" else value
        print(f"{key}：{counts}")
