"""Somebody on a page of the desk without a browser: what is shown is read, buttons are pressed.

Leaving a page at once after pressing may take the press back: stay until its effect is seen.
"""

from __future__ import annotations

import html
import json
import re
import time
import uuid
from types import TracebackType
from typing import Any, Self

import httpx
import socketio  # type: ignore[import-untyped]

_PATIENCE = 30.0
_ELEMENTS = re.compile(r"parseElements\(String\.raw`(.*?)`\)", re.S)
_CLIENT = re.compile(r"'client_id': '([\w-]+)'")
_Element = dict[str, Any]


class Visitor:
    """A page of the desk, opened as a browser does it.

    Parameters
    ----------
    address : str
        Of the desk.
    path : str
        Of the page.
    """

    def __init__(self, address: str, path: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=60)
        page = self._open(path)
        self._elements: dict[str, _Element] = json.loads(html.unescape(_found(_ELEMENTS, page)))
        self._client_id = _found(_CLIENT, page)
        told = {
            "client_id": self._client_id,
            "next_message_id": "0",
            "implicit_handshake": "true",
            "tab_id": str(uuid.uuid4()),
            "document_id": str(uuid.uuid4()),
        }
        self._socket = socketio.SimpleClient(reconnection=False)
        self._socket.connect(
            f"{address}?{httpx.QueryParams(told)}",
            socketio_path="/_nicegui_ws/socket.io",
            transports=["websocket"],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.disconnect()
        self._http.close()

    def _open(self, path: str) -> str:
        """Return the page, once the desk has its model."""
        end = time.monotonic() + _PATIENCE
        while True:
            page = self._http.get(path).raise_for_status().text
            if "正在载入模型" not in page:
                return page
            assert time.monotonic() < end, "the desk does not become ready"
            time.sleep(0.1)

    def shows(self, words: str) -> bool:
        """Whether the words are on the page now."""
        return any(words in json.dumps(e, ensure_ascii=False) for e in self._elements.values())

    def upload(self, name: str, content: bytes) -> None:
        """Put a file into the page's field for files."""
        fields = (e.get("props", {}) for e in self._elements.values())
        url = next(props["url"] for props in fields if "url" in props)
        self._http.post(url, files={"file": (name, content)}).raise_for_status()

    def press(self, label: str) -> None:
        """Press a button; it may have to come first."""
        end = time.monotonic() + _PATIENCE
        while (found := self._button(label)) is None:
            assert time.monotonic() < end, f"waited in vain for the button {label}"
            self._listen()
        number, element = found
        click = next(e for e in element["events"] if e["type"] == "click")
        message = {
            "id": int(number),
            "client_id": self._client_id,
            "listener_id": click["listener_id"],
            "args": [],
        }
        self._socket.emit("event", message)

    def _button(self, label: str) -> tuple[str, _Element] | None:
        for number, element in self._elements.items():
            if str(element.get("props", {}).get("label", "")).startswith(label):
                return number, element
        return None

    def _listen(self) -> None:
        """Take in what the desk changes on the page."""
        try:
            name, *values = self._socket.receive(timeout=1)
        except socketio.exceptions.TimeoutError:
            return
        if name == "update":
            for number, element in values[0].items():
                if number.isdigit():
                    self._elements[number] = {**self._elements.get(number, {}), **(element or {})}


def _found(pattern: re.Pattern[str], page: str) -> str:
    match = pattern.search(page)
    assert match, f"the page has no {pattern.pattern}"
    return match[1]
