"""The parts of the desk that draw nothing."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("nicegui", reason="没有 nicegui：工作台的测试没有运行")

from minyi.desk import (
    batches,
    classifying,
    confirming,
    covering,
    deeds,
    holding,
    importing,
    output,
    profile,
    showing,
    teaching,
)
from minyi.desk.choosing import category_choices, department_choices, found, tree_of
from minyi.desk.fields import listed
from minyi.desk.rows import row_of, status_of
from minyi.desk.state import Desk, Progress, Reading
from minyi.domain.calendar import add_workdays
from minyi.domain.office import load_office
from minyi.errors import InputError, ProfileError
from minyi.pipeline import load
from minyi.schema import KINDS, Alternative, Result
from minyi.store import Store
from minyi.store.records import YES, Batch, Correction, Entry, Lesson, StoredSubmission
from small_tables import read_sheets, write_sheets

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
            made = output.write_batch(store, batch.id, plain=plain, minyi=load())
            rows[plain] = list(load_workbook(made)["分类结果"].iter_rows(values_only=True))
        statuses = [status_of(store.submissions.get(number)) for number in numbers]
        cell = row_of(store.submissions.get(numbers[1]), plain=False, waits=False)["text"]
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


# Import: one upload, one batch


class Untouched:
    """As much of a desk as taking in needs; nothing is classified."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.reading: dict[str, Reading] = {}
        self.running: dict[int, object] = {}


def put_in(store: Store, name: str, lines: list[list[object]]) -> importing.Upload:
    path = importing.place_for(store, name)
    write_sheets(path, {"来信": lines})
    return importing.look(path)


LETTERS: list[list[object]] = [
    ["编号", "反映人", "家庭住址", "联系电话", "意见内容"],
    [1, "王小明", "新桥镇大塘村三组12号", "13812345678", "村里的路灯坏了半年没人修"],
    [2, "欧阳修", "河街5号", "5110231990030700", "水渠垮了，秧都插不下去，打13912345678"],
    ["合计", "", "", "", ""],
]


def test_a_double_click_makes_one_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    monkeypatch.setattr(batches, "start", lambda desk, number, total: begun.append(number))
    with Store.open(tmp_path / "minyi.db") as store:
        upload, desk = put_in(store, "来信.xlsx", LETTERS), cast(Desk, Untouched(store))
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: batches.take_in(desk, upload, "小李"), range(4)))
        again = batches.take_in(desk, upload, "小李")
        (batch,) = store.batches.list().items
    assert {one.id for one in made if one} == {batch.id} == set(begun)
    assert again is not None and again.id == batch.id
    assert batch.n_submissions == 3
    assert desk.reading == {}


def test_a_workbook_that_is_being_read_is_known_and_a_failure_frees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path / "minyi.db") as store:
        upload, desk = put_in(store, "来信.xlsx", LETTERS), cast(Desk, Untouched(store))
        seen: list[str] = []

        def failing(*_: object) -> None:
            seen.extend(reading.name for reading in desk.reading.values())
            raise InputError("坏了")

        monkeypatch.setattr(batches, "keep", failing)
        with pytest.raises(InputError, match="坏了"):
            batches.take_in(desk, upload, "小李")
    assert seen == ["来信.xlsx"]
    assert desk.reading == {}


def test_a_button_starts_once_and_again_only_after_a_failure() -> None:
    class Button:
        enabled, is_deleted = True, False

        def disable(self) -> None:
            self.enabled = False

        def enable(self) -> None:
            self.enabled = True

    button, n = cast(Any, Button()), 0

    async def start() -> None:
        nonlocal n
        n += 1
        await asyncio.sleep(0)
        if n == 1:
            raise InputError("坏了")

    async def click_twice() -> None:
        await asyncio.gather(confirming.begin(button, start), confirming.begin(button, start))

    with pytest.raises(InputError):
        asyncio.run(click_twice())
    assert (n, button.enabled) == (1, True)
    asyncio.run(click_twice())
    assert (n, button.enabled) == (2, False)


def test_the_same_workbook_again_is_noticed(tmp_path: Path) -> None:
    with Store.open(tmp_path / "minyi.db") as store:
        first = put_in(store, "来信.xlsx", LETTERS)
        assert importing.imported_before(store, first) is None
        batch = importing.keep(store, first, "小李")
        copy = importing.place_for(store, "来信(1).xlsx")
        copy.write_bytes(first.path.read_bytes())
        renamed = importing.imported_before(store, importing.look(copy))
        other = importing.imported_before(store, put_in(store, "来信.xlsx", LETTERS[:3]))
        importing.discard(store, first.path)
        purged = importing.imported_before(store, put_in(store, "来信.xlsx", LETTERS))
    assert renamed is not None and renamed.id == batch.id
    assert other is None
    assert purged is not None and purged.id == batch.id


def test_two_batches_of_one_name_are_told_apart_by_time_and_count() -> None:
    now = datetime(2026, 3, 2, 17, 0).astimezone()
    batch = Batch(1, "来信.xlsx", "", {}, "小李", now.replace(hour=16, minute=53), 62)
    assert batches.which(batch, now) == "今天 16:53 导入，62 条"
    assert batches.which(batch, now + timedelta(days=1)) == "昨天 16:53 导入，62 条"
    assert batches.which(batch, now + timedelta(days=9)) == "2026-03-02 16:53 导入，62 条"


def test_the_hint_names_plain_text() -> None:
    assert ".txt" in batches.HINT.split()


def test_totals_stay_unclassified_also_when_a_batch_is_classified_anew(tmp_path: Path) -> None:
    with Store.open(tmp_path / "minyi.db") as store:
        upload = put_in(store, "来信.xlsx", [*LETTERS, ["", "", "", "", "备注：由各村收集"]])
        assert any("像是合计" in note for note in upload.notes)
        batch = importing.keep(store, upload, "小李")
        desk = cast(Any, Untouched(store))
        desk.minyi, desk.model_id = load(), None
        for anew in (False, True):
            progress = Progress(5)
            classifying.classify_batch(desk, batch.id, progress, anew=anew)
            assert (progress.error, progress.total) == ("", 2)
        entries = store.submissions.page(batch.id, sort="row").items
    told = [(e.submission.text, e.result.row_status) for e in entries if e.result]
    assert [status for _, status in told] == ["正常", "正常", "空白", "空白"]
    assert told[3][0] == "备注：由各村收集"


# Download


@dataclass(frozen=True)
class Corrected:
    """A batch whose first opinion was corrected by hand, as it comes back."""

    sheets: dict[str, list[list[object]]]
    masked: dict[str, list[list[object]]]

    def row(self, i: int, sheet: str = "分类结果") -> dict[object, object]:
        header, *rows = self.sheets[sheet]
        return dict(zip(header, rows[i], strict=True))


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    minyi = load()
    with Store.open(tmp_path_factory.mktemp("库") / "minyi.db") as store:
        batch = importing.keep(store, put_in(store, "来信.xlsx", LETTERS), "小李")
        entries = store.submissions.page(batch.id, sort="row").items[:2]
        results = minyi.classify([entry.submission.text for entry in entries])
        rivals = (
            Alternative("010204", "城乡建设/甲", 0.3),
            Alternative("0101", "城乡建设/乙", 0.2),
        )
        results = [
            replace(r, needs_review=True, review_reason="类别把握不足", alternatives=rivals)
            for r in results
        ]
        numbers = [entry.submission.id for entry in entries]
        store.results.save(batch.id, None, zip(numbers, results, strict=True))
        store.corrections.add(numbers[0], "category", "010204", "小王")
        undone = deeds.correct(store, numbers[1], "department", "气象局", "小王")
        deeds.take_back(store, undone, "小张")
        sheets = [
            read_sheets(output.write_batch(store, batch.id, plain=plain, minyi=minyi))
            for plain in (True, False)
        ]
    return Corrected(*sheets)


def test_the_download_has_the_sheets_of_the_command_line_and_the_trail(
    corrected: Corrected,
) -> None:
    assert list(corrected.sheets) == ["分类结果", "待复核", "汇总", "说明", "改正记录"]
    assert ["总条数", 3] in [line[:2] for line in corrected.sheets["汇总"]]
    assert ["识别的列", "正文：意见内容"] in corrected.sheets["说明"]
    waiting = [line[0] for line in corrected.sheets["待复核"][1:]]
    assert waiting == [2, "合计"]  # the first was corrected


def test_nothing_in_a_corrected_row_is_out_of_date(corrected: Corrected) -> None:
    row = corrected.row(0)
    assert (row["类别代码"], row["类别得分"]) == ("010204", "")
    assert (row["需复核"], row["复核原因"]) == ("否", "")
    assert row["备选类别"] == "城乡建设/乙 0.20"
    assert corrected.row(1)["复核原因"] == "类别把握不足"


def test_the_number_of_the_original_row_is_told(corrected: Corrected) -> None:
    assert [corrected.row(i)["原表行号"] for i in range(3)] == [2, 3, 4]
    assert corrected.sheets["分类结果"][0][5] == "原表行号"
    assert corrected.row(0, "改正记录")["原表行号"] == 2


def test_what_was_undone_altogether_stands_in_the_trail_with_both_steps(
    corrected: Corrected,
) -> None:
    _, *lines = corrected.sheets["改正记录"]
    steps = [(line[0], line[2], line[3]) for line in lines[1:]]
    assert steps == [
        (3, "小王", "主办部门"),
        (3, "小张", "主办部门（撤销）"),
        (3, "小张", "撤回核对（撤销）"),
    ]
    assert corrected.row(1)["复核情况"] == "未看"
    assert corrected.row(1)["复核人"] == ""  # nobody's decision stands


def test_names_homes_and_numbers_are_masked_by_the_header_of_their_column(
    corrected: Corrected,
) -> None:
    first, second, total = (row[:5] for row in corrected.masked["分类结果"][1:])
    assert first[1:4] == ["王**", "新桥镇大塘村***", "138****5678"]
    assert second[1:4] == ["欧阳*", "***", "511***********00"]
    assert "13912345678" not in str(second[4])
    assert total[0] == "合计"
    everything = str(corrected.masked)
    assert not [word for word in ("王小明", "12号", "13812345678") if word in everything]
    assert any("个人信息已遮盖" in str(line[1]) for line in corrected.masked["说明"])
    assert corrected.row(0)["反映人"] == "王小明"


@pytest.mark.parametrize(
    ("header", "cell", "shown"),
    [
        ("联系人及电话", "张三丰 13812345678", "张** 138****5678"),
        ("姓名*", "匿名", "匿名"),
        ("经办人", "李四", "李四"),
        ("承办单位联系人", "李四", "李四"),
        ("身份证地址", "四川省南充市顺庆区河街5号", "四川省南充市顺庆区***"),
        ("现住址", "城关镇阳光小区3栋", "城关镇***"),
        ("事发地点", "大塘村口李家门前", "大塘村口李家门前"),
        ("类别", "住建", "住建"),
        ("联系电话", "12345", "12345"),
    ],
)
def test_what_is_masked_follows_from_the_header(header: str, cell: str, shown: str) -> None:
    (cover,) = covering.covers_for([header], plain=False)
    assert cover(cell) == shown
    (cover,) = covering.covers_for([header], plain=True)
    assert cover(cell) == cell


def test_an_address_is_a_persons_where_the_table_names_persons() -> None:
    assert covering.covers_for(["地址"], plain=False)[0]("河街5号") == "河街5号"
    assert covering.covers_for(["地址", "姓名"], plain=False)[0]("河街5号") == "***"


def test_masked_and_unmasked_files_have_different_names() -> None:
    batch = Batch(1, "来信.xlsx", "", {}, "小李", datetime.now().astimezone())
    assert output.file_name(batch, plain=False) == "来信_分类_已遮盖.xlsx"
    assert output.file_name(batch, plain=True) == "来信_分类_含个人信息.xlsx"


def test_the_menu_says_what_is_masked_and_what_is_not() -> None:
    (_, _, plain), (_, hint, masked) = output.WAYS
    assert (plain, masked) == (True, False)
    assert all(word in hint for word in ("电话", "姓名", "住址", "不遮盖", "正文"))


def entry_of(result: Result, **decided: Any) -> Entry:
    submission = StoredSubmission(1, 1, 2, "路灯", "", "", "2026-03-02", "", datetime.now(UTC))
    holds = {
        "category": result.category_code,
        "department": result.department,
        "kind": result.kind,
        "urgent": result.urgent,
        **decided,
    }
    return Entry(submission, result, None, corrected=True, checked=True, **holds)


def test_departments_that_help_and_the_reason_follow_a_correction() -> None:
    office = load_office()
    lead, *help_ = (office.departments[body].name for body in office.route("010204"))
    result = Result(
        kind="求助",
        category_code="0301",
        category="甲/乙",
        department=lead,
        co_departments=("公安局",),
        department_reason="按类别归口（乙）",
        score=0.4,
    )
    held = holding.as_holds(entry_of(result, category="010204"), office, ())
    assert held.department_reason.startswith("按类别归口（")
    assert held.department_reason != result.department_reason
    assert held.co_departments == tuple(name for name in help_ if name != lead)
    moved = holding.as_holds(entry_of(result, category="010204", department="气象局"), office, ())
    assert moved.department_reason == "人工改定"
    assert moved.co_departments == (lead, *help_)
    strange = holding.as_holds(
        entry_of(replace(result, department="气象局"), category="010204"), office, ()
    )
    assert strange.department_reason == f"沿用原判（这一类别一般由{lead}主办）"


def test_a_deadline_follows_a_corrected_kind_and_an_accepted_row_keeps_its_score() -> None:
    office = load_office()
    slow = max(office.deadlines, key=lambda kind: (kind in KINDS, office.deadlines[kind]))
    result = Result(kind="", category_code="010204", category="甲", department="甲局", score=0.4)
    held = holding.as_holds(entry_of(result, kind=slow), office, ())
    assert held.deadline == add_workdays(date(2026, 3, 2), office.deadlines[slow])[0]
    assert held.score == 0.4


def decided(target: str, value: str) -> Correction:
    return Correction(1, 1, target, "", value, "李红", "", datetime.now(UTC))


def test_a_new_category_leaves_a_doubtful_department_to_be_looked_at() -> None:
    result = Result(
        category_code="0301",
        category="甲/乙",
        department="甲局",
        needs_review=True,
        review_reason="类别把握不足；部门把握不足",
    )
    entry, office = entry_of(result, category="010204"), load_office()
    category, department = decided("category", "010204"), decided("department", "甲局")
    held = holding.as_holds(entry, office, [category])
    assert (held.needs_review, held.review_reason) == (True, "部门把握不足")
    for rest in (department, decided("accepted", "是")):
        held = holding.as_holds(entry, office, [category, rest])
        assert (held.needs_review, held.review_reason) == (False, "")


def test_a_row_without_result_that_a_person_decides_counts_as_classified() -> None:
    result = Result(row_status="空白", row_error="像是合计", needs_review=True)
    trail = [decided("category", "010204")]
    held = holding.as_holds(entry_of(result, category="010204"), load_office(), trail)
    assert (held.row_status, held.row_error, held.needs_review) == ("正常", "", False)
