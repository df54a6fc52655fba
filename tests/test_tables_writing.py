"""Writing: what is written can be read again, runs nothing, and is whole or absent."""

from __future__ import annotations

import csv
import errno
import json
import os
import resource
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from minyi.errors import OutputError
from minyi.tables import Table, open_output, open_tables

FORMATS = [".xlsx", ".csv", ".tsv", ".jsonl", ".parquet"]
HEADER = ["内容", "类别", "分数"]
ROWS: list[list[str | float | None]] = [
    ["村口的路灯坏了，请来修。", "城建", 0.93],
    ["停水\n三天了", None, 1],
]


def write(path: Path, rows: Sequence[Sequence[str | float | None]] = ROWS) -> Path:
    with open_output(path, force=True) as output:
        sheet = output.sheet("结果", HEADER[: len(rows[0])], wrap=["内容"])
        for row in rows:
            sheet.append(row)
    return path


def read(path: Path) -> list[list[str]]:
    (table,) = open_tables([path], {"text": "内容"})
    return [cells for rows in table.chunks() for cells in rows.cells]


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_is_read_back(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"结果{suffix}")
    assert read(path) == [
        ["村口的路灯坏了，请来修。", "城建", "0.93"],
        ["停水\n三天了", "", "1"],
    ]
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    one, two = write(tmp_path / f"a{suffix}"), write(tmp_path / f"b{suffix}")
    assert one.read_bytes() == two.read_bytes()


# Any text at all

ANY_TEXT = st.text(st.characters(), max_size=40)


def visible(text: str) -> bool:
    return bool(text.replace("\0", "").strip())


def legal(text: str) -> str:
    return "".join(
        "\ufffd" if "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff" else c for c in text
    )


@pytest.mark.parametrize("suffix", FORMATS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=8))
@example(texts=[("_x0041_", "<r>粗</r>"), ("\x07\x1f\x0b", " 空 "), ("a\r\nb\rc\nd", "&amp;]]>")])
@example(texts=[("\ud800", "\ufffe\uffff"), ("=1+1", "@SUM(A1)"), ("'", "😀" * 30)])
def test_any_text_survives(tmp_path: Path, suffix: str, texts: list[tuple[str, str]]) -> None:
    rows = [["首" + first, second] for first, second in texts]
    path = write(tmp_path / f"a{suffix}", rows)
    drop_nul = suffix in (".csv", ".tsv", ".jsonl")
    for got, row in zip(read(path), rows, strict=True):
        for cell, text in zip(got, row, strict=True):
            expected = legal(text)
            if drop_nul and suffix != ".jsonl":
                expected = expected.replace("\0", "")
            if suffix in (".csv", ".tsv"):
                assert cell in (expected, f"'{expected}")
            else:
                assert cell == expected
    if suffix == ".xlsx":
        openpyxl.load_workbook(path).close()


# Nothing a citizen wrote may run

ATTACKS = ["=cmd|'/c calc'!A1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "=1+1"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_csv_cells_that_would_run_get_an_apostrophe(tmp_path: Path, suffix: str) -> None:
    harmless = ["-5", "+3.2", "-1,200.50", "-5%", "2021-01-01", "+8613800000000"]
    path = write(tmp_path / f"a{suffix}", [[text, "x"] for text in [*ATTACKS, *harmless]])
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [row[0] for row in csv.reader(file, delimiter="\t" if suffix == ".tsv" else ",")]
    assert cells[1:] == [f"'{text}" for text in ATTACKS] + harmless


def test_csv_opens_right_in_chinese_excel(tmp_path: Path) -> None:
    data = write(tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")


def test_workbook_texts_are_never_formulas_links_or_markup(tmp_path: Path) -> None:
    texts = [*ATTACKS, "http://example.com", "<r><t>x</t></r>", "007", "430000199001011234"]
    path = write(tmp_path / "a.xlsx", [[text, "x"] for text in texts])
    assert [row[0] for row in read(path)] == texts
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml and "hyperlink" not in xml
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert all(sheet.cell(row, 1).quotePrefix for row in (2, 12, 13))


def test_workbook_numbers_stay_numbers_unless_excel_would_round_them(tmp_path: Path) -> None:
    with open_output(tmp_path / "a.xlsx") as output:
        sheet = output.sheet("s", ["a"])
        values = [1, -2.5, True, 123456789012345678, float("nan"), float("inf"), 1e-7]
        for value in values:
            sheet.append([value])
    active = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert active is not None
    cells = [active.cell(row, 1).value for row in range(2, 9)]
    assert cells == [1, -2.5, True, "123456789012345678", None, None, 1e-7]


# Layout of workbooks


def test_workbook_layout(tmp_path: Path) -> None:
    with open_output(tmp_path / "a.xlsx") as output:
        assert output.many_sheets
        first = output.sheet("结果", ["内容", "类别"], widths={"类别": 12}, wrap=["内容"])
        second = output.sheet("复核/待定[1]", ["编号"], freeze=False)
        third = output.sheet("结果", ["编号"])
        first.append(["一", "二"])
        second.append([1])
        first.append(["三", "四"])
        third.append([2])
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["结果", "复核_待定_1_", "结果(2)"]
    sheet = book["结果"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert (sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width) == (50, 12)
    assert sheet["A1"].font.b and not sheet["A2"].font.b
    assert sheet["A2"].alignment.wrap_text and sheet["A2"].alignment.vertical == "top"
    assert not sheet["B2"].alignment.wrap_text and sheet["B2"].alignment.vertical == "top"
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["内容", "类别"],
        ["一", "二"],
        ["三", "四"],
    ]
    assert book["复核_待定_1_"].freeze_panes is None


def test_a_workbook_without_sheets_is_still_a_workbook(tmp_path: Path) -> None:
    with open_output(tmp_path / "a.xlsx"):
        pass
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["Sheet1"]


@pytest.mark.parametrize("text", ["长" * 40_000, "😀" * 20_000])
def test_a_cell_too_long_for_excel_is_cut_with_a_note(tmp_path: Path, text: str) -> None:
    with open_output(tmp_path / "a.xlsx") as output:
        output.sheet("s", ["内容"]).append([text])
    assert output.cut_cells == 1
    ((cell,),) = read(tmp_path / "a.xlsx")
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    assert cell.endswith(f"……（全文共 {len(text)} 字，超过 Excel 单元格上限，此处截断）")


def test_the_longest_cell_is_not_cut(tmp_path: Path) -> None:
    with open_output(tmp_path / "a.xlsx") as output:
        output.sheet("s", ["内容"]).append(["长" * 32_767])
    assert output.cut_cells == 0
    assert read(tmp_path / "a.xlsx") == [["长" * 32_767]]


def test_rows_beyond_the_last_go_on_in_another_sheet(tmp_path: Path) -> None:
    with open_output(tmp_path / "a.xlsx") as output:
        sheet = output.sheet("结果", ["n"])
        for _ in range(1_048_577):
            sheet.append([1])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        book = archive.read("xl/workbook.xml").decode()
        second = archive.read("xl/worksheets/sheet2.xml").decode()
    assert 'name="结果(2)"' in book
    assert second.count("<row ") == 3
    assert "<t>n</t>" in second


def test_more_columns_than_excel_has(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="最多 16384 列"),
        open_output(tmp_path / "a.xlsx") as output,
    ):
        output.sheet("s", [str(i) for i in range(16_385)])
    assert names(tmp_path) == []


# Flat formats


@pytest.mark.parametrize("suffix", FORMATS[1:])
def test_a_second_sheet_needs_a_workbook(tmp_path: Path, suffix: str) -> None:
    with (
        pytest.raises(OutputError, match=r"只能放一张表.*\.xlsx"),
        open_output(tmp_path / f"a{suffix}") as output,
    ):
        assert not output.many_sheets
        output.sheet("一", HEADER)
        output.sheet("二", HEADER)
    assert names(tmp_path) == []


def test_json_lines_keep_types_and_repeated_names(tmp_path: Path) -> None:
    with open_output(tmp_path / "a.jsonl") as output:
        output.sheet("s", ["内容", "分", "分"]).append(["好", 0.5, None])
    text = (tmp_path / "a.jsonl").read_text("utf-8")
    assert json.loads(text) == {"内容": "好", "分": 0.5, "分_2": None}
    assert "好" in text


def test_parquet_types_follow_from_all_rows(tmp_path: Path) -> None:
    from pyarrow.parquet import read_table

    with open_output(tmp_path / "a.parquet") as output:
        sheet = output.sheet("s", ["整", "数", "是", "文", "大", "空"])
        for _ in range(3000):
            sheet.append([1, 1, True, 1, 2, None])
        sheet.append([2, 0.5, None, "x", 2**70, None])
    table = read_table(tmp_path / "a.parquet")
    assert [str(kind) for kind in table.schema.types] == [
        "int64", "double", "bool", "string", "string", "string",
    ]  # fmt: skip
    assert list(table.to_pylist()[-1].values()) == [2, 0.5, None, "x", str(2**70), None]


# Whole or not at all


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_midway_leaves_nothing(
    tmp_path: Path, suffix: str, error: type[BaseException]
) -> None:
    path = tmp_path / "新" / "夹" / f"a{suffix}"
    with pytest.raises(error), open_output(path) as output:
        output.sheet("s", HEADER).append(ROWS[0])
        assert not path.exists()
        raise error
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_exception_midway_leaves_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), open_output(path, force=True) as output:
        output.sheet("s", HEADER).append(ROWS[0])
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [path.name]


def test_an_output_never_entered_leaves_nothing(tmp_path: Path) -> None:
    output = open_output(tmp_path / "a.csv")
    assert len(names(tmp_path)) == 1
    with pytest.warns(ResourceWarning):
        del output
    assert names(tmp_path) == []


def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert write(tmp_path / "甲" / "乙" / "a.csv").exists()


def test_a_row_of_the_wrong_length_is_the_programmers_mistake(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="expected 3 cells, got 1"),
        open_output(tmp_path / "a.csv") as output,
    ):
        output.sheet("s", HEADER).append(["x"])


# Refusals at opening


def test_an_existing_file_needs_force(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    with pytest.raises(OutputError, match=r"已经存在.*--force"):
        open_output(path)


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    (tmp_path / "link.csv").symlink_to(path)
    for output in (path, tmp_path / "link.csv"):
        with pytest.raises(OutputError, match="就是输入文件"):
            open_output(output, force=True, inputs=[path])


@pytest.mark.parametrize("name", ["a.xls", "a.docx", "a"])
def test_an_unknown_extension(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"可以写的是 \.xlsx、\.csv"):
        open_output(tmp_path / name)


def test_a_folder_as_output(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError, match="是文件夹"):
        open_output(tmp_path / "a.csv")


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="路径不成立"):
        open_output(tmp_path / "file" / "a.csv")


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Give a folder that anyone may enter, and drop root's rights for the test."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)


def test_no_permission_to_write(unprivileged: Path) -> None:
    folder = unprivileged / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match=r"没有写入权限.*先在 Excel 中关闭"):
        open_output(folder / "a.xlsx")


def test_a_read_only_file_is_refused_before_the_work(unprivileged: Path) -> None:
    path = write(unprivileged / "a.csv")
    path.chmod(0o400)
    with pytest.raises(OutputError, match="没有写入权限"):
        open_output(path, force=True)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_locked_at_the_last_moment(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(errno.EACCES, "locked")

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(OutputError, match="先在 Excel 中关闭"):
        write(tmp_path / f"a{suffix}")
    assert names(tmp_path) == []


# A full disk


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file grow beyond 64 KB; the system refuses as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_gives_a_clear_message_and_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(OutputError, match="磁盘已满"):
        write(tmp_path / f"a{suffix}", [["路灯坏了" * 1000, str(i)] for i in range(400)])
    assert names(tmp_path) == []


def test_a_truly_full_disk(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if (
        os.geteuid()
        or not shutil.which("mount")
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("no right to mount a small disk")
    try:
        with pytest.raises(OutputError, match="磁盘已满"):
            write(tmp_path / "a.xlsx", [["路灯坏了" * 1000, str(i)] for i in range(400)])
        assert names(tmp_path) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


# What was a number or a date in the source


def test_numbers_and_dates_of_a_workbook_are_written_as_what_they_were(tmp_path: Path) -> None:
    source = openpyxl.Workbook()
    active = source.active
    assert active is not None
    active.append(["数量", "金额", "日期", "时刻", "编号", "流水", "内容"])
    day, moment = datetime(2026, 3, 1), datetime(2026, 3, 1, 16, 53, 5)
    active.append([3, 0.1 + 0.2, day, moment, "007", 123456789012345, "路灯坏了没人修"])
    active.append([4, 1e-7, day, moment, "008", 12345678901234567890, "路灯坏了没人修"])
    source.save(tmp_path / "a.xlsx")
    (table,) = open_tables([tmp_path / "a.xlsx"], {"text": "内容"})
    with open_output(tmp_path / "b.xlsx") as output:
        sheet = output.sheet("结果", table.header, wrap=["数量"])
        for rows in table.chunks():
            for cells in rows.cells:
                sheet.append(cells)
    written = openpyxl.load_workbook(tmp_path / "b.xlsx")["结果"]
    assert [cell.value for cell in written[2]] == [
        3, 0.3, day, moment, "007", 123456789012345, "路灯坏了没人修",
    ]  # fmt: skip
    assert [cell.value for cell in written[3]][:2] == [4, 1e-7]
    assert written["F3"].data_type == "s"  # beyond fifteen digits
    assert [written[f"{letter}2"].number_format for letter in "ACDF"] == [
        "General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "0",
    ]  # fmt: skip
    assert read_again(tmp_path / "b.xlsx") == everything(table)


def everything(table: Table) -> list[list[str]]:
    return [cells for rows in table.chunks() for cells in rows.cells]


def read_again(path: Path) -> list[list[str]]:
    (table,) = open_tables([path], {"text": "内容"})
    return everything(table)


def test_a_wide_sheet_is_printed_on_as_many_pages_as_leave_it_legible(tmp_path: Path) -> None:
    header = [f"列{i}" for i in range(60)]
    with open_output(tmp_path / "a.xlsx") as output:
        output.sheet("宽", header, widths=dict.fromkeys(header, 10.0))
    active = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert active is not None
    assert (active.page_setup.fitToWidth, active.page_setup.fitToHeight) == (3, 0)


def test_sheets_are_printed_across_one_page_wide_with_their_header_on_each(tmp_path: Path) -> None:
    with open_output(tmp_path / "a.xlsx") as output:
        output.sheet("甲's", ["内容"])
        output.sheet("汇总", ["内容"], freeze=False)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert [sheet.print_title_rows for sheet in book.worksheets] == ["$1:$1", None]
