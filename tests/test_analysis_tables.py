"""社情民意汇总表 and workload: what is counted where, deadlines, and what may be published."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.frame import notes, prepare
from minyi.analysis.tablebook import office_sheets, public_sheets
from minyi.analysis.tables import (
    OVERDUE,
    SOON,
    STATES,
    cells,
    duties,
    needs_answer,
    place_by_area,
    summary,
    workload,
)
from minyi.errors import InputError
from minyi.schema import KINDS

DAY = date(2026, 3, 20)  # a Friday
TEXTS = ["桥栏断了", "水渠垮了", "感谢修路", "建议装灯", "没意见", "渠道漏水"]


def frame(**columns: object) -> pd.DataFrame:
    """Return six submissions of two villages, classified by hand."""
    given = {
        "内容": TEXTS,
        "村": ["甲村", "甲村", "乙村", "乙村", "乙村", "甲村"],
        "状态": ["已办结", "办理中", "已答复", "未答复", "", "未答复"],
        "是否采纳": ["", "", "", "是", "", ""],
        "答复时间": ["2026-03-04", "", "2026-04-30", "", "", ""],
        "时间": "2026-03-02",
    }
    table = pd.DataFrame({**given, **columns}, index=list("abcdef"))
    return prepare(table, text="内容", place="村", id="").assign(
        kind=["投诉", "投诉", "表扬", "建议", "", "求助"],
        level1=["交通运输", "农业农村", "交通运输", "城乡建设", "", "农业农村"],
        category="",
        department=["交通局", "水利局", "交通局", "城管局", "", "水利局"],
        co_departments=[("公安局",), (), (), ("交通局",), (), ()],
        urgent=False,
        deadline=pd.to_datetime(
            ["2026-03-23", "2026-03-19", "2026-03-30", "2026-03-27", None, "2026-03-30"]
        ),
    )


def test_the_summary_counts_every_place_area_and_kind_and_its_totals() -> None:
    table = summary(frame()).set_index(["属地", "一级类别"])
    assert table.loc[("甲村", "农业农村"), ["提出", "投诉", "求助"]].tolist() == [2, 1, 1]
    assert table.loc[("甲村", "小计"), ["提出", "已办结", "办理中"]].tolist() == [3, 1, 1]
    assert table.loc[("合计", "合计"), ["提出", "建议", "采纳", "未采纳"]].tolist() == [6, 1, 1, 0]
    assert table.loc[("合计", "交通运输"), ["提出", "已办结", "已答复"]].tolist() == [2, 1, 1]
    assert table.loc[("乙村", "（没有类别）"), "未分类"] == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["甲村", "乙村", ""]),
            st.sampled_from(["交通运输", "民政", ""]),
            st.sampled_from([*KINDS, ""]),
            st.sampled_from(["已办结", "已答复", "办理中", "未答复", ""]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_kinds_and_states_add_up_and_subtotals_too(rows: list[tuple[str, str, str, str]]) -> None:
    places, areas, kinds, states = (list(column) for column in zip(*rows, strict=True))
    plain = prepare(pd.DataFrame({"text": ["路"] * len(rows), "place": places, "status": states}))
    table = summary(plain.assign(level1=areas, category="", kind=kinds))
    named = [name for name in (*KINDS, "未分类") if name in table]
    assert (table[named].sum(axis=1) == table["提出"]).all()
    if told := [name for name in STATES if name in table]:
        assert (table[told].sum(axis=1) == table["提出"]).all()
    parts = table[(table["属地"] != "合计") & (table["一级类别"] != "小计")]
    assert parts["提出"].sum() == table["提出"].iloc[-1] == len(rows)


def test_each_number_of_the_summary_is_a_filter_on_the_cells() -> None:
    counted, table = cells(frame()), summary(frame())
    for row in table[table["一级类别"].ne("小计") & table["属地"].ne("合计")].to_dict("records"):
        own = counted[(counted["place"] == row["属地"]) & (counted["area"] == row["一级类别"])]
        assert len(own) == row["提出"]
        assert (own["kind"] == "投诉").sum() == row["投诉"]
        assert (own["state"] == "未答复").sum() == row["未答复"]


def test_without_status_and_replies_there_are_no_columns_of_states_but_a_note() -> None:
    table = summary(frame(状态="", 是否采纳="", 答复时间=""))
    assert not set(STATES) & set(table.columns)
    assert "采纳" not in table
    assert "没有办理状态和答复：有诉求的都按待答复计" in notes(table)


def test_a_reply_counts_as_an_answer_where_no_status_says_otherwise() -> None:
    given = frame(状态=["", "", "", "", "", "未答复"], 答复时间=["2026-03-04"] * 6)
    assert cells(given)["state"].tolist() == ["已答复"] * 5 + ["未答复"]


def test_an_adopted_suggestion_of_another_kind_is_told() -> None:
    table = summary(frame(是否采纳=["是", "", "", "是", "", ""]))
    assert table["采纳"].iloc[-1] == 2
    assert "有 1 条登记了是否采纳，但诉求类型不是建议，请核对" in notes(table)


def test_duties_are_open_matters_by_deadline_judged_at_the_day() -> None:
    table = duties(frame(), DAY)
    assert table.index.tolist() == ["b", "d", "f"]
    assert table["due"].tolist() == [OVERDUE, SOON, "未到期"]  # Friday + 5 workdays: the 27th
    assert duties(frame(), date(2026, 3, 19)).loc["b", "due"] == SOON  # the last day is in time
    assert not needs_answer(frame()).loc["e"]  # nobody asked for anything


def test_a_duty_without_deadline_is_listed_last() -> None:
    given = frame()
    given.loc["b", "deadline"] = pd.NaT
    table = duties(given, DAY)
    assert table.index[-1] == "b"
    assert table.loc["b", "due"] == "没有期限"


def test_workload_counts_what_departments_have_and_what_presses() -> None:
    table = workload(frame(), DAY).set_index("部门")
    assert table.loc["水利局"].tolist() == [2, 0, 2, 1, 0, 0, 0]
    assert table.loc["交通局", ["主办", "协办", "待答复"]].tolist() == [2, 1, 0]
    assert table.loc["交通局", ["按期答复", "逾期答复"]].tolist() == [1, 1]
    assert table.loc["公安局", ["主办", "协办"]].tolist() == [0, 1]
    assert table.loc["合计", ["主办", "待答复", OVERDUE, SOON]].tolist() == [6, 3, 1, 1]
    assert table.index[0] == "水利局"  # most overdue first


def test_without_times_of_answers_nothing_is_said_of_being_in_time() -> None:
    assert "按期答复" not in workload(frame(答复时间=""), DAY)


def test_labels_of_an_offices_own_take_the_place_of_level_1() -> None:
    own = frame().assign(level1="", category="路灯")
    assert set(cells(own)["area"]) == {"路灯"}


def test_the_published_table_hides_small_counts_and_is_the_only_one() -> None:
    many = pd.concat([frame()] * 8, ignore_index=True)
    sheets = public_sheets(many, k=10)
    assert list(sheets) == ["属地×类别"]
    shown = sheets["属地×类别"]
    assert shown.loc["甲村", "农业农村"] == 16
    assert shown.loc["甲村", "交通运输"] == "*"
    assert any("以 * 代替" in note for note in notes(shown))
    coarse = public_sheets(many, k=10, place_level="none")["属地×类别"]
    assert coarse.index.tolist() == ["全部", "合计"]


def test_the_sheets_of_the_office_agree_with_each_other() -> None:
    sheets = office_sheets(frame(), DAY)
    total = sheets["部门与期限"].iloc[-1]
    assert len(sheets["待答复"]) == total["待答复"] == (sheets["明细"]["待答复"] != "").sum()
    assert place_by_area(frame()).loc["合计", "合计"] == len(sheets["明细"])


def test_nothing_is_changed_and_what_is_not_classified_is_refused() -> None:
    given = frame()
    before = given.copy()
    office_sheets(given, DAY)
    pd.testing.assert_frame_equal(given, before)
    with pytest.raises(InputError, match="请先用 classified"):
        summary(prepare(pd.DataFrame({"内容": TEXTS})))
