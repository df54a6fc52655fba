"""Classifying one submission, many, and as Hugging Face's task does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from minyi.schema import Result, Submission
from minyi.service import schemas
from minyi.service.classifying import FailedResult
from minyi.service.core import Service
from minyi.service.openapi import json_body, problems
from minyi.service.problems import FieldError, Problem
from minyi.service.reading import field_errors, invalid, read_json, shaped
from minyi.service.results import Json, as_dict, labels
from minyi.service.schemas import ClassifyRequest, Item, TaskRequest

_ONE = TypeAdapter(ClassifyRequest)
_ITEM = TypeAdapter(Item)
_TASK = TypeAdapter(TaskRequest)
_BATCH = TypeAdapter(schemas.BatchRequest)
_BODY_PROBLEMS = problems(400, 413, 415, 422)
_EXAMPLE = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"


def router(service: Service) -> APIRouter:
    """Return the paths for classifying."""
    paths = APIRouter(tags=["分类"])
    most = service.settings.max_characters

    @paths.post(
        "/v1/classify",
        summary="一条意见的分类与分办",
        description="返回类型、类别、主办与协办部门、期限、关键词，以及是否需要人看。",
        responses={200: {"model": schemas.ClassifyResponse}, **_BODY_PROBLEMS},
        openapi_extra=json_body(
            ClassifyRequest,
            {
                "一句话": {"text": _EXAMPLE},
                "带标题、时间、地点": {
                    "text": _EXAMPLE,
                    "title": "路灯坏了",
                    "time": "2026-03-02",
                    "place": "城关镇",
                    "top_k": 2,
                },
            },
        ),
    )
    async def classify(request: Request) -> Response:
        asked = shaped(_ONE, await read_json(request))
        wrong = _too_long(asked, most)
        if wrong:
            raise invalid(wrong)
        (answer,) = await _answers(service, [_submission(asked)])
        if isinstance(answer, FailedResult):
            raise Problem(
                500, f"程序内部错误（{answer.error}）：这条意见请人工处理，并反馈给我们。"
            )
        return Json(as_dict(answer, asked.top_k))

    @paths.post(
        "/v1/classify/batch",
        summary="多条意见的分类与分办",
        description=f"一次最多 {service.settings.max_items} 条，按顺序返回；"
        "不合要求的项有自己的错误，不影响其他项。",
        responses={200: {"model": schemas.BatchResponse}, **_BODY_PROBLEMS},
        openapi_extra=json_body(
            schemas.BatchRequest,
            {"两条": {"items": [_EXAMPLE, {"text": "建议增设公交", "title": "公交"}], "top_k": 1}},
        ),
    )
    async def classify_batch(request: Request) -> Response:
        items, top_k = _read_batch(await read_json(request), service.settings.max_items)
        checked = [_checked(item, most) for item in items]
        good = [one for one in checked if isinstance(one, Submission)]
        answers = iter(await _answers(service, good))
        results = [
            _entry(i, next(answers) if isinstance(one, Submission) else one, top_k)
            for i, one in enumerate(checked)
        ]
        n_errors = sum(entry["error"] is not None for entry in results)
        document = {"n_results": len(results) - n_errors, "n_errors": n_errors, "results": results}
        return Json(document)

    @paths.post(
        "/v1/text-classification",
        summary="与 Hugging Face 文本分类任务相同的形式",
        description="inputs 为一段文字时返回标签列表，为列表时返回列表的列表；"
        "没有诉求的文字没有标签。",
        responses={
            200: {"model": list[schemas.Label] | list[list[schemas.Label]]},
            **_BODY_PROBLEMS,
        },
        openapi_extra=json_body(
            TaskRequest, {"一段文字": {"inputs": _EXAMPLE, "parameters": {"top_k": 3}}}
        ),
    )
    async def text_classification(request: Request) -> Response:
        asked = shaped(_TASK, await read_json(request))
        texts = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
        _check_texts(texts, service)
        answers = await _answers(service, [Submission(text) for text in texts])
        top_k = asked.parameters.top_k if asked.parameters else None
        found = [[] if isinstance(a, FailedResult) else labels(a, top_k) for a in answers]
        return Json(found[0] if isinstance(asked.inputs, str) else found)

    return paths


async def _answers(
    service: Service, submissions: Sequence[Submission]
) -> list[Result | FailedResult]:
    _ = service.loaded  # 503 before it is there
    return await service.classifier.classify(submissions)


def _submission(item: Item) -> Submission:
    return Submission(item.text, item.title, item.time, item.place)


def _too_long(item: Item, most: int) -> list[FieldError]:
    return [
        FieldError(name, f"应不超过 {most} 个字符")
        for name in ("text", "title", "time", "place")
        if len(getattr(item, name)) > most
    ]


def _read_batch(value: Any, most: int) -> tuple[list[Any], int]:
    """Check all but the items, which have errors of their own."""
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(items, list) or not items:
        raise invalid([FieldError("items", "应为列表，至少有 1 项")])
    if len(items) > most:
        raise invalid([FieldError("items", f"应至多有 {most} 项，请分几次提交或用 /v1/jobs")])
    return items, shaped(_BATCH, {**value, "items": [""]}).top_k


def _checked(item: Any, most: int) -> Submission | list[FieldError]:
    try:
        one = _ITEM.validate_python({"text": item} if isinstance(item, str) else item)
    except ValidationError as error:
        return field_errors(error.errors(include_url=False, include_input=False))
    return _too_long(one, most) or _submission(one)


def _entry(i: int, answer: Result | FailedResult | list[FieldError], top_k: int) -> dict[str, Any]:
    if isinstance(answer, Result):
        return {"index": i, "result": as_dict(answer, top_k), "error": None}
    if isinstance(answer, FailedResult):
        problem = Problem(500, f"程序内部错误（{answer.error}）：这一项请人工处理。")
    else:
        problem = invalid(answer)
    told = problem.as_dict()
    error = {"title": told["title"], "detail": told["detail"], "errors": told.get("errors", [])}
    return {"index": i, "result": None, "error": error}


def _check_texts(texts: Sequence[str], service: Service) -> None:
    most = service.settings.max_items
    if not 0 < len(texts) <= most:
        raise invalid([FieldError("inputs", f"应有 1 到 {most} 项")])
    long = service.settings.max_characters
    wrong = [i for i, text in enumerate(texts) if len(text) > long]
    if wrong:
        raise invalid([FieldError(f"inputs.{i}", f"应不超过 {long} 个字符") for i in wrong[:20]])
