"""Which reasons to look at a submission stay open after what people decided."""

from __future__ import annotations

from collections.abc import Sequence

from minyi.schema import Result
from minyi.store.records import YES, Correction

UNDONE, RESTORED = "撤销", "恢复原判"  # why a correction goes back
_BETWEEN = "；"  # of the reasons to look
# What a decision settles; all other reasons are settled by whoever names the category.
_TARGETS = {"部门把握不足": "department", "类型把握不足": "kind"}


def open_doubts(result: Result, trail: Sequence[Correction]) -> list[str]:
    """Return why somebody should look, without what people have decided since.

    Parameters
    ----------
    result : Result
        As the model gave it.
    trail : sequence of Correction
        Of this submission, the oldest first.
    """
    if not result.needs_review or is_accepted(trail):
        return []
    return [
        reason
        for reason in filter(None, result.review_reason.split(_BETWEEN))
        if not touched(trail, _TARGETS.get(reason, "category"))
    ]


def is_accepted(trail: Sequence[Correction]) -> bool:
    """Tell whether an acceptance stands: a change of the category afterwards ends it."""
    accepted = False
    for line in trail:
        if line.target in ("accepted", "category"):
            accepted = line.target == "accepted" and line.value == YES
    return accepted


def touched(trail: Sequence[Correction], target: str) -> bool:
    """Tell whether a decision of a person on `target` stands."""
    standing = ""
    for line in trail:
        if line.target == "accepted" and line.value != YES:
            standing = ""
        elif line.target == target:
            standing = "" if line.why in (UNDONE, RESTORED) else line.value
    return bool(standing)
