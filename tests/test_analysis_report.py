"""Reports: what they say, that it is traceable and masked, and how .docx and .html are set."""

from __future__ import annotations

import importlib.util
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import docx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.analysis.frame import prepare
from minyi.analysis.report import Report, as_docx, as_html, check_paths, report, write_report
from minyi.analysis.report.charts import trouble
from minyi.analysis.report.ledger import where
from minyi.analysis.report.parts import Chart, Paragraph, Table
from minyi.analysis.report.quotations import choose, excerpt, hiding, shorten
from minyi.analysis.report.selection import names_of, title_of
from minyi.errors import InputError, OutputError
from small_tables import read_sheets

DAY = date(2026, 6, 1)
QUARRY = [
    "老鹰岩采石场天天放炮，我家堂屋的墙裂了两指宽，找老板老板不认账",
    "老鹰岩采石场放炮把窗户震碎了，娃娃吓得直哭，请停下来",
    "老鹰岩采石场天天放炮，几家人的墙都裂了，没人管，电话13812345678",
    "我是三组周桂香，老鹰岩采石场的灰盖了一菜园，墙也震裂了",
]
OTHERS = [
    "村里卫生室三天两头锁门，老人拿不到降压药",
    "水渠垮了半年，秧田进不了水",
    "谢谢村干部帮我家修好屋顶",
    "河堤空了一大截，再下雨怕要垮，快来人",
]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def frame(**columns: object) -> pd.DataFrame:
    """Return eight submissions of two villages, classified by hand."""
    table = {
        "内容": [*QUARRY, *OTHERS],
        "村": ["清溪镇石桥村"] * 5 + ["清溪镇柳塘村"] * 3,
        "姓名": ["李秀英", "王德福", "", "周桂香", "刘根生", "陈二妹", "赵长庚", "刘根生"],
        "日期": [f"2026-04-{n:02}" for n in range(1, 8)] + [""],
        "状态": ["未答复", "办理中", "未答复", "未答复", "已答复", "已办结", "已办结", "未答复"],
    }
    rows = prepare(pd.DataFrame({**table, **columns}), text="内容", place="村")
    deadlines = ["2026-04-22"] * 4 + ["2026-04-19", "2026-04-20", "2026-05-05", "2026-06-05"]
    return rows.assign(
        kind=["投诉"] * 4 + ["投诉", "求助", "表扬", "求助"],
        kind_score=0.9,
        category_code="04",
        category=["生态环境/环境污染/噪音污染"] * 4
        + ["卫生健康", "农业农村", "农业农村", "农业农村"],
        level1=["生态环境"] * 4 + ["卫生健康", "农业农村", "农业农村", "农业农村"],
        level2=["环境污染"] * 4 + [""] * 4,
        level3=["噪音污染"] * 4 + [""] * 4,
        score=0.9,
        department=["生态环境局"] * 4 + ["卫生健康局", "水利局", "水利局", "水利局"],
        co_departments=[("公安局",)] * 4 + [()] * 4,
        urgent=[False] * 7 + [True],
        deadline=pd.to_datetime(deadlines),
        evidence=[("采石场", "放炮")] * 4 + [("水渠",)] * 4,
        needs_review=[True] + [False] * 7,
        review_reason=["类别把握不足；部门把握不足"] + [""] * 7,
        row_status="正常",
    )


@pytest.fixture(scope="module")
def town() -> Report:
    return report(frame(), day=DAY)


def text_of(found: Report) -> str:
    """Return all that a report says."""
    lines = [found.title, found.subtitle, *found.notes]
    for section in found.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                lines += ["、".join(map(str, row)) for row in block.rows]
            elif not isinstance(block, Chart):
                lines.append(block.text)
    return "\n".join(lines)


def blocks(found: Report, kind: type[Any]) -> list[Any]:
    return [b for section in found.sections for b in section.blocks if isinstance(b, kind)]


def test_the_first_page_tells_how_many_of_whom_what_presses_and_what_is_unsure(
    town: Report,
) -> None:
    first = town.sections[0]
    assert [block.text for block in first.blocks if isinstance(block, Paragraph)] == [
        "清溪镇本轮走访共收集意见8条，其中署名7条（群众7人），未署名1条。"
        "来自2个村（社区）：石桥村5条、柳塘村3条。",  # 刘根生 of two villages is two people
        "截至2026年6月1日，尚待答复5条，其中已逾期4条、5个工作日内到期1条。"
        "系统判断为紧急的1条，其中1条尚待答复，请先办理。",
        "需人工复核的1条，占12%（类别1条、部门1条，有重复），复核后再引用相关数字。",
    ]
    table = first.blocks[-1]
    assert isinstance(table, Table)
    assert table.rows[0][1:2] + table.rows[0][3:] == (
        *("石桥村：噪音污染", 4, 4),
        *("4月22日（逾期）", "生态环境局"),
    )
    assert table.rows[1][1:4] == ("柳塘村：农业农村", "河堤空了一大截，再下雨怕要垮，快来人", 1)


def test_numbers_of_the_text_add_up_to_all(town: Report) -> None:
    said = text_of(town)
    assert "投诉5条、占62.5%，求助2条、占25.0%，表扬1条、占12.5%" in said
    assert "已办结2条，已答复1条，办理中1条，未答复4条" in said
    assert "没有日期的意见1条，算不出办理期限" in said


def test_tables_and_pictures_are_numbered_as_they_stand(town: Report) -> None:
    captions = [table.caption for table in blocks(town, Table) if table.caption]
    assert [caption.split("　")[0] for caption in captions] == ["表1", "表2", "表3", "表4", "表5"]
    assert [chart.title.split("　")[0] for chart in blocks(town, Chart)] == ["图1", "图2"]


def test_the_list_of_what_to_answer_has_the_urgent_first_and_says_of_whom_by_when(
    town: Report,
) -> None:
    table = next(table for table in blocks(town, Table) if "待答复清单" in table.caption)
    assert [row[0] for row in table.rows] == ["8", "1", "2", "3", "4"]
    assert table.rows[0][3:] == ("水利局", "6月5日", "紧急，即将到期")
    assert table.rows[1][3:] == ("生态环境局", "4月22日", "已逾期")
    village = report(frame(), place="石桥村", day=date(2027, 1, 4))
    table = next(table for table in blocks(village, Table) if "待答复清单" in table.caption)
    assert "属地" not in table.header  # all rows are of one village
    assert table.rows[0][3] == "2026年4月22日"  # the year, where it is not this one


def test_a_report_does_not_tell_whose_computer_it_was() -> None:
    given = frame()
    given.attrs["notes"] = ("文件“C:\\Users\\周桂香\\走访.xlsx”少了一列",)
    found = report(given, day=DAY)
    assert found.notes == ("文件“走访.xlsx”少了一列",)
    assert "周桂香" not in text_of(found)


def test_every_number_that_is_counted_can_be_traced_to_its_rows(town: Report) -> None:
    traces = {trace.name: trace for trace in town.traces}
    assert traces["收集意见"].rows == "第1-8行"
    assert traces["待答复：已逾期"].ids == ("1", "2", "3", "4")
    for trace in town.traces:
        assert trace.n == len(trace.ids)
        assert len(re.findall(r"\d+", trace.rows)) >= bool(trace.n)
    details = town.details
    assert (details["诉求类型"] == "投诉").sum() == traces["诉求类型：投诉"].n
    assert (details["待答复"] != "").sum() == traces["尚待答复"].n
    assert details.loc[details["重点问题"] == 1, "id"].tolist() == [*"1234"]


def test_key_issues_are_hot_matters_then_urgent_ones_with_whom_and_when(town: Report) -> None:
    hot, urgent = town.issues
    assert hot.title == "石桥村：噪音污染"
    assert (hot.n, hot.n_people, hot.n_unsigned, hot.n_open) == (4, 3, 1, 4)
    assert hot.departments == (("生态环境局", 4),)
    assert hot.support == ("公安局",)
    assert hot.deadline == date(2026, 4, 22)
    assert urgent.ids == ("8",)
    said = text_of(town)
    assert "署名群众3人（另有1条没有署名）。主办：生态环境局4条；协办：公安局。" in said
    assert "尚待答复4条，最早期限4月22日，已逾期。" in said
    assert "一名群众反映，系统判断为紧急事项。主办：水利局。目前未答复，期限6月5日。" in said


def test_praise_is_no_issue() -> None:
    found = report(frame().assign(kind="表扬", urgent=False), day=DAY)
    assert found.issues == ()
    assert "没有三条以上意见集中反映的问题" in text_of(found)


def test_quotations_are_words_of_members_with_their_numbers(town: Report) -> None:
    quotations = town.issues[0].quotations
    assert 1 <= len(quotations) <= 2
    for quotation in quotations:
        source = hiding([])(QUARRY[int(quotation.id) - 1])
        assert source.startswith(quotation.text.removesuffix("……"))
        assert f"（编号{quotation.id}，" in text_of(town)


def test_no_name_and_no_number_of_a_telephone_is_seen(town: Report) -> None:
    whole = text_of(town) + as_html(town)
    assert "13812345678" not in whole
    assert not any(name in whole for name in ("周桂香", "李秀英", "王德福", "刘根生"))


def test_copies_of_one_text_are_not_quoted_twice() -> None:
    rows = frame().iloc[[0, 1]].assign(text=[QUARRY[0], QUARRY[0] + "！"])
    assert len(choose(rows, hiding([]))) == 1


def test_one_person_is_not_quoted_twice() -> None:
    rows = frame().iloc[[0, 1]].assign(sender="李秀英")
    assert len(choose(rows, hiding([]))) == 1


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(5, 120))
def test_what_is_shortened_begins_as_before_and_says_so(text: str, longest: int) -> None:
    short = shorten(text, longest)
    assert len(short) <= longest + 2
    assert text.startswith(short.removesuffix("……"))
    assert (short == text) == (len(text) <= longest) or text.endswith("……")


def test_masking_comes_before_cutting() -> None:
    said = "墙裂了请打电话13812345678找我"
    assert "1381" not in excerpt(said, hiding([]), 11).replace("138****", "")


def test_a_village_is_found_with_and_without_its_town() -> None:
    for place in ("石桥村", "清溪镇石桥村"):
        assert report(frame(), place=place, day=DAY).n == 5
    assert report(frame(), place="清溪镇", day=DAY).n == 8
    assert report(frame(), place="桥村", day=DAY).n == 0  # part of a name is no name
    assert names_of("石桥村") == {"石桥村"}


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("石桥村", "石桥村村情报告"),
        ("东湖社区", "东湖社区社区情报告"),
        ("清溪镇", "清溪镇镇情报告"),
        ("大岭乡", "大岭乡乡情报告"),
        ("城关街道", "城关街道街道情报告"),
        ("安平县", "安平县社情民意报告"),
    ],
)
def test_the_title_says_what_it_is_of(place: str, title: str) -> None:
    assert title_of(place) == title


def test_a_period_leaves_out_what_is_before_after_and_undated_and_says_so() -> None:
    found = report(frame(), start=date(2026, 4, 2), end=date(2026, 4, 5), day=DAY)
    assert found.n == 4
    assert found.subtitle == "（2026年4月2日至4月5日）"
    assert "有 1 条意见没有日期，没有计入本期" in found.notes
    with pytest.raises(InputError, match="早于起始日期"):
        report(frame(), start=date(2026, 4, 5), end=date(2026, 4, 2))


@pytest.mark.parametrize("how", [{"place": "青山村"}, {"end": date(2025, 1, 1)}])
def test_where_there_is_nothing_a_short_report_says_so(how: dict[str, Any]) -> None:
    found = report(frame(), day=DAY, **how)
    assert found.n == 0
    assert "没有收集到意见" in text_of(found)
    assert blocks(found, Chart) == []
    assert docx.Document(BytesIO(as_docx(found))).paragraphs[0].text == found.title
    assert "没有收集到意见" in as_html(found)
    if "place" in how:
        assert "表里的地点有：清溪镇石桥村、清溪镇柳塘村" in text_of(found)


def test_without_times_senders_places_and_states_there_is_a_report_still() -> None:
    found = report(frame(村="", 姓名="", 日期="", 状态="").assign(place=""), day=DAY)
    first = found.sections[0].blocks[0]
    assert isinstance(first, Paragraph)
    assert first.text == "本轮走访共收集意见8条。"
    assert "表中没有登记办理状态，有诉求的都按待答复计" in text_of(found)
    assert found.title == "社情民意报告"
    assert as_docx(found)


def test_what_has_no_kind_is_left_to_a_reader_and_not_lost() -> None:
    found = report(frame().assign(kind=[""] + ["投诉"] * 7), day=DAY)
    assert "请人工看一遍：1。" in text_of(found).replace("\u200b", "")


def test_the_same_submissions_give_the_same_report_and_stay_as_they_are() -> None:
    given = frame()
    before = given.copy()
    first, second = report(given, day=DAY), report(given, day=DAY)
    pd.testing.assert_frame_equal(given, before)
    assert text_of(first) == text_of(second)
    assert as_html(first) == as_html(second)


def test_what_is_wrong_is_refused_in_chinese() -> None:
    with pytest.raises(InputError, match="请先用 classified"):
        report(prepare(pd.DataFrame({"内容": OTHERS})))
    with pytest.raises(InputError, match="重点问题应为 1 到 8 个"):
        report(frame(), issues=9)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    """Return what 28 citizens said: 20 of 石桥村, most of them of the quarry, 12 of 柳塘村."""
    copies = [
        frame().assign(sender=[f"{name}{number}" if name else "" for name in frame()["sender"]])
        for number in "甲乙丙丁"
    ]
    together = pd.concat(copies, ignore_index=True)
    return together.assign(id=[f"X{n}" for n in range(len(together))], row=range(2, 34))


def test_what_is_published_holds_no_small_count_no_name_and_no_single_matter(
    many: pd.DataFrame,
) -> None:
    found = report(many, day=DAY, anonymise="village")
    said = "\n".join(
        block.text
        for section in found.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
    )
    counts = [int(n) for n in re.findall(r"(?<!不足)(?<!\d)(\d+)[条人]", said)]
    assert counts
    assert min(counts) >= 5
    assert "本轮走访共收集意见32条。来自" in said  # 4 have no sender: 28 of 32 would tell
    table = next(table for table in blocks(found, Table) if "各地反映的内容" in table.caption)
    assert table.rows == (
        *(("生态环境", 16, 0, 16), ("农业农村", "*", 12, "*"), ("卫生健康", "*", 0, "*")),
        ("合计", 20, 12, 32),
    )
    assert [issue.n_people for issue in found.issues] == [12]  # the bank of the river is of few
    assert not any("待答复清单" in table.caption for table in blocks(found, Table))
    whole = text_of(found)
    assert not any(name in whole for name in ("周桂香", "李秀英", "13812345678", "编号X"))
    assert not {"text", "sender", "反映内容", "姓名"} & set(found.details.columns)
    assert not found.details["id"].str.startswith("X").any()


def test_few_citizens_are_not_quoted_in_public(many: pd.DataFrame) -> None:
    alone = many.assign(sender="李秀英")
    assert report(alone, day=DAY, anonymise="village").issues == ()
    assert report(many, day=DAY, anonymise="village", k=13).issues == ()  # 12 of them signed


def test_a_published_report_tells_no_finer_place_than_asked(many: pd.DataFrame) -> None:
    said = text_of(report(many, day=DAY, anonymise="town"))
    assert "石桥村" not in said
    assert "清溪镇" in said
    assert "清溪镇" not in text_of(report(many, day=DAY, anonymise="none"))
    with pytest.raises(InputError, match=r"报告只写石桥村.*与要求的“地点概括到镇”不合"):
        report(many, place="石桥村", day=DAY, anonymise="town")


def test_too_few_to_be_published_are_no_numbers() -> None:
    found = report(frame(), day=DAY, anonymise="village", k=9)
    assert "收集到的意见太少，公开稿不列数字" in text_of(found)
    assert blocks(found, Chart) == []
    with pytest.raises(InputError, match="k 应不小于 2"):
        report(frame(), day=DAY, anonymise="village", k=1)


# ECMA-376 part 1, 17.3 and 17.4: Word calls a file damaged in which these stand otherwise.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs spacing ind"
    " contextualSpacing jc outlineLvl rPr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike color spacing kern sz szCs u"
    " vertAlign lang",
    "tblPr": "tblStyle tblStyleRowBandSize tblStyleColBandSize tblW jc tblInd tblBorders"
    " tblLayout tblCellMar tblLook",
    "tcPr": "tcW tcBorders shd vAlign",
    "sectPr": "footerReference pgSz pgMar cols docGrid",
}


def test_word_finds_every_property_in_the_order_of_its_schema(town: Report) -> None:
    with ZipFile(BytesIO(as_docx(town))) as parts:
        trees = [
            ElementTree.fromstring(parts.read(f"word/{name}.xml"))
            for name in ("document", "styles", "footer1")
        ]
    for tree in trees:
        for name, order in ORDER.items():
            places = {f"{W}{tag}": place for place, tag in enumerate(order.split())}
            for properties in tree.iter(f"{W}{name}"):
                tags = [child.tag for child in properties]
                assert tags == sorted(tags, key=places.__getitem__), name


def test_word_finds_grids_cells_and_pictures_as_it_wants_them(town: Report) -> None:
    document = docx.Document(BytesIO(as_docx(town)))
    for table in document.tables:
        grid = [column.get(f"{W}w") for column in table._tbl.tblGrid]
        assert sum(map(int, grid)) <= 156 / 25.4 * 1440 + len(grid)  # twips, rounded
        assert table._tbl.tblPr.find(f"{W}tblW").get(f"{W}w") == str(sum(map(int, grid)))
        for row in table._tbl.tr_lst:
            assert [cell.tcPr.find(f"{W}tcW").get(f"{W}w") for cell in row.tc_lst] == grid
            assert all(cell.p_lst for cell in row.tc_lst)
    drawings = [shape._inline for shape in document.inline_shapes]
    assert len({drawing.docPr.id for drawing in drawings}) == len(drawings) == 2
    assert all(drawing.extent.cx <= 156 * 36000 for drawing in drawings)
    footer = document.sections[0].footer._element
    kinds = [mark.get(f"{W}fldCharType") for mark in footer.iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"]


def test_the_properties_of_the_file_name_the_office_and_nobody_else(town: Report) -> None:
    document = docx.Document(BytesIO(as_docx(replace(town, office="安平县清溪镇"))))
    about = document.core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("安平县清溪镇", "", "")
    assert about.language == "zh-CN"
    assert (about.created.date(), about.modified.date()) == (DAY, DAY)
    assert not any("thumbnail" in part.reltype for part in document.part.package.rels.values())


def test_word_gets_chinese_fonts_by_their_own_attribute(town: Report) -> None:
    document = docx.Document(BytesIO(as_docx(town)))
    fonts = {
        name: document.styles[name].element.rPr.rFonts.get(f"{W}eastAsia")
        for name in ("Normal", "Title", "Heading 1", "Quote", "Cell")
    }
    assert fonts == {
        "Normal": "仿宋",
        "Title": "宋体",
        "Heading 1": "黑体",
        "Quote": "楷体",
        "Cell": "宋体",
    }
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs if run.text]
    assert all(run._r.rPr.rFonts.get(f"{W}eastAsia") for run in runs)
    indent = document.styles["Normal"].element.pPr.find(f"{W}ind")
    assert indent.get(f"{W}firstLineChars") == "200"
    page = document.sections[0]
    sizes = (page.page_width, page.page_height, page.top_margin, page.left_margin)
    assert [round(size.mm) for size in sizes if size] == [210, 297, 37, 28]
    assert "PAGE" in page.footer._element.xml


def test_tables_repeat_their_header_and_split_no_row(town: Report) -> None:
    document = docx.Document(BytesIO(as_docx(town)))
    assert len(document.tables) == len(blocks(town, Table))
    for table in document.tables:
        for number, row in enumerate(table.rows):
            properties = row._tr.trPr
            assert properties.find(f"{W}cantSplit") is not None
            assert (properties.find(f"{W}tblHeader") is not None) == (number == 0)


def test_pictures_stand_in_both_documents_with_words_for_those_who_do_not_see(town: Report) -> None:
    charts = blocks(town, Chart)
    assert len(charts) == 2
    with ZipFile(BytesIO(as_docx(town))) as parts:
        images = [name for name in parts.namelist() if name.startswith("word/media/")]
        xml = parts.read("word/document.xml").decode()
    assert len(images) == len(charts)
    page = as_html(town)
    embedded = re.findall(r'<img alt="([^"]+)" src="data:image/png;base64,([^"]+)">', page)
    assert [alt for alt, _ in embedded] == [chart.title for chart in charts]
    assert all(b64decode(data).startswith(b"\x89PNG") for _, data in embedded)
    assert all(f'descr="{chart.title}"' in xml for chart in charts)


def test_the_page_loads_nothing_and_escapes_what_citizens_write() -> None:
    nasty = "<script>alert(1)</script>河堤垮了\x07快来人&"
    rows = frame()
    rows.loc[7, "text"] = nasty
    found = report(rows, day=DAY)
    page = as_html(found)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "河堤垮了 快来人&" in "".join(
        p.text for p in docx.Document(BytesIO(as_docx(found))).paragraphs
    )
    page.encode("utf-8")


def test_a_report_is_written_with_its_workbook_and_replaces_nothing(
    town: Report, tmp_path: Path
) -> None:
    for name in ("报告.docx", "网页.html"):
        workbook = write_report(town, tmp_path / "新" / name)
        assert workbook.name == f"{Path(name).stem}_底数.xlsx"
        sheets = read_sheets(workbook)
        assert sheets["数字出处"][0] == ["数字", "条数", "行号"]
        assert len(sheets["明细"]) == town.n + 1
        assert not any(QUARRY[0] in map(str, row) for row in sheets["明细"])
        with pytest.raises(OutputError, match="已经存在"):
            write_report(town, tmp_path / "新" / name)
        write_report(town, tmp_path / "新" / name, force=True)
    assert sorted(path.suffix for path in (tmp_path / "新").iterdir()) == [
        ".docx",
        ".html",
        ".xlsx",
        ".xlsx",
    ]


def test_other_files_are_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"要写成 \.docx 或 \.html"):
        check_paths(tmp_path / "报告.pdf")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a library look as if it were not installed."""
    find = importlib.util.find_spec

    def hide(name: str) -> None:
        monkeypatch.setattr(
            importlib.util,
            "find_spec",
            lambda asked, *a: None if asked == name else find(asked, *a),
        )

    return hide


def test_without_python_docx_the_message_says_what_to_install(
    town: Report, tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("docx")
    with pytest.raises(InputError, match=r'pip install "minyi\[analysis\]"；也可以改写成 \.html'):
        write_report(town, tmp_path / "报告.docx")
    assert list(tmp_path.iterdir()) == []
    assert write_report(town, tmp_path / "报告.html").exists()


def test_without_a_way_to_draw_the_report_says_which_picture_is_missing(
    town: Report, without: Callable[[str], None]
) -> None:
    without("matplotlib")
    page = as_html(town)
    assert "<img" not in page
    assert page.count("没有画出：画图要先安装 matplotlib") == len(blocks(town, Chart))
    assert trouble().startswith("报告里没有图：画图要先安装 matplotlib")


def test_where_pictures_can_be_drawn_there_is_no_trouble() -> None:
    assert trouble() == ""


def test_rows_of_several_files_are_named_with_their_file() -> None:
    rows = pd.DataFrame({"source": ["甲.xlsx", "乙.xlsx", "甲.xlsx"], "row": [3, 7, 2]})
    assert where(rows) == "甲.xlsx 第2-3行；乙.xlsx 第7行"
