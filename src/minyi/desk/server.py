"""The desk's application, and its server on this computer."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI

from minyi.errors import InputError, StoreError
from minyi.service.app import create_app
from minyi.service.server import listen
from minyi.service.settings import Settings
from minyi.store import Store

HOST, PORT = "127.0.0.1", 8420
_GRACE = 2  # seconds; open pages keep a connection for ever
_SETTLED = 3  # seconds, in which the model is loaded and the first page drawn
_SWITCH = 0.001  # seconds, so that pages answer while a workbook is classified


def create_desk(settings: Settings, store: Store) -> FastAPI:
    """Return the application of the service with the pages of the desk; once a process.

    Parameters
    ----------
    settings : Settings
        Where it names no profile, one in the store's folder is used.
    store : Store
        An open one; it is closed when the application ends.
    """
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(store.folder / "nicegui"))
    os.environ["FASTAPI_OTEL_AUTO_CONFIGURE"] = "false"  # of NiceGUI's own application too
    from nicegui import ui

    from minyi.desk import pages
    from minyi.desk.guard import Guard
    from minyi.desk.state import PROFILE, Desk, make_profile

    profile = make_profile(Path(settings.office) if settings.office else store.folder / PROFILE)
    most = max(settings.max_body, settings.max_upload)  # workbooks come through the pages
    settings = replace(settings, office=str(profile), max_body=most, grace=_GRACE)
    app = create_app(settings, store)
    # The start page of the service would hide that of the desk.
    app.router.routes[:] = [r for r in app.router.routes if getattr(r, "path", "") != "/"]
    pages.add(Desk(app.state.service, profile), app)
    ui.run_with(
        app,
        title="民意",
        language="zh-CN",
        favicon=Path(__file__).parent / "static" / "icon.svg",
        tailwind=False,
        reconnect_timeout=10,
        show_welcome_message=False,
    )
    app.add_middleware(Guard, settings=settings)
    return app


def serve_desk(
    settings: Settings,
    greet: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the desk until told to stop.

    Parameters
    ----------
    settings : Settings
        A port of 0 takes the usual one, or a free one where that is taken.
    greet : callable
        Told the address once it is listened at.

    Raises
    ------
    InputError
        The port is taken.
    StoreError
        The store cannot be opened.
    """
    import uvicorn

    from minyi.service import logs

    if not settings.is_loopback:
        raise InputError("工作台只能在本机使用（127.0.0.1）：请去掉 MINYI_HOST。")
    store = Store.open(settings.store or None)
    try:
        listener = _listener(settings)
        logs.set_up((_log_file(store.folder)).open("a", encoding="utf-8"))
        app = create_desk(settings, store)
    except BaseException:
        store.close()
        raise
    sys.setswitchinterval(_SWITCH)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    address = f"http://{HOST}:{listener.getsockname()[1]}"
    logs.event("listening", host=HOST, port=listener.getsockname()[1])
    threading.Timer(0.3, greet, [address]).start()
    warming = threading.Timer(_SETTLED, _warm)
    warming.daemon = True
    warming.start()
    from minyi.service.server import quiet_signals

    with quiet_signals():
        uvicorn.Server(config).run(sockets=[listener])


def _warm() -> None:
    """Import what 看板 counts with, before somebody opens it: that takes a second."""
    for name in ("pandas", "minyi.analysis.figures"):
        import_module(name)


def _listener(settings: Settings):  # type: ignore[no-untyped-def]
    if settings.port:
        return listen(HOST, settings.port)
    try:
        return listen(HOST, PORT)
    except InputError:
        return listen(HOST, 0)


def _log_file(folder: Path) -> Path:
    path = folder / "desk.log"
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreError(f"无法写入 {path}：{error.strerror}。请检查权限。", path) from None
    return path
