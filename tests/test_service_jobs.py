"""Whole tables over HTTP: jobs that survive a killed server, and uploads of every bad kind."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from conftest import new_database
from minyi.store import Store
from running_service import Running, job_ended, running, until
from small_tables import HEADER, read_sheets, rows, write_jsonl, write_workbook

LONG = 4000  # rows: enough to be in the middle of for a second or two


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("jobs"), max_upload=8 * 2**20) as one:
        yield one


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as one:
        yield one


def workbook(folder: Path, n: int, name: str = "意见箱.xlsx") -> bytes:
    return write_workbook(folder / name, rows(n, longest=300)).read_bytes()


def long_table(folder: Path) -> bytes:
    return write_jsonl(folder / "长.jsonl", rows(LONG, longest=300)).read_bytes()


def submit(
    client: httpx.Client, content: bytes, name: str = "意见箱.xlsx", key: str = "", **options: str
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    files = {"file": (name, content)}
    return client.post("/v1/jobs", files=files, data=options, headers=headers)


def started(client: httpx.Client, place: str) -> bool:
    job = client.get(place).json()
    assert job["state"] in ("waiting", "running"), job
    return bool(job["progress"]["done"] > 0)


def test_a_workbook_is_classified_and_fetched_under_a_name_people_know(
    client: httpx.Client, tmp_path: Path
) -> None:
    answer = submit(client, workbook(tmp_path, 30))
    assert answer.status_code == 202
    place = answer.headers["location"]
    job = job_ended(client, place)
    assert (job["state"], job["state_name"]) == ("done", "已完成")
    assert job["progress"] == {"done": 30, "total": 30}
    assert (job["counts"]["n_rows"], job["counts"]["roles"]["正文"]) == (30, "内容")
    result = client.get(job["links"]["result"])
    disposition = result.headers["content-disposition"]
    assert disposition.startswith("attachment")
    assert "意见箱_分类.xlsx" in unquote(disposition)
    found = tmp_path / "结果.xlsx"
    found.write_bytes(result.content)
    sheets = read_sheets(found)
    assert len(sheets["分类结果"]) == 31
    assert sheets["分类结果"][0][: len(HEADER)] == list(HEADER)
    assert [line[3] for line in sheets["分类结果"][1:]] == [r[3] for r in rows(30, longest=300)]


def test_columns_header_and_format_can_be_chosen(client: httpx.Client, tmp_path: Path) -> None:
    options = {"text": "内容", "header": "en", "format": "csv", "received": "2026-03-02"}
    job = job_ended(client, submit(client, workbook(tmp_path, 3), **options).headers["location"])
    result = client.get(job["links"]["result"]).content.decode("utf-8-sig")
    assert "category_code" in result.splitlines()[0]


@pytest.mark.parametrize(
    ("content", "name", "status", "told"),
    [
        (b"", "空.xlsx", 422, "文件是空的"),
        (b"MZ\x90\x00", "病毒.exe", 422, "应为 .xlsx"),
        (b"x" * (2**23 + 1), "大.csv", 413, "8 MB"),
    ],
)
def test_a_bad_upload_is_refused(
    client: httpx.Client, content: bytes, name: str, status: int, told: str
) -> None:
    answer = submit(client, content, name)
    assert answer.status_code == status
    assert told in answer.text


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"PK\x03\x04 broken", "坏.xlsx", "坏.xlsx"),
        (b"MZ\x90\x00" * 100, "程序.xlsx", "程序.xlsx"),
        ("编号,金额\n1,2\n".encode(), "没有正文.csv", "没有正文.csv"),
    ],
)
def test_a_table_that_cannot_be_read_fails_with_its_name_and_no_path(
    server: Running, client: httpx.Client, content: bytes, name: str, told: str
) -> None:
    place = submit(client, content, name).headers["location"]
    job = job_ended(client, place)
    assert job["state"] == "failed"
    assert told in job["message"]
    assert str(server.log.parent) not in job["message"]
    assert "没有可下载的结果" in client.get(place + "/result").json()["detail"]


@pytest.mark.parametrize(
    ("options", "field"),
    [({"header": "fr"}, "header"), ({"received": "昨天"}, "received"), ({"odd": "1"}, "多出")],
)
def test_an_option_that_cannot_be_is_named(
    client: httpx.Client, options: dict[str, str], field: str
) -> None:
    answer = submit(client, b"a,b\n", "a.csv", **options)
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


def test_what_is_no_form_is_refused(client: httpx.Client) -> None:
    assert client.post("/v1/jobs", json={}).status_code == 415
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/v1/jobs", content=b"--y\r\n", headers=headers).status_code in (400, 422)
    assert client.post("/v1/jobs", content=b"", headers=headers).status_code in (400, 422)


def test_a_name_like_a_path_stays_inside(client: httpx.Client, tmp_path: Path) -> None:
    answer = submit(client, workbook(tmp_path, 2), "..%2F..\\..\\etc\\意见.xlsx")
    assert answer.json()["filename"] == "意见.xlsx"


def test_the_same_idempotency_key_makes_one_job(client: httpx.Client, tmp_path: Path) -> None:
    content = workbook(tmp_path, 2)
    first, second = (submit(client, content, key="once").json()["id"] for _ in range(2))
    assert first == second
    job_ended(client, f"/v1/jobs/{first}")
    assert submit(client, content, key="once").json()["id"] == first
    assert submit(client, workbook(tmp_path, 3), key="once").status_code == 409
    assert submit(client, content, key="twice").json()["id"] != first
    assert submit(client, content, key="a b").status_code == 422


def test_a_running_job_can_be_cancelled(
    server: Running, client: httpx.Client, tmp_path: Path
) -> None:
    place = submit(client, long_table(tmp_path), "长.jsonl").headers["location"]
    until(lambda: started(client, place))
    assert client.delete(place).json()["state"] == "cancelled"
    assert client.delete(place).status_code == 200
    assert client.get(place).json()["state"] == "cancelled"
    after = submit(client, workbook(tmp_path, 2)).headers["location"]
    assert job_ended(client, after)["state"] == "done"
    assert client.delete(after).status_code == 409
    assert list((server.log.parent / "work").iterdir()) == []


def test_uploads_are_removed_once_their_job_is_over(
    server: Running, client: httpx.Client, tmp_path: Path
) -> None:
    job_ended(client, submit(client, workbook(tmp_path, 2)).headers["location"])
    until(lambda: not list((server.log.parent / "uploads").iterdir()))


def test_more_jobs_than_may_wait_are_refused(tmp_path: Path) -> None:
    with running(tmp_path, max_jobs=1) as server, server.client() as client:
        assert submit(client, long_table(tmp_path), "长.jsonl").status_code == 202
        refused = submit(client, workbook(tmp_path, 2))
        assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
        assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_requests_are_answered_while_a_job_runs(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        place = submit(client, long_table(tmp_path), "长.jsonl").headers["location"]
        until(lambda: started(client, place))
        assert client.post("/v1/classify", json={"text": "路灯坏了"}).status_code == 200
        assert client.get(place).json()["state"] == "running"


def test_a_job_of_a_killed_server_is_done_after_its_restart_and_counted_once(
    tmp_path: Path,
) -> None:
    content = long_table(tmp_path)
    with running(tmp_path) as server, server.client() as client:
        place = submit(client, content, "长.jsonl", key="once").headers["location"]
        until(lambda: started(client, place))
        server.kill()
    with running(tmp_path) as server, server.client() as client:
        assert submit(client, content, "长.jsonl", key="once").headers["location"] == place
        job = job_ended(client, place)
        assert (job["state"], job["attempts"]) == ("done", 2)
        assert job["counts"]["n_rows"] == LONG
        assert job["progress"] == {"done": LONG, "total": LONG}
        (tmp_path / "结果.xlsx").write_bytes(client.get(place + "/result").content)
    assert len(read_sheets(tmp_path / "结果.xlsx")["分类结果"]) == LONG + 1
    with sqlite3.connect(tmp_path / "minyi.db") as database:
        assert database.execute("select count(*) from jobs").fetchone() == (1,)
    database.close()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_the_process_of_a_job_ends_with_a_killed_server(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        place = submit(client, long_table(tmp_path), "长.jsonl").headers["location"]
        until(lambda: started(client, place))
        (child,) = children(server.process.pid)
        server.kill()
        until(lambda: not Path(f"/proc/{child}").exists())


def children(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children")
    tasks = Path(f"/proc/{parent}/task").iterdir() if text.exists() else []
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def test_a_server_that_is_ended_leaves_its_job_to_be_taken_up_again(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        place = submit(client, long_table(tmp_path), "长.jsonl").headers["location"]
        until(lambda: started(client, place))
        assert server.end() == (0 if os.name == "posix" else 1)
        assert server.events()[-1]["event"] == "stopped"
    with running(tmp_path) as server, server.client() as client:
        assert job_ended(client, place)["counts"]["n_rows"] == LONG


def test_a_request_under_way_is_finished_when_the_server_is_ended(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    text = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修。" * 8
    with running(tmp_path) as server, server.client() as client, ThreadPoolExecutor(1) as pool:
        client.get("/health/live")
        asked = pool.submit(
            client.post, "/v1/classify/batch", json={"items": [text + str(i) for i in range(1000)]}
        )
        until(lambda: " 0.0" not in waiting(server))
        assert server.end() == (0 if os.name == "posix" else 1)
        answer = asked.result()
        assert (answer.status_code, answer.json()["n_results"]) == (200, 1000)


def waiting(server: Running) -> str:
    lines = httpx.get(server.address + "/metrics").text.splitlines()
    return next(line for line in lines if line.startswith("minyi_texts_waiting"))


# The disk, and the other database


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 16 MB for a store."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("只有 root 能挂载小磁盘：服务在满盘上的测试没有运行")
    disk = tmp_path / "小盘"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", str(disk)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("这里不能挂载 tmpfs：服务在满盘上的测试没有运行")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk to the last byte; return the file to remove."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
        while True:
            file.write(bytes(4096))
    return filler


def feedback(client: httpx.Client) -> httpx.Response:
    body = {"item": {"text": "村里的路灯坏了没人修"}, "target": "kind", "value": "投诉"}
    return client.post("/v1/feedback", json=body)


def test_a_full_disk_is_told_and_all_works_again_once_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    table = workbook(tmp_path, 30)
    with running(small_disk) as server, server.client() as client:
        assert feedback(client).status_code == 201
        filler = fill(small_disk)
        for refused in (feedback(client), submit(client, table), feedback(client)):
            assert refused.status_code == 507
            assert refused.headers["content-type"] == "application/problem+json"
            assert "磁盘已满" in refused.json()["detail"]
            assert not any(hidden in refused.text for hidden in ("路灯", str(small_disk)))
        assert not any((small_disk / "uploads").iterdir())
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert client.post("/v1/classify", json={"text": "路灯坏了"}).status_code == 200
        filler.unlink()
        until(lambda: client.get("/health/ready").status_code == 200)
        assert feedback(client).status_code == 201
        job = job_ended(client, submit(client, table).headers["location"])
        assert (job["state"], job["counts"]["n_rows"]) == ("done", 30)
    with Store.open(small_disk / "minyi.db") as store:
        assert store.submissions.page(None).total == 2


def test_a_job_on_a_disk_that_becomes_full_is_done_later_or_told_to_have_failed(
    small_disk: Path, tmp_path: Path
) -> None:
    content = write_jsonl(tmp_path / "长.jsonl", rows(2000, longest=100)).read_bytes()
    # The log lies elsewhere: it is read to know what happened.
    store = str(small_disk / "minyi.db")
    with running(tmp_path, store=store) as server, server.client() as client:
        place = submit(client, content, "长.jsonl").headers["location"]
        until(lambda: started(client, place))
        filler = fill(small_disk)
        until(lambda: is_paused(server) or client.get(place).json()["state"] == "failed")
        filler.unlink()
        job = job_ended(client, place)
        if job["state"] == "failed":
            assert "磁盘" in job["message"]
            place = submit(client, content, "长.jsonl").headers["location"]
            job = job_ended(client, place)
        assert (job["state"], job["counts"]["n_rows"]) == ("done", 2000)


def is_paused(server: Running) -> bool:
    return "jobs_paused" in {event["event"] for event in server.events()}


def test_a_job_is_taken_up_again_after_the_store_was_locked(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        place = submit(client, long_table(tmp_path), "长.jsonl").headers["location"]
        until(lambda: started(client, place))
        with closing(sqlite3.connect(tmp_path / "minyi.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            until(lambda: is_paused(server))
        job = job_ended(client, place)
        assert (job["state"], job["counts"]["n_rows"]) == ("done", LONG)


def test_on_postgresql_a_service_classifies_does_jobs_and_keeps_corrections(
    postgresql: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    url = new_database(postgresql)
    with running(tmp_path, store=url) as server, server.client() as client:
        answer = client.post("/v1/classify", json={"text": "村里的路灯坏了没人修"})
        assert answer.status_code == 200
        content = workbook(tmp_path, 30)
        place = submit(client, content, key="once").headers["location"]
        job = job_ended(client, place)
        assert (job["state"], job["counts"]["n_rows"]) == ("done", 30)
        (tmp_path / "结果.xlsx").write_bytes(client.get(place + "/result").content)
        assert len(read_sheets(tmp_path / "结果.xlsx")["分类结果"]) == 31
        made = feedback(client)
        assert made.status_code == 201
        assert client.get("/health/ready").status_code == 200
        assert [e for e in server.events() if e["level"] in ("error", "warning")] == []
        assert submit(client, content, key="once").headers["location"] == place
    with Store.open(url) as store:
        (line,) = store.corrections.trail(made.json()["submission_id"])
        assert (line.target, line.value) == ("kind", "投诉")


def test_on_postgresql_a_job_of_a_killed_server_is_done_after_its_restart(
    postgresql: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    url = new_database(postgresql)
    content = long_table(tmp_path)
    with running(tmp_path, store=url) as server, server.client() as client:
        place = submit(client, content, "长.jsonl").headers["location"]
        until(lambda: started(client, place))
        server.kill()
    with running(tmp_path, store=url) as server, server.client() as client:
        job = job_ended(client, place)
        assert (job["state"], job["counts"]["n_rows"]) == ("done", LONG)
