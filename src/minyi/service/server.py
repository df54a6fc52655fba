"""Starting the server: where it may listen, and how it ends."""

from __future__ import annotations

import errno
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from minyi.errors import InputError
from minyi.service import logs
from minyi.service.settings import Settings
from minyi.store import Store

_SWITCH = 0.001  # seconds; the event loop waits no longer than that for the classifying thread
_BACKLOG = 2048


def serve(
    settings: Settings,
    greet: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until told to stop; requests under way are finished.

    Parameters
    ----------
    settings : Settings
    greet : callable
        Told the address once it is listened at.

    Raises
    ------
    InputError
        Listening elsewhere than on this computer without a key; an address that is taken.
    StoreError
        The store cannot be opened.
    """
    store = Store.open(settings.store or None)
    try:
        check_address(settings, store)
        listener = listen(settings.host, settings.port)
    except BaseException:
        store.close()
        raise
    _run(settings, store, listener, greet)


def check_address(settings: Settings, store: Store) -> None:
    """Refuse to be reached from elsewhere while anybody could ask.

    Raises
    ------
    InputError
    """
    if not settings.is_loopback and not store.keys.any():
        raise InputError(
            f"没有密钥时只能在本机（127.0.0.1）提供服务，实际要求的地址是 {settings.host}。"
            "请先用 minyi key add 名称 生成密钥，或去掉 --host。"
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    InputError
        The address is taken, or not of this computer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise InputError(_why(error, host, port)) from None
    listener.setblocking(False)
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", -1)):
        return f"端口 {port} 已被占用：请用 --port 换一个，或先停掉占用它的程序。"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {port}：请用 --port 换一个大于 1023 的端口。"
    return f"无法在 {host} 端口 {port} 提供服务：应为本机的 IP 地址。请检查 --host。"


def _run(
    settings: Settings, store: Store, listener: socket.socket, greet: Callable[[str], None]
) -> None:
    import uvicorn

    from minyi.service.app import create_app

    logs.set_up()
    sys.setswitchinterval(_SWITCH)
    config = uvicorn.Config(
        create_app(settings, store),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.grace,
    )
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    logs.event("listening", host=host, port=port)
    greet(address)
    with quiet_signals():
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def quiet_signals() -> Iterator[None]:
    """Let the process end with code 0: the server raises again, at the end, what it was sent."""
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: None) for number in wanted]
    try:
        yield
    finally:
        for number, handler in zip(wanted, before, strict=True):
            signal.signal(number, handler)
