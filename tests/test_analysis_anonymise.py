"""Submissions without persons, numbers, doors; places as coarse as asked."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.analysis.frame import prepare
from minyi.analysis.privacy.anonymise import anonymise
from minyi.analysis.privacy.doors import mask_doors
from minyi.analysis.privacy.localities import Localities
from minyi.domain.office import Office, Town, load_office
from minyi.errors import InputError

TOWNS = (Town("石桥镇", ("石桥",), ("大塘村", "柳湾村")), Town("云田乡", (), ("双井村",)))
TEXT = "我叫周文彬，住石桥镇大塘村三组58号，电话13812345678，双井村的胡书记知道。"


def office() -> Office:
    return replace(load_office(), name="临江县", towns=TOWNS)


def frame(**columns: object) -> pd.DataFrame:
    table: dict[str, object] = {
        "title": ["修路", "修路", "路灯"],
        "text": [TEXT, "同上", "阳光小区3栋2单元1201室漏水"],
        "sender": ["周文彬", "", "user88123"],
        "id": ["GX-9", "GX-3", "GX-5"],
        "place": ["石桥镇大塘村", "双井村", ""],
        "time": ["2026-03-02", "2026-03-03", "2026-03-04"],
        "reply": ["周文彬您好，已修好。", "", "user88123您好，请与李秀兰女士联系。"],
    }
    return prepare(pd.DataFrame({**table, **columns}, index=[7, 3, 5]))


def test_persons_numbers_and_doors_are_hidden_in_every_text() -> None:
    hidden = anonymise(frame())
    written = " ".join(map(str, hidden.to_numpy().ravel()))
    for personal in (
        "周文彬",
        "胡书记",
        "13812345678",
        "58号",
        "三组",
        "1201",
        "user88123",
        "李秀兰",
    ):
        assert personal not in written
    assert "大塘村" in hidden.loc[7, "text"]


def test_senders_become_numbers_in_order_of_appearance() -> None:
    hidden = anonymise(frame(sender=["乙", "甲", "乙"]))
    assert hidden["sender"].tolist() == ["S0001", "S0002", "S0001"]
    assert anonymise(frame(sender=["", "甲", ""]))["sender"].tolist() == ["", "S0001", ""]


def test_a_reply_that_names_the_sender_names_the_pseudonym() -> None:
    hidden = anonymise(frame())
    assert hidden["reply"].tolist()[0] == "S0001您好，已修好。"
    assert hidden["reply"].tolist()[2].startswith("S0002您好")


def test_a_sender_called_like_a_word_leaves_the_word_in_the_text() -> None:
    hidden = anonymise(frame(sender=["村民", "匿名", "热心市民"], text=["村民说", "匿名", "市民"]))
    assert hidden["text"].tolist() == ["村民说", "匿名", "市民"]


def test_rows_index_and_types_survive_and_nothing_is_mutated() -> None:
    given = frame()
    before = given.copy()
    hidden = anonymise(given)
    pd.testing.assert_frame_equal(given, before)
    assert hidden.index.tolist() == [7, 3, 5]
    assert hidden.dtypes.equals(given.dtypes)
    assert hidden["time"].equals(given["time"])


def test_what_leads_back_to_the_source_goes() -> None:
    given = frame().assign(source="大塘村意见箱.xlsx › 表1")
    hidden = anonymise(given)
    assert hidden["id"].tolist() == ["1", "2", "3"]
    assert set(hidden["source"]) == {""}


def test_further_columns_are_taken_for_texts_and_tuples_are_looked_into() -> None:
    given = frame().assign(note="联系人：李秀兰", evidence=[("电话13812345678",), (), ("修路",)])
    hidden = anonymise(given)
    assert set(hidden["note"]) == {"联系人：某某"}
    assert hidden["evidence"].tolist() == [("电话138****5678",), (), ("修路",)]


@pytest.mark.parametrize(
    ("level", "place", "gone", "stays"),
    [
        ("village", "石桥镇大塘村", ["三组"], ["石桥镇", "大塘村", "双井村", "阳光小区"]),
        ("town", "石桥镇", ["大塘村", "双井村", "阳光"], ["石桥镇"]),
        ("county", "临江县", ["石桥", "大塘", "双井", "阳光"], ["某镇", "某村"]),
        ("none", "", ["石桥", "大塘", "双井", "阳光", "临江"], ["某村"]),
    ],
)
def test_places_are_as_coarse_as_asked(
    level: str, place: str, gone: list[str], stays: list[str]
) -> None:
    hidden = anonymise(frame(), place_level=level, office=office())  # type: ignore[arg-type]
    written = " ".join([*hidden["text"], *hidden["place"]])
    assert hidden["place"].tolist()[0] == place
    assert not [name for name in gone if name in written]
    assert not [name for name in stays if name not in written]


def test_a_village_alone_is_told_by_its_town_where_only_one_has_it() -> None:
    twice = (*TOWNS, Town("白沙镇", (), ("双井村",)))
    assert Localities(TOWNS).coarse("town").place("双井村") == "云田乡"
    assert Localities(twice).coarse("town").place("双井村") == ""


def test_departments_do_not_give_the_town_away() -> None:
    given = frame().assign(department="石桥镇人民政府", co_departments=[("石桥镇人民政府",)] * 3)
    hidden = anonymise(given, place_level="county", office=office())
    assert set(hidden["department"]) == {"某镇人民政府"}
    assert set(hidden["co_departments"]) == {("某镇人民政府",)}


@pytest.mark.parametrize(
    "text",
    [
        "12月5号停电",
        "2号线停运",
        "见〔2023〕42号文件",
        "我们组织了三次",
        "住在三楼",
        "有502户居民",
        "拨打12345",
        "投资3000万元",
        "今年28号来的",
    ],
)
def test_numbers_that_are_no_doors_stay(text: str) -> None:
    assert mask_doors(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "8栋",
        "青山路120号",
        "附31栋402室",
        "大塘村三组",
        "幸福小区3-2-1201",
        "B2栋1单元",
        "七号楼一单元",
        "人民街58号附3",
    ],
)
def test_doors_rooms_and_groups_lose_their_numbers(text: str) -> None:
    assert not re.search(r"\d{2,}|[一二三四五六七八九]", mask_doors(text).replace("附3", ""))
    assert "某" in mask_doors(text)


@given(st.text(alphabet="三栋二单元1201室58号路青山村组-B，小区楼户", max_size=25))
def test_hiding_doors_twice_changes_nothing(text: str) -> None:
    once = mask_doors(text)
    assert mask_doors(once) == once


def test_names_that_are_given_are_hidden_wherever_they_stand() -> None:
    hidden = anonymise(frame(title=["路遥远骨折", "", ""]), names=["路遥远"])
    assert hidden["title"].tolist()[0] == "某某骨折"


def test_a_name_told_in_one_row_is_hidden_in_all() -> None:
    hidden = anonymise(
        frame(title=["感谢村支书解大勇", "解大勇修", "方志天天"], sender=["方志", "", ""])
    )
    assert hidden["title"].tolist() == ["感谢村支书某某", "某某修", "某某天天"]


def test_the_senders_given_name_is_hidden_in_the_senders_own_row() -> None:
    hidden = anonymise(frame(title=["秀芝问", "秀芝问", ""], sender=["黄秀芝", "周文彬", ""]))
    assert hidden["title"].tolist() == ["某某问", "秀芝问", ""]


def test_an_unknown_level_is_refused_with_the_choices() -> None:
    with pytest.raises(InputError, match="village、town、county 或 none"):
        anonymise(frame(), place_level="street")  # type: ignore[arg-type]


def test_a_frame_that_was_not_prepared_is_refused() -> None:
    with pytest.raises(InputError, match="prepare"):
        anonymise(pd.DataFrame({"内容": ["路灯"]}))
