"""Batches, submissions and results: what goes in comes out, filtered, sorted and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minyi.errors import InputError, MissingError
from minyi.schema import Alternative, Result
from minyi.store import Store
from minyi.store.records import COUNTED, SORTS, Filters, NewSubmission
from small_store import LAMP, RESULT, RESULTS, THANKS, fill


def test_a_batch_tells_what_it_is_and_how_much_is_open(store: Store) -> None:
    filled = fill(store)
    batch = store.batches.get(filled.batch)
    assert (batch.name, batch.source, batch.columns) == ("三月来信", "三月.xlsx", {"text": "内容"})
    assert (batch.created_by, batch.n_submissions, batch.n_open) == ("小李", 3, 2)
    assert timedelta() <= datetime.now(UTC) - batch.created < timedelta(minutes=1)
    store.corrections.add(filled.lamp, "accepted", "是")
    assert store.batches.get(filled.batch).n_open == 1


def test_batches_are_listed_the_newest_first(store: Store) -> None:
    numbers = [store.batches.add(name).id for name in "一二三"]
    page = store.batches.list(limit=2)
    assert ([batch.id for batch in page.items], page.total) == (numbers[:0:-1], 3)
    assert [batch.id for batch in store.batches.list(offset=2).items] == numbers[:1]


def test_deleting_a_batch_takes_everything_of_it_and_nothing_else(store: Store) -> None:
    gone, kept = fill(store), fill(store)
    for filled in (gone, kept):
        store.corrections.add(filled.lamp, "kind", "投诉")
    store.batches.delete(gone.batch)
    assert store.submissions.page(None).total == 3
    assert store.corrections.trail(gone.lamp) == []
    assert store.results.of(gone.lamp) == []
    assert len(store.corrections.trail(kept.lamp)) == 1
    with pytest.raises(MissingError, match=f"没有编号为 {gone.batch} 的批次"):
        store.batches.delete(gone.batch)


def test_what_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(MissingError, match="没有编号为 7 的批次：可能已被删除"):
        store.batches.get(7)
    with pytest.raises(MissingError, match="没有编号为 7 的批次"):
        store.submissions.add(7, [NewSubmission("路灯")])
    with pytest.raises(MissingError, match="没有编号为 7 的意见"):
        store.submissions.get(7)


def test_submissions_come_back_as_they_were_given(store: Store) -> None:
    filled = fill(store)
    entry = store.submissions.get(filled.lamp)
    given = entry.submission
    assert (given.text, given.title, given.clean_text) == (LAMP, "路灯", LAMP)
    assert (given.time, given.place, given.source_row) == ("2026-03-02", "李村", 2)
    assert not given.is_purged
    assert entry.result == RESULT
    assert entry.model_id is None
    assert (entry.category, entry.department, entry.kind) == ("0203", "住建局", "求助")
    assert not (entry.urgent or entry.corrected or entry.checked)


def test_many_submissions_get_numbers_in_their_order(store: Store) -> None:
    batch = store.batches.add("多")
    numbers = store.submissions.add(batch.id, (NewSubmission(f"第{i}条") for i in range(2500)))
    assert len(set(numbers)) == 2500
    page = store.submissions.page(batch.id, sort="row", limit=None)
    texts = {entry.submission.id: entry.submission.text for entry in page.items}
    assert [texts[number] for number in numbers] == [f"第{i}条" for i in range(2500)]
    assert store.submissions.ids(batch.id) == sorted(numbers)


def test_without_a_result_an_entry_has_none(store: Store) -> None:
    batch = store.batches.add("空")
    (number,) = store.submissions.add(batch.id, [NewSubmission("路灯")])
    entry = store.submissions.get(number)
    assert (entry.result, entry.model_id, entry.category, entry.kind) == (None, None, "", "")


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
score = st.none() | st.floats(0, 1)
results = st.builds(
    Result,
    kind=text,
    kind_score=score,
    category_code=text,
    category=text,
    score=score,
    alternatives=st.lists(st.builds(Alternative, text, text, st.floats(0, 1))).map(tuple),
    department=text,
    co_departments=st.lists(text).map(tuple),
    urgent=st.booleans(),
    deadline=st.none() | st.dates(),
    place=text,
    evidence=st.lists(text).map(tuple),
    needs_review=st.booleans(),
    department_score=score,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(result=results)
def test_any_result_comes_back_as_it_was(store: Store, result: Result) -> None:
    batch = store.batches.add("任意")
    (number,) = store.submissions.add(batch.id, [NewSubmission("路灯")])
    store.results.save(batch.id, None, [(number, result)])
    assert store.submissions.get(number).result == result


def test_the_newest_result_holds_and_the_older_are_kept(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    model = store.models.add("二版", tmp_path)
    newer = replace(RESULT, category_code="0204")
    store.results.save(filled.batch, model.id, [(filled.lamp, newer)])
    entry = store.submissions.get(filled.lamp)
    assert (entry.category, entry.model_id, entry.result) == ("0204", model.id, newer)
    assert store.results.of(filled.lamp) == [(model.id, newer), (None, RESULT)]


def test_saving_again_counts_nothing_twice(store: Store) -> None:
    filled = fill(store)
    store.results.save(filled.batch, None, zip(filled.ids, RESULTS, strict=True))
    assert len(store.results.of(filled.lamp)) == 1
    assert dict(store.counts(filled.batch, "kind")) == {"求助": 1, "投诉": 1, "表扬": 1}


def test_results_for_another_batch_are_refused_as_a_whole(store: Store) -> None:
    filled, other = fill(store), fill(store)
    pairs = [(filled.lamp, replace(RESULT, kind="咨询")), (other.lamp, RESULT)]
    with pytest.raises(MissingError, match=f"没有这些编号的意见：{other.lamp}（共 1 条）"):
        store.results.save(filled.batch, None, pairs)
    assert store.submissions.get(filled.lamp).kind == "求助"
    with pytest.raises(MissingError, match="没有编号为 99 的模型版本"):
        store.results.save(filled.batch, 99, [(filled.lamp, RESULT)])


def test_a_model_of_own_labels_has_its_label_for_a_category(store: Store) -> None:
    filled = fill(store)
    own = Result(category="路灯类", score=0.9)
    store.results.save(filled.batch, None, [(filled.lamp, own)])
    assert store.submissions.get(filled.lamp).category == "路灯类"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"lamp", "noise", "thanks"}),
        (Filters(search="路灯"), {"lamp"}),
        (Filters(search="%"), set()),
        (Filters(category="02"), {"lamp"}),
        (Filters(category="0"), {"lamp", "noise", "thanks"}),
        (Filters(department="城管局"), {"noise"}),
        (Filters(kind="表扬"), {"thanks"}),
        (Filters(place="东镇 李村"), {"lamp", "noise"}),
        (Filters(needs_review=True), {"lamp", "noise"}),
        (Filters(needs_review=False), {"thanks"}),
        (Filters(urgent=True), set()),
        (Filters(checked=False, corrected=False), {"lamp", "noise", "thanks"}),
        (Filters(score_from=0.7), {"lamp", "thanks"}),
        (Filters(score_to=0.7), {"noise"}),
        (Filters(score_from=0.5, score_to=0.9, kind="求助"), {"lamp"}),
    ],
)
def test_filters_find_what_they_say(store: Store, filters: Filters, expected: set[str]) -> None:
    filled = fill(store)
    wanted = {getattr(filled, name) for name in expected}
    page = store.submissions.page(filled.batch, filters)
    assert {entry.submission.id for entry in page.items} == wanted
    assert page.total == len(wanted)
    assert set(store.submissions.ids(filled.batch, filters)) == wanted


def order(store: Store, batch: int, sort: str) -> list[int]:
    return [entry.submission.id for entry in store.submissions.page(batch, sort=sort).items]


def test_the_uncertain_that_nobody_saw_come_first(store: Store) -> None:
    filled = fill(store)
    assert order(store, filled.batch, "uncertain") == [filled.noise, filled.lamp, filled.thanks]
    store.corrections.add(filled.noise, "accepted", "是")
    assert order(store, filled.batch, "uncertain") == [filled.lamp, filled.noise, filled.thanks]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_goes_both_ways_and_pages_fit_together(store: Store, sort: str) -> None:
    filled = fill(store)
    forth, back = order(store, filled.batch, sort), order(store, filled.batch, f"-{sort}")
    assert set(forth) == set(filled.ids)
    assert forth == back[::-1]
    pages = [
        store.submissions.page(filled.batch, sort=sort, limit=1, offset=i).items[0].submission.id
        for i in range(3)
    ]
    assert pages == forth


def test_an_order_that_there_is_not_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match=r"排序应为 uncertain、row.*之一"):
        store.submissions.page(None, sort="text; DROP TABLE submissions")


def test_counts_are_of_what_holds(store: Store) -> None:
    filled = fill(store)
    fill(store)
    assert store.counts(filled.batch, "category") == [("0203", 1), ("0501", 1), ("0901", 1)]
    assert store.counts(None, "place") == [("东镇 李村", 4), ("", 2)]
    assert store.counts(None, "week") == [("", 2), ("2026-W10", 4)]
    assert dict(store.counts(None, "department"))["住建局"] == 2
    store.corrections.add(filled.lamp, "department", "信访局")
    assert dict(store.counts(filled.batch, "department")) == {"信访局": 2, "城管局": 1}
    for by in COUNTED:
        assert sum(n for _, n in store.counts(None, by)) == 6
    with pytest.raises(InputError, match=r"统计应按 category、department.*之一"):
        store.counts(None, "text")


def test_crossed_counts_are_of_what_holds_and_add_up_to_the_single_ones(store: Store) -> None:
    filled = fill(store)
    fill(store)
    store.corrections.add(filled.lamp, "department", "信访局")
    crossed = dict(store.crossed(filled.batch, ("category", "department")))
    assert crossed == {("0203", "信访局"): 1, ("0501", "城管局"): 1, ("0901", "信访局"): 1}
    places: Counter[str] = Counter()
    for (_, place), n in store.crossed(None, ("kind", "place")):
        places[place] += n
    assert places == dict(store.counts(None, "place"))
    with pytest.raises(InputError, match=r"统计应按 category、department"):
        store.crossed(None, ("kind", "text"))


def test_the_week_is_that_of_the_calendar(store: Store) -> None:
    batch = store.batches.add("周")
    times = ["2026-01-01", "2027-01-01", "20261228", "昨天"]
    store.submissions.add(batch.id, [NewSubmission("路灯", time=time) for time in times])
    expected = [("", 1), ("2026-W01", 1), ("2026-W53", 2)]
    assert store.counts(batch.id, "week") == expected
    assert date(2027, 1, 1).isocalendar()[:2] == (2026, 53)


def test_the_uncertain_share_is_of_what_was_classified(store: Store) -> None:
    assert store.uncertain_share() == 0.0
    filled = fill(store)
    store.submissions.add(filled.batch, [NewSubmission(THANKS)])
    assert store.uncertain_share() == store.uncertain_share(filled.batch) == pytest.approx(2 / 3)
