"""The learning curve: its numbers, its table and its picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from minyi import curve
from minyi.crosscheck import fit
from minyi.curve import (
    Point,
    can_draw,
    check_picture,
    curve_lines,
    draw_curve,
    learning_curve,
)
from minyi.errors import InputError, OutputError
from minyi.labelled import Labelled
from minyi.learning.persistence import Model
from minyi.learning.training import TrainingSet
from minyi.pipeline import Minyi
from minyi.schema import Submission
from small_corpus import examples, label_model

SCORES = ((50, 0.5, 0.4), (100, 0.7, 0.65), (115, 0.72, 0.7))
POINTS = [Point(n, False, a, f) for n, a, f in SCORES]
BOTH = [*POINTS, *(Point(n, True, a + 0.2, f + 0.2) for n, a, f in SCORES)]


def labelled(n: int | None = None) -> Labelled:
    chosen = examples()[:n]
    submissions = [Submission(e.text, e.title) for e in chosen]
    return Labelled(submissions, {"category": [e.category for e in chosen]})


@pytest.fixture(scope="module")
def points() -> list[Point]:
    return learning_curve(labelled())


# --- numbers ---


def test_the_numbers_rise_with_the_labels(points: list[Point]) -> None:
    # A fifth of each of the six codes is held out.
    assert [point.n_labels for point in points] == [50, 100, 115]
    assert points[-1].accuracy > points[0].accuracy
    assert points[-1].macro_f1 > points[0].macro_f1
    assert all(0 < score <= 1 for p in points for score in (p.accuracy, p.macro_f1))
    assert not any(point.with_base for point in points)


def test_the_same_labels_give_the_same_curve(points: list[Point]) -> None:
    assert learning_curve(labelled()) == points


def test_repeated_texts_are_neither_trained_on_nor_held_out_twice(points: list[Point]) -> None:
    once = labelled()
    twice = Labelled(once.submissions * 2, {"category": once.labels["category"] * 2})
    assert learning_curve(twice) == points


def test_with_a_base_every_size_is_trained_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bool]] = []

    def recorded(data: TrainingSet, base: Model | None) -> Minyi:
        asked.append((len(data.submissions), base is not None))
        return fit(data, None)

    monkeypatch.setattr(curve, "fit", recorded)
    points = learning_curve(labelled(), base=label_model())
    sizes = [50] * 3 + [100] * 3 + [115]
    assert asked == [(n, based) for based in (False, True) for n in sizes]
    assert [p.with_base for p in points] == [False] * 3 + [True] * 3


def test_a_draw_of_one_label_takes_in_another() -> None:
    texts = [Submission(e.text, e.title) for e in examples()]
    labels = ["城建口"] * (len(texts) - 8) + ["公安口"] * 8
    assert len(learning_curve(Labelled(texts, {"category": labels}))) == 3


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(InputError, match=r"至少需要 125 条.*实际只有 124 条"):
        learning_curve(labelled(124))


# --- table ---


def test_the_table_has_a_line_a_size() -> None:
    assert list(curve_lines(POINTS)) == [
        "标签数  准确率  宏平均F1",
        "    50  0.5000  0.4000",
        "   100  0.7000  0.6500",
        "   115  0.7200  0.7000",
    ]


def test_the_table_shows_a_base_beside() -> None:
    header, first, *_ = curve_lines(BOTH)
    assert header.split() == ["标签数", "准确率", "宏平均F1", "加底模准确率", "加底模宏平均F1"]
    assert first.split() == ["50", "0.5000", "0.4000", "0.7000", "0.6000"]


# --- picture ---


@pytest.mark.parametrize("given", [POINTS, BOTH], ids=["plain", "both"])
def test_a_picture_is_written_the_same_each_time(tmp_path: Path, given: list[Point]) -> None:
    # A character that the font lacks would be a warning, and so an error.
    first, second = (tmp_path / "新建" / f"{name}.svg" for name in "一二")
    draw_curve(given, first)
    draw_curve(given, second)
    assert "<dc:title>学习曲线：标签越多，成绩好多少</dc:title>" in first.read_text("utf-8")
    assert first.read_bytes() == second.read_bytes()


def test_what_is_not_installed_cannot_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_draw()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not can_draw()


def test_a_picture_that_is_none_or_exists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"图片应写成 \.svg、\.png、\.pdf"):
        check_picture(tmp_path / "图.bmp")
    (tmp_path / "图.PNG").write_bytes(b"")
    with pytest.raises(OutputError, match=r"已存在.*--force"):
        check_picture(tmp_path / "图.PNG")
    check_picture(tmp_path / "图.PNG", force=True)


def test_a_picture_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "文件").write_text("x")
    with pytest.raises(OutputError, match="无法写入"):
        draw_curve(POINTS, tmp_path / "文件" / "图.png")
