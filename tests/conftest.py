"""Fixtures of the store's tests: a store on each database there is."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minyi.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "数据" / "民意.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch) -> str | Path:
    """Where a new store may be opened, on each kind of database."""
    if request.param == "sqlite":
        return path
    monkeypatch.setenv("XDG_DATA_HOME", str(path.parent))
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def store(url: str | Path) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Path]:
    """Run a PostgreSQL server of our own, on a socket in a folder, for a user that is not root."""
    pytest.importorskip("psycopg", reason="没有 psycopg：PostgreSQL 的测试没有运行")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("这台机器没有 PostgreSQL 服务器（/usr/lib/postgresql）：它的测试没有运行")
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="minyi-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs[-1].with_name(program)), "-D", str(folder / "data"), *arguments]
        options: dict[str, Any] = {"user": user, "group": _group(user)} if user else {}
        with (folder / "log").open("ab") as log:
            subprocess.run(
                command, check=True, cwd=folder, stdout=log, stderr=log, timeout=60, **options
            )

    try:
        run("initdb", "-U", "minyi", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "start", "-w", "-o", f"-F -k {folder} -c listen_addresses=''")
        yield folder
        run("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(folder: Path) -> str:
    """Return the address of an empty database: always the same one, for each takes 8 MB of disk."""
    import psycopg

    where = f"host={folder} user=minyi dbname=postgres"
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return f"postgresql://minyi@/postgres?host={folder}"


def _user() -> str | None:
    """Return whom a server may run as: nobody starts it as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = [name for name in ("postgres", "nobody") if name in known]
    if not found:
        pytest.skip("只有 root 用户，PostgreSQL 不能以 root 运行：它的测试没有运行")
    return found[0]


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end which tests were left out for want of a program, and what to install."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped}
    for reason in sorted(reason for reason in reasons if "没有运行" in reason):
        terminalreporter.write_line(f"!!! {reason}", yellow=True, bold=True)
