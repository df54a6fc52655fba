"""The frame of submissions: which column is what, what cells say, and what is refused."""

from __future__ import annotations

import pkgutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi import analysis, load
from minyi.analysis.frame import CLASSIFIED, COLUMNS, classified, notes, prepare, read, require
from minyi.analysis.intake.cells import counts_of, statuses_of
from minyi.analysis.intake.columns import ROLES, find_columns
from minyi.analysis.intake.moments import moments_of
from minyi.domain.calendar import parse_date
from minyi.errors import InputError
from small_tables import write_sheets

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
LAMP, ROAD = "村口的路灯坏了半年没有人来修", "通组公路塌了一截，校车过不去"


def table(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"内容": [LAMP, ROAD], **columns})


def test_a_table_with_nothing_but_texts_becomes_a_whole_frame() -> None:
    frame = prepare(table())
    assert list(frame.columns) == list(COLUMNS)
    assert frame["text"].tolist() == [LAMP, ROAD]
    assert frame["id"].tolist() == ["1", "2"]
    assert frame["row"].tolist() == [1, 2]
    assert frame["time"].isna().all()
    assert frame["time"].dtype.kind == frame["reply_time"].dtype.kind == "M"
    assert frame["likes"].tolist() == [0, 0]
    assert frame["likes"].dtype == np.int64
    empty = ["source", "sender", "title", "place", "status", "adopted", "reply"]
    assert (frame[empty] == "").all(axis=None)


def test_columns_are_known_by_their_chinese_names() -> None:
    asked = "编号 村 组 姓名 走访日期 走访人 来源 反映内容 办理状态 答复 答复日期 是否采纳"
    header = asked.split()
    roles, _ = find_columns(header, [[""] * len(header)], {})
    assert {role: header[column] for role, column in roles.items()} == {
        "id": "编号",
        "place": "村",
        "sender": "姓名",
        "time": "走访日期",
        "text": "反映内容",
        "status": "办理状态",
        "reply": "答复",
        "reply_time": "答复日期",
        "adopted": "是否采纳",
    }


def test_columns_are_known_by_their_english_names() -> None:
    header = ["id", "user", "time", "title", "text", "likes", "dislikes", "reply", "reply_time"]
    roles, _ = find_columns(header, [[""] * len(header)], {})
    expected = dict(zip(header, range(len(header)), strict=True))
    assert roles == {"sender" if name == "user" else name: i for name, i in expected.items()}


def test_the_time_of_a_reply_is_never_taken_for_the_time_of_a_submission() -> None:
    frame = prepare(table(答复时间=["2026-03-09", "2026-03-10"]))
    assert frame["time"].isna().all()
    assert frame["reply_time"].notna().all()


@pytest.mark.parametrize(
    ("cells", "role"),
    [(["已办结", "办理中"], "status"), (["电工已经换了灯泡，晚上亮了", "已办结"], "reply")],
)
def test_an_outcome_column_is_status_or_reply_by_what_stands_in_it(
    cells: list[str], role: str
) -> None:
    assert prepare(table(处理结果=cells))[role].tolist() == cells


def test_a_chosen_column_wins_over_the_names_and_an_empty_name_switches_a_role_off() -> None:
    raw = table(时间=["2026-03-01", "2026-03-02"], 记录=["2026-04-01", "2026-04-02"], 姓名="李四")
    frame = prepare(raw, time="记录", sender="")
    assert frame["time"].dt.month.tolist() == [4, 4]
    assert (frame["sender"] == "").all()


def test_a_column_named_after_a_role_has_it() -> None:
    raw = table(text=[ROAD, LAMP])
    assert prepare(raw)["text"].tolist() == [ROAD, LAMP]
    assert prepare(raw, text="内容")["text"].tolist() == [LAMP, ROAD]


def test_the_table_given_stays_as_it_is_and_its_index_survives() -> None:
    raw = table(时间=["2026-03-01", "x"], 点赞数=["3", None]).set_index(pd.Index(["b", "a"]))
    before = raw.copy(deep=True)
    frame = prepare(raw)
    pd.testing.assert_frame_equal(raw, before)
    assert frame.index.tolist() == ["b", "a"]
    frame["text"] = ""
    pd.testing.assert_frame_equal(raw, before)


def test_preparing_twice_changes_nothing() -> None:
    once = read(SAMPLES / "走访.xlsx").iloc[5:40]
    twice = prepare(once)
    pd.testing.assert_frame_equal(once, twice)
    assert notes(once) == notes(twice)


def test_what_cannot_be_read_is_told_by_rows_and_without_anybodys_words() -> None:
    raw = table(时间=["王桂香", "2026-03-02"], 状态=["办结", "王桂香"])
    told = " ".join(notes(prepare(raw)))
    assert (
        "时间列（时间）有 1 格读不懂，按空白处理（应写成 2026-03-05 这样，年月日俱全）：第 1 行"
        in told
    )
    assert "办理状态列（状态）有 1 格读不懂，按空白处理（应写成 未答复、办理中" in told
    assert "王桂香" not in told


def test_blank_texts_stay_in_their_rows_and_are_told() -> None:
    frame = prepare(pd.DataFrame({"内容": [LAMP, None, " "]}))
    assert len(frame) == 3
    assert "有 2 行正文空白" in notes(frame)


def test_ids_stay_as_given_and_are_told_apart_where_they_repeat() -> None:
    raw = pd.DataFrame({"内容": [LAMP] * 5, "编号": ["7", "7", "7（2）", 7.0, None]})
    frame = prepare(raw)
    assert frame["id"].tolist() == ["7", "7（3）", "7（2）", "7（4）", "5"]
    assert any("编号" in note for note in notes(frame))


def test_nobody_is_no_sender() -> None:
    frame = prepare(table(姓名=["匿名", " 李四 "]))
    assert frame["sender"].tolist() == ["", "李四"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("已办结", "已办结"),
        ("办结", "已办结"),
        ("已解决", "已办结"),
        ("已答复", "已答复"),
        ("已回复 ", "已答复"),
        ("办理中", "办理中"),
        ("正在处理", "办理中"),
        ("未解决", "办理中"),
        ("未办理", "未答复"),
        ("未回复", "未答复"),
        ("（待办）", "未答复"),
        ("", ""),
        ("不晓得", ""),
    ],
)
def test_status_words_of_offices_mean_one_of_four(word: str, status: str) -> None:
    assert statuses_of(pd.Series([word]), "办理状态")[0].tolist() == [status]


def test_a_yes_or_no_column_says_what_its_name_asks() -> None:
    answers = pd.Series(["是", "否"])
    assert statuses_of(answers, "是否办结")[0].tolist() == ["已办结", "办理中"]
    assert statuses_of(answers, "是否答复")[0].tolist() == ["已答复", "未答复"]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2019/2/28 11:25:05", "2019-02-28 11:25:05"),
        ("2026-03-05T09:07:00+08:00", "2026-03-05 09:07:00"),
        ("2026年3月5日 下午3点20分", "2026-03-05 15:20:00"),
        ("2026.3.5", "2026-03-05"),
        ("20260305", "2026-03-05"),
        ("２０２６－０３－０５", "2026-03-05"),
        ("二〇二六年三月五日", "2026-03-05"),
        ("二零二六年十二月二十一日下午3点", "2026-12-21 15:00:00"),
        ("二○二六年十月三十日", "2026-10-30"),
        ("2026年3月1日和3月5日", "2026-03-01"),
        ("46086.5", "2026-03-05 12:00:00"),
        ("2026-03-05 25:99", "2026-03-05"),
        ("2026-02-30", None),
        ("3月5日", None),
        ("12345", None),
        ("", None),
    ],
)
def test_moments_are_read_as_offices_write_them(cell: str, moment: str | None) -> None:
    found = moments_of(pd.Series([cell]))
    assert found.dtype == "datetime64[ns]"
    assert found[0] is pd.NaT if moment is None else found[0] == pd.Timestamp(moment)


@settings(deadline=None)  # a busy computer is no fault
@given(st.lists(st.text(alphabet="0123456789-/.年月日 :上下午三TZ+", max_size=24), max_size=6))
def test_days_agree_with_the_calendar_of_the_house(cells: list[str]) -> None:
    found = moments_of(pd.Series(cells, dtype="str"))
    for cell, moment in zip(cells, found, strict=True):
        day = parse_date(cell.strip())
        if day is not None:
            assert moment.date() == day
        else:
            assert pd.isna(moment) or cell.strip()[:5].isdigit()  # the day number of a spreadsheet


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers(0, 10**9)), max_size=6))
def test_any_cells_give_whole_numbers_and_texts(cells: list[object]) -> None:
    counts, _ = counts_of(pd.Series(cells, dtype="object"))
    assert counts.dtype == np.int64
    assert (counts >= 0).all()
    for cell, count in zip(cells, counts, strict=True):
        if isinstance(cell, int):
            assert count == cell


@pytest.mark.parametrize(
    ("cell", "count", "is_told"),
    [
        ("12人", 12, False),
        ("１２", 12, False),
        ("1,234", 1234, False),
        ("1.2万", 12_000, False),
        ("-", 0, False),
        ("-5", 0, True),
        ("3~5", 0, True),
        ("十几人", 0, True),
        ("9" * 400, 2**53, False),
    ],
)
def test_a_count_is_one_number_and_anything_else_is_told(
    cell: str, count: int, is_told: bool
) -> None:
    counts, unread = counts_of(pd.Series([cell]))
    assert counts.tolist() == [count]
    assert unread == [0] * is_told


def test_a_cell_with_two_days_counts_by_the_first_and_is_told() -> None:
    cells = ["2026年3月1日和3月5日", "2026-03-01 09:10", "2026-03-02、2026-03-05"]
    frame = prepare(pd.DataFrame({"内容": LAMP, "日期": cells}))
    assert frame["time"].dt.day.tolist() == [1, 1, 2]
    told = "时间列（日期）有 2 格写了不止一个日期，取第一个：第 1、3 行"
    assert told in notes(frame)


def test_few_days_a_decade_off_are_taken_for_slips_and_many_are_not() -> None:
    days = ["2026-03-05"] * 19
    frame = prepare(pd.DataFrame({"内容": LAMP, "日期": ["1900-01-01", *days]}))
    assert frame["time"].isna().tolist() == [True, *[False] * 19]
    assert any("相差十年以上，疑为误填，按空白处理：第 1 行" in note for note in notes(frame))
    several = prepare(pd.DataFrame({"内容": LAMP, "日期": ["2010-01-01"] * 3 + days}))
    assert several["time"].notna().all()


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("石桥村、柳塘村", "石桥村"),
        ("石桥村和柳塘村交界", "石桥村"),
        ("石桥村三组/柳塘村五组", "石桥村三组"),
        ("清溪镇与柳林镇结合部", "清溪镇"),
        ("清溪镇石桥村；清溪镇柳塘村", "清溪镇石桥村"),
        ("清溪镇/石桥村", None),
        ("石桥村一组、二组", None),
        ("和平村", None),
        ("石桥村和美社区", None),
        ("石桥村、石桥村", None),
    ],
)
def test_of_two_places_in_a_cell_the_first_counts_and_the_row_is_told(
    cell: str, place: str | None
) -> None:
    frame = prepare(table(村=["柳塘村", cell]), place="村")
    assert frame["place"].tolist() == ["柳塘村", place or cell]
    told = "地点列（村）有 1 格写了不止一个地方，计入第一个：第 2 行"
    assert (told in notes(frame)) == (place is not None)


def test_moments_out_of_reach_are_none() -> None:
    far = pd.Series(pd.array(["2026-03-05", "9999-01-01"], dtype="datetime64[s]"))
    assert moments_of(far).isna().tolist() == [False, True]


@pytest.mark.parametrize("n", [0, 2])
def test_moments_that_are_moments_stay_and_lose_their_zone(n: int) -> None:
    moments = pd.Series(pd.date_range("2026-03-05 08:00", periods=n, tz="Asia/Shanghai"))
    assert moments_of(moments).tolist() == moments.dt.tz_localize(None).tolist()


def test_what_is_no_table_of_submissions_is_refused() -> None:
    with pytest.raises(InputError, match="至少有一行"):
        prepare(table().iloc[:0])
    with pytest.raises(InputError, match="索引有重复"):
        prepare(table().set_index(pd.Index([1, 1])))
    with pytest.raises(InputError, match="没有列 日子"):
        prepare(table(), time="日子")
    with pytest.raises(InputError, match="没有认出哪一列是正文"):
        prepare(pd.DataFrame({"点赞数": [1, 2], "状态": ["办结", "在办"]}))
    with pytest.raises(InputError, match="DataFrame"):
        prepare([LAMP])  # type: ignore[arg-type]


def test_reading_a_workbook_tells_where_each_row_stands(tmp_path: Path) -> None:
    path = write_sheets(
        tmp_path / "走访.xlsx",
        {
            "三月": [["登记表"], ["编号", "日期", "反映内容"], ["1", "2026-03-05", LAMP]],
            "四月": [["编号", "反映内容", "办理状态"], ["1", ROAD, "在办"], ["2", LAMP, "办结"]],
        },
    )
    frame = read(path)
    assert frame["source"].tolist() == ["走访.xlsx › 三月", *["走访.xlsx › 四月"] * 2]
    assert frame["row"].tolist() == [3, 2, 3]
    assert frame["status"].tolist() == ["", "办理中", "已办结"]
    assert frame["id"].tolist() == ["1", "1（2）", "2"]
    assert frame.index.tolist() == [0, 1, 2]
    assert read([str(path)], sheet="四月")["row"].tolist() == [2, 3]


def test_what_no_document_can_hold_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "留言.jsonl"
    path.write_text(r'{"内容": "路灯\ud800坏了\u0000没人修", "日期": "2026-03-05"}', "utf-8")
    assert read(path)["text"].tolist() == ["路灯\ufffd坏了\ufffd没人修"]


def test_rows_that_are_told_of_are_found_by_their_sheets(tmp_path: Path) -> None:
    sheets = {name: [["日期", "反映内容"], ["下周三", LAMP]] for name in ("三月", "四月")}
    told = " ".join(notes(read(write_sheets(tmp_path / "走访.xlsx", sheets))))
    assert "走访.xlsx › 三月 第 2 行；走访.xlsx › 四月 第 2 行" in told


def test_totals_below_a_table_are_no_submissions(tmp_path: Path) -> None:
    rows = [["编号", "反映内容"], ["1", LAMP], ["2", ROAD], ["合计", "2 条"]]
    frame = read(write_sheets(tmp_path / "走访.xlsx", {"登记": rows}))
    assert frame["text"].tolist() == [LAMP, ROAD]
    assert any("第 4 行像是合计" in note for note in notes(frame))


def test_columns_under_merged_headers_are_known() -> None:
    asked = "地点/村 反映人/姓名 承办人/姓名 反映内容 办理情况/办理状态 办理情况/答复日期"
    header = asked.split()
    roles, _ = find_columns(header, [[""] * len(header)], {})
    assert {role: header[column] for role, column in roles.items()} == {
        "place": "地点/村",
        "sender": "反映人/姓名",
        "text": "反映内容",
        "status": "办理情况/办理状态",
        "reply_time": "办理情况/答复日期",
    }


def test_a_result_of_classifying_is_read_once(tmp_path: Path) -> None:
    header = ["内容", "类别", "处理状态"]
    sheets = {"分类结果": [header, [LAMP, "", "正常"]], "待复核": [header, [LAMP, "", "正常"]]}
    frame = read(write_sheets(tmp_path / "结果.xlsx", sheets))
    assert len(frame) == 1
    assert frame["status"].tolist() == [""]


def test_columns_may_be_chosen_when_reading(tmp_path: Path) -> None:
    rows = [["反映内容", "处理", "日期"], [LAMP, "修好了", "2026-03-05"]]
    path = write_sheets(tmp_path / "表.xlsx", {"Sheet1": rows})
    frame = read(path, columns={"reply": "处理", "time": ""})
    assert frame["reply"].tolist() == ["修好了"]
    assert frame["time"].isna().all()
    with pytest.raises(InputError, match="没有“when”这种列"):
        read(path, columns={"when": "日期"})
    with pytest.raises(InputError, match="没有列“答复内容”"):
        read(path, columns={"reply": "答复内容"})


def test_the_sample_round_of_visits_is_understood() -> None:
    frame = read(SAMPLES / "走访.xlsx")
    assert len(frame) == 1010
    assert frame["id"].is_unique
    assert sorted(frame["place"].unique()) == sorted(
        ["石桥村", "柳塘村", "高坪村", "杨湾村", "枫树村", "大岭村"]
    )
    assert frame["time"].isna().sum() == 4
    assert frame["time"].min() >= pd.Timestamp("2026-03-01")
    assert frame["time"].max() <= pd.Timestamp("2026-05-31")
    assert set(frame["status"]) == {"", "未答复", "办理中", "已答复", "已办结"}
    answered = frame[frame["reply"] != ""]
    assert (answered["reply_time"] >= answered["time"]).sum() >= len(answered) - 4
    assert set(frame["adopted"]) == {"", "是", "否"}


def test_classifying_adds_what_the_model_says() -> None:
    raw = pd.DataFrame({"内容": [LAMP, "", ROAD], "村": ["", "石桥村", "石桥村"]}, index=[4, 2, 9])
    frame = prepare(raw)
    done: list[int] = []
    minyi = load(received=date(2026, 3, 2))
    result = classified(frame, minyi, progress=done.append)
    assert done == [3]
    assert result.index.tolist() == [4, 2, 9]
    assert set(result.columns) == set(COLUMNS) | set(CLASSIFIED)
    assert not set(CLASSIFIED) & set(frame.columns)
    assert result["row_status"].tolist() == ["正常", "空白", "正常"]
    assert result["place"].tolist() == ["", "石桥村", "石桥村"]
    assert [result[c].dtype.kind for c in ("urgent", "needs_review", "score", "deadline")] == [
        *"bbfM"
    ]
    assert all(isinstance(words, tuple) for words in result["evidence"])
    assert np.isnan(result["score"][2])
    assert result["deadline"].isna().tolist() == [False, True, False]
    assert notes(result) == notes(frame)


def test_places_are_spelt_alike_also_where_nothing_could_be_classified() -> None:
    minyi = load(office=SAMPLES / "走访_单位.toml")
    raw = pd.DataFrame({"内容": [LAMP, "", "没有意见"], "村": ["大岭村"] * 3})
    result = classified(prepare(raw), minyi)
    assert result["category"].tolist()[1] == ""
    assert result["place"].unique().tolist() == ["清溪镇大岭村"]


def test_a_deadline_counts_from_the_time_of_the_row_and_without_one_there_is_none() -> None:
    raw = table(日期=["2026-03-02", "2025-03-03"])
    frame = prepare(pd.concat([raw, raw.assign(日期="下周三")], ignore_index=True))
    deadlines = classified(frame, load())["deadline"]
    assert deadlines.dt.year.fillna(0).tolist() == [2026, 2025, 0, 0]


def test_what_an_analysis_cannot_do_without_is_asked_for() -> None:
    frame = prepare(table())
    require(frame)
    require(frame, "text", "likes")
    with pytest.raises(InputError, match=r"需要时间、留言人.*指定 time=列名 sender=列名"):
        require(frame, "time", "text", "sender")
    with pytest.raises(InputError, match="请先用 classified"):
        require(frame, "category")
    with pytest.raises(InputError, match="应为整理好的留言表"):
        require(table())
    with pytest.raises(InputError, match="需要答复"):
        require(frame.assign(reply="  "), "reply")
    require(frame.iloc[:0], "time")


def test_every_public_name_is_there_and_none_is_also_that_of_a_module() -> None:
    modules = {module.name for module in pkgutil.iter_modules(analysis.__path__)}
    assert not modules & set(analysis.__all__)
    assert [name for name in analysis.__all__ if not hasattr(analysis, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        analysis.nothing  # noqa: B018


def test_every_role_has_a_chinese_name_and_a_place_in_the_frame() -> None:
    assert list(COLUMNS) == ["id", "source", "row", *[role for role in ROLES if role != "id"]]
