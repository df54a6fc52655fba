"""Which words come up together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from minyi.analysis.frame import prepare
from minyi.analysis.wording.cooccurrence import cooccurrence
from minyi.errors import InputError

COMMON = ["水费", "医保", "路灯", "低保", "补贴", "合同", "学费", "噪音", "门票", "选举"]


def submissions(texts: list[str], senders: list[str] | None = None) -> pd.DataFrame:
    senders = senders or [f"居民{number}" for number in range(len(texts))]
    return prepare(pd.DataFrame({"内容": texts, "姓名": senders}), text="内容", sender="姓名")


def by_lot(n: int, seed: int = 1) -> list[str]:
    lot = np.random.default_rng(seed)
    return ["，".join(lot.choice(COMMON, 3, replace=False)) for _ in range(n)]


def planted(n: int = 200) -> list[str]:
    return [f"鱼塘，{t}，浑浊" if r % 10 == 0 else t for r, t in enumerate(by_lot(n))]


def test_a_planted_pair_is_the_only_edge_with_its_counts() -> None:
    edges = cooccurrence(submissions(planted())).edges
    assert edges[["first", "second", "n", "n_senders"]].values.tolist() == [
        ["鱼塘", "浑浊", 20, 20]
    ]
    assert edges["npmi"][0] == pytest.approx(1)
    assert edges["expected"][0] == pytest.approx(20 * 20 / 200)
    assert set(edges["examples"][0]) <= {str(row + 1) for row in range(0, 200, 10)}


def test_words_dealt_out_by_lot_have_no_edges() -> None:
    found = cooccurrence(submissions(by_lot(300)))
    assert found.edges.empty
    assert "没有发现经常一起出现的词语" in found.notes
    assert list(found.as_table())[:2] == ["词语一", "词语二"]


def test_what_only_one_citizen_puts_together_is_no_edge() -> None:
    senders = ["李某" if row % 10 == 0 else f"居民{row}" for row in range(200)]
    assert cooccurrence(submissions(planted(), senders)).edges.empty


def test_a_letter_that_goes_round_is_read_once() -> None:
    letter = "依照条例应当配套设立专用排放烟道并且加装净化设备"
    texts = [f"{t}。{letter}" if r % 5 == 0 else t for r, t in enumerate(by_lot(200))]
    edges = cooccurrence(submissions(texts)).edges
    assert not edges["first"].str.contains("烟道|条例|设备").any()


def test_a_phrase_is_not_joined_to_its_own_words() -> None:
    texts = ["噪音扰民，报警" if r % 3 else "噪音，扰民的鸡叫" for r in range(90)] + by_lot(90)
    edges = cooccurrence(submissions(texts), strength=0.0).edges
    for edge in edges.itertuples():
        assert edge.first not in edge.second
        assert edge.second not in edge.first


def test_the_table_has_chinese_headers_and_the_frame_stays() -> None:
    frame = submissions(planted())
    before = frame.copy()
    table = cooccurrence(frame).as_table()
    assert all(not name.isascii() for name in table.columns)
    pd.testing.assert_frame_equal(frame, before)


def test_too_few_submissions_are_refused() -> None:
    with pytest.raises(InputError, match="至少需要 30 条留言，实际只有 29 条"):
        cooccurrence(submissions(by_lot(29)))
