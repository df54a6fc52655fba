"""Reading: whatever a clerk drops in, every cell survives as text, or a clear message comes."""

from __future__ import annotations

import codecs
import datetime as dt
import io
import json
import os
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt

from minyi.errors import InputError
from minyi.tables import Table, find_inputs, open_tables

HEADER = ["编号", "留言主题", "留言详情", "留言时间"]
ROWS = [
    ["A1", "路灯不亮", "村口的路灯坏了半个月，晚上走路看不清，希望尽快修好。", "2021-03-01"],
    ["A2", "停水", "二组连着三天停水，老人做饭都成问题，请问何时恢复供水？", "2021-03-02"],
    ["A3", "表扬", "感谢便民大厅的小姑娘耐心帮我办好了医保手续，服务很好。", "2021-03-03"],
]

Cell = Any


def book(path: Path, rows: Sequence[Sequence[Cell]], sheet: str = "留言") -> Path:
    """Write rows to an .xlsx with openpyxl."""
    workbook = openpyxl.Workbook()
    active = workbook.active
    assert active is not None
    active.title = sheet
    for row in rows:
        active.append(list(row))
    workbook.save(path)
    return path


def everything(table: Table) -> list[list[str]]:
    return [cells for rows in table.chunks() for cells in rows.cells]


def numbers(table: Table) -> list[int]:
    return [number for rows in table.chunks() for number in rows.numbers]


def only(path: Path, **options: Any) -> Table:
    tables = open_tables([path], **options)
    assert len(tables) == 1
    return tables[0]


def csv_bytes(encoding: str) -> bytes:
    return "\r\n".join(",".join(row) for row in [HEADER, *ROWS]).encode(encoding)


# Finding files


def test_a_folder_gives_its_readable_files_by_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a.xlsx", "~$a.xlsx", ".hidden.csv", "c.pdf"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "d.csv").write_bytes(b"x")
    assert find_inputs([tmp_path]) == [tmp_path / "a.xlsx", tmp_path / "b.csv"]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"x")
    assert find_inputs([tmp_path / "b.csv", tmp_path]) == [tmp_path / "b.csv"]


def test_no_path_at_all() -> None:
    with pytest.raises(InputError, match="没有给出"):
        find_inputs([])


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"找不到文件“.*留言\.xlsx”"):
        find_inputs([tmp_path / "留言.xlsx"])


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有可以读取的文件（里面有：没有文件）"):
        find_inputs([tmp_path])


def test_a_folder_of_other_files_says_what_is_inside(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    (tmp_path / "b.pdf").write_bytes(b"x")
    with pytest.raises(InputError, match=r"里面有：\.pdf 2 个"):
        find_inputs([tmp_path])


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("a.doc", "另存为 .docx"),
        ("a.wps", "另存为 .docx"),
        ("a.et", "另存为 .xlsx"),
        ("a.pdf", "Word 或 Excel"),
        ("a.mp3", "可以读取的是 .xlsx"),
        ("a", "无扩展名"),
    ],
)
def test_a_wrong_extension_says_what_to_save_as(tmp_path: Path, name: str, mend: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=mend):
        find_inputs([tmp_path / name])


def test_a_lock_file_of_office(tmp_path: Path) -> None:
    (tmp_path / "~$a.xlsx").write_bytes(b"x")
    with pytest.raises(InputError, match="临时锁文件"):
        find_inputs([tmp_path / "~$a.xlsx"])


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Give a folder that anyone may enter, and drop root's rights for the test."""
    if sys.platform == "win32":
        pytest.skip("file modes mean something else on Windows")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)


def test_a_file_without_permission(unprivileged: Path) -> None:
    path = unprivileged / "a.csv"
    path.write_text("内容")
    path.chmod(0)
    with pytest.raises(InputError, match=r"没有读取文件“.*”的权限"):
        find_inputs([path])


def test_a_folder_without_permission(unprivileged: Path) -> None:
    folder = unprivileged / "inner"
    folder.mkdir()
    folder.chmod(0)
    with pytest.raises(InputError, match="权限"):
        find_inputs([folder])
    with pytest.raises(InputError, match="权限"):
        find_inputs([folder / "a.csv"])
    folder.chmod(stat.S_IRWXU)


# Workbooks


def test_an_ordinary_workbook(tmp_path: Path) -> None:
    table = only(book(tmp_path / "a.xlsx", [HEADER, *ROWS]))
    assert table.header == tuple(HEADER)
    assert table.sheet == "留言"
    assert everything(table) == ROWS
    assert numbers(table) == [2, 3, 4]
    assert table.warnings == ()
    assert everything(table) == ROWS  # again


def test_chunks_have_the_size_asked_for(tmp_path: Path) -> None:
    table = only(book(tmp_path / "a.xlsx", [HEADER, *ROWS]))
    assert [len(rows.numbers) for rows in table.chunks(2)] == [2, 1]


def test_old_xls(tmp_path: Path) -> None:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("留言")
    for i, row in enumerate([HEADER, *ROWS]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    workbook.save(str(tmp_path / "a.xls"))
    assert everything(only(tmp_path / "a.xls")) == ROWS
    (tmp_path / "a.xls").rename(tmp_path / "b.xlsx")  # content beats the extension
    assert everything(only(tmp_path / "b.xlsx")) == ROWS


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a.txt"])
def test_a_workbook_under_another_extension(tmp_path: Path, name: str) -> None:
    book(tmp_path / "a.xlsx", [HEADER, *ROWS]).rename(tmp_path / name)
    assert everything(only(tmp_path / name)) == ROWS


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx"])
def test_text_under_a_workbook_extension(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("\n".join("\t".join(row) for row in [HEADER, *ROWS]), "gb18030")
    assert everything(only(tmp_path / name)) == ROWS


@pytest.mark.parametrize(
    "start", ["<html><table>", "\ufeff<?xml version='1.0'?>", "<!DOCTYPE html>"]
)
def test_a_web_page_called_xls(tmp_path: Path, start: str) -> None:
    (tmp_path / "a.xls").write_text(start + "<tr><td>内容</td></tr>", "utf-8")
    with pytest.raises(InputError, match=r"网页.*另存为 \.xlsx"):
        open_tables([tmp_path / "a.xls"])


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"\x89PNG\r\n", b"Rar!\x1a", b"{\\rtf1"])
def test_a_foreign_file_called_csv(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError, match="不能读取文件"):
        open_tables([tmp_path / "a.csv"])


def test_a_plain_zip_called_xlsx(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("a.csv", "内容")
    with pytest.raises(InputError, match="先解压"):
        open_tables([tmp_path / "a.xlsx"])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_truncated_workbook(tmp_path: Path, share: float) -> None:
    path = book(tmp_path / "a.xlsx", [HEADER, *ROWS])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([path])


def test_a_workbook_with_damaged_bytes(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEADER, *ROWS])
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    data = bytearray(path.read_bytes())
    data[start : start + 40] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([path])


def test_a_workbook_whose_xml_is_broken(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEADER, *ROWS])
    rewrite(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([path])


def test_a_truncated_xls(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    workbook.add_sheet("a").write(0, 0, "内容")
    stream = io.BytesIO()
    workbook.save(stream)
    (tmp_path / "a.xls").write_bytes(stream.getvalue()[:3000])
    with pytest.raises(InputError, match=r"已损坏|不能读取"):
        open_tables([tmp_path / "a.xls"])


def old_book() -> bytearray:
    """Give an .xls of one text large enough to have a stream of its own."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("a")
    for i, row in enumerate([HEADER, *ROWS]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    sheet.write(3, 4, 1 / 3)
    stream = io.BytesIO()
    workbook.save(stream)
    return bytearray(stream.getvalue())


def test_an_xls_whose_sectors_run_in_a_circle(tmp_path: Path) -> None:
    data = old_book()
    table = (int.from_bytes(data[76:80], "little") + 1) * 512
    data[table : table + 4] = bytes(4)  # the first sector follows itself
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([tmp_path / "a.xls"])


def test_an_xls_with_a_cell_in_an_impossible_column(tmp_path: Path) -> None:
    data = old_book()
    place = data.index(b"\x03\x02\x0e\x00")  # the number's record: row, column, …
    data[place + 4 : place + 8] = b"\xff" * 4
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([tmp_path / "a.xls"])


def test_an_xls_with_a_password(tmp_path: Path) -> None:
    data = old_book()
    place = data.index(b"\x42\x00\x02\x00")  # the code page's record
    data[place] = 0x2F
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(InputError, match="有打开密码"):
        open_tables([tmp_path / "a.xls"])


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    path = book(tmp_path / "a.xlsx", [HEADER, *ROWS])
    with path.open("rb") as plain, (tmp_path / "b.xlsx").open("wb") as locked:
        OOXMLFile(plain).encrypt("secret", locked)
    with pytest.raises(InputError, match="有打开密码"):
        open_tables([tmp_path / "b.xlsx"])


def rewrite(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Change one part of an archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEADER, *ROWS])
    rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</", b" " * 100_000_000 + b"</", 1),
    )
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match=r"展开后有 \d+ MB.*倍"):
        open_tables([path])


def test_a_zip_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEADER, *ROWS])
    rewrite(path, "xl/worksheets/sheet1.xml", lambda xml: xml.ljust(70_000_000))
    size = (70_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (5_000).to_bytes(4, "little")))
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([path])


def test_cells_scattered_over_the_whole_sheet_do_not_eat_the_memory(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "内容")
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(InputError, match=r"散得太开（1048576 行 × 16384 列）"):
        open_tables([tmp_path / "a.xlsx"])


@pytest.mark.parametrize("ghosts", [(20_000, 5), (5, 16_384)])
def test_ghost_rows_and_ghost_columns_cost_nothing(tmp_path: Path, ghosts: tuple[int, int]) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        sheet, grey = workbook.add_worksheet(), workbook.add_format({"bg_color": "#CCCCCC"})
        for i in range(ghosts[0]):
            for j in range(ghosts[1]):
                sheet.write_blank(i, j, None, grey)
        for i, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(i, 0, row)
    table = only(tmp_path / "a.xlsx")
    assert table.header == tuple(HEADER)
    assert everything(table) == ROWS


def test_blank_rows_are_skipped_and_row_numbers_stay_right(tmp_path: Path) -> None:
    rows = [[], HEADER, ROWS[0], [], ["", " ", "\u3000"], ROWS[1], [], ROWS[2]]
    table = only(book(tmp_path / "a.xlsx", rows))
    assert numbers(table) == [3, 6, 8]
    assert everything(table) == ROWS


def test_a_table_that_begins_in_a_far_corner(tmp_path: Path) -> None:
    rows = [[], [], *([None, None, *row] for row in [HEADER, *ROWS])]
    table = only(book(tmp_path / "a.xlsx", rows))
    assert table.header == ("列A", "列B", *HEADER)
    assert numbers(table) == [4, 5, 6]
    assert [cells[2:] for cells in everything(table)] == ROWS


def test_every_kind_of_value_becomes_the_text_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        day = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        clock = workbook.add_format({"num_format": "hh:mm"})
        sheet.write_row(0, 0, ["编号", "留言内容"])
        for i in range(1, 13):
            sheet.write_number(i, 0, i)
        sheet.write_number(1, 1, 12)
        sheet.write_number(2, 1, 0.1 + 0.2)
        sheet.write_number(3, 1, 0.0000125)
        sheet.write_boolean(4, 1, True)
        sheet.write_datetime(5, 1, dt.datetime(2019, 2, 28, 11, 25, 5), day)
        sheet.write_datetime(6, 1, dt.datetime(2019, 2, 28), day)
        sheet.write_number(7, 1, 0.5, clock)
        sheet.write_formula(8, 1, '="路灯"&"坏了"', None, "路灯坏了")
        sheet.write_formula(9, 1, "=1+1", None, 2)
        sheet.write_formula(10, 1, "=NA()", None, "#N/A")
        sheet.write_formula(11, 1, "=1/0", None, "#DIV/0!")
        sheet.write_string(12, 1, "=cmd|'/c calc'!A1")
    texts = [cells[1] for cells in everything(only(path))]
    assert texts == [
        "12", "0.3", "0.0000125", "TRUE", "2019-02-28 11:25:05", "2019-02-28", "12:00:00",
        "路灯坏了", "2", "#N/A", "#DIV/0!", "=cmd|'/c calc'!A1",
    ]  # fmt: skip


def test_errors_are_read_from_the_right_one_of_several_sheets(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        for name, error in (("一", "#N/A"), ("二", "#REF!")):
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, ["编号", "留言内容", "留言时间"])
            sheet.write_row(1, 0, ["1", "路灯坏了"])
            sheet.write_formula(1, 2, "=X", None, error)
    tables = open_tables([tmp_path / "a.xlsx"])
    assert [everything(table)[0][2] for table in tables] == ["#N/A", "#REF!"]


def test_long_numbers_that_excel_has_rounded_are_warned_about(tmp_path: Path) -> None:
    ids = [430_000_199_001_010_000 + i for i in range(7)]
    rows: list[list[Cell]] = [
        ["身份证号", "留言内容"],
        *([i, "村里的桥塌了，请派人来看看。"] for i in ids),
    ]
    table = only(book(tmp_path / "a.xlsx", rows))
    everything(table)
    everything(table)
    (warning,) = table.warnings
    assert "列“身份证号”" in warning
    assert "第 2、3、4、5、6 行等" in warning
    assert "43000" not in warning


def test_ten_thousand_columns(tmp_path: Path) -> None:
    header = ["编号", "留言内容", *(f"字段{i}" for i in range(9_998))]
    row = ["1", "河边的垃圾没人清理，夏天味道很大。", *(str(i) for i in range(9_998))]
    table = only(book(tmp_path / "a.xlsx", [header, row, row]))
    assert len(table.header) == 10_000
    assert everything(table) == [row, row]
    assert table.roles["text"] == 1


def test_a_column_that_begins_below_the_first_rows_is_kept(tmp_path: Path) -> None:
    rows = [
        *([str(i), "河边的垃圾没人清理，味道很大。"] for i in range(400)),
        ["x", "y", "", "晚来的"],
    ]
    table = only(book(tmp_path / "a.xlsx", [["编号", "内容"], *rows]))
    assert table.header == ("编号", "内容", "列C", "列D")
    assert everything(table)[-1] == ["x", "y", "", "晚来的"]


def test_control_characters_and_line_breaks_survive(tmp_path: Path) -> None:
    text = "第一行\n第二行\t制表\x07铃\r\n_x0041_ <b>&amp;</b> 😀 "
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["编号", "内容"])
        sheet.write_string(1, 0, "1")
        sheet.write_string(1, 1, text)
    assert everything(only(tmp_path / "a.xlsx")) == [["1", text]]


def test_every_sheet_with_a_text_column_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        for name in ("一月", "二月", "暗"):
            sheet = workbook.add_worksheet(name)
            for i, row in enumerate([HEADER, *ROWS]):
                sheet.write_row(i, 0, row)
        sheet.hide()
        workbook.add_worksheet("空")
        workbook.add_worksheet("字典").write_row(0, 0, ["代码", 1, 2])
        workbook.add_worksheet("须知").write_column(
            0, 0, ["请如实填写每一栏。", "每条留言占一行。"]
        )
    tables = open_tables([tmp_path / "a.xlsx"])
    assert [table.sheet for table in tables] == ["一月", "二月"]
    assert [everything(table) for table in tables] == [ROWS, ROWS]
    reasons = "\n".join(tables.skipped)
    for name, reason in [
        ("暗", "隐藏"),
        ("空", "是空的"),
        ("字典", "没有认出"),
        ("须知", "没有写明"),
    ]:
        assert any(f"“{name}”" in line and reason in line for line in tables.skipped), reasons
    assert only(tmp_path / "a.xlsx", sheet="暗").sheet == "暗"


def test_a_sheet_that_does_not_exist(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEADER, *ROWS])
    with pytest.raises(InputError, match="没有工作表“三月”；有的是：留言"):
        open_tables([path], sheet="三月")


def test_several_files_are_read_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        book(tmp_path / f"{name}.xlsx", [HEADER, *ROWS])
    (tmp_path / "c.csv").write_bytes(csv_bytes("gbk"))
    tables = open_tables([tmp_path])
    assert [table.path.name for table in tables] == ["a.xlsx", "b.xlsx", "c.csv"]
    assert [everything(table) for table in tables] == [ROWS] * 3


# Nothing to read


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.txt", "a.jsonl", "a.docx", "a.parquet"])
@pytest.mark.parametrize("content", [b"", b"\n \r\n", codecs.BOM_UTF8])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="是空的"):
        open_tables([tmp_path / name])


def test_an_empty_workbook(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="工作表“留言”是空的"):
        open_tables([book(tmp_path / "a.xlsx", [])])


def test_a_header_without_data(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="只有表头，没有数据行"):
        open_tables([book(tmp_path / "a.xlsx", [["留言登记表"], HEADER])])
    (tmp_path / "a.csv").write_text(",".join(HEADER), "utf-8")
    with pytest.raises(InputError, match="只有表头，没有数据行"):
        open_tables([tmp_path / "a.csv"])


def test_no_text_column_lists_what_was_found(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["姓名", "年龄", "电话"], ["甲", 30, 123], ["乙", 40, 456]])
    with pytest.raises(InputError, match="姓名、年龄、电话。请用 --text 列名 指定"):
        open_tables([path])


# Delimited text


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_every_encoding_is_recognised(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes(csv_bytes(encoding))
    table = only(tmp_path / "a.csv")
    assert table.header == tuple(HEADER)
    assert everything(table) == ROWS
    assert table.warnings == ()


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_every_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [HEADER, *ROWS])
    (tmp_path / "a.csv").write_text(text, "utf-8")
    assert everything(only(tmp_path / "a.csv")) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_few_broken_bytes_cost_neither_rows_nor_encoding(tmp_path: Path, encoding: str) -> None:
    data = csv_bytes(encoding)
    place = data.index("路灯坏".encode(encoding))
    (tmp_path / "a.csv").write_bytes(data[:place] + b"\xff" + data[place:])
    table = only(tmp_path / "a.csv")
    cells = everything(table)
    assert [row[0] for row in cells] == ["A1", "A2", "A3"]
    assert "\ufffd" in cells[0][2]
    assert cells[1:] == ROWS[1:]
    assert "处字节无法识别" in table.warnings[0]


def test_bytes_that_no_encoding_explains_are_read_all_the_same(tmp_path: Path) -> None:
    noise = bytes(range(0x80, 0x100)) * 3
    (tmp_path / "a.csv").write_bytes(b"id,content\n1," + noise + b"\n2,abc\n")
    assert [row[0] for row in everything(only(tmp_path / "a.csv"))] == ["1", "2"]


def test_nul_bytes_are_dropped(tmp_path: Path) -> None:
    data = csv_bytes("utf-8").replace("路灯".encode(), "路\0灯".encode())
    (tmp_path / "a.csv").write_bytes(data + b"\0\0\0")
    assert everything(only(tmp_path / "a.csv")) == ROWS


def test_quoted_line_breaks_count_as_one_row(tmp_path: Path) -> None:
    text = '编号,内容\r\n1,"第一行\r\n第二行,有逗号"\r\n\r\n2,"他说""好""。"\r\n'
    (tmp_path / "a.csv").write_bytes(text.encode("gbk"))
    table = only(tmp_path / "a.csv")
    assert everything(table) == [["1", "第一行\r\n第二行,有逗号"], ["2", '他说"好"。']]
    assert numbers(table) == [2, 4]


def test_a_cell_of_five_megabytes(tmp_path: Path) -> None:
    text = "投诉噪声扰民。" * 750_000
    (tmp_path / "a.csv").write_text(f"编号,内容\n1,{text}\n2,短\n", "utf-8")
    assert everything(only(tmp_path / "a.csv")) == [["1", text], ["2", "短"]]


def test_a_quote_that_never_closes_is_pointed_out(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},路灯坏了" for i in range(500))
    (tmp_path / "a.csv").write_text(f'编号,内容\n0,"路灯坏了\n{rows}\n', "utf-8")
    table = only(tmp_path / "a.csv")
    assert "路灯坏了\n499" not in everything(table)[-1][1][:5]
    assert "第 2 行有一个单元格跨了很多行" in table.warnings[0]


def test_surplus_cells_join_the_last_column_with_a_warning(tmp_path: Path) -> None:
    rows = [f"{i},2021-01-01,路灯坏了" for i in range(400)]
    text = "\n".join(["编号,时间,内容", *rows, "x,2021-01-02,水管,又,漏了", "y,2021-01-03,好,,"])
    (tmp_path / "a.csv").write_text(text, "utf-8")
    table = only(tmp_path / "a.csv")
    assert everything(table)[-2:] == [
        ["x", "2021-01-02", "水管,又,漏了"],
        ["y", "2021-01-03", "好"],
    ]
    assert "第 402 行比表头多出几格" in table.warnings[0]


def test_short_rows_are_filled_up(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,内容,时间\n1,路灯坏了\n", "utf-8")
    assert everything(only(tmp_path / "a.csv")) == [["1", "路灯坏了", ""]]


def test_texts_with_commas_in_one_column_stay_whole(tmp_path: Path) -> None:
    lines = ["路灯坏了,请来修", "停水三天了", "噪声太大,睡不着,快管管", "谢谢大家"]
    (tmp_path / "a.csv").write_text("\n".join(lines), "utf-8")
    table = only(tmp_path / "a.csv")
    assert [row[0] for row in everything(table)] == lines
    assert numbers(table) == [1, 2, 3, 4]


def test_a_large_csv_is_read_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    line = "1,2021-01-01,村里的自来水一到晚上就停，反映多次没有人管，希望领导重视解决。\n"
    path.write_text("编号,时间,内容\n" + line * 400_000, "gb18030")
    code = (
        "import resource, sys; from pathlib import Path; from minyi.tables import open_tables\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); (table,) = open_tables([Path(sys.argv[1])])\n"
        "print(sum(len(rows.numbers) for rows in table.chunks()), peak() - before)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    count, kilobytes = map(int, result.stdout.split())
    assert count == 400_000
    assert kilobytes < 30_000  # the file has 27 MB, its rows as Python text 110 MB


def test_duplicate_ids_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,内容\n7,路灯坏了\n7,路灯坏了\n", "utf-8")
    assert everything(only(tmp_path / "a.csv")) == [["7", "路灯坏了"]] * 2


# Documents


def test_json_lines_keep_every_key_and_every_digit(tmp_path: Path) -> None:
    lines = [
        {"编号": 430000199001011234, "内容": "路灯坏了\u2028快修"},
        {"内容": None, "编号": 2.50, "公开": True},
        {"晚来的": ["甲", 1], "内容": "停水"},
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (tmp_path / "a.jsonl").write_text(text + "\n\n", "utf-8")
    table = only(tmp_path / "a.jsonl")
    assert table.header == ("编号", "内容", "公开", "晚来的")
    assert everything(table) == [
        ["430000199001011234", "路灯坏了\u2028快修", "", ""],
        ["2.5", "", "TRUE", ""],
        ["", "停水", "", '["甲", "1"]'],
    ]


def test_json_lines_that_are_not_objects(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"内容": "好"}\n[1]\n{坏\n' + "3\n" * 9, "utf-8")
    with pytest.raises(InputError, match="第 2、3、4、5、6 行等不是"):
        open_tables([tmp_path / "a.jsonl"])


def test_parquet(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow.parquet import write_table

    columns = {
        "编号": [430000199001011234, 2, 3],
        "内容": ["路灯坏了", None, "停水"],
        "时间": [dt.datetime(2021, 1, 1, 8, 0, 1), None, dt.datetime(2021, 1, 2)],
        "分数": [0.5, 1.0, float("nan")],
    }
    write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    assert everything(only(tmp_path / "a.parquet")) == [
        ["430000199001011234", "路灯坏了", "2021-01-01 08:00:01", "0.5"],
        ["2", "", "", "1"],
        ["3", "停水", "2021-01-02", ""],
    ]
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:200])
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([tmp_path / "b.parquet"])


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r'pip install "minyi\[parquet\]"'):
        open_tables([tmp_path / "a.parquet"])


def test_plain_text_a_submission_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("路灯坏了\r\n停水，三天了\n噪声大", "gbk", newline="")
    table = only(tmp_path / "a.txt")
    assert table.header == ("内容",)
    assert everything(table) == [["路灯坏了"], ["停水，三天了"], ["噪声大"]]
    assert numbers(table) == [1, 2, 3]


def test_plain_text_in_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("路灯坏了\n请来修\n\n\n停水\n三天了\n", "utf-8")
    table = only(tmp_path / "a.txt")
    assert everything(table) == [["路灯坏了\n请来修"], ["停水\n三天了"]]
    assert numbers(table) == [1, 5]


def test_plain_text_with_one_stray_blank_line_stays_line_by_line(tmp_path: Path) -> None:
    lines = [f"第{i}条留言" for i in range(40)]
    (tmp_path / "a.txt").write_text("\n".join([*lines[:20], "", *lines[20:]]), "utf-8")
    assert everything(only(tmp_path / "a.txt")) == [[line] for line in lines]


def test_a_table_in_plain_text(tmp_path: Path) -> None:
    text = "\n".join("\t".join(row) for row in [HEADER, *ROWS])
    (tmp_path / "a.txt").write_text(text, "utf-16")
    assert everything(only(tmp_path / "a.txt")) == ROWS


def word(path: Path, rows: Sequence[Sequence[str]], paragraphs: Sequence[str]) -> Path:
    from docx import Document

    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                table.cell(i, j).text = text
    document.save(str(path))
    return path


def test_a_word_table(tmp_path: Path) -> None:
    table = only(word(tmp_path / "a.docx", [HEADER, *ROWS], ["三月留言"]))
    assert table.sheet == "表格1"
    assert everything(table) == ROWS
    assert "还有 1 段文字没有读入" in table.warnings[0]


def test_a_word_table_with_a_merged_title(tmp_path: Path) -> None:
    from docx import Document

    path = word(tmp_path / "a.docx", [["三月留言登记表", "", "", ""], HEADER, *ROWS], [])
    document = Document(str(path))
    cells = document.tables[0].rows[0].cells
    cells[0].merge(cells[3])
    document.save(str(path))
    table = only(path)
    assert table.header == tuple(HEADER)
    assert numbers(table) == [3, 4, 5]


def test_word_paragraphs(tmp_path: Path) -> None:
    table = only(word(tmp_path / "a.docx", [], ["路灯坏了，请来修。", "", "停水三天\n没人管"]))
    assert everything(table) == [["路灯坏了，请来修。"], ["停水三天\n没人管"]]
    assert numbers(table) == [1, 3]


def test_a_damaged_word_document(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", [], ["路灯坏了"])
    rewrite(path, "word/document.xml", lambda xml: xml[:-20])
    with pytest.raises(InputError, match="已损坏或不完整"):
        open_tables([path])


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = (
        "import sys, minyi; before = set(sys.modules); import minyi.tables\n"
        "heavy = {'python_calamine', 'pyarrow', 'chardet', 'zipfile', 'tempfile', 'csv', 'xml'}\n"
        "assert not heavy & (set(sys.modules) - before)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_sheet_without_text_column_is_given_when_a_person_will_decide(tmp_path: Path) -> None:
    path = book(tmp_path / "无名.xlsx", [["甲", "乙"], ["1", "路灯坏了"], ["2", "水管漏了"]])
    with pytest.raises(InputError, match="没有认出哪一列是正文"):
        open_tables([path])
    table = only(path, undecided=True)
    assert "text" not in table.roles
    decided = table.decided({"text": "乙"})
    assert (decided.roles["text"], decided.how["text"]) == (1, "chosen")
    assert "text" not in decided.decided({"title": "乙"}).roles  # a column has one role
    assert everything(decided) == [["1", "路灯坏了"], ["2", "水管漏了"]]


# Rows that are no submissions


def asides(table: Table) -> list[int]:
    return sorted(number for rows in table.chunks() for number in rows.asides)


@pytest.mark.parametrize(
    "below",
    [
        [["合计", "", "", "32"]],
        [["", "", "合计", ""], ["", "", "小计：32件", ""]],
        [["备注：以上由各村收集", "", "", ""]],
        [["", "", "填表说明：1.请如实填写", ""], ["制表人：王某  审核人：李某", "", "", ""]],
    ],
)
def test_totals_and_notes_below_a_table_are_told_apart_and_kept(
    tmp_path: Path, below: list[list[str]]
) -> None:
    table = only(book(tmp_path / "a.xlsx", [HEADER, *ROWS, *below]))
    assert asides(table) == [5 + i for i in range(len(below))]
    assert everything(table) == [*ROWS, *below]
    assert "像是合计、备注或标题" in table.warnings[0]


def test_a_total_between_villages_is_told_apart(tmp_path: Path) -> None:
    rows = [ROWS[0], ["", "", "小计", ""], *ROWS[1:]]
    assert asides(only(book(tmp_path / "a.xlsx", [HEADER, *rows]))) == [3]


@pytest.mark.parametrize(
    "row",
    [
        ["A4", "", "备注：村口的路灯还是没有人来修，请再派人看看", "2021-03-04"],
        ["A4", "", "说明：我家的低保停了半年", "2021-03-04"],
        ["A4", "合计", "水费多收了三十二块，一直不退给我们", ""],
    ],
)
def test_an_opinion_that_begins_like_a_note_is_an_opinion(tmp_path: Path, row: list[str]) -> None:
    assert asides(only(book(tmp_path / "a.xlsx", [HEADER, *ROWS, row]))) == []
    note = ["", "", "备注：路灯的事请再派人看看", ""]
    between = book(tmp_path / "b.xlsx", [HEADER, ROWS[0], note, ROWS[1]])
    assert asides(only(between)) == []


def test_a_note_alone_is_an_opinion(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("备注：村口的路灯坏了半年没人修\n", "utf-8")
    assert asides(only(path)) == []


def test_the_title_of_a_document_is_told_apart(tmp_path: Path) -> None:
    from docx import Document

    path = word(tmp_path / "a.docx", [], ["大塘村三月意见汇总", "路灯坏了，请来修。", "停水三天了"])
    assert asides(only(path)) == [1]
    document = Document()
    document.add_heading("大塘村", 1)
    for text in ("路灯坏了，请来修。", "停水三天了"):
        document.add_paragraph(text)
    document.save(str(tmp_path / "b.docx"))
    assert asides(only(tmp_path / "b.docx")) == [1]


def test_opinions_all_written_as_headings_are_opinions(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    for text in ("路灯坏了，请来修。", "停水三天了", "公交不来"):
        document.add_heading(text, 1)
    document.save(str(tmp_path / "a.docx"))
    assert asides(only(tmp_path / "a.docx")) == []


# Merged cells


def test_a_village_merged_over_its_rows_stands_in_each_and_an_opinion_only_once(
    tmp_path: Path,
) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.merge_range(0, 0, 0, 3, "意见登记表")
        sheet.write_row(1, 0, ["所属村", "姓名", "意见内容", "件数"])
        sheet.merge_range(2, 0, 4, 0, "大塘村")
        sheet.merge_range(2, 2, 3, 2, "村口的路灯坏了半个月没人修")
        sheet.merge_range(2, 3, 4, 3, 7)
        sheet.write(4, 2, "水渠垮了，秧都插不下去")
        sheet.write_row(5, 0, ["柳湾村", "丁", "停水三天了没人管"])
        for row, name in enumerate("甲乙丙", 2):
            sheet.write(row, 1, name)
    assert everything(only(tmp_path / "a.xlsx")) == [
        ["大塘村", "甲", "村口的路灯坏了半个月没人修", "7"],
        ["大塘村", "乙", "", ""],
        ["大塘村", "丙", "水渠垮了，秧都插不下去", ""],
        ["柳湾村", "丁", "停水三天了没人管", ""],
    ]


def test_a_header_of_two_rows_is_joined_where_its_cells_are_merged(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.merge_range(0, 0, 1, 0, "编号")
        sheet.merge_range(0, 1, 0, 2, "留言")
        sheet.write_row(1, 1, ["时间", "内容"])
        sheet.write_row(2, 0, ["1", "2021-03-01", "停水三天了没人管"])
    assert only(tmp_path / "a.xlsx").header == ("编号", "留言/时间", "留言/内容")


def test_merged_cells_of_a_word_table_are_filled_down(tmp_path: Path) -> None:
    from docx import Document

    rows = [["所属村", "意见内容"], ["大塘村", "路灯坏了半年"], ["", "水渠垮了没人修"]]
    path = word(tmp_path / "a.docx", rows, [])
    document = Document(str(path))
    column = document.tables[0].columns[0].cells
    column[1].merge(column[2]).text = "大塘村"
    document.save(str(path))
    assert [row[0] for row in everything(only(path))] == ["大塘村", "大塘村"]
