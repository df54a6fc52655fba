"""The desk as a real process: killed in the middle of an import, and two on one store."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("nicegui", reason="没有 nicegui：工作台的测试没有运行")
pytest.importorskip("requests", reason="没有 requests：工作台的测试没有运行")
pytest.importorskip("websocket", reason="没有 websocket-client：工作台的测试没有运行")

from desk_visitor import Visitor
from minyi.store import Store
from running_desk import begun_desk
from running_service import until
from small_tables import rows, write_workbook

N = 3000
NAME = "意见箱.xlsx"


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("表格") / NAME
    return write_workbook(path, rows(N, longest=300)).read_bytes()


@contextmanager
def importing(address: str, content: bytes) -> Iterator[None]:
    """Upload a workbook and confirm its columns; the block runs while it is being imported."""
    with Visitor(address, "/batches") as visitor:
        visitor.upload(NAME, content)
        visitor.press("开始分类")
        yield


def count(data: Path, table: str) -> int:
    with closing(sqlite3.connect(data / "minyi.db")) as database:
        return int(database.execute(f"select count(*) from {table}").fetchone()[0])


def errors(data: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (data / "desk.log").read_text("utf-8").splitlines()]
    return [e for e in lines if e["level"] in ("error", "critical") or e.get("status", 0) >= 500]


def get(address: str, path: str) -> Any:
    return httpx.get(address + path, timeout=60).raise_for_status().json()


def check_every_row_stands_once(data: Path) -> None:
    with Store.open(data / "minyi.db") as store:
        (batch,) = store.batches.list().items
        entries = store.submissions.page(batch.id, sort="row", limit=None).items
        assert [e.submission.text for e in entries] == [r[3] for r in rows(N, longest=300)]
        assert [e.submission.source_row for e in entries] == list(range(2, N + 2))
        assert all(e.result is not None for e in entries)
    with closing(sqlite3.connect(data / "minyi.db")) as database:
        found = Counter(
            number for (number,) in database.execute("select submission_id from results")
        )
    assert (len(found), set(found.values())) == (N, {1})


def test_a_workbook_of_a_killed_desk_is_offered_for_continuing_and_every_row_stands_once(
    tmp_path: Path, workbook: bytes
) -> None:
    with begun_desk(tmp_path) as desk, importing(desk.address, workbook):
        until(lambda: count(tmp_path, "results"))
        desk.kill()
    assert 0 < count(tmp_path, "results") < N, "the kill came too late to be in the middle"
    assert count(tmp_path, "submissions") == N
    with begun_desk(tmp_path) as desk:
        with Visitor(desk.address, "/batches/1") as visitor:
            assert visitor.shows("还有没分类的意见")
            visitor.press("接着分类")
            until(lambda: count(tmp_path, "results") == N)
        with Visitor(desk.address, "/batches/1") as visitor:
            assert not visitor.shows("接着分类")
        assert len(get(desk.address, "/desk/batches/1/rows")) == N
    check_every_row_stands_once(tmp_path)
    assert errors(tmp_path) == []


@pytest.mark.parametrize("seconds", [0.05, 0.25, 0.6])
def test_rows_of_a_killed_desk_are_there_as_a_whole_or_not_at_all(
    tmp_path: Path, workbook: bytes, seconds: float
) -> None:
    with begun_desk(tmp_path) as desk, importing(desk.address, workbook):
        time.sleep(seconds)
        desk.kill()
    assert count(tmp_path, "submissions") == N * count(tmp_path, "batches")
    with begun_desk(tmp_path) as desk:
        if count(tmp_path, "batches"):
            with Visitor(desk.address, "/batches/1") as visitor:
                if visitor.shows("接着分类"):
                    visitor.press("接着分类")
                until(lambda: count(tmp_path, "results") == N)
        else:  # nothing stands in the way of another try
            with importing(desk.address, workbook):
                until(lambda: count(tmp_path, "results") == N)
    check_every_row_stands_once(tmp_path)


def test_an_upload_of_a_killed_desk_goes_and_that_of_another_desk_stays(
    tmp_path: Path, workbook: bytes
) -> None:
    def uploads() -> list[str]:
        return [path.name for path in (tmp_path / "uploads").glob("desk-*/*")]

    with begun_desk(tmp_path) as living, Visitor(living.address, "/batches") as waiting:
        waiting.upload(NAME, workbook)
        with begun_desk(tmp_path) as desk, Visitor(desk.address, "/batches") as visitor:
            visitor.upload("另一张.xlsx", workbook)
            until(lambda: len(uploads()) == 2)
            desk.kill()
        with begun_desk(tmp_path):
            until(lambda: uploads() == [NAME])
        waiting.press("开始分类")
        until(lambda: count(tmp_path, "submissions") == N)
        until(lambda: not list((tmp_path / "uploads").glob("*.arriving")))
        assert uploads() == [NAME]


def test_two_desks_on_one_store_see_each_others_corrections(tmp_path: Path) -> None:
    content = write_workbook(tmp_path / NAME, rows(20, longest=300)).read_bytes()
    data = tmp_path / "数据"
    with begun_desk(data) as first, begun_desk(data) as second:
        for desk in (first, second):
            with Visitor(desk.address, "/") as visitor:
                assert visitor.shows("粘贴")
        with importing(first.address, content):
            until(lambda: count(data, "results") == 20)
        with Visitor(second.address, "/batches/1") as visitor:
            assert visitor.shows(NAME)
            assert not visitor.shows("接着分类")
        own, other = row_of(first.address), row_of(second.address)
        assert own(0) == other(0)
        correct(first.address, own(0)["id"], "表扬")
        assert (other(0)["kind"], other(0)["status"]) == ("表扬", "已改")
        correct(second.address, own(0)["id"], "咨询")
        assert (own(0)["kind"], own(0)["status"]) == ("咨询", "已改")
        for desk in (first, second):
            assert desk.process.poll() is None
    with Store.open(data / "minyi.db") as store:
        (entry, *_) = store.submissions.page(1, sort="row").items
        trail = store.corrections.trail(entry.submission.id)
        assert [(c.before, c.value) for c in trail][1:] == [("表扬", "咨询")]
    assert errors(data) == []


def row_of(address: str) -> Callable[[int], dict[str, Any]]:
    """Return how a desk shows the rows of batch 1, in the order of the workbook."""

    def row(i: int) -> dict[str, Any]:
        found = sorted(get(address, "/desk/batches/1/rows"), key=lambda shown: shown["row"])
        return dict(found[i])

    return row


def correct(address: str, submission: int, kind: str) -> None:
    body = {"submission_id": submission, "target": "kind", "value": kind, "who": "小李"}
    answer = httpx.post(address + "/v1/feedback", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
