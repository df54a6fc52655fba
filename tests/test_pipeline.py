"""The one way through: every text gets a result, in order, and the result holds together."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from minyi import load, reading, review
from minyi.batch import Job
from minyi.domain.calendar import add_workdays
from minyi.domain.office import load_office
from minyi.domain.taxonomy import NOWHERE, NOWHERE_NAME, load_taxonomy
from minyi.errors import InputError, ModelError, ProfileError
from minyi.learning import hashing, sentences
from minyi.learning.persistence import save_model
from minyi.pipeline import BATCH, Minyi
from minyi.schema import COLUMNS, KINDS, Result, Submission
from minyi.text.cleaning import clean
from minyi.workers import Workers
from small_corpus import corpus, label_model
from small_corpus import model as small_model

LAMP = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"
DAY = date(2026, 3, 2)
GREETING = "值此新春佳节之际，祝各位领导和工作人员新年快乐，身体健康，阖家幸福！"


@lru_cache(maxsize=1)
def minyi() -> Minyi:
    return load(received=DAY)


@lru_cache(maxsize=1)
def submissions() -> tuple[Submission, ...]:
    """Return a tenth of the corpus, half of it only the first few characters of a text."""
    whole = [Submission(e.text, e.title) for e in corpus()[::20]]
    return (*whole, *(Submission(e.text[:9]) for e in corpus()[10::20]))


@lru_cache(maxsize=1)
def results() -> tuple[Result, ...]:
    return tuple(minyi().classify(submissions()))


def belongs_nowhere(result: Result) -> bool:
    return result.category == NOWHERE_NAME


def placed(found: Sequence[Result]) -> list[Result]:
    """Return the results that have a category of the taxonomy, and they are most of them."""
    chosen = [result for result in found if result.category_code]
    assert len(chosen) > 0.9 * len(found)
    return chosen


def with_profile(folder: Path, text: str) -> Minyi:
    path = folder / "office.toml"
    path.write_text(text, "utf-8")
    return load(office=path, received=DAY)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Minyi:
    folder = tmp_path_factory.mktemp("模型")
    save_model(label_model(), folder)
    return load(folder, received=DAY)


# --- order, length, kinds of input ---


@pytest.mark.parametrize("n", [1, 2, BATCH - 1, BATCH, BATCH + 1])
def test_there_is_a_result_for_each_text(n: int) -> None:
    texts = [s.text for s in submissions()] * (n // len(submissions()) + 1)
    assert len(minyi().classify(texts[:n])) == n


def test_results_come_in_the_order_of_the_texts() -> None:
    backwards = minyi().classify(submissions()[::-1])
    assert [r.as_row() for r in backwards[::-1]] == [r.as_row() for r in results()]


def test_by_words_alone_results_are_the_very_same_in_any_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sentences, "is_installed", lambda: False)
    found = minyi().classify(submissions())
    assert minyi().classify(submissions()[::-1])[::-1] == found


def test_a_result_does_not_depend_on_the_texts_beside_it() -> None:
    some = submissions()[:60]
    alone = [minyi().classify([submission])[0] for submission in some]
    assert [r.as_row() for r in alone] == [r.as_row() for r in results()[:60]]
    crowd = [LAMP] * 5 + list(some) + ["", "😀"] * 5
    assert [r.as_row() for r in minyi().classify(crowd)[5:65]] == [r.as_row() for r in alone]


def test_texts_and_submissions_may_be_mixed_and_mean_the_same() -> None:
    first, second, third = minyi().classify([LAMP, Submission(LAMP), Submission(LAMP, place="")])
    assert first == second == third


def test_any_iterable_of_texts_is_taken() -> None:
    expected = minyi().classify([LAMP, ""])
    assert minyi().classify((LAMP, "")) == expected
    assert minyi().classify(pd.Series([LAMP, ""], index=[5, 5])) == expected  # type: ignore[arg-type]
    assert minyi().classify(np.array([LAMP, ""], dtype=object)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (LAMP, r"应为文本的列表，实际是一个字符串：请写成 \[文本\]"),
        (LAMP.encode(), "实际是一个字符串"),
        (None, "应为文本的列表，实际是 NoneType"),
        (3, "应为文本的列表，实际是 int"),
        ({"a": LAMP}, "应为文本的列表，实际是 dict"),
        (pd.DataFrame({"内容": [LAMP]}), r"实际是 DataFrame：请传入其中一列，如 df\['内容'\]"),
        ([], "应至少有一条文本，实际是空列表"),
        ([LAMP, None], r"有 1 项是 NoneType（位置 1）"),
        ([float("nan"), LAMP], r"有 1 项是 float（位置 0）"),
        ([[LAMP]], r"有 1 项是 list"),
    ],
)
def test_what_is_no_list_of_texts_is_refused_in_chinese(given: Any, message: str) -> None:
    for ask in (minyi().classify, minyi().probabilities):
        with pytest.raises(InputError, match=message) as caught:
            ask(given)
        assert "路灯" not in str(caught.value)


# --- texts with nothing to say ---


@pytest.mark.parametrize("text", ["", " ", "\n\t　", "\u200b\ufeff", "😀😀🎉", "http://a.cn/b"])
def test_a_text_without_content_is_blank_and_to_be_reviewed(text: str) -> None:
    (result,) = minyi().classify([text])
    assert (result.row_status, result.row_error) == (
        "空白",
        "正文为空，或只有表情、空格、网址",
    )
    assert result.needs_review
    assert result.review_reason
    assert (result.category, result.score, result.department, result.deadline) == (
        "",
        None,
        "",
        None,
    )


@pytest.mark.parametrize("text", ["The street lamp is broken", "12345", "？！。", "a" * 5000])
def test_a_text_without_chinese_is_not_recognised(text: str) -> None:
    (result,) = minyi().classify([text])
    assert (result.row_status, result.row_error) == ("无法识别", "没有中文内容")
    assert result.needs_review


@pytest.mark.parametrize("text", ["路", "水", "退钱", "修路啊"])
def test_a_very_short_text_is_classified_and_to_be_reviewed(text: str) -> None:
    (result,) = minyi().classify([text])
    assert result.row_status == "正常"
    assert result.category
    assert "内容太短" in result.review_reason


def test_a_text_mostly_in_another_script_is_to_be_reviewed() -> None:
    (result,) = minyi().classify(["The lamp in front of our gate is broken 路灯坏了 please repair"])
    assert "大部分不是中文" in result.review_reason


@pytest.mark.parametrize(
    "text",
    [
        LAMP + "\x00\x07",
        "\ud800" + LAMP,
        "=cmd|' /C calc'!A0 " + LAMP,
        LAMP * 500,
        "𠮷" + LAMP,
        "ＬＥＤ①" + LAMP,
    ],
    ids=["control", "surrogate", "formula", "long", "rare", "wide"],
)
def test_odd_characters_do_not_stop_a_text_from_being_classified(text: str) -> None:
    (result,) = minyi().classify([text])
    assert result.row_status == "正常"
    assert result.category_code


def test_a_title_alone_is_classified() -> None:
    (result,) = minyi().classify([Submission("", title=LAMP)])
    assert (result.row_status, result.level1) == ("正常", "城乡建设")


# --- what a result says ---


def test_code_path_and_levels_agree() -> None:
    taxonomy = load_taxonomy()
    for result in placed(results()):
        path = taxonomy.path(result.category_code)
        levels = [level for level in (result.level1, result.level2, result.level3) if level]
        assert levels == list(path)
        assert result.category == "/".join(path)


def test_scores_are_probabilities_and_kinds_are_known() -> None:
    for result in placed(results()):
        assert result.kind in KINDS
        assert result.score is not None
        assert result.kind_score is not None
        assert 0 <= result.score <= 1
        assert 0 <= result.kind_score <= 1


def test_a_category_below_level_1_is_as_sure_as_the_level_asks() -> None:
    depths = {len(result.category_code) for result in placed(results())}
    assert depths == {2, 4, 6}
    for result in placed(results()):
        if len(result.category_code) > 2:
            assert result.score is not None
            assert result.score >= minyi().model.threshold("level")


def test_a_category_stops_at_level_2_when_its_leaf_is_unsure() -> None:
    classes, probabilities = minyi().probabilities(submissions())
    codes = np.array(classes)
    stopped = [
        (result.category_code, row)
        for result, row in zip(results(), probabilities, strict=True)
        if len(result.category_code) == 4
    ]
    assert stopped
    for code, row in stopped:
        own = np.char.startswith(codes, code)
        level = minyi().model.threshold("level")
        assert row[own].sum() >= level - 1e-3
        leaves = own & (np.char.str_len(codes) == 6)
        assert row[leaves].max(initial=0) < level + 1e-3


def test_a_higher_level_threshold_gives_coarser_categories(tmp_path: Path) -> None:
    strict = with_profile(tmp_path, "[thresholds]\nlevel = 0.95\n").classify(submissions())
    for careful, usual in zip(strict, results(), strict=True):
        assert len(careful.category_code) <= len(usual.category_code)
    assert [len(r.category_code) for r in strict] != [len(r.category_code) for r in results()]


def test_alternatives_are_rivals_the_strongest_first() -> None:
    assert any(result.alternatives for result in results())
    taxonomy = load_taxonomy()
    for result in results():
        codes = [rival.code for rival in result.alternatives]
        scores = [rival.score for rival in result.alternatives]
        assert not any(result.category_code.startswith(code) for code in codes)
        assert len(set(codes)) == len(codes) <= 3
        assert scores == sorted(scores, reverse=True)
        assert all(0.05 <= score <= 1 for score in scores)
        assert all(r.category == "/".join(taxonomy.path(r.code)) for r in result.alternatives)


def test_evidence_stands_in_the_text() -> None:
    assert sum(bool(result.evidence) for result in results()) > 0.8 * len(results())
    for submission, result in zip(submissions(), results(), strict=True):
        title, text = clean([submission.title, submission.text])
        whole = (title + "\n" + text).casefold()
        assert all(word.casefold() in whole for word in result.evidence), result.evidence
        assert len(set(result.evidence)) == len(result.evidence) <= 5


def test_every_text_with_a_category_has_a_department_and_a_reason() -> None:
    for result in placed(results()):
        assert result.department
        assert result.department_reason
        assert result.department not in result.co_departments


def test_review_and_its_reasons_go_together() -> None:
    for result in results():
        assert result.needs_review == bool(result.review_reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("category", "类别把握不足"), ("kind", "类型把握不足"), ("department", "部门把握不足")],
)
def test_a_score_below_the_offices_threshold_is_a_reason_for_review(
    tmp_path: Path, name: str, reason: str
) -> None:
    others = "".join(f"{n} = 0.0\n" for n in ("category", "kind", "department") if n != name)
    strict = with_profile(tmp_path, f"[thresholds]\n{others}{name} = 1.0\n").classify([LAMP])
    assert strict[0].review_reason == reason
    never = with_profile(tmp_path, f"[thresholds]\n{others}{name} = 0.0\n").classify([LAMP])
    assert not never[0].needs_review


def test_two_matters_are_told_with_the_category_of_the_second() -> None:
    whole = minyi().classify(
        [
            "小区门口的路灯坏了半年没人修，晚上一片漆黑，老人摔了两回。"
            "另外工地老板拖欠我们二十个农民工三个月的工资，到现在一分钱没给。",
            "三组的水渠垮了半年没人修，秧都插不下去，村里说没有钱。"
            "另外我家的低保去年也停了，我残疾没有收入，请民政局恢复低保。",
            "公交车半个小时不来一趟，站台也没有遮雨棚。"
            "此外学校旁边的网吧让未成年人上网，晚上打架，派出所不管。",
        ]
    )
    told = [result for result in whole if "可能有两件事（另见 " in result.review_reason]
    assert told
    taxonomy = load_taxonomy()
    for result in told:
        second = result.review_reason.partition("另见 ")[2].split()[0]
        assert second in taxonomy
        assert second[:2] != result.category_code[:2]


def test_one_matter_said_in_two_steps_is_not_two_matters() -> None:
    text = f"{LAMP}。另外村口那盏路灯也不亮，晚上走路看不见，请一起修好。"
    assert "两件事" not in minyi().classify([text])[0].review_reason


# --- what belongs to no category ---


def assert_is_nowhere(result: Result) -> None:
    assert result.category == NOWHERE_NAME
    assert (result.category_code, result.level1, result.level2, result.level3) == ("",) * 4
    assert (result.kind, result.kind_score) == ("", None)
    assert (result.department, result.co_departments, result.department_reason) == ("", (), "")
    assert (result.deadline, result.urgent) == (None, False)
    assert result.score is not None
    assert 0 < result.score <= 1
    assert result.needs_review
    assert review.NO_MATTER in result.review_reason
    assert result.row_status == review.NORMAL


def test_every_result_has_a_category_or_belongs_nowhere_or_cannot_be_read() -> None:
    without = [result for result in results() if not result.category_code]
    assert any(belongs_nowhere(result) for result in without)
    for result in without:
        if result.row_status == review.NORMAL:
            assert_is_nowhere(result)
        else:
            assert result.category == ""


def test_of_the_corpus_what_belongs_nowhere_is_told_from_what_does() -> None:
    n_whole = len(corpus()[::20])
    told = {True: [0, 0], False: [0, 0]}
    for example, result in zip(corpus()[::20], results()[:n_whole], strict=True):
        if result.row_status == review.NORMAL:
            told[example.category == ""][belongs_nowhere(result)] += 1
    kept, found = told[True]
    assert found > 0.9 * (kept + found)
    right, lost = told[False]
    assert lost < 0.01 * (right + lost)


def test_a_greeting_among_matters_belongs_nowhere_and_changes_no_other() -> None:
    wage = "工地老板拖欠我们二十个农民工三个月的工资，到现在一分钱没给"
    lamp, greeting, owed = minyi().classify([LAMP, GREETING, Submission(wage, place="某小区")])
    assert_is_nowhere(greeting)
    assert [lamp, owed] == minyi().classify([LAMP, Submission(wage, place="某小区")])
    assert (lamp.level1, owed.level1) == ("城乡建设", "人力资源和社会保障")


def test_a_greeting_gets_no_deadline_even_beyond_the_calendar() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (result,) = minyi().classify([Submission(GREETING, time="2031-03-03")])
    assert_is_nowhere(result)


def test_a_greeting_of_a_titled_row_belongs_nowhere() -> None:
    assert_is_nowhere(minyi().classify([Submission(GREETING, "新年祝福")])[0])


def test_nowhere_is_never_an_alternative_though_it_is_a_rival() -> None:
    classes, probabilities = minyi().probabilities(submissions())
    share = probabilities[:, classes.index(NOWHERE)]
    assert any(
        p > 0.05 and result.category_code for p, result in zip(share, results(), strict=True)
    )
    for result in results():
        assert NOWHERE not in {rival.code for rival in result.alternatives}
        assert NOWHERE_NAME not in {rival.category for rival in result.alternatives}


def test_the_second_of_two_matters_is_never_nowhere() -> None:
    some = [e.text for e in corpus() if e.category and 20 < len(e.text) < 60][::40]
    found = minyi().classify([f"{text}。另外{GREETING}" for text in some])
    assert sum(bool(result.category_code) for result in found) > 0.5 * len(found)
    for result in found:
        assert f"另见 {NOWHERE} " not in result.review_reason
        assert NOWHERE_NAME not in result.review_reason


def test_nowhere_is_allowed_whatever_categories_the_office_uses(tmp_path: Path) -> None:
    own = with_profile(tmp_path, '[categories]\nuse = ["0402"]\n')
    greeting, river = own.classify([GREETING, "化工厂半夜往河里偷排污水，河水发黑发臭"])
    assert_is_nowhere(greeting)
    assert river.category_code.startswith("0402")


# --- the optional encoder ---


class Encoder:
    """Notes what is encoded, and gives made-up vectors."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, installed: bool = True) -> None:
        self.asked: list[str] = []
        monkeypatch.setattr(sentences, "is_installed", lambda: installed)
        monkeypatch.setattr(sentences, "encode", self._encode)

    def _encode(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        self.asked += texts
        return np.full((len(texts), sentences.DIMENSIONS), 0.04, np.float32)


def sureness_of_words(given: Sequence[Submission]) -> np.ndarray[Any, Any]:
    scorer = minyi().model.scorer
    titles, texts = clean([s.title for s in given]), clean([s.text for s in given])
    X = scorer.weigh(hashing.extract(titles, texts, minyi()._reader.cut))
    return scorer.probabilities(scorer.logits(X), scorer.top).max(axis=1)


def test_the_encoder_is_asked_only_about_short_texts_of_which_words_are_not_sure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = Encoder(monkeypatch)
    some = [*submissions()[::4], Submission(""), Submission("", "村里的事")]
    unsure = sureness_of_words(some) < 0.8
    fields = zip(clean([s.title for s in some]), clean([s.text for s in some]), strict=True)
    short = [
        f"{title} {text}".strip() if 0 < len(title) + len(text) <= sentences.SHORT else ""
        for title, text in fields
    ]
    expected = [text for text, is_unsure in zip(short, unsure, strict=True) if text and is_unsure]
    assert sum(map(bool, short)) > len(expected) > 10
    assert unsure.sum() > len(expected)
    minyi().classify(some)
    assert encoder.asked == expected


@pytest.mark.parametrize("title", ["", "路灯坏了"])
def test_title_and_text_together_make_a_text_short(
    monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    encoder = Encoder(monkeypatch)
    monkeypatch.setattr(reading, "_SURE", 1.1)  # of no text sure
    room = sentences.SHORT - len(title)
    whole = (LAMP * 10)[:room]
    minyi().classify([Submission(whole, title), Submission(whole + "了", title)])
    assert encoder.asked == [f"{title} {whole}".strip()]


def test_what_the_encoder_says_changes_only_the_texts_it_was_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = submissions()[::4]
    Encoder(monkeypatch, installed=False)
    _, words = minyi().probabilities(some)
    encoder = Encoder(monkeypatch)
    _, mixed = minyi().probabilities(some)
    changed = abs(words - mixed).max(axis=1) > 1e-6
    assert changed.sum() == len(encoder.asked)
    assert (sureness_of_words(some)[changed] < 0.8).all()


def test_without_the_encoder_nothing_asks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Encoder(monkeypatch, installed=False)
    found = minyi().classify(submissions()[::4])
    minyi().probabilities(submissions()[::4])
    assert encoder.asked == []
    assert len(placed(found)) > 0


def test_a_model_without_sentence_heads_does_not_ask_the_encoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = Encoder(monkeypatch)
    Minyi(small_model(), load_office(), received=DAY).classify(submissions()[::4])
    assert encoder.asked == []


# --- the categories that an office uses ---

SOME = '[categories]\nuse = ["01", "0402", "060104"]\n'


def readable(found: list[Result]) -> list[Result]:
    return [result for result in found if result.category_code]


def is_of_some(code: str) -> bool:
    return code.startswith(("01", "0402")) or code in {"04", "06", "0601", "060104"}


def test_only_used_categories_are_results_alternatives_and_second_matters(tmp_path: Path) -> None:
    found = with_profile(tmp_path, SOME + "[thresholds]\nlevel = 0.0\n").classify(submissions())
    found = readable(found + with_profile(tmp_path, SOME).classify(submissions()))
    assert {r.category_code[:2] for r in found} == {"01", "04", "06"}
    assert {len(r.category_code) for r in found} == {2, 4, 6}
    for result in found:
        second = result.review_reason.partition("另见 ")[2].split()[:1]
        named = [result.category_code, *(rival.code for rival in result.alternatives), *second]
        assert all(map(is_of_some, named)), named


def test_probabilities_of_used_categories_keep_their_proportions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of fewer categories, words are surer, and the encoder is asked about other texts.
    monkeypatch.setattr(sentences, "is_installed", lambda: False)
    classes, whole = minyi().probabilities(submissions())
    same_classes, found = with_profile(tmp_path, SOME).probabilities(submissions())
    used = np.array([is_of_some(code) or code == NOWHERE for code in classes])
    assert same_classes == classes
    assert (found[:, ~used] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-3)
    tops = (NOWHERE, "01", "0402", "0601")
    stems = [np.char.startswith(np.array(classes), top) for top in tops]
    expected = np.stack([whole[:, stem].sum(axis=1) for stem in stems], axis=1)
    expected /= expected.sum(axis=1, keepdims=True)
    actual = np.stack([found[:, stem].sum(axis=1) for stem in stems], axis=1)
    np.testing.assert_allclose(actual, expected, atol=1e-4)


def test_texts_about_none_of_the_used_categories_still_get_one_and_no_nan(tmp_path: Path) -> None:
    own = with_profile(tmp_path, '[categories]\nuse = ["160402"]\n')
    classes, found = own.probabilities(submissions())
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-3)
    assert {classes[i] for i in found.argmax(axis=1)} <= {NOWHERE, "1604", "160402"}
    normal = [r for r in own.classify(submissions()) if r.row_status == review.NORMAL]
    codes = {r.category_code for r in normal if not belongs_nowhere(r)}
    assert codes
    assert codes <= {"16", "1604", "160402"}


def test_a_second_matter_must_be_of_a_used_category(tmp_path: Path) -> None:
    text = (
        "小区门口的路灯坏了半年没人修，晚上一片漆黑，老人摔了两回。"
        "另外工地老板拖欠我们二十个农民工三个月的工资，到现在一分钱没给。"
    )
    both = with_profile(tmp_path, '[categories]\nuse = ["01", "08"]').classify([text])[0]
    assert "可能有两件事" in both.review_reason
    one = with_profile(tmp_path, '[categories]\nuse = ["01"]').classify([text])[0]
    assert "可能有两件事" not in one.review_reason


def test_unused_categories_do_not_choose_the_department(tmp_path: Path) -> None:
    own = with_profile(tmp_path, '[categories]\nuse = ["0402"]')
    found = own.classify([e.text for e in corpus()[500::100]])
    departments = {r.department for r in found if not belongs_nowhere(r)}
    assert departments == {own.office.departments["生态环境"].name}


def test_using_every_category_changes_nothing_nor_does_an_office_for_the_next(
    tmp_path: Path,
) -> None:
    codes = [code for code in load_taxonomy() if len(code) == 2]
    own = with_profile(tmp_path, f"[categories]\nuse = {json.dumps(codes)}\n")
    usual = load(received=DAY).classify(submissions()[:50])
    assert own.classify(submissions()[:50]) == usual
    with_profile(tmp_path, SOME).classify([LAMP])
    assert load(received=DAY).classify(submissions()[:50]) == usual


def test_used_categories_do_not_concern_a_model_of_own_labels(tmp_path: Path) -> None:
    office = with_profile(tmp_path, SOME).office
    some = submissions()[:20]
    own = Minyi(label_model(), office, received=DAY).classify(some)
    assert own == Minyi(label_model(), load_office(), received=DAY).classify(some)


def test_a_model_that_knows_no_used_category_is_refused_in_chinese(tmp_path: Path) -> None:
    office = with_profile(tmp_path, '[categories]\nuse = ["0402", "06"]').office
    with pytest.raises(
        ProfileError, match=r"categories\.use：.*模型“小样”.*实际是 0402、06.*（01、08、13）"
    ):
        Minyi(small_model(), office, received=DAY)


# --- places, deadlines ---


def test_places_come_from_the_profile_town_before_village(tmp_path: Path) -> None:
    own = with_profile(
        tmp_path,
        '[[towns]]\nname = "石桥镇"\naliases = ["石桥"]\nvillages = ["大塘村"]\n',
    )
    place = [
        r.place
        for r in own.classify(
            [
                f"我是大塘村三组的，{LAMP}",
                f"石桥街上{LAMP}",
                Submission(LAMP, place="大塘村三组"),
                Submission(f"我是大塘村的，{LAMP}", place="某小区"),
            ]
        )
    ]
    assert place == ["石桥镇大塘村", "石桥镇", "石桥镇大塘村", "某小区"]


def test_deadlines_follow_the_kind(tmp_path: Path) -> None:
    days = {kind: 3 * number for number, kind in enumerate(KINDS, 1)}
    lines = "".join(f'"{kind}" = {number}\n' for kind, number in days.items())
    own = with_profile(tmp_path, f'[deadlines]\n{lines}"紧急" = 40\n')
    found = placed(own.classify(submissions()))
    assert {r.kind for r in found} == set(KINDS)
    assert any(r.urgent for r in found)
    for result in found:
        workdays = 40 if result.urgent else days[result.kind]
        assert result.deadline == add_workdays(DAY, workdays)[0]


def test_deadlines_count_from_the_time_of_the_submission_else_from_received() -> None:
    times = ["2026年1月5日", "2026/4/1 11:25:05", "", "不详"]
    found = minyi().classify([Submission(LAMP, time=time) for time in times])
    workdays = load_office().deadlines[found[0].kind]
    starts = [date(2026, 1, 5), date(2026, 4, 1), DAY, DAY]
    assert [r.deadline for r in found] == [add_workdays(day, workdays)[0] for day in starts]


def test_without_received_deadlines_count_from_today() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (result,) = load().classify([LAMP])
    workdays = load_office().deadlines[result.kind]
    assert result.deadline == add_workdays(date.today(), workdays)[0]


def test_a_year_beyond_the_calendar_is_warned_of_once_a_call() -> None:
    late = [Submission(LAMP, time="2031-03-03")] * (BATCH + 3)
    for _ in range(2):
        with pytest.warns(UserWarning, match="2031 年的节假日安排尚未收录") as caught:
            found = minyi().classify(late)
        assert len(caught) == 1
    assert found[0].deadline is not None


def test_a_warning_holds_no_words_of_the_citizen() -> None:
    with pytest.warns(UserWarning, match="2031") as caught:
        minyi().classify([Submission(LAMP, time="2031-03-03")])
    assert "路灯" not in str(caught[0].message)


# --- frames ---


def test_a_frame_keeps_its_index_and_is_not_changed() -> None:
    frame = pd.DataFrame(
        {"编号": [1, 2, 3], "内容": [LAMP, None, "工地欠我三个月工资不给"]}, index=[7, 3, 7]
    )
    before = frame.copy(deep=True)
    found = minyi().classify_frame(frame, text="内容")
    pd.testing.assert_frame_equal(frame, before)
    assert list(found.index) == [7, 3, 7]
    assert list(found.columns) == list(COLUMNS)
    assert list(found["row_status"]) == ["正常", "空白", "正常"]


def test_a_frame_gives_what_classify_gives() -> None:
    frame = pd.DataFrame(
        {"t": [s.title for s in submissions()], "x": [s.text for s in submissions()]}
    )
    found = minyi().classify_frame(frame, text="x", title="t", header="zh")
    assert list(found.columns) == list(COLUMNS.values())
    expected = pd.DataFrame([r.as_row() for r in results()], columns=list(COLUMNS.values()))
    pd.testing.assert_frame_equal(found, expected)


def test_time_and_place_columns_of_a_frame_are_used() -> None:
    frame = pd.DataFrame({"内容": [LAMP], "时间": [pd.Timestamp("2026-01-05")], "村": ["大塘村"]})
    found = minyi().classify_frame(frame, text="内容", time="时间", place="村")
    assert str(found.loc[0, "deadline"]) < DAY.isoformat()
    assert found.loc[0, "place"] == "大塘村"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda frame: minyi().classify_frame(frame, text="正文"),
            r"表中没有列 正文。现有的列：编号、内容",
        ),
        (lambda _: minyi().classify_frame([LAMP], text="内容"), "应为 DataFrame，实际是 list"),  # type: ignore[arg-type]
        (
            lambda frame: minyi().classify_frame(pd.concat([frame, frame], axis=1), text="内容"),
            "几列都叫 内容",
        ),
        (
            lambda frame: minyi().classify_frame(frame, text="内容", header="fr"),
            "header 应为 en 或 zh，实际是 fr",
        ),
    ],
)
def test_a_frame_that_does_not_fit_is_refused_in_chinese(
    call: Callable[[pd.DataFrame], object], message: str
) -> None:
    frame = pd.DataFrame({"编号": [1], "内容": [LAMP]})
    with pytest.raises(InputError, match=message):
        call(frame)


# --- probabilities ---


@pytest.mark.parametrize("target", ["category", "kind", "department", "urgent"])
def test_probabilities_have_a_row_a_text_and_sum_to_one(target: str) -> None:
    classes, found = minyi().probabilities(submissions()[:20], target)
    assert found.shape == (20, len(classes))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-3)


def test_probabilities_of_an_unknown_target_are_refused() -> None:
    with pytest.raises(InputError, match="模型不判断 weather；可选的是 category、kind"):
        minyi().probabilities([LAMP], "weather")


# --- models of other labels ---


def test_a_model_of_own_labels_gives_labels_and_the_starter_gives_the_rest(
    foreign: Minyi,
) -> None:
    found = foreign.classify(submissions()[:200])
    kinds, scores = minyi().probabilities(submissions()[:200], "kind")
    readable_rows = [i for i, own in enumerate(found) if own.row_status == review.NORMAL]
    assert len(readable_rows) > 190
    for i in readable_rows:
        own, starter = found[i], results()[i]
        assert own.category in {"城建口", "社保口", "公安口"}
        assert (own.category_code, own.level1, own.level2, own.level3) == ("", "", "", "")
        if belongs_nowhere(starter):  # and keeps its kind to itself
            assert own.kind == kinds[scores[i].argmax()]
        else:
            assert (own.kind, own.urgent) == (starter.kind, starter.urgent)
            assert own.kind_score == pytest.approx(starter.kind_score, abs=1e-5)
        assert own.department in {d.name for d in load_office().departments.values()}
        assert all(rival.code == "" for rival in own.alternatives)
        assert own.category not in [rival.category for rival in own.alternatives]


def test_a_model_of_some_categories_gives_codes_of_the_taxonomy() -> None:
    found = Minyi(small_model(), load_office(), received=DAY).classify(submissions()[:50])
    normal = [r for r in found if r.row_status == review.NORMAL]
    assert len(normal) > 40
    assert {r.category_code[:2] for r in normal} <= {"01", "08", "13"}


def test_a_model_of_own_labels_without_base_leaves_kind_empty() -> None:
    (result,) = Minyi(label_model(), load_office(), received=DAY).classify([LAMP])
    assert (result.category, result.kind, result.kind_score) == ("城建口", "", None)


# --- loading, processes ---


def test_a_missing_model_or_profile_is_told_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="找不到模型"):
        load(tmp_path / "无")
    with pytest.raises(ProfileError, match="找不到单位配置文件"):
        load(office=tmp_path / "无.toml")


def test_a_job_is_picklable_and_loads_what_load_gives() -> None:
    job = pickle.loads(pickle.dumps(Job(received=DAY)))
    assert job.load().classify([LAMP]) == minyi().classify([LAMP])


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_another_process_gives_the_same_results(seed: str) -> None:
    texts = [s.text for s in submissions()[:100]]
    program = (
        "import json, sys, datetime, minyi\n"
        "model = minyi.load(received=datetime.date(2026, 3, 2))\n"
        "rows = [r.as_row() for r in model.classify(json.load(sys.stdin))]\n"
        "print(json.dumps(rows))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(texts),
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [r.as_row() for r in minyi().classify(texts)]
    assert done.stderr == ""


def test_a_worker_gives_the_same_results() -> None:
    fields = [(s.text, s.title, "", "") for s in submissions()[:50]]
    with Workers("from minyi.batch import serve_rows; serve_rows()", 1) as workers:
        rows, warned = workers.submit([Job(received=DAY).as_message(), fields]).result()
    assert rows == [r.as_row() for r in results()[:50]]
    assert warned == []


def test_praise_for_a_danger_that_is_over_is_not_urgent() -> None:
    texts = [
        "派出所给娃儿上户口，一趟办完，还给倒了水，好评",
        "昨晚煤气泄漏，消防队十分钟就到，谢谢你们救了我们一家！",
    ]
    results = minyi().classify(texts)
    assert {result.kind for result in results} == {"表扬"}
    assert not any(result.urgent for result in results)
