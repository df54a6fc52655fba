"""A real desk in a process of its own, and a real browser, for tests."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

PATIENCE = 20.0
_OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
_BROWSER, _DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
_ASIDE = {"PYTHONWARNINGS": "ignore", "PYTHONIOENCODING": "utf-8"}

Value = TypeVar("Value")


def what_is_missing() -> list[str]:
    """Name the packages that the tests in a browser lack here."""
    missing = [
        package
        for package, path in (("chromium", _BROWSER), ("chromium-driver", _DRIVER))
        if not path.exists()
    ]
    return missing + [name for name in ("selenium", "nicegui") if find_spec(name) is None]


@dataclass(frozen=True)
class Begun:
    """A desk and where it is reached."""

    process: subprocess.Popen[str]
    address: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def begun_desk(data: Path | str) -> Iterator[Begun]:
    """Run ``minyi desk`` on a free port; end it with the block."""
    command = [sys.executable, "-m", "minyi", "desk", "--no-browser", "--data", str(data)]
    # Not the usual port: an office's own desk may be running there.
    process = subprocess.Popen(
        [*command, "--port", str(_free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, **_ASIDE},
    )
    try:
        yield Begun(process, _address(process))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


@contextmanager
def running_desk(data: Path) -> Iterator[str]:
    """Run ``minyi desk`` on a free port and yield its address."""
    with begun_desk(data) as desk:
        yield desk.address


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    stream = process.stdout

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    told = ""
    while "http://" not in told:
        told = lines.get(timeout=PATIENCE)
        assert told, f"the desk ended with code {process.wait()}"
    return "http://" + told.partition("http://")[2].split("\u3000")[0].strip()


class Page:
    """A browser on the desk; it waits for what it is asked for."""

    def __init__(self, address: str, downloads: Path, size: tuple[int, int]) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        self.address, self.downloads = address, downloads
        self._profile = tempfile.mkdtemp(prefix="minyi-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = str(_BROWSER)
        for option in (*_OPTIONS, f"--user-data-dir={self._profile}"):
            options.add_argument(option)
        options.add_experimental_option(
            "prefs",
            {"download.default_directory": str(downloads), "download.prompt_for_download": False},
        )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(str(_DRIVER)))
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def close(self) -> None:
        self.driver.quit()
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, path: str) -> None:
        self.driver.get(self.address + path)
        self.see("main")

    def until(self, tell: Callable[[], Value], what: str = "", patience: float = PATIENCE) -> Value:
        """Wait until `tell` answers with something, and return that."""
        from selenium.common.exceptions import WebDriverException

        end = time.monotonic() + patience
        while True:
            try:
                value = tell()
            except WebDriverException:  # drawn anew at this moment
                value = None  # type: ignore[assignment]
            if value:
                return value
            assert time.monotonic() < end, f"waited in vain for {what or 'the page'}"
            time.sleep(0.1)

    def find(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def see(self, selector: str) -> Any:
        """Wait for an element that is shown."""
        shown = self.until(lambda: [e for e in self.find(selector) if e.is_displayed()], selector)
        return shown[0]

    def upload(self, path: Path) -> None:
        """Give a file to the page."""
        box = self.until(lambda: self.find("input[type=file]"), "where files go")[0]
        box.send_keys(str(path))

    def text(self, selector: str) -> str:
        # In a tuple: an empty text is an answer too.
        return str(self.until(lambda: (self.see(selector).text,), selector)[0])

    def click(self, selector: str) -> None:
        def press() -> bool:
            self.driver.execute_script(
                "arguments[0].scrollIntoView({block:'center'})", e := self.see(selector)
            )
            e.click()
            return True

        self.until(press, selector)

    def keys(self, text: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(text).perform()

    def type(self, selector: str, text: str) -> None:
        self.until(lambda: (self.see(selector).send_keys(text),), selector)

    def words(self) -> str:
        """Return the words on the page, without the names of icons."""
        script = (
            "const icons = document.querySelectorAll('.q-icon, .ag-icon, .grid');"
            "for (const icon of icons) icon.remove(); return document.body.innerText"
        )
        return str(self.driver.execute_script(script))

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        script = "return document.documentElement.scrollWidth - window.innerWidth"
        return int(self.driver.execute_script(script))

    def troubles(self) -> list[str]:
        """Return what the browser complained about."""
        return [
            line["message"] for line in self.driver.get_log("browser") if line["level"] == "SEVERE"
        ]

    def hosts(self) -> set[str]:
        """Return the hosts that anything was asked of."""
        import json
        from urllib.parse import urlsplit

        found = set()
        for line in self.driver.get_log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = urlsplit(message["params"]["request"]["url"])
                if url.scheme.startswith(("http", "ws")):
                    found.add(url.hostname or "")
        return found

    def downloaded(self, name: str) -> Path:
        """Wait for a download to be complete."""
        path = self.downloads / name
        self.until(lambda: path.exists() and not list(self.downloads.glob("*.crdownload")), name)
        return path
