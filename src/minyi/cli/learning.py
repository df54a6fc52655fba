"""``minyi train``, ``adapt`` and ``evaluate``: what a model learns, and how good it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minyi.cli.options import Force, Model, Office, Sheet, Text, Title, Where, check_free, roles
from minyi.cli.program import app
from minyi.cli.progress import StageBars
from minyi.errors import InputError

if TYPE_CHECKING:
    from minyi.labelled import Labelled


@app.command(epilog="例：minyi train 已分类.xlsx --label 类别 -o models/本单位 --base starter")
def train(
    labelled: Annotated[list[Path], typer.Argument(help="带标签的表格")],
    output: Annotated[Path, typer.Option("--output", "-o", help="模型文件夹")],
    label: Annotated[str, typer.Option("--label", help="类别标签所在列")],
    kind: Annotated[str | None, typer.Option("--kind", help="诉求类型所在列（可不给）")] = None,
    department: Annotated[str | None, typer.Option("--department", help="主办部门所在列")] = None,
    text: Text = None,
    title: Title = None,
    sheet: Sheet = None,
    where: Where = None,
    features: Annotated[
        str, typer.Option("--features", help="words+chars 或 chars")
    ] = "words+chars",
    base: Annotated[
        str | None, typer.Option("--base", help="在此模型上继续训练：starter 或模型文件夹")
    ] = None,
    force: Force = False,
) -> None:
    """用本单位已标注的意见训练模型；标签可以是任何体系。"""
    from minyi.labelled import read_labelled, train_on

    check_free(output, force)
    labels = {"category": label, "kind": kind, "department": department}
    columns = roles(text, title)
    data = read_labelled(labelled, labels, columns=columns, sheet=sheet, where=where)
    model = train_on(data, output, features=features, base=base)
    print(f"已训练 {len(data.submissions)} 条，模型写入 {output}")
    for target, names in model.manifest["labels_seen"].items():
        print(f"  {target}：{names} 种标签")


@app.command(epilog="例：minyi adapt 历年意见.xlsx -o models/本单位 --office office.toml")
def adapt(
    inputs: Annotated[list[Path], typer.Argument(help="历年意见：表格或文件夹，不需要标签")],
    output: Annotated[Path, typer.Option("--output", "-o", help="模型文件夹")],
    base: Annotated[str, typer.Option("--base", help="从此模型出发：starter 或文件夹")] = "starter",
    office: Office = None,
    text: Text = None,
    title: Title = None,
    sheet: Sheet = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="另有一部分已标注的表格时给出")
    ] = None,
    label: Annotated[str, typer.Option("--label", help="其中的类别标签列")] = "类别",
    force: Force = False,
) -> None:
    """用本单位没有标签的历年意见，让模型熟悉本地的说法（需要安装 minyi[semantic]）。"""
    from minyi.archive import adapt_on, read_archive
    from minyi.labelled import read_labelled

    check_free(output, force)
    columns = roles(text, title)
    data = read_labelled([labels], {"category": label}, columns=columns) if labels else None
    submissions = read_archive(inputs, columns=columns, sheet=sheet)
    print(f"读到 {len(submissions)} 条不重复的意见")
    with StageBars() as stages:
        _, check = adapt_on(
            submissions, output, base=base, office=office, labelled=data, progress=stages.update
        )
    before, after = check.agreement_before, check.agreement_after
    if check.problem:
        print(f"注意：{check.problem}，因此保留了原来的模型（{base}），没有采用适应的结果。")
    else:
        print(f"已适应，共 {check.rounds} 轮：两种判断的一致率从 {before:.1%} 升到 {after:.1%}")
    print(f"模型写入 {output}，使用：minyi classify 意见箱.xlsx --model {output}")


@app.command(
    epilog="例：minyi evaluate 已分类.xlsx --model models/本单位 --label 类别\n\n"
    "例：minyi evaluate 已分类.xlsx --label 类别 --suspects 可疑标签.xlsx --curve 学习曲线.png"
)
def evaluate(
    labelled: Annotated[list[Path], typer.Argument(help="带标签的表格")],
    label: Annotated[str, typer.Option("--label", help="正确标签所在列")],
    model: Model = "starter",
    target: Annotated[
        str, typer.Option("--target", help="category、kind 或 department")
    ] = "category",
    text: Text = None,
    title: Title = None,
    sheet: Sheet = None,
    where: Where = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="把结果写成 JSON")] = None,
    suspects: Annotated[
        Path | None, typer.Option("--suspects", help="改为检查标签：把可疑的写成表，供人核对")
    ] = None,
    curve: Annotated[
        Path | None, typer.Option("--curve", help="改为看标签多少的差别：画成 png、svg 或 pdf")
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", help="学习曲线再加一条：在这个模型上接着学，如 starter")
    ] = None,
    force: Force = False,
) -> None:
    """在已标注的意见上检验模型：各类的精确率、召回率、F1，覆盖率与校准误差；或检查标签本身。"""
    from minyi.labelled import evaluate_on, read_labelled, write_report

    if output and (suspects or curve):
        raise InputError("--output 写的是模型的检验结果，不能与 --suspects、--curve 同用。")
    if base and not curve:
        raise InputError("--base 只用于学习曲线：请同时用 --curve 给出图片的名字。")
    data = read_labelled(
        labelled, {target: label}, columns=roles(text, title), sheet=sheet, where=where
    )
    if curve:
        from minyi.curve import check_picture

        check_picture(curve, force=force)
    if suspects:
        _find_suspects(data, target, suspects, force, labelled)
    if curve:
        _draw_curve(data, target, curve, base)
    if suspects or curve:
        return
    report = evaluate_on(data, model, target)
    for line in report.lines():
        print(line)
    if output:
        write_report(report, output, force=force)
        print(f"已写入 {output}")


def _find_suspects(
    data: Labelled, target: str, path: Path, force: bool, inputs: list[Path]
) -> None:
    from minyi.crosscheck import find_suspects, write_suspects
    from minyi.tables import find_inputs, open_output

    with open_output(path, force=force, inputs=find_inputs(inputs)) as out:
        print("正在交叉检验，几千条约需一两分钟")
        found = find_suspects(data, target)
        write_suspects(found, data, out)
    for line in found.lines():
        print(line)
    print(f"已写入 {path}")


def _draw_curve(data: Labelled, target: str, path: Path, base: str | None) -> None:
    from minyi.curve import can_draw, curve_lines, draw_curve, learning_curve
    from minyi.pipeline import load

    print("正在训练许多个模型作比较，几千条约需几分钟")
    points = learning_curve(data, target, base=load(base).model if base else None)
    for line in curve_lines(points):
        print(line)
    if not can_draw():
        print('没有画图：画图要先安装 matplotlib 和 zhplot，用 pip install "minyi[analysis]"')
        return
    draw_curve(points, path)
    print(f"已写入 {path}")
