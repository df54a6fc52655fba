"""The commands ``minyi analyse …``: what they write, what they say, and how they refuse."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from minyi.cli import main
from small_tables import read_sheets, write_sheets

HEADER = ["编号", "姓名", "村", "走访日期", "反映内容", "答复", "答复日期"]
LAMP = "三组的路灯坏了半年，晚上老人出门摔了跤，请派人来修"
ROWS = [
    ["1", "周桂香", "石桥村", "2026-03-02", LAMP, "电工已换灯泡，3月9日恢复照明。", "2026-03-09"],
    ["2", "李四", "石桥村", "2026-03-03", LAMP, "", ""],
    ["3", "周桂香", "柳塘村", "2026-03-04", "卫生室三天两头锁门，拿不到降压药", "", ""],
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


def test_repeats_are_written_with_their_trail_and_told(run: Run) -> None:
    said = run("repeats", "走访.xlsx", "-o", "重复.xlsx")
    assert said.code == 0, said.err
    assert "共 3 条，重复的有 1 组，合并后减少 1 条" in said.out
    assert said.out.splitlines()[-1] == "结果已写入 重复.xlsx"
    sheets = read_sheets(Path("重复.xlsx"))
    header, *members = sheets["重复意见"]
    column = header.index("编号")
    assert [row[column] for row in members] == ["1", "2"]
    assert {row[header.index("组号")] for row in members} == {1}
    merged = sheets["合并后"]
    trail = merged[0].index("成员编号")
    assert sorted(str(row[trail]) for row in merged[1:]) == ["1、2", "3"]


def test_no_repeats_is_a_result_too(run: Run, tmp_path: Path) -> None:
    write_sheets(tmp_path / "少.xlsx", {"登记": [HEADER, ROWS[0], ROWS[2]]})
    said = run("repeats", "少.xlsx", "-o", "重复.xlsx")
    assert said.code == 0, said.err
    assert "共 2 条，没有发现重复" in said.out


def test_hot_issues_come_as_the_two_tables_of_the_field(run: Run, tmp_path: Path) -> None:
    slips = [
        "老鹰岩采石场放炮震裂了墙",
        "老鹰岩采石场天天放炮，墙裂了",
        "老鹰岩采石场放炮，窗子震坏",
    ]
    rows = [[str(n), f"村民{n}", "石桥村", "2026-04-02", s, "", ""] for n, s in enumerate(slips, 7)]
    write_sheets(tmp_path / "留言.xlsx", {"登记": [HEADER, *ROWS, *rows]})
    said = run("hot", "留言.xlsx", "-o", "热点.xlsx", "--top", "3")
    assert said.code == 0, said.err
    assert "共 6 条" in said.out
    sheets = read_sheets(Path("热点.xlsx"))
    issues = "热度排名 问题ID 热度指数 时间范围 地点/人群 问题描述"
    members = "问题ID 留言编号 留言用户 留言主题 留言时间 留言详情 反对数 点赞数"
    assert sheets["热点问题表"][0] == issues.split()
    assert sheets["热点问题留言明细表"][0] == members.split()


def test_words_of_a_place_are_told(run: Run, tmp_path: Path) -> None:
    villages = [("石桥村", "石场放炮震裂了墙"), ("高坪村", "水厂的水发黄喝不得")]
    rows = [
        [f"{place}{n}", f"{place}村民{n}", place, "2026-04-02", f"{text}，已经{n}天", "", ""]
        for place, text in villages
        for n in range(2, 32)
    ]
    write_sheets(tmp_path / "两村.xlsx", {"登记": [HEADER, *rows]})
    said = run("words", "两村.xlsx", "-o", "用词.xlsx")
    assert said.code == 0, said.err
    told = next(line for line in said.out.splitlines() if line.startswith("高坪村："))
    assert "水厂" in told
    sheets = read_sheets(Path("用词.xlsx"))
    assert sheets["各组"][0][0] == "地点"
    assert {row[0] for row in sheets["特征词"][1:]} == {"石桥村", "高坪村"}


def weekly_rows() -> list[list[str]]:
    """Return one slip a week from 石桥村, and nine on another matter in the last of 12 weeks."""
    monday = date(2026, 3, 2)
    slips = [(monday + timedelta(weeks=n), f"第{n}组的渠道堵了") for n in range(12)]
    slips += [(monday + timedelta(weeks=11, days=1), f"{n}号桥塌了过不去") for n in range(9)]
    return [
        [str(n), f"村民{n}", "石桥村", f"{day:%Y-%m-%d}", slip, "", ""]
        for n, (day, slip) in enumerate(slips, 1)
    ]


def test_trends_are_counted_compared_and_watched(run: Run, tmp_path: Path) -> None:
    write_sheets(tmp_path / "走势.xlsx", {"登记": [HEADER, *weekly_rows()]})
    said = run("trends", "走势.xlsx", "-o", "趋势.xlsx", "--by", "place")
    assert said.code == 0, said.err
    assert "共 21 条，12 个时段，预警 2 个" in said.out  # the village and the total
    assert "预警：石桥村（2026-05-18 起）：这一周 10 条" in said.out
    sheets = read_sheets(Path("趋势.xlsx"))
    assert [row[:2] for row in sheets["条数"][-2:]] == [["2026-05-11", 1], ["2026-05-18", 10]]
    header, total, village = sheets["增减"]
    assert total[header.index("条数")] == village[header.index("条数")] == 12
    header, *alarms = sheets["预警"]
    assert {row[header.index("事项")] for row in alarms} == {"（全部）", "石桥村"}
    assert "误报率定为 0.05" in str(sheets["说明"])


def test_trends_count_a_repeat_once_when_asked(run: Run) -> None:
    said = run("trends", "走访.xlsx", "-o", "趋势.xlsx", "--by", "place", "--merge")
    assert said.code == 0, said.err
    assert "共 2 条，1 个时段，预警 0 个" in said.out
    assert "3 条合为 2 条" in said.out
    sheets = read_sheets(Path("趋势.xlsx"))
    assert len(sheets["预警"]) == 1  # the header: too short to be watched, which a note tells
    assert "无法预警" in said.out


def test_trends_compare_with_the_last_year_when_asked(run: Run, tmp_path: Path) -> None:
    rows = [[*row[:3], row[3].replace("2026", "2025"), *row[4:]] for row in weekly_rows()]
    write_sheets(tmp_path / "两年.xlsx", {"登记": [HEADER, *rows, *weekly_rows()]})
    asked = ("--by", "place", "--every", "M", "--period", "2026-04")
    said = run("trends", "两年.xlsx", "-o", "趋势.xlsx", *asked, "--last-year")
    assert said.code == 0, said.err
    assert "2025年4月1日至4月30日" in said.out
    header, total, _ = read_sheets(Path("趋势.xlsx"))["增减"]
    assert [total[header.index(name)] for name in ("条数", "对比期条数")] == [4, 4]


def topic_rows() -> list[list[str]]:
    """Return slips of two topics, each of five words of its own."""
    topics = [
        "井水 发黄 浑浊 检测 桶装水 肠胃 水质 过滤 水源 异味",
        "路灯 摔跤 灯泡 漆黑 手电 放学 摸黑 电工 照明 线路",
    ]
    lot = Random(1)
    slips = ["，".join(lot.sample(words.split(), 5)) for words in topics for _ in range(60)]
    return [
        [str(n), f"村民{n}", "石桥村", f"2026-0{3 + n % 3}-02", slip, "", ""]
        for n, slip in enumerate(slips, 1)
    ]


def test_topics_are_told_with_their_stability_and_members(run: Run, tmp_path: Path) -> None:
    write_sheets(tmp_path / "留言.xlsx", {"登记": [HEADER, *topic_rows()]})
    said = run("topics", "留言.xlsx", "-o", "话题.xlsx")
    assert said.code == 0, said.err
    sheets = read_sheets(Path("话题.xlsx"))
    header, *topics = sheets["主题"]
    assert f"共 120 条，可靠的话题 {len(topics)} 个" in said.out
    assert len(topics) >= 2
    named = {row[0]: row[header.index("名称（关键词）")] for row in topics}
    assert f"1. {named[1]}（" in said.out
    header, *members = sheets["留言明细"]
    sizes = Counter(row[header.index("主题")] for row in members)
    assert sizes == {row[0]: row[sheets["主题"][0].index("条数")] for row in topics}
    assert all(row[header.index("名称")] == named[row[0]] for row in members)
    assert [row[0] for row in sheets["各月"][1:]] == ["2026年03月", "2026年04月", "2026年05月"]
    assert sheets["试分"][0] == ["主题个数", "平均稳定度", "可靠的主题", "采用"]
    assert [row[3] for row in sheets["试分"][1:]].count("是") == 1


def test_too_few_slips_have_no_topics(run: Run) -> None:
    said = run("topics", "走访.xlsx", "-o", "话题.xlsx")
    assert said.code == 1
    assert "30" in said.err
    assert not Path("话题.xlsx").exists()


def test_replies_are_scored_one_by_one(run: Run) -> None:
    said = run("replies", "走访.xlsx", "-o", "答复.xlsx")
    assert said.code == 0, said.err
    assert "共 3 条，有答复的 1 条" in said.out
    assert len(read_sheets(Path("答复.xlsx"))["逐条"]) == 4


def test_persons_are_hidden_when_asked(run: Run) -> None:
    said = run("repeats", "走访.xlsx", "-o", "重复.xlsx", "--anonymise")
    assert said.code == 0, said.err
    cells = [str(c) for rows in read_sheets(Path("重复.xlsx")).values() for r in rows for c in r]
    assert not any("桂香" in cell for cell in cells)
    assert "S0001" in cells


def test_columns_may_be_named(run: Run) -> None:
    said = run("replies", "走访.xlsx", "-o", "答复.xlsx", "--columns", "reply=")
    assert said.code == 1
    said = run("repeats", "走访.xlsx", "-o", "重复.xlsx", "--columns", "text=答复", "-f")
    assert said.code == 0, said.err
    assert "有 2 行正文空白" in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["repeats", "没有.xlsx", "-o", "a.xlsx"], "没有.xlsx"),
        (["repeats", "走访.xlsx", "-o", "走访.xlsx"], "就是输入文件"),
        (["repeats", "走访.xlsx", "-o", "a.docx"], "要写成 .xlsx 文件"),
        (["repeats", "走访.xlsx", "-o", "a.xlsx", "--columns", "时间"], "角色=列名"),
        (["repeats", "走访.xlsx", "-o", "a.xlsx", "--columns", "when=日期"], "没有“when”这种列"),
        (["repeats", "走访.xlsx", "-o", "a.xlsx", "--columns", "time=日子"], "没有列“日子”"),
        (["repeats", "走访.xlsx", "-o", "a.xlsx", "--sheet", "四月"], "没有工作表“四月”"),
        (["repeats", "走访.xlsx", "-o", "a.xlsx", "--similarity", "2"], "0.5 到 1"),
    ],
)
def test_what_is_wrong_is_told_in_chinese_and_nothing_is_written(
    run: Run, arguments: list[str], told: str
) -> None:
    before = Path("走访.xlsx").read_bytes()
    said = run(*arguments)
    assert said.code == 1
    assert said.err.startswith("错误：")
    assert told in said.err
    assert "Traceback" not in said.err
    assert Path("走访.xlsx").read_bytes() == before
    assert [path.name for path in Path().iterdir()] == ["走访.xlsx"]
