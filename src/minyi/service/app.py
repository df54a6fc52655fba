"""The application: routes, the gate around them, and errors as problems."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from minyi.service import openapi
from minyi.service.core import Service
from minyi.service.gate import Gate
from minyi.service.problems import from_status
from minyi.service.reading import field_errors, invalid
from minyi.service.routes import about, classify, feedback, health, jobs
from minyi.service.settings import Settings
from minyi.store import Store
from minyi.version import __version__

_TAGS = [
    {"name": "分类", "description": "一条、多条意见的分类与分办"},
    {"name": "作业", "description": "整张表格在后台处理"},
    {"name": "更正", "description": "人的判断，用于以后的训练"},
    {"name": "说明", "description": "类别、部门、模型"},
    {"name": "运行", "description": "状态与指标"},
]
# Where a machine collects OpenTelemetry, FastAPI would send it the messages of errors and what
# was wrong with a body: both may quote a citizen. An older FastAPI takes no notice.
_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def create_app(settings: Settings | None = None, store: Store | None = None) -> FastAPI:
    """Return the application; the desk adds its pages to it.

    Parameters
    ----------
    settings : Settings, optional
    store : Store, optional
        An open one; it is closed when the application ends.
    """
    service = Service(settings or Settings(), store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        yield
        await service.stop()

    app = FastAPI(
        title=openapi.TITLE,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_tags=_TAGS,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.state.service = service
    classifying = classify.router(service)
    shortcuts = {
        ("POST", route.path): route.endpoint
        for route in classifying.routes
        if isinstance(route, APIRoute)
    }
    app.add_middleware(Gate, service=service, shortcuts=shortcuts)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    for paths in (classifying, *(m.router(service) for m in (jobs, feedback, about, health))):
        app.include_router(paths)
    openapi.describe(app)
    app.add_route("/", _start_page, include_in_schema=False)
    return app


async def _start_page(request: Request) -> Response:
    return RedirectResponse("docs")


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return from_status(error.status_code, error.headers).response(request.state.request_id)


async def _validation_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return invalid(field_errors(error.errors())).response(request.state.request_id)
