"""Words: the same from both engines, whole again when joined, each office's own."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import pickle
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minyi.resources import bundled
from minyi.text.cleaning import clean
from minyi.text.segmentation import Segmenter, dictionary

OWN = ("石桥镇", "大塘村", "锦澜壹号", "5G基站", "A区", "K3路", "c++", "3-5组", "新农合", "１", "x")
FAST, PURE = Segmenter(OWN, engine="rjieba"), Segmenter(OWN, engine="jieba")
ASCII_RICH = st.text(
    st.sampled_from(
        "的停水宅基地村卡拉恤常在此年月日0123456789abTKXx+#&._%- \n，。５㐀鿿𠀀é😀\ud800"
    )
)


@cache
def corpus() -> list[str]:
    texts = []
    for file in sorted(bundled("corpus").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            texts += [row["title"], row["text"]]
    return texts


def test_both_engines_cut_the_corpus_alike() -> None:
    texts = random.Random(1).sample(corpus(), 4_000)
    different = [
        text for text in [*texts, *clean(texts[:1_000])] if FAST.cut(text) != PURE.cut(text)
    ]
    # Known ties: three times the same character (轰轰轰), the same words in another order;
    # and “常在” before a single character, where two paths differ by 1.5e-7.
    others = [t for t in different if sorted(FAST.cut(t)) != sorted(PURE.cut(t))]
    assert [text for text in others if "常在" not in text] == []
    assert len(different) <= 4


@settings(deadline=None)
@given(ASCII_RICH)
@example("2014.5.20和3-5、100%、a+b、c++、No.1、T恤、卡拉OK")
@example("村村村.水%1_.1")
@example("㐀#鿿%a𠀀_")
def test_both_engines_cut_ascii_and_rare_characters_alike(text: str) -> None:
    if "常在" not in text:
        assert FAST.cut(text) == PURE.cut(text)


def test_both_engines_cut_every_sort_of_character_alike() -> None:
    codes = itertools.chain(range(0x2FF), range(0x2000, 0x33FF), range(0x33F0, 0x33000, 29))
    for code in codes:
        text = f"停水{chr(code)}{chr(code)}a+村{chr(code)}+"
        assert FAST.cut(text) == PURE.cut(text), hex(code)


@settings(deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=())))
@example("甲\r\n乙\u2028丙\x0b\n\n")
def test_the_words_joined_are_the_text(text: str) -> None:
    assert "".join(FAST.cut(text)) == text
    assert all(FAST.cut(text))


def test_the_words_of_the_corpus_joined_are_the_text() -> None:
    assert all("".join(FAST.cut(text)) == text for text in corpus()[::5])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("新农合怎么报销", ["新农合", "怎么", "报销"]),
        ("2014.5.20", ["2014.5", ".", "20"]),
        ("", []),
        ("水", ["水"]),
        ("\n", ["\n"]),
    ],
)
def test_cuts(text: str, words: list[str]) -> None:
    assert Segmenter().cut(text) == words


def test_the_dictionary_has_a_thousand_different_words() -> None:
    words = [word for word, _ in dictionary()]
    assert len(words) == len(set(words)) >= 1_000
    assert all(word and tag for word, tag in dictionary())


@pytest.mark.parametrize(
    "word", ["新农合", "五保户", "退耕还林", "村村通", "四议两公开", "塘堰", "宅基地"]
)
def test_the_words_of_the_countryside_stay_whole(word: str) -> None:
    assert word in dict(dictionary())
    assert word in Segmenter().cut(f"请问{word}的事归谁管")


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_the_words_of_one_office_do_not_leak_into_another(engine: str) -> None:
    text = "云雀里二期安置区的鹭鸣坊三期安置区停水"
    first, second = (
        Segmenter(["云雀里二期安置区"], engine=engine),
        Segmenter(["鹭鸣坊三期安置区"], engine=engine),
    )
    assert "云雀里二期安置区" in first.cut(text)
    assert "鹭鸣坊三期安置区" not in first.cut(text)
    assert "鹭鸣坊三期安置区" in second.cut(text)
    assert "云雀里二期安置区" not in second.cut(text)
    assert not {"云雀里二期安置区", "鹭鸣坊三期安置区"} & set(Segmenter(engine=engine).cut(text))


def test_a_segmenter_pickles_small_after_use() -> None:
    segmenter = Segmenter(["云雀里壹号"])
    segmenter.cut("停水")
    data = pickle.dumps(segmenter)
    assert len(data) < 500
    assert pickle.loads(data).cut("云雀里壹号停水") == segmenter.cut("云雀里壹号停水")


def test_a_segmenter_works_in_a_spawned_process() -> None:
    segmenter = Segmenter(["云雀里壹号"])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(segmenter.cut, ["云雀里壹号停水"]) == [["云雀里壹号", "停水"]]


WITHOUT_RJIEBA = """
import json, sys, warnings
from importlib.abc import MetaPathFinder

class NotInstalled(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "rjieba":
            raise ModuleNotFoundError("No module named 'rjieba'", name="rjieba")

sys.meta_path.insert(0, NotInstalled())
from minyi.text.segmentation import Segmenter
texts = json.load(sys.stdin)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    words = [Segmenter().cut(text) for text in texts]
try:
    Segmenter(engine="rjieba").cut("停水")
    refused = False
except ImportError:
    refused = True
messages = [str(w.message) for w in caught]
sys.stdout.buffer.write(json.dumps([words, messages, refused]).encode())
"""


def test_without_rjieba_jieba_serves_with_one_warning_and_the_same_words(tmp_path: Path) -> None:
    texts = ["新农合怎么报销", "2014.5.20停水", "五保户的宅基地被占，T恤3-5件", "㐀村#1"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_RJIEBA],
        input=json.dumps(texts).encode(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    words, messages, refused = json.loads(done.stdout)
    assert words == [Segmenter(engine="rjieba").cut(text) for text in texts]
    assert len(messages) == 1
    assert "未安装 rjieba，改用 jieba 分词" in messages[0]
    assert refused
    assert list(tmp_path.iterdir()) == []  # no cache is left where others can write
