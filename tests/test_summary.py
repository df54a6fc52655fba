"""The counts of a run, and the sheets that show them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.domain.office import load_office
from minyi.learning.persistence import Model, load_model
from minyi.resources import bundled
from minyi.schema import KINDS, Result
from minyi.summary import Summary, about_rows, summary_blocks

WATER = Result(
    kind="求助", category="甲/乙/丙", level1="甲", level2="乙", level3="丙", department="水利局",
    place="石桥镇", urgent=True, needs_review=True,
)  # fmt: skip
NOISE = Result(kind="投诉", category="丁", level1="丁", department="公安局")
BLANK = Result(row_status="空白", row_error="正文为空", needs_review=True)


def counted(*results: Result) -> Summary:
    summary = Summary()
    for number, result in enumerate(results, start=2):
        summary.count(result.as_row(), "意见箱.xlsx", number)
    return summary


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(bundled("models/starter"))


def about(summary: Summary, model: Model, tmp_path: Path | None = None) -> list[tuple[str, Any]]:
    return list(about_rows(summary, model, load_office(tmp_path), date(2025, 5, 9)))


def test_counts_rows_reviews_and_urgent_ones() -> None:
    summary = counted(WATER, NOISE, BLANK)
    assert (summary.n_rows, summary.n_review, summary.n_urgent) == (3, 2, 1)
    assert summary.statuses == {"正常": 2, "空白": 1}


def test_counts_by_two_levels_department_and_place() -> None:
    summary = counted(WATER, WATER, NOISE)
    assert summary.by_category == {("甲/乙", "求助"): 2, ("丁", "投诉"): 1}
    assert summary.by_department == {("水利局", "求助"): 2, ("公安局", "投诉"): 1}
    assert summary.by_place == {("石桥镇", "甲"): 2, ("（未识别）", "丁"): 1}


def test_labels_of_an_own_scheme_stand_where_levels_are_empty() -> None:
    summary = counted(Result(kind="投诉", category="噪音扰民", department="公安局"))
    assert summary.by_category == {("噪音扰民", "投诉"): 1}
    assert summary.by_place == {("（未识别）", "噪音扰民"): 1}


def test_rows_without_a_result_are_named_and_not_counted_further() -> None:
    summary = counted(WATER, *[BLANK] * 30)
    assert summary.unclassified[0] == "意见箱.xlsx 第 3 行：正文为空"
    assert len(summary.unclassified) == 20
    assert sum(summary.by_department.values()) == 1


def test_the_cross_tables_have_totals_and_the_most_frequent_first() -> None:
    blocks = list(summary_blocks(counted(NOISE, WATER, WATER)))
    assert blocks == [
        ["总条数", 3],
        ["其中：需复核", 2],
        ["其中：紧急", 2],
        ["其中：未分类（空白等）", 0],
        [],
        ["一级类别 × 诉求类型", "求助", "投诉", "合计"],
        ["甲", 2, "", 2],
        ["丁", "", 1, 1],
        ["合计", 2, 1, 3],
        [],
        ["二级类别 × 诉求类型", "求助", "投诉", "合计"],
        ["甲/乙", 2, "", 2],
        ["丁", "", 1, 1],
        ["合计", 2, 1, 3],
        [],
        ["主办部门 × 诉求类型", "求助", "投诉", "合计"],
        ["水利局", 2, "", 2],
        ["公安局", "", 1, 1],
        ["合计", 2, 1, 3],
        [],
        ["属地 × 一级类别", "甲", "丁", "合计"],
        ["石桥镇", 2, "", 2],
        ["（未识别）", "", 1, 1],
        ["合计", 2, 1, 3],
    ]


def test_nothing_counted_makes_no_cross_table() -> None:
    lines = [line for line in summary_blocks(Summary()) if line]
    assert [line[1:] for line in lines] == [[0]] * 4


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from("甲乙丙"), st.sampled_from("东西")))
)
def test_every_line_adds_up(rows: list[tuple[str, str, str]]) -> None:
    results = [
        Result(kind=kind, category=name, level1=name, department=f"{name}局", place=place)
        for kind, name, place in rows
    ]
    for line in summary_blocks(counted(*results)):
        if len(line) > 2 and line[-1] != "合计":
            assert sum(cell for cell in line[1:-1] if cell != "") == line[-1]
        if line and line[0] == "合计":
            assert line[-1] == len(rows)


def test_says_which_program_model_and_profile(model: Model) -> None:
    rows = dict(about(counted(WATER, BLANK), model))
    assert rows["程序版本"].startswith("minyi ")
    assert rows["模型"].startswith("starter（")
    assert rows["单位配置"] == "示例县"
    assert rows["三级类别复核阈值"].startswith(f"{model.threshold('level3'):.2f}（")
    assert "2025-05-09" in rows["期限起算"]
    assert (rows["总条数"], rows["待复核"], rows["紧急"]) == (2, 2, 1)
    assert (rows["状态：正常"], rows["状态：空白"]) == (1, 1)


def test_the_thresholds_are_the_offices_own_or_those_of_its_precision(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "本县.toml"
    path.write_text("[thresholds]\nprecision = 0.8\ndepartment = 0.33", "utf-8")
    rows = dict(about(Summary(), model, path))
    assert rows["类型复核阈值"].startswith(f"{model.threshold('kind', 0.8):.2f}（")
    assert model.threshold("kind", 0.8) < model.threshold("kind")
    assert rows["部门复核阈值"].startswith("0.33（")


def test_says_how_many_rows_are_not_named_and_what_to_know(model: Model) -> None:
    summary = counted(*[BLANK] * 23)
    summary.notes.append("跳过了工作表 填表说明")
    rows = about(summary, model)
    assert ("未分类的行", "另有 3 行，见“处理状态”列") in rows
    assert ("提示", "跳过了工作表 填表说明") in rows
    assert sum(key == "未分类的行" for key, _ in rows) == 21
