"""How does the service compare with a plain FastAPI endpoint around the tutorial pipeline?

Both are real processes, each in turn on one core; the load comes from another core. The peer:
FastAPI and uvicorn as in their guides, jieba.lcut, TfidfVectorizer(ngram_range=(1, 2)) and
LogisticRegression, trained on the same messages. It answers with one label, the service with
complete results.

    python benchmarks/service.py --data ../shared/benchmark [--minutes 10] [--encoder]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import common
import load

_CONNECTIONS = 16
_SECONDS = 4.0
_ROUNDS = 2
_MESSAGES = 400
_BATCH = 1000
_LINES = 10  # of what a server said that ended
# By processor time the neighbours on a shared machine do not count.
_FIGURES = (
    ("single", "requests/s", 5),
    ("single, by processor time", "requests/s", 5),
    ("batch", "messages/s", 4),
    ("batch, by processor time", "messages/s", 4),
)
_PEER = """
import sys, warnings
warnings.simplefilter("ignore")
import jieba, joblib, uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
vectorizer, model = joblib.load(sys.argv[1])
app = FastAPI()
class Message(BaseModel):
    text: str
class Messages(BaseModel):
    texts: list[str]
def labels(texts):
    return model.predict(vectorizer.transform([" ".join(jieba.lcut(t)) for t in texts]))
@app.get("/health/ready")
def ready():
    return {}
@app.post("/classify")
def classify(message: Message):
    return {"category": labels([message.text])[0]}
@app.post("/classify/batch")
def classify_batch(messages: Messages):
    return {"categories": labels(messages.texts).tolist()}
jieba.lcut("热身")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=0.0, help="of steady load, at the end")
    parser.add_argument("--encoder", action="store_true", help="with the optional encoder")
    chosen = parser.parse_args()
    rows = common.read_messages(chosen.data)
    texts = [row["text"] for row in rows[:: max(1, len(rows) // _MESSAGES)]][:_MESSAGES]
    print(
        f"{len(texts)} real messages, {sum(map(len, texts)) / len(texts):.0f} characters on average"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer_model = train_peer(rows, folder)
        commands = {
            "tutorial endpoint": [sys.executable, "-c", _PEER, str(peer_model)],
            "minyi serve": serve_command(folder, encoder=chosen.encoder),
        }
        figures = [
            {way: measure(command, way, texts) for way, command in commands.items()}
            for _ in range(_ROUNDS)
        ]
        for what, unit, bigger in _FIGURES:
            peer, own = (max(f[way][what] for f in figures) for way in commands)
            print(
                f"{what}: {own:.0f} {unit} against {peer:.0f}: {own / peer:.1f} x (target {bigger})"
            )
        if chosen.minutes:
            steady(commands["minyi serve"], texts, chosen.minutes * 60)


def train_peer(rows: list[dict[str, str]], folder: Path) -> Path:
    import warnings

    warnings.simplefilter("ignore")
    import jieba
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = [" ".join(jieba.lcut(row["text"])) for row in rows[::2]]
    vectorizer, model = TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()
    model.fit(vectorizer.fit_transform(words), [row["level1"] for row in rows[::2]])
    joblib.dump((vectorizer, model), folder / "peer.joblib")
    return folder / "peer.joblib"


def serve_command(folder: Path, *, encoder: bool) -> list[str]:
    call = (
        "import sys; from minyi.service.server import serve; "
        "from minyi.service.settings import Settings; "
        f"serve(Settings(port=int(sys.argv[1]), store={str(folder / 'minyi.db')!r}, "
        f"encoder={encoder}))"
    )
    return [sys.executable, "-c", call]


@contextmanager
def server(command: list[str]) -> Iterator[tuple[int, int, float]]:
    """Start a server on a core of its own; yield port, process and seconds until it was ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    start = time.perf_counter()
    # Not a pipe, which would fill up as nobody reads it, and stop the server.
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL, stderr=told)
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, {cores[-1]})
            os.sched_setaffinity(0, set(cores[:-1]))
        try:
            yield port, process.pid, _until_ready(process, told, port, start)
        finally:
            process.terminate()
            process.wait(20)
            if cores:
                os.sched_setaffinity(0, set(cores))


def _until_ready(
    process: subprocess.Popen[bytes], told: IO[bytes], port: int, start: float
) -> float:
    while True:
        if process.poll() is not None:
            told.seek(0)
            last = told.read().decode("utf-8", "replace").splitlines()[-_LINES:]
            sys.exit("\n".join([f"the server ended with code {process.returncode}:", *last]))
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return time.perf_counter() - start
        except OSError:
            if time.perf_counter() - start > 60:
                raise
            time.sleep(0.01)


def measure(command: list[str], way: str, texts: list[str]) -> dict[str, float]:
    prefix = "/v1" if way.startswith("minyi") else ""
    singles = [load.post(f"{prefix}/classify", _json({"text": text})) for text in texts]
    many = (texts * (_BATCH // len(texts) + 1))[:_BATCH]
    name = "items" if prefix else "texts"
    batch = [load.post(f"{prefix}/classify/batch", _json({name: many}))]
    with server(command) as (port, pid, ready):
        load.run(port, singles, _CONNECTIONS, 0.5)
        one = load.run(port, singles, 1, _SECONDS / 2)
        before = _processor(pid)
        busy = load.run(port, singles, _CONNECTIONS, _SECONDS)
        after = _processor(pid)
        whole = load.run(port, batch, 1, _SECONDS / 2)
        batch_cost = (_processor(pid) - after) / len(whole.times) / _BATCH
        cost = (after - before) / len(busy.times)
        errors = one.errors + busy.errors + whole.errors
        print(
            f"{way:18} ready in {ready:.2f} s, {_memory(pid):.0f} MB; "
            f"1 connection: {one.rate:.0f}/s, p50 {one.p50:.2f} ms; "
            f"{_CONNECTIONS}: {busy.rate:.0f}/s, p50 {busy.p50:.2f}, "
            f"p99 {busy.percentile(0.99):.2f} ms, {cost * 1000:.2f} ms of processor each; "
            f"batch of {_BATCH}: {whole.rate * _BATCH:.0f}/s; "
            f"errors {errors}"
        )
        return {
            "single": busy.rate,
            "batch": whole.rate * _BATCH,
            "single, by processor time": 1 / cost,
            "batch, by processor time": 1 / batch_cost,
        }


def steady(command: list[str], texts: list[str], seconds: float) -> None:
    """Ask for a long time; memory must not grow and nothing may fail."""
    requests = [load.post("/v1/classify", _json({"text": text})) for text in texts]
    memory: list[float] = []
    n = errors = 0
    slowest: list[float] = []
    with server(command) as (port, pid, _):
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            part = load.run(port, requests, _CONNECTIONS, min(5.0, seconds / 6))
            memory.append(_memory(pid))
            n, errors = n + len(part.times), errors + part.errors
            slowest.append(part.percentile(0.99))
    third = max(1, len(memory) // 3)
    first, last = memory[third - 1], memory[-1]
    print(
        f"{seconds / 60:.1f} minutes, {_CONNECTIONS} connections: {n} requests, {errors} errors, "
        f"p99 {min(slowest):.1f} to {max(slowest):.1f} ms, "
        f"memory {memory[0]:.1f} MB at first, {first:.1f} after a third, {last:.1f} at the end"
    )


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _processor(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return float("nan")
    fields = status.read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


if __name__ == "__main__":
    main()
