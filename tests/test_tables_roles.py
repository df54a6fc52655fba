"""Headers and roles: which row names the columns, and which column is what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from minyi.errors import InputError
from minyi.tables import ROLES, Table, open_tables
from minyi.tables.header import find_header, unique_names
from minyi.tables.roles import role_of

LONG = [
    "村口的路灯坏了半个月，晚上走路看不清，希望尽快修好。",
    "二组连着三天停水，老人做饭都成问题，请问何时恢复供水？",
    "感谢便民大厅的小姑娘耐心帮我办好了医保手续，服务很好。",
]


def save(tmp_path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path = tmp_path / "a.csv"
    quoted = ('"' + '","'.join(row) + '"' for row in rows)
    path.write_text("\n".join(quoted), "utf-8")
    return path


def opened(tmp_path: Path, rows: Sequence[Sequence[str]], **columns: str) -> Table:
    (table,) = open_tables([save(tmp_path, rows)], columns)
    return table


def data(table: Table) -> list[list[str]]:
    return [cells for rows in table.chunks() for cells in rows.cells]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("留言详情", "text"),
        ("诉求内容", "text"),
        ("反映 内容（必填）", "text"),
        ("*意见建议", "text"),
        ("群众反映内容", "text"),
        ("12345热线诉求内容", "text"),
        ("意见/建议", "text"),
        ("Content", "text"),
        ("答复内容", None),
        ("回复", None),
        ("办理意见", None),
        ("处理结果", None),
        ("承办单位", None),
        ("留言主题", "title"),
        ("标题：", "title"),
        ("留言时间", "time"),
        ("市民来电时间", "time"),
        ("答复时间", None),
        ("办结日期", None),
        ("出生日期", None),
        ("所属镇街", "place"),
        ("村组", "place"),
        ("邮箱地址", None),
        ("诉求来源", "source"),
        ("工单编号", "id"),
        ("ID", "id"),
        ("姓名", None),
        ("联系电话", None),
        ("身份证号", None),
    ],
)
def test_names_are_understood(name: str, role: str | None) -> None:
    assert role_of(name) == role


def test_all_roles_by_name(tmp_path: Path) -> None:
    header = ["工单编号", "留言主题", "留言详情", "答复意见", "留言时间", "所属乡镇", "诉求来源"]
    row = ["1", "路灯", LONG[0], LONG[1] * 3, "2021-01-01", "东山镇", "微信"]
    table = opened(tmp_path, [header, row])
    assert table.roles == {"id": 0, "title": 1, "text": 2, "time": 4, "place": 5, "source": 6}
    assert set(table.how.values()) == {"name"}
    assert set(table.roles) == set(ROLES)


def test_the_better_name_wins(tmp_path: Path) -> None:
    table = opened(tmp_path, [["问题", "问题描述", "序号", "留言编号"], ["路", LONG[0], "1", "A"]])
    assert (table.roles["text"], table.roles["id"]) == (1, 3)


def test_the_text_is_found_by_its_content_but_never_in_the_answer(tmp_path: Path) -> None:
    rows = [
        [str(i), "东村", text, text * 4, f"2021-01-0{i + 1} 08:00"] for i, text in enumerate(LONG)
    ]
    table = opened(tmp_path, [["编号", "村", "栏目甲", "办理情况", "栏目乙"], *rows])
    assert table.roles == {"id": 0, "place": 1, "text": 2, "time": 4}
    assert table.how["text"] == table.how["time"] == "content"


def test_a_title_serves_as_text_if_there_is_no_other(tmp_path: Path) -> None:
    table = opened(
        tmp_path, [["编号", "标题", "电话"], *([str(i), t, "123"] for i, t in enumerate(LONG))]
    )
    assert table.roles == {"id": 0, "text": 1}


def test_the_user_decides(tmp_path: Path) -> None:
    rows = [["内容", "备注", "时间"], *([text, text, "早上"] for text in LONG)]
    table = opened(tmp_path, rows, text="备注")
    assert table.roles == {"text": 1, "time": 2}
    assert table.how["text"] == "chosen"


def test_a_chosen_column_that_does_not_exist(tmp_path: Path) -> None:
    path = save(tmp_path, [["编号", "留言详情"], ["1", LONG[0]]])
    with pytest.raises(
        InputError, match="没有列“留言祥情”；是不是“留言详情”？找到的列：编号、留言详情"
    ):
        open_tables([path], {"text": "留言祥情"})
    with pytest.raises(InputError, match="没有列“一级标签”"):
        open_tables([path], extra=["一级标签"])
    with pytest.raises(InputError, match="没有“正文”这种列；可以指定的是 text、title"):
        open_tables([path], {"正文": "编号"})


def test_a_column_is_looked_up_by_its_ugly_name(tmp_path: Path) -> None:
    table = opened(tmp_path, [["编号", "留言\n详情", "一级 标签"], ["1", LONG[0], "城建"]])
    assert table.column("一级标签") == 2
    with pytest.raises(InputError, match="没有列“二级”"):
        table.column("二级")


def test_messages_do_not_repeat_a_citizens_words(tmp_path: Path) -> None:
    path = save(tmp_path, [[text, text] for text in LONG])
    with pytest.raises(InputError) as caught:
        open_tables([path], {"text": "内容"})
    assert not any(text in str(caught.value) for text in LONG)


def test_a_header_below_a_title_and_a_unit_line(tmp_path: Path) -> None:
    rows = [
        ["2021年群众留言登记表", "", ""],
        ["填报单位：东山镇", "", "单位：件"],
        ["编号", "留言\n内容", "留言\r\n时间"],
        ["1", LONG[0], "2021-01-01"],
        ["合计", "1", ""],
    ]
    table = opened(tmp_path, rows)
    assert table.header == ("编号", "留言内容", "留言时间")
    assert data(table) == [["1", LONG[0], "2021-01-01"], ["合计", "1", ""]]
    assert [n for part in table.chunks() for n in part.numbers] == [4, 5]


def test_a_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    rows = [
        ["编号", "留言", "", "来源", "办理", ""],
        ["", "时间", "内容", "", "单位", "结果"],
        ["1", "2021-01-01", LONG[0], "微信", "城管", "已修"],
    ]
    table = opened(tmp_path, rows)
    assert table.header == ("编号", "留言/时间", "留言/内容", "来源", "办理/单位", "办理/结果")
    assert table.roles == {"id": 0, "time": 1, "text": 2, "source": 3}
    assert len(data(table)) == 1


def test_data_below_a_gappy_header_is_not_taken_for_its_second_row(tmp_path: Path) -> None:
    rows = [["编号", "内容", ""], ["", LONG[0], "附注"], ["2", LONG[1], ""]]
    table = opened(tmp_path, rows)
    assert table.header == ("编号", "内容", "列C")
    assert len(data(table)) == 2


def test_without_header_names_are_invented_and_the_first_row_is_data(tmp_path: Path) -> None:
    rows = [[str(i), "东村", text] for i, text in enumerate(LONG)]
    table = opened(tmp_path, rows)
    assert table.header == ("列A", "列B", "列C")
    assert data(table) == rows
    assert table.roles == {"text": 2}


@pytest.mark.parametrize("texts", [LONG, ["路灯坏了", "停水了", "太吵", "没路"]])
def test_one_column_without_header_is_all_text(tmp_path: Path, texts: list[str]) -> None:
    table = opened(tmp_path, [[text] for text in texts])
    assert table.header == ("列A",)
    assert data(table) == [[text] for text in texts]
    assert table.roles == {"text": 0}


def test_one_column_with_a_header(tmp_path: Path) -> None:
    table = opened(tmp_path, [["群众留言内容"], ["路灯坏了"]])
    assert table.header == ("群众留言内容",)
    assert data(table) == [["路灯坏了"]]


def test_an_unknown_header_is_recognised_by_contrast(tmp_path: Path) -> None:
    rows = [["批次", "大家怎么说"], *([str(i), text] for i, text in enumerate(LONG))]
    table = opened(tmp_path, rows)
    assert table.header == ("批次", "大家怎么说")
    assert table.roles == {"text": 1}
    assert len(data(table)) == 3


def test_names_asked_for_mark_the_header(tmp_path: Path) -> None:
    rows = [["甲栏", "乙栏"], ["路灯", "东村"], ["停水", "西村"]]
    assert opened(tmp_path, rows, text="甲栏").header == ("甲栏", "乙栏")


def test_names_become_unique() -> None:
    assert unique_names(["内容", "内容", "", "内容_2", "内容", "Issue\n text", "A 列 名"]) == (
        "内容",
        "内容_3",
        "列C",
        "内容_2",
        "内容_4",
        "Issue text",
        "A列名",
    )


def test_a_header_is_not_looked_for_below_the_twentieth_row() -> None:
    rows = [(i, ["x", LONG[0]]) for i in range(1, 21)]
    assert find_header([*rows, (21, ["编号", "内容"])], 2).last_row == 0
    assert find_header([*rows[:19], (20, ["编号", "内容"])], 2).last_row == 20
