"""Results as plain dicts: the names of the result columns, lists as lists, dates as ISO texts."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from minyi.schema import Result

_PLACES = 4


class Json(Response):
    """A JSON answer, written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return orjson.dumps(content)


def as_dict(result: Result, top_k: int) -> dict[str, Any]:
    """Return what is told of a result, with at most `top_k` alternatives.

    Examples
    --------
    >>> as_dict(Result(kind="求助", score=0.98765), 3)["score"]
    0.9877
    """
    return {
        "kind": result.kind,
        "kind_score": _rounded(result.kind_score),
        "category_code": result.category_code,
        "category": result.category,
        "level1": result.level1,
        "level2": result.level2,
        "level3": result.level3,
        "score": _rounded(result.score),
        "alternatives": [
            {"code": rival.code, "category": rival.category, "score": round(rival.score, _PLACES)}
            for rival in result.alternatives[:top_k]
        ],
        "department": result.department,
        "co_departments": list(result.co_departments),
        "department_reason": result.department_reason,
        "urgent": result.urgent,
        "deadline": result.deadline.isoformat() if result.deadline else None,
        "place": result.place,
        "evidence": list(result.evidence),
        "needs_review": result.needs_review,
        "review_reason": result.review_reason,
        "row_status": result.row_status,
        "row_error": result.row_error,
        "department_score": _rounded(result.department_score),
    }


def labels(result: Result, top_k: int | None) -> list[dict[str, Any]]:
    """Return the category and its rivals as Hugging Face's task does, the most probable first."""
    if result.score is None:
        return []
    both = [(result.category, result.score), *((a.category, a.score) for a in result.alternatives)]
    both.sort(key=lambda pair: -pair[1])
    return [{"label": name, "score": round(score, _PLACES)} for name, score in both[:top_k]]


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, _PLACES)
