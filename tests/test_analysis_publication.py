"""Tables of an analysis that may be published: nothing small, and no way to it."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.frame import prepare
from minyi.analysis.issues.hot import HotIssues, hot_issues
from minyi.analysis.privacy.publication import (
    large_groups,
    public_issues,
    public_topics,
    public_trends,
    public_words,
)
from minyi.analysis.privacy.suppression import HIDDEN, TOTAL
from minyi.analysis.trends import alarms, change, counts
from minyi.analysis.wording.topics import Topics
from minyi.analysis.wording.words import Keyness
from minyi.cli import main
from minyi.errors import InputError
from small_tables import read_sheets, write_sheets


def submissions() -> pd.DataFrame:
    """Return ten weeks: 石桥村 has six a week and twenty in the last, 柳塘村 one every other."""
    weeks = pd.date_range("2026-01-05", periods=10, freq="W-MON")
    days = [day for day in weeks for _ in range(6)] + [weeks[-1]] * 14
    few = list(weeks[::2])
    return prepare(
        pd.DataFrame(
            {
                "内容": "停水",
                "时间": [*days, *few],
                "地点": ["石桥村"] * len(days) + ["柳塘村"] * len(few),
            }
        )
    )


def trends(k: int) -> dict[str, pd.DataFrame]:
    frame = submissions()
    of_weeks = counts(frame, "place", "W")
    return public_trends(of_weeks, change(frame, "place"), alarms(frame, "place", "W"), k)


def test_trends_show_no_small_count_and_of_it_neither_change_nor_alarm() -> None:
    tables = trends(5)
    shown = tables["条数"].to_numpy().ravel()
    assert not [n for n in shown if n != HIDDEN and 0 < n < 5]
    assert HIDDEN in shown
    assert "柳塘村" not in set(tables["增减"]["事项"]) | set(tables["预警"]["事项"])
    assert list(tables["增减"]) == ["事项", "结论"]


def test_an_alarm_is_published_only_with_a_count_that_is_shown() -> None:
    everything, few = trends(1)["预警"], trends(25)["预警"]
    assert "石桥村" in set(everything["事项"])
    assert few.empty
    assert list(everything) == ["事项", "起始日期", "条数"]


def issues(n_senders: tuple[int, ...], senders: str = "S") -> HotIssues:
    """Return one issue for each number, of so many citizens."""
    names = ("金桂豪庭", "碧波广场", "翠屏新苑")
    rows = [
        (
            f"{names[matter]}旁边工地打桩",
            f"{senders}{matter}{i}" if senders else "",
            int(i < 2),
            matter,
        )
        for matter, n in enumerate(n_senders)
        for i in range(n)
    ]
    table = pd.DataFrame(rows, columns=["内容", "留言人", "点赞数", "matter"])
    frame = prepare(table.drop(columns="matter"))
    mention = table["matter"].map(dict(enumerate(names)))
    matters = table[["matter"]].assign(mention=mention, reason="都提到")
    return hot_issues(frame, top=0, matters=matters)


@pytest.mark.parametrize("senders", ["S", ""])
def test_an_issue_of_few_citizens_is_not_published_and_the_others_are_numbered_anew(
    senders: str,
) -> None:
    found = issues((4, 9, 6), senders)
    assert len(found.issues) == 3
    tables = public_issues(found, 5, top=0)
    assert tables["热点问题表"]["地点/人群"].tolist() == ["碧波广场", "翠屏新苑"]
    for name in ("热点问题表", "热度构成"):
        assert tables[name]["问题ID"].tolist() == [1, 2]
    assert len(public_issues(found, 5, top=1)["热点问题表"]) == 1


def test_members_of_published_issues_cannot_be_counted_by_sender_or_time() -> None:
    tables = public_issues(issues((9,)), 5, top=0)
    assert list(tables["热点问题留言明细表"]) == ["问题ID", "留言主题", "留言详情"]
    assert tables["热度构成"]["点赞"].tolist() == [HIDDEN]


@given(st.lists(st.sampled_from("甲乙丙丁戊"), max_size=40), st.integers(2, 8))
def test_no_group_is_smaller_than_k_unless_all_are(names: list[str], k: int) -> None:
    grouped = large_groups(pd.Series(names, dtype=str), k)
    sizes = grouped.value_counts()
    assert (sizes >= min(k, len(names))).all()
    assert all(new in (old, "（其他）") for old, new in zip(names, grouped, strict=True))


def keyness(n_senders: list[int], n_elsewhere: list[int], terms: list[str]) -> Keyness:
    words = pd.DataFrame(
        {
            "group": [f"{n}村" for n in range(len(terms))],
            "term": terms,
            "n": n_senders,
            "n_senders": n_senders,
            "n_elsewhere": n_elsewhere,
            "examples": [("1",)] * len(terms),
        }
    )
    measures = ["share", "share_elsewhere", "log_ratio", "low", "high", "g2", "q"]
    words[measures] = 0.5
    groups = pd.DataFrame({"n": [90, 3, 80], "n_senders": [80, 3, 70], "tested": 9})
    return Keyness(words, groups.set_axis(["0村", "1村", "2村"]), "地点", ())


def test_a_word_of_few_citizens_is_not_published() -> None:
    found = keyness([9, 4], [0, 0], ["停水", "覃二毛"])
    assert public_words(found, 5)["特征词"]["词语"].tolist() == ["停水"]


def test_how_common_a_word_is_elsewhere_is_hidden_where_few_use_it_or_a_third_group_follows() -> (
    None
):
    found = keyness([9, 9, 9, 9], [2, 30, 7, 8], ["水厂", "停水", "路灯", "路灯"])
    table = public_words(found, 5)["特征词"]
    assert table["对照组人数"].tolist() == [HIDDEN, 30, HIDDEN, HIDDEN]
    assert table["q值"].tolist()[1] != HIDDEN
    assert "例子（编号）" not in table


def test_the_sizes_of_groups_do_not_give_a_small_one_away() -> None:
    sizes = public_words(keyness([9], [0], ["停水"]), 5)["各组"]["n"]
    assert sizes["1村"] == HIDDEN
    assert (sizes == HIDDEN).sum() > 1


def topics(sizes: list[int]) -> tuple[Topics, pd.DataFrame]:
    members = [number for number, n in enumerate(sizes, 1) for _ in range(n)] + [0] * 20
    table = pd.DataFrame(
        {
            "label": [f"题{n}" for n in range(len(sizes))],
            "words": [("停水",)] * len(sizes),
            "n": sizes,
            "n_senders": sizes,
            "category": "水务",
            "named": False,
            "trend": "",
            "examples": [("1",)] * len(sizes),
        },
        index=pd.RangeIndex(1, len(sizes) + 1, name="topic"),
    )
    shares = ["share", "stability", "category_share", "share_before", "share_after"]
    table[shares] = 0.5
    frame = prepare(pd.DataFrame({"内容": ["停水"] * len(members)})).assign(category="水务")
    by_topic = pd.Series(members, index=frame.index)
    months = pd.DataFrame(
        {number: [n - 2, 2] for number, n in enumerate(sizes, 1)} | {"全部": [len(members) - 9, 9]},
        index=["2026年03月", "2026年04月"],
    )
    return Topics(table, by_topic, months, pd.DataFrame(), ()), frame


def test_topics_are_listed_without_the_times_that_would_count_them_afresh() -> None:
    tables = public_topics(*topics([12, 30]), k=5)
    assert list(tables["留言"]) == ["主题", "名称", "text", "category"]
    shown = tables["各月"].to_numpy().ravel()
    assert not [n for n in shown if n != HIDDEN and 0 < n < 5]
    assert tables["各月"].loc[TOTAL, TOTAL] == 62


def test_a_topic_of_few_citizens_is_not_published_nor_are_its_texts() -> None:
    tables = public_topics(*topics([12, 4]), k=5)
    assert tables["主题"]["主题"].tolist() == [1]
    assert set(tables["留言"]["主题"]) == {1}
    assert 2 not in tables["各月"]


def test_the_command_hides_as_many_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[f"停水{n}", f"2026-03-{n + 1:02}", "急" if n < 3 else "缓"] for n in range(28)]
    write_sheets(tmp_path / "表.xlsx", {"登记": [["反映内容", "走访日期", "标题"], *rows]})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main replaces it
    command = ["minyi", "analyse", "trends", "表.xlsx", "-o", "走势.xlsx", "--by", "title"]
    monkeypatch.setattr(sys, "argv", [*command, "--every", "M", "--anonymise", "--k", "4"])
    main()
    sheets = read_sheets(Path("走势.xlsx"))
    assert HIDDEN in [str(cell) for row in sheets["条数"] for cell in row]
    assert "1 到 3 的数" in str(sheets["说明"])


def test_k_must_be_a_positive_whole_number() -> None:
    with pytest.raises(InputError, match="k 应为"):
        public_words(keyness([9], [0], ["停水"]), 0)
