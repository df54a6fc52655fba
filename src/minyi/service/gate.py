"""What every request passes: an id, who asks, how often, how much; a log line and the metrics."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from minyi.errors import ConflictError, MinyiError, MissingError, NoSpaceError, StoreError
from minyi.service import logs
from minyi.service.classifying import NotReadyError
from minyi.service.core import Service
from minyi.service.keys import check_origin, given_key, refused
from minyi.service.limits import counted, too_large
from minyi.service.problems import Problem, public

UPLOADS = "/v1/jobs"
_GUARDED = ("/v1/", "/metrics")
_OPEN = "/health/"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH")
_QUIET = ("/health/live", "/health/ready", "/metrics")  # asked every few seconds
Shortcut = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Shortened:
    """What stands for the route of a request that took a shortcut."""

    path: str


class Gate:
    """Middleware around all of the application.

    Parameters
    ----------
    app : ASGI application
    service : Service
    shortcuts : mapping of (method, path) to endpoint
        Asked without the framework's search for a route and its dependencies, which costs as much
        as all else around the classifying of a text.
    """

    def __init__(
        self,
        app: ASGIApp,
        service: Service,
        shortcuts: Mapping[tuple[str, str], Shortcut] | None = None,
    ) -> None:
        self._app = app
        self._service = service
        self._shortcuts = {
            key: _as_app(key[1], endpoint) for key, endpoint in (shortcuts or {}).items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = Headers(scope=scope)
        visit = _Visit(_request_id(headers), send)
        state = scope.setdefault("state", {})
        state["request_id"], state["key"] = visit.request_id, None
        try:
            limit = self._limit(scope, headers)
            await self._admit(scope, headers)
            app = self._shortcuts.get((scope["method"], scope["path"]), self._app)
            await app(scope, counted(receive, limit), visit.send)
        except Exception as error:
            await visit.answer(scope, error)
        finally:
            self._note(scope, visit, time.perf_counter() - started)

    async def _admit(self, scope: Scope, headers: Headers) -> None:
        """Let the request pass, or raise a `Problem`."""
        path, service = scope["path"], self._service
        if path.startswith(_OPEN):
            return
        if service.settings.is_loopback and not await service.keys.are_needed():
            check_origin(headers, service.settings)
            return
        if not path.startswith(_GUARDED):
            return
        given = given_key(headers)
        key = await service.keys.owner(given) if given else None
        if key is None:
            raise refused(given)
        scope["state"]["key"] = key
        wait = service.buckets.wait(key.name)
        if wait:
            raise Problem(
                429,
                f"这个密钥每秒平均可请求 {service.settings.rate} 次：请放慢一些再试，"
                "或用 /v1/classify/batch 一次提交多条。",
                headers={"Retry-After": str(max(1, ceil(wait)))},
            )

    def _limit(self, scope: Scope, headers: Headers) -> int:
        settings = self._service.settings
        is_upload = scope["path"] == UPLOADS
        limit = settings.max_upload if is_upload else settings.max_body
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > limit:
            raise too_large(limit)
        return limit

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            check_origin(Headers(scope=scope), self._service.settings)
        except Problem:
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    def _note(self, scope: Scope, visit: _Visit, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        # The route, never the path: a path may hold anything.
        route = getattr(scope.get("route"), "path", None) or "other"
        self._service.metrics.request(method, route, visit.status, seconds)
        if route in _QUIET and visit.status < 400:
            return
        key = scope["state"]["key"]
        fields: dict[str, Any] = {"key": key.name} if key else {}
        logs.event(
            "request",
            request_id=visit.request_id,
            method=method,
            route=route,
            status=visit.status,
            ms=round(seconds * 1000, 2),
            **fields,
        )


class _Visit:
    """One request: its id, and what was answered."""

    __slots__ = ("_send", "request_id", "status")

    def __init__(self, request_id: str, send: Send) -> None:
        self.request_id = request_id
        self.status = 0
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self.request_id.encode()),
                (b"x-content-type-options", b"nosniff"),
            ]
        await self._send(message)

    async def answer(self, scope: Scope, error: Exception) -> None:
        """Answer with what went wrong, if nothing was answered yet."""
        problem = as_problem(error, self.request_id)
        if not self.status:
            response = problem.response(self.request_id)
            await response(scope, _nothing, self.send)


def _as_app(path: str, endpoint: Shortcut) -> ASGIApp:
    route = Shortened(path)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = route
        response = await endpoint(Request(scope, receive))
        await response(scope, receive, send)

    return app


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else os.urandom(8).hex()


def as_problem(error: Exception, request_id: str) -> Problem:
    """Return the answer to an error; what is no `Problem` is logged, without its words."""
    if isinstance(error, Problem):
        return error
    problem = _known(error)
    if problem is None:
        logs.failure("error", error, request_id=request_id)
        return Problem(500, f"程序内部错误：请把请求编号 {request_id} 告诉管理员。")
    return problem


def _known(error: Exception) -> Problem | None:
    statuses: dict[type[MinyiError], int] = {
        NotReadyError: 503,
        MissingError: 404,
        ConflictError: 409,
        NoSpaceError: 507,
        StoreError: 503,
        MinyiError: 422,
    }
    for kind, status in statuses.items():
        if isinstance(error, kind):
            return Problem(status, public(error))
    if isinstance(error, ClientDisconnect):
        return Problem(400, "请求没有发完，连接就断开了。")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(507, "服务器的磁盘已满：请管理员清理后再试。")
    return None
