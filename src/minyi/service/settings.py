"""What an operator can set, by option or by environment variable (``MINYI_…``)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from minyi.errors import InputError

MEBI = 2**20
_PREFIX = "MINYI_"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_YES, _NO = ("1", "true", "yes", "on", "是"), ("0", "false", "no", "off", "否")
_LIMITS = {
    "port": (0, 65535),
    "max_body": (1024, 1024 * MEBI),
    "max_upload": (1024, 4096 * MEBI),
    "max_items": (1, 100_000),
    "max_characters": (1, 1_000_000),
    "max_jobs": (1, 10_000),
    "rate": (0, 1_000_000),
    "job_workers": (0, 64),
    "grace": (1, 600),
}


@dataclass(frozen=True)
class Settings:
    """How a service is set up.

    Attributes
    ----------
    host, port : str, int
        Where to listen; port 0 takes a free one.
    store : str
        Path or URL of the store; empty for that in the user's data folder.
    model : str
        ``starter`` or a model folder; empty for the one that the store says is active.
    office : str
        An office profile; empty for the default.
    encoder : bool
        Whether the optional encoder is used where it is installed.
    max_body, max_upload : int
        Bytes of a request, and of one that uploads a table.
    max_items, max_characters : int
        Of a batch; of one text.
    max_jobs : int
        Jobs that wait or run at a time.
    rate : int
        Requests a second for each key, on average; twice as many at once. 0: no limit.
    job_workers : int
        Processes for a job; 0: all cores but one.
    grace : int
        Seconds that requests under way may take when the service is ended.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    store: str = ""
    model: str = ""
    office: str = ""
    encoder: bool = True
    max_body: int = 16 * MEBI
    max_upload: int = 100 * MEBI
    max_items: int = 1000
    max_characters: int = 20_000
    max_jobs: int = 20
    rate: int = 200
    job_workers: int = 0
    grace: int = 20

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name, (least, most) in _LIMITS.items():
            if not least <= getattr(self, name) <= most:
                raise InputError(
                    f"设置 {name} 应在 {least} 到 {most} 之间，实际是 {getattr(self, name)}。"
                )

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer can reach the service."""
        return self.host in _LOOPBACK

    @property
    def workers(self) -> int:
        """Processes for a job."""
        return self.job_workers or max(1, (os.cpu_count() or 1) - 1)


def settings_from(
    environment: Mapping[str, str] | None = None, **options: str | int | bool | None
) -> Settings:
    """Return the settings: options first, then the environment, then what is usual.

    Raises
    ------
    InputError
        A value is no number or out of range; the message names it.

    Examples
    --------
    >>> settings_from({"MINYI_PORT": "9000", "MINYI_RATE": "5"}, port=9001).port
    9001
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for one in fields(Settings):
        text = environment.get(_PREFIX + one.name.upper(), "")
        if text:
            values[one.name] = _read(one.name, text, type(one.default))
    given = {name: value for name, value in options.items() if value is not None}
    return replace(Settings(**values), **given)  # type: ignore[arg-type]


def _read(name: str, text: str, wanted: type) -> str | int | bool:
    variable = _PREFIX + name.upper()
    if wanted is bool:
        if text.lower() not in (*_YES, *_NO):
            raise InputError(f"环境变量 {variable} 应为 1 或 0，实际是“{text}”。")
        return text.lower() in _YES
    if wanted is int:
        try:
            return int(text)
        except ValueError:
            raise InputError(f"环境变量 {variable} 应为整数，实际是“{text}”。") from None
    return text
