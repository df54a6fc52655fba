"""The parts of the desk that draw nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("nicegui", reason="没有 nicegui：工作台的测试没有运行")

from minyi.desk import charts, importing, output, profile, showing, teaching
from minyi.desk.choosing import category_choices, department_choices, found, tree_of
from minyi.desk.fields import listed
from minyi.desk.rows import row_of, status_of
from minyi.domain.office import load_office
from minyi.errors import InputError, ProfileError
from minyi.pipeline import load
from minyi.store import Store
from minyi.store.records import YES, Lesson
from small_tables import write_sheets

SAMPLE = Path(__file__).parents[1] / "data" / "samples"
_WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
_LISTS = st.lists(_WORDS, max_size=3)


@given(st.dictionaries(_WORDS, _WORDS | st.integers(0, 99) | st.booleans() | _LISTS, max_size=4))
def test_whatever_is_written_as_toml_is_read_back_as_it_was(table: dict[str, object]) -> None:
    own = {"words": ["赶场"], "deadlines": table, "rules": [table, {"name": "甲"}]}
    assert profile.parse(profile.as_toml(own)) == own


def test_what_an_office_wrote_by_hand_stays_when_it_is_edited(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    written = """\ufeff# 甲县的配置
[office]
name = "甲县"  # 全称

# 局务会定的
[deadlines]
"投诉" = 7  # 七天

[[rules]]
name = "夜间施工"
words = [
  "打桩",  # 常见
]
"""
    path.write_text(written, "utf-8")
    own = profile.read_own(path)
    own["deadlines"]["投诉"] = 8
    own["rules"][0]["words"].append("施工")
    own.setdefault("towns", profile.fresh_list()).append({"name": "东镇"})
    profile.save(path, own)
    kept = path.read_text("utf-8")
    for line in ("# 甲县的配置", 'name = "甲县"  # 全称', "# 局务会定的", '"投诉" = 8  # 七天'):
        assert line in kept.splitlines()
    assert "# 常见" in kept
    assert "[[towns]]" in kept
    office = load_office(path)
    assert office.deadlines["投诉"] == 8
    assert office.rules[0].words == ("打桩", "施工")


def test_a_shipped_profile_survives_being_written() -> None:
    own = profile.read_own(SAMPLE / "office.toml")
    assert profile.checked(own) == load_office(SAMPLE / "office.toml")


def test_a_wrong_profile_is_not_saved_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    profile.save(path, {"deadlines": {"投诉": 7}})
    with pytest.raises(ProfileError, match="0 到 366"):
        profile.save(path, {"deadlines": {"投诉": 999}})
    assert load_office(path).deadlines["投诉"] == 7


def test_earlier_profiles_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    profile.save(path, {"deadlines": {"投诉": 7}})
    profile.save(path, {"deadlines": {"投诉": 8}})
    (earlier,) = (tmp_path / "earlier-profiles").iterdir()
    assert load_office(earlier).deadlines["投诉"] == 7


def test_text_that_is_no_toml_is_refused_with_the_fix() -> None:
    with pytest.raises(ProfileError, match="请检查该行的引号"):
        profile.parse('[deadlines]\n投诉 = "')


def test_an_office_may_forbid_to_show_personal_data() -> None:
    assert load_office().shows_personal_data
    assert not profile.checked({"privacy": {"show": False}}).shows_personal_data
    with pytest.raises(ProfileError, match=r"privacy\.show：应为true 或 false"):
        profile.checked({"privacy": {"show": "不"}})


@given(_WORDS, st.lists(_WORDS, max_size=3))
def test_a_highlighted_text_loses_nothing_and_lets_no_markup_through(
    text: str, words: list[str]
) -> None:
    from html import unescape

    shown = showing.highlighted(text, words)
    plain = shown.replace("<mark>", "").replace("</mark>", "")  # escaped text has neither
    assert unescape(plain) == text
    assert "<" not in plain


def test_categories_and_departments_are_found_by_name_path_and_further_words() -> None:
    minyi = load()
    categories = category_choices(minyi.model, minyi.office)
    assert found(categories, "燃气供应")[0].label == "燃气供应"
    assert "010205" in {choice.value for choice in found(categories, "公交")}
    assert found(categories, "") == []
    bodies = department_choices(minyi.office)
    assert found(bodies, "城管")[0].value == "城市管理局"


def test_the_tree_holds_every_choice_once() -> None:
    minyi = load()

    def values(nodes: list[dict[str, object]]) -> list[str]:
        return [
            value
            for node in nodes
            for value in (str(node["id"]), *values(node["children"]))  # type: ignore[arg-type]
        ]

    for choices in (category_choices(minyi.model, minyi.office), department_choices(minyi.office)):
        listed_once = [value for value in values(tree_of(choices)) if not value.startswith("#")]
        assert sorted(listed_once) == sorted(choice.value for choice in choices)


def test_lists_are_read_as_people_write_them() -> None:
    assert listed(" 大塘村、柳湾村， 新桥社区\n河街;双井 ") == [
        "大塘村",
        "柳湾村",
        "新桥社区",
        "河街",
        "双井",
    ]


def test_bars_beyond_the_most_frequent_are_summed() -> None:
    counts = [(f"部门{i}", 20 - i) for i in range(18)]
    data = charts.bars(counts)["series"][0]["data"]
    assert sum(one["value"] if isinstance(one, dict) else one for one in data) == sum(
        n for _, n in counts
    )


@pytest.fixture
def upload(tmp_path: Path) -> importing.Upload:
    path = tmp_path / "意见箱.xlsx"
    path.write_bytes((SAMPLE / "意见箱.xlsx").read_bytes())
    return importing.look(path)


def test_the_columns_of_an_upload_are_recognised(upload: importing.Upload) -> None:
    assert upload.sheets[0].roles["text"] == "意见内容"
    assert upload.n_rows == 120
    assert str(upload.path.parent) not in "".join(upload.notes)


def test_a_column_that_the_clerk_decides_on_is_read(upload: importing.Upload) -> None:
    other = importing.look(upload.path, {"text": "来源"})
    assert other.sheets[0].roles["text"] == "来源"


def test_columns_are_chosen_for_each_sheet_where_none_is_recognised(tmp_path: Path) -> None:
    sheets = {
        "一月": [["甲", "乙", "丙"], ["1", "路灯坏了", "大塘"], ["2", "水管漏了", "柳湾"]],
        "二月": [["丁", "戊", "己"], ["垃圾成堆", "3", "大塘"], ["公交不来", "4", "柳湾"]],
        "空的": [],
    }
    path = write_sheets(tmp_path / "无名.xlsx", sheets)
    before = importing.look(path)
    assert [(s.sheet, s.is_read, s.n_rows) for s in before.sheets] == [
        ("一月", False, 2),
        ("二月", False, 2),
    ]
    assert before.n_rows == 0
    with pytest.raises(InputError, match="还没有选出意见正文列"):
        importing.tables_of(path, before.chosen)
    chosen = {"text:一月": "乙", "place:一月": "丙", "text:二月": "丁"}
    assert importing.look(path, chosen).n_rows == 4
    with Store.open(tmp_path / "minyi.db") as store:
        batch = importing.keep(store, importing.look(path, chosen), "小李")
        entries = store.submissions.page(batch.id, sort="row").items
        kept = sorted((e.submission for e in entries), key=lambda s: s.id)
    assert [(s.text, s.place) for s in kept] == [
        ("路灯坏了", "大塘"),
        ("水管漏了", "柳湾"),
        ("垃圾成堆", ""),
        ("公交不来", ""),
    ]


def test_what_the_clerk_takes_away_is_not_recognised_again(upload: importing.Upload) -> None:
    assert "time" in upload.sheets[0].roles
    other = importing.look(upload.path, {"time": ""})
    assert "time" not in other.sheets[0].roles


def test_a_broken_upload_is_refused_without_telling_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "坏的.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(InputError) as refused:
        importing.look(path)
    assert str(tmp_path) not in str(refused.value)


def test_a_batch_goes_back_with_its_columns_its_corrections_and_masked_if_asked(
    tmp_path: Path,
) -> None:
    from openpyxl import load_workbook
    from xlsxwriter import Workbook

    with Store.open(tmp_path / "minyi.db") as store:
        path = importing.place_for(store, "来信.xlsx")
        with Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["编号", "电话", "意见内容"])
            sheet.write_row(1, 0, ["1", "13812345678", "村里的路灯坏了半年没人修"])
            sheet.write_row(2, 0, ["2", "", "水渠垮了，秧都插不下去，打13912345678"])
        batch = importing.keep(store, importing.look(path), "小李")
        entries = store.submissions.page(batch.id, sort="row").items
        results = load().classify([entry.submission.text for entry in entries])
        numbers = [entry.submission.id for entry in entries]
        store.results.save(batch.id, None, zip(numbers, results, strict=True))
        store.corrections.add(numbers[0], "category", "010204", "小王")
        store.corrections.add(numbers[1], "accepted", YES, "小王")
        rows = {}
        for plain in (True, False):
            made = output.write_batch(store, batch.id, plain=plain)
            rows[plain] = list(load_workbook(made)["分类结果"].iter_rows(values_only=True))
        statuses = [status_of(store.submissions.get(number)) for number in numbers]
        cell = row_of(store.submissions.get(numbers[1]), plain=False)["text"]
    header, first, second = rows[True]
    at = {name: i for i, name in enumerate(header)}
    assert list(header[:3]) == ["编号", "电话", "意见内容"]
    assert first[at["电话"]] == "13812345678"
    assert first[at["类别代码"]] == "010204"
    assert first[at["类别"]] == "城乡建设/城市建设和市政管理/城市公共设施"
    assert (first[at["复核情况"]], first[at["复核人"]]) == ("已改", "小王")
    assert second[at["复核情况"]] == "已核对"
    assert statuses == ["已改", "已核对"]
    assert rows[False][1][at["电话"]] == "138****5678"
    assert "13912345678" not in rows[False][2][at["意见内容"]] + cell


def test_too_little_is_not_learnt_from() -> None:
    task = teaching.Task([], [], "starter", "starter", "", "")
    with pytest.raises(InputError, match="至少要有 8 条"):
        teaching.teach(task)


def test_learning_compares_before_and_after_and_leaves_a_model(tmp_path: Path) -> None:
    texts = ["路灯坏了没人修", "燃气停了两天", "垃圾堆在巷口发臭", "公交总不来"]
    codes = ["010204", "010212", "010213", "010205"]
    lessons = [
        Lesson(i, f"{texts[i % 4]}，第{i}次反映", "", {"category": codes[i % 4]}, i % 2 == 0, i)
        for i in range(12)
    ]
    folder = tmp_path / "v1"
    task = teaching.Task(lessons, range(12), "starter", "starter", "", str(folder))
    figures = teaching.teach(task)
    assert figures["n_lessons"] == 12
    assert figures["corrected"]["n"] + figures["confirmed"]["n"] == 12
    assert load(folder).classify(["路灯坏了没人修"])[0].category_code.startswith("0102")
