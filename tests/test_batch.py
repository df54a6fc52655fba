"""Whole files: every row once, in order, as it was, and nothing half done."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from minyi import Minyi, Result, Submission, batch, load
from minyi.batch import Job, classify_files, estimate_rows
from minyi.errors import InputError, ModelError, OutputError
from minyi.schema import COLUMNS
from minyi.tables import open_tables
from small_tables import (
    HEADER,
    read_jsonl,
    read_sheets,
    rows,
    vague_rows,
    write_jsonl,
    write_sheets,
    write_workbook,
)

ZH = list(COLUMNS.values())
JOB = Job(received=date(2026, 3, 2))
MINYI = str(Path(sys.executable).with_name("minyi"))
LONG = 9000  # rows: enough for workers to be under way


def folder_names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def workers_of(pid: int) -> list[int]:
    """Return the process ids of the workers of a process."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid and b"serve_rows" in command:
            found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(tmp_path_factory.mktemp("输入") / "意见箱.xlsx", rows(60))


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Mixed, for the corpus stands in the order of categories, and some have shorter texts.
    mixed = random.Random(0).sample(rows(LONG, longest=90), LONG)
    return write_jsonl(tmp_path_factory.mktemp("长") / "长.jsonl", mixed)


@pytest.fixture(scope="module")
def serial(long: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    output = tmp_path_factory.mktemp("逐条") / "结果.jsonl"
    classify_files([long], output, job=JOB, workers=1)
    return output.read_bytes()


# --- one workbook ---


def test_a_workbook_becomes_four_sheets(small: Path, tmp_path: Path) -> None:
    classify_files([small], tmp_path / "结果.xlsx", job=JOB)
    assert list(read_sheets(tmp_path / "结果.xlsx")) == ["分类结果", "待复核", "汇总", "说明"]


def test_original_columns_stay_untouched_and_in_order_before_the_results(
    small: Path, tmp_path: Path
) -> None:
    summary = classify_files([small], tmp_path / "结果.xlsx", job=JOB)
    header, *lines = read_sheets(tmp_path / "结果.xlsx")["分类结果"]
    assert header == [*HEADER, *ZH]
    assert [line[:4] for line in lines] == rows(60)
    assert summary.n_rows == 60


def test_the_input_is_not_touched(small: Path, tmp_path: Path) -> None:
    before = small.read_bytes()
    classify_files([small], tmp_path / "结果.xlsx", job=JOB)
    assert small.read_bytes() == before


def test_eighteen_digits_survive_even_as_text_that_looks_like_a_number(tmp_path: Path) -> None:
    source = write_workbook(tmp_path / "a.xlsx", [["511023199003070015", "", "", "路灯坏了没人修"]])
    classify_files([source], tmp_path / "b.xlsx", job=JOB)
    cell = openpyxl.load_workbook(tmp_path / "b.xlsx")["分类结果"]["A2"]
    assert (cell.value, cell.data_type) == ("511023199003070015", "s")


def test_a_formula_in_a_citizens_text_stays_text(tmp_path: Path) -> None:
    text = "=cmd|' /C calc'!A0 村口的路灯坏了半年没人修"
    source = write_workbook(tmp_path / "a.xlsx", [["1", "", "@标题", text]])
    classify_files([source], tmp_path / "b.xlsx", job=JOB)
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["分类结果"]
    assert (sheet["D2"].value, sheet["D2"].data_type) == (text, "s")
    classify_files([source], tmp_path / "b.csv", job=JOB)
    assert "'=cmd|" in (tmp_path / "b.csv").read_text("utf-8-sig")


def test_review_holds_the_rows_to_look_at_urgent_first_then_the_least_certain(
    tmp_path: Path,
) -> None:
    source = write_workbook(tmp_path / "a.xlsx", [*vague_rows(60), ["", "", "", "着火了救命"]])
    summary = classify_files([source], tmp_path / "结果.xlsx", job=JOB)
    sheets = read_sheets(tmp_path / "结果.xlsx")
    all_rows = [dict(zip([*HEADER, *ZH], line, strict=True)) for line in sheets["分类结果"][1:]]
    review = [dict(zip([*HEADER, *ZH], line, strict=True)) for line in sheets["待复核"][1:]]
    wanted = [row["编号"] for row in all_rows if row["需复核"] == "是"]
    assert sorted(str(row["编号"]) for row in review) == sorted(map(str, wanted))
    assert len(review) == summary.n_review > 0
    keys = [(row["是否紧急"] != "是", float(str(row["类别得分"]))) for row in review]
    assert keys == sorted(keys)


def test_header_may_be_english(small: Path, tmp_path: Path) -> None:
    classify_files([small], tmp_path / "结果.jsonl", job=JOB, header="en")
    assert list(read_jsonl(tmp_path / "结果.jsonl")[0]) == [*HEADER, *COLUMNS]


def test_the_sheet_about_names_columns_model_start_of_deadlines_and_counts(
    small: Path, tmp_path: Path
) -> None:
    classify_files([small], tmp_path / "结果.xlsx", job=JOB)
    about = [tuple(line) for line in read_sheets(tmp_path / "结果.xlsx")["说明"]]
    assert ("识别的列", "正文：内容") in about
    assert ("识别的列", "时间：登记时间") in about
    assert ("总条数", 60) in about
    assert any(name == "期限起算" and "2026-03-02" in str(value) for name, value in about)
    assert any(name == "模型" and "starter" in str(value) for name, value in about)


def test_blank_and_unreadable_rows_keep_their_place_and_are_named(tmp_path: Path) -> None:
    lines = [["1", "", "", "路灯坏了没人修"], ["2", "", "", "😀😀"], ["3", "", "", "only English"]]
    source = write_workbook(tmp_path / "表.xlsx", lines)
    summary = classify_files([source], tmp_path / "b.jsonl", job=JOB, columns={"text": "内容"})
    found = read_jsonl(tmp_path / "b.jsonl")
    assert [row["编号"] for row in found] == ["1", "2", "3"]
    assert [row["处理状态"] for row in found] == ["正常", "空白", "无法识别"]
    assert [line.partition("：")[0] for line in summary.unclassified] == [
        "表.xlsx Sheet1 第 3 行",
        "表.xlsx Sheet1 第 4 行",
    ]


def test_the_time_column_decides_from_when_deadlines_count(tmp_path: Path) -> None:
    text = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"
    source = write_workbook(
        tmp_path / "a.xlsx", [["1", "2026年1月5日", "", text], ["2", "", "", text]]
    )
    classify_files([source], tmp_path / "b.jsonl", job=JOB)
    early, late = (str(row["办理期限"]) for row in read_jsonl(tmp_path / "b.jsonl"))
    assert date.fromisoformat(early) < JOB.received < date.fromisoformat(late)


def test_a_year_without_announced_holidays_is_noted_once_and_not_warned_of(tmp_path: Path) -> None:
    lines = [[i, "2030-05-06", title, text] for i, _, title, text in rows(1200, longest=60)]
    source = write_jsonl(tmp_path / "a.jsonl", lines)
    for _ in range(2):  # the second run of a process says it too
        summary = classify_files([source], tmp_path / "b.xlsx", job=JOB, force=True)
        assert [note for note in summary.notes if "节假日" in note] == [
            "2030 年的节假日安排尚未收录：期限只扣除周末，请留意法定假日。"
        ]
    about = read_sheets(tmp_path / "b.xlsx")["说明"]
    assert any(line[0] == "提示" and "2030" in str(line[1]) for line in about)


# --- collisions, several inputs ---


def test_columns_of_the_same_name_as_a_result_are_kept_and_the_result_is_marked(
    tmp_path: Path,
) -> None:
    lines = [["内容", "类别", "类别（民意）"], ["路灯坏了没人修", "旧", "更旧"]]
    source = write_sheets(tmp_path / "a.xlsx", {"表": lines})
    classify_files([source], tmp_path / "b.jsonl", job=JOB)
    row = read_jsonl(tmp_path / "b.jsonl")[0]
    assert (row["类别"], row["类别（民意）"]) == ("旧", "更旧")
    assert "城乡建设" in str(row["类别（民意）（民意）"])


def test_a_result_may_be_classified_again_and_its_added_sheets_are_left_out(
    tmp_path: Path,
) -> None:
    source = write_workbook(tmp_path / "a.xlsx", vague_rows(40))
    classify_files([source], tmp_path / "一.xlsx", job=JOB)
    summary = classify_files([tmp_path / "一.xlsx"], tmp_path / "二.xlsx", job=JOB)
    header, *lines = read_sheets(tmp_path / "二.xlsx")["分类结果"]
    assert header == [*HEADER, *ZH, *(f"{name}（民意）" for name in ZH)]
    assert [line[:4] for line in lines] == vague_rows(40)
    category = header.index("类别")
    assert all(line[category] == line[category + len(ZH)] for line in lines)
    assert sum("没有再读一遍" in note for note in summary.notes) >= 2


def test_files_and_folders_are_joined_with_where_each_row_came_from(tmp_path: Path) -> None:
    lines = rows(12)
    (tmp_path / "夹").mkdir()
    write_workbook(tmp_path / "夹" / "乙.xlsx", lines[:4])
    write_jsonl(tmp_path / "夹" / "丙.jsonl", lines[4:8])
    first = write_sheets(
        tmp_path / "甲.xlsx",
        {
            "一月": [HEADER, *lines[8:10]],
            "二月": [[*HEADER, "电话"], *([*r, "1"] for r in lines[10:])],
        },
    )
    output = tmp_path / "合.jsonl"
    classify_files([first, tmp_path / "夹"], output, job=JOB)
    found = read_jsonl(output)
    assert list(found[0]) == [*HEADER, "电话", "来源文件", "来源工作表", "来源行号", *ZH]
    assert [(r["来源文件"], r["来源工作表"], r["来源行号"]) for r in found] == [
        *(("甲.xlsx", "一月", str(n)) for n in (2, 3)),
        *(("甲.xlsx", "二月", str(n)) for n in (2, 3)),
        *(("丙.jsonl", "", str(n)) for n in (1, 2, 3, 4)),
        *(("乙.xlsx", "Sheet1", str(n)) for n in (2, 3, 4, 5)),
    ]
    assert [r["内容"] for r in found] == [r[3] for r in lines[8:] + lines[4:8] + lines[:4]]
    assert [r["电话"] for r in found] == ["", "", "1", "1", *[""] * 8]


def test_one_sheet_may_be_chosen(tmp_path: Path) -> None:
    source = write_sheets(tmp_path / "a.xlsx", {"一": [HEADER, *rows(3)], "二": [HEADER, *rows(5)]})
    assert classify_files([source], tmp_path / "b.csv", job=JOB, sheet="二").n_rows == 5


# --- formats ---


def test_csv_opens_in_chinese_excel(small: Path, tmp_path: Path) -> None:
    classify_files([small], tmp_path / "b.csv", job=JOB)
    assert (tmp_path / "b.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(tmp_path / "b.csv", dtype=str, keep_default_na=False)
    assert list(frame.columns) == [*HEADER, *ZH]
    assert frame["内容"].tolist() == [row[3] for row in rows(60)]


def test_parquet_keeps_rows_and_scores_as_numbers(small: Path, tmp_path: Path) -> None:
    classify_files([small], tmp_path / "b.parquet", job=JOB)
    frame = pd.read_parquet(tmp_path / "b.parquet")
    assert frame["编号"].tolist() == [row[0] for row in rows(60)]
    assert frame["类别得分"].between(0, 1).all()


def test_all_formats_hold_the_same_values(small: Path, tmp_path: Path) -> None:
    for suffix in ("xlsx", "csv", "jsonl", "parquet"):
        classify_files([small], tmp_path / f"b.{suffix}", job=JOB)
    expected = [str(row["类别"]) for row in read_jsonl(tmp_path / "b.jsonl")]
    column = [*HEADER, *ZH].index("类别")
    workbook = read_sheets(tmp_path / "b.xlsx")["分类结果"][1:]
    assert [line[column] for line in workbook] == expected
    assert pd.read_csv(tmp_path / "b.csv")["类别"].tolist() == expected
    assert pd.read_parquet(tmp_path / "b.parquet")["类别"].tolist() == expected


# --- what is refused ---


def test_an_existing_output_is_kept_without_force(small: Path, tmp_path: Path) -> None:
    output = tmp_path / "b.csv"
    output.write_text("旧", "utf-8")
    with pytest.raises(OutputError, match="已经存在"):
        classify_files([small], output, job=JOB)
    assert output.read_text("utf-8") == "旧"
    classify_files([small], output, job=JOB, force=True)
    assert output.read_text("utf-8-sig").startswith("编号")


@pytest.mark.parametrize("force", [False, True])
def test_the_input_is_refused_as_output(tmp_path: Path, force: bool) -> None:
    source = write_workbook(tmp_path / "a.xlsx", rows(3))
    before = source.read_bytes()
    with pytest.raises(OutputError, match="就是输入文件"):
        classify_files([source], tmp_path / "." / "a.xlsx", job=JOB, force=force)
    assert source.read_bytes() == before


def test_a_file_of_an_input_folder_is_refused_as_output(tmp_path: Path) -> None:
    source = write_workbook(tmp_path / "a.xlsx", rows(3))
    before = source.read_bytes()
    with pytest.raises(OutputError, match="就是输入文件"):
        classify_files([tmp_path], source, job=JOB, force=True)
    assert source.read_bytes() == before


def test_an_unknown_column_is_answered_with_the_nearest(small: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有列“登记时问”；是不是“登记时间”"):
        classify_files([small], tmp_path / "b.csv", job=JOB, columns={"time": "登记时问"})
    assert folder_names(tmp_path) == []


def test_a_missing_model_is_told_before_anything_is_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="找不到模型"):
        classify_files([tmp_path / "无.xlsx"], tmp_path / "b.csv", job=Job(model="没有"))
    assert folder_names(tmp_path) == []


def test_an_unknown_extension_is_refused(small: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"不能写成“\.doc”文件"):
        classify_files([small], tmp_path / "b.doc", job=JOB)


# --- long work ---


def test_progress_counts_the_rows_done(long: Path, tmp_path: Path) -> None:
    done: list[int] = []
    classify_files([long], tmp_path / "b.jsonl", job=JOB, workers=1, progress=done.append)
    assert done == list(range(1000, LONG + 1, 1000))


def test_parallel_work_gives_the_very_same_file(long: Path, serial: bytes, tmp_path: Path) -> None:
    used: set[int] = set()
    output = tmp_path / "b.jsonl"
    classify_files(
        [long],
        output,
        job=JOB,
        workers=2,
        progress=lambda _: used.update(workers_of(os.getpid())),
    )
    assert len(used) == 2
    assert output.read_bytes() == serial


def test_a_killed_worker_costs_no_row_and_doubles_none(
    long: Path, serial: bytes, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill_one(done: int) -> None:
        if done > 3000 and not killed and (workers := workers_of(os.getpid())):
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    output = tmp_path / "b.jsonl"
    classify_files([long], output, job=JOB, workers=2, progress=kill_one)
    assert killed
    assert output.read_bytes() == serial
    assert folder_names(tmp_path) == ["b.jsonl"]


def test_after_a_killed_worker_the_next_file_is_done_in_parallel_again(
    long: Path, serial: bytes, tmp_path: Path
) -> None:
    classify_files([long], tmp_path / "b.jsonl", job=JOB, workers=2)
    assert (tmp_path / "b.jsonl").read_bytes() == serial


def test_workers_report_an_unannounced_year_as_a_note(tmp_path: Path) -> None:
    lines = rows(5000, longest=60)
    for line in lines[4000:]:
        line[1] = "2031-02-03"
    source = write_jsonl(tmp_path / "a.jsonl", lines)
    summary = classify_files([source], tmp_path / "b.jsonl", job=JOB, workers=2)
    assert sum("2031 年的节假日" in note for note in summary.notes) == 1


def start(arguments: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    # What a shell started in the background is deaf to Control-C, and so are its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [MINYI, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def wait_for(ready: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 20
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(("workers", "wait"), [(1, 0), (2, 0), (2, 0.2), (2, 1)])
def test_control_c_leaves_no_file_and_says_so(tmp_path: Path, workers: int, wait: float) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", rows(40_000, longest=90))
    (tmp_path / "出").mkdir()
    arguments = ["classify", str(source), "-o", "出/b.xlsx", "--workers", str(workers)]
    process = start(arguments, tmp_path)
    if workers > 1:
        wait_for(lambda: len(workers_of(process.pid)) == 2, process)
        time.sleep(wait)
    else:
        wait_for(lambda: any((tmp_path / "出").iterdir()), process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all at once
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err == "已中断：没有写出不完整的文件。\n"
    assert folder_names(tmp_path / "出") == []


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "parquet"])
def test_a_full_disk_is_told_and_leaves_nothing(small: Path, tmp_path: Path, suffix: str) -> None:
    done = subprocess.run(
        [MINYI, "classify", str(small), "-o", f"b.{suffix}"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"错误：写不了“b.{suffix}”：磁盘已满或超出配额")
    assert done.stderr.count("\n") == 1
    assert folder_names(tmp_path) == []


# --- estimates ---


def test_rows_are_counted_in_workbooks_and_estimated_in_text(small: Path, long: Path) -> None:
    assert estimate_rows(open_tables([small])) == 60
    assert estimate_rows(open_tables([long])) == pytest.approx(LONG, rel=0.5)


class Fragile(Minyi):
    """Breaks at one text, as a bug of ours would."""

    def classify(self, submissions: Sequence[str | Submission]) -> list[Result]:
        if any(isinstance(s, Submission) and "炸" in s.text for s in submissions):
            raise ZeroDivisionError
        return super().classify(submissions)


def test_a_row_that_breaks_the_program_is_marked_and_the_others_keep_their_results() -> None:
    sound = load()
    fragile = Fragile(sound.model, sound.office)
    texts = ["小区停水三天了", "这一条会炸", "村里没有路灯"]
    done = batch.classify_each(fragile, [Submission(text) for text in texts])
    assert [one.row_status for one in done] == ["正常", "出错", "正常"]
    assert done[1].needs_review
    assert "ZeroDivisionError" in done[1].row_error
    assert "炸" not in done[1].row_error
    assert done[0] == sound.classify([texts[0]])[0]


# --- rows that are no submissions ---


def test_totals_and_notes_are_kept_and_not_classified(tmp_path: Path) -> None:
    text = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"
    lines = [["1", "", "", text], ["合计", "", "", "1"], ["", "", "", "备注：由各村收集"]]
    source = write_workbook(tmp_path / "a.xlsx", lines)
    summary = classify_files([source], tmp_path / "b.xlsx", job=JOB)
    found = read_sheets(tmp_path / "b.xlsx")["分类结果"]
    at = found[0].index("处理状态")
    assert [row[:4] for row in found[1:]] == lines
    assert [row[at] for row in found[1:]] == ["正常", "空白", "空白"]
    assert {row[at + 1] for row in found[2:]} == {"像是合计、备注或标题行，没有分类"}
    assert any("第 3、4 行像是合计" in note for note in summary.notes)
    assert sum(summary.by_category.values()) == 1


def test_a_long_file_with_a_total_goes_through_workers(long: Path, tmp_path: Path) -> None:
    source = tmp_path / "长.jsonl"
    total = '{"编号": "合计", "登记时间": "", "标题": "", "内容": ""}\n'
    source.write_text(long.read_text("utf-8") + total, "utf-8")
    summary = classify_files([source], tmp_path / "b.jsonl", job=JOB, workers=2)
    assert summary.n_rows == LONG + 1
    assert read_jsonl(tmp_path / "b.jsonl")[-1]["处理状态"] == "空白"


def test_numbers_can_be_summed_in_the_result(tmp_path: Path) -> None:
    lines: list[list[object]] = [["件数", "内容"], [3, "路灯坏了没人修"], [4, "水管漏了没人修"]]
    source = write_sheets(tmp_path / "a.xlsx", {"表": lines})
    classify_files([source], tmp_path / "b.xlsx", job=JOB)
    assert [line[0] for line in read_sheets(tmp_path / "b.xlsx")["分类结果"]] == ["件数", 3, 4]
