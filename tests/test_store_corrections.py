"""Corrections: what people decide holds, is kept for good, and can be learnt from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from minyi.errors import InputError, MissingError
from minyi.store import Store
from minyi.store.records import Filters
from small_store import LAMP, NOISE, RESULT, fill


def test_a_correction_holds_and_the_trail_tells_who_when_from_to_and_why(store: Store) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204", "小李", "是供水")
    store.corrections.add(filled.lamp, "department", "水务局", "小王")
    store.corrections.add(filled.lamp, "category", "0205", "小王", "是燃气")
    trail = [
        (line.target, line.before, line.value, line.who, line.why)
        for line in store.corrections.trail(filled.lamp)
    ]
    assert trail == [
        ("category", "0203", "0204", "小李", "是供水"),
        ("department", "住建局", "水务局", "小王", ""),
        ("category", "0204", "0205", "小王", "是燃气"),
    ]
    entry = store.submissions.get(filled.lamp)
    assert (entry.category, entry.department, entry.kind) == ("0205", "水务局", "求助")
    assert entry.corrected
    assert entry.checked
    assert entry.result == RESULT
    times = [line.at for line in store.corrections.trail(filled.lamp)]
    assert times == sorted(times)


def test_the_trails_of_a_batch_are_those_of_its_submissions(store: Store) -> None:
    filled, other = fill(store), fill(store)
    store.corrections.add(filled.lamp, "category", "0204", "小李")
    store.corrections.add(filled.noise, "kind", "建议", "小李")
    store.corrections.add(filled.lamp, "category", "0203", "小王")  # undone, and told
    store.corrections.add(other.lamp, "category", "0205")
    touched = (filled.lamp, filled.noise)
    expected = {number: store.corrections.trail(number) for number in touched}
    assert store.corrections.trails(filled.batch) == expected


def test_urgency_is_corrected_with_yes_and_no(store: Store) -> None:
    filled = fill(store)
    assert store.corrections.add(filled.lamp, "urgent", "是").before == "否"
    assert store.submissions.get(filled.lamp).urgent
    assert store.submissions.ids(None, Filters(urgent=True)) == [filled.lamp]
    assert store.corrections.add(filled.lamp, "urgent", "否").before == "是"
    assert not store.submissions.get(filled.lamp).urgent


def test_accepting_says_checked_and_not_corrected_and_can_be_taken_back(store: Store) -> None:
    filled = fill(store)
    line = store.corrections.add(filled.lamp, "accepted", "是", "小李")
    assert (line.before, line.value) == ("0203", "是")
    entry = store.submissions.get(filled.lamp)
    assert (entry.checked, entry.corrected) == (True, False)
    store.corrections.add(filled.lamp, "accepted", "否", "小李")
    assert not store.submissions.get(filled.lamp).checked
    assert store.corrections.waiting() == []


def test_a_correction_that_is_taken_back_is_none(store: Store) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204")
    store.corrections.add(filled.lamp, "category", "0203")
    entry = store.submissions.get(filled.lamp)
    assert (entry.corrected, entry.checked, entry.category) == (False, True, "0203")


def test_what_was_undone_teaches_nothing_and_gives_way_to_a_newer_result(
    store: Store, tmp_path: Path
) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204")
    store.corrections.add(filled.lamp, "category", "0203", why="撤销")
    store.corrections.add(filled.lamp, "accepted", "否", why="撤销")
    assert not store.submissions.get(filled.lamp).checked
    assert store.corrections.waiting() == []
    model = store.models.add("二版", tmp_path)
    newer = replace(RESULT, category_code="0999")
    store.results.save(filled.batch, model.id, [(filled.lamp, newer)])
    assert store.submissions.get(filled.lamp).category == "0999"


def test_what_people_decided_outlives_a_newer_result(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204")
    store.corrections.add(filled.noise, "accepted", "是")
    model = store.models.add("二版", tmp_path)
    newer = replace(RESULT, category_code="0999", kind="建议")
    pairs = [(number, newer) for number in filled.ids]
    store.results.save(filled.batch, model.id, pairs)
    held = {number: store.submissions.get(number) for number in filled.ids}
    assert held[filled.lamp].category == "0204"
    assert held[filled.noise].category == "0501"
    assert held[filled.thanks].category == "0999"
    assert {entry.kind for entry in held.values()} == {"建议"}
    line = store.corrections.add(filled.lamp, "kind", "求助")
    assert (line.before, line.model_id) == ("建议", model.id)


def test_many_are_accepted_at_once(store: Store) -> None:
    filled = fill(store)
    wanted = store.submissions.ids(filled.batch, Filters(score_from=0.6))
    changes = [(number, "accepted", "是") for number in wanted]
    assert store.corrections.add_many(changes, "小李", "得分不低于 0.6") == 2
    assert store.submissions.ids(filled.batch, Filters(checked=True)) == wanted
    assert store.corrections.add_many([]) == 0


def test_within_one_call_each_correction_knows_the_one_before(store: Store) -> None:
    filled = fill(store)
    changes = [(filled.lamp, "category", "0204"), (filled.lamp, "category", "0205")]
    store.corrections.add_many([*changes, (filled.lamp, "accepted", "是")])
    before = [line.before for line in store.corrections.trail(filled.lamp)]
    assert before == ["0203", "0204", "0205"]


def test_one_that_cannot_be_made_makes_none(store: Store) -> None:
    filled = fill(store)
    with pytest.raises(MissingError, match="没有编号为 9999 的意见"):
        store.corrections.add_many([(filled.lamp, "kind", "投诉"), (9999, "kind", "投诉")])
    with pytest.raises(InputError, match="kind 应为 咨询、求助"):
        store.corrections.add_many([(filled.lamp, "kind", "投诉"), (filled.noise, "kind", "骂人")])
    assert store.corrections.trail(filled.lamp) == []


@pytest.mark.parametrize(
    ("target", "value", "told"),
    [
        ("text", "x", "改正的对象应为 category、department、kind、urgent、accepted 之一"),
        ("kind", "13812345678", "kind 应为 咨询、求助.* 之一，实际是别的值"),
        ("urgent", "1", "urgent 应为 是、否 之一"),
        ("accepted", "", "accepted 应为 是、否 之一"),
        ("category", " ", "category 应为 1 到 200 个字，实际是 1 个"),
        ("department", "局" * 201, "department 应为 1 到 200 个字，实际是 201 个"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_without_repeating_it(
    store: Store, target: str, value: str, told: str
) -> None:
    filled = fill(store)
    with pytest.raises(InputError, match=told) as raised:
        store.corrections.add(filled.lamp, target, value)
    assert "138" not in str(raised.value)


def test_a_long_reason_is_refused(store: Store) -> None:
    filled = fill(store)
    with pytest.raises(InputError, match=r"理由至多 2000 字，实际 .* 2001 字"):
        store.corrections.add(filled.lamp, "kind", "投诉", why="长" * 2001)


def test_lessons_give_the_last_decision_on_each_target_with_the_original_text(store: Store) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204")
    store.corrections.add(filled.lamp, "kind", "投诉")
    store.corrections.add(filled.noise, "accepted", "是")
    last = store.corrections.add(filled.lamp, "category", "0205")
    lamp, noise = store.corrections.waiting()
    assert (lamp.text, lamp.title) == (LAMP, "路灯")
    assert (lamp.labels, lamp.is_confirmed) == ({"category": "0205", "kind": "投诉"}, False)
    assert lamp.last_correction == last.id
    assert (noise.text, noise.labels, noise.is_confirmed) == (NOISE, {"category": "0501"}, True)


def test_only_what_a_model_has_not_seen_is_waiting(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204")
    seen = max(lesson.last_correction for lesson in store.corrections.waiting())
    store.corrections.add(filled.noise, "category", "0204")  # while training runs
    model = store.models.add("二版", tmp_path, trained_on=seen)
    assert len(store.corrections.waiting()) == 2
    assert [lesson.submission_id for lesson in store.corrections.waiting(model.id)] == [
        filled.noise
    ]
    store.corrections.add(filled.lamp, "kind", "投诉")
    (lamp, _) = store.corrections.waiting(model.id)
    assert lamp.labels == {"category": "0204", "kind": "投诉"}
    assert len(store.corrections.waiting()) == 2


def test_corrections_are_counted_by_the_category_that_was_wrong(store: Store) -> None:
    filled = fill(store)
    for number in filled.ids:
        store.corrections.add(number, "category", "0204")
    store.corrections.add(filled.lamp, "category", "0205")
    store.corrections.add(filled.lamp, "kind", "投诉")
    expected = [("0203", 1), ("0204", 1), ("0501", 1), ("0901", 1)]
    assert store.corrections_by_category(filled.batch) == expected
    assert store.corrections_by_category() == expected
