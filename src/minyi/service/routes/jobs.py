"""Whole tables: uploaded, classified in the background, fetched when done."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header
from fastapi import Path as InPath
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from minyi.service import schemas
from minyi.service.core import Service
from minyi.service.jobs import KIND
from minyi.service.openapi import problems
from minyi.service.problems import Problem
from minyi.service.reading import idempotency_key
from minyi.service.results import Json
from minyi.service.uploads import FORM, Form, extension, options_of, save, table_of
from minyi.service.work import safe_name
from minyi.store.records import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job

_STATES = {
    WAITING: "等待中",
    RUNNING: "处理中",
    DONE: "已完成",
    FAILED: "失败",
    CANCELLED: "已取消",
}
_Id = Annotated[str, InPath(description="作业编号", max_length=64, pattern="^[A-Za-z0-9_-]+$")]
_KeyHeader = Header(None, alias="Idempotency-Key", max_length=200)


def router(service: Service) -> APIRouter:
    """Return the paths for jobs."""
    paths = APIRouter(tags=["作业"])
    one = {"model": schemas.JobResponse}

    @paths.post(
        "/v1/jobs",
        summary="提交一张表格",
        description="表格在后台处理；用 Location 里的地址看进度。"
        "可带 Idempotency-Key：相同的键和文件只处理一次。",
        status_code=202,
        responses={202: one, **problems(400, 409, 413, 415, 422, 507)},
        openapi_extra=FORM,
    )
    async def add_job(request: Request, _key: str | None = _KeyHeader) -> Response:
        key = idempotency_key(request)
        async with Form(request) as form:
            file, options = table_of(form), options_of(form)
            await _check_room(service)
            arrivals = service.store.arrivals
            upload = arrivals.begin(secrets.token_hex(16) + extension(file))
            try:
                await run_sync(save, file, upload)
                job = await run_sync(_add, service, request, file, upload, options, key)
            except BaseException:
                arrivals.drop(upload)
                raise
        if job.upload == upload:
            arrivals.end(upload)
        else:  # the same was asked before
            arrivals.drop(upload)
        service.wake_runner()
        place = f"/v1/jobs/{job.id}"
        return Json(_told(job), 202, {"Location": place, "Retry-After": "1"})

    @paths.get(
        "/v1/jobs/{job_id}", summary="作业的状态", responses={200: one, **problems(404, 422)}
    )
    async def get_job(request: Request, job_id: _Id) -> Response:
        return Json(_told(await _job(service, request, job_id)))

    @paths.get(
        "/v1/jobs/{job_id}/result",
        summary="下载结果",
        response_class=FileResponse,
        responses={
            200: {
                "content": {"application/octet-stream": {"schema": {"type": "string"}}},
                "description": "结果表格",
            },
            **problems(404, 409, 422),
        },
    )
    async def get_result(request: Request, job_id: _Id) -> Response:
        job = await _job(service, request, job_id)
        if job.state != DONE:
            raise Problem(409, f"作业{_STATES[job.state]}，没有可下载的结果。{job.message}")
        if job.result is None or not job.result.is_file():
            raise Problem(404, "结果文件已被清理：请重新提交表格。")
        name = f"{Path(safe_name(job.filename)).stem}_分类{job.result.suffix}"
        return FileResponse(job.result, media_type="application/octet-stream", filename=name)

    @paths.delete(
        "/v1/jobs/{job_id}",
        summary="取消作业",
        responses={200: one, **problems(404, 409, 422, 507)},
    )
    async def cancel_job(request: Request, job_id: _Id) -> Response:
        job = await _job(service, request, job_id)
        if job.state in (DONE, FAILED):
            raise Problem(409, f"作业{_STATES[job.state]}，不能再取消。")
        job = await run_sync(service.store.jobs.cancel, job.id)
        with suppress(OSError):
            job.upload.unlink(missing_ok=True)
        return Json(_told(job))

    return paths


def _told(job: Job) -> dict[str, Any]:
    links = {"self": f"/v1/jobs/{job.id}"}
    if job.state == DONE:
        links["result"] = f"/v1/jobs/{job.id}/result"
    return {
        "id": job.id,
        "state": job.state,
        "state_name": _STATES[job.state],
        "filename": job.filename,
        "progress": {"done": job.done, "total": job.total},
        "counts": dict(job.counts),
        "message": job.message,
        "attempts": job.attempts,
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "links": links,
    }


async def _job(service: Service, request: Request, job_id: str) -> Job:
    """Return a job of whoever asks; others' jobs are not there."""
    job = await run_sync(service.store.jobs.get, job_id)
    key = request.state.key
    if key is not None and job.key_id != key.id:
        raise Problem(404, "没有这个作业：请检查编号。")
    return job


async def _check_room(service: Service) -> None:
    def n_open() -> int:
        return sum(service.store.jobs.count(state) for state in (WAITING, RUNNING))

    most = service.settings.max_jobs
    if await run_sync(n_open) >= most:
        raise Problem(
            429,
            f"同时等待和处理的作业最多 {most} 个：请等前面的完成后再提交。",
            headers={"Retry-After": "10"},
        )


def _add(
    service: Service,
    request: Request,
    file: UploadFile,
    upload: Path,
    options: dict[str, str],
    key: str | None,
) -> Job:
    owner = request.state.key
    return service.store.jobs.add(
        KIND,
        safe_name(file.filename or ""),
        upload,
        options,
        key_id=owner.id if owner else None,
        idempotency_key=key,
    )
