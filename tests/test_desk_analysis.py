"""What the dashboard takes from the analyses: crossings, hot issues, the report; nothing drawn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

pytest.importorskip("nicegui", reason="没有 nicegui：工作台的测试没有运行")

from minyi.desk import charts, finding, importing, pictures
from minyi.desk.crossings import cross
from minyi.desk.gathering import gather
from minyi.desk.state import Desk
from minyi.domain.office import load_office
from minyi.errors import InputError
from minyi.schema import Result
from minyi.store import Store
from small_tables import read_sheets, write_sheets

LETTERS: list[list[object]] = [
    ["编号", "反映人", "意见内容", "日期", "点赞数"],
    ["甲1", "王小明", "金桂豪庭旁边工地半夜打桩，打13812345678", "2026-03-02", 4],
    ["甲2", "欧阳修", "金桂豪庭工地半夜打桩", "2026-03-05", 0],
    ["甲3", "李四", "金桂豪庭边上工地半夜打桩", "2026-03-09", 1],
    ["甲4", "王小明", "公交总不来", "2026-03-09", 0],
    ["合计", "", "", "", ""],
]
NOISE = Result(
    category_code="010204",
    category="城乡建设/城市建设和市政管理/城市公共设施",
    level1="城乡建设",
    level2="城市建设和市政管理",
    level3="城市公共设施",
    kind="投诉",
    department="城市管理局",
    place="大塘村",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Four letters and a total, of which one was corrected."""
    with Store.open(tmp_path_factory.mktemp("库") / "minyi.db") as store:
        path = importing.place_for(store, "来信.xlsx")
        write_sheets(path, {"来信": LETTERS})
        batch = importing.keep(store, importing.look(path), "小李")
        ids = store.submissions.ids(batch.id)[:4]
        store.results.save(batch.id, None, [(number, NOISE) for number in ids])
        store.corrections.add(ids[3], "category", "0502", "小王")
        store.corrections.add(ids[3], "department", "交通运输局", "小王")
        yield cast(Desk, SimpleNamespace(store=store, office=load_office(), minyi=None))


@pytest.fixture(scope="module")
def found(desk: Desk) -> finding.Found:
    return finding.find(desk, 1)


def test_a_frame_has_what_the_workbook_says_and_what_holds_after_corrections(desk: Desk) -> None:
    frame = gather(desk.store, 1, desk.office)
    assert frame["id"].tolist() == ["甲1", "甲2", "甲3", "甲4"]  # no total
    assert frame["row"].tolist() == [2, 3, 4, 5]
    assert frame["sender"].iloc[0] == "王小明"
    assert frame["likes"].tolist() == [4, 0, 1, 0]
    assert frame["level1"].tolist() == ["城乡建设"] * 3 + ["交通运输"]
    assert frame["department"].iloc[3] == "交通运输局"
    assert frame["place"].tolist() == ["大塘村"] * 4


def test_a_batch_without_words_is_refused(tmp_path: Path) -> None:
    with Store.open(tmp_path / "minyi.db") as store:
        batch = store.batches.add("空.xlsx", "test")
        with pytest.raises(InputError, match="没有可以分析的意见"):
            gather(store, batch.id, load_office())


def test_categories_are_crossed_with_places_and_departments_as_corrected(desk: Desk) -> None:
    for batch_id in (1, None):
        crossed = cross(desk.store, batch_id)
        rows = {line[0]: line[1:] for line in pictures.places(crossed).rows}
        assert rows["大塘村"] == [3, 1, 0]
        flows = pictures.departments(crossed)
        assert ["交通运输", "交通运输局", 1] in flows.rows
        (series,) = flows.options["series"]
        ends = {end for link in series["links"] for end in (link["source"], link["target"])}
        assert ends == {node["id"] for node in series["data"]}


def test_the_table_of_a_picture_has_also_what_the_picture_sums(tmp_path: Path) -> None:
    counts = [(f"部门{i}", 20 - i) for i in range(18)]
    picture = pictures.bars("主办部门", "部门", counts)
    drawn = picture.options["series"][0]["data"]
    assert drawn[0]["name"] == "其余 3 项"
    assert sum(point["value"] for point in drawn) == sum(n for _, n in counts)
    path = tmp_path / "表.xlsx"
    path.write_bytes(pictures.workbook(picture))
    assert len(read_sheets(path)["主办部门"]) == 1 + len(counts)


def test_a_week_without_any_is_drawn_as_none() -> None:
    weeks = charts.weeks([("2026-W10", 2), ("2026-W12", 1)])
    (series,) = pictures.line("每周收到", "周一", weeks).options["series"]
    assert [point["value"] for point in series["data"]] == [2, 0, 1]
    assert pictures.line("每周收到", "周一", []).rows == []


def test_what_many_say_is_hot_with_its_members(found: finding.Found) -> None:
    (issue,) = found.hot.issues.to_dict("records")
    assert "工地半夜打桩" in issue["问题描述"]
    assert found.hot.members["留言编号"].tolist() == ["甲1", "甲2", "甲3"]
    assert found.places == ["大塘村"]


def test_hot_issues_hide_persons_and_numbers_unless_they_may_be_seen(found: finding.Found) -> None:
    masked = finding.tables(found, plain=False)["热点问题留言明细表"]
    assert masked["留言用户"].tolist() == ["王**", "欧阳*", "李*"]
    assert "138****5678" in masked["留言详情"].iloc[0]
    assert masked["留言编号"].tolist() == ["甲1", "甲2", "甲3"]  # to find them by
    plain = finding.tables(found, plain=True)["热点问题留言明细表"]
    assert plain["留言用户"].iloc[0] == "王小明"
    (shown, *_) = finding.members_of(found, 1, plain=False).to_dict("records")
    assert (shown["留言用户"], shown["留言时间"]) == ("王**", "2026-03-02")


def test_the_workbook_of_hot_issues_has_the_sheets_of_the_command_line(
    found: finding.Found, tmp_path: Path
) -> None:
    path = tmp_path / "热点.xlsx"
    path.write_bytes(finding.workbook(found, plain=False))
    sheets = read_sheets(path)
    assert list(sheets)[:3] == ["热点问题表", "热点问题留言明细表", "热度构成"]
    everything = str(sheets)
    assert not [word for word in ("王小明", "13812345678") if word in everything]


def test_the_desk_needs_neither_matplotlib_nor_docx() -> None:
    program = (
        "import sys\n"
        "sys.modules.update(matplotlib=None, docx=None)\n"
        "import minyi.desk.board, minyi.analysis\n"
        "assert 'pandas' not in sys.modules\n"
        "from minyi.analysis import figures, hot_issues, prepare\n"
        "from minyi.desk import finding\n"
        "assert not finding.can_report()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
