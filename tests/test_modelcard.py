"""The model card: its figures are those of the manifest, the corpus and the second reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minyi.corpus import Example
from minyi.modelcard import SOURCES, area_of, card, has_two_matters, write_card
from minyi.resources import bundled
from minyi.schema import KINDS
from small_corpus import corpus

READING: dict[str, Any] = json.loads(bundled("data/second_reading.json").read_text("utf-8"))
SECRET = "张三的电话"
ROWS = [
    Example("", SECRET, "投诉", "010204", ("050101",), "城市管理局", True, "信箱"),
    Example("", "灯坏了" * 10, "求助", "010210", ("010204",), "城市管理局", False, "信箱"),
    Example("", "谢谢", "表扬", "0701", (), "卫生健康局", False, "热线"),
    Example("", "都好", "", "", (), "", False, "问卷"),
]


def scored(**changed: Any) -> dict[str, Any]:
    return {
        "n_held_out": 1_234,
        "accuracy": 0.7654,
        "calibration_error": 0.0123,
        "coverage": {"0.80": 0.9, "0.90": 0.7, "0.95": 0.4, "0.97": 0.3, "0.99": 0.125},
        "reliability": [[0.35, 0.36, 200], [0.9, 0.91, 1_034]],
        **changed,
    }


def manifest(**category: Any) -> dict[str, Any]:
    urgent = {"n_held_out": 1_200, "recall": 0.815, "false_alarms": 0.0101}
    return {
        "name": "starter",
        "date": "2026-11-22",
        "data": {"name": "data/corpus", "n_submissions": 4, "sha256": "0f" * 32},
        "versions": {"minyi": "0.1.0", "numpy": "2.0"},
        "thresholds": {"level": 0.39, "urgent": 0.2},
        "metrics": {
            "category": scored(**category),
            "kind": scored(accuracy=0.8),
            "department": scored(),
            "urgent": urgent,
        },
    }


def made(**category: Any) -> str:
    return card(manifest(**category), ROWS, READING)


def cells(text: str, first: str) -> list[list[str]]:
    """Return the cells of the table lines that begin with this cell."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line[:1] == "|"]
    return [line for line in lines if line[0] == first]


def test_the_same_model_and_corpus_give_the_same_card() -> None:
    assert made() == made()


def test_the_card_is_chinese_first_and_then_english() -> None:
    sections = [line for line in made().splitlines() if line.startswith("#")]
    assert sections == [
        "# 自带模型 starter",
        "## 数据",
        "## 在留出的四分之一语料上",
        "## 弱在哪里",
        "## 标签有多可信",
        "## 不得用于",
        "## 许可与重建",
        "## English",
    ]


@pytest.mark.parametrize(
    "told",
    [
        "2026-11-22",
        "0f" * 32,
        "numpy 2.0",
        "Apache-2.0",
        "make model",
        "画像",
        "自动拒绝",
        "写信人",
    ],
)
def test_the_card_says_where_the_model_comes_from_and_what_it_is_not_for(told: str) -> None:
    assert told in made()


def test_no_words_of_a_submission_enter_the_card() -> None:
    assert SECRET not in made()


# --- the corpus ---


def test_areas_are_counted_with_what_belongs_nowhere() -> None:
    text = made()
    assert cells(text, "01 城乡建设") == [
        ["01 城乡建设", "2", "0", "1", "1", "0", "0", "0", "1", "1", "18"]
    ]
    assert cells(text, "不属于任何类别")[0][:2] == ["不属于任何类别", "1"]
    assert cells(text, "17 其他")[0][-1] == "—"
    assert cells(text, "合计")[0][1 : 2 + len(KINDS)] == ["4", "0", "1", "1", "0", "0", "1"]


def test_sources_and_lengths_are_counted() -> None:
    text = made()
    assert [cells(text, source)[0][1] for source in SOURCES] == ["2", "1", "0", "1", "0"]
    assert cells(text, "0–19 字") == [["0–19 字", "3", "75.0%"]]
    assert cells(text, "20–39 字") == [["20–39 字", "1", "25.0%"]]
    assert cells(text, "320 字以上") == [["320 字以上", "0", "0.0%"]]


def test_two_matters_are_of_different_areas() -> None:
    assert [has_two_matters(row) for row in ROWS] == [True, False, False, False]
    assert [area_of(row) for row in ROWS] == ["01", "01", "07", "00"]


# --- the figures ---


def test_held_out_figures_are_those_of_the_manifest() -> None:
    review = ["10.0%", "30.0%", "60.0%", "70.0%", "87.5%"]
    figures, *_ = cells(made(), "类别")
    assert figures == ["类别", "1,234", "76.5%", "0.012", *review]
    assert cells(made(), "诉求类型")[0][2] == "80.0%"
    assert "category 76.5% right, calibration error 0.012, 60.0% to review" in made()


def test_urgent_has_recall_and_false_alarms() -> None:
    assert "紧急的找出 81.5%" in made()
    assert "误标 1.0%（留出 1,200 条）" in made()
    assert "0.2000" in made()


def test_reliability_is_a_table_for_each_target() -> None:
    text = made()
    assert [text.count(f"可靠性，{name}：") for name in ("类别", "诉求类型", "主办部门")] == [
        1,
        1,
        1,
    ]
    assert cells(text, "0.900") == [["0.900", "0.910", "1,034"]] * 3


# --- weak spots ---


def test_scores_that_are_too_sure_are_named_where_there_are_many() -> None:
    bins = [[0.35, 0.10, 99], [0.75, 0.68, 200], [0.95, 0.94, 900]]
    text = made(reliability=bins)
    assert "- 类别的得分有几段偏高：平均 0.750 的 200 条，0.680 正确。" in text
    assert "偏高" not in made().replace("结果偏高", "")


def test_the_lowest_areas_are_named_if_the_manifest_tells() -> None:
    confusion = {"01": {"01": 9, "02": 1}, "02": {"01": 5, "02": 5}, "00": {"00": 4}}
    assert "判对的占比）：02 农业农村 50.0%、01 城乡建设 90.0%、不属于任何类别 100.0%。" in made(
        confusion=confusion
    )
    assert "判对的占比" not in made()


def test_areas_without_urgent_rows_are_named() -> None:
    (line,) = [line for line in made().splitlines() if "没有紧急例子" in line]
    assert "07 卫生健康" in line
    assert "01 城乡建设" not in line
    assert "不属于任何类别" not in line


def test_the_smallest_areas_are_named() -> None:
    (line,) = [line for line in made().splitlines() if "语料最少" in line]
    assert "02 农业农村（0）" in line


# --- the second reading ---


def test_the_second_reading_is_told_exactly() -> None:
    text = made()
    assert cells(text, "一级类别")[-1] == ["一级类别", "91.25%", "96.75%"]
    assert cells(text, "三级类别") == [["三级类别", "79%", "—"]]
    assert "349 条改正了" in text
    assert "88% (kind), 91.25% (level 1), 79% (level 3), 83.25% (department)" in text


def test_the_documentation_of_the_data_tells_the_same_second_reading() -> None:
    text = (Path(__file__).parents[1] / "data" / "README.md").read_text("utf-8")
    header = ["kind", "level 1", "level 2", "level 3", "department", "urgent"]
    (agreement,) = cells(text, "agreement")
    assert dict(zip(header, map(float, agreement[1:]), strict=True)) == {
        name.replace("level", "level "): share for name, share in READING["agreement"].items()
    }
    (line,) = [line for line in text.splitlines() if line.startswith("| counting the reader")]
    runner_up = [float(cell) for cell in line.split("|") if cell.strip()[:1] == "0"]
    assert runner_up == list(READING["agreement_with_runner_up"].values())
    assert f"{READING['n_submissions']} random rows" in text
    assert f"{READING['n_corrected']} labels were corrected" in text


# --- the file ---


def test_the_card_is_written_next_to_the_model(tmp_path: Path) -> None:
    write_card(tmp_path, manifest(), ROWS)
    assert (tmp_path / "README.md").read_bytes() == made().encode()


def test_the_card_that_ships_is_that_of_the_model_and_the_corpus() -> None:
    folder = bundled("models/starter")
    model = json.loads((folder / "manifest.json").read_text("utf-8"))
    same = (folder / "README.md").read_text("utf-8") == card(model, corpus(), READING)
    assert same, "models/starter/README.md is not of this model and corpus: make model"
