"""Workbooks of results: text stays text, headers are Chinese, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from minyi.analysis.workbook import write_tables
from minyi.errors import OutputError
from small_tables import read_sheets

LONG = "村口到学校的路灯坏了半年，孩子们晚自习回来摸黑走" * 4


def test_every_kind_of_value_is_written_as_a_clerk_reads_it(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "id": ["1", "2"],
            "urgent": [True, False],
            "n": np.array([3, 4], dtype=np.int64),
            "score": [0.123456, np.nan],
            "time": [pd.Timestamp("2026-03-05"), pd.NaT],
            "last": [pd.Timestamp("2026-03-05 09:07:30"), pd.NaT],
            "members": [("7", "9"), ()],
            "用时": pd.array([5, None], dtype="Int64"),
        }
    )
    write_tables(tmp_path / "表.xlsx", {"热点": table})
    header, first, second = read_sheets(tmp_path / "表.xlsx")["热点"]
    assert header == [
        "编号",
        "是否紧急",
        "条数",
        "类别得分",
        "时间",
        "最晚时间",
        "成员编号",
        "用时",
    ]
    assert first == ["1", "是", 3, 0.1235, "2026-03-05", "2026-03-05 09:07", "7、9", 5]
    assert second == ["2", "否", 4, "", "", "", "", ""]


def test_nothing_in_a_cell_is_ever_run(tmp_path: Path) -> None:
    risky = ["=1+1", "+8613800001111", "@SUM(A1)", "-5"]
    write_tables(tmp_path / "表.xlsx", {"表": pd.DataFrame({"text": risky})}, ["=2+2"])
    book = openpyxl.load_workbook(tmp_path / "表.xlsx")
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=2):
            assert {cell.data_type for cell in row} == {"s"}
    assert [row[0] for row in read_sheets(tmp_path / "表.xlsx")["表"][1:]] == risky


def test_the_header_stays_in_sight_and_long_texts_are_wrapped(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ["1"], "text": [LONG]})
    write_tables(tmp_path / "表.xlsx", {"表": table}, ["共 1 条"])
    book = openpyxl.load_workbook(tmp_path / "表.xlsx")
    sheet = book["表"]
    assert sheet.freeze_panes == "A2"
    assert sheet["B2"].alignment.wrap_text
    assert not sheet["A2"].alignment.wrap_text
    assert sheet.column_dimensions["A"].width < 20 < sheet.column_dimensions["B"].width <= 62
    assert sheet["B2"].value == LONG


def test_a_long_name_does_not_widen_a_column_of_numbers(tmp_path: Path) -> None:
    table = pd.DataFrame({"人力资源和社会保障": [3, 12], "商贸文旅与市场监管": ["*", "5 条以上的"]})
    write_tables(tmp_path / "表.xlsx", {"表": table})
    widths = openpyxl.load_workbook(tmp_path / "表.xlsx")["表"].column_dimensions
    assert widths["A"].width <= 13 < widths["B"].width  # B holds texts


def test_notes_stand_on_a_sheet_of_their_own_only_if_there_are_any(tmp_path: Path) -> None:
    table = pd.DataFrame({"条数": [1]})
    write_tables(tmp_path / "甲.xlsx", {"表": table}, ["有 2 行没有时间", "有 1 行正文空白"])
    write_tables(tmp_path / "乙.xlsx", {"表": table})
    told = read_sheets(tmp_path / "甲.xlsx")["说明"]
    assert told == [["说明"], ["有 2 行没有时间"], ["有 1 行正文空白"]]
    assert list(read_sheets(tmp_path / "乙.xlsx")) == ["表"]


def test_a_named_index_and_levels_of_columns_are_shown(tmp_path: Path) -> None:
    table = pd.DataFrame(
        [[1, 2]],
        index=pd.Index(["石桥村"], name="place"),
        columns=pd.MultiIndex.from_tuples([("教育", "投诉"), ("教育", "建议")]),
    )
    write_tables(tmp_path / "表.xlsx", {"表": table})
    assert read_sheets(tmp_path / "表.xlsx")["表"] == [
        ["地点", "教育 投诉", "教育 建议"],
        ["石桥村", 1, 2],
    ]


def test_a_table_without_rows_still_shows_its_header(tmp_path: Path) -> None:
    write_tables(tmp_path / "表.xlsx", {"表": pd.DataFrame({"热度排名": [], "问题描述": []})})
    assert read_sheets(tmp_path / "表.xlsx")["表"] == [["热度排名", "问题描述"]]


def test_what_cannot_be_written_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    table = pd.DataFrame({"条数": [1]})
    path = tmp_path / "表.xlsx"
    write_tables(path, {"表": table})
    with pytest.raises(OutputError, match="已经存在"):
        write_tables(path, {"表": table})
    with pytest.raises(OutputError, match="没有要写的表"):
        write_tables(path, {}, force=True)
    with pytest.raises(OutputError, match=r"要写成 \.xlsx 文件"):
        write_tables(tmp_path / "表.csv", {"表": table})
    with pytest.raises(OutputError, match="就是输入文件"):
        write_tables(path, {"表": table}, force=True, inputs=[path])
    assert read_sheets(path)["表"] == [["条数"], [1]]
    write_tables(path, {"表": table + 1}, force=True)
    assert read_sheets(path)["表"] == [["条数"], [2]]
