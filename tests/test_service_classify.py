"""Classifying over HTTP: a real server, as a program in an office would use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi import Minyi, Submission
from minyi.schema import COLUMNS
from minyi.service.classifying import load_warm
from minyi.service.results import as_dict
from running_service import Running, running
from small_corpus import corpus

TEXT = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"
SECRET = "王小明家的水表坏了"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("service")
    with running(folder, max_characters=2000, max_items=50, max_body=64 * 1024) as one:
        yield one


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as one:
        yield one


@pytest.fixture(scope="module")
def minyi() -> Minyi:
    return load_warm("starter", "", encoder=False).minyi


def assert_problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    assert document["type"].startswith("urn:minyi:problem:")
    assert document["instance"].endswith(response.headers["x-request-id"])
    assert any("\u4e00" <= c <= "\u9fff" for c in document["title"] + document["detail"])
    assert "王小明" not in response.text
    return document


def test_one_text_gets_what_the_library_says(client: httpx.Client, minyi: Minyi) -> None:
    asked = {"text": TEXT, "title": "路灯", "time": "2026-03-02", "place": "城关镇"}
    answer = client.post("/v1/classify", json=asked)
    assert answer.status_code == 200
    (expected,) = minyi.classify([Submission(TEXT, "路灯", "2026-03-02", "城关镇")])
    assert answer.json() == as_dict(expected, 3)
    assert list(answer.json()) == [*COLUMNS, "department_score"]
    assert date.fromisoformat(answer.json()["deadline"]) > date(2026, 3, 2)


def test_top_k_limits_the_alternatives(client: httpx.Client) -> None:
    vague = "村里的路灯坏了半年，没人来修"
    found = [
        client.post("/v1/classify", json={"text": vague, "top_k": k}).json() for k in (0, 1, 3)
    ]
    assert [len(one["alternatives"]) for one in found] == [0, 1, len(found[2]["alternatives"])]
    assert len(found[2]["alternatives"]) > 1


def test_requests_at_once_share_calls_and_get_their_own_results(
    server: Running, client: httpx.Client, minyi: Minyi
) -> None:
    texts = [e.text for e in corpus()[::300] if len(e.text) < 2000][:48]
    expected = [as_dict(r, 3) for r in minyi.classify([Submission(t) for t in texts])]
    with ThreadPoolExecutor(16) as pool, server.client() as shared:
        found = list(
            pool.map(lambda t: shared.post("/v1/classify", json={"text": t}).json(), texts)
        )
    for one, other in zip(found, expected, strict=True):
        # Sums of a batch differ from those of a text alone in the last digits.
        assert {k: v for k, v in one.items() if "score" not in k and k != "alternatives"} == {
            k: v for k, v in other.items() if "score" not in k and k != "alternatives"
        }
        assert one["score"] == pytest.approx(other["score"], abs=2e-4)
    metrics = client.get("/metrics").text
    assert float(metrics.partition("\nminyi_texts_total ")[2].split()[0]) >= len(texts)


def test_a_batch_keeps_its_order_and_a_bad_item_has_its_own_error(client: httpx.Client) -> None:
    items = [TEXT, {"text": 5}, {"text": "建议增设公交线路", "title": "公交"}, {}, "长" * 2001]
    answer = client.post("/v1/classify/batch", json={"items": items, "top_k": 1}).json()
    assert (answer["n_results"], answer["n_errors"]) == (2, 3)
    assert [entry["index"] for entry in answer["results"]] == [0, 1, 2, 3, 4]
    assert [entry["error"] is None for entry in answer["results"]] == [
        True,
        False,
        True,
        False,
        False,
    ]
    fields = [(e["error"] or {}).get("errors", [{}])[0] for e in answer["results"]]
    assert fields[1] == {"field": "text", "message": "应为文字"}
    assert fields[3] == {"field": "text", "message": "缺少这个字段"}
    assert fields[4] == {"field": "text", "message": "应不超过 2000 个字符"}
    assert answer["results"][2]["result"]["kind"] == "建议"


def test_a_blank_text_is_a_result_that_says_so(client: httpx.Client) -> None:
    answer = client.post("/v1/classify", json={"text": "  "}).json()
    assert (answer["row_status"], answer["score"], answer["needs_review"]) == ("空白", None, True)


def test_the_task_of_hugging_face_gives_labels_and_scores(client: httpx.Client) -> None:
    one = client.post(
        "/v1/text-classification", json={"inputs": TEXT, "parameters": {"top_k": 2}}
    ).json()
    assert [set(entry) for entry in one] == [{"label", "score"}] * 2
    assert one[0]["score"] >= one[1]["score"]
    both = client.post("/v1/text-classification", json={"inputs": [TEXT, ""]}).json()
    assert both[0][:2] == one
    assert both[1] == []


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 400, "请求体是空的"),
        (b'{"text": "' + SECRET.encode(), 400, "不是有效的 JSON"),
        ('{"text": "王小明"}'.encode("gb18030"), 400, "不是有效的 JSON"),
        (b"[]", 422, "整个请求体"),
        (b"{}", 422, "text"),
        (json.dumps({"text": [SECRET]}).encode(), 422, "text"),
        (json.dumps({"text": "", SECRET: 1}).encode(), 422, "多出的字段"),
        (json.dumps({"text": SECRET, "top_k": 9}).encode(), 422, "top_k"),
        (json.dumps({"text": SECRET * 2000}).encode(), 413, "64 KB"),
        (json.dumps({"text": SECRET * 300}, ensure_ascii=False).encode(), 422, "2000 个字符"),
    ],
)
def test_what_cannot_be_read_is_told_without_its_words(
    client: httpx.Client, body: bytes, status: int, told: str
) -> None:
    headers = {"Content-Type": "application/json"}
    document = assert_problem(client.post("/v1/classify", content=body, headers=headers), status)
    assert told in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/classify", 405),
        ("GET", "/v1/classify", 405),
        ("GET", "/v1/jobs/unknown", 404),
        ("GET", "/v1/jobs/%E7%8E%8B", 422),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    assert_problem(client.request(method, path), status)


def test_a_body_that_is_not_said_to_be_json_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "text/plain"}
    response = client.post("/v1/classify", content=b'{"text": ""}', headers=headers)
    assert_problem(response, 415)


def test_a_body_without_a_length_is_counted_while_it_comes(client: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'{"text": "'
        for _ in range(1000):
            sent += 4096
            yield b"a" * 4096

    headers = {"Content-Type": "application/json"}
    with suppress(httpx.TransportError):  # the server may hang up while we are still sending
        assert_problem(client.post("/v1/classify", content=endless(), headers=headers), 413)
    assert sent < 4096 * 1000
    assert client.get("/health/live").status_code == 200


def test_too_many_items_are_refused(client: httpx.Client) -> None:
    response = client.post("/v1/classify/batch", json={"items": ["一"] * 51})
    assert "至多有 50 项" in assert_problem(response, 422)["errors"][0]["message"]


def test_an_id_that_is_given_comes_back_and_stands_in_the_log(
    server: Running, client: httpx.Client
) -> None:
    client.post("/v1/classify", json={"text": TEXT}, headers={"X-Request-ID": "not an id"})
    answer = client.post("/v1/classify", json={"text": TEXT}, headers={"X-Request-ID": "case-1"})
    assert answer.headers["x-request-id"] == "case-1"
    logged = [e for e in server.events() if e.get("request_id") == "case-1"]
    assert [(e["route"], e["status"], e["method"]) for e in logged] == [
        ("/v1/classify", 200, "POST")
    ]


def test_neither_log_nor_metrics_hold_what_was_sent(server: Running, client: httpx.Client) -> None:
    client.post("/v1/classify", json={"text": SECRET})
    client.post("/v1/classify", json={"text": SECRET, "title": 5})
    client.get(f"/v1/{SECRET}", params={"q": SECRET})
    client.request("王小明".encode().hex().upper()[:8], "/v1/classify")
    for told in (client.get("/metrics").text, server.log.read_text("utf-8")):
        assert "王小明" not in told
        assert "水表" not in told
        assert "/v1/classify" in told


def test_categories_departments_and_the_model_are_told(client: httpx.Client) -> None:
    categories = client.get("/v1/taxonomy").json()["categories"]
    assert {"code": "0104", "level": 2, "name": "村镇建设"}.items() <= next(
        c for c in categories if c["code"] == "0104"
    ).items()
    assert any(d["name"] == "公安局" for d in client.get("/v1/departments").json()["departments"])
    model = client.get("/v1/model").json()
    assert (model["name"], model["version"], model["uses_encoder"]) == ("starter", None, False)
    assert {"level1", "level2", "level3", "kind"} <= set(model["thresholds"])


def test_the_documents_need_no_internet(client: httpx.Client) -> None:
    for page in ("/docs", "/redoc"):
        text = client.get(page).text
        assert "http://" not in text.replace(str(client.base_url), "")
        assert "https://" not in text
        for name in ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js"):
            if name in text:
                assert client.get(f"/docs-assets/{name}").status_code == 200
    paths = client.get("/openapi.json").json()["paths"]
    assert paths["/v1/classify"]["post"]["requestBody"]["content"]["application/json"]["examples"]


def test_importing_the_service_loads_neither_scikit_learn_nor_pandas() -> None:
    program = (
        "import sys, minyi.service.app, minyi.service.server\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & {"sklearn", "pandas", "pyarrow", "nicegui", "matplotlib"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "items", "inputs", "top_k", "x"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(value=_JSON, path=st.sampled_from(["classify", "classify/batch", "text-classification"]))
def test_whatever_json_comes_is_answered_or_refused(
    client: httpx.Client, value: Any, path: str
) -> None:
    body = json.dumps(value).encode()
    answer = client.post(f"/v1/{path}", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 422)
