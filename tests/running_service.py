"""A real server process on a free port of this machine, for tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

_PROGRAM = """
import json, sys
from minyi.service.server import serve
from minyi.service.settings import Settings
serve(Settings(**json.loads(sys.argv[1])))
"""
_PATIENCE = 30.0


@dataclass
class Running:
    """A server and where it is reached."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def client(self, key: str = "", **options: Any) -> httpx.Client:
        headers = {"X-API-Key": key} if key else {}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60, **options)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_PATIENCE)


@contextmanager
def running(folder: Path, *, wait: bool = True, **settings: Any) -> Iterator[Running]:
    """Start a server whose store lies in `folder`; end it with the block."""
    chosen = {"port": 0, "store": str(folder / "minyi.db"), "encoder": False, **settings}
    log = folder / f"log-{time.time_ns()}.jsonl"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, json.dumps(chosen)],
            stderr=out,
            stdout=subprocess.DEVNULL,
        )
    try:
        server = Running(process, f"http://127.0.0.1:{_port(process, log)}", log)
        if wait:
            until(lambda: httpx.get(server.address + "/health/ready").status_code == 200)
        yield server
    finally:
        process.kill()
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    def port() -> int:
        assert process.poll() is None, log.read_text("utf-8")
        lines = log.read_text("utf-8").splitlines()
        return next((e["port"] for e in map(json.loads, lines) if e["event"] == "listening"), 0)

    return int(until(port))


def until(done: Any) -> Any:
    """Return what `done` returns as soon as it is true."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            found = done()
        except (httpx.TransportError, json.JSONDecodeError):
            found = None
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def job_ended(client: httpx.Client, place: str) -> dict[str, Any]:
    """Return a job once it is over."""

    def over() -> dict[str, Any] | None:
        job: dict[str, Any] = client.get(place).json()
        return job if job["state"] in ("done", "failed", "cancelled") else None

    return until(over)  # type: ignore[no-any-return]
