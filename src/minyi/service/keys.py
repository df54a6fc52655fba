"""Who may ask: keys for programs, and only from this computer where there are none."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict

from anyio.to_thread import run_sync
from starlette.datastructures import Headers

from minyi.service.problems import Problem
from minyi.service.settings import Settings
from minyi.store import Store
from minyi.store.records import Key

_REMEMBERED = 5.0  # seconds until a revoked key is noticed
_MOST_REMEMBERED = 1000
_HOW = "请在请求头里给出密钥：Authorization: Bearer mk_…，或 X-API-Key: mk_…。"
_NAMES = ("127.0.0.1", "localhost", "::1", "testserver")


class Keys:
    """Tells whose key it is; what the store said is remembered for a few seconds.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[bytes, tuple[Key | None, float]] = OrderedDict()
        self._any: tuple[bool, float] = (False, 0.0)

    async def are_needed(self) -> bool:
        """Whether there is any key."""
        there_are, until = self._any
        if time.monotonic() >= until:
            there_are = await run_sync(self._store.keys.any)
            self._any = (there_are, time.monotonic() + _REMEMBERED)
        return there_are

    async def owner(self, plaintext: str) -> Key | None:
        """Return whose key it is, None for no valid one."""
        digest = hashlib.sha256(plaintext.encode()).digest()
        key, until = self._known.get(digest, (None, 0.0))
        if time.monotonic() >= until:
            key = await run_sync(self._store.keys.verify, plaintext)
            self._known[digest] = (key, time.monotonic() + _REMEMBERED)
            self._known.move_to_end(digest)
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        return key


def given_key(headers: Headers) -> str:
    """Return the key that a request brings, empty when none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key", "").strip()


def refused(given: str) -> Problem:
    """Return the answer to a request without a valid key."""
    found = "给出的密钥无效或已停用。" if given else "请求里没有密钥。"
    return Problem(401, found + _HOW, headers={"WWW-Authenticate": 'Bearer realm="minyi"'})


def check_origin(headers: Headers, settings: Settings) -> None:
    """Refuse what a web page of a stranger sends through the browser of this computer.

    Without keys, being reached at a name of this computer is all that tells friend from foe:
    another name means that somebody's name server points here, another origin that somebody's
    page sends.

    Raises
    ------
    Problem
    """
    host = headers.get("host", "")
    if settings.is_loopback and host and _name(host) not in (*_NAMES, settings.host):
        raise Problem(421, "没有密钥时只接受 127.0.0.1 或 localhost 这样的本机地址。")
    origin = headers.get("origin", "")
    if origin and origin.partition("://")[2] != host:
        raise Problem(403, "没有密钥时不接受其他网站的页面发来的请求。")


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
