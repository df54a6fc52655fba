"""An office's archive: read once, encoded once, adapted to, and kept to oneself."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from minyi import archive as archive_module
from minyi import load
from minyi.archive import ENCODING, TEACHING, adapt_on, read_archive
from minyi.errors import InputError, ModelError
from minyi.labelled import Labelled
from minyi.learning.adaptation import FEWEST
from minyi.learning.classifier import CalibratedLinear
from minyi.learning.persistence import Model, load_model, save_model
from minyi.learning.scoring import Linear, SentenceHead
from minyi.learning.sentences import DIMENSIONS, as_sentence
from minyi.schema import Submission
from small_corpus import model, small_set
from small_tables import HEADER, Rows, rows, write_workbook
from test_adaptation import Archive, vectors_of

FEW = 240


@lru_cache(maxsize=1)
def archive() -> Archive:
    return Archive()


@lru_cache(maxsize=1)
def some() -> list[Submission]:
    """Return texts of all three level 2, each once."""
    return list(dict.fromkeys(archive().submissions))


@lru_cache(maxsize=1)
def base_model() -> Model:
    stems = [code[:4] for code in small_set().labels["category"]]
    view = CalibratedLinear(C=10.0).fit(vectors_of(stems, seed=1), stems)
    linear = Linear(view.coef_, view.intercept_).scaled(0.5)
    scorer = replace(model().scorer, sentences={"stem": SentenceHead(linear, words=0.5)})
    return replace(model(), scorer=scorer)


class Encoder:
    """Made-up vectors of the texts of the archive: a direction for each level 2, and noise."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        sentences = map(as_sentence, archive().submissions)
        self._vector = dict(zip(sentences, archive().vectors, strict=True))

    def __call__(self, texts: Sequence[str], progress: object = None) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        if callable(progress):
            progress(len(texts))
        return np.array([self._vector[text] for text in texts], dtype=np.float32)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    folder = tmp_path / "家"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    return folder


@pytest.fixture
def encoder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    made_up = Encoder()
    monkeypatch.setattr(archive_module, "encode_many", made_up)
    return made_up


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("模型") / "小样"
    save_model(base_model(), folder)
    return str(folder)


def cached(home: Path) -> list[Path]:
    return sorted((home / ".cache" / "minyi").glob("*"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- reading ---


def different(n: int) -> Rows:
    """Return rows of which no two have the same title and text, by a number in the title."""
    return [[*row[:2], f"第{i}号", row[3]] for i, row in enumerate(rows(n))]


def test_each_text_is_read_once_over_all_tables(tmp_path: Path) -> None:
    lines = different(FEW)
    first = write_workbook(tmp_path / "前年.xlsx", lines[:200])
    second = write_workbook(tmp_path / "去年.xlsx", [*lines[100:], *lines[:50]])
    read = read_archive([first, second])
    assert len(read) == len(set(read)) == FEW
    assert read == read_archive([first, second, first])
    assert [s.title for s in read] == [f"第{i}号" for i in range(FEW)]


def test_texts_are_cleaned_before_they_are_compared(tmp_path: Path) -> None:
    lines = different(FEW)
    wide = [[*row[:3], f"　{row[3]}\u200b "] for row in lines]
    read = read_archive([write_workbook(tmp_path / "表.xlsx", [*lines, *wide])])
    assert len(read) == FEW
    assert all(s.text == s.text.strip() and "\u200b" not in s.text for s in read)


def test_what_has_no_text_is_left_out_and_titles_tell_texts_apart(tmp_path: Path) -> None:
    lines = different(FEW)
    blank = [[*row[:3], "😀"] for row in lines[:30]]
    twin = [[*lines[0][:2], "另一个标题", lines[0][3]]]
    read = read_archive([write_workbook(tmp_path / "表.xlsx", [*lines, *blank, *twin])])
    assert len(read) == FEW + 1
    assert [s.title for s in read if s.text == read[0].text][-1] == "另一个标题"
    assert all(s.text for s in read)


def test_columns_and_sheets_may_be_named(tmp_path: Path) -> None:
    lines = different(FEW)
    path = write_workbook(tmp_path / "表.xlsx", lines)
    read = read_archive([path], columns={"text": HEADER[3], "title": HEADER[3]})
    assert all(s.title == s.text for s in read)
    with pytest.raises(InputError, match="没有列“正文”"):
        read_archive([path], columns={"text": "正文"})


def test_too_few_different_texts_are_refused(tmp_path: Path) -> None:
    lines = different(FEWEST - 1)
    path = write_workbook(tmp_path / "表.xlsx", [*lines, *lines])
    with pytest.raises(InputError, match=r"至少需要 200 条不重复的意见，实际只有 199 条"):
        read_archive([path])
    assert len(read_archive([write_workbook(path, different(FEWEST))])) == FEWEST


# --- adapting ---


def test_the_adapted_model_is_saved_and_says_where_it_comes_from(
    encoder: Encoder, base: str, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []
    made, check = adapt_on(
        some(), tmp_path / "本单位", base=base, progress=lambda *step: told.append(step)
    )
    assert check.problem == ""
    assert encoder.calls == [[as_sentence(s) for s in some()]]
    saved = load_model(tmp_path / "本单位")
    assert (saved.name, saved.manifest["base"]) == ("本单位", "小样")
    assert saved.manifest["command"] == "minyi adapt"
    assert saved.manifest["adaptation"] == json.loads(json.dumps(check.as_dict()))
    assert check.n_texts == len(some())
    assert saved.scorer.heads == base_model().scorer.heads
    assert archive().accuracy(saved.scorer) > archive().accuracy(base_model().scorer)
    assert archive().accuracy(saved.scorer) == pytest.approx(
        archive().accuracy(made.scorer), abs=0.01
    )
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == [ENCODING, TEACHING]
    assert (ENCODING, len(some()), len(some())) in told
    assert all(0 < done <= total for _, done, total in told)


def test_the_adapted_model_classifies_without_the_encoder(
    encoder: Encoder, base: str, tmp_path: Path
) -> None:
    adapt_on(some(), tmp_path / "本单位", base=base)
    (found,) = load(tmp_path / "本单位").classify(["村里的路灯坏了半年，没人来修"])
    assert found.category_code.startswith("0102")


def test_words_of_the_office_are_learnt_and_kept(
    encoder: Encoder, base: str, tmp_path: Path
) -> None:
    office = tmp_path / "office.toml"
    office.write_text('words = ["锦澜壹号"]\n', "utf-8")
    adapt_on(some(), tmp_path / "本单位", base=base, office=office)
    assert load_model(tmp_path / "本单位").manifest["user_words"] == ["锦澜壹号"]


def test_an_adaptation_that_does_harm_leaves_the_base_and_says_so(
    encoder: Encoder, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(3).normal(size=(len(some()), DIMENSIONS)).astype(np.float32)
    monkeypatch.setattr(archive_module, "encode_many", lambda texts, progress: noise)
    _, check = adapt_on(some(), tmp_path / "本单位", base=base)
    assert check.problem
    saved, before = load_model(tmp_path / "本单位"), load_model(Path(base))
    assert saved.manifest["adaptation"]["problem"] == check.problem
    assert (saved.scorer.columns == before.scorer.columns).all()
    assert (saved.scorer.weights == before.scorer.weights).all()
    assert (saved.scorer.intercept == before.scorer.intercept).all()
    assert saved.manifest["thresholds"] == before.manifest["thresholds"]


def test_a_base_without_sentence_heads_is_refused_and_nothing_is_written(
    encoder: Encoder, tmp_path: Path
) -> None:
    save_model(model(), tmp_path / "无")
    with pytest.raises(ModelError, match="没有语义部分"):
        adapt_on(some(), tmp_path / "本单位", base=str(tmp_path / "无"))
    assert not (tmp_path / "本单位").exists()


def test_labels_are_learnt_after_the_archive(encoder: Encoder, base: str, tmp_path: Path) -> None:
    data = small_set()
    labelled = Labelled(list(data.submissions), {"category": list(data.labels["category"])})
    _, check = adapt_on(some(), tmp_path / "本单位", base=base, labelled=labelled)
    saved = load_model(tmp_path / "本单位")
    assert saved.manifest["command"] == "minyi adapt --labels"
    assert saved.manifest["adaptation"] == json.loads(json.dumps(check.as_dict()))
    assert saved.manifest["n_submissions"] == len(data.submissions)
    assert "category" in saved.manifest["trust"]
    assert archive().accuracy(saved.scorer) > archive().accuracy(base_model().scorer)


def test_with_labels_too_the_model_names_the_base_it_came_from(
    encoder: Encoder, base: str, tmp_path: Path
) -> None:
    data = small_set()
    labelled = Labelled(list(data.submissions), {"category": list(data.labels["category"])})
    adapt_on(some(), tmp_path / "本单位", base=base, labelled=labelled)
    assert load_model(tmp_path / "本单位").manifest["base"] == "小样"


# --- the vectors of the last archive ---


SENTENCES = [f"第{i}条意见" for i in range(5)]


@pytest.fixture
def asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was encoded, call by call."""
    calls: list[list[str]] = []

    def encode(texts: Sequence[str], progress: object = None) -> NDArray[np.float32]:
        calls.append(list(texts))
        return np.full((len(texts), DIMENSIONS), len(calls), np.float32)

    monkeypatch.setattr(archive_module, "encode_many", encode)
    return calls


def vectors(sentences: Sequence[str]) -> NDArray[np.float32]:
    return archive_module._cached(sentences, lambda done: None)


def test_a_second_run_does_not_encode_again(asked: list[list[str]]) -> None:
    first, second = vectors(SENTENCES), vectors(SENTENCES)
    assert asked == [SENTENCES]
    assert (first == second).all()
    assert second.dtype == np.float32


def test_another_archive_is_encoded_and_only_the_newest_kept(
    asked: list[list[str]], home: Path
) -> None:
    vectors(SENTENCES)
    (first,) = cached(home)
    vectors(SENTENCES[::-1])
    assert asked == [SENTENCES, SENTENCES[::-1]]
    (second,) = cached(home)
    assert first != second


def test_the_vectors_lie_in_the_users_folder_readable_by_the_user_alone(
    asked: list[list[str]], home: Path
) -> None:
    vectors(SENTENCES)
    (path,) = cached(home)
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700


def test_on_windows_they_lie_in_the_folder_for_local_data(
    asked: list[list[str]], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALAPPDATA", str(home / "本地"))
    vectors(SENTENCES)
    assert len(list((home / "本地" / "minyi").glob("*.npy"))) == 1
    assert cached(home) == []


def test_a_folder_that_cannot_be_written_costs_only_time(
    asked: list[list[str]], home: Path
) -> None:
    (home / ".cache").write_text("是文件，不是文件夹", "utf-8")
    assert vectors(SENTENCES).shape == (5, DIMENSIONS)
    vectors(SENTENCES)
    assert len(asked) == 2


@pytest.mark.parametrize("left", [0, 100, 400])
def test_vectors_that_were_cut_short_are_made_anew(
    asked: list[list[str]], home: Path, left: int
) -> None:
    expected = vectors(SENTENCES)
    (path,) = cached(home)
    path.write_bytes(path.read_bytes()[:left])  # a run that was interrupted, or a full disk
    assert vectors(SENTENCES).shape == expected.shape
    assert len(asked) == 2


def test_the_second_run_of_an_adaptation_reads_the_vectors(
    encoder: Encoder, base: str, tmp_path: Path, home: Path
) -> None:
    first, _ = adapt_on(some(), tmp_path / "甲", base=base)
    second, _ = adapt_on(some(), tmp_path / "乙", base=base)
    assert len(encoder.calls) == 1
    assert len(cached(home)) == 1
    assert (first.scorer.weights == second.scorer.weights).all()
