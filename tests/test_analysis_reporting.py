"""The commands ``minyi analyse summary`` and ``report``: what they write and how they refuse."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import docx
import pytest

from minyi.cli import main
from small_tables import read_sheets, write_sheets

HEADER = ["编号", "姓名", "村", "走访日期", "反映内容", "办理状态"]
ROWS = [
    [
        "A1",
        "周桂香",
        "石桥村",
        "2026-03-02",
        "村口的路灯坏了半年，晚上老人摔了跤，请派人修",
        "未答复",
    ],
    ["A2", "李四海", "石桥村", "2026-03-03", "水渠垮了一段，秧田进不了水，请水利局来看", "已办结"],
    ["A3", "王二妹", "柳塘村", "2026-03-04", "卫生室三天两头锁门，拿不到降压药", "办理中"],
]


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line in this process, from a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main replaces it
    write_sheets(tmp_path / "走访.xlsx", {"登记": [HEADER, *ROWS]})

    def call(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["minyi", "analyse", *arguments])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as done:
            code = int(done.code or 0)
        return Said(code, *capsys.readouterr())

    return call


def test_the_summary_has_the_tables_of_the_office(run: Run) -> None:
    said = run("summary", "走访.xlsx", "-o", "汇总.xlsx", "--day", "2026-06-01")
    assert said.code == 0, said.err
    assert "共 3 条，2 个地方" in said.out
    assert "截至 2026-06-01：待答复 2 条，其中已逾期 2 条" in said.out
    sheets = read_sheets(Path("汇总.xlsx"))
    assert list(sheets)[:5] == ["社情民意汇总表", "属地×类别", "部门与期限", "待答复", "明细"]
    total = dict(zip(sheets["社情民意汇总表"][0], sheets["社情民意汇总表"][-1], strict=True))
    assert (total["属地"], total["提出"], total["已办结"], total["办理中"]) == ("合计", 3, 1, 1)
    assert {row[0] for row in sheets["待答复"][1:]} == {"A1", "A3"}


def test_what_is_published_has_one_table_and_no_small_counts(run: Run) -> None:
    said = run("summary", "走访.xlsx", "-o", "公开.xlsx", "--anonymise")
    assert said.code == 0, said.err
    sheets = read_sheets(Path("公开.xlsx"))
    assert list(sheets) == ["属地×类别", "说明"]
    counts = {cell for row in sheets["属地×类别"][1:] for cell in row[1:]}
    assert counts <= {0, "*"}
    assert "待答复" not in said.out


def test_what_is_published_is_as_coarse_as_asked(run: Run) -> None:
    asked = ("--anonymise", "--level", "none", "--k", "2")
    assert run("summary", "走访.xlsx", "-o", "公开.xlsx", *asked).code == 0
    assert [row[0] for row in read_sheets(Path("公开.xlsx"))["属地×类别"]] == [
        *("属地", "全部", "合计"),
    ]
    said = run("report", "走访.xlsx", "-o", "公开.html", *asked)
    assert said.code == 0, said.err
    assert "底数工作簿是逐条的" in said.out
    page = Path("公开.html").read_text("utf-8")
    assert "共收集意见3条" in page
    assert not any(word in page for word in ("石桥村", "柳塘村", "周桂香", "A1"))
    assert run("report", "走访.xlsx", "-o", "少.docx", "--anonymise").code == 0
    assert "收集到的意见太少" in "".join(p.text for p in docx.Document("少.docx").paragraphs)


def test_a_village_report_comes_with_its_workbook(run: Run) -> None:
    said = run(
        *("report", "走访.xlsx", "-o", "石桥.docx", "--place", "石桥村", "--day", "2026-06-01")
    )
    assert said.code == 0, said.err
    assert "石桥村村情报告：2 条意见" in said.out
    assert "已写入 石桥_底数.xlsx" in said.out
    text = "\n".join(p.text for p in docx.Document("石桥.docx").paragraphs)
    assert "石桥村本轮走访共收集意见2条" in text
    assert "周桂香" not in text
    rows = read_sheets(Path("石桥_底数.xlsx"))["明细"]
    assert [row[rows[0].index("编号")] for row in rows[1:]] == ["A1", "A2"]


def test_a_period_without_submissions_is_a_report_too(run: Run) -> None:
    said = run(
        *("report", "走访.xlsx", "-o", "空.html", "--start", "2025-01-01", "--end", "2025-01-31")
    )
    assert said.code == 0, said.err
    page = Path("空.html").read_text("utf-8")
    assert "2025年1月1日至1月31日" in page
    assert "没有收集到意见" in page


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report", "走访.xlsx", "-o", "报告.pdf"], "要写成 .docx 或 .html 文件"),
        (["report", "走访.xlsx", "-o", "报告.html", "--day", "六月"], "--day 应是日期"),
        (["report", "走访.xlsx", "-o", "报告.html", "--issues", "12"], "重点问题应为 1 到 8 个"),
        (["summary", "走访.xlsx", "-o", "汇总.docx"], "要写成 .xlsx 文件"),
        (["summary", "走访.xlsx", "-o", "汇总.xlsx", "--level", "省"], "--level 应为 village"),
        (["report", "走访.xlsx", "-o", "报告.html", "--k", "1"], "--k 应不小于 2"),
    ],
)
def test_what_is_wrong_is_told_in_chinese_and_nothing_is_written(
    run: Run, arguments: list[str], told: str
) -> None:
    said = run(*arguments)
    assert said.code == 1
    assert told in said.err
    assert [path.name for path in Path().iterdir()] == ["走访.xlsx"]
