"""Suspected wrong labels: planted ones are found in any scheme, and written to be checked."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from minyi.crosscheck import FOLDS, Crosscheck, Suspect, deal, find_suspects, write_suspects
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import InputError
from minyi.labelled import Labelled, Origin, read_labelled
from minyi.schema import Submission
from minyi.tables import open_output
from small_corpus import examples
from small_tables import read_sheets, write_sheets

OWN = {"01": "城建口", "08": "社保口", "13": "公安口"}
PLANTED = (3, 40, 75, 100, 130)
HEADER = ["序号", "工作表行号", "标题", "正文", "现标签", "建议标签"]
HEADER += ["建议的把握", "现标签的把握", "是否改"]


def right_labels(scheme: str) -> list[str]:
    codes = [e.category for e in examples()]
    if scheme == "own":
        return [OWN[code[:2]] for code in codes]
    if scheme == "names":
        return [load_taxonomy()[code[:2]].label for code in codes]
    return [code[:2] for code in codes] if scheme == "codes" else codes


def planted(scheme: str) -> tuple[Labelled, dict[int, str]]:
    """Return the small slice with some labels wrong, and the right ones of these rows."""
    labels = right_labels(scheme)
    right = {row: labels[row] for row in PLANTED}
    others = sorted(set(labels))
    for row, label in right.items():
        foreign = [other for other in others if other[:2] != label[:2]]
        labels[row] = foreign[row % len(foreign)]
    submissions = [Submission(e.text, e.title) for e in examples()]
    origins = [Origin("已分类.xlsx", "表", row + 2) for row in range(len(labels))]
    return Labelled(submissions, {"category": labels}, origins), right


def of(labels: list[str], texts: list[str] | None = None, target: str = "category") -> Labelled:
    texts = texts or [e.text for e in examples()[: len(labels)]]
    return Labelled([Submission(text) for text in texts], {target: labels})


@pytest.fixture(scope="module")
def found() -> tuple[Crosscheck, Labelled]:
    data, _ = planted("own")
    return find_suspects(data), data


# --- finding ---


@pytest.mark.parametrize("scheme", ["own", "names", "codes"])
def test_most_planted_labels_are_found_and_the_right_ones_suggested(scheme: str) -> None:
    data, right = planted(scheme)
    check = find_suspects(data)
    assert (check.n_submissions, check.n_checked) == (len(examples()), len(examples()))
    suspects = {suspect.row: suspect for suspect in check.suspects}
    assert len(suspects) < 0.15 * len(examples())
    hit = set(PLANTED) & set(suspects)
    assert len(hit) >= 4
    shown = {code: load_taxonomy()[code].label for code in OWN} if scheme == "codes" else {}
    for row in hit:
        given = data.labels["category"][row]
        assert suspects[row].suggestion == shown.get(right[row], right[row])
        assert suspects[row].label == shown.get(given, given)


def test_numbers_that_are_an_offices_own_are_not_taken_for_codes() -> None:
    data, _ = planted("own")
    numbers = {"城建口": "01", "社保口": "02", "公安口": "99"}
    labels = [numbers[label] for label in data.labels["category"]]
    suspects = find_suspects(Labelled(data.submissions, {"category": labels})).suspects
    assert {name for s in suspects for name in (s.label, s.suggestion)} <= set(numbers.values())
    assert {s.row for s in suspects} & set(PLANTED)


def test_most_planted_leaves_of_the_tree_are_found() -> None:
    data, _ = planted("leaves")
    suspects = find_suspects(data).suspects
    assert len({s.row for s in suspects} & set(PLANTED)) >= 4
    assert all(s.suggestion.count("/") == s.label.count("/") == 2 for s in suspects)


def test_labels_of_several_levels_are_each_compared_on_their_own() -> None:
    data, _ = planted("leaves")
    mixed = [code[: 2 + 2 * (i % 3)] for i, code in enumerate(data.labels["category"])]
    check = find_suspects(Labelled(data.submissions, {"category": mixed}))
    assert check.n_checked > 0.9 * len(mixed)
    for suspect in check.suspects:
        assert suspect.suggestion.count("/") == suspect.label.count("/")
        assert not suspect.suggestion.startswith(suspect.label)
    assert len({s.row for s in check.suspects} & set(PLANTED)) >= 3


def test_the_clearest_come_first_and_each_prefers_the_suggestion(
    found: tuple[Crosscheck, Labelled],
) -> None:
    suspects = found[0].suspects
    margins = [s.suggestion_score - s.label_score for s in suspects]
    assert margins == sorted(margins, reverse=True)
    assert all(margin > 0 for margin in margins)
    assert all(0 <= s.label_score < s.suggestion_score <= 1 for s in suspects)


def test_the_same_labels_give_the_same_suspects(found: tuple[Crosscheck, Labelled]) -> None:
    check, data = found
    assert find_suspects(data) == check


def test_other_targets_are_checked_and_rows_without_a_label_left_out() -> None:
    data, right = planted("own")
    labels = ["", *data.labels["category"][1:]]
    check = find_suspects(Labelled(data.submissions, {"department": labels}), "department")
    assert check.n_submissions == len(labels) - 1
    suggested = {s.row: s.suggestion for s in check.suspects}
    assert sum(suggested.get(row) == label for row, label in right.items()) >= 4


def test_labels_too_rare_to_be_checked_are_neither_suspect_nor_suggested() -> None:
    labels = right_labels("own")
    for row in range(FOLDS - 1):
        labels[row * 30] = "新设的口"
    check = find_suspects(of(labels))
    assert check.n_checked == len(labels) - (FOLDS - 1)
    assert "新设的口" not in {name for s in check.suspects for name in (s.label, s.suggestion)}
    assert list(check.lines())[1] == f"另有 {FOLDS - 1} 条的标签不足 {FOLDS} 条，没有检查"


def test_too_few_rows_of_a_label_are_refused() -> None:
    labels = ["城建口"] * 9 + ["社保口"] * 4
    with pytest.raises(InputError, match=r"至少需要两种标签各有 5 条不同的意见，实际只有 1 种"):
        find_suspects(of(labels))


def test_repeats_of_one_text_do_not_count_as_different() -> None:
    texts = [e.text for e in examples()]
    with pytest.raises(InputError, match="实际只有 1 种"):
        find_suspects(of(["城建口"] * 9 + ["社保口"] * 6, [*texts[:9], *[texts[100]] * 6]))


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(InputError, match="能检查的标签是 category、kind、department，实际是 天气"):
        find_suspects(of(["晴", "雨"] * 10, target="天气"), "天气")


def test_a_column_of_texts_taken_for_labels_is_refused_without_its_words() -> None:
    texts = [e.text for e in examples()]
    with pytest.raises(InputError, match="平均每种不到两条") as caught:
        find_suspects(of(texts))
    assert not any(text[:8] in str(caught.value) for text in texts)


def test_dealing_spreads_every_label_and_keeps_repeats_together() -> None:
    labels = np.array(["甲"] * 12 + ["乙"] * 5 + ["甲"] * 3)
    submissions = [Submission(f"第{i}条") for i in range(17)] + [Submission("第0条")] * 3
    fold_of, is_first = deal(labels, submissions)
    assert sorted(fold_of[labels == "乙"]) == list(range(FOLDS))
    assert set(fold_of[17:]) == {fold_of[0]}
    assert is_first.tolist() == [True] * 17 + [False] * 3
    assert np.bincount(fold_of[is_first]).tolist() == [4, 4, 3, 3, 3]


# --- the sheet ---


def test_the_sheet_reads_back(found: tuple[Crosscheck, Labelled], tmp_path: Path) -> None:
    check, data = found
    with open_output(tmp_path / "可疑标签.xlsx") as out:
        write_suspects(check, data, out)
    header, *lines = read_sheets(tmp_path / "可疑标签.xlsx")["可疑标签"]
    assert header == HEADER
    assert [line[0] for line in lines] == list(range(1, len(check.suspects) + 1))
    for line, suspect in zip(lines, check.suspects, strict=True):
        submission = data.submissions[suspect.row]
        assert line[1:4] == [suspect.row + 2, submission.title, submission.text]
        assert line[4:6] == [suspect.label, suspect.suggestion]
        assert line[6:8] == pytest.approx([suspect.suggestion_score, suspect.label_score], abs=1e-4)
        assert line[8] == ""


def test_the_sheet_may_be_a_csv(found: tuple[Crosscheck, Labelled], tmp_path: Path) -> None:
    check, data = found
    with open_output(tmp_path / "可疑标签.csv") as out:
        write_suspects(check, data, out)
    with (tmp_path / "可疑标签.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == HEADER
    assert [int(line[1]) for line in lines] == [suspect.row + 2 for suspect in check.suspects]


def test_rows_of_several_sheets_are_named_with_file_and_sheet(tmp_path: Path) -> None:
    lines = [[e.text, label] for e, label in zip(examples(), right_labels("own"), strict=True)]
    sheets = {"上半年": [["内容", "类别"], *lines[:70]], "下半年": [["内容", "类别"], *lines[70:]]}
    path = write_sheets(tmp_path / "已分类.xlsx", sheets)
    data = read_labelled([path], {"category": "类别"})
    suspects = [Suspect(row, "城建口", "社保口", 0.1, 0.8) for row in (0, 71)]
    with open_output(tmp_path / "可疑.xlsx") as out:
        write_suspects(Crosscheck(suspects, len(lines), len(lines)), data, out)
    header, *written = read_sheets(tmp_path / "可疑.xlsx")["可疑标签"]
    assert header[:5] == ["序号", "来源文件", "来源工作表", "工作表行号", "标题"]
    assert [line[:4] for line in written] == [
        [1, "已分类.xlsx", "上半年", 2],
        [2, "已分类.xlsx", "下半年", 3],
    ]
    assert [line[5] for line in written] == [lines[0][0], lines[71][0]]
