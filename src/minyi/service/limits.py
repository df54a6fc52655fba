"""Limits: bytes of a body, counted while it streams, and requests a second for each key."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import Message, Receive

from minyi.service.problems import Problem
from minyi.service.settings import MEBI

_MOST_BUCKETS = 10_000


def too_large(limit: int) -> Problem:
    """Return the answer to a body over the limit."""
    shown = f"{limit // MEBI} MB" if limit >= MEBI else f"{limit // 1024} KB"
    return Problem(
        413,
        f"请求内容应不超过 {shown}：请分成几次提交，或由管理员调高上限。",
        headers={"Connection": "close"},
    )


def counted(receive: Receive, limit: int) -> Receive:
    """Return `receive`, which refuses to give more than `limit` bytes in all."""
    total = 0

    async def limited() -> Message:
        nonlocal total
        message = await receive()
        if message["type"] == "http.request":
            total += len(message.get("body", b""))
            if total > limit:
                raise too_large(limit)
        return message

    return limited


class Buckets:
    """Token buckets by name; each fills with `rate` tokens a second up to twice that.

    Parameters
    ----------
    rate : int
        Tokens a second; 0 for no limit.
    clock : callable
        Returns seconds.

    Examples
    --------
    >>> buckets = Buckets(1, clock=lambda: 0.0)
    >>> [buckets.wait("甲") for _ in range(3)]
    [0.0, 0.0, 1.0]
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._most = 2.0 * rate
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take a token; return 0, or the seconds until there will be one."""
        if not self._rate:
            return 0.0
        now = self._clock()
        level, then = self._levels.pop(name, (self._most, now))
        level = min(self._most, level + (now - then) * self._rate)
        enough = level >= 1
        self._levels[name] = (level - 1 if enough else level, now)
        if len(self._levels) > _MOST_BUCKETS:
            self._levels.popitem(last=False)
        return 0.0 if enough else (1 - level) / self._rate
