"""The two tables of hot issues, and what is told when something is missing."""

from __future__ import annotations

import pandas as pd
import pytest

from minyi.analysis.frame import prepare
from minyi.analysis.issues.hot import ISSUES, MEMBERS, hot_issues
from minyi.analysis.issues.matters import LOCAL
from minyi.errors import InputError

NOISE = [
    "金桂豪庭旁边的工地半夜还在打桩，老人睡不着",
    "金桂豪庭边上工地凌晨打桩，吵得孩子没法睡",
    "投诉金桂豪庭旁工地夜里打桩噪音大",
    "金桂豪庭的工地半夜打桩，打电话也没有用",
]
OTHERS = ["办养老认证要跑几趟", "村口的路灯不亮", "请问医保断缴一个月有影响吗", "公交车收班太早"]
DAYS = [f"2026-04-{day:02}" for day in range(1, 9)]


def frame(**columns: object) -> pd.DataFrame:
    base = {
        "id": [f"L{i}" for i in range(8)],
        "text": [*NOISE, *OTHERS],
        "time": DAYS,
        "sender": [f"用户{i}" for i in range(8)],
        "likes": [3, 0, 0, 1, 0, 0, 0, 0],
        "dislikes": [0, 1, 0, 0, 0, 0, 0, 0],
    }
    chosen = {name: cells for name, cells in {**base, **columns}.items() if cells is not None}
    return prepare(pd.DataFrame(chosen))


def test_both_tables_have_the_columns_known_from_the_field() -> None:
    found = hot_issues(frame())
    assert tuple(found.issues.columns) == ISSUES
    assert tuple(found.members.columns) == MEMBERS
    assert found.notes == ()
    (issue,) = found.issues.to_dict("records")
    assert issue["热度排名"] == 1
    assert issue["时间范围"] == "2026-04-01 至 2026-04-04"
    assert issue["地点/人群"] == "金桂豪庭"
    assert 0 < issue["热度指数"] <= 100


def test_a_description_is_what_a_member_wrote() -> None:
    description = hot_issues(frame()).issues.loc[0, "问题描述"]
    assert any(description in text for text in NOISE)
    assert "打桩" in description


def test_members_stand_with_their_likes_by_time_and_on_their_index() -> None:
    submissions = frame(time=DAYS[::-1])
    members = hot_issues(submissions).members
    assert members["留言编号"].tolist() == ["L3", "L2", "L1", "L0"]
    assert members.index.tolist() == [3, 2, 1, 0]
    assert members.loc[0, "点赞数"] == 3
    assert members.loc[1, "反对数"] == 1


def test_titles_describe_where_there_are_titles() -> None:
    titles = ["金桂豪庭夜间施工扰民"] * 4 + [f"其他事项{i}" for i in range(4)]
    found = hot_issues(frame(title=titles))
    assert found.issues.loc[0, "问题描述"] == "金桂豪庭夜间施工扰民"


def test_parts_of_the_index_are_shown() -> None:
    parts = hot_issues(frame()).parts
    assert parts.loc[0, "条数"] == 4
    assert parts.loc[0, "用户数"] == 4
    assert parts.loc[0, "点赞"] == 4
    assert {"留言数", "人数", "近期", "增长"} <= set(parts.columns)


def test_a_place_column_names_the_place() -> None:
    found = hot_issues(frame(place=["石桥村"] * 4 + ["柳塘村"] * 4))
    assert found.issues.loc[0, "地点/人群"] == "石桥村、金桂豪庭"


def test_where_the_place_is_known_a_shared_phrase_is_no_further_place() -> None:
    texts = [text.replace("金桂豪庭", "让野猪拱了") for text in NOISE]
    found = hot_issues(frame(text=[*texts, *OTHERS], place=["石桥村"] * 4 + ["柳塘村"] * 4))
    assert found.issues.loc[0, "地点/人群"] == "石桥村"


def test_without_times_the_ranking_stands_and_says_so() -> None:
    found = hot_issues(frame(time=None, sender=None, likes=None, dislikes=None))
    assert found.issues.loc[0, "时间范围"] == ""
    assert any("没有时间" in note for note in found.notes)
    assert any("没有留言用户" in note for note in found.notes)
    assert any("点赞" in note for note in found.notes)


def test_a_time_that_cannot_be_read_costs_only_that_row() -> None:
    found = hot_issues(frame(time=["去年冬天", *DAYS[1:]]))
    assert found.issues.loc[0, "时间范围"] == "2026-04-02 至 2026-04-04"
    assert len(found.members) == 4
    assert any("第 1 行" in note or "1 行没有时间" in note for note in found.notes)


def test_nothing_found_gives_empty_tables_and_says_what_to_do() -> None:
    found = hot_issues(frame(), fewest=5)
    assert found.issues.empty
    assert tuple(found.issues.columns) == ISSUES
    assert tuple(found.members.columns) == MEMBERS
    assert "fewest" in found.notes[-1]


def test_an_empty_period_is_no_error() -> None:
    submissions = frame()
    found = hot_issues(submissions[submissions["time"] > pd.Timestamp("2027-01-01")])
    assert found.issues.empty
    assert any("没有留言" in note for note in found.notes)


def test_one_row_is_no_error() -> None:
    assert hot_issues(frame().head(1)).issues.empty


def test_top_limits_the_issues_and_wrong_numbers_are_refused() -> None:
    both = [*NOISE, *(text.replace("金桂豪庭", "柳湾码头") for text in NOISE)]
    assert len(hot_issues(frame(text=both)).issues) == 2
    assert len(hot_issues(frame(text=both), top=1).issues) == 1
    assert len(hot_issues(frame(text=both), top=0).issues) == 2
    with pytest.raises(InputError, match="top"):
        hot_issues(frame(), top=-1)
    with pytest.raises(InputError, match="fewest"):
        hot_issues(frame(), fewest=1)


def test_an_issue_without_a_common_name_is_told_to_be_doubtful() -> None:
    reasons = pd.Series(["都提到“金桂豪庭”，说的事相近"] * 3 + [LOCAL] * 3)
    slips = prepare(pd.DataFrame({"text": [f"灰大睡不着{i}" for i in range(6)]}))
    matters = pd.DataFrame({"matter": [0, 0, 0, 1, 1, 1], "mention": "", "reason": reasons})
    found = hot_issues(slips, matters=matters)
    assert sorted(found.parts["归并依据"]) == sorted(set(reasons))
    assert [note for note in found.notes if "报出前请读一遍明细表" in note]
    named = hot_issues(slips, matters=matters.assign(reason=reasons[0]))
    assert not [note for note in named.notes if "明细表" in note]
