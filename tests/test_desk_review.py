"""The review page in a real browser: selection, filters, undo, offers, the clerk's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from minyi.desk.state import user_name
from minyi.store import Store
from minyi.store.records import Filters
from running_desk import Page, running_desk, what_is_missing

_MISSING = what_is_missing()
if _MISSING:
    pytest.skip(f"没有 {'、'.join(_MISSING)}：复核页面的测试没有运行", allow_module_level=True)

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "意见箱.xlsx"
DESKTOP, PHONE = (1366, 768), (390, 844)
ENTER = "\ue007"


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
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def batch(page: Page) -> int:
    page.open("/batches")
    page.upload(SAMPLE)
    page.click(".start")
    page.until(lambda: re.search(r"/batches/\d+$", page.driver.current_url), "the grid")
    page.see(".ag-row")
    return int(page.driver.current_url.rpartition("/")[2])


def open_grid(page: Page, batch: int) -> None:
    page.open(f"/batches/{batch}")
    page.see(".panel .category-path")


def selected(page: Page) -> str:
    """Return the row number of what the list has selected."""
    return page.text(".ag-row-selected [col-id='row']")


def looked_at(page: Page) -> str:
    """Return the row number of what the panel shows."""
    return page.text(".panel-row").removeprefix("第 ").removesuffix(" 行")


def status(page: Page, row: str) -> str:
    cells = page.find(".ag-center-cols-container .ag-row")
    for cell in cells:
        if cell.find_element("css selector", "[col-id='row']").text == row:
            return str(cell.find_element("css selector", "[col-id='status']").text)
    return "not listed"


def test_the_clerk_is_asked_for_a_name_before_the_first_correction(
    page: Page, batch: int, data: Path
) -> None:
    open_grid(page, batch)
    first = looked_at(page)
    page.keys(ENTER)
    page.see(".ask-name input")
    page.click(".ask-name .buttons button:first-child")  # without a name nothing is done
    page.until(lambda: not page.find(".ask-name"), "the dialog to go")
    assert "没有记下" in page.text(".toast")
    assert status(page, first) == "待看"
    page.keys(ENTER)
    page.type(".ask-name input", "小李" + ENTER)
    page.until(lambda: looked_at(page) != first, "the next row")
    with Store.open(data / "minyi.db") as store:
        (entry,) = store.submissions.page(batch, Filters(checked=True)).items
        (line,) = store.corrections.trail(entry.submission.id)
    assert line.who == "小李"
    assert "小李" in page.text(".person")


def test_an_acceptance_is_undone_in_the_notice(page: Page, batch: int) -> None:
    open_grid(page, batch)
    row = looked_at(page)
    page.keys(ENTER)
    page.until(lambda: looked_at(page) != row, "the next row")
    page.click(".toast button")
    page.until(lambda: looked_at(page) == row, "the way back")
    page.until(lambda: status(page, row) == "待看", "the status")
    assert selected(page) == row
    assert "撤销" in page.driver.execute_script(
        "return document.querySelector('.panel .trail').textContent"
    )


def test_a_correction_is_undone_by_a_key_and_restored_by_a_button(page: Page, batch: int) -> None:
    open_grid(page, batch)
    row, before = looked_at(page), page.text(".panel .category-path")
    page.keys("1")
    page.until(lambda: status(page, row).startswith("已改"), "the correction")
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    undo = ActionChains(page.driver).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL)
    undo.perform()
    page.until(lambda: page.text(".panel .category-path") == before, "the first answer")
    page.until(lambda: status(page, row) == "待看", "the status")
    page.keys("1")
    page.until(lambda: status(page, row).startswith("已改"), "the correction")
    page.click(".panel .restore")
    page.until(lambda: page.text(".panel .category-path") == before, "the first answer")
    page.until(lambda: status(page, row) == "待看", "the status")
    assert not page.find(".panel .restore")


def test_after_the_category_the_department_is_one_key_away(page: Page, batch: int) -> None:
    open_grid(page, batch)
    row = looked_at(page)
    page.keys("c")
    page.type(".chooser input", "公共汽车")
    page.until(lambda: "公共汽车" in page.text(".chooser .hit.is-active"), "the search")
    page.keys(ENTER)
    offered = re.findall("归口部门：(.+)，一并改", page.text(".panel .offer"))[0]
    assert page.text(".panel .department-name") != offered
    page.until(lambda: not any(e.is_displayed() for e in page.find(".chooser")), "the dialog")
    page.keys("y")
    page.until(lambda: page.text(".panel .department-name") == offered, "the department")
    page.until(lambda: not page.find(".panel .offer"), "the offer to go")
    assert looked_at(page) == row


def test_the_department_stands_above_the_rivals_and_the_keys_fit_their_number(
    page: Page, batch: int
) -> None:
    open_grid(page, batch)
    below = page.see(".panel .rivals").location["y"]
    assert page.see(".panel .department-name").location["y"] < below
    n = len(page.find(".panel .rival .key"))
    assert page.text(".rival-key") == (f"1–{n}" if n > 1 else "1")


def test_the_row_that_is_looked_at_is_always_in_the_list(page: Page, batch: int) -> None:
    open_grid(page, batch)
    page.type(".grid-search input", "路灯")
    page.until(lambda: 0 < len(page.find(".ag-center-cols-container .ag-row")) < 10, "the search")
    page.until(lambda: "路灯" in page.text(".panel .letter-text"), "the first that is listed")
    assert selected(page) == looked_at(page)
    page.type(".grid-search input", "没有这个词")
    page.until(lambda: "没有符合条件的意见" in page.text(".panel"), "the empty panel")
    assert not page.find(".panel button")
    page.click(".tools-title")
    for key in (ENTER, "c", "1"):
        page.keys(key)
    page.until(lambda: not page.find(".chooser .hit"), "nothing to happen")
    assert not page.find(".toast")


def test_many_accepted_at_once_leave_the_row_that_is_looked_at(
    page: Page, batch: int, data: Path
) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    open_grid(page, batch)
    page.click(".ag-row[row-index='1'] [col-id='text']")
    for _ in range(7):
        before = looked_at(page)
        page.keys("\ue015")  # the list stays where it is, and no frame stays behind
        page.until(lambda before=before: looked_at(page) != before, "the next row")
    scrolled = "return document.querySelector('.ag-body-viewport').scrollTop"
    assert page.driver.execute_script(scrolled) == 0
    assert not page.find(".ag-row:focus")
    row = looked_at(page)
    page.click(".bulk")
    page.click(".asking .q-checkbox")
    slider = page.see(".asking .q-slider")
    left = 4 - slider.size["width"] // 2
    ActionChains(page.driver).move_to_element_with_offset(slider, left, 0).click().perform()
    page.until(lambda: "90%" not in page.text(".bulk-value"), "the score")
    page.click(".bulk-accept")
    page.see(".toast button")
    page.until(lambda: looked_at(page) == row and selected(page) == row, "the same row, in view")
    with Store.open(data / "minyi.db") as store:
        n = store.submissions.page(batch, Filters(checked=True)).total
        page.click(".toast button")
        page.until(
            lambda: store.submissions.page(batch, Filters(checked=True)).total < n - 20, "the undo"
        )
    page.until(lambda: looked_at(page) == row and selected(page) == row, "the same row, in view")


def test_the_urgent_are_seen_come_first_and_are_filtered(page: Page, batch: int) -> None:
    open_grid(page, batch)
    assert page.text(".ag-row[row-index='0'] .urgent-chip") == "急"
    assert "是" in page.text(".panel .fact-button.is-urgent")
    n = len(page.find(".ag-center-cols-container .ag-row"))
    page.click(".seg button:nth-child(3)")
    page.until(lambda: len(page.find(".ag-center-cols-container .ag-row")) < n, "the filter")
    rows = page.find(".ag-center-cols-container .ag-row")
    assert len(rows) == len(page.find(".ag-center-cols-container .urgent-chip"))


def test_what_was_corrected_stays_in_view_until_one_goes_on(page: Page, batch: int) -> None:
    open_grid(page, batch)
    page.click(".seg button:nth-child(2)")
    page.until(lambda: selected(page) == looked_at(page), "the filter")
    row = looked_at(page)
    page.keys("1")
    page.until(lambda: status(page, row).startswith("已改"), "the correction")
    assert looked_at(page) == selected(page) == row
    page.keys(ENTER)
    page.until(lambda: looked_at(page) != row, "the next row")
    page.until(lambda: status(page, row) == "not listed", "the filter")


def test_the_words_that_found_a_category_are_shown(page: Page, batch: int) -> None:
    open_grid(page, batch)
    page.until(lambda: page.find(".panel .rival") or page.keys("j"), "candidates")
    rival = page.text(".panel .rival-name").rpartition(" › ")[2]
    page.keys("c")
    page.see(".chooser .hit")
    assert rival in page.text(".chooser .hit")
    page.type(".chooser input", "电梯")
    page.until(lambda: "电梯" in page.text(".chooser .hit-why"), "the word")
    page.keys("\ue00c")


def test_a_batch_that_is_gone_and_an_unknown_page_lead_back(page: Page) -> None:
    for path in ("/batches/4711", "/batches/keine"):
        page.open(path)
        assert "没有编号为" in page.text(".notice-bad")
        page.click(".way-back")
        page.until(lambda: page.driver.current_url.endswith("/batches"), "the list")
    assert user_name() not in page.text(".batches")
    page.open("/gibtesnicht")
    assert "没有这个页面" in page.text("main")
    page.click("main a")
    page.see(".paste")


def test_a_phone_shows_the_status_and_opens_nothing_by_itself(
    address: str, batch: int, tmp_path: Path
) -> None:
    opened = Page(address, tmp_path, PHONE)
    try:
        opened.open(f"/batches/{batch}")
        opened.see(".ag-row .status")
        opened.click(".seg button:nth-child(2)")
        opened.until(lambda: opened.find(".ag-row .status-open"), "the filter")
        assert not opened.find(".panel.is-shown")
        assert opened.overflow() <= 0
    finally:
        opened.close()


def test_an_opinion_stays_when_other_pages_are_visited_but_never_on_disk(
    page: Page, data: Path
) -> None:
    words = "河边新装的健身器材又锈坏了"
    page.open("/")
    page.type(".paste textarea", words)
    page.click(".send")
    category = page.text(".answer .category-path")
    page.click(".page-link:nth-child(3)")
    page.see(".heading-row")
    page.click(".page-link:nth-child(1)")
    page.until(lambda: page.text(".answer .category-path") == category, "the answer")
    assert page.see(".paste textarea").get_attribute("value") == words
    page.click(".answer .accept")  # what is shown can be decided on
    page.click(".toast button")
    page.until(lambda: page.find(".answer .accept"), "the undo")
    files = [path for path in (data / "nicegui").rglob("*") if path.is_file()]
    assert all(words not in path.read_text("utf-8", "replace") for path in files)


def test_changed_settings_are_not_lost_without_a_question(page: Page) -> None:
    from selenium.webdriver.common.alert import Alert

    page.open("/office")
    page.type("input[aria-label='投诉']", "\ue003\ue003\ue0038")
    page.click(".page-link:nth-child(1)")
    alert: Alert = page.until(lambda: page.driver.switch_to.alert, "the question")
    assert "还没有保存" in alert.text
    alert.dismiss()
    page.until(lambda: "没有保存" in page.text(".save-told"), "the page as it was")
    asks = (
        "const e = new Event('beforeunload', {cancelable: true});"
        "window.dispatchEvent(e); return e.defaultPrevented"
    )
    assert page.driver.execute_script(asks)  # closing the tab; webdriver never shows that question
    page.click(".save-bar button:nth-of-type(1)")
    page.until(lambda: "没有修改" in page.text(".save-told"), "nothing to save")
    assert not page.driver.execute_script(asks)
    page.click(".page-link:nth-child(1)")
    page.see(".paste")


def test_changes_of_places_are_counted_and_a_new_department_is_in_view(
    page: Page, batch: int
) -> None:
    page.open("/office")
    page.click(".settings .q-tab:nth-child(3)")
    page.click(".add-towns")
    page.type(".entry textarea", "黄泥坝")
    page.until(lambda: page.see(".preview-button").is_enabled(), "the button, while typing")
    page.click(".preview-button")
    page.until(lambda: "属地" in page.text(".preview-card"), "the change of places")
    assert re.search(r"\d+ 条", page.text(".preview-card .change-count"))
    page.click(".preview-card .change-group summary")
    page.see(".preview-card .change-example")
    page.click(".preview-card .buttons button:first-child")
    page.until(lambda: not page.find(".preview-card"), "the dialog to go")
    page.click(".settings .q-tab:nth-child(2)")
    page.type("input[aria-label='代码（简称）']", "民航")
    page.type("input[aria-label='部门全称']", "民航站")
    page.driver.execute_script("document.activeElement.blur()")
    page.click(".settings-body > .buttons button")
    new = page.see(".dept.is-new")
    assert "民航" in new.text
    box = page.driver.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.top, r.bottom]", new
    )
    assert box[0] >= 0
    assert box[1] <= DESKTOP[1]
    page.click(".save-bar button:nth-of-type(1)")
    page.until(lambda: "没有修改" in page.text(".save-told"), "nothing to save")


def test_judging_anew_asks_first_and_says_how_many(page: Page, batch: int, data: Path) -> None:
    page.open("/learning")
    assert "一般要几百条改正" in page.text(".guidance")
    page.click(".anew")
    with Store.open(data / "minyi.db") as store:
        n = len(store.submissions.ids(None, Filters(checked=False)))
    assert f"重新判断 {n} 条没看过的意见？" in page.text(".asking")
    page.click(".asking .buttons button:first-child")
    page.until(lambda: not page.find(".asking"), "the dialog to go")


def test_a_model_that_got_worse_is_not_taken_without_a_question(
    page: Page, batch: int, data: Path
) -> None:
    import shutil

    from minyi.resources import bundled

    with Store.open(data / "minyi.db") as store:
        folder = store.model_folders / "v1"
        shutil.copytree(bundled("models/starter"), folder)
        figures = {"n": 9, "before": 8, "after": 5}
        store.models.add("第 1 版", folder, {"n_lessons": 9, "confirmed": figures})
    page.open("/learning")
    assert "变差了，建议不用" in page.text(".versions")
    page.click(".versions .use")
    assert "确定换用变差了的模型" in page.text(".asking")
    page.click(".asking .buttons button:first-child")
    page.until(lambda: not page.find(".asking"), "the dialog to go")
    with Store.open(data / "minyi.db") as store:
        assert store.models.active() is None


def test_the_name_typed_is_kept_when_personal_data_is_shown(page: Page) -> None:
    page.open("/")
    page.click(".person")
    page.type(".person-menu input", "\ue003\ue003老王")
    page.click(".person-menu .q-toggle")
    page.until(lambda: "已显示个人信息原文" in page.text(".toast"), "the notice")
    assert "老王" in page.text(".person")
    page.click(".person")
    assert page.see(".person-menu .q-toggle").get_attribute("aria-checked") == "true"
    page.click(".person-menu .q-toggle")
    page.until(lambda: "已遮盖个人信息" in page.text(".toast"), "the notice")


def test_a_lost_connection_says_what_to_do_and_long_texts_are_capped(page: Page) -> None:
    page.open("/")
    told = page.driver.execute_script("return document.querySelector('#popup').textContent")
    assert "工作台可能已关闭，请重新运行" in told

    def answered() -> bool:
        page.driver.execute_script(
            "const box = arguments[0]; box.value = '楼上漏水，物业不管。'.repeat(300);"
            "box.dispatchEvent(new Event('input', {bubbles: true}))",
            page.see(".paste textarea"),
        )
        page.click(".send")
        return any("漏水" in letter.text for letter in page.find(".answer .letter-text"))

    page.until(answered, "the answer")
    assert page.see(".answer .letter-text").size["height"] <= DESKTOP[1] * 0.4 + 1
