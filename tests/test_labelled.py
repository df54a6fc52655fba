"""Labelled tables: what is read, what is trained on them, what is said of a model."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import minyi
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import InputError, ModelError, OutputError
from minyi.labelled import Labelled, as_codes, evaluate_on, read_labelled, train_on, write_report
from minyi.learning.evaluation import evaluate
from minyi.schema import KINDS, Submission
from small_corpus import CODES, STEMS, examples

HEADER = ("标题", "内容", "类别", "诉求类型", "年份")


def write_table(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    book = openpyxl.Workbook()
    for row in [header, *rows]:
        book.active.append(list(row))
    book.save(path)
    return path


def some_rows(n: int = 30, label: str = "") -> list[list[str]]:
    step = max(1, len(examples()) // n)
    return [
        [e.title, e.text, label or e.category, e.kind, str(2024 + i % 2)]
        for i, e in enumerate(examples()[::step][:n])
    ]


def labelled(names: dict[str, str] | None = None) -> Labelled:
    """Return the small slice, its codes replaced by `names`."""
    codes = [e.category for e in examples()]
    labels = codes if names is None else [names[code] for code in codes]
    found = {"category": labels, "kind": [e.kind for e in examples()]}
    return Labelled([Submission(e.text, e.title) for e in examples()], found)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("树") / "本单位"
    train_on(labelled(), folder)
    return str(folder)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("自定") / "本单位"
    names = {code: {"01": "市政口", "08": "社保口", "13": "公安口"}[code[:2]] for code in CODES}
    train_on(labelled(names), folder, features="chars")
    return str(folder)


# --- reading ---


def test_rows_come_as_written_and_in_order(tmp_path: Path) -> None:
    rows = some_rows()
    path = write_table(tmp_path / "表.xlsx", rows)
    data = read_labelled([path], {"category": "类别", "kind": "诉求类型", "department": None})
    assert [(s.title, s.text) for s in data.submissions] == [(r[0], r[1]) for r in rows]
    assert data.labels == {"category": [r[2] for r in rows], "kind": [r[3] for r in rows]}


def test_several_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    rows = some_rows(24)
    paths = [write_table(tmp_path / f"{i}.xlsx", rows[i * 12 : i * 12 + 12]) for i in range(2)]
    assert [s.text for s in read_labelled(paths, {"category": "类别"}).submissions] == [
        row[1] for row in rows
    ]


def test_a_missing_label_column_is_named(tmp_path: Path) -> None:
    path = write_table(tmp_path / "表.xlsx", some_rows())
    with pytest.raises(InputError, match=r"没有.*正确类别") as caught:
        read_labelled([path], {"category": "正确类别"})
    assert "类别" in str(caught.value)
    assert not any(row[1] in str(caught.value) for row in some_rows())


def test_too_few_labelled_rows_are_refused(tmp_path: Path) -> None:
    path = write_table(tmp_path / "表.xlsx", some_rows(9))
    with pytest.raises(
        InputError, match=r"至少需要 10 条既有正文又有标签（类别）的行，实际只有 9 条"
    ):
        read_labelled([path], {"category": "类别"})


def test_ten_labelled_rows_are_enough(tmp_path: Path) -> None:
    path = write_table(tmp_path / "表.xlsx", some_rows(10))
    assert len(read_labelled([path], {"category": "类别"}).submissions) == 10


def test_rows_without_the_first_label_or_without_a_text_are_left_out(tmp_path: Path) -> None:
    rows = some_rows()
    rows[3][2], rows[7][2], rows[9][1], rows[11][3] = "", " 　", "", ""
    data = read_labelled(
        [write_table(tmp_path / "表.xlsx", rows)], {"category": "类别", "kind": "诉求类型"}
    )
    kept = [row for i, row in enumerate(rows) if i not in (3, 7, 9)]
    assert data.labels["category"] == [row[2] for row in kept]
    assert data.labels["kind"] == [row[3] for row in kept]
    assert "" in data.labels["kind"]


def test_labels_lose_their_outer_blanks(tmp_path: Path) -> None:
    rows = some_rows()
    rows[0][2] = f"  {rows[0][2]}　"
    data = read_labelled([write_table(tmp_path / "表.xlsx", rows)], {"category": "类别"})
    assert data.labels["category"][0] == rows[0][2].strip()


@pytest.mark.parametrize("where", ["年份=2025", "年份= 2025 "])
def test_where_keeps_the_rows_of_one_value(tmp_path: Path, where: str) -> None:
    rows = some_rows()
    path = write_table(tmp_path / "表.xlsx", rows)
    data = read_labelled([path], {"category": "类别"}, where=where)
    assert [s.text for s in data.submissions] == [row[1] for row in rows if row[4] == "2025"]


def test_where_may_ask_for_blank_cells(tmp_path: Path) -> None:
    rows = some_rows()
    for row in rows[:12]:
        row[4] = ""
    data = read_labelled(
        [write_table(tmp_path / "表.xlsx", rows)], {"category": "类别"}, where="年份="
    )
    assert len(data.submissions) == 12


@pytest.mark.parametrize("where", ["年份", "=2025", "年份：2025"])
def test_a_filter_that_is_no_column_and_value_is_refused(tmp_path: Path, where: str) -> None:
    path = write_table(tmp_path / "表.xlsx", some_rows())
    with pytest.raises(InputError, match="筛选条件应写成 列=值"):
        read_labelled([path], {"category": "类别"}, where=where)


def test_a_filter_on_a_missing_column_is_refused(tmp_path: Path) -> None:
    path = write_table(tmp_path / "表.xlsx", some_rows())
    with pytest.raises(InputError, match=r"没有.*届次"):
        read_labelled([path], {"category": "类别"}, where="届次=5")


def test_a_filter_that_keeps_too_few_rows_is_refused(tmp_path: Path) -> None:
    path = write_table(tmp_path / "表.xlsx", some_rows())
    with pytest.raises(InputError, match="实际只有 0 条"):
        read_labelled([path], {"category": "类别"}, where="年份=1999")


# --- codes ---


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        (["01", "0102", "010211"], ["01", "0102", "010211"]),
        (["城乡建设", "小区管理"], ["01", "010211"]),
        (
            ["城乡建设/城市建设和市政管理", "城乡建设＞城市建设和市政管理＞小区管理"],
            ["0102", "010211"],
        ),
        (["010211", ""], ["010211", ""]),
        (["010211", "从未有过的类别"], None),
        (["999999"], None),
    ],
)
def test_codes_names_and_paths_mean_codes(labels: list[str], codes: list[str] | None) -> None:
    assert as_codes(labels) == codes


# --- training ---


def test_codes_train_a_tree(tree: str) -> None:
    model = minyi.load(tree).model
    assert model.uses_taxonomy
    assert model.scorer.codes == tuple(sorted(CODES))
    assert model.manifest["labels_seen"]["category"] == len(CODES)
    assert set(model.scorer.heads) == {"stem", "kind"}


@pytest.mark.parametrize("how", ["names", "paths"])
def test_names_and_paths_train_the_same_tree(how: str, tree: str, tmp_path: Path) -> None:
    taxonomy = load_taxonomy()
    names = {code: "/".join(taxonomy.path(code)) for code in CODES}
    if how == "names":
        names |= {
            code: name for code in CODES if taxonomy.find(name := taxonomy[code].label) == code
        }
        assert any("/" not in name for name in names.values())
    train_on(labelled(names), tmp_path / "本单位")
    assert (tmp_path / "本单位" / "weights.npz").read_bytes() == (
        Path(tree) / "weights.npz"
    ).read_bytes()


def test_a_tree_of_an_office_gives_codes_paths_and_what_it_was_not_taught(tree: str) -> None:
    results = minyi.load(tree).classify(labelled().submissions[::6])
    taxonomy = load_taxonomy()
    for result in results:
        assert result.category_code[:2] in {"01", "08", "13"}
        assert result.category == "/".join(taxonomy.path(result.category_code))
        assert result.kind in KINDS
        assert result.department  # the starter decides it
    right = [
        r.category_code[:2] == e.category[:2] for r, e in zip(results, examples()[::6], strict=True)
    ]
    assert sum(right) > 0.9 * len(right)


def test_a_foreign_scheme_gives_its_labels_and_no_codes(foreign: str) -> None:
    loaded = minyi.load(foreign)
    assert not loaded.model.uses_taxonomy
    results = loaded.classify(labelled().submissions[::6])
    assert {result.category for result in results} == {"市政口", "社保口", "公安口"}
    for result in results:
        assert (result.category_code, result.level1, result.level2, result.level3) == ("",) * 4
        assert result.score is not None and 0 < result.score <= 1
        assert all(rival.code == "" for rival in result.alternatives)
        assert all(rival.category != result.category for rival in result.alternatives)


def test_one_foreign_label_makes_the_whole_scheme_foreign(tmp_path: Path) -> None:
    names = {code: load_taxonomy()[code[:2]].name for code in CODES}
    data = labelled({**names, CODES[0]: "本单位自己的口"})
    assert not train_on(data, tmp_path / "m", features="chars").uses_taxonomy


def test_texts_are_cleaned_before_training(tmp_path: Path) -> None:
    dirty = Labelled(
        [Submission(f"您好！<p>{s.text}</p>", s.title) for s in labelled().submissions],
        labelled().labels,
    )
    train_on(labelled(), tmp_path / "a", features="chars")
    train_on(dirty, tmp_path / "b", features="chars")
    assert (tmp_path / "a/weights.npz").read_bytes() == (tmp_path / "b/weights.npz").read_bytes()


def test_an_unknown_feature_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="features 应为"):
        train_on(labelled(), tmp_path / "m", features="bert")
    assert not (tmp_path / "m").exists()


# --- evaluating ---


def test_probabilities_of_all_levels_sum_to_one(tree: str) -> None:
    classes, probabilities = minyi.load(tree).probabilities(labelled().submissions[:20])
    assert list(classes) == sorted(CODES)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("digits", [2, 4, 6])
def test_a_label_is_compared_on_its_own_level(tree: str, digits: int) -> None:
    data = labelled({code: code[:digits] for code in CODES})
    report = evaluate_on(data, tree)
    taxonomy = load_taxonomy()
    expected = {"/".join(taxonomy.path(code[:digits])) for code in CODES}
    assert {one.label for one in report.classes} == expected
    assert report.n_submissions == len(examples())
    assert report.accuracy > 0.9  # of rows that it has seen


def test_the_best_category_of_a_level_is_the_one_of_the_largest_sum(tree: str) -> None:
    classes, probabilities = minyi.load(tree).probabilities(labelled().submissions)
    taxonomy = load_taxonomy()
    guesses, scores = [], []
    for row in probabilities.tolist():
        sums = {
            s: sum(p for c, p in zip(classes, row, strict=True) if c.startswith(s)) for s in STEMS
        }
        best = max(sums, key=lambda stem: sums[stem])
        guesses.append("/".join(taxonomy.path(best)))
        scores.append(sums[best])
    truth = ["/".join(taxonomy.path(code[:4])) for code in labelled().labels["category"]]
    slow = evaluate(truth, guesses, np.array(scores))
    fast = evaluate_on(labelled({code: code[:4] for code in CODES}), tree)
    assert fast.classes == slow.classes
    assert fast.calibration_error == pytest.approx(slow.calibration_error, abs=1e-4)


def test_labels_of_several_levels_are_each_compared_on_their_own(tree: str) -> None:
    data = labelled({code: code[: 2 + 2 * (i % 3)] for i, code in enumerate(CODES)})
    report = evaluate_on(data, tree)
    assert len(report.classes) == len(set(data.labels["category"]))
    assert report.accuracy > 0.9


def test_level_one_names_evaluate_as_their_codes_do(tree: str) -> None:
    names = {code: load_taxonomy()[code[:2]].name for code in CODES}
    by_name = evaluate_on(labelled(names), tree)
    assert by_name == evaluate_on(labelled({code: code[:2] for code in CODES}), tree)


def test_the_starter_evaluates_other_targets() -> None:
    some = Labelled(labelled().submissions[:30], {"kind": labelled().labels["kind"][:30]})
    report = evaluate_on(some, "starter", "kind")
    assert {one.label for one in report.classes} <= set(KINDS)
    assert report.accuracy > 0.5


def test_a_foreign_scheme_is_compared_by_its_labels(foreign: str) -> None:
    names = {code: {"01": "市政口", "08": "社保口", "13": "公安口"}[code[:2]] for code in CODES}
    report = evaluate_on(labelled(names), foreign)
    assert {one.label for one in report.classes} == {"市政口", "社保口", "公安口"}
    assert report.accuracy > 0.9


def test_foreign_labels_against_a_tree_are_refused_by_name(tree: str) -> None:
    names = dict.fromkeys(CODES, "本单位自己的口")
    with pytest.raises(InputError, match="不认识的有 1 种：本单位自己的口"):
        evaluate_on(labelled(names), tree)


def test_an_unknown_target_is_refused(tree: str) -> None:
    with pytest.raises(InputError, match="模型不判断 心情；可选的是 category"):
        evaluate_on(labelled(), tree, "心情")


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="找不到模型"):
        evaluate_on(labelled(), str(tmp_path / "没有"))


# --- the report ---


def test_a_report_is_written_as_json_once(tmp_path: Path, tree: str) -> None:
    report = evaluate_on(labelled(), tree)
    path = tmp_path / "新建" / "报告.json"
    write_report(report, path)
    assert json.loads(path.read_text("utf-8"))["n_submissions"] == len(examples())
    with pytest.raises(OutputError, match=re.escape(f"{path} 已存在") + ".*--force"):
        write_report(report, path)
    write_report(report, path, force=True)


def test_a_report_that_cannot_be_written_is_refused(tmp_path: Path, tree: str) -> None:
    (tmp_path / "文件").write_text("x")
    with pytest.raises(OutputError, match="无法写入"):
        write_report(evaluate_on(labelled(), tree), tmp_path / "文件" / "报告.json")
