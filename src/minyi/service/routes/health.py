"""Whether the service lives and is ready, and its metrics."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.responses import Response

from minyi.service import schemas
from minyi.service.core import Service
from minyi.service.openapi import problems
from minyi.service.problems import Problem
from minyi.service.results import Json


def router(service: Service) -> APIRouter:
    """Return the paths for operators."""
    paths = APIRouter(tags=["运行"])

    @paths.get(
        "/health/live",
        summary="进程在运行",
        responses={200: {"model": schemas.HealthResponse}},
    )
    async def live() -> Response:
        return Json({"status": "ok", "checks": {}})

    @paths.get(
        "/health/ready",
        summary="模型已载入、库可写",
        responses={200: {"model": schemas.HealthResponse}, 503: problems(503)[503]},
    )
    async def ready() -> Response:
        checks = {"model": service.classifier.loaded is not None, "store": await is_writable()}
        if all(checks.values()):
            return Json({"status": "ok", "checks": checks})
        waiting = [
            name for name, done in {"模型": "model", "库": "store"}.items() if not checks[done]
        ]
        reason = service.public_problem or f"{'、'.join(waiting)}还不可用。"
        raise Problem(503, f"服务还没有准备好：{reason}", headers={"Retry-After": "1"})

    async def is_writable() -> bool:
        if not service.is_loaded:
            return False
        return await run_sync(service.store.is_writable)

    @paths.get(
        "/metrics",
        summary="Prometheus 指标",
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
            **problems(),
        },
        response_class=Response,
    )
    async def metrics() -> Response:
        return Response(service.metrics.render(), media_type=service.metrics.content_type)

    return paths
