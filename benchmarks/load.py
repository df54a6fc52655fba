"""A small load generator over raw sockets: several connections, each asks when it is answered."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass, field
from itertools import cycle, islice


@dataclass
class Load:
    """What was measured; times in milliseconds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the time within which `share` of the answers came."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * share))]

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.times)


def post(path: str, body: bytes) -> bytes:
    """Return a whole request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(port: int, requests: list[bytes], connections: int, seconds: float) -> Load:
    """Ask for `seconds` and measure."""
    return asyncio.run(_run(port, requests, connections, seconds))


async def _run(port: int, requests: list[bytes], connections: int, seconds: float) -> Load:
    load = Load()
    start = time.perf_counter()
    until = start + seconds
    await asyncio.gather(
        *(
            _connection(port, islice(cycle(requests), i * 17, None), until, load)
            for i in range(connections)
        )
    )
    load.seconds = time.perf_counter() - start
    return load


async def _connection(port: int, requests, until: float, load: Load) -> None:  # type: ignore[no-untyped-def]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    for request in requests:
        start = time.perf_counter()
        if start >= until:
            break
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        load.times.append((time.perf_counter() - start) * 1000)
        load.errors += not head.startswith(b"HTTP/1.1 200")
    writer.close()
