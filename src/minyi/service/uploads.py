"""Uploads: the form of a request, what may be chosen in it, and keeping its file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from minyi.service.problems import FieldError, Problem
from minyi.service.reading import invalid
from minyi.service.work import safe_name
from minyi.tables.inputs import READABLE

FORMATS = ("xlsx", "csv")
_ROLES = {"text": "正文", "title": "标题", "time": "时间", "place": "地点"}
_OPTIONS = (*_ROLES, "sheet", "header", "format", "received")
_LONGEST_OPTION = 200
_PIECE = 2**20
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "表格：" + "、".join(READABLE),
                        },
                        **{
                            role: {"type": "string", "description": f"{name}所在列的名称，可不给"}
                            for role, name in _ROLES.items()
                        },
                        "sheet": {"type": "string", "description": "只读这一张工作表"},
                        "header": {"type": "string", "enum": ["zh", "en"], "default": "zh"},
                        "format": {"type": "string", "enum": list(FORMATS), "default": "xlsx"},
                        "received": {
                            "type": "string",
                            "format": "date",
                            "description": "没有时间列时，期限从这天起算",
                        },
                    },
                }
            }
        },
    }
}


class Form:
    """The form of a request; its temporary files go with the block."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._form: FormData | None = None

    async def __aenter__(self) -> FormData:
        """Read the form.

        Raises
        ------
        Problem
            415 or 400 when it is no form.
        """
        kind = self._request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "multipart/form-data":
            raise Problem(415, "应以 multipart/form-data 上传表格，字段名为 file。")
        try:
            self._form = await self._request.form(max_files=1, max_fields=20)
        except (MultiPartException, HTTPException):
            raise Problem(
                400, "上传的内容读不出来：应为 multipart/form-data，且只有一个文件。"
            ) from None
        return self._form

    async def __aexit__(self, *_: object) -> None:
        """Remove the temporary files."""
        if self._form is not None:
            await self._form.close()


def table_of(form: FormData) -> UploadFile:
    """Return the file of the form, or raise a `Problem`."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid([FieldError("file", "应为上传的文件，并带文件名")])
    if extension(file) not in READABLE:
        raise invalid([FieldError("file", f"应为 {'、'.join(READABLE)} 之一")])
    if not file.size:
        raise invalid([FieldError("file", "文件是空的，应至少有一行")])
    return file


def extension(file: UploadFile) -> str:
    """Return the extension of the file's name, in small letters."""
    return Path(safe_name(file.filename or "")).suffix.lower()


def options_of(form: FormData) -> dict[str, str]:
    """Return what was chosen in the form, or raise a `Problem`."""
    given = {name: value for name, value in form.items() if name != "file" and value != ""}
    wrong = [FieldError("（多出的字段）", "没有这个字段") for name in given if name not in _OPTIONS]
    options = {name: str(value) for name, value in given.items() if name in _OPTIONS}
    wrong += [
        FieldError(name, f"应不超过 {_LONGEST_OPTION} 个字符")
        for name, value in options.items()
        if len(value) > _LONGEST_OPTION
    ]
    wrong += _wrong_choices(options)
    if wrong:
        raise invalid(wrong)
    return options


def _wrong_choices(options: Mapping[str, str]) -> list[FieldError]:
    wrong = []
    for name, choices in {"header": ("zh", "en"), "format": FORMATS}.items():
        if options.get(name, choices[0]) not in choices:
            wrong.append(FieldError(name, f"应为 {'、'.join(choices)} 之一"))
    try:
        date.fromisoformat(options.get("received", "2026-01-01"))
    except ValueError:
        wrong.append(FieldError("received", "应为日期，如 2026-03-02"))
    return wrong


def save(file: UploadFile, upload: Path) -> None:
    """Write the file to disk, so that it outlives the machine's fall."""
    descriptor = os.open(
        upload, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
    )
    with os.fdopen(descriptor, "wb") as out:
        while piece := file.file.read(_PIECE):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())  # 202 promises that it is kept
