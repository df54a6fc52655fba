"""What clerks do on the review page, without a browser: undo, what stays open, order, choosing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

pytest.importorskip("nicegui", reason="没有 nicegui：工作台的测试没有运行")

from minyi.desk import charts, deeds
from minyi.desk.cases import Case
from minyi.desk.choosing import (
    Choice,
    category_choices,
    department_choices,
    found,
    reason,
    tree_of,
)
from minyi.desk.doubts import UNDONE
from minyi.desk.learning import n_new
from minyi.desk.preview import preview
from minyi.desk.profile import parse
from minyi.desk.rows import _standing, is_left, is_open, n_left, status_of
from minyi.desk.state import Desk
from minyi.pipeline import load
from minyi.schema import KINDS, Alternative, Result
from minyi.store import Store
from minyi.store.records import YES, Entry, NewSubmission

WHO = "小李"
RESULT = Result(
    kind="投诉",
    category_code="010204",
    category="城乡建设/城市建设和市政管理/城市公共设施",
    score=0.7,
    department="城市管理局",
    alternatives=(Alternative("0102", "城乡建设/城市建设和市政管理", 0.2),),
    needs_review=True,
    review_reason="类别把握不足；部门把握不足",
)


@pytest.fixture(scope="module")
def desk() -> Desk:
    minyi = load()
    return cast(Desk, SimpleNamespace(minyi=minyi, office=minyi.office))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "minyi.db") as opened:
        yield opened


def put(store: Store, *results: Result) -> list[int]:
    batch = store.batches.add("来信", "test")
    new = [NewSubmission(f"第{i}封：电梯坏了没人修") for i in range(len(results))]
    numbers = store.submissions.add(batch.id, new)
    store.results.save(batch.id, None, zip(numbers, results, strict=True))
    return numbers


def holds(entry: Entry) -> tuple[Any, ...]:
    return entry.category, entry.department, entry.kind, entry.urgent, status_of(entry)


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("category", "100203"),
        ("department", "气象局"),
        ("kind", "求助"),
        ("urgent", YES),
        ("accepted", YES),
    ],
)
def test_what_is_undone_waits_again_and_the_trail_keeps_both(
    store: Store, target: str, value: str
) -> None:
    (number,) = put(store, RESULT)
    before = holds(store.submissions.get(number))
    assert before[-1] == "待看"
    deed = deeds.correct(store, number, target, value, WHO)
    assert holds(store.submissions.get(number)) != before
    deeds.take_back(store, deed, "小王")
    assert holds(store.submissions.get(number)) == before
    first, *back = store.corrections.trail(number)
    assert (first.who, first.why) == (WHO, "")
    assert {(line.who, line.why) for line in back} == {("小王", UNDONE)}


def test_undoing_one_of_two_corrections_leaves_the_other(store: Store) -> None:
    (number,) = put(store, RESULT)
    deeds.correct(store, number, "category", "100203", WHO)
    second = deeds.correct(store, number, "department", "气象局", WHO)
    deeds.take_back(store, second, WHO)
    entry = store.submissions.get(number)
    assert (entry.category, entry.department) == ("100203", "城市管理局")
    assert status_of(entry) == "已改"


def test_undoing_a_correction_of_what_was_accepted_leaves_it_accepted(store: Store) -> None:
    (number,) = put(store, RESULT)
    deeds.correct(store, number, "accepted", YES, WHO)
    deeds.take_back(store, deeds.correct(store, number, "category", "100203", WHO), WHO)
    assert status_of(store.submissions.get(number)) == "已核对"
    (lesson,) = store.corrections.waiting()
    assert lesson.labels["category"] == "010204"


def test_what_the_program_said_is_restored_and_that_can_be_undone(store: Store) -> None:
    (number,) = put(store, RESULT)
    before = holds(store.submissions.get(number))
    for target, value in (("category", "100203"), ("department", "气象局"), ("urgent", YES)):
        deeds.correct(store, number, target, value, WHO)
    corrected = holds(store.submissions.get(number))
    deed = deeds.restore(store, number, WHO)
    assert holds(store.submissions.get(number)) == before
    deeds.take_back(store, deed, WHO)
    assert holds(store.submissions.get(number)) == corrected


def test_many_accepted_at_once_are_taken_back_at_once(store: Store) -> None:
    numbers = put(store, RESULT, RESULT, RESULT)
    deeds.take_back(store, deeds.accept_all(store, numbers, "批量核对", WHO), WHO)
    assert {status_of(store.submissions.get(number)) for number in numbers} == {"待看"}


def test_what_was_taken_back_teaches_nothing(store: Store) -> None:
    kept, undone = put(store, RESULT, RESULT)
    deeds.correct(store, kept, "category", "100203", WHO)
    deeds.take_back(store, deeds.correct(store, undone, "category", "100203", WHO), WHO)
    assert [lesson.submission_id for lesson in store.corrections.waiting()] == [kept]


def seen(store: Store, number: int, desk: Desk) -> Case:
    return Case.of_entry(store.submissions.get(number), store.corrections.trail(number), desk)


def test_doubts_stay_open_until_they_are_decided_or_accepted(store: Store, desk: Desk) -> None:
    (number,) = put(store, RESULT)
    assert seen(store, number, desk).doubts == ["类别把握不足", "部门把握不足"]
    deed = deeds.correct(store, number, "category", "100203", WHO)
    case = seen(store, number, desk)
    assert case.doubts == ["部门把握不足"]
    assert case.is_open
    deeds.take_back(store, deed, WHO)
    assert seen(store, number, desk).doubts == ["类别把握不足", "部门把握不足"]
    deeds.correct(store, number, "accepted", YES, WHO)
    assert seen(store, number, desk).doubts == []


def test_a_corrected_row_with_a_doubt_left_waits_in_the_list_as_in_the_download(
    store: Store, desk: Desk
) -> None:
    (number,) = put(store, RESULT)
    for target, value, waits in (
        ("category", "100203", True),
        ("department", "气象局", False),
    ):
        deeds.correct(store, number, target, value, WHO)
        entry = store.submissions.get(number)
        assert is_left(store, entry) is waits
        assert n_left(store, None) == n_left(store, entry.submission.batch_id) == waits
        assert is_open(entry, seen(store, number, desk).doubts) is waits
        assert seen(store, number, desk).now.needs_review is waits


def test_after_the_category_the_department_that_answers_for_it_is_offered(
    store: Store, desk: Desk
) -> None:
    (number,) = put(store, RESULT)
    assert seen(store, number, desk).offer == ""
    deeds.correct(store, number, "category", "130903", WHO)
    case = seen(store, number, desk)
    assert (case.department, case.offer) == ("城市管理局", "公安局")
    accepting = deeds.correct(store, number, "accepted", YES, WHO)
    assert seen(store, number, desk).offer == ""  # left as it was, on purpose
    deeds.take_back(store, accepting, WHO)
    deeds.correct(store, number, "department", "公安局", WHO)
    case = seen(store, number, desk)
    assert (case.department, case.offer) == ("公安局", "")
    assert not case.is_open


def test_the_first_answer_is_a_rival_once_it_was_changed(store: Store, desk: Desk) -> None:
    (number,) = put(store, RESULT)
    assert [value for value, _, _ in seen(store, number, desk).rivals] == ["0102"]
    deeds.correct(store, number, "category", "100203", WHO)
    assert [value for value, _, _ in seen(store, number, desk).rivals] == ["010204", "0102"]


def test_the_urgent_come_first_among_what_waits_and_the_unreadable_last(store: Store) -> None:
    from dataclasses import replace

    unread = Result(needs_review=True, review_reason="没有中文内容", row_status="无法识别")
    sure = replace(RESULT, needs_review=False, review_reason="")
    urgent = replace(RESULT, urgent=True, score=0.99)
    numbers = put(store, sure, unread, RESULT, urgent, replace(sure, urgent=True))
    entries = [store.submissions.get(number) for number in numbers]

    def standing(entry: Entry) -> tuple[bool, bool, bool]:
        return _standing(entry, is_open(entry, []))

    order = [numbers.index(e.submission.id) for e in sorted(entries, key=standing)]
    assert order == [3, 2, 1, 4, 0]


def test_exact_names_come_before_parts_of_names_before_further_words() -> None:
    choices = [
        Choice("1", "商贸", "商贸", "电梯"),
        Choice("101", "特种设备", "商贸 / 特种设备", "电梯"),
        Choice("2", "加装电梯", "加装电梯"),
        Choice("3", "电梯管理", "电梯管理"),
        Choice("4", "电梯", "城建 / 电梯"),
        Choice("5", "物业", "电梯类 / 物业"),
        Choice("6", "通信", "通信", "电梯没信号"),
    ]
    assert [choice.value for choice in found(choices, "电梯")] == [
        "4",
        "3",
        "2",
        "5",
        "101",
        "1",
        "6",
    ]
    assert found(choices, "电梯", ["6"])[-1].value == "6"  # no candidate passes a better match
    assert found(choices, "电梯", ["1"])[4].value == "1"
    assert reason(choices[-1], "电梯") == "电梯没信号"
    assert reason(choices[3], "电梯") == ""


def test_the_category_that_bears_the_name_is_the_first_hit() -> None:
    minyi = load()
    choices = category_choices(minyi.model, minyi.office)
    for choice in choices:
        names = [hit.label for hit in found(choices, choice.label)]
        assert names[0] == choice.label


def test_groups_of_departments_tell_what_they_are() -> None:
    labels = {node["label"] for node in tree_of(department_choices(load().office))}
    assert "政府部门" in labels
    assert not labels & {"部门", "单位"}


def test_kinds_differ_in_grey_too() -> None:
    """ITU-R BT.709 luminance, as a share of white."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    lightness = sorted(116 * luminance(c) ** (1 / 3) - 16 for c in charts.KIND_COLOURS.values())
    assert set(charts.KIND_COLOURS) == set(KINDS)
    assert min(b - a for a, b in pairwise(lightness)) > 8
    assert lightness[-1] < 90  # seen on white


def test_a_version_that_got_worse_and_what_no_version_learnt(store: Store) -> None:
    numbers = put(store, RESULT, RESULT)
    deeds.correct(store, numbers[0], "category", "100203", WHO)
    newest = store.corrections.waiting()[0].last_correction
    first = store.models.add("第 1 版", Path("v1"), {}, "starter", newest)
    assert n_new(store.corrections.waiting(), [first]) == 0  # though the starter is in use
    deeds.correct(store, numbers[1], "category", "100203", WHO)
    assert n_new(store.corrections.waiting(), [first]) == 1


def test_equal_changes_of_a_profile_are_told_together(desk: Desk, store: Store) -> None:
    batch = store.batches.add("来信", "test")
    texts = ["铁炉坡的路灯坏了没人修", "我们铁炉坡组的水管漏了", "公交总不来"]
    store.submissions.add(batch.id, [NewSubmission(text) for text in texts])
    settings = SimpleNamespace(model="", encoder="auto")
    with_store = SimpleNamespace(
        store=store,
        minyi=desk.minyi,
        office=desk.office,
        service=SimpleNamespace(settings=settings),
    )
    own = parse('[[towns]]\nname = "龙泉镇"\nvillages = ["铁炉坡"]\n')
    found = preview(cast(Desk, with_store), own)
    (places,) = [group for group in found.groups() if group[0] == "属地"]
    assert places[1:3] == ("无", "龙泉镇铁炉坡")
    assert len(places[3]) == 2
