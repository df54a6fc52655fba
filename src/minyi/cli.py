"""The command line: thin commands that call the library, print, and turn errors into exit codes."""

from __future__ import annotations

import os
import sys
import warnings
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from minyi.errors import InputError, MinyiError

INTERRUPTED, USAGE, WRONG = 130, 2, 1

app = typer.Typer(
    help="民意：把群众意见分到政策类别与责任部门（离线运行）。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
model_app = typer.Typer(help="查看模型。", no_args_is_help=True)
app.add_typer(model_app, name="model")

_Text = Annotated[str | None, typer.Option("--text", help="正文所在列的名称")]
_Title = Annotated[str | None, typer.Option("--title", help="标题所在列的名称")]
_Time = Annotated[str | None, typer.Option("--time", help="时间所在列的名称")]
_Place = Annotated[str | None, typer.Option("--place", help="地点所在列的名称")]
_Sheet = Annotated[str | None, typer.Option("--sheet", help="只读这一张工作表")]
_Model = Annotated[str, typer.Option("--model", "-m", help="模型文件夹；starter 是自带模型")]
_Office = Annotated[Path | None, typer.Option("--office", help="单位配置文件 office.toml")]
_Force = Annotated[bool, typer.Option("--force", "-f", help="覆盖已有的输出")]


@app.command(
    epilog="例：minyi classify 意见箱.xlsx -o 分类结果.xlsx\n\n"
    "例：echo 村里的路灯坏了半年 | minyi classify -"
)
def classify(
    inputs: Annotated[list[str], typer.Argument(help="文件或文件夹；- 表示从标准输入读文字")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="结果文件")] = None,
    text: _Text = None,
    title: _Title = None,
    time: _Time = None,
    place: _Place = None,
    sheet: _Sheet = None,
    model: _Model = "starter",
    office: _Office = None,
    header: Annotated[str, typer.Option("--header", help="结果列名用中文 zh 或英文 en")] = "zh",
    received: Annotated[
        str | None, typer.Option("--received", help="没有时间列时，期限从这天起算，如 2026-11-22")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="进程数，默认用全部核")] = None,
    force: _Force = False,
) -> None:
    """给表格里的意见分类、分办：读入工作簿，写出结果。"""
    from minyi.batch import Job

    if header not in ("zh", "en"):
        raise InputError(f"--header 应为 zh 或 en，实际是 {header}。")
    job = Job(model, str(office) if office else None, _day(received))
    if inputs == ["-"]:
        if output:
            raise InputError("- 的结果写到标准输出，不能再用 --output；请改用 > 存成文件。")
        _classify_input(job, header)
        return
    from minyi.batch import classify_files

    paths = [Path(name) for name in inputs]
    output = output or paths[0].with_name(f"{paths[0].stem}_分类.xlsx")
    roles = {"text": text, "title": title, "time": time, "place": place}
    chosen = {role: name for role, name in roles.items() if name}
    with _Progress(paths, chosen, sheet) as progress:
        summary = classify_files(
            paths,
            output,
            job=job,
            columns=chosen,
            sheet=sheet,
            header=header,
            force=force,
            workers=workers,
            progress=progress.update,
        )
    _print_summary(summary, output)


@app.command(epilog="例：minyi train 已分类.xlsx --label 类别 -o models/本单位 --base starter")
def train(
    labelled: Annotated[list[Path], typer.Argument(help="带标签的表格")],
    output: Annotated[Path, typer.Option("--output", "-o", help="模型文件夹")],
    label: Annotated[str, typer.Option("--label", help="类别标签所在列")],
    kind: Annotated[str | None, typer.Option("--kind", help="诉求类型所在列（可不给）")] = None,
    department: Annotated[str | None, typer.Option("--department", help="主办部门所在列")] = None,
    text: _Text = None,
    title: _Title = None,
    sheet: _Sheet = None,
    where: Annotated[str | None, typer.Option("--where", help="只用符合 列=值 的行")] = None,
    features: Annotated[
        str, typer.Option("--features", help="words+chars 或 chars")
    ] = "words+chars",
    base: Annotated[
        str | None, typer.Option("--base", help="在此模型上继续训练：starter 或模型文件夹")
    ] = None,
    force: _Force = False,
) -> None:
    """用本单位已标注的意见训练模型；标签可以是任何体系。"""
    from minyi.labelled import read_labelled, train_on

    _check_free(output, force)
    labels = {"category": label, "kind": kind, "department": department}
    columns = _roles(text, title)
    data = read_labelled(labelled, labels, columns=columns, sheet=sheet, where=where)
    model = train_on(data, output, features=features, base=base)
    _print(f"已训练 {len(data.submissions)} 条，模型写入 {output}")
    for target, names in model.manifest["labels_seen"].items():
        _print(f"  {target}：{names} 种标签")


@app.command(epilog="例：minyi adapt 历年意见.xlsx -o models/本单位 --office office.toml")
def adapt(
    inputs: Annotated[list[Path], typer.Argument(help="历年意见：表格或文件夹，不需要标签")],
    output: Annotated[Path, typer.Option("--output", "-o", help="模型文件夹")],
    base: Annotated[str, typer.Option("--base", help="从此模型出发：starter 或文件夹")] = "starter",
    office: _Office = None,
    text: _Text = None,
    title: _Title = None,
    sheet: _Sheet = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="另有一部分已标注的表格时给出")
    ] = None,
    label: Annotated[str, typer.Option("--label", help="其中的类别标签列")] = "类别",
    force: _Force = False,
) -> None:
    """用本单位没有标签的历年意见，让模型熟悉本地的说法（需要安装 minyi[semantic]）。"""
    from minyi.archive import adapt_on, read_archive
    from minyi.labelled import read_labelled

    _check_free(output, force)
    columns = _roles(text, title)
    data = read_labelled([labels], {"category": label}, columns=columns) if labels else None
    submissions = read_archive(inputs, columns=columns, sheet=sheet)
    _print(f"读到 {len(submissions)} 条不重复的意见")
    with _Stages() as stages:
        _, check = adapt_on(
            submissions, output, base=base, office=office, labelled=data, progress=stages.update
        )
    before, after = check.agreement_before, check.agreement_after
    if check.problem:
        _print(f"注意：{check.problem}，因此保留了原来的模型（{base}），没有采用适应的结果。")
    else:
        _print(f"已适应，共 {check.rounds} 轮：两种判断的一致率从 {before:.1%} 升到 {after:.1%}")
    _print(f"模型写入 {output}，使用：minyi classify 意见箱.xlsx --model {output}")


@app.command(
    epilog="例：minyi evaluate 已分类.xlsx --model models/本单位 --label 类别\n\n"
    "例：minyi evaluate 已分类.xlsx --label 类别 --suspects 可疑标签.xlsx --curve 学习曲线.png"
)
def evaluate(
    labelled: Annotated[list[Path], typer.Argument(help="带标签的表格")],
    label: Annotated[str, typer.Option("--label", help="正确标签所在列")],
    model: _Model = "starter",
    target: Annotated[
        str, typer.Option("--target", help="category、kind 或 department")
    ] = "category",
    text: _Text = None,
    title: _Title = None,
    sheet: _Sheet = None,
    where: Annotated[str | None, typer.Option("--where", help="只用符合 列=值 的行")] = None,
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
    force: _Force = False,
) -> None:
    """在已标注的意见上检验模型：各类的精确率、召回率、F1，覆盖率与校准误差；或检查标签本身。"""
    from minyi.labelled import evaluate_on, read_labelled, write_report

    if output and (suspects or curve):
        raise InputError("--output 写的是模型的检验结果，不能与 --suspects、--curve 同用。")
    if base and not curve:
        raise InputError("--base 只用于学习曲线：请同时用 --curve 给出图片的名字。")
    data = read_labelled(
        labelled, {target: label}, columns=_roles(text, title), sheet=sheet, where=where
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
        _print(line)
    if output:
        write_report(report, output, force=force)
        _print(f"已写入 {output}")


@app.command(epilog='例：minyi explain "三组的水渠垮了半年没人修"')
def explain(
    words: Annotated[list[str], typer.Argument(help="一段意见")],
    title: Annotated[str, typer.Option("--title", help="标题")] = "",
    model: _Model = "starter",
    office: _Office = None,
) -> None:
    """说明一条意见为什么这样分：类别、得分、备选、关键词、部门与依据。"""
    from minyi.pipeline import load
    from minyi.schema import COLUMNS, Submission

    minyi = load(model, office=office)
    result = minyi.classify([Submission(" ".join(words), title)])[0]
    for name, value in zip(COLUMNS.values(), result.as_row(), strict=True):
        if value not in ("", None):
            _print(f"{name}：{value}")


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
        _print(f"{key}：{counts}")


def main() -> None:
    """Run the command line; a mendable error is one Chinese message and exit code 1."""
    _survive_console()
    warnings.showwarning = _show_warning
    try:
        # Commands return nothing: a number is the exit code of an interrupt or an early end.
        code = app(standalone_mode=False)
    except MinyiError as error:
        _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = None
    except Exception as error:
        _usage_or_raise(error)
    if code == INTERRUPTED:
        print("已中断：没有写出不完整的文件。", file=sys.stderr)
    if code:
        raise SystemExit(code)


def _usage_or_raise(error: Any) -> NoReturn:
    # The base of what is wrong with a call: in click, or in the copy of it inside typer.
    (usage_error,) = typer.BadParameter.__bases__
    if not isinstance(error, usage_error):
        raise error
    if type(error).__name__ == "NoArgsIsHelpError":  # and the help is on the screen
        raise SystemExit(0) from None
    _fail(f"{_usage(error)}\n用 --help 查看用法。", code=USAGE)


def _usage(error: Any) -> str:
    """Say in Chinese what is wrong with a call."""
    name = error.param.opts[0] if getattr(error, "param", None) else ""
    told = {
        "NoSuchOption": f"没有选项 {getattr(error, 'option_name', '')}。",
        "MissingParameter": f"缺少 {name}。",
        "BadParameter": f"{name} 的值不合要求。",
    }
    return told.get(type(error).__name__) or f"命令写得不对：{error.format_message()}"


def _survive_console() -> None:
    """Let no message die of a console that cannot show a character (code page 936)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"提示：{message}", file=sys.stderr)


def _print(text: str) -> None:
    print(text)


def _fail(message: str, code: int = WRONG) -> NoReturn:
    print(f"错误：{message}", file=sys.stderr)
    raise SystemExit(code) from None


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    from minyi.domain.calendar import parse_date

    day = parse_date(text)
    if day is None:
        raise InputError(f"--received 应为日期，如 2026-11-22，实际是 {text}。")
    return day


def _check_free(folder: Path, force: bool) -> None:
    if (folder / "manifest.json").exists() and not force:
        raise InputError(f"{folder} 里已有模型：换一个文件夹，或加 --force 覆盖。")


def _roles(text: str | None, title: str | None) -> dict[str, str]:
    return {role: name for role, name in (("text", text), ("title", title)) if name}


def _find_suspects(data: Any, target: str, path: Path, force: bool, inputs: list[Path]) -> None:
    from minyi.crosscheck import find_suspects, write_suspects
    from minyi.tables import find_inputs, open_output

    with open_output(path, force=force, inputs=find_inputs(inputs)) as out:
        _print("正在交叉检验，几千条约需一两分钟")
        found = find_suspects(data, target)
        write_suspects(found, data, out)
    for line in found.lines():
        _print(line)
    _print(f"已写入 {path}")


def _draw_curve(data: Any, target: str, path: Path, base: str | None) -> None:
    from minyi.curve import can_draw, curve_lines, draw_curve, learning_curve
    from minyi.pipeline import load

    _print("正在训练许多个模型作比较，几千条约需几分钟")
    points = learning_curve(data, target, base=load(base).model if base else None)
    for line in curve_lines(points):
        _print(line)
    if not can_draw():
        _print('没有画图：画图要先安装 matplotlib 和 zhplot，用 pip install "minyi[analysis]"')
        return
    draw_curve(points, path)
    _print(f"已写入 {path}")


def _classify_input(job: Any, header: str) -> None:
    """Classify each line of the standard input, and print a tab-separated line for each."""
    from minyi.schema import COLUMNS

    lines = [line.strip() for line in _standard_input().splitlines() if line.strip()]
    if not lines:
        raise InputError("标准输入里没有文字：请每行给一条意见。")
    names = list(COLUMNS) if header == "en" else list(COLUMNS.values())
    _print("\t".join(names))
    for result in job.load().classify(lines):
        _print("\t".join("" if value is None else str(value) for value in result.as_row()))


def _standard_input() -> str:
    """Read the standard input as UTF-8 or GB18030, whatever the console calls itself."""
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _print_summary(summary: Any, output: Path) -> None:
    _print(f"共 {summary.n_rows} 条，需复核 {summary.n_review} 条，紧急 {summary.n_urgent} 条")
    departments: dict[str, int] = {}
    for (department, _), number in summary.by_department.items():
        departments[department] = departments.get(department, 0) + number
    most = sorted(departments.items(), key=lambda item: -item[1])[:8]
    if most:
        _print("主办部门：" + "，".join(f"{name} {number}" for name, number in most))
    for line in summary.unclassified[:5]:
        _print(f"未分类：{line}")
    for note in summary.notes:
        _print(f"提示：{note}")
    _print(f"结果已写入 {output}")


class _Stages:
    """Bars with the remaining time, one a stage, on a terminal."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("剩余"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> _Stages:
        self._bars.start()
        return self

    def update(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done)

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


class _Progress:
    """A bar with rate and remaining time, on a terminal and for long work only."""

    _SHORT = 2000  # rows

    def __init__(self, paths: list[Path], columns: dict[str, str], sheet: str | None) -> None:
        self._total = _estimate(paths, columns, sheet) if sys.stderr.isatty() else 0
        self._bar: Any = None

    def __enter__(self) -> _Progress:
        if self._total < self._SHORT:
            return self
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("分类"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} 条"),
            TextColumn("{task.fields[rate]:.0f} 条/秒"),
            TextColumn("剩余"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=self._total, rate=0.0)
        return self

    def update(self, done: int) -> None:
        if self._bar is not None:
            speed = self._bar.tasks[0].speed or 0.0
            total = max(self._total, done)
            self._bar.update(self._task, completed=done, total=total, rate=speed)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _estimate(paths: list[Path], columns: dict[str, str], sheet: str | None) -> int:
    from minyi.batch import estimate_rows
    from minyi.tables import open_tables

    return estimate_rows(open_tables(paths, columns, sheet=sheet))
