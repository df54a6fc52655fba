"""Adapting to an archive without labels: what helps is taken, what harms leaves the base as it was.

The sentence vectors are made up: a direction for each level 2, and noise. They err elsewhere than
words do, as the encoder's do, and cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from minyi.corpus import training_set
from minyi.errors import InputError, ModelError
from minyi.learning import adaptation
from minyi.learning.adaptation import _SEED, _WATCHED, FEWEST, ROUNDS, Check, adapt, surest
from minyi.learning.classifier import CalibratedLinear
from minyi.learning.features import TextFeatures
from minyi.learning.scoring import Linear, Scorer, SentenceHead
from minyi.learning.sentences import DIMENSIONS
from minyi.schema import Submission
from small_corpus import STEMS, corpus, examples, model, small_set

PER_STEM = 200
NOISE = 4.0  # the second view is right of nearly every text


def vectors_of(stems: list[str], seed: int) -> NDArray[np.float32]:
    directions = np.random.default_rng(0).normal(size=(len(STEMS), DIMENSIONS))
    noise = np.random.default_rng(seed).normal(size=(len(stems), DIMENSIONS))
    vectors = directions[[STEMS.index(stem) for stem in stems]] + NOISE * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors, dtype=np.float32)


class Archive:
    """Texts of the same kind that the small model has not seen, and what they are."""

    def __init__(self) -> None:
        seen = {id(example) for example in examples()}
        by_stem = defaultdict(list)
        for example in corpus():
            if id(example) not in seen:
                by_stem[example.category[:4]].append(example)
        data = training_set([e for s in STEMS for e in by_stem[s][:PER_STEM]], names=False)
        self.submissions: list[Submission] = list(data.submissions)
        self.stems = [code[:4] for code in data.labels["category"]]
        self.vectors = vectors_of(self.stems, seed=2)

    def accuracy(self, scorer: Scorer) -> float:
        found = np.asarray(scorer.heads["stem"])[stem_logits(scorer, self).argmax(axis=1)]
        return float((found == np.array(self.stems)).mean())


def stem_logits(scorer: Scorer, archive: Archive) -> NDArray[np.float32]:
    transformer = TextFeatures()
    transformer.columns_, transformer.idf_ = scorer.columns, scorer.idf
    logits = scorer.logits(transformer.transform(archive.submissions))
    return np.asarray(logits[:, scorer.outputs("stem")])


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """On busy cores, threads that wait for each other make such small models ten times slower."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive()


@pytest.fixture(scope="module")
def base() -> Scorer:
    stems = [code[:4] for code in small_set().labels["category"]]
    view = CalibratedLinear(C=10.0).fit(vectors_of(stems, seed=1), stems)
    linear = Linear(view.coef_, view.intercept_).scaled(0.5)
    return replace(model().scorer, sentences={"stem": SentenceHead(linear, words=0.5)})


@pytest.fixture(scope="module")
def adapted(base: Scorer, archive: Archive) -> tuple[Scorer, Check]:
    return adapt(base, archive.submissions, archive.vectors)


# --- the surest ---


def test_of_each_class_the_share_that_is_surest_is_taken() -> None:
    sure = [0.9, 0.6, 0.8, 0.7, 0.55, 0.95, 0.51, 0.99]
    classes = [0, 0, 0, 0, 1, 1, 1, 1]
    probabilities = np.array(
        [[s, 1 - s] if c == 0 else [1 - s, s] for s, c in zip(sure, classes, strict=True)]
    )
    assert surest(probabilities, 0.5).tolist() == [0, 2, 5, 7]
    assert surest(probabilities, 0.25).tolist() == [0, 7]
    assert surest(probabilities, 1.0).tolist() == list(range(8))


def test_a_class_of_one_text_keeps_it() -> None:
    probabilities = np.array([[0.4, 0.3, 0.3], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1]])
    assert surest(probabilities, 0.01).tolist() == [0, 1]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=40),
    st.floats(0.05, 1),
)
def test_no_class_is_left_out_and_none_above_its_share(
    rows: list[list[float]], share: float
) -> None:
    probabilities = np.array(rows)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    best, score = probabilities.argmax(axis=1), probabilities.max(axis=1)
    kept = surest(probabilities, share)
    assert (np.diff(kept) > 0).all()
    left = np.setdiff1d(np.arange(len(rows)), kept)
    for name in np.unique(best):
        of_class = best == name
        assert (best[kept] == name).sum() == max(1, round(share * of_class.sum()))
        if (best[left] == name).any():
            assert score[kept][best[kept] == name].min() >= score[left][best[left] == name].max()


# --- what is refused ---


def test_too_few_texts_are_refused(base: Scorer, archive: Archive) -> None:
    few = FEWEST - 1
    with pytest.raises(InputError, match=f"至少需要 {FEWEST} 条.*实际只有 {few} 条.*往年"):
        adapt(base, archive.submissions[:few], archive.vectors[:few])


def test_just_enough_texts_are_taken(base: Scorer, archive: Archive) -> None:
    rows = np.linspace(0, len(archive.submissions) - 1, FEWEST).astype(int)
    some = [archive.submissions[row] for row in rows]
    _, check = adapt(base, some, archive.vectors[rows])
    assert check.n_texts == FEWEST


def test_a_base_that_knows_no_sentence_vectors_is_refused(archive: Archive) -> None:
    with pytest.raises(ModelError, match=r"没有语义部分.*starter"):
        adapt(model().scorer, archive.submissions, archive.vectors)


# --- what is taken ---


def test_texts_of_the_same_kind_make_the_model_better(
    base: Scorer, archive: Archive, adapted: tuple[Scorer, Check]
) -> None:
    scorer, check = adapted
    assert check.problem == ""
    assert check.agreement_after >= check.agreement_before
    assert archive.accuracy(scorer) > archive.accuracy(base) + 0.1


def test_the_check_tells_what_it_saw(archive: Archive, adapted: tuple[Scorer, Check]) -> None:
    check = adapted[1]
    assert check.n_texts == len(archive.submissions)
    assert 0.1 * check.n_texts < check.n_watched < 0.2 * check.n_texts
    assert 1 <= check.rounds <= len(ROUNDS)
    assert 0 <= check.drift < 0.25
    assert check.as_dict()["agreement_after"] == check.agreement_after


def test_what_was_not_taught_is_as_it_was(base: Scorer, adapted: tuple[Scorer, Check]) -> None:
    scorer = adapted[0]
    assert (scorer.heads, scorer.codes) == (base.heads, base.codes)
    assert scorer.sentences["stem"] is base.sentences["stem"]
    places = np.searchsorted(scorer.columns, base.columns)
    assert (scorer.columns[places] == base.columns).all()
    for head in ("kind", "department", "urgent"):
        output = scorer.outputs(head)
        assert (scorer.weights[places, output] == base.weights[:, output]).all()
        assert (scorer.intercept[output] == base.intercept[output]).all()
    for old, new in zip(base.leaves, scorer.leaves, strict=True):
        assert (scorer.columns[new.features] == base.columns[old.features]).all()
        assert (new.weights == old.weights).all()


def test_words_of_the_archive_get_features(base: Scorer, adapted: tuple[Scorer, Check]) -> None:
    new = np.isin(adapted[0].columns, base.columns, invert=True)
    assert new.sum() > 1000
    stem = adapted[0].weights[:, adapted[0].outputs("stem")]
    assert np.abs(stem[new]).max() > 0.1


def test_an_adapted_model_is_no_more_certain_than_the_base(
    base: Scorer, archive: Archive, adapted: tuple[Scorer, Check]
) -> None:
    def certainty(scorer: Scorer) -> float:
        logits = stem_logits(scorer, archive)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return float((1 / odds.sum(axis=1))[watched].mean())

    # Of the texts that taught it, it is surer: they were told to be right. Of the others it is a
    # little less sure than the base, for it also sees features of which the base knew nothing.
    watched = np.random.default_rng(_SEED).random(len(archive.submissions)) < _WATCHED
    assert certainty(base) - 0.08 < certainty(adapted[0]) <= certainty(base)


def test_it_can_be_repeated(base: Scorer, archive: Archive, adapted: tuple[Scorer, Check]) -> None:
    scorer, check = adapt(base, archive.submissions, archive.vectors)
    assert check == adapted[1]
    assert np.abs(scorer.weights - adapted[0].weights).max() < 1e-4


def test_the_base_itself_is_not_changed(base: Scorer, archive: Archive) -> None:
    weights, intercept = base.weights.copy(), base.intercept.copy()
    adapt(base, archive.submissions, archive.vectors)
    assert (base.weights == weights).all()
    assert (base.intercept == intercept).all()


def test_progress_counts_the_rounds(base: Scorer, archive: Archive) -> None:
    seen: list[tuple[int, int]] = []
    _, check = adapt(
        base, archive.submissions, archive.vectors, progress=lambda *step: seen.append(step)
    )
    assert seen == [(done, len(ROUNDS)) for done in range(1, check.rounds + 1)]


def test_it_stops_when_hardly_any_text_changes_its_class(
    base: Scorer, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "_SETTLED", 1.01)
    assert adapt(base, archive.submissions, archive.vectors)[1].rounds == 1


def test_only_the_stems_that_the_office_uses_are_taught(
    base: Scorer, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "_MOST_DRIFT", 1.0)  # to leave a third out is a drift
    monkeypatch.setattr(adaptation, "_LEAST_GAIN", -1.0)
    taught = [
        adapt(base, archive.submissions, archive.vectors, stems=stems)[0]
        for stems in (STEMS, STEMS[:2])
    ]
    unused = base.heads["stem"].index(STEMS[2])
    shares = [(stem_logits(one, archive).argmax(axis=1) == unused).mean() for one in taught]
    assert shares[1] < shares[0] / 3


def test_all_stems_are_what_is_taught_by_default(
    base: Scorer, archive: Archive, adapted: tuple[Scorer, Check]
) -> None:
    scorer, check = adapt(base, archive.submissions, archive.vectors, stems=STEMS)
    assert check == adapted[1]
    assert np.abs(scorer.weights - adapted[0].weights).max() < 1e-4


def test_the_office_s_own_words_are_cut_as_words(base: Scorer, archive: Archive) -> None:
    word = "犇犇驿站"
    texts = [Submission(f"{word}{s.text}", s.title) for s in archive.submissions]
    with_word, _ = adapt(base, texts, archive.vectors, user_words=[word])
    without, _ = adapt(base, texts, archive.vectors)
    assert not np.isin(with_word.columns, without.columns).all()


# --- what harms ---


def test_vectors_that_mean_nothing_leave_the_base_as_it_was(base: Scorer, archive: Archive) -> None:
    noise = np.random.default_rng(0).normal(size=archive.vectors.shape).astype(np.float32)
    scorer, check = adapt(base, archive.submissions, noise)
    assert scorer is base
    assert "一致率" in check.problem


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda vectors: np.roll(vectors, 150, axis=0), id="of other texts"),
        pytest.param(np.zeros_like, id="all zero"),
        pytest.param(lambda vectors: np.repeat(vectors[:1], len(vectors), axis=0), id="all alike"),
    ],
)
def test_a_view_that_agrees_by_chance_only_leaves_the_base_as_it_was(
    base: Scorer, archive: Archive, harm: Any
) -> None:
    scorer, _ = adapt(base, archive.submissions, harm(archive.vectors))
    assert archive.accuracy(scorer) > archive.accuracy(base) - 0.05


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("_LEAST_GAIN", 0.9, r"适应后两种判断的一致率从 \d+\.\d% 降到 \d+\.\d%"),
        ("_MOST_DRIFT", 0.001, r"适应后各类的比例偏移了 \d+%，超过 0%"),
    ],
)
def test_a_rejected_adaptation_returns_the_base_and_says_why(
    base: Scorer,
    archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: float,
    message: str,
) -> None:
    import re

    monkeypatch.setattr(adaptation, limit, value)
    scorer, check = adapt(base, archive.submissions, archive.vectors)
    assert scorer is base
    assert re.search(message, check.problem)
