"""The description of the interface, its examples, and pages about it that need no internet."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import HTMLResponse

from minyi.service import schemas
from minyi.service.problems import MEDIA_TYPE
from minyi.version import __version__

TITLE = "民意接口"
_ASSETS = "fastapi_offline"
_REF = "#/components/schemas/{model}"
_REQUESTS: tuple[type[BaseModel], ...] = (
    schemas.ClassifyRequest,
    schemas.BatchRequest,
    schemas.TaskRequest,
    schemas.FeedbackRequest,
    schemas.ProblemDocument,
)
_MEANINGS = {
    400: "请求无法读取",
    401: "缺少有效的密钥",
    403: "来自其他网站的页面",
    404: "没有这个对象",
    409: "与现有状态冲突",
    413: "内容太大",
    415: "不支持这种内容类型",
    421: "主机名不对",
    422: "内容不符合要求",
    429: "请求太频繁，见 Retry-After",
    500: "程序内部错误",
    503: "服务暂不可用，见 Retry-After",
    507: "服务器的磁盘已满",
}
_ALWAYS = (401, 403, 421, 429, 500, 503)
_DESCRIPTION = """把群众意见分到政策类别与责任部门，离线运行。

- 有密钥时，每次请求都要带 `Authorization: Bearer mk_…` 或 `X-API-Key: mk_…`。
- 出错时返回 `application/problem+json`（RFC 9457），说明应是什么、怎样改，不含来信内容。
- 每次回答都有 `X-Request-ID`；请求里给出的编号会原样返回，可在日志里查到。
- 提交作业和更正时可带 `Idempotency-Key`：重复提交只算一次。
"""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how the errors of a path are described; those that any path has are added."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="ProblemDocument")}}}
    return {
        status: {"description": _MEANINGS[status], "content": content}
        for status in sorted({*statuses, *_ALWAYS})
    }


def json_body(shape: type[BaseModel], examples: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a JSON body is described that a route reads itself."""
    named = {name: {"summary": name, "value": value} for name, value in examples.items()}
    schema = {"$ref": _REF.format(model=shape.__name__)}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "examples": named}},
        }
    }


def describe(app: FastAPI) -> None:
    """Give `app` its description, and the pages /docs and /redoc."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    folder = _assets()
    if folder is not None:
        _add_pages(app, folder)


def _description(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=TITLE,
        version=__version__,
        description=_DESCRIPTION,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    _, own = models_json_schema([(shape, "validation") for shape in _REQUESTS], ref_template=_REF)
    components = made.setdefault("components", {})
    components.setdefault("schemas", {}).update(own["$defs"])
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "minyi key add 给出的密钥"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    for path, operations in made["paths"].items():
        if path.startswith(("/v1/", "/metrics")):
            for operation in operations.values():
                operation["security"] = [{}, {"bearer": []}, {"header": []}]
    return made


def _assets() -> Path | None:
    """Return where the scripts of the pages are; None where they are not installed."""
    spec = find_spec(_ASSETS)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "static"
    return folder if folder.is_dir() else None


def _add_pages(app: FastAPI, folder: Path) -> None:
    app.mount("/docs-assets", StaticFiles(directory=folder), name="docs-assets")

    async def docs(request: Request) -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=TITLE,
            swagger_js_url="docs-assets/swagger-ui-bundle.js",
            swagger_css_url="docs-assets/swagger-ui.css",
            swagger_favicon_url="docs-assets/favicon.png",
            swagger_ui_parameters={"validatorUrl": None, "docExpansion": "list"},
        )

    async def redoc(request: Request) -> HTMLResponse:
        return get_redoc_html(
            openapi_url="openapi.json",
            title=TITLE,
            redoc_js_url="docs-assets/redoc.standalone.js",
            redoc_favicon_url="docs-assets/favicon.png",
            with_google_fonts=False,
        )

    app.add_route("/docs", docs, include_in_schema=False)
    app.add_route("/redoc", redoc, include_in_schema=False)
