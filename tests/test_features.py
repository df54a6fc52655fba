"""The transformer: scikit-learn's contract, and weights equal to a slow reference."""

from __future__ import annotations

import inspect
import math
import os
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from minyi.errors import InputError
from minyi.learning.classifier import CalibratedLinear
from minyi.learning.features import TextFeatures
from minyi.learning.hashing import BLOCK_BITS, BLOCK_LENGTHS, BLOCKS
from minyi.schema import Submission
from small_corpus import submissions
from test_hashing import slow_counts

TEXTS = [
    "村口的路灯坏了半年",
    "小区停水三天了，没人修路灯",
    "低保怎么申请，停水也没人管",
    "公交车半天不来一趟",
]
TITLED = [
    Submission(text, title) for text, title in zip(TEXTS, ["路灯", "停水", "", "公交"], strict=True)
]


def slow_tfidf(
    fitted_on: list[Submission], wanted: list[Submission], min_df: int
) -> list[dict[int, float]]:
    documents = [slow_counts(s.title, s.text) for s in fitted_on]
    frequency: dict[int, int] = {}
    for document in documents:
        for column in document:
            frequency[column] = frequency.get(column, 0) + 1
    idf = {
        column: math.log((1 + len(documents)) / (1 + n)) + 1
        for column, n in frequency.items()
        if n >= min_df
    }
    rows = []
    for submission in wanted:
        counts = slow_counts(submission.title, submission.text)
        values = {c: (1 + math.log(min(n, 1024))) * idf[c] for c, n in counts.items() if c in idf}
        lengths = {
            block: math.sqrt(sum(v * v for c, v in values.items() if c >> BLOCK_BITS == block))
            for block in range(len(BLOCKS))
        }
        shares = [wanted / max(lengths[b], 1e-9) for b, wanted in enumerate(BLOCK_LENGTHS)]
        rows.append({c: v * shares[c >> BLOCK_BITS] for c, v in values.items()})
    return rows


def as_dicts(transformer: TextFeatures, X: Any) -> list[dict[int, float]]:
    return [
        dict(zip(transformer.columns_[row.indices].tolist(), row.data.tolist(), strict=True))
        for row in (X[i] for i in range(X.shape[0]))
    ]


@pytest.mark.parametrize("min_df", [1, 2])
def test_weights_equal_a_slow_reference(min_df: int) -> None:
    transformer = TextFeatures(min_df=min_df)
    fitted = as_dicts(transformer, transformer.fit_transform(TITLED))
    fresh = [Submission("停水停水停水，路灯又坏了", "又停水"), Submission("完全别的事")]
    rows = fitted + as_dicts(transformer, transformer.transform(fresh))
    expected = slow_tfidf(TITLED, [*TITLED, *fresh], min_df)
    for row, slow in zip(rows, expected, strict=True):
        assert row == pytest.approx(slow, abs=2e-6)


def test_fit_transform_equals_fit_then_transform() -> None:
    some = submissions()[:60]
    together = TextFeatures().fit_transform(some)
    apart = TextFeatures().fit(some).transform(some)
    assert together.dtype == apart.dtype == np.float32
    assert abs(together - apart).max() < 1e-6


def test_every_block_of_a_submission_is_as_long_as_told() -> None:
    transformer = TextFeatures(min_df=1).fit(TITLED)
    X = transformer.transform(TITLED)
    blocks = transformer.columns_ >> BLOCK_BITS
    for row, submission in enumerate(TITLED):
        for block, (name, wanted) in enumerate(zip(BLOCKS, BLOCK_LENGTHS, strict=True)):
            length = float(np.linalg.norm(X[row].toarray()[0][blocks == block]))
            is_there = bool(submission.title) or "title" not in name
            assert length == pytest.approx(wanted if is_there else 0, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(TITLED + list(TEXTS)), min_size=1, max_size=8))
def test_a_submission_has_the_same_features_in_any_company(batch: list[Submission | str]) -> None:
    transformer = TextFeatures(min_df=1).fit(TITLED)
    together = transformer.transform(batch)
    alone = [transformer.transform([one]) for one in batch]
    assert all(abs(together[i] - row).max() == 0 for i, row in enumerate(alone))


def test_order_and_length_are_kept_across_internal_batches() -> None:
    many = [TITLED[i % len(TITLED)] for i in range(603)]
    transformer = TextFeatures(min_df=1).fit(TITLED)
    X, four = transformer.transform(many), transformer.transform(TITLED)
    assert X.shape == (603, len(transformer.columns_))
    assert all(abs(X[i] - four[i % 4]).max() == 0 for i in (0, 255, 256, 257, 511, 512, 602))


def test_title_and_text_are_separate_fields() -> None:
    transformer = TextFeatures(min_df=1).fit(TITLED)
    in_title, in_text = transformer.transform(
        [Submission("公交车", "停水"), Submission("停水公交车")]
    )
    title_blocks = np.isin(transformer.columns_ >> BLOCK_BITS, [1, 3])
    assert in_title.toarray()[0][title_blocks].any()
    assert not in_text.toarray()[0][title_blocks].any()


def test_no_pair_reaches_from_the_title_into_the_text() -> None:
    transformer = TextFeatures("chars", min_df=1).fit(["停水", "停了水"])
    split = transformer.transform([Submission("水", "停")])
    joined = transformer.transform(["停水"])
    assert split.nnz < joined.nnz


def test_chars_leave_the_words_out() -> None:
    words = TextFeatures("words+chars", min_df=1).fit(TITLED)
    chars = TextFeatures("chars", min_df=1).fit(TITLED)
    assert set(chars.columns_ >> BLOCK_BITS) == {0, 1}
    assert set(words.columns_ >> BLOCK_BITS) == {0, 1, 2, 3}
    assert set(chars.columns_) < set(words.columns_)


def test_user_words_reach_the_segmenter() -> None:
    plain = TextFeatures(min_df=1).fit(["锦澜壹号停水"])
    own = TextFeatures(min_df=1, user_words=["锦澜壹号"]).fit(["锦澜壹号停水"])
    assert plain.columns_.tolist() != own.columns_.tolist()


def test_a_line_break_in_a_text_does_not_shift_the_others() -> None:
    transformer = TextFeatures(min_df=1).fit(TITLED)
    X = transformer.transform([Submission("路灯\n坏了", "路\n灯"), TITLED[1]])
    assert abs(X[1] - transformer.transform([TITLED[1]])).max() == 0
    assert abs(X[0] - transformer.transform([Submission("路灯 坏了", "路 灯")])).max() == 0


def test_a_text_without_known_features_is_a_row_of_zeros() -> None:
    X = TextFeatures(min_df=1).fit(TEXTS).transform(["", " ", "犇", TEXTS[0]])
    assert X.shape[0] == 4
    assert [X[i].nnz for i in range(3)] == [0, 0, 0]
    assert np.isfinite(X.data).all()


def test_keep_leaves_the_kept_features_as_they_are_but_for_length() -> None:
    whole, part = (TextFeatures("chars", min_df=1).fit(TEXTS) for _ in range(2))
    kept = np.arange(0, len(whole.columns_), 3)
    assert part.keep(kept) is part
    assert part.columns_.tolist() == whole.columns_[kept].tolist()
    before, after = whole.transform(TEXTS)[:, kept].toarray(), part.transform(TEXTS).toarray()
    lengths = np.linalg.norm(before, axis=1, keepdims=True)
    assert after == pytest.approx(before / lengths, abs=1e-6)


# --- the estimator's contract ---


def test_init_only_assigns() -> None:
    words: list[str] = ["甲"]
    transformer = TextFeatures("nonsense", min_df=-3, user_words=words)
    assert vars(transformer) == {"features": "nonsense", "min_df": -3, "user_words": words}
    assert transformer.user_words is words


def test_get_params_names_every_argument_of_init() -> None:
    arguments = set(inspect.signature(TextFeatures.__init__).parameters) - {"self"}
    assert set(TextFeatures().get_params()) == arguments


def test_clone_copies_parameters_and_forgets_the_fit() -> None:
    transformer = TextFeatures("chars", min_df=1, user_words=("停水",)).fit(TEXTS)
    copy = clone(transformer)
    assert copy.get_params() == transformer.get_params()
    with pytest.raises(NotFittedError):
        copy.transform(TEXTS)


@pytest.mark.parametrize(
    "parameters", [{"features": "chars"}, {"min_df": 2}, {"user_words": ["没人修路"]}]
)
def test_set_params_takes_effect(parameters: dict[str, Any]) -> None:
    before = TextFeatures(min_df=1).fit(TEXTS)
    after = TextFeatures(min_df=1).set_params(**parameters).fit(TEXTS)
    direct = TextFeatures(**{"min_df": 1, **parameters}).fit(TEXTS)
    assert after.columns_.tolist() == direct.columns_.tolist()
    assert after.columns_.tolist() != before.columns_.tolist()


def test_fit_returns_the_transformer_and_a_refit_forgets() -> None:
    transformer = TextFeatures(min_df=1)
    assert transformer.fit(TEXTS) is transformer
    transformer.fit(["别的文字"])
    assert (
        transformer.columns_.tolist() == TextFeatures(min_df=1).fit(["别的文字"]).columns_.tolist()
    )


def test_fitting_does_not_change_parameters() -> None:
    transformer = TextFeatures(min_df=1, user_words=["停水"])
    before = dict(transformer.get_params())
    assert transformer.fit(TEXTS).get_params() == before


def test_pickled_and_unpickled_it_gives_the_same_matrix() -> None:
    transformer = TextFeatures(min_df=1, user_words=["路灯坏"]).fit(TITLED)
    copy = pickle.loads(pickle.dumps(transformer))
    assert abs(copy.transform(TITLED) - transformer.transform(TITLED)).max() == 0


def test_it_stands_in_a_pipeline() -> None:
    labels = ["灯", "水", "水", "车"] * 3
    pipeline = make_pipeline(TextFeatures(min_df=1), CalibratedLinear())
    predicted = pipeline.fit(TEXTS * 3, labels).predict(TEXTS)
    assert predicted.tolist() == labels[:4]
    clone(pipeline).set_params(textfeatures__features="chars", calibratedlinear__C=1.0)


def test_a_series_a_tuple_and_a_generator_are_lists_of_texts() -> None:
    transformer = TextFeatures(min_df=1).fit(pd.Series(TEXTS))
    expected = transformer.transform(TEXTS)
    for texts in (tuple(TEXTS), np.array(TEXTS), (text for text in TEXTS), pd.Series(TEXTS)):
        assert abs(transformer.transform(texts) - expected).max() == 0


BAD_INPUT = [
    ([], "空列表"),
    ("一个字符串", "一个字符串"),
    (pd.DataFrame({"内容": TEXTS}), "DataFrame"),
    ([*TEXTS, None], "NoneType.*位置 4"),
    ([float("nan"), *TEXTS], "float.*位置 0"),
    ([TEXTS], "list"),
    ([b"bytes"], "bytes"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_INPUT)
@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform"])
def test_what_is_no_list_of_texts_is_refused_in_chinese(
    method: str, bad: Any, message: str
) -> None:
    transformer = TextFeatures(min_df=1)
    if method == "transform":
        transformer.fit(TEXTS)
    with pytest.raises(InputError, match=message):
        getattr(transformer, method)(bad)


def test_an_unknown_feature_set_is_refused_when_fitting() -> None:
    with pytest.raises(InputError, match=r"features 应为 .*实际是 'words'"):
        TextFeatures("words").fit(TEXTS)


def test_user_words_that_are_one_string_are_refused() -> None:
    with pytest.raises(InputError, match="user_words 应为词的列表"):
        TextFeatures(user_words="停水").fit(TEXTS)


def test_texts_without_a_repeated_feature_are_refused() -> None:
    with pytest.raises(InputError, match="没有可用的特征"):
        TextFeatures(min_df=2).fit(["停水"])


def test_transform_before_fit_is_refused() -> None:
    with pytest.raises(NotFittedError):
        TextFeatures().transform(TEXTS)


def test_a_process_started_anew_gives_the_same_matrix(tmp_path: Any) -> None:
    code = (
        "import sys, numpy as np\n"
        "from minyi.learning.features import TextFeatures\n"
        f"t = TextFeatures(min_df=1).fit({TEXTS!r}); X = t.transform({TEXTS[::-1]!r})\n"
        "np.savez(sys.argv[1], columns=t.columns_, idf=t.idf_, X=X.toarray())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    path = tmp_path / "there.npz"
    subprocess.run([sys.executable, "-c", code, str(path)], env=environment, check=True)
    here = TextFeatures(min_df=1).fit(TEXTS)
    with np.load(path) as there:
        assert (there["columns"] == here.columns_).all()
        assert (there["idf"] == here.idf_).all()
        assert (there["X"] == here.transform(TEXTS[::-1]).toarray()).all()
