"""Evidence: the words that speak for the decision, as a slow reference finds them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from minyi.learning import evidence, hashing
from minyi.learning.evidence import strongest_words
from minyi.learning.scoring import Scorer
from minyi.text.segmentation import Segmenter
from small_corpus import label_model, model, submissions


def features_of(texts: Sequence[str]) -> hashing.Features:
    return hashing.extract([""] * len(texts), texts, Segmenter().cut)


def best_stems(scorer: Scorer, features: hashing.Features) -> NDArray[np.int64]:
    logits = scorer.logits(scorer.weigh(features))
    return np.asarray(scorer.probabilities(logits, "stem").argmax(axis=1))


def slow_weights(scorer: Scorer, text: str, stem: int) -> dict[str, float]:
    """Weigh each word by hashing it alone."""
    weights = {}
    for word in set(Segmenter().cut(text)):
        # The cutter would cut a word in its own way: give it the word as one token.
        one = hashing.extract([""], [word], lambda joined: [joined[0], joined[1:-1], "\n"])
        column = one.word_columns
        position = int(scorer.lookup[column[0]]) if len(column) else -1
        if position >= 0:
            row = scorer.weights[position, : len(scorer.heads["stem"])]
            weights[word] = float((row[stem] - row.mean()) * scorer.idf[position])
    return weights


def test_words_equal_a_slow_reference() -> None:
    scorer = model().scorer
    texts = [s.text for s in submissions()[::9]]
    features = features_of(texts)
    stems = best_stems(scorer, features)
    for text, stem, words in zip(
        texts, stems, strongest_words(scorer, features, stems), strict=True
    ):
        weights = slow_weights(scorer, text, int(stem))
        speaking = {
            w: v
            for w, v in weights.items()
            if v > evidence._LEAST_WEIGHT and len(w) >= 2 and not w.isascii()
        }
        expected = sorted(speaking.values(), reverse=True)[:5]
        assert [weights[word] for word in words] == pytest.approx(expected, abs=1e-5)


def test_words_stand_in_the_text_once_and_are_no_single_characters() -> None:
    scorer = model().scorer
    features = features_of([s.text for s in submissions()])
    found = strongest_words(scorer, features, best_stems(scorer, features))
    assert len(found) == len(submissions())
    assert sum(map(bool, found)) > 0.9 * len(found)
    for submission, words in zip(submissions(), found, strict=True):
        assert len(words) <= 5
        assert len(set(words)) == len(words)
        assert all(word in submission.text and len(word) > 1 for word in words)


def test_a_word_that_is_repeated_does_not_hide_the_others() -> None:
    scorer = model().scorer
    (words,) = strongest_words(scorer, features_of(["公交车，司机，站台"]), np.array([0]))
    (again,) = strongest_words(scorer, features_of(["公交车，" * 60 + "司机，站台"]), np.array([0]))
    assert len(words) > 1
    assert again == words


def test_words_do_not_depend_on_the_company_of_a_text() -> None:
    scorer = model().scorer
    texts = [s.text for s in submissions()[:10]]
    classes = np.zeros(10, np.int64)
    together = strongest_words(scorer, features_of(texts), classes)
    alone = [strongest_words(scorer, features_of([text]), classes[:1])[0] for text in texts]
    assert together == alone


def test_fillers_and_words_of_ascii_only_are_left_out_and_others_follow() -> None:
    scorer = model().scorer
    features = features_of(["公交车，司机，站台，ETC 12345"])
    (words,) = strongest_words(scorer, features, np.array([0]))
    (without,) = strongest_words(scorer, features, np.array([0]), fillers={words[0]})
    assert without == words[1:]
    assert not any(word.isascii() for word in words)


def test_fewer_words_can_be_asked_for() -> None:
    scorer = model().scorer
    features = features_of([submissions()[0].text])
    five = strongest_words(scorer, features, np.array([0]))[0]
    assert strongest_words(scorer, features, np.array([0]), n_words=2)[0] == five[:2]


@pytest.mark.parametrize("text", ["", "。。。", "犇"])
def test_a_text_without_known_words_has_no_evidence(text: str) -> None:
    assert strongest_words(model().scorer, features_of([text]), np.array([0])) == [()]


def test_a_model_of_characters_has_no_words_to_show() -> None:
    features = features_of(["公交车半天不来"])
    assert strongest_words(label_model().scorer, features, np.array([0])) == [()]
