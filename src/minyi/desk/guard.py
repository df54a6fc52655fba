"""Who may open the desk: only pages of this computer, under a name of this computer."""

from __future__ import annotations

import os

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from minyi.service.keys import check_origin
from minyi.service.problems import Problem
from minyi.service.settings import Settings

_OF_SERVICE = ("/v1/", "/metrics", "/health/")  # these have the gate of the service


class Guard:
    """Middleware: the desk has no keys, so strangers' names and pages are refused always.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and not scope["path"].startswith(_OF_SERVICE):
            try:
                check_origin(Headers(scope=scope), self._settings)
            except Problem as problem:
                await problem.response(os.urandom(8).hex())(scope, receive, send)
                return
        await self._app(scope, receive, send)
