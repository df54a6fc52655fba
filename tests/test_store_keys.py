"""Keys, model versions, and answers that are kept for a day."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minyi.errors import ConflictError, InputError, MissingError
from minyi.store import Store
from minyi.store.records import Response
from minyi.store.tables import keys, now, responses


def test_a_key_is_shown_once_and_only_its_hash_is_kept(store: Store) -> None:
    assert not store.keys.any()
    key, plaintext = store.keys.add(" 平台 ")
    assert re.fullmatch(r"mk_[\w-]{43}", plaintext)
    assert key.name == "平台"
    with store._database.reading() as connection:
        row = connection.execute(sa.select(keys)).one()
    assert row.digest == hashlib.sha256(plaintext.encode()).hexdigest()
    assert plaintext not in str(row)
    found = store.keys.verify(plaintext)
    assert found
    assert found.id == key.id
    assert store.keys.any()


def test_a_key_that_is_none_opens_nothing(store: Store) -> None:
    _, plaintext = store.keys.add("平台")
    for wrong in ("", "mk_", plaintext[:-1], plaintext.upper(), f"{plaintext} ", "\ud800"):
        assert store.keys.verify(wrong) is None


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text())
def test_no_text_is_taken_for_a_key(store: Store, text: str) -> None:
    assert store.keys.verify(text) is None


def test_a_revoked_key_opens_nothing_and_its_name_is_not_used_again(store: Store) -> None:
    _, plaintext = store.keys.add("平台")
    assert store.keys.revoke("平台").revoked
    assert store.keys.verify(plaintext) is None
    assert not store.keys.any()
    with pytest.raises(MissingError, match="没有名为 平台 的有效密钥：请用 minyi key list"):
        store.keys.revoke("平台")
    with pytest.raises(ConflictError, match="已经有（或有过）名为 平台 的密钥：请换一个名称"):
        store.keys.add("平台")


def test_the_list_tells_when_a_key_was_used_last(store: Store) -> None:
    _, plaintext = store.keys.add("平台")
    store.keys.add("微信")
    assert [key.last_used for key in store.keys.list()] == [None, None]
    store.keys.verify(plaintext)
    first, second = store.keys.list()
    assert first.last_used
    assert second.last_used is None
    store.keys.verify(plaintext)  # within the minute: not written again
    assert store.keys.list()[0].last_used == first.last_used


@pytest.mark.parametrize("name", ["", "  ", "名" * 101])
def test_a_key_needs_a_name(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="密钥名称应为 1 到 100 个字"):
        store.keys.add(name)


def test_every_model_version_is_kept_and_one_is_active(store: Store, tmp_path: Path) -> None:
    assert store.models.active() is None
    metrics = {"准确率": 0.91, "before": [1, 2]}
    first = store.models.add("一版", tmp_path / "一", metrics, trained_on=5)
    second = store.models.add("二版", tmp_path / "二", base="一版")
    assert (first.metrics, first.base, first.trained_on) == (metrics, "starter", 5)
    assert first.folder == tmp_path / "一"
    assert store.models.active() is None
    store.models.activate(first.id)
    store.models.activate(second.id)
    active = store.models.active()
    assert active
    assert active.id == second.id
    assert [(v.name, v.is_active) for v in store.models.list()] == [("二版", True), ("一版", False)]
    store.models.activate(None)
    assert store.models.active() is None
    assert len(store.models.list()) == 2


def test_a_version_that_is_not_there_changes_nothing(store: Store, tmp_path: Path) -> None:
    first = store.models.add("一版", tmp_path)
    store.models.activate(first.id)
    with pytest.raises(MissingError, match="没有编号为 99 的模型版本：请从模型列表中选一个"):
        store.models.activate(99)
    with pytest.raises(MissingError, match="没有编号为 99 的模型版本"):
        store.models.get(99)
    assert store.models.active() == store.models.get(first.id)


def test_an_answer_is_given_again_to_the_same_request(store: Store) -> None:
    assert store.responses.recall("1:一", "abc") is None
    store.responses.remember("1:一", "abc", 200, '{"kind": "求助"}')
    store.responses.remember("1:一", "abc", 500, "后来的")
    assert store.responses.recall("1:一", "abc") == Response(200, '{"kind": "求助"}')
    assert store.responses.recall("2:一", "abc") is None
    with pytest.raises(ConflictError, match="Idempotency-Key 已用于另一个请求"):
        store.responses.recall("1:一", "other")


def test_an_answer_is_forgotten_after_a_day(store: Store) -> None:
    store.responses.remember("1:一", "abc", 200, "旧")
    with store._database.writing() as connection:
        connection.execute(sa.update(responses).values(created=now() - timedelta(hours=25)))
    assert store.responses.recall("1:一", "other") is None
    store.responses.remember("1:一", "other", 201, "新")
    assert store.responses.recall("1:一", "other") == Response(201, "新")
