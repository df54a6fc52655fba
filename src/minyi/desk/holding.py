"""What holds of a submission after corrections, as a whole result: nothing in it is out of date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from minyi.desk.doubts import open_doubts
from minyi.desk.state import is_code, path_of
from minyi.domain.calendar import add_workdays, parse_date
from minyi.domain.departments import LOCAL
from minyi.domain.office import URGENT, Office, Rule
from minyi.domain.taxonomy import load_taxonomy
from minyi.review import NORMAL, joined
from minyi.routing import STEM_DIGITS
from minyi.schema import Result
from minyi.store.records import Correction, Entry

BY_HAND = "人工改定"


def decided_by_model(result: Result) -> str:
    """Return the category as corrections name it: its code, or the label of an own scheme."""
    return result.category_code or result.category


def as_holds(entry: Entry, office: Office, trail: Sequence[Correction]) -> Result:
    """Return the result of a submission with what people decided, and all that follows from it.

    Parameters
    ----------
    entry : Entry
        Its own `result` stays as the model gave it.
    office : Office
        Whose routes name who helps, and whose deadlines hold.
    trail : sequence of Correction
        What people decided of it, the oldest first.
    """
    result = entry.result or Result(row_status="未分类", row_error="还没有分类")
    if not (entry.checked or entry.corrected):
        return result
    changed: dict[str, Any] = {"kind": entry.kind, "urgent": entry.urgent}
    if entry.checked:
        doubts = open_doubts(result, trail)  # a new category says nothing of a doubtful department
        changed |= {"needs_review": bool(doubts), "review_reason": joined(doubts)}
    if entry.category != decided_by_model(result):
        changed |= _category(result, entry.category)
    if (entry.kind, entry.urgent) != (result.kind, result.urgent):
        changed["deadline"] = _deadline(entry, office, _rule(result, entry, office))
    return replace(result, **changed, **_route(result, entry, office))


def _category(result: Result, category: str) -> dict[str, Any]:
    path = path_of(category)
    levels = (*path, "", "", "")[:3] if is_code(category) else ("", "", "")
    return {
        "category_code": category if is_code(category) else "",
        "category": "/".join(path),
        **dict(zip(("level1", "level2", "level3"), levels, strict=True)),
        "score": None,  # that of another category
        "evidence": (),
        "alternatives": tuple(
            rival for rival in result.alternatives if (rival.code or rival.category) != category
        ),
        "row_status": NORMAL,  # whoever names a category could read it
        "row_error": "",
    }


def _route(result: Result, entry: Entry, office: Office) -> dict[str, Any]:
    moved = entry.department != result.department
    if entry.category == decided_by_model(result) and not moved:
        return {}
    rule = _rule(result, entry, office)
    reason = BY_HAND if moved else _reason(result, entry, office, rule)
    return {
        "department": entry.department,
        "co_departments": _support(result, entry, office, rule),
        "department_reason": reason,
        "department_score": None,
    }


def _support(result: Result, entry: Entry, office: Office, rule: Rule | None) -> tuple[str, ...]:
    if is_code(entry.category):
        # A category known at level 1 only is too wide to name who should help.
        usual = office.route(entry.category) if len(entry.category) >= STEM_DIGITS else ()
        bodies = [*map(office.folded, rule.support if rule else ()), *usual]
        names = [office.departments[body].name for body in bodies]
    else:
        names = list(result.co_departments)
    return tuple(name for name in dict.fromkeys(names) if name != entry.department)


def _reason(result: Result, entry: Entry, office: Office, rule: Rule | None) -> str:
    """Tell why the department that the model named stands beside another category."""
    if rule or not entry.department:
        return result.department_reason
    usual = [office.departments[body].name for body in office.route(entry.category)]
    local = office.departments.get(LOCAL)
    if local and entry.department == local.name and result.place:
        return f"属地办理：{result.place}"
    if usual and entry.department == usual[0]:
        return f"按类别归口（{load_taxonomy()[entry.category].label}）"
    return "沿用原判" + (f"（这一类别一般由{usual[0]}主办）" if usual else "")


def _rule(result: Result, entry: Entry, office: Office) -> Rule | None:
    """Return the rule that decided, if it is still there and the category has not left it."""
    return next(
        (
            rule
            for rule in office.rules
            if result.department_reason == f"规则“{rule.name}”"
            and (not rule.category or entry.category.startswith(rule.category))
        ),
        None,
    )


def _deadline(entry: Entry, office: Office, rule: Rule | None) -> Any:
    workdays = office.deadlines.get(entry.kind)
    if entry.urgent:
        workdays = office.deadlines.get(URGENT, workdays)
    if rule and rule.workdays is not None:
        workdays = rule.workdays
    if workdays is None:
        return None
    submission = entry.submission
    received = parse_date(submission.time) or submission.created.astimezone().date()
    return add_workdays(received, workdays)[0]
