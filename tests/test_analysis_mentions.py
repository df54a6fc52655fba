"""Names: by the office's list, by form, and what members of a group share."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.issues.mentions import MentionFinder, canonical, shared_names
from minyi.domain.office import Office, load_office

PROFILE = """
[heat]
aliases = [["金桂豪庭小区", "金桂豪庭", "金桂苑"], ["青石采石场", "鹰嘴石场"]]
[[towns]]
name = "石桥镇"
aliases = ["石桥"]
villages = ["大塘村"]
"""


def office(tmp_path: Path) -> Office:
    path = tmp_path / "本县.toml"
    path.write_text(PROFILE, "utf-8")
    return load_office(path)


def test_names_are_found_by_form_without_an_office() -> None:
    found = MentionFinder().find("举报宏发建材公司在柳湾村倒渣土")
    assert "宏发建材公司" in "".join(found)
    assert any(name.endswith("柳湾村") for name in found)


def test_a_bare_kind_of_place_is_no_name() -> None:
    assert MentionFinder().find("小区 学校 工地") == ()


def test_listed_places_come_by_their_first_name(tmp_path: Path) -> None:
    finder = MentionFinder(office(tmp_path))
    assert finder.find("石桥的大塘村，金桂苑旁边")[:3] == ("石桥镇", "大塘村", "金桂豪庭小区")


def test_aliases_of_one_place_are_joined_whole(tmp_path: Path) -> None:
    finder = MentionFinder(office(tmp_path))
    texts = ["金桂苑太吵", "金桂豪庭小区太吵", "金桂豪庭太吵", "别处太吵"]
    joined = ["金桂豪庭小区太吵"] * 3 + ["别处太吵"]
    assert finder.joined(texts) == joined
    assert canonical(office(tmp_path))["鹰嘴石场"] == "青石采石场"
    assert MentionFinder().joined(texts) == texts


def test_a_shared_name_is_in_the_words_of_the_members() -> None:
    titles = ["金桂豪庭夜里施工", "投诉金桂豪庭半夜打桩", "请管管金桂豪庭的工地"]
    (name,) = shared_names([[0, 1, 2]], titles, titles)
    assert name.name == "金桂豪庭"
    assert name.is_name


def test_where_everybody_lives_is_no_shared_name() -> None:
    titles = ["请临江市加快建设步伐", "临江市加快招商引资", "建议临江市加快绿化"]
    (name,) = shared_names([[0, 1, 2]], titles, titles)
    assert not name.is_name


def test_groups_without_anything_in_common_have_no_name() -> None:
    (name,) = shared_names([[0, 1]], ["甲乙丙丁", "戊己庚辛"], ["子丑寅卯", "辰巳午未"])
    assert name.name == ""
    assert shared_names([], [], []) == []


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), min_size=2, max_size=6))
def test_any_texts_can_be_read_and_nothing_is_invented(texts: list[str]) -> None:
    (name,) = shared_names([list(range(len(texts)))], texts, texts)
    lines = [text.replace("\n", " ") for text in texts]
    assert any(name.name in line for line in lines)
    MentionFinder().find(texts[0])
