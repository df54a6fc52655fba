"""What a clerk does to submissions, each with what takes it back; the trail keeps both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minyi.desk.doubts import RESTORED, UNDONE, is_accepted
from minyi.desk.holding import decided_by_model
from minyi.schema import Result
from minyi.store import Store
from minyi.store.records import NO, YES, Entry

_VALUES = ("category", "department", "kind", "urgent")
Change = tuple[int, str, str]  # submission, target, value


@dataclass(frozen=True)
class Deed:
    """Something that was done.

    Attributes
    ----------
    numbers : tuple of int
        The submissions.
    back : tuple of (int, str, str)
        The corrections that take it back: submission, target, value.
    """

    numbers: tuple[int, ...]
    back: tuple[Change, ...]


def correct(store: Store, number: int, target: str, value: str, who: str) -> Deed:
    """Add a correction, or accept."""
    changes = {target: value} if target != "accepted" else {}
    deed = _deed(store, number, changes)
    store.corrections.add(number, target, value, who)
    return deed


def restore(store: Store, number: int, who: str) -> Deed:
    """Go back to what the model said, as if nobody had looked.

    What the model left empty cannot be told by a correction; there the value of people stays.
    """
    entry = store.submissions.get(number)
    given, holds = _given(entry.result or Result()), _held(entry)
    changes = {t: given[t] for t in _VALUES if given[t] and given[t] != holds[t]}
    deed = _deed(store, number, changes)
    lines = [*((number, *change) for change in changes.items()), (number, "accepted", NO)]
    store.corrections.add_many(lines, who, RESTORED)
    return deed


def accept_all(store: Store, numbers: Sequence[int], why: str, who: str) -> Deed:
    """Accept what nobody has looked at."""
    store.corrections.add_many(((number, "accepted", YES) for number in numbers), who, why)
    return Deed(tuple(numbers), tuple((number, "accepted", NO) for number in numbers))


def take_back(store: Store, deed: Deed, who: str) -> None:
    """Undo; the trail shows both."""
    store.corrections.add_many(deed.back, who, UNDONE)


def _deed(store: Store, number: int, changes: dict[str, str]) -> Deed:
    """Return the deed of these changes, before they are made."""
    entry = store.submissions.get(number)
    holds = _held(entry)
    back = [(number, target, holds[target]) for target in changes if holds[target]]
    if not entry.checked:
        back.append((number, "accepted", NO))
    elif is_accepted(store.corrections.trail(number)) or not back:
        back.append((number, "accepted", YES))
    return Deed((number,), tuple(back))


def _held(entry: Entry) -> dict[str, str]:
    return {
        "category": entry.category,
        "department": entry.department,
        "kind": entry.kind,
        "urgent": YES if entry.urgent else NO,
    }


def _given(result: Result) -> dict[str, str]:
    return {
        "category": decided_by_model(result),
        "department": result.department,
        "kind": result.kind,
        "urgent": YES if result.urgent else NO,
    }
