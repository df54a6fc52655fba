"""How offices answer: times, parts and their evidence, the score, and the table for offices."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.answers.answers import read_answer
from minyi.analysis.answers.relevance import Relevance
from minyi.analysis.answers.replies import HEADERS, WEIGHTS, score_replies, summarise_replies
from minyi.analysis.answers.timeliness import workdays_between
from minyi.analysis.frame import prepare
from minyi.domain.calendar import add_workdays
from minyi.domain.office import load_office
from minyi.errors import InputError

GOOD = (
    "您好！您的留言已收悉。经县水利局现场查看，大塘村三组停水是因为水泵烧坏。根据《农村供水管理办法》，"
    "县水利局将于3月20日前换好水泵，恢复供水。感谢您的监督。"
)
EMPTY = "您好！您反映的问题已收悉，我们高度重视，已转有关部门处理，感谢您对我们工作的支持。"
ASKED = "大塘村三组停水一个星期了，水泵坏了没人修，请县水利局派人来看。"


def frame(**columns: object) -> pd.DataFrame:
    table = {"title": ["大塘村停水", "学校收费"], "text": [ASKED, "学校要家长交资料费，合理吗"]}
    return prepare(pd.DataFrame({**table, **columns}, index=["甲", "乙"]))


def both(replies: list[str] | None = None, **columns: object) -> pd.DataFrame:
    given = {"time": ["2026-03-02", "2026-03-02"], "reply_time": ["2026-03-05", "2026-03-30"]}
    return frame(reply=replies or [GOOD, EMPTY], **{**given, **columns})


def test_a_reply_that_says_all_scores_high_and_one_that_fits_anything_nothing() -> None:
    scored = score_replies(both())
    assert scored.loc["甲", ["what", "who", "when", "reason"]].tolist() == ["是"] * 4
    assert scored.loc["甲", "score"] > 80
    assert scored.loc["乙", "score"] == 0
    assert scored.loc["乙", "relevance"] == 0


def test_the_evidence_is_sentences_of_the_reply_behind_their_part() -> None:
    evidence = score_replies(both()).loc["甲", "evidence"]
    parts = dict(line.split("：", 1) for line in evidence)
    assert set(parts) == {"切题", "怎么办", "谁来办", "何时办", "理由或依据"}
    assert all(sentence in GOOD for part, sentence in parts.items() if part != "切题")
    assert "水泵" in parts["切题"]
    assert "3月20日" in parts["何时办"]


def test_the_index_and_the_frame_given_stay() -> None:
    given = both()
    before = given.copy()
    scored = score_replies(given)
    assert scored.index.tolist() == ["甲", "乙"]
    assert list(scored.columns)[: len(HEADERS)] == list(HEADERS)
    pd.testing.assert_frame_equal(given, before)


def test_a_repeated_title_says_nothing_of_its_own() -> None:
    quoting = "您好，您反映的“大塘村停水一个星期水泵坏了”的问题已转有关部门。"
    scored = score_replies(both([quoting, GOOD], title=["大塘村停水一个星期水泵坏了", "学校收费"]))
    assert scored.loc["甲", "relevance"] == 0


def test_a_good_reply_to_another_matter_is_not_to_the_point() -> None:
    scored = score_replies(both([GOOD, GOOD]))
    assert scored.loc["乙", "relevance"] < 0.1
    assert scored.loc["甲", "relevance"] > 0.6


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        ("县城管局已责令该店停止占道经营，并要求当天清理干净。", "what"),
        ("该路段已列入明年的改造计划，由县交通运输局组织实施。", "who"),
        ("路灯的线路正在检修之中，预计6月底前可以全部恢复照明。", "when"),
        ("根据国务院有关规定，这一类补贴只发给具有本地户籍的人员。", "reason"),
        ("由于连日下雨不能施工，路面的修复工作暂时没有办法进行。", "reason"),
    ],
)
def test_each_part_is_found(reply: str, part: str) -> None:
    assert getattr(read_answer(reply), part) == reply


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        ("您好！您反映的问题已转县住建局调查处理，感谢您的留言。", "what"),
        ("我局高度重视，已安排人员处理，有关部门会尽快解决这件事。", "who"),
        ("该小区的物业公司已经按照要求整改到位。2026年3月5日", "when"),
        ("根据2023年5月印发的办法，这一类补贴由本人到窗口申请。", "when"),
        ("工作人员已到现场查看，路面的坑已经填好，现在可以通行。", "reason"),
    ],
)
def test_what_only_looks_like_a_part_is_none(reply: str, part: str) -> None:
    assert getattr(read_answer(reply), part) == ""


def test_who_is_told_where_it_was_sent_knows_whom_to_ask() -> None:
    assert read_answer("您好！您反映的问题已转县住建局调查处理。").who
    assert read_answer("这件事由碧水办管。", bodies=["碧水办"]).who


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_reply_can_be_read_and_its_evidence_is_its_own(reply: str, title: str) -> None:
    answer = read_answer(reply, title)
    for part in ("what", "who", "when", "reason"):
        assert getattr(answer, part) in reply


def test_rare_words_make_a_reply_relevant_and_common_ones_hardly() -> None:
    texts = ["水泵坏了，村里停水", *["村里停水很久"] * 30]
    answers = ["水泵已经更换", *["村里停水正在抢修"] * 30]
    relevance = Relevance(texts, answers)
    assert relevance.weight("水泵") > 2 * relevance.weight("停水")
    assert relevance.shared(0) == ["水泵"]


def test_workdays_are_counted_by_the_calendar_from_the_day_after() -> None:
    scored = score_replies(both(reply_time=["2026-03-02 17:00", "2026-03-09"]))
    assert scored["workdays"].tolist() == [0, 5]


@given(st.dates(date(2024, 1, 1), date(2026, 6, 1)), st.integers(0, 60))
def test_counting_workdays_undoes_adding_them(start: date, workdays: int) -> None:
    due, _ = add_workdays(start, workdays)
    assert workdays_between(start, due) == workdays
    assert workdays_between(start, due + timedelta(days=1)) in (workdays, workdays + 1)


def test_on_time_or_late_by_the_deadlines_of_the_office() -> None:
    office = load_office()
    given = both().assign(kind=["投诉", "咨询"])
    scored = score_replies(given, office)
    assert scored["on_time"].tolist() == ["是", "否"]
    assert scored["due"].dt.date.tolist() == [
        add_workdays(date(2026, 3, 2), office.deadlines[kind])[0] for kind in ("投诉", "咨询")
    ]


def test_an_urgent_matter_is_due_the_same_day() -> None:
    given = both().assign(kind="投诉", urgent=[True, False])
    scored = score_replies(given, load_office())
    assert scored["on_time"].tolist() == ["否", "否"]
    assert scored.loc["甲", "due"] == pd.Timestamp("2026-03-02")


def test_the_deadline_of_the_frame_counts_before_that_of_the_office() -> None:
    given = both().assign(kind="咨询", deadline=pd.to_datetime(["2026-03-05", "2026-03-30"]))
    given["reply_time"] = pd.to_datetime(["2026-03-05 23:59", "2026-03-31 00:00"])
    assert score_replies(given, load_office())["on_time"].tolist() == ["是", "否"]


def test_without_times_or_kinds_the_rest_is_told_and_a_note_says_what_is_missing() -> None:
    scored = score_replies(frame(reply=[GOOD, ""]))
    assert scored["workdays"].isna().all()
    assert scored["on_time"].tolist() == ["", ""]
    assert scored.loc["甲", "score"] > 80
    assert pd.isna(scored.loc["乙", "score"])
    assert scored.loc["乙", "what"] == ""
    assert scored.loc["乙", "evidence"] == ()
    unanswered, untimed = scored.attrs["notes"]
    assert "1 条没有答复" in unanswered
    assert "1 条缺留言时间或答复时间" in untimed


def test_with_times_but_without_kinds_a_note_says_that_no_deadline_is_known() -> None:
    assert "有 2 条不知诉求类型或期限" in score_replies(both()).attrs["notes"][0]


def test_a_reply_before_its_message_has_no_time() -> None:
    scored = score_replies(
        both(reply_time=["2026-03-01", "2026-03-03"]).assign(kind="咨询"), load_office()
    )
    assert scored["workdays"].isna().tolist() == [True, False]
    assert scored["on_time"].tolist() == ["", "是"]
    assert any("1 条的答复时间早于留言时间" in note for note in scored.attrs["notes"])


def test_no_reply_at_all_is_an_error_that_says_how_to_give_them() -> None:
    with pytest.raises(InputError, match="reply=列名"):
        score_replies(frame())


def test_the_parts_sum_to_the_score() -> None:
    scored = score_replies(both())
    parts = {"relevance": scored["relevance"], **{p: scored[p] == "是" for p in list(WEIGHTS)[1:]}}
    total = sum(weight * parts[part] for part, weight in WEIGHTS.items())
    assert sum(WEIGHTS.values()) == 100
    assert scored["score"].tolist() == pytest.approx(total.tolist(), abs=0.06)


def test_the_table_for_offices_counts_each_group_and_all() -> None:
    scored = score_replies(both().assign(department=["水利局", ""], kind="投诉"), load_office())
    table = summarise_replies(scored)
    assert table.index.tolist() == ["水利局", "（空）", "全部"]
    assert table.index.name == "部门"
    assert table["留言数"].tolist() == [1, 1, 2]
    assert table.loc["水利局", "按时率"] == 1
    assert table.loc["全部", "按时率"] == 0.5
    assert table.loc["全部", "用时中位数（工作日）"] == 11.5


def test_intervals_hold_their_figures_and_narrow_with_more_replies() -> None:
    few = score_replies(both().assign(kind="投诉"), load_office())
    many = pd.concat([few] * 40, ignore_index=True)
    small, large = (summarise_replies(part, "kind").loc["全部"] for part in (few, many))
    for row in (small, large):
        assert row["按时率下限"] <= row["按时率"] <= row["按时率上限"]
        assert row["质量均分下限"] <= row["质量均分"] <= row["质量均分上限"]
    assert (
        large["按时率上限"] - large["按时率下限"] < (small["按时率上限"] - small["按时率下限"]) / 3
    )


@pytest.mark.parametrize("by", ["sender", "id", "title"])
def test_there_is_no_score_of_a_citizen(by: str) -> None:
    scored = score_replies(both()).join(both()[[by]])
    with pytest.raises(InputError, match="不按群众"):
        summarise_replies(scored, by)


def test_what_replies_cannot_be_counted_by_is_told() -> None:
    with pytest.raises(InputError, match="不能按“department”统计"):
        summarise_replies(score_replies(both()))
    with pytest.raises(InputError, match="score_replies"):
        summarise_replies(both(), "title")


def test_no_submissions_give_a_table_of_nothing() -> None:
    table = summarise_replies(score_replies(both().iloc[:0]), "place")
    assert table["留言数"].to_dict() == {"全部": 0}
