"""Reading JSON bodies: one gate, whose complaints name the field and never what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from minyi.service.problems import FieldError, Problem

_Shape = TypeVar("_Shape")
_MOST_ERRORS = 20
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,200}")
_BODY = "（整个请求体）"
_MESSAGES = {
    "missing": "缺少这个字段",
    "extra_forbidden": "没有这个字段：请检查拼写",
    "string_type": "应为文字",
    "string_unicode": "应为有效的 Unicode 文字",
    "string_sub_type": "应为文字",
    "string_too_long": "应不超过 {max_length} 个字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "数字太大",
    "bool_type": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "应至少有 {min_length} 项",
    "too_long": "应至多有 {max_length} 项",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "literal_error": "应为 {expected} 之一",
}


async def read_json(request: Request) -> Any:
    """Return the body as Python values.

    Raises
    ------
    Problem
        415 when the body is said to be something else, 400 when it is no JSON.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind.lower() != "application/json":
        raise Problem(415, "请求内容应为 JSON：请设置 Content-Type: application/json。")
    body = await request.body()
    if not body:
        raise Problem(400, "请求体是空的：应为 JSON 对象，格式见 /docs。")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(
            400,
            f"请求体不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列读不下去。"
            "请检查引号、逗号，并用 UTF-8 编码。",
        ) from None


def shaped(shape: TypeAdapter[_Shape], value: Any) -> _Shape:
    """Return `value` in its shape.

    Raises
    ------
    Problem
        422 with the fields that are wrong.
    """
    try:
        return shape.validate_python(value)
    except ValidationError as error:
        raise invalid(field_errors(error.errors(include_url=False, include_input=False))) from None


def invalid(errors: Sequence[FieldError]) -> Problem:
    """Return the answer to fields that are wrong."""
    shown = "、".join(dict.fromkeys(error.field for error in errors[:5]))
    return Problem(422, f"请求中有 {len(errors)} 处不符合要求：{shown}。详见 errors。", errors)


def field_errors(errors: Iterable[Any]) -> list[FieldError]:
    """Return pydantic's errors in Chinese, without the values, at most twenty."""
    found: dict[FieldError, None] = {}
    for error in errors:
        context = {k: str(v).replace(" or ", "、") for k, v in (error.get("ctx") or {}).items()}
        message = _MESSAGES.get(error["type"], "不符合要求，格式见 /docs").format_map(context)
        found[FieldError(_named(error), message)] = None
    return list(found)[:_MOST_ERRORS]


def _named(error: Any) -> str:
    """Return where an error is; a name that a stranger made up is not repeated."""
    parts = [str(part) for part in error["loc"] if str(part) not in ("body", "Item", "str")]
    if error["type"] == "extra_forbidden":
        parts = [*parts[:-1], "（多出的字段）"]
    return ".".join(parts) or _BODY


def idempotency_key(request: Request) -> str | None:
    """Return the header's value, made different for each owner of a key; None without one.

    Raises
    ------
    Problem
        It is too long, or has odd characters.
    """
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(given):
        expected = "应为 1 到 200 个可见的 ASCII 字符，例如一个 UUID"
        raise invalid([FieldError("Idempotency-Key", expected)])
    owner = request.state.key
    return f"{owner.id if owner else 0}:{given}"
