"""The command line: Chinese words, exit codes, and every file and console an office has."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from minyi import archive
from minyi.cli import main
from minyi.errors import ModelError
from minyi.learning.adaptation import Check
from minyi.resources import bundled
from minyi.schema import COLUMNS
from small_corpus import examples
from small_tables import HEADER, read_jsonl, read_sheets, rows, write_sheets, write_workbook

ZH = list(COLUMNS.values())
LAMP = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"
COMMANDS = [
    ("classify",),
    ("train",),
    ("adapt",),
    ("evaluate",),
    ("explain",),
    ("model", "show"),
    ("serve",),
    ("desk",),
    ("key", "add"),
    ("key", "list"),
    ("key", "revoke"),
    ("store", "export"),
    ("store", "purge"),
]
MINYI = str(Path(sys.executable).with_name("minyi"))


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line in this process, from a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main replaces it

    def call(*arguments: str | Path, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "argv", ["minyi", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as done:
            code = int(done.code or 0)
        return Said(code, *capsys.readouterr())

    return call


def process(
    *arguments: str | Path, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [MINYI, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(tmp_path_factory.mktemp("箱") / "意见箱.xlsx", rows(30))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of about 150 rows, labelled in an office's own words and in the taxonomy's."""
    names = {"01": "城建口", "08": "社保口", "13": "公安口"}
    lines = [
        [e.title, e.text, names[e.category[:2]], e.category, e.kind, str(2024 + i % 2)]
        for i, e in enumerate(examples())
    ]
    header = ["标题", "内容", "类别", "代码", "类型", "年份"]
    path = tmp_path_factory.mktemp("标") / "已分类.xlsx"
    return write_sheets(path, {"表": [header, *lines]})


@pytest.fixture(scope="module")
def own_model(labelled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("模型") / "本单位"
    arguments = ["--label", "类别", "-o", str(folder), "--features", "chars"]
    done = process("train", labelled, *arguments, folder=folder.parent)
    assert done.returncode == 0, done.stderr.decode()
    return folder


# --- help and usage ---


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_every_command_is_chinese_and_has_an_example(
    run: Run, command: tuple[str, ...]
) -> None:
    said = run(*command, "--help")
    assert said.code == 0
    assert f"例：minyi {' '.join(command)}" in said.out or "例：echo" in said.out
    # Every option is explained in Chinese, but for what typer says of --help itself.
    shown = re.findall(r"^│[ *]*(--\S+)\s+(.*)│$", said.out, re.MULTILINE)
    assert all(re.search("[一-鿿]", text) for name, text in shown if name != "--help"), shown


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_example_of_a_command_names_only_options_it_has(
    run: Run, command: tuple[str, ...]
) -> None:
    said = run(*command, "--help")
    example = said.out[said.out.index("例：") :]
    options, used = said.out.partition("例：")[0], re.findall(r"(?<=\s)--?[a-z]+", example)
    assert all(option in options for option in used)


def test_without_a_command_the_commands_are_listed(run: Run) -> None:
    said = run()
    assert said.code == 0
    assert all(command[0] in said.out for command in COMMANDS)


@pytest.mark.parametrize("name", sorted({name for name, *_ in COMMANDS}))
def test_the_list_of_commands_says_of_each_what_its_own_help_says(run: Run, name: str) -> None:
    def told(text: str) -> str:
        return re.sub(r"[\s│]", "", text)

    own = run(name, "--help").out.partition("╭")[0].partition("Usage")[2].partition("\n")[2]
    said = re.search(rf"(?<=│ ){name} .*\n(?:│   +\S.*\n)*", run("--help").out)
    assert own.strip()
    assert said
    assert told(own).startswith(told(said[0]).removeprefix(name).rstrip("…"))


@pytest.mark.parametrize(
    ("arguments", "library", "extra"),
    [
        (("serve",), "fastapi", "service"),
        (("desk",), "nicegui", "desk"),
        (("key", "list"), "sqlalchemy", "service"),
        (("store", "purge"), "alembic", "service"),
    ],
)
def test_a_command_whose_extra_is_missing_says_what_to_install(
    tmp_path: Path, arguments: tuple[str, ...], library: str, extra: str
) -> None:
    program = (
        f"import sys; sys.modules[{library!r}] = None; sys.argv[0] = 'minyi'\n"
        "from minyi.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "MINYI_STORE": str(tmp_path / "库.db")},
    )
    assert done.returncode == 1, done.stderr.decode()
    message = done.stderr.decode()
    wanted = rf"错误：.*缺少 {library}.*请运行 \".+\" -m pip install \"minyi\[{extra}\]\".*\n"
    assert re.fullmatch(wanted, message), message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("classify",), "缺少"),
        (("classify", "表.xlsx", "--hedaer", "zh"), "没有选项 --hedaer"),
        (("classify", "表.xlsx", "--workers", "许多"), "--workers 的值不合要求"),
        (("clasify", "表.xlsx"), "命令写得不对"),
        (("train", "表.xlsx"), "缺少 --output"),
        (("explain",), "缺少"),
    ],
)
def test_a_wrong_call_is_exit_code_2_and_points_to_help(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert said.err.startswith("错误：")
    assert message in said.err
    assert said.err.endswith("用 --help 查看用法。\n")


# --- classify ---


def test_classify_writes_a_workbook_and_sums_up(run: Run, box: Path, tmp_path: Path) -> None:
    said = run("classify", box, "-o", "结果.xlsx")
    assert (said.code, said.err) == (0, "")
    assert re.match(r"共 30 条，需复核 \d+ 条，紧急 \d+ 条\n主办部门：", said.out)
    assert said.out.endswith("结果已写入 结果.xlsx\n")
    assert len(read_sheets(tmp_path / "结果.xlsx")["分类结果"]) == 31


def test_without_output_the_result_stands_beside_the_input(run: Run, tmp_path: Path) -> None:
    write_workbook(tmp_path / "三月 意见.xlsx", rows(3))
    assert run("classify", "三月 意见.xlsx").code == 0
    assert (tmp_path / "三月 意见_分类.xlsx").exists()


@pytest.mark.parametrize("name", ["意 见（三月）.csv", "意见😀.csv", "a b.csv"])
def test_file_names_may_hold_blanks_chinese_and_emoji(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f"内容\n{LAMP}\n", "utf-8")
    said = run("classify", name, "-o", f"结果 {name}")
    assert said.code == 0, said.err
    assert (tmp_path / f"结果 {name}").exists()


@pytest.mark.parametrize(("header", "names"), [("zh", ZH), ("en", list(COLUMNS))])
def test_header_chooses_the_language_of_result_columns(
    run: Run, box: Path, tmp_path: Path, header: str, names: list[str]
) -> None:
    assert run("classify", box, "-o", "b.csv", "--header", header).code == 0
    with (tmp_path / "b.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == [*HEADER, *names]


def test_a_wrong_header_is_refused(run: Run, box: Path) -> None:
    said = run("classify", box, "-o", "b.csv", "--header", "fr")
    assert (said.code, said.err) == (1, "错误：--header 应为 zh 或 en，实际是 fr。\n")


def test_received_is_the_day_deadlines_count_from(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"内容\n{LAMP}\n", "utf-8")
    for day, month in (("2026-03-02", "2026-03"), ("2026年6月1日", "2026-06")):
        run("classify", "a.csv", "-o", "b.jsonl", "--received", day, "-f")
        assert str(read_jsonl(tmp_path / "b.jsonl")[0]["办理期限"]).startswith(month)


def test_a_wrong_day_is_refused(run: Run, box: Path) -> None:
    said = run("classify", box, "--received", "明天")
    assert said.code == 1
    assert "--received 应为日期，如 2026-11-22，实际是 明天" in said.err


def test_an_office_profile_is_used(run: Run, box: Path, tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text('[office]\nname = "云溪镇"\n', "utf-8")
    run("classify", box, "-o", "b.xlsx", "--office", "office.toml")
    assert ["单位配置", "云溪镇"] in read_sheets(tmp_path / "b.xlsx")["说明"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("无.xlsx",), "找不到文件“无.xlsx”"),
        (("box", "--office", "无.toml"), "找不到单位配置文件"),
        (("box", "--model", "无"), "找不到模型"),
        (("box", "--text", "内荣"), "没有列“内荣”；是不是“内容”？"),
        (("box", "--sheet", "无"), "没有工作表“无”"),
        (("box", "-o", "b.doc"), "不能写成“.doc”文件"),
    ],
)
def test_what_cannot_be_done_is_one_chinese_line_and_exit_code_1(
    run: Run, box: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    given = [str(box) if name == "box" else name for name in arguments]
    output = [] if "-o" in given else ["-o", "b.xlsx"]
    said = run("classify", *given, *output)
    assert said.code == 1
    assert said.err.startswith("错误：")
    assert message in said.err
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_existing_output_needs_force(run: Run, box: Path, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("旧", "utf-8")
    said = run("classify", box, "-o", "b.csv")
    assert said.code == 1
    assert "加" in said.err or "--force" in said.err
    assert (tmp_path / "b.csv").read_text("utf-8") == "旧"
    assert run("classify", box, "-o", "b.csv", "--force").code == 0


def test_the_input_is_not_replaced_even_with_force(run: Run, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", rows(3))
    before = path.read_bytes()
    said = run("classify", "a.xlsx", "-o", "a.xlsx", "--force")
    assert said.code == 1
    assert "就是输入文件" in said.err
    assert path.read_bytes() == before


def test_rows_that_could_not_be_read_are_named_without_their_words(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(f"编号,内容\n1,{LAMP}\n2,secret words\n", "utf-8")
    said = run("classify", "a.csv", "-o", "b.csv")
    assert "未分类：a.csv 第 3 行：没有中文内容" in said.out
    assert "secret" not in said.out + said.err


# --- standard input ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_lines_of_standard_input_are_classified_in_any_chinese_encoding(
    run: Run, encoding: str
) -> None:
    said = run("classify", "-", stdin=f"{LAMP}\n\n工地欠我三个月工资不给\r\n".encode(encoding))
    assert said.code == 0
    header, first, second = [line.split("\t") for line in said.out.splitlines()]
    assert header == ZH
    assert len(first) == len(second) == len(ZH)
    assert "路灯" in first[ZH.index("关键词")]
    assert "工资" in second[ZH.index("关键词")]


def test_standard_input_knows_the_english_header(run: Run) -> None:
    said = run("classify", "-", "--header", "en", stdin=LAMP.encode())
    assert said.out.splitlines()[0].split("\t") == list(COLUMNS)


def test_an_empty_standard_input_is_refused(run: Run) -> None:
    said = run("classify", "-", stdin=b" \n\n")
    assert said.code == 1
    assert "标准输入里没有文字" in said.err


def test_standard_input_and_an_output_file_are_refused_together(run: Run, tmp_path: Path) -> None:
    said = run("classify", "-", "-o", "b.csv", stdin=LAMP.encode())
    assert said.code == 1
    assert "标准输出" in said.err
    assert list(tmp_path.iterdir()) == []


# --- consoles ---


def test_a_gbk_console_never_stops_the_work(tmp_path: Path) -> None:
    (tmp_path / "意见😀.csv").write_text(f"内容\n{LAMP}😀\n𠮷屋漏水没人管\n", "utf-8")
    gbk = {"PYTHONIOENCODING": "gbk", "COLUMNS": "100"}
    done = process("classify", "意见😀.csv", "-o", "结果😀.csv", folder=tmp_path, environment=gbk)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("gbk").endswith("结果已写入 结果?.csv\n")
    assert (tmp_path / "结果😀.csv").exists()


def test_a_gbk_console_shows_errors_and_help(tmp_path: Path) -> None:
    gbk = {"PYTHONIOENCODING": "gbk"}
    done = process("classify", "没有😀.csv", folder=tmp_path, environment=gbk)
    assert done.returncode == 1
    assert done.stderr.decode("gbk").startswith("错误：找不到文件“没有?.csv”")
    done = process("classify", "--help", folder=tmp_path, environment=gbk)
    assert done.returncode == 0
    assert "例：minyi classify" in done.stdout.decode("gbk")


def test_an_ascii_console_does_not_stop_the_work(tmp_path: Path) -> None:
    done = process("explain", LAMP, folder=tmp_path, environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = f"'{MINYI}' model show | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.stderr == b""


# --- explain, model show ---


def test_explain_says_category_department_deadline_and_words(run: Run) -> None:
    said = run("explain", LAMP, "--title", "路灯")
    assert said.code == 0
    shown = dict(line.split("：", 1) for line in said.out.splitlines())
    assert set(shown) <= set(ZH)
    assert {"诉求类型", "类别", "类别得分", "主办部门", "分办依据", "办理期限"} <= set(shown)
    assert "路灯" in shown["关键词"]


def test_explain_joins_words_given_without_quotes(run: Run) -> None:
    assert run("explain", "三组的水渠", "垮了半年", "没人修").code == 0


def test_explain_says_why_a_text_cannot_be_classified(run: Run) -> None:
    said = run("explain", "only English")
    assert (said.code, "状态说明：没有中文内容" in said.out) == (0, True)


def test_model_show_tells_where_a_model_comes_from(run: Run) -> None:
    said = run("model", "show")
    assert said.code == 0
    shown = dict(line.split("：", 1) for line in said.out.splitlines())
    assert shown["name"] == "starter"
    assert {"date", "versions", "thresholds", "n_submissions", "labels"} <= set(shown)


def test_a_tampered_model_is_one_chinese_line(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "坏"
    shutil.copytree(bundled("models/starter"), folder)
    with (folder / "weights.npz").open("r+b") as file:
        file.seek(5000)
        file.write(b"\x00\x01\x02\x03")
    for command in (("model", "show", folder), ("explain", LAMP, "--model", folder)):
        said = run(*command)
        assert said.code == 1
        assert said.err.startswith("错误：模型已损坏或被改动：坏/weights.npz")
        assert said.err.count("\n") == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "别的", "format_version": 1}'])
def test_a_damaged_manifest_is_one_chinese_line(run: Run, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "坏"
    shutil.copytree(bundled("models/starter"), folder)
    (folder / "manifest.json").write_text(text, "utf-8")
    said = run("model", "show", folder)
    assert said.code == 1
    assert re.fullmatch("错误：.*[一-鿿].*\n", said.err)


# --- train, evaluate, and the model in use ---


def test_a_model_of_own_labels_classifies_a_table_end_to_end(
    run: Run, own_model: Path, box: Path, tmp_path: Path
) -> None:
    said = run("classify", box, "--model", own_model, "-o", "b.jsonl")
    assert said.code == 0, said.err
    for row in read_jsonl(tmp_path / "b.jsonl"):
        assert row["类别"] in {"城建口", "社保口", "公安口", ""}
        assert row["类别代码"] in ("", None)
        assert (row["诉求类型"] != "") == (row["处理状态"] == "正常")


def test_training_tells_how_many_rows_and_labels(run: Run, labelled: Path, tmp_path: Path) -> None:
    arguments = ["--label", "代码", "--kind", "类型", "--where", "年份=2025", "-o", "m"]
    said = run("train", labelled, *arguments, "--features", "chars")
    assert said.code == 0, said.err
    n = sum(i % 2 for i in range(len(examples())))
    assert f"已训练 {n} 条，模型写入 m" in said.out
    assert "category：6 种标签" in said.out
    assert "kind：" in said.out
    assert run("model", "show", "m").code == 0


def test_training_does_not_replace_a_model_without_force(
    run: Run, labelled: Path, own_model: Path
) -> None:
    before = (own_model / "manifest.json").read_bytes()
    said = run("train", labelled, "--label", "类别", "-o", own_model)
    assert said.code == 1
    assert "已有模型" in said.err
    assert (own_model / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("force", [False, True])
def test_training_continues_a_base(
    run: Run, labelled: Path, own_model: Path, tmp_path: Path, force: bool
) -> None:
    if force:
        shutil.copytree(own_model, tmp_path / "m")
    arguments = ["--label", "类别", "-o", "m", "--base", own_model]
    said = run("train", labelled, *arguments, *(["--force"] if force else []))
    assert said.code == 0, said.err
    assert f"已训练 {len(examples())} 条，模型写入 m" in said.out
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_text("utf-8"))
    assert (manifest["name"], manifest["base"]) == ("m", "本单位")
    assert manifest["command"] == "minyi train --base 本单位"
    assert set(manifest["trust"]) == {"category"}
    assert set(manifest["labels"]["category"]) == {"城建口", "社保口", "公安口"}


def test_training_continues_the_starter_which_keeps_what_the_labels_do_not_tell(
    run: Run, labelled: Path, tmp_path: Path
) -> None:
    arguments = ["--label", "代码", "-o", "m", "--base", "starter"]
    said = run("train", labelled, *arguments, "--where", "类型=咨询")
    assert said.code == 0, said.err
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_text("utf-8"))
    starter = json.loads((bundled("models/starter") / "manifest.json").read_text("utf-8"))
    assert manifest["base"] == "starter"
    assert manifest["codes"] == starter["codes"]
    assert manifest["labels"] == starter["labels"]
    said = run("explain", LAMP, "--model", "m")
    assert said.code == 0
    assert "城乡建设" in said.out


def test_a_missing_base_is_one_chinese_line(run: Run, labelled: Path, tmp_path: Path) -> None:
    said = run("train", labelled, "--label", "类别", "-o", "m", "--base", "没有")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("错误：找不到模型")
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# --- adapting ---


CHECK = Check(
    n_texts=30,
    n_watched=5,
    rounds=2,
    agreement_before=0.5,
    agreement_after=0.625,
    drift=0.1,
    problem="",
)


@pytest.fixture
def adapting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Check], list[Any]]]:
    """Let adapting cost nothing and find what a test says."""
    monkeypatch.setattr(archive, "FEWEST", 20)
    calls: list[Any] = []

    def finding(check: Check) -> list[Any]:
        def adapt_on(submissions: Any, folder: Path, *, progress: Any, **options: Any) -> Any:
            for stage in (archive.ENCODING, archive.TEACHING):
                progress(stage, 1, 2)
                progress(stage, 2, 2)
            calls.append((len(submissions), folder, options))
            return None, check

        monkeypatch.setattr(archive, "adapt_on", adapt_on)
        return calls

    yield finding


def test_adapting_tells_how_many_texts_and_how_the_agreement_rose(
    run: Run, box: Path, adapting: Callable[[Check], list[Any]]
) -> None:
    calls = adapting(CHECK)
    said = run("adapt", box, "-o", "m")
    assert said.code == 0, said.err
    assert calls == [(30, Path("m"), {"base": "starter", "office": None, "labelled": None})]
    assert "读到 30 条不重复的意见" in said.out
    assert "已适应，共 2 轮：两种判断的一致率从 50.0% 升到 62.5%" in said.out
    assert said.out.endswith("模型写入 m，使用：minyi classify 意见箱.xlsx --model m\n")


def test_an_adaptation_that_did_harm_is_told_with_the_base_that_was_kept(
    run: Run, box: Path, adapting: Callable[[Check], list[Any]]
) -> None:
    adapting(replace(CHECK, problem="适应后各类的比例偏移了 40%，超过 25%"))
    said = run("adapt", box, "-o", "m", "--base", "某模型")
    assert said.code == 0
    assert "注意：适应后各类的比例偏移了 40%，超过 25%，因此保留了原来的模型（某模型）" in said.out
    assert "已适应" not in said.out


def test_labels_go_into_the_adaptation(
    run: Run, box: Path, labelled: Path, adapting: Callable[[Check], list[Any]]
) -> None:
    calls = adapting(CHECK)
    said = run("adapt", box, "-o", "m", "--labels", labelled, "--label", "代码")
    assert said.code == 0, said.err
    ((_, _, options),) = calls
    assert options["labelled"].labels["category"] == [e.category for e in examples()]


def test_adapting_does_not_replace_a_model_without_force(
    run: Run, box: Path, own_model: Path, adapting: Callable[[Check], list[Any]]
) -> None:
    calls = adapting(CHECK)
    before = (own_model / "manifest.json").read_bytes()
    said = run("adapt", box, "-o", own_model)
    assert (said.code, said.out) == (1, "")
    assert "已有模型：换一个文件夹，或加 --force 覆盖" in said.err
    assert (own_model / "manifest.json").read_bytes() == before
    assert calls == []
    assert run("adapt", box, "-o", own_model, "--force").code == 0
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "至少需要 200 条不重复的意见，实际只有 30 条"),
        (("--text", "没有"), "没有列“没有”"),
        (("--labels", "没有.xlsx"), "没有.xlsx"),
    ],
)
def test_adapting_refuses_in_one_chinese_line(
    run: Run, box: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    said = run("adapt", box, "-o", "m", *arguments)
    assert said.code == 1
    assert said.err.startswith("错误：")
    assert message in said.err
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_the_encoder_adapting_tells_how_to_install_it(
    run: Run, box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ModelError("没有安装语义编码器。请先安装：pip install 'minyi[semantic]'")

    monkeypatch.setattr(archive, "FEWEST", 20)
    monkeypatch.setattr(archive, "encode_many", refuse)
    monkeypatch.setenv("HOME", str(tmp_path / "家"))
    said = run("adapt", box, "-o", "m")
    assert said.code == 1
    assert said.err.startswith("错误：没有安装语义编码器")
    assert not (tmp_path / "m").exists()


# --- evaluating ---


def test_evaluation_is_shown_and_written_as_json(
    run: Run, labelled: Path, own_model: Path, tmp_path: Path
) -> None:
    arguments = ["--label", "类别", "--model", own_model, "-o", "报告.json"]
    said = run("evaluate", labelled, *arguments)
    assert said.code == 0, said.err
    assert "准确率" in said.out
    report = json.loads((tmp_path / "报告.json").read_text("utf-8"))
    assert report["n_submissions"] == len(examples())
    assert report["accuracy"] > 0.9  # its own training rows
    assert {one["label"] for one in report["classes"]} == {"城建口", "社保口", "公安口"}
    said = run("evaluate", labelled, *arguments)
    assert said.code == 1
    assert "已存在" in said.err


def test_the_starter_is_evaluated_on_codes_and_kinds(run: Run, labelled: Path) -> None:
    assert run("evaluate", labelled, "--label", "代码").code == 0
    assert run("evaluate", labelled, "--label", "类型", "--target", "kind").code == 0


def test_suspects_are_written_without_any_model(run: Run, labelled: Path, tmp_path: Path) -> None:
    said = run("evaluate", labelled, "--label", "类别", "--suspects", "可疑标签.xlsx")
    assert said.code == 0, said.err
    assert re.search(rf"交叉检验 {len(examples())} 条，可疑 \d+ 条（.*%）", said.out)
    assert said.out.endswith("已写入 可疑标签.xlsx\n")
    header, *lines = read_sheets(tmp_path / "可疑标签.xlsx")["可疑标签"]
    assert (header[0], header[-1]) == ("序号", "是否改")
    source = read_sheets(labelled)["表"]
    for line in lines:
        assert line[2:5] == source[int(str(line[1])) - 1][:3]
    assert not pieces(said.out) & words_of_citizens()


def test_a_learning_curve_is_printed_and_drawn(run: Run, labelled: Path, tmp_path: Path) -> None:
    said = run("evaluate", labelled, "--label", "类别", "--curve", "学习曲线.svg")
    assert said.code == 0, said.err
    assert re.search(r"标签数 .*\n +50 .*\n +100 .*\n +\d+ .*\n已写入 学习曲线.svg\n$", said.out)
    assert (tmp_path / "学习曲线.svg").exists()


def test_without_matplotlib_the_curve_is_printed_and_the_remedy_told(
    run: Run, labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minyi.curve.can_draw", lambda: False)
    said = run("evaluate", labelled, "--label", "类别", "--curve", "学习曲线.png")
    assert said.code == 0, said.err
    assert re.search(r"^ +50 ", said.out, re.MULTILINE)
    assert said.out.endswith(
        '没有画图：画图要先安装 matplotlib 和 zhplot，用 pip install "minyi[analysis]"\n'
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("evaluate", "--label", "类别", "--curve", "图.bmp"), "图片应写成"),
        (
            ("evaluate", "--label", "类别", "--curve", "图.png", "--where", "年份=2025"),
            "至少需要 125",
        ),
        (("evaluate", "--label", "类别", "--suspects", "表.doc"), "不能写成“.doc”文件"),
        (("evaluate", "--label", "类别", "--suspects", "表.csv", "-o", "报告.json"), "不能与"),
        (("evaluate", "--label", "类别", "--base", "starter"), "--base 只用于学习曲线"),
        (("evaluate", "--label", "代号"), "没有列“代号”"),
        (("evaluate", "--label", "类别"), "标签应是类别的代码"),
        (("evaluate", "--label", "代码", "--target", "天气"), "模型不判断 天气"),
        (("evaluate", "--label", "代码", "--where", "年份"), "列=值"),
        (("train", "--label", "代码", "--where", "年份=1999", "-o", "m"), "至少需要 10 条"),
        (("train", "--label", "年份x", "-o", "m"), "没有列“年份x”；是不是“年份”"),
        (("train", "--label", "代码", "-o", "m", "--features", "字"), "字"),
    ],
)
def test_training_and_evaluation_refuse_in_one_chinese_line(
    run: Run, labelled: Path, arguments: tuple[str, ...], message: str
) -> None:
    command, *options = arguments
    said = run(command, labelled, *options)
    assert said.code == 1
    assert said.err.startswith("错误：")
    assert message in said.err
    assert said.err.count("\n") == 1


# --- citizens' words ---


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "--label", "内容"),
        ("evaluate", "--label", "内容", "--target", "kind"),
        ("evaluate", "--label", "内容", "--suspects", "b.csv"),
        ("evaluate", "--label", "内容", "--curve", "b.png"),
        ("train", "--label", "内容", "-o", "m"),
        ("train", "--label", "类别", "--kind", "内容", "-o", "m"),
        ("classify", "--text", "没有", "-o", "b.csv"),
        ("classify", "--model", "没有", "-o", "b.csv"),
        ("classify", "--time", "内容", "--text", "类别", "-o", "b.csv"),
        ("train", "--label", "没有", "-o", "m"),
    ],
    ids=" ".join,
)
def test_citizens_words_never_reach_an_error(
    run: Run, labelled: Path, arguments: tuple[str, ...]
) -> None:
    command, *options = arguments
    said = run(command, labelled, *options)
    assert "Traceback" not in said.err
    assert not pieces(said.err) & words_of_citizens()


def pieces(text: str) -> set[str]:
    text = unicodedata.normalize("NFKC", text)
    return {text[i : i + 8] for i in range(len(text) - 7)}


def words_of_citizens() -> set[str]:
    return {piece for e in examples() for piece in pieces(e.text)}
