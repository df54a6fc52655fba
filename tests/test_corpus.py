"""The corpus is what it says it is, and the starter's training set follows from it."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from minyi.corpus import Example, read_corpus, training_set
from minyi.domain.departments import load_departments
from minyi.domain.taxonomy import NOWHERE, load_taxonomy
from minyi.modelcard import LENGTHS, SOURCES, area_of, has_two_matters
from minyi.resources import bundled
from minyi.schema import KINDS
from small_corpus import corpus

README = Path(__file__).parents[1] / "data" / "README.md"
NEAR = 0.6
LONG = 12  # characters: what two writers hardly ever put alike
# The least share of texts (0–1) in each band of length; a little below what was measured.
SHARES = (0.06, 0.12, 0.20, 0.20, 0.10, 0.03)
Place = tuple[str, int]


def rows() -> list[tuple[Place, dict[str, Any]]]:
    """Return (file, line) and the row, read without `read_corpus`."""
    found = []
    for file in sorted(bundled("corpus").glob("*.jsonl")):
        lines = file.read_text("utf-8").split("\n")
        assert lines.pop() == "", f"{file.name}: the last line has no end"
        found += [((file.name, n), json.loads(line)) for n, line in enumerate(lines, start=1)]
    return found


def wrong(test: Any) -> list[Place]:
    """Return the places, never the texts, of the rows that fail."""
    return [place for place, row in rows() if not test(row)]


def wrong_in_areas(test: Any) -> list[Place]:
    """Return the places of the rows that fail, among those that belong somewhere."""
    return [place for place in wrong(test) if place[0] != f"{NOWHERE}.jsonl"]


def test_every_line_is_read_in_the_order_of_files_and_lines() -> None:
    assert [(e.title, e.text) for e in corpus()] == [(r["title"], r["text"]) for _, r in rows()]


def test_every_row_has_exactly_the_documented_fields_of_the_documented_types() -> None:
    types = dict.fromkeys(("title", "text", "kind", "category", "department", "source"), str)
    expected = {**types, "also": list, "accepted": list, "urgent": int}
    assert wrong(lambda row: {name: type(value) for name, value in row.items()} == expected) == []
    assert wrong(lambda row: row["urgent"] in (0, 1)) == []


def test_texts_are_not_blank_and_bear_no_outer_blanks() -> None:
    assert wrong(lambda row: row["text"].strip()) == []
    assert wrong(lambda row: row["title"] == row["title"].strip()) == []


def test_codes_stand_in_the_taxonomy_below_level_one() -> None:
    taxonomy = load_taxonomy()
    assert (
        wrong_in_areas(lambda row: row["category"] in taxonomy and len(row["category"]) >= 4) == []
    )
    assert wrong(lambda row: all(code in taxonomy for code in row["also"])) == []


def test_also_names_other_categories_each_once() -> None:
    assert wrong(lambda row: row["category"] not in row["also"]) == []
    assert wrong(lambda row: len(set(row["also"])) == len(row["also"])) == []


def test_accepted_answers_are_codes_kinds_and_departments_other_than_the_labels() -> None:
    names = {department.name for department in load_departments().values()}
    known = {*load_taxonomy(), *names, *KINDS, NOWHERE}
    assert wrong(lambda row: all(answer in known for answer in row["accepted"])) == []
    assert wrong(lambda row: not {row["kind"], row["department"]} & set(row["accepted"])) == []
    read = {place for place, row in rows() if row["accepted"]}
    held_out = {p for (p, _), e in zip(rows(), corpus(), strict=True) if e.is_held_out}
    assert len(read) > 500
    assert read <= held_out


def test_about_a_quarter_is_held_out() -> None:
    assert 0.23 < sum(example.is_held_out for example in corpus()) / len(corpus()) < 0.27


def test_an_answer_is_accepted_as_label_from_above_or_by_a_reader() -> None:
    example = Example(
        "", "路灯", "投诉", "010204", ("0402",), "城管", False, "信箱", ("求助", "住建")
    )
    right = ("010204", "0102", "01", "0402", "04", "投诉", "求助", "城管", "住建")
    assert all(example.accepts(answer) for answer in right)
    assert not any(example.accepts(answer) for answer in ("010205", "02", "举报", "公安"))


def test_departments_bear_their_exact_names() -> None:
    names = {department.name for department in load_departments().values()}
    assert wrong_in_areas(lambda row: row["department"] in names) == []


def test_kinds_and_sources_are_known() -> None:
    assert wrong_in_areas(lambda row: row["kind"] in KINDS) == []
    assert wrong(lambda row: row["source"] in SOURCES) == []


def test_a_file_holds_the_rows_of_its_area_only() -> None:
    areas = {place: row["category"][:2] or NOWHERE for place, row in rows()}
    assert [place for place, area in areas.items() if place[0] != f"{area}.jsonl"] == []


def test_what_belongs_nowhere_has_no_labels() -> None:
    empty: tuple[object, ...] = ("", "", "", [], 0)
    names = ("category", "kind", "department", "also", "urgent")
    assert [
        place
        for place, row in rows()
        if place[0] == f"{NOWHERE}.jsonl" and tuple(row[name] for name in names) != empty
    ] == []


def test_no_text_stands_twice() -> None:
    seen: dict[str, Place] = {}
    twice = [
        (place, first)
        for place, row in rows()
        if (first := seen.setdefault("".join(row["text"].split()), place)) != place
    ]
    assert twice == []


def near_duplicates(texts: list[str]) -> list[tuple[int, int]]:
    """Return the pairs whose sets of character 3-grams have a Jaccard index of `NEAR` or more.

    Two such sets share one of their rarest grams (prefix filtering, Chaudhuri et al. 2006), so an
    inverted index of these alone finds all pairs.
    """
    grams = [{text[i : i + 3] for i in range(max(1, len(text) - 2))} for text in texts]
    frequency = Counter(gram for some in grams for gram in some)
    index: dict[str, list[int]] = defaultdict(list)
    pairs = []
    for i, own in enumerate(grams):
        rarest = sorted(own, key=lambda gram: (frequency[gram], gram))
        candidates: set[int] = set()
        for gram in rarest[: len(own) - math.ceil(NEAR * len(own)) + 1]:
            candidates.update(index[gram])
            index[gram].append(i)
        for j in candidates:
            common = len(own & grams[j])
            if common >= NEAR * (len(own) + len(grams[j]) - common):
                pairs.append((j, i))
    return pairs


def test_near_duplicates_are_found() -> None:
    texts = [
        "村口的路灯坏了半年没人修理",
        "村口的路灯坏了半年没有人修理",
        "小区停水三天",
        "完全别的事情",
    ]
    assert near_duplicates([*texts, texts[2]]) == [(0, 1), (2, 4)]


def test_no_two_texts_are_nearly_the_same() -> None:
    places, found = zip(*((place, row["text"]) for place, row in rows()), strict=True)
    assert [(places[i], places[j]) for i, j in near_duplicates(list(found))] == []


def test_no_texts_are_made_after_a_template() -> None:
    texts = [row["text"] for _, row in rows()]
    found = Counter(
        part for text in texts for part in {text[i : i + LONG] for i in range(len(text) - LONG + 1)}
    )
    assert max(found.values()) <= 0.001 * len(texts)


def test_the_corpus_is_large_and_covers_every_category_and_kind() -> None:
    assert len(corpus()) >= 8_000
    taxonomy = load_taxonomy()
    stems = Counter(example.category[:4] for example in corpus())
    leaves = Counter(example.category for example in corpus())
    assert {c: stems[c] for c, one in taxonomy.items() if one.level == 2 and stems[c] < 30} == {}
    assert {c: leaves[c] for c, one in taxonomy.items() if one.level == 3 and leaves[c] < 8} == {}
    kinds = Counter(example.kind for example in corpus())
    assert {kind: kinds[kind] for kind in KINDS if kinds[kind] < 600} == {}


def test_the_corpus_has_enough_of_what_is_rare() -> None:
    assert sum(example.urgent for example in corpus()) >= 300
    assert sum(has_two_matters(example) for example in corpus()) >= 300
    assert sum(area_of(example) == NOWHERE for example in corpus()) >= 150
    sources = Counter(example.source for example in corpus())
    assert [source for source in SOURCES if sources[source] < 0.05 * len(corpus())] == []


def test_texts_are_short_and_long() -> None:
    bands = Counter(sum(len(e.text) >= low for low in LENGTHS) - 1 for e in corpus())
    shares = [bands[band] / len(corpus()) for band in range(len(LENGTHS))]
    assert [(have, least) for have, least in zip(shares, SHARES, strict=True) if have < least] == []


def counts() -> str:
    """Return what ``data/README.md`` should say of the corpus."""
    own = [example for example in corpus() if example.category]
    lengths = [len(example.text) for example in corpus()]
    letters = [len(example.text) for example in corpus() if example.source == "信箱"]
    leaves = Counter(example.category for example in own if len(example.category) == 6)
    stems = {example.category[:4] for example in own}
    shares = [len(example.category) for example in own]
    two = sum(map(has_two_matters, own))
    return (
        f"{len(corpus()):,} submissions, {sum(lengths):,} characters: {shares.count(6):,} labelled "
        f"at level 3, {shares.count(4):,} at level 2 and {len(corpus()) - len(own):,} that belong "
        f"nowhere. All {len(stems)} categories of level 2, all {len(leaves)} of level 3 (median "
        f"{median(leaves.values()):.0f} rows) and all {len({e.department for e in own})} "
        f"departments occur. {sum(bool(e.title) for e in corpus()):,} rows have a title, "
        f"{sum(e.urgent for e in own):,} are urgent; {sum(bool(e.also) for e in own):,} have a "
        f"further code, {two:,} of them one of another level 1 (two matters). The median length of "
        f"`text` is {median(lengths):.0f} characters, {median(letters):.0f} for 信箱; the longest "
        f"has {max(lengths):,}."
    )


def test_the_counts_in_the_documentation_are_those_of_the_corpus() -> None:
    expected = counts()
    told = expected in " ".join(README.read_text("utf-8").split())
    assert told, f"data/README.md should say: {expected}"


def test_every_area_has_urgent_rows_and_none_is_mostly_urgent() -> None:
    size = Counter(area_of(example) for example in corpus())
    urgent = Counter(area_of(example) for example in corpus() if example.urgent)
    shares = {area: urgent[area] / n for area, n in size.items() if area != NOWHERE}
    assert {area: share for area, share in shares.items() if not 0 < share < 0.5} == {}


# --- the training set ---


def write(folder: Path, name: str, *texts: str) -> None:
    row = {
        "title": "路灯", "kind": "投诉", "category": "010204", "also": ["010210"],
        "department": "城市管理局", "urgent": 1, "source": "信箱",
    }  # fmt: skip
    lines = [json.dumps({**row, "text": text}, ensure_ascii=False) + "\n" for text in texts]
    (folder / name).write_text("".join(lines), "utf-8")


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, "02.jsonl", "丙")
    write(tmp_path, "01.jsonl", "甲", "乙")
    write(tmp_path, "说明.txt", "不读")
    examples = read_corpus(tmp_path)
    assert [example.text for example in examples] == ["甲", "乙", "丙"]
    assert examples[0] == Example(
        "路灯", "甲", "投诉", "010204", ("010210",), "城市管理局", True, "信箱"
    )


def test_labels_follow_the_examples() -> None:
    examples = [*corpus()[:2], *corpus()[-3:]]
    data = training_set(examples, names=False)
    assert data.is_taxonomy
    assert len(data.submissions) == 5
    assert data.labels["category"] == [NOWHERE, NOWHERE, *(e.category for e in examples[2:])]
    assert data.labels["kind"] == [example.kind for example in examples]
    assert data.labels["department"] == [example.department for example in examples]
    assert set(data.labels["urgent"]) <= {"0", "1"}


def test_titles_and_texts_are_cleaned(tmp_path: Path) -> None:
    write(tmp_path, "01.jsonl", "您好！<b>石橋鎮的路　壞了?</b>")
    (submission,) = training_set(read_corpus(tmp_path), names=False).submissions
    assert (submission.title, submission.text) == ("路灯", "石桥镇的路坏了？")


def test_each_category_below_level_one_gives_a_submission_of_its_name() -> None:
    taxonomy = load_taxonomy()
    bare, named = training_set([], names=False), training_set([], names=True)
    assert len(bare.submissions) == 0
    expected = [c for c, one in taxonomy.items() if one.level > 1 and one.name != "其他"]
    assert named.labels["category"] == expected
    assert all(set(named.labels[target]) == {""} for target in ("kind", "department", "urgent"))
    by_code = dict(zip(expected, named.submissions, strict=True))
    for word in ("小区管理", "业委会", "飞线充电", "城市建设和市政管理"):
        assert word in by_code["010211"].text
    assert len({len(labels) for labels in [*named.labels.values(), named.submissions]}) == 1


@pytest.mark.parametrize("names", [True, False])
def test_submissions_and_labels_have_one_length(names: bool) -> None:
    data = training_set(list(corpus()[:40]), names=names)
    assert {len(labels) for labels in data.labels.values()} == {len(data.submissions)}
