"""Errors as RFC 9457 problem details: Chinese, mendable, and without a citizen's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from minyi.errors import MinyiError, ModelError, ProfileError, StoreError

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: ("bad-request", "请求无法读取"),
    401: ("unauthorized", "缺少有效的密钥"),
    403: ("forbidden", "不允许这样访问"),
    404: ("not-found", "没有这个地址或对象"),
    405: ("method-not-allowed", "这个地址不接受这种方法"),
    406: ("not-acceptable", "给不出所要的格式"),
    409: ("conflict", "与现有状态冲突"),
    411: ("length-required", "缺少长度"),
    413: ("too-large", "内容太大"),
    415: ("unsupported-media-type", "不支持这种内容类型"),
    421: ("misdirected", "主机名不对"),
    422: ("invalid", "内容不符合要求"),
    429: ("too-many-requests", "请求太频繁"),
    500: ("internal", "程序内部错误"),
    503: ("unavailable", "服务暂不可用"),
    507: ("no-space", "磁盘空间不足"),
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; never what stands in it.

    Attributes
    ----------
    field : str
        Where: ``items.3.text``.
    message : str
        What was expected.
    """

    field: str
    message: str


class Problem(Exception):  # noqa: N818 -- the name that RFC 9457 gives it
    """An answer that says why a request cannot be served.

    Parameters
    ----------
    status : int
        The HTTP status.
    detail : str
        What was expected, what was found, how to mend it.
    errors : sequence of FieldError
    headers : mapping of str to str
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def as_dict(self, instance: str = "") -> dict[str, Any]:
        """Return the members of the problem document."""
        slug, title = _TITLES.get(self.status) or _plain(self.status)
        document: dict[str, Any] = {
            "type": f"urn:minyi:problem:{slug}",
            "title": title,
            "status": self.status,
            "detail": self.detail,
        }
        if instance:
            document["instance"] = instance
        if self.errors:
            document["errors"] = [{"field": e.field, "message": e.message} for e in self.errors]
        return document

    def response(self, request_id: str = "") -> Response:
        """Return the answer; `instance` names the request so that the log can be searched."""
        instance = f"urn:minyi:request:{request_id}" if request_id else ""
        body = orjson.dumps(self.as_dict(instance))
        return Response(body, self.status, self.headers, MEDIA_TYPE)


def _plain(status: int) -> tuple[str, str]:
    known = {s.value for s in HTTPStatus}
    return (f"http-{status}", "请求未能完成" if status in known else "错误")


def public(error: MinyiError) -> str:
    """Return what a client may read of an error: never where the server keeps its files."""
    if isinstance(error, StoreError):
        return error.public
    if isinstance(error, ModelError | ProfileError):
        return "模型或单位配置不能用：请管理员查看服务的日志。"
    return str(error)


def from_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """Return the problem for a status that the framework itself answers with."""
    details = {
        404: "没有这个地址：请对照 /docs 里的接口说明检查路径。",
        405: "请换成 Allow 响应头里列出的方法。",
        400: "请求无法读取：请检查请求头与内容的格式。",
    }
    _, title = _TITLES.get(status) or _plain(status)
    return Problem(status, details.get(status, f"{title}。"), headers=headers)
