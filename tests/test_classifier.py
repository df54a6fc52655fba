"""The classifiers: scikit-learn's contract, calibration, and a tree whose levels agree."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse import random as random_sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.svm import LinearSVC

from minyi.errors import InputError
from minyi.learning.classifier import (
    CalibratedLinear,
    Parts,
    TreeClassifier,
    balanced,
    check_labels,
    fit_temperature,
    folds,
)
from minyi.learning.hierarchy import softmax
from small_corpus import CODES, STEMS, matrix, small_set

CLASSIFIERS = [CalibratedLinear, TreeClassifier]
Y = np.array(["010201", "010202", "0402"] * 20)


def toy(seed: int = 3) -> csr_matrix:
    X = random_sparse(60, 40, 0.2, format="csr", random_state=seed).toarray()
    X[np.arange(60), np.arange(60) % 3] += 1
    return csr_matrix(X.astype(np.float32))


@pytest.fixture(scope="module")
def tree() -> TreeClassifier:
    return TreeClassifier().fit(matrix(), small_set().labels["category"])


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_init_only_assigns(kind: Any) -> None:
    assert vars(kind(C="nonsense")).pop("C") == "nonsense"
    assert set(vars(kind())) == set(inspect.signature(kind.__init__).parameters) - {"self"}


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_clone_copies_parameters_and_forgets_the_fit(kind: Any) -> None:
    fitted = kind(C=3.0).fit(toy(), Y)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        copy.predict_proba(toy())


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (CalibratedLinear, {"C": 0.01}),
        (TreeClassifier, {"C": 0.01}),
        (TreeClassifier, {"leaf_C": 1e-3}),
    ],
)
def test_set_params_takes_effect(kind: Any, parameters: dict[str, float]) -> None:
    before = kind().fit(toy(), Y).predict_proba(toy())
    after = kind().set_params(**parameters).fit(toy(), Y).predict_proba(toy())
    direct = kind(**parameters).fit(toy(), Y).predict_proba(toy())
    assert (after == direct).all()
    assert np.abs(after - before).max() > 1e-4


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_probabilities_sum_to_one_and_agree_with_predict(kind: Any) -> None:
    model = kind().fit(toy(), Y)
    X = vstack_zeros(toy())
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (X.shape[0], len(model.classes_))
    assert (probabilities >= 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (model.predict(X) == model.classes_[probabilities.argmax(axis=1)]).all()
    assert model.score(toy(), Y) > 0.9


def vstack_zeros(X: csr_matrix) -> csr_matrix:
    return csr_matrix(np.vstack([X.toarray(), np.zeros((2, X.shape[1]), np.float32)]))


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_pickled_and_fitted_twice_it_predicts_the_same(kind: Any) -> None:
    model = kind().fit(toy(), Y)
    expected = model.predict_proba(toy())
    assert (pickle.loads(pickle.dumps(model)).predict_proba(toy()) == expected).all()
    assert (model.fit(toy(), Y).predict_proba(toy()) == expected).all()
    assert (kind().fit(toy(), Y.tolist()).predict_proba(toy()) == expected).all()


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_the_layout_of_the_matrix_does_not_matter(kind: Any) -> None:
    expected = kind().fit(toy(), Y).predict_proba(toy())
    for X in (csc_matrix(toy()), toy().tocoo(), toy().toarray()):
        assert np.abs(kind().fit(X, Y).predict_proba(toy()) - expected).max() < 1e-5


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_order_of_rows_is_kept(kind: Any) -> None:
    model, order = kind().fit(toy(), Y), np.random.default_rng(0).permutation(60)
    apart = model.predict_proba(toy()[order])
    assert np.abs(apart - model.predict_proba(toy())[order]).max() < 1e-6


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (Y[:-1], "文本 60 条，标签的形状是"),
        ([], "文本 60 条，标签的形状是"),
        ("甲", "标签的形状是"),
        (pd.DataFrame({"类别": Y}), "标签的形状是"),
        (["甲"] * 60, "至少有两种，实际有 1 种"),
        ([*Y[:-1], None], "1 个是空值或其他类型（位置 59）"),
        ([float("nan"), *Y[1:]], "空值或其他类型（位置 0）"),
        ([pd.NA, *Y[1:]], "空值或其他类型（位置 0）"),
    ],
)
def test_unusable_labels_are_refused_in_chinese(kind: Any, labels: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        kind().fit(toy(), labels)


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize(
    ("X", "message"),
    [
        (["停水", "路灯"], "应为二维矩阵，实际是 list"),
        ("停水", "实际是 str"),
        (pd.DataFrame({"内容": ["停水"]}), "实际是 DataFrame"),
        (None, "实际是 NoneType"),
        (csr_matrix([[np.nan, 1.0], [1.0, 0.0]]), "NaN 或无穷大"),
    ],
)
def test_unusable_features_are_refused_in_chinese(kind: Any, X: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        kind().fit(X, ["0101", "0201"])


def test_whole_numbers_are_labels() -> None:
    assert check_labels([1, 0, 1], 3).tolist() == ["1", "0", "1"]
    assert check_labels(np.array([1, 0]), 2).tolist() == ["1", "0"]


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_handful_of_rows_is_enough(kind: Any, n: int) -> None:
    labels = ["0101", "020101", "020102", "0301", "0401"][:n]
    model = kind().fit(toy()[:n], labels)
    assert model.predict_proba(toy()).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert sorted(model.held_out_rows_) == list(range(n))


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_rows_without_any_feature_do_not_break_the_fit(kind: Any) -> None:
    model = kind().fit(csr_matrix((60, 40), dtype=np.float32), Y)
    assert model.predict_proba(toy()).sum(axis=1) == pytest.approx(1, abs=1e-5)


def peer_of(C: float) -> LinearSVC:
    return LinearSVC(C=C, class_weight="balanced", max_iter=20_000, tol=1e-6, random_state=0)


def test_two_classes_equal_scikit_learn_s_own_support_vector_machine() -> None:
    labels = np.array(["甲", "乙"] * 30)
    model = CalibratedLinear(C=0.5).fit(toy(), labels)
    peer = peer_of(0.5).fit(toy(), labels)
    expected = peer.decision_function(toy()) * model.temperature_
    ours = model.decision_function(toy())
    assert ours[:, 1] - ours[:, 0] == pytest.approx(expected, abs=1e-2)
    assert model.classes_.tolist() == peer.classes_.tolist()


def test_many_classes_equal_scikit_learn_s_own_support_vector_machine() -> None:
    model = CalibratedLinear(C=0.5).fit(toy(), Y)
    expected = softmax(peer_of(0.5).fit(toy(), Y).decision_function(toy()) * model.temperature_)
    assert np.abs(model.predict_proba(toy()) - expected).max() < 1e-2


def test_the_temperature_lowers_the_loss_of_overconfident_logits() -> None:
    rng = np.random.default_rng(1)
    true_logits = rng.normal(size=(4000, 3)) * 2
    probabilities = softmax(true_logits)
    truth = np.array([rng.choice(3, p=p / p.sum()) for p in probabilities.astype(float)])
    assert fit_temperature(true_logits, truth) == pytest.approx(1, abs=0.1)
    assert fit_temperature(true_logits * 8, truth) == pytest.approx(1 / 8, rel=0.1)
    assert fit_temperature(true_logits / 8, truth) == pytest.approx(8, rel=0.1)


def test_the_temperature_of_nothing_is_one() -> None:
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, np.int64)) == 1
    assert fit_temperature(np.zeros((0, 3)), np.zeros((0, 3), bool)) == 1


def some_logits(n: int = 4000) -> tuple[Any, Any]:
    """Logits of four classes, and the classes drawn from them."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(n, 4)) * 2
    draws = np.array([rng.choice(4, p=p / p.sum()) for p in softmax(logits).astype(float)])
    return logits, draws


@pytest.mark.parametrize("factor", [1, 8, 1 / 8])
def test_the_temperature_is_the_same_for_classes_and_for_what_a_label_allows(
    factor: float,
) -> None:
    logits, truth = some_logits()
    allowed = np.eye(4, dtype=bool)[truth]
    by_class, by_label = (fit_temperature(logits * factor, told) for told in (truth, allowed))
    assert by_label == pytest.approx(by_class, rel=1e-3)


def test_labels_that_allow_several_classes_still_tell_the_temperature() -> None:
    logits, truth = some_logits()
    first_two = np.array([True, True, False, False])
    allowed = np.where((truth < 2)[:, None], first_two, ~first_two)
    assert fit_temperature(logits, allowed) == pytest.approx(1, abs=0.1)
    assert fit_temperature(logits * 8, allowed) == pytest.approx(1 / 8, rel=0.1)


def test_the_temperature_stays_within_its_bounds() -> None:
    logits = np.eye(3)[[0, 1, 2] * 5]
    assert fit_temperature(logits, np.array([0, 1, 2] * 5)) <= 50.01
    assert fit_temperature(logits, np.array([1, 2, 0] * 5)) >= 1 / 50.01


@pytest.mark.parametrize(
    "labels", [["甲"] * 9 + ["乙"], ["甲", "乙"] * 40, ["甲", "乙"], ["甲", "乙", "丙"]]
)
def test_every_row_is_tested_once_by_a_model_that_has_not_seen_it(labels: list[str]) -> None:
    splits = folds(np.array(labels))
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(len(labels)))
    assert all(not set(train) & set(test) for train, test in splits)


def test_of_many_rows_a_quarter_is_held_out() -> None:
    splits = folds(np.array(["甲", "乙"] * 2500))
    assert [len(test) for _, test in splits] == [1250]


def test_the_tree_learns_its_codes_and_stems(tree: TreeClassifier) -> None:
    assert tree.classes_.tolist() == sorted(CODES)
    assert tree.stems_.tolist() == list(STEMS)


def test_leaves_sum_to_their_stem(tree: TreeClassifier) -> None:
    X = matrix()
    stems = softmax(X @ tree.stem_coef_ + tree.stem_intercept_)
    leaves = tree.predict_proba(X)
    for position in range(len(STEMS)):
        below = leaves[:, tree.stem_of_ == position].sum(axis=1)
        assert below == pytest.approx(stems[:, position], abs=1e-5)


def test_codes_of_any_level_live_in_one_tree() -> None:
    labels = np.array(["01", "0102", "010201", "0402"] * 15)
    model = TreeClassifier().fit(toy(), labels)
    assert model.classes_.tolist() == ["01", "0102", "010201", "0402"]
    assert model.stems_.tolist() == ["01", "0102", "0402"]
    assert model.predict_proba(toy()).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_tree_of_one_stem_decides_among_its_leaves() -> None:
    labels = np.array(["010201", "010202", "010203"] * 20)
    model = TreeClassifier().fit(toy(), labels)
    assert model.score(toy(), labels) > 0.9


def unrelated(n: int = 80, seed: int = 2) -> tuple[csr_matrix, Any]:
    """Rows that share nothing, so that only having seen a row tells its label."""
    rng = np.random.default_rng(seed)
    labels = np.array(["0101", "0102", "0201", "0202"])[rng.permutation(n) % 4]
    return csr_matrix(np.eye(n, dtype=np.float32)), labels


def held_out_accuracy(tree: TreeClassifier, labels: Any) -> float:
    best = tree.stems_[tree.held_out_stems_.argmax(axis=1)]
    return float((best == labels[tree.held_out_rows_]).mean())


def test_parts_of_held_out_texts_are_not_trained_on() -> None:
    X, labels = unrelated()
    rows = np.arange(len(labels))
    parts = Parts(X, rows, 1.0)  # each part says all that its text says
    assert held_out_accuracy(TreeClassifier().fit(X, labels, parts), labels) < 0.45
    # Parts that claim another parent leak: without the guard this is what would be seen.
    elsewhere = np.array([np.flatnonzero(labels == label)[-1] for label in labels])
    leaking = TreeClassifier().fit(X, labels, Parts(X, elsewhere, 1.0))
    assert held_out_accuracy(leaking, labels) > 0.6


def test_parts_teach_what_the_texts_do_not_say() -> None:
    X, labels = unrelated()
    hints = np.zeros((80, 84), np.float32)
    hints[np.arange(80), 80 + np.searchsorted(np.unique(labels), labels)] = 1
    texts = csr_matrix(np.hstack([X.toarray(), np.zeros((80, 4), np.float32)]))
    with_parts = TreeClassifier().fit(texts, labels, Parts(csr_matrix(hints), np.arange(80), 0.3))
    unseen = csr_matrix(np.eye(4, 84, 80, dtype=np.float32))
    assert with_parts.predict(unseen).tolist() == with_parts.stems_.tolist()
    assert (TreeClassifier().fit(texts, labels).predict_proba(unseen).std(axis=0) < 1e-6).all()


def test_parts_change_only_the_decision_among_stems(tree: TreeClassifier) -> None:
    n = len(small_set().labels["category"])
    parts = Parts(matrix()[: n // 2], np.arange(n // 2), 0.3)
    taught = TreeClassifier().fit(matrix(), small_set().labels["category"], parts)
    assert (taught.classes_ == tree.classes_).all()
    assert np.abs(taught.stem_coef_ - tree.stem_coef_).max() > 0.01
    assert taught.leaf_coef_ == pytest.approx(tree.leaf_coef_, abs=1e-4)


def test_balanced_weights_give_every_label_the_same_sum_and_the_mean_1() -> None:
    labels = np.array(["甲"] * 6 + ["乙"] * 3 + ["丙"])
    weights = balanced(labels)
    assert weights.mean() == pytest.approx(1)
    for label in "甲乙丙":
        assert weights[labels == label].sum() == pytest.approx(10 / 3)


def test_labels_of_equal_number_weigh_one() -> None:
    assert balanced(np.array(["乙", "甲", "乙", "甲"])).tolist() == [1, 1, 1, 1]


def test_held_out_probabilities_are_worse_than_those_of_seen_rows(tree: TreeClassifier) -> None:
    truth = np.array(small_set().labels["category"])[tree.held_out_rows_]
    stems = np.array([code[:4] for code in truth])
    held_out = (tree.stems_[tree.held_out_stems_.argmax(axis=1)] == stems).mean()
    assert 0.7 < held_out < 1.0
    assert tree.held_out_stems_.sum(axis=1) == pytest.approx(1, abs=1e-5)
