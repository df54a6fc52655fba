"""The desk in a real browser: the way a clerk goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from openpyxl import load_workbook

from minyi.store import Store
from minyi.store.records import Filters
from running_desk import Page, running_desk, what_is_missing
from small_tables import write_sheets

_MISSING = what_is_missing()
if _MISSING:
    pytest.skip(
        f"没有 {'、'.join(_MISSING)}：浏览器里的测试没有运行。Debian 上请运行 "
        "apt-get install chromium chromium-driver fonts-noto-cjk",
        allow_module_level=True,
    )

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "意见箱.xlsx"
OPINION = "我们小区三号楼的电梯坏了两个月，物业一直推。联系电话13812345678。"
DESKTOP, PHONE = (1366, 768), (390, 844)
PAGES = ("/", "/batches", "/board", "/office", "/learning")
_LATIN = re.compile(r"[A-Za-z]{4,}")
# File kinds, the user's name, and the format of the profile are no English.
_ALLOWED = re.compile(r"\.?(xlsx|xls|csv|docx)|Excel|Ctrl|TOML|root|[\w-]+\.xlsx")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("数据")


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    with running_desk(data) as found:
        yield found


@pytest.fixture(scope="module")
def page(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    opened = Page(address, tmp_path_factory.mktemp("下载"), DESKTOP)
    introduce(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def batch(page: Page) -> int:
    """Import the sample workbook and return the number of its batch."""
    page.open("/batches")
    page.upload(SAMPLE)
    page.click(".start")
    page.until(lambda: re.search(r"/batches/\d+$", page.driver.current_url), "the grid")
    page.see(".ag-row")
    return int(page.driver.current_url.rpartition("/")[2])


def introduce(page: Page) -> None:
    """Be a clerk whose name is known."""
    page.open("/")
    page.see(".paste textarea")  # until the model is there, a page loads itself anew
    page.driver.add_cookie({"name": "minyi_clerk", "value": quote("小李")})


def open_grid(page: Page, batch: int) -> None:
    page.open(f"/batches/{batch}")
    page.see(".panel .category-path")


def row_shown(page: Page) -> str:
    return page.text(".panel-head")


def downloaded(page: Page, pattern: str) -> Path:
    """Wait for a download whose name tells the day."""
    found = page.until(lambda: list(page.downloads.glob(pattern)), pattern)
    return page.downloaded(found[0].name)


def choose(page: Page, words: str) -> None:
    page.type(".chooser input", words)
    page.until(lambda: words in page.text(".chooser .hit.is-active"), "the search")
    page.keys("\ue007")
    page.until(lambda: not any(e.is_displayed() for e in page.find(".chooser")), "the dialog")


def test_one_opinion_is_classified_and_its_deciding_words_are_marked(page: Page) -> None:
    page.open("/")
    page.type(".paste textarea", OPINION)
    page.click(".send")
    assert page.text(".answer .category-path")
    assert page.text(".answer .department-name")
    assert page.find(".answer mark")
    assert "%" in page.text(".answer .score-text")


def test_personal_data_is_masked_until_the_clerk_asks_for_it(page: Page) -> None:
    shown = page.text(".answer .letter-text")
    assert "138****5678" in shown
    assert "13812345678" not in shown


def test_a_correction_of_one_opinion_is_kept(page: Page, data: Path) -> None:
    page.click(".change-category")
    choose(page, "物业")
    page.until(lambda: "已由人改正" in page.text(".answer"), "the correction")
    with Store.open(data / "minyi.db") as store:
        (entry,) = store.submissions.page(None, Filters(corrected=True, search="电梯")).items
        (line,) = store.corrections.trail(entry.submission.id)
    assert line.target == "category"
    assert line.who


def test_a_workbook_is_imported_with_its_columns_shown_for_confirmation(page: Page) -> None:
    page.open("/batches")
    page.upload(SAMPLE)
    assert "共 120 行" in page.text(".confirm")
    header = page.text(".preview th.is-read:nth-child(6)")
    assert "意见内容" in header
    assert "意见正文" in header
    page.click(".confirm .buttons button:last-child")
    page.see(".drop")


def test_a_text_column_that_is_not_recognised_is_chosen_by_hand(
    page: Page, data: Path, tmp_path: Path
) -> None:
    lines = [["甲", "乙", "丙"], ["1", "路灯坏了", "13812345678"], ["2", "水管漏了", ""]]
    page.open("/batches")
    page.upload(write_sheets(tmp_path / "无名.xlsx", {"来信": lines}))
    assert "还没有选出意见正文列" in page.text(".missing")
    assert not page.see(".start").is_enabled()
    page.click(".role-text")
    page.until(lambda: len(page.find(".q-menu .q-item")) == 3, "the columns")
    first, second, third = (e.text for e in page.find(".q-menu .q-item"))
    assert (first, second, third) == ("甲（1）", "乙（路灯坏了）", "丙（138****5678）")
    page.click(".q-menu .q-item:nth-child(2)")
    page.until(lambda: page.see(".start").is_enabled(), "the button")
    page.click(".start")
    page.until(lambda: re.search(r"/batches/\d+$", page.driver.current_url), "the grid")
    number = int(page.driver.current_url.rpartition("/")[2])
    with Store.open(data / "minyi.db") as store:
        entries = store.submissions.page(number, sort="row").items
    assert [entry.submission.text for entry in entries] == ["路灯坏了", "水管漏了"]
    assert all(entry.result for entry in entries)


def test_a_file_that_is_no_table_is_refused_in_chinese(page: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "假的.xlsx"
    wrong.write_bytes(b"%PDF-1.7 something")
    page.open("/batches")
    page.upload(wrong)
    assert "不能读取" in page.text(".q-notification")


def test_the_uncertain_come_first(page: Page, batch: int) -> None:
    open_grid(page, batch)
    statuses = [e.text for e in page.find(".ag-row .status")[:5]]
    assert set(statuses) == {"待看"}


def test_three_rows_are_corrected_by_keyboard_and_come_back_in_the_download(
    page: Page, batch: int
) -> None:
    open_grid(page, batch)
    corrected = {}
    for words in ("燃气供应", "环境卫生", "公共汽车"):
        before = row_shown(page)
        page.keys("c")
        choose(page, words)
        page.until(lambda: "已由人改正" in page.text(".panel"), "the correction")
        row = int(re.findall(r"\d+", row_shown(page))[0])
        corrected[row] = page.text(".panel .category-path").replace("\n", "").replace("›", "/")
        page.keys("j")
        page.until(lambda before=before: row_shown(page) != before, "the next row")
    before = row_shown(page)
    page.keys("\ue007")  # accept, and go on
    page.until(lambda: row_shown(page) != before, "the next row")
    page.click(".download")
    page.click(".q-menu .q-item")
    book = load_workbook(page.downloaded("意见箱_分类_含个人信息.xlsx"), read_only=True)
    header, *rows = book["分类结果"].iter_rows(values_only=True)
    at = {name: i for i, name in enumerate(header)}
    original = next(load_workbook(SAMPLE).worksheets[0].iter_rows(min_row=3, values_only=True))
    assert [str(name).replace("\n", "") for name in original] == list(header[:7])
    changed = [row for row in rows if row[at["复核情况"]] == "已改"]
    assert {row[at["类别"]] for row in changed} == set(corrected.values())
    assert all(row[at["复核人"]] and row[at["复核时间"]] for row in changed)
    assert sum(row[at["复核情况"]] == "已核对" for row in rows) == 1
    assert len(rows) == 120
    assert len(list(book["改正记录"].iter_rows())) == 5


def test_a_cell_is_corrected_in_place(page: Page, batch: int) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    open_grid(page, batch)
    cell = page.find(".ag-row[row-index='5'] [col-id='department']")[0]
    ActionChains(page.driver).double_click(cell).perform()
    choose(page, "气象")
    page.until(lambda: "气象" in page.text(".panel .department-name"), "the department")
    page.until(
        lambda: any("气象" in e.text for e in page.find(".ag-row [col-id='department']")), "cell"
    )


def test_a_rival_is_one_click_away_and_nothing_goes_wrong(page: Page, batch: int) -> None:
    open_grid(page, batch)
    rival = page.text(".panel .rival .rival-name")
    page.click(".panel .rival")
    page.until(
        lambda: page.text(".panel .category-path").replace("\n", " ") == rival, "the correction"
    )
    assert "程序内部错误" not in page.driver.page_source


def test_the_grid_is_searched_and_filtered(page: Page, batch: int) -> None:
    open_grid(page, batch)
    n = len(page.find(".ag-row"))
    page.type(".grid-search input", "路灯")
    page.until(lambda: 0 < len(page.find(".ag-row")) < n, "the search")
    assert all("路灯" in e.text or "…" in e.text for e in page.find(".ag-row [col-id=text]"))


def test_many_are_accepted_at_once_over_a_score(page: Page, batch: int, data: Path) -> None:
    open_grid(page, batch)
    page.click(".bulk")
    count = page.text(".bulk-count")
    n = int(re.findall(r"\d+", count)[0])
    assert n
    page.click(".bulk-accept")
    page.until(lambda: f"已核对 {n} 条" in page.driver.page_source, "the notice")
    with Store.open(data / "minyi.db") as store:
        assert store.submissions.page(batch, Filters(checked=True)).total >= n


def test_the_dashboard_draws_and_gives_pictures_and_tables(page: Page, batch: int) -> None:
    page.open("/board")
    page.until(lambda: len(page.find(".chart canvas")) >= 7, "also what takes longer")
    page.click(".chart-card:nth-child(2) .chart-tools button:nth-child(2)")
    header, *rows = load_workbook(downloaded(page, "主办部门_*.xlsx")).active.iter_rows(
        values_only=True
    )
    assert header == ("部门", "条数")
    assert sum(n for _, n in rows) >= 120
    page.click(".chart-card:nth-child(2) .chart-tools button:nth-child(1)")
    assert downloaded(page, "主办部门_*.png").read_bytes().startswith(b"\x89PNG")
    assert "请先在上面选一批" in page.text(".hot")
    page.click(".batch-select")
    page.click(".q-menu .q-item:nth-child(2)")
    page.click(".hot-go")
    page.until(lambda: page.find(".hot-report"), "the hot issues")
    page.click(".hot .chart-tools button:last-child")
    book = load_workbook(downloaded(page, "热点_*_已遮盖.xlsx"), read_only=True)
    assert "热点问题留言明细表" in book.sheetnames


def test_a_changed_profile_is_previewed_checked_and_saved(
    page: Page, batch: int, data: Path
) -> None:
    page.open("/office")
    days = page.see("input[aria-label='投诉']")
    days.send_keys("\ue003\ue003\ue003999")
    page.until(lambda: "0 到 366" in page.text(".save-told"), "the complaint")
    days.send_keys("\ue003\ue003\ue0037")
    page.until(lambda: "没有保存" in page.text(".save-told"), "the check")
    page.click(".preview-button")
    page.until(lambda: "条会有不同" in page.text(".preview-card"), "the preview")
    assert "期限" in page.text(".preview-card .change")
    page.click(".preview-card .buttons button:last-child")
    page.until(lambda: "没有修改" in page.text(".save-told"), "the saving")
    assert '"投诉" = 7' in (data / "office.toml").read_text("utf-8")


def test_the_desk_learns_and_changes_to_the_new_model_and_back(
    page: Page, batch: int, data: Path
) -> None:
    page.open("/learning")
    page.click(".learn-go")
    # The page itself promises no more than a minute or two.
    page.until(lambda: page.find(".versions .use"), "the new model", patience=120)
    assert "第 1 版" in page.text(".versions")
    assert "→" in page.text(".versions .version-figures")
    is_worse = "变差了" in page.text(".versions")  # by so few corrections it may well be
    page.click(".versions .use")
    if is_worse:
        page.click(".asking .yes")
    page.until(lambda: "使用中" in page.text(".version:nth-child(2)"), "the change")
    with Store.open(data / "minyi.db") as store:
        active = store.models.active()
    assert active
    assert active.folder.is_dir()
    page.click(".versions .use")
    page.until(lambda: "用这个" in page.text(".version:nth-child(2)"), "the way back")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_overflows_speaks_english_or_leaves_this_computer(
    address: str, batch: int, size: tuple[int, int], tmp_path: Path
) -> None:
    opened = Page(address, tmp_path, size)
    try:
        for path in (*PAGES, f"/batches/{batch}"):
            opened.open(path)
            opened.see("h1, .tools-title")
            assert opened.overflow() <= 0, path
            words = _LATIN.findall(_ALLOWED.sub("", opened.words()))
            assert words == [], path
        assert opened.troubles() == []
        assert opened.hosts() == {"127.0.0.1"}
    finally:
        opened.close()


def test_the_log_holds_no_words_of_citizens(page: Page, data: Path, batch: int) -> None:
    log = (data / "desk.log").read_text("utf-8")
    assert "电梯" not in log
    assert "13812345678" not in log
    errors = [line for line in log.splitlines() if '"level":"error"' in line]
    assert all('"InputError"' in line for line in errors)  # the file that was no table


def test_personal_data_is_shown_where_the_clerk_asks_and_as_long_as_the_office_allows(
    page: Page, data: Path, tmp_path: Path
) -> None:
    """The last one: from here on the office forbids it."""
    lines = [["编号", "意见内容"], *([str(i), OPINION] for i in range(3))]
    page.open("/batches")
    page.upload(write_sheets(tmp_path / "来信.xlsx", {"一": lines}))
    page.click(".start")
    page.until(lambda: "138****5678" in page.text(".panel"), "the masked text")
    page.click(".person")
    page.click(".person-menu .q-toggle")
    page.until(lambda: "13812345678" in page.text(".panel"), "the text as it was")
    assert page.find(".download .q-btn-dropdown__arrow")
    batch = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.open("/office")
    page.click(".settings .q-toggle")
    page.click(".save:not(.disabled)")
    page.until(lambda: "没有修改" in page.text(".save-told"), "the saving")
    assert "show = false" in (data / "office.toml").read_text("utf-8")
    # The page that stands open since before shows no more than the office allows now.
    page.driver.switch_to.window(batch)
    page.click(".panel-foot button:first-child")
    page.until(lambda: "138****5678" in page.text(".panel"), "the next one, masked")
    page.driver.refresh()
    page.until(lambda: "138****5678" in page.text(".panel"), "the masked text")
    page.click(".person")
    assert "个人信息一律遮盖（单位设置）" in page.text(".person-menu")
    assert not page.find(".person-menu .q-toggle")
