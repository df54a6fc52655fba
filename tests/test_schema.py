"""The gate for texts, the result's columns, and the error tree."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minyi.errors
from minyi.errors import InputError, MinyiError
from minyi.schema import COLUMNS, KINDS, Alternative, Result, Submission, as_submissions

ALL_ERRORS = [x for x in vars(minyi.errors).values() if isinstance(x, type)]


def test_every_error_is_a_minyi_error() -> None:
    assert len(ALL_ERRORS) == 9
    assert all(issubclass(error, MinyiError) for error in ALL_ERRORS)
    assert not issubclass(MinyiError, ValueError)


def test_there_are_six_kinds_and_twenty_result_columns() -> None:
    assert KINDS == ("咨询", "求助", "投诉", "举报", "建议", "表扬")
    assert len(COLUMNS) == len(set(COLUMNS.values())) == 20


def test_an_empty_result_makes_a_full_row() -> None:
    row = dict(zip(COLUMNS, Result().as_row(), strict=True))
    assert row["score"] is None
    assert (row["urgent"], row["needs_review"], row["row_status"]) == ("否", "否", "正常")
    assert row["deadline"] == row["evidence"] == row["alternatives"] == ""


def test_a_result_becomes_text_and_numbers() -> None:
    result = Result(
        score=0.123456,
        alternatives=(Alternative("01", "城乡建设", 0.256), Alternative("02", "农村农业", 0.1)),
        co_departments=("公安局", "信访局"),
        urgent=True,
        deadline=date(2025, 5, 9),
        evidence=("停水", "水管"),
        needs_review=True,
    )
    row = dict(zip(COLUMNS, result.as_row(), strict=True))
    assert row["score"] == 0.1235
    assert row["alternatives"] == "城乡建设 0.26；农村农业 0.10"
    assert row["co_departments"] == "公安局；信访局"
    assert (row["urgent"], row["needs_review"]) == ("是", "是")
    assert row["deadline"] == "2025-05-09"
    assert row["evidence"] == "停水、水管"
    assert all(isinstance(cell, str | float) or cell is None for cell in row.values())


def test_results_and_submissions_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Submission("停水").text = "停电"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Result().kind = "投诉"  # type: ignore[misc]


@pytest.mark.parametrize(
    "items",
    [
        ["停水", Submission("停电", place="石桥镇")],
        ("停水", Submission("停电", place="石桥镇")),
        (x for x in ("停水", Submission("停电", place="石桥镇"))),
        pd.Series(["停水", Submission("停电", place="石桥镇")], index=[7, 3]),
    ],
)
def test_texts_and_submissions_pass_in_order(items: Any) -> None:
    assert as_submissions(items) == [Submission("停水"), Submission("停电", place="石桥镇")]


def test_an_array_of_texts_passes() -> None:
    assert as_submissions(np.array(["停水"])) == [Submission("停水")]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("停水", "应为文本的列表，实际是一个字符串：请写成 [文本]"),
        ("停水".encode(), "实际是一个字符串"),
        (pd.DataFrame({"内容": ["停水"]}), "实际是 DataFrame：请传入其中一列，如 df['内容']"),
        ([], "应至少有一条文本，实际是空列表"),
        (None, "应为文本的列表，实际是 NoneType"),
        (5, "应为文本的列表，实际是 int"),
        (Submission("停水"), "应为文本的列表，实际是 Submission：请写成 [文本, …]"),
        ({"text": "停水"}, "应为文本的列表，实际是 dict"),
        (["停水", None, 1.5], "有 2 项是 NoneType、float（位置 1、2）：请先删除或改成文字"),
        (pd.Series(["停水", float("nan")]), "有 1 项是 float（位置 1）"),
        ([None] * 9, "有 9 项是 NoneType（位置 0、1、2、3、4）"),
        (np.array([["停水"]]), "有 1 项是 ndarray"),
        ([["停水"]], "有 1 项是 list"),
    ],
)
def test_the_gate_refuses_what_is_no_list_of_texts(items: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        as_submissions(items)


@settings(deadline=None)
@given(st.lists(st.none() | st.integers() | st.binary() | st.just("六组赵某某的电话")))
def test_a_refusal_never_repeats_a_citizens_words(items: list[Any]) -> None:
    try:
        assert as_submissions(items) == [Submission(item) for item in items]
    except InputError as error:
        assert "赵某某" not in str(error)
