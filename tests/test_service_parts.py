"""Parts of the service: settings, limits, uploads' names, and who shares a call of the model."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi import InputError, Minyi, Submission
from minyi.service import logs
from minyi.service.classifying import Classifier, FailedResult, Loaded, NotReadyError, load_warm
from minyi.service.core import Service
from minyi.service.limits import Buckets, counted
from minyi.service.problems import Problem
from minyi.service.settings import Settings, settings_from
from minyi.service.work import answer, safe_name


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"MINYI_PORT": "八千"}, "MINYI_PORT 应为整数"),
        ({"MINYI_PORT": "70000"}, "port 应在 0 到 65535 之间"),
        ({"MINYI_ENCODER": "maybe"}, "MINYI_ENCODER 应为 1 或 0"),
        ({"MINYI_MAX_ITEMS": "0"}, "max_items 应在 1 到"),
    ],
)
def test_a_setting_that_cannot_be_names_what_it_should_be(
    environment: dict[str, str], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        settings_from(environment)


def test_options_go_before_the_environment() -> None:
    environment = {"MINYI_PORT": "9000", "MINYI_RATE": "7", "MINYI_ENCODER": "否"}
    settings = settings_from(environment, port=9001, host=None)
    assert (settings.port, settings.rate, settings.encoder) == (9001, 7, False)
    assert settings.host == Settings().host


def test_a_bucket_gives_twice_its_rate_at_once_and_then_its_rate() -> None:
    now = 100.0
    buckets = Buckets(5, clock=lambda: now)
    assert [buckets.wait("甲") for _ in range(10)] == [0.0] * 10
    assert buckets.wait("甲") == pytest.approx(0.2)
    assert buckets.wait("乙") == 0.0
    now += 0.2
    assert buckets.wait("甲") == 0.0
    assert buckets.wait("甲") > 0


def test_a_body_is_refused_as_soon_as_it_is_over_the_limit() -> None:
    pieces = [b"a" * 400, b"a" * 400, b"a" * 400]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": True}

    async def read() -> None:
        limited = counted(receive, 1000)
        for _ in range(3):
            await limited()

    with pytest.raises(Problem, match="413"):
        asyncio.run(read())
    assert pieces == []


@given(st.text(max_size=300))
def test_a_name_of_an_upload_never_leaves_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 90
    assert Path("/folder", safe).parent == Path("/folder")
    assert safe not in (".", "..")
    assert not set(safe) & set('<>:"/\\|?*%\r\n\0')


class Brittle(Minyi):
    """Falls over one text."""

    def classify(self, submissions):  # type: ignore[no-untyped-def]
        if any(getattr(s, "text", s) == "坏" for s in submissions):
            raise ZeroDivisionError
        return super().classify(submissions)


def brittle() -> Brittle:
    whole = load_warm("starter", "", encoder=False).minyi
    return Brittle(whole.model, whole.office)


def test_a_text_that_brings_the_program_down_takes_no_other_with_it() -> None:
    async def ask() -> list[object]:
        classifier = Classifier()
        classifier.start()
        classifier.use(Loaded(brittle()))
        texts = ["路灯坏了没人修", "坏", "建议增设公交线路"]
        try:
            alone = [classifier.classify([Submission(text)]) for text in texts]
            together = classifier.classify([Submission(text) for text in texts])
            return list(await asyncio.gather(*alone, together))
        finally:
            classifier.stop()

    *alone, together = asyncio.run(ask())
    assert [isinstance(answers[0], FailedResult) for answers in alone] == [False, True, False]  # type: ignore[index]
    assert [isinstance(answer, FailedResult) for answer in together] == [False, True, False]  # type: ignore[attr-defined]


def test_a_single_text_does_not_wait_for_a_long_list_to_end() -> None:
    async def ask() -> bool:
        classifier = Classifier()
        classifier.start()
        classifier.use(load_warm("starter", "", encoder=False))
        try:
            many = asyncio.create_task(classifier.classify([Submission("路灯坏了")] * 1000))
            await asyncio.sleep(0.01)
            await classifier.classify([Submission("建议增设公交线路")])
            was_first = not many.done()
            assert len(await many) == 1000
            return was_first
        finally:
            classifier.stop()

    assert asyncio.run(ask())


def test_before_the_model_is_there_nothing_is_classified() -> None:
    async def ask() -> None:
        classifier = Classifier()
        classifier.start()
        try:
            await classifier.classify([Submission("路灯坏了")])
        finally:
            classifier.stop()

    with pytest.raises(NotReadyError, match="模型还没有载入"):
        asyncio.run(ask())


def test_the_log_tells_where_an_error_was_and_not_what_it_said() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JsonLines())
    logger = logging.getLogger("minyi.service.test")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        int("王小明家的水表")
    except ValueError as error:
        logger.exception("王小明")
        record = logger.makeRecord("x", 40, "", 0, "error", (), None, extra={"fields": {}})
        record.fields = {"error": type(error).__name__, "where": logs.places(error)}
        handler.handle(record)
    finally:
        logger.removeHandler(handler)
    assert "王小明" not in out.getvalue()
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first["error"] == second["error"] == "ValueError"
    assert "test_service_parts.py" in first["where"][0]


def test_the_classifying_thread_ends_with_the_classifier() -> None:
    async def once() -> None:
        classifier = Classifier()
        classifier.start()
        classifier.stop()

    asyncio.run(once())
    assert "minyi-classifier" not in {thread.name for thread in threading.enumerate()}


def test_why_it_is_not_ready_is_told_to_clients_without_a_path(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path / "minyi.db"), model=str(tmp_path / "没有"))

    async def reasons() -> tuple[str, str]:
        service = Service(settings)
        await service.start()
        while not service.problem:
            await asyncio.sleep(0.01)
        with pytest.raises(Problem) as refused:
            _ = service.loaded
        await service.stop()
        return service.problem, refused.value.detail

    problem, told = asyncio.run(reasons())
    assert str(tmp_path) in problem
    assert str(tmp_path) not in told
    assert "请管理员查看服务的日志" in told


def test_a_job_whose_model_is_gone_is_told_without_a_path(tmp_path: Path) -> None:
    upload = tmp_path / "a.txt"
    upload.write_text("路灯坏了半年没人修\n水渠垮了没人管\n", "utf-8")
    folder = tmp_path / "work"
    folder.mkdir()
    task = {
        "upload": str(upload),
        "filename": "来信.txt",
        "folder": str(folder),
        "model": str(tmp_path / "models" / "v3"),
        "office": "",
        "encoder": True,
        "workers": 1,
        "options": {},
        "received": "2026-03-02",
    }
    told = answer(task, lambda _: None)["error"]
    assert "v3" in told
    assert str(tmp_path) not in told


_COLLECTED = """
import asyncio, sys
import httpx
from opentelemetry import _logs, metrics, trace

told = []

def watch(name):
    def method(self, *args, **kwargs):
        told.append(name)
        return None
    return method

def watching(kind):
    return type("Watching", (kind,), {name: watch(name) for name in kind.__abstractmethods__})()

_logs.set_logger_provider(watching(_logs.LoggerProvider))
metrics.set_meter_provider(watching(metrics.MeterProvider))
trace.set_tracer_provider(watching(trace.TracerProvider))
told.clear()
from minyi.service.app import create_app
from minyi.service.settings import Settings

async def ask():
    app = create_app(Settings(store=sys.argv[1]))
    there = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=there, base_url="http://127.0.0.1") as client,
    ):
        while (await client.get("/health/ready")).status_code != 200:
            await asyncio.sleep(0.05)
        for path in ("/v1/feedback", "/v1/classify"):
            assert (await client.post(path, json={"text": 1})).status_code == 422

asyncio.run(ask())
assert not told, told
"""


def test_a_machine_that_collects_telemetry_is_told_nothing(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry")
    command = [sys.executable, "-c", _COLLECTED, str(tmp_path / "minyi.db")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
