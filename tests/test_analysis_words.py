"""Which words are distinctive: planted differences are found, chance is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from minyi.analysis.frame import prepare
from minyi.analysis.wording.association import exact_p, g2, log_ratio, npmi, q_values
from minyi.analysis.wording.grouping import period
from minyi.analysis.wording.vocabulary import vocabulary, without_copies
from minyi.analysis.wording.words import keyness
from minyi.errors import InputError

counts = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
COMMON = ["水费", "医保", "路灯", "低保", "补贴", "合同", "学费", "噪音"]


def submissions(
    texts: list[str], places: list[str], senders: list[str] | None = None
) -> pd.DataFrame:
    senders = senders or [f"居民{number}" for number in range(len(texts))]
    table = pd.DataFrame({"内容": texts, "地点": places, "姓名": senders})
    return prepare(table, text="内容", place="地点", sender="姓名")


def said_by_lot(n: int, seed: int) -> list[str]:
    lot = np.random.default_rng(seed)
    return ["，".join(lot.choice(COMMON, 3, replace=False)) for _ in range(n)]


def villages(n: int) -> list[str]:
    return ["甲山村" if row % 2 else "乙水村" for row in range(n)]


@given(counts)
def test_p_is_that_of_fishers_exact_test_with_the_tail_doubled(table: tuple[int, ...]) -> None:
    a, n1, b, n2 = table
    cells = [[a, n1 - a], [b, n2 - b]]
    side = "greater" if a * n2 >= b * n1 else "less"
    expected = min(2 * stats.fisher_exact(cells, alternative=side).pvalue, 1)
    assert float(exact_p(a, n1, b, n2)) == pytest.approx(expected, abs=1e-10)


@given(counts)
def test_g2_is_the_log_likelihood_ratio_of_the_whole_table(table: tuple[int, ...]) -> None:
    a, n1, b, n2 = table
    if not 0 < a + b < n1 + n2:
        assert float(g2(a, n1, b, n2)) == pytest.approx(0, abs=1e-9)
        return
    cells = [[a, n1 - a], [b, n2 - b]]
    expected = stats.chi2_contingency(cells, correction=False, lambda_="log-likelihood")
    assert float(g2(a, n1, b, n2)) == pytest.approx(expected.statistic, abs=1e-8)


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    p = np.random.default_rng(1).random(200) ** 3
    assert q_values(p) == pytest.approx(stats.false_discovery_control(p))


@given(counts)
def test_the_log_ratio_lies_within_its_limits_and_turns_with_the_groups(
    table: tuple[int, ...],
) -> None:
    a, n1, b, n2 = table
    ratio, low, high = (float(x) for x in log_ratio(a, n1, b, n2))
    assert low <= ratio <= high
    assert float(log_ratio(b, n2, a, n1)[0]) == pytest.approx(-ratio)


def test_the_interval_of_the_log_ratio_covers_the_truth_nineteen_times_in_twenty() -> None:
    lot = np.random.default_rng(3)
    a, b = lot.binomial(200, 0.2, 4000), lot.binomial(400, 0.1, 4000)
    _, low, high = log_ratio(a, 200, b, 400)
    assert 0.935 <= float(((low <= 1) & (high >= 1)).mean()) <= 0.97


def test_npmi_lies_between_never_and_always() -> None:
    assert npmi([0, 5, 20], [20, 20, 20], [20, 25, 20], 100).tolist() == pytest.approx([-1, 0, 1])


def test_a_planted_word_is_found_with_its_counts_and_examples() -> None:
    texts = said_by_lot(200, seed=1)
    texts = [f"{t}，水库干了" if r % 2 and r < 60 else t for r, t in enumerate(texts)]
    found = keyness(submissions(texts, villages(200)), "place").words
    assert "水库" not in found["term"].tolist()[1:]
    row = found.iloc[0]
    assert (row["term"], row["group"], row["n"], row["n_senders"], row["n_elsewhere"]) == (
        "水库",
        "甲山村",
        30,
        30,
        0,
    )
    assert row["share"] == pytest.approx(0.3)
    assert all("水库" in texts[int(id) - 1] for id in row["examples"])
    assert len(set(row["examples"])) == 3


def test_words_dealt_out_by_lot_are_rarely_called_distinctive() -> None:
    hits = sum(
        not keyness(submissions(said_by_lot(120, seed), villages(120)), "place").words.empty
        for seed in range(40)
    )
    assert hits <= 4


def test_a_citizen_who_repeats_himself_counts_once() -> None:
    texts = [f"{t}，水库干了" if r % 2 and r < 60 else t for r, t in enumerate(said_by_lot(200, 1))]
    senders = ["张某" if r % 2 and r < 60 else f"居民{r}" for r in range(200)]
    found = keyness(submissions(texts, villages(200), senders), "place")
    assert found.words.empty
    assert found.groups.loc["甲山村", ["n", "n_senders"]].tolist() == [100, 71]


def test_one_text_sent_again_and_again_without_a_name_counts_once() -> None:
    texts = ["水库干了"] * 30 + said_by_lot(100, 1)
    places = ["甲山村"] * 30 + villages(100)
    assert "水库" not in set(
        keyness(submissions(texts, places, [""] * 130), "place", fewest=2).words["term"]
    )


def test_phrases_are_found_but_do_not_cross_punctuation() -> None:
    said = ["采石场放炮震坏墙壁"] * 20 + ["采石场，放炮"] * 20
    joined = vocabulary(submissions(said[:20] + said_by_lot(60, 1), [""] * 80)).terms
    apart = vocabulary(submissions(said[20:] + said_by_lot(60, 1), [""] * 80)).terms
    assert any("采石场放炮" in term for term in joined)
    assert not any("采石场放炮" in term for term in apart)


def test_words_that_say_nothing_numbers_and_single_characters_are_no_terms() -> None:
    texts = [f"请问领导我们第三组停电{n}天了怎么办，因为他们一直没有来" for n in range(40)]
    assert vocabulary(submissions(texts, [""] * 40)).terms == ("停电",)


def test_names_of_places_and_people_are_left_out_unless_asked_for() -> None:
    texts = [f"{t}，甲山的周文彬说的，银杉街道也去过" for t in said_by_lot(40, 1)]
    frame = submissions(texts, villages(40))
    without, with_names = vocabulary(frame).terms, vocabulary(frame, names=True).terms
    assert not any(name in term for term in without for name in ("甲山", "周文彬", "银杉"))
    assert "周文彬" in with_names
    assert set(COMMON) & set(without) == set(COMMON) & set(with_names)


def test_a_phrase_and_its_word_in_the_same_submissions_are_told_once() -> None:
    texts = ["捆绑销售" if r % 2 else t for r, t in enumerate(said_by_lot(100, 1))]
    terms = keyness(submissions(texts, villages(100)), "place", "甲山村").words["term"]
    assert terms.tolist() == ["捆绑销售"]


def test_periods_and_own_labels_can_be_compared() -> None:
    texts = ["水库干了" if r < 50 else "路灯坏了" for r in range(100)]
    frame = submissions(texts, [""] * 100)
    frame["time"] = pd.to_datetime(["2026-03-05"] * 50 + ["2026-04-05"] * 50)
    by_month = keyness(frame, "month").words
    assert by_month[["group", "term"]].values.tolist() == [
        ["2026年03月", "水库"],
        ["2026年04月", "路灯"],
    ]
    own = pd.Series(["早"] * 50 + ["晚"] * 50, index=frame.index, name="时节")
    table = keyness(frame, own, "早", against="晚").as_table()
    assert table.loc[0, ["时节", "词语", "人数", "对照组人数"]].tolist() == ["早", "水库", 50, 0]


def test_periods_sort_by_time_and_are_empty_without_one() -> None:
    time = pd.Series(pd.to_datetime(["2025-12-31", "2026-01-05", None]))
    assert period(time, "week").tolist() == ["2026年第01周", "2026年第02周", ""]


def test_the_frame_stays_as_it_was() -> None:
    frame = submissions(said_by_lot(60, 1), villages(60))
    before = frame.copy()
    keyness(frame, "place")
    pd.testing.assert_frame_equal(frame, before)


def test_small_groups_are_named_and_left_out() -> None:
    frame = submissions(said_by_lot(64, 1), [*villages(60), *["丙岭村"] * 4])
    found = keyness(frame, "place")
    assert "“丙岭村”不足 10 人，未作比较" in found.notes
    assert found.groups.loc["丙岭村", "tested"] == 0


@pytest.mark.parametrize(
    ("n", "by", "value", "message"),
    [
        (12, "place", None, "至少需要 30 条留言，实际只有 12 条"),
        (40, "text", None, "不能按“text”分组"),
        (40, "place", "丁村", "没有“丁村”这一组；现有的组：乙水村、甲山村"),
        (40, "month", None, "需要时间"),
        (40, "kind", None, "需要分类结果"),
        (40, "source", None, "需要来源文件"),
    ],
)
def test_what_cannot_be_compared_is_told(n: int, by: str, value: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        keyness(submissions(said_by_lot(n, 1), villages(n)), by, value)


def test_too_few_submissions_with_a_place_are_told_from_too_few_at_all() -> None:
    frame = submissions(said_by_lot(60, 1), [*villages(8), *[""] * 52])
    with pytest.raises(InputError, match="只有 8 条（60 条中按地点可比的）"):
        keyness(frame, "place")


def test_without_copies_keeps_the_first_and_short_clauses() -> None:
    law = "应当配套设立专用的排放烟道"
    assert without_copies([f"{law}，太吵", f"依法，{law}，太吵", law]) == [
        f"{law}，太吵",
        "依法，，太吵",
        "",
    ]
