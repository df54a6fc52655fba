"""The categories: complete, stable, and found by whatever a clerk writes."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.domain.office import load_office
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import ProfileError

HEADER = "code,level,parent,name,modern_name,aliases,description,keywords,note\n"
#: sha256 of the lines "code,name" of the official scheme, joined by line feeds.
OFFICIAL = "e1c1077801f8d734da43728cc841c79edc97691feeb616be0f9b5483256c8a19"


def write(tmp_path: Path, rows: str) -> Path:
    path = tmp_path / "我的类别.csv"
    path.write_text(HEADER + rows, "utf-8")
    return path


def test_holds_17_129_and_500_categories() -> None:
    assert Counter(c.level for c in load_taxonomy().values()) == {1: 17, 2: 129, 3: 500}


def test_every_code_is_two_digits_a_level_below_its_parent() -> None:
    taxonomy = load_taxonomy()
    for code, category in taxonomy.items():
        assert re.fullmatch(r"(?:\d\d){1,3}", code)
        assert category.code == code
        assert category.parent == code[:-2]
        assert not category.parent or category.parent in taxonomy


def test_codes_and_names_are_those_of_the_official_scheme() -> None:
    lines = "\n".join(f"{code},{c.name}" for code, c in load_taxonomy().items())
    assert hashlib.sha256(lines.encode()).hexdigest() == OFFICIAL


def test_siblings_have_different_names() -> None:
    names = Counter((c.parent, c.name) for c in load_taxonomy().values())
    assert max(names.values()) == 1


def test_every_category_has_exactly_one_lead_department() -> None:
    office = load_office()
    for code in load_taxonomy():
        route = office.route(code)
        assert route, code
        assert route[0] in office.departments
        assert route[0] not in route[1:]


def test_every_code_is_found_by_code_and_by_official_path() -> None:
    taxonomy = load_taxonomy()
    for code in taxonomy:
        official = "/".join(taxonomy[a].name for a in taxonomy.ancestors(code))
        assert taxonomy.find(code) == code
        # 新农合 and the insurance of townspeople became one in 2018: the later code stands.
        assert taxonomy.find(official) == code
        assert taxonomy.find("/".join(taxonomy.path(code))) == (
            "080103" if code == "080101" else code
        )


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (" 01 ", "01"),
        ("城乡建设", "01"),
        ("住建", "01"),
        ("城乡建设＞城市建设和市政管理", "0102"),
        ("城乡建设 / 城市建设和市政管理 / 小区管理", "010211"),
        ("城乡建设|城市建设和市政管理", "0102"),
        ("小区管理", "010211"),
        ("新农合", "080101"),
        ("其他", "17"),
        ("1", None),
        ("没有这一类", None),
        ("", None),
    ],
)
def test_finds_what_a_clerk_writes(label: str, code: str | None) -> None:
    assert load_taxonomy().find(label) == code


@settings(deadline=None)
@given(st.text())
def test_find_returns_a_code_or_none_for_any_text(label: str) -> None:
    taxonomy = load_taxonomy()
    found = taxonomy.find(label)
    assert found is None or found in taxonomy


def test_path_shows_the_modern_names_from_the_top() -> None:
    assert load_taxonomy().path("080101")[-1] == "城乡居民基本医疗保险"
    assert load_taxonomy().ancestors("010211") == ("01", "0102", "010211")


def test_reads_an_own_file_with_lists_and_missing_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,level,name,aliases\n01,1,甲,乙|丙\n", "utf-8-sig")
    assert load_taxonomy(path)["01"].aliases == ("乙", "丙")
    assert load_taxonomy(path)["01"].parent == ""


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,1,,甲\n", "第 2 行 code 应为 2、4 或 6 位数字（保留前导零），实际是“1”"),
        ("０１,1,,甲\n", "code 应为 2、4 或 6 位数字"),
        ("01,1,,甲\n01,1,,乙\n", "第 3 行 code “01” 重复"),
        ("01,1,,甲\n0201,2,02,乙\n", "第 3 行 parent 应为“02”且写在前面"),
        ("01,1,,甲\n0101,2,,乙\n", "第 3 行 parent 应为“01”且写在前面，实际是“”"),
        ("01,2,,甲\n", "level 应为 1，实际是“2”"),
        ("01,1,,\n", "name 为空：请填写类别名称"),
        ("", "没有任何类别"),
    ],
)
def test_refuses_a_wrong_file_with_line_and_fix(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(message)) as caught:
        load_taxonomy(write(tmp_path, rows))
    assert "我的类别.csv" in str(caught.value)
