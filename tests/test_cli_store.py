"""The commands ``minyi key`` and ``minyi store``, as a user types them."""

from __future__ import annotations

import re
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from minyi.cli.store import key_app, store_app
from minyi.errors import InputError
from minyi.store import Store
from small_store import fill


def run(app: typer.Typer, path: Path, *arguments: str, answer: str = "") -> str:
    runner = CliRunner(env={"MINYI_STORE": str(path)})
    done = runner.invoke(app, list(arguments), input=answer, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_key_is_made_listed_and_revoked(path: Path) -> None:
    assert "还没有密钥：请用 minyi key add 名称 新建" in run(key_app, path, "list")
    shown = run(key_app, path, "add", "平台")
    assert "已建立密钥 平台，请现在就保存，以后无法再次显示" in shown
    (plaintext,) = re.findall(r"^mk_\S+$", shown, re.MULTILINE)
    with Store.open(path) as store:
        assert store.keys.verify(plaintext)
    listed = run(key_app, path, "list")
    assert re.search(r"平台  建立于 .*，最近使用 .*，有效", listed)
    assert plaintext not in listed
    assert "已吊销密钥 平台" in run(key_app, path, "revoke", "平台")
    assert "吊销" in run(key_app, path, "list")


def test_the_option_goes_before_the_environment(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    run(key_app, path, "add", "平台", "--store", str(other))
    with Store.open(other) as store:
        assert store.keys.any()


def test_everything_is_exported(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        fill(store)
    output = tmp_path / "全部.zip"
    assert f"已导出到 {output}" in run(store_app, path, "export", str(output))
    with zipfile.ZipFile(output) as archive:
        assert "意见.csv" in archive.namelist()
        assert "13812345678" not in archive.read("意见.csv").decode()
    shown = run(store_app, path, "export", str(output), "--force", "--unmasked")
    assert "含个人信息，请妥善保管" in shown
    with zipfile.ZipFile(output) as archive:
        assert "13812345678" in archive.read("意见.csv").decode()


def test_a_purge_asks_first(path: Path) -> None:
    with Store.open(path) as store:
        fill(store)
    day = (date.today() + timedelta(days=1)).isoformat()
    shown = run(store_app, path, "purge", "--before", day, answer="n\n")
    assert f"将清除 {day} 之前存入的全部数据，连同统计数，无法恢复" in shown
    assert "没有清除" in shown
    shown = run(store_app, path, "purge", "--before", day, "--keep-statistics", "--yes")
    assert "已清除 3 条意见的文字、0 个文件" in shown
    with Store.open(path) as store:
        assert sum(n for _, n in store.counts(None, "kind")) == 3


def test_a_day_that_is_none_is_told(path: Path) -> None:
    with pytest.raises(InputError, match="--before 应为 2025-01-01 这样的日期，实际是 去年"):
        run(store_app, path, "purge", "--before", "去年", "--yes")


def test_only_the_store_talks_sql() -> None:
    source = Path(__file__).parents[1] / "src" / "minyi"
    importing = {
        path.relative_to(source).parts[0]
        for path in source.rglob("*.py")
        if re.search(r"^\s*(import|from) (sqlalchemy|alembic)\b", path.read_text("utf-8"), re.M)
    }
    assert importing == {"store"}
