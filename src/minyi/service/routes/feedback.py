"""Corrections by programs: what a person decided goes into the trail, once."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from minyi.domain.taxonomy import load_taxonomy
from minyi.schema import KINDS, Submission
from minyi.service import schemas
from minyi.service.classifying import FailedResult, Loaded
from minyi.service.core import Service
from minyi.service.openapi import json_body, problems
from minyi.service.problems import FieldError
from minyi.service.reading import idempotency_key, invalid, read_json, shaped
from minyi.service.results import Json
from minyi.service.schemas import FeedbackRequest, Item
from minyi.store import Store
from minyi.store.records import NO, YES, NewSubmission
from minyi.text.cleaning import clean

_SHAPE = TypeAdapter(FeedbackRequest)
_BATCH, _SOURCE = "接口更正", "api:feedback"
_MOST_LOOKED_AT = 200


class _RepeatedError(Exception):
    """The same request with the same idempotency key was answered meanwhile."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.body = body


def router(service: Service) -> APIRouter:
    """Return the path for corrections."""
    paths = APIRouter(tags=["更正"])

    @paths.post(
        "/v1/feedback",
        summary="记下一条更正",
        description="更正只增不改；可带 Idempotency-Key，重复提交只记一次。",
        status_code=201,
        responses={
            201: {"model": schemas.FeedbackResponse},
            **problems(400, 404, 409, 413, 415, 422, 507),
        },
        openapi_extra=json_body(
            FeedbackRequest,
            {
                "按正文": {
                    "item": {"text": "村里的路灯坏了半年，没人来修"},
                    "target": "department",
                    "value": "住房和城乡建设局",
                    "who": "小李",
                },
            },
        ),
    )
    async def feedback(
        request: Request, _key: str | None = Header(None, alias="Idempotency-Key", max_length=200)
    ) -> Response:
        key = idempotency_key(request)
        value = await read_json(request)
        asked = shaped(_SHAPE, value)
        _check(asked, service)
        digest = hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
        if key:
            before = await run_sync(service.store.responses.recall, key, digest)
            if before:
                return Response(before.body, before.status, media_type="application/json")
        loaded = service.loaded
        answer = None
        if asked.item:
            (answer,) = await service.classifier.classify([_submission(asked.item)])
        who = asked.who or _name(request)
        try:
            told = await run_sync(_record, service.store, asked, who, answer, loaded, key, digest)
        except _RepeatedError as repeated:
            return Response(repeated.body, 201, media_type="application/json")
        return Json(told, 201)

    return paths


def _name(request: Request) -> str:
    key = request.state.key
    return key.name if key else "接口"


def _submission(item: Item) -> Submission:
    return Submission(item.text, item.title, item.time, item.place)


def _check(asked: FeedbackRequest, service: Service) -> None:
    """Raise a `Problem` for a value that the target cannot have."""
    if (asked.submission_id is None) == (asked.item is None):
        raise invalid([FieldError("submission_id", "应给 submission_id 或 item 中的一个")])
    most = service.settings.max_characters
    if asked.item and len(asked.item.text) + len(asked.item.title) > most:
        raise invalid([FieldError("item.text", f"应不超过 {most} 个字符")])
    expected = _expected(asked, service.loaded)
    if expected:
        raise invalid([FieldError("value", expected)])


def _expected(asked: FeedbackRequest, loaded: Loaded) -> str:
    """Return what the value should have been, empty when it is right."""
    model, office = loaded.minyi.model, loaded.minyi.office
    if asked.target == "category":
        if model.uses_taxonomy:
            is_known = asked.value in load_taxonomy()
            return "" if is_known else "应为类别代码，见 /v1/taxonomy"
        return "" if asked.value in model.scorer.heads["category"] else "应为模型的类别之一"
    if asked.target == "department":
        names = {department.name for department in office.departments.values()}
        return "" if asked.value in names else "应为部门名称，见 /v1/departments"
    if asked.target == "kind":
        return "" if asked.value in KINDS else f"应为{'、'.join(KINDS)}之一"
    return "" if asked.value in (YES, NO) else f"应为“{YES}”或“{NO}”"


def _record(
    store: Store,
    asked: FeedbackRequest,
    who: str,
    answer: Any,
    loaded: Loaded,
    key: str | None,
    digest: str,
) -> dict[str, Any]:
    """Write all of it in one transaction."""
    with store.together():
        number = asked.submission_id or _stored(store, asked.item, answer, loaded)
        made = store.corrections.add(number, asked.target, asked.value, who, asked.why)
        told = {
            "id": made.id,
            "submission_id": made.submission_id,
            "target": made.target,
            "before": made.before,
            "value": made.value,
            "who": made.who,
            "at": made.at.isoformat(),
        }
        if key:
            body = orjson.dumps(told).decode()
            store.responses.remember(key, digest, 201, body)
            kept = store.responses.recall(key, digest)
            if kept and kept.body != body:  # the same request was quicker: undo this one
                raise _RepeatedError(kept.body)
    return told


def _stored(store: Store, item: Item | None, answer: Any, loaded: Loaded) -> int:
    assert item
    known = (b for b in store.batches.list(_MOST_LOOKED_AT).items if b.source == _SOURCE)
    batch = next(known, None) or store.batches.add(_BATCH, _SOURCE)
    new = NewSubmission(
        item.text,
        title=item.title,
        clean_text=clean([item.text])[0],
        time=item.time,
        place=item.place,
    )
    (number,) = store.submissions.add(batch.id, [new])
    if not isinstance(answer, FailedResult):
        store.results.save(batch.id, loaded.version, [(number, answer)])
    return number
