"""Who may ask: keys, where the server may listen, pages of strangers, and corrections."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from minyi import InputError
from minyi.service.server import listen, serve
from minyi.service.settings import Settings
from minyi.store import Store
from running_service import Running, job_ended, running, until

TEXT = {"text": "村里的路灯坏了半年没人修"}


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]
) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("keys")
    with Store.open(folder / "minyi.db") as store:
        keys |= {name: store.keys.add(name)[1] for name in ("网厅", "热线", "旧系统")}
    with running(folder, host="0.0.0.0", rate=5) as one:
        yield one, folder


@pytest.fixture
def address(server: tuple[Running, Path]) -> str:
    return server[0].address


def test_without_a_key_nobody_can_make_it_listen_elsewhere(tmp_path: Path) -> None:
    settings = Settings(host="0.0.0.0", port=0, store=str(tmp_path / "minyi.db"))
    with pytest.raises(InputError, match=r"没有密钥时只能在本机.*minyi key add"):
        serve(settings)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        settings = Settings(port=port, store=str(tmp_path / "minyi.db"))
        with pytest.raises(InputError, match=f"端口 {port} 已被占用"):
            serve(settings)


def test_a_request_needs_a_key_that_is_valid(address: str, keys: dict[str, str]) -> None:
    ask = lambda headers: httpx.post(address + "/v1/classify", json=TEXT, headers=headers)  # noqa: E731
    for headers in ({}, {"X-API-Key": "mk_wrong"}, {"Authorization": "Bearer mk_wrong"}):
        refused = ask(headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "mk_wrong" not in refused.text
    for headers in ({"X-API-Key": keys["网厅"]}, {"Authorization": f"bearer {keys['网厅']}"}):
        assert ask(headers).status_code == 200
    assert httpx.get(address + "/metrics").status_code == 401
    assert httpx.get(address + "/health/ready").status_code == 200
    assert httpx.get(address + "/docs").status_code == 200


def test_the_log_names_who_asked_and_never_the_key(
    server: tuple[Running, Path], keys: dict[str, str]
) -> None:
    running_server, _ = server
    with running_server.client(keys["网厅"]) as client:
        client.get("/v1/model")
    log = running_server.log.read_text("utf-8")
    assert any(e.get("key") == "网厅" for e in running_server.events())
    assert keys["网厅"] not in log


def test_who_asks_too_often_is_told_when_to_come_back(
    server: tuple[Running, Path], keys: dict[str, str]
) -> None:
    with server[0].client(keys["热线"]) as client:
        answers = [client.get("/v1/model") for _ in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert "每秒" in refused[0].json()["detail"]


def test_a_revoked_key_is_refused_within_seconds(
    server: tuple[Running, Path], keys: dict[str, str]
) -> None:
    running_server, folder = server
    with running_server.client(keys["旧系统"]) as client:
        assert client.get("/v1/model").status_code == 200
        with Store.open(folder / "minyi.db") as store:
            store.keys.revoke("旧系统")
        until(lambda: client.get("/v1/model").status_code == 401)


def test_jobs_of_one_key_are_not_there_for_another(tmp_path: Path) -> None:
    with Store.open(tmp_path / "minyi.db") as store:
        own, other = store.keys.add("甲")[1], store.keys.add("乙")[1]
    csv = "内容\n村里的路灯坏了半年没人修\n".encode()
    with running(tmp_path) as server, server.client(own) as client:
        place = client.post("/v1/jobs", files={"file": ("意见.csv", csv)}).headers["location"]
        assert job_ended(client, place)["state"] == "done"
        with server.client(other) as stranger:
            for path in (place, place + "/result"):
                assert stranger.get(path).status_code == 404
            assert stranger.delete(place).status_code == 404


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("open")) as one:
        yield one


def test_a_page_of_a_stranger_cannot_ask_through_the_browser(open_server: Running) -> None:
    ask = lambda headers: httpx.post(  # noqa: E731
        open_server.address + "/v1/classify", json=TEXT, headers=headers
    )
    assert ask({"Origin": "https://evil.example"}).status_code == 403
    assert ask({"Host": "evil.example"}).status_code == 421
    assert ask({"Origin": open_server.address}).status_code == 200


def test_a_correction_by_text_goes_into_the_trail_once(open_server: Running) -> None:
    body = {"item": TEXT, "target": "kind", "value": "投诉", "who": "小李", "why": "语气"}
    headers = {"Idempotency-Key": "c-1"}
    with open_server.client() as client:
        first = client.post("/v1/feedback", json=body, headers=headers)
        assert first.status_code == 201
        assert first.json()["value"] == "投诉"
        assert client.post("/v1/feedback", json=body, headers=headers).json() == first.json()
        other = {**body, "value": "求助"}
        assert client.post("/v1/feedback", json=other, headers=headers).status_code == 409
        number = first.json()["submission_id"]
        again = {"submission_id": number, "target": "accepted", "value": "是"}
        assert client.post("/v1/feedback", json=again).json()["who"] == "接口"
    with Store.open(open_server.log.parent / "minyi.db") as store:
        trail = store.corrections.trail(number)
        assert {(c.target, c.value, c.who) for c in trail} == {
            ("kind", "投诉", "小李"),
            ("accepted", "是", "接口"),
        }
        entry = store.submissions.get(number)
        assert (entry.kind, entry.submission.text) == ("投诉", TEXT["text"])
        assert store.batches.list().total == 1


def test_the_same_correction_sent_many_times_at_once_is_counted_once(open_server: Running) -> None:
    body = {"item": {"text": "同时发来的更正"}, "target": "kind", "value": "建议"}
    headers = {"Idempotency-Key": "at-once"}
    with open_server.client() as client, ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client.post("/v1/feedback", json=body, headers=headers), range(8))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    with Store.open(open_server.log.parent / "minyi.db") as store:
        found = store.submissions.page(None, limit=500).items
        assert sum(e.submission.text == "同时发来的更正" for e in found) == 1


def test_while_the_store_is_locked_the_service_is_not_ready_and_still_classifies(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as server, server.client() as client:
        with closing(sqlite3.connect(tmp_path / "minyi.db", isolation_level=None)) as other:
            other.execute("begin exclusive")
            refused = client.get("/health/ready")
            assert refused.status_code == 503
            assert refused.headers["content-type"] == "application/problem+json"
            assert client.post("/v1/classify", json=TEXT).status_code in (200, 503)
            body = {"item": TEXT, "target": "kind", "value": "投诉"}
            unwritten = client.post("/v1/feedback", json=body)
            assert unwritten.status_code == 503
            assert "数据库 正被另一个程序占用" in unwritten.json()["detail"]
            assert str(tmp_path) not in unwritten.text  # a client must not learn where things lie
            assert client.get("/health/live").status_code == 200
        until(lambda: client.get("/health/ready").status_code == 200)
        assert client.post("/v1/classify", json=TEXT).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"target": "kind", "value": "抱怨"}, 422, "value"),
        ({"target": "category", "value": "999999"}, 422, "value"),
        ({"target": "department", "value": "没有局"}, 422, "value"),
        ({"target": "urgent", "value": "yes"}, 422, "value"),
        ({"target": "mood", "value": ""}, 422, "target"),
        ({"submission_id": 5}, 422, "submission_id"),
        ({"item": None, "submission_id": 987654}, 404, ""),
    ],
)
def test_a_correction_that_cannot_be_names_the_field(
    open_server: Running, change: dict[str, object], status: int, field: str
) -> None:
    body = {"item": TEXT, "target": "kind", "value": "投诉"} | change
    with open_server.client() as client:
        answer = client.post("/v1/feedback", json=body)
    assert answer.status_code == status
    assert [e["field"] for e in answer.json().get("errors", [{"field": ""}])] == [field]


def test_a_model_that_is_switched_on_answers_without_a_restart(open_server: Running) -> None:
    from minyi.learning.persistence import save_model
    from small_corpus import model

    folder = open_server.log.parent / "small"
    save_model(model(), folder)
    with Store.open(open_server.log.parent / "minyi.db") as store, open_server.client() as client:
        version = store.models.add("小样", folder)
        store.models.activate(version.id)
        until(lambda: client.get("/v1/model").json()["version"] == version.id)
        assert client.post("/v1/classify", json=TEXT).status_code == 200
        store.models.activate(None)
        until(lambda: client.get("/v1/model").json()["name"] == "starter")


def test_a_store_that_cannot_be_opened_is_told_before_anything_listens(tmp_path: Path) -> None:
    from minyi import MinyiError

    (tmp_path / "minyi.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(MinyiError, match="不是"):
        serve(Settings(port=0, store=str(tmp_path / "minyi.db")))
