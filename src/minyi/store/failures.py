"""What went wrong in the database, in words a person can act on."""

from __future__ import annotations

import sqlalchemy as sa

from minyi.errors import NoSpaceError, StoreError
from minyi.store.location import NO_DATABASE

APPEND_ONLY = "corrections are append-only"  # what the triggers say

_LOCKED = "{name} 正被另一个程序占用，等了几秒仍未空出：请关闭占用它的程序，或稍后再试。"
_FULL = "磁盘已满，没有写入 {name}；已有的数据不受影响。请腾出空间后再试。"
_READ_ONLY = "{name} 只能读，不能写：请检查文件和文件夹的权限。"
_UNREACHABLE = "连接不上数据库 {name}：请检查地址、用户和口令，以及服务器是否在运行。"
_DAMAGED = "{name} 已损坏：请用备份替换它，或换一个数据文件重新开始。"
_IN_USE = "{name} 同时有别的改动，这次没有写入：请再试一次。"
_FIXED = "改正记录只能追加，不能修改或删除；要去掉旧的内容，请用 minyi store purge。"
_OTHER = "{name} 出错（{kind}），这次没有写入：请稍后再试；若一直如此，请检查磁盘和权限。"

_BY_TEXT = {  # of SQLite, whose words are the same in every language
    APPEND_ONLY: _FIXED,
    "locked": _LOCKED,
    "disk is full": _FULL,
    "readonly database": _READ_ONLY,
    "unable to open database": _READ_ONLY,
    "malformed": _DAMAGED,
    "disk I/O error": _DAMAGED,
}
_BY_STATE = {  # of PostgreSQL: the beginning of SQLSTATE
    "53100": _FULL,
    "53": _LOCKED,
    "55P03": _LOCKED,
    "40": _IN_USE,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "08": _UNREACHABLE,
    "28": _UNREACHABLE,
    "3D": _UNREACHABLE,
    "57P": _UNREACHABLE,
}


def locked(name: str) -> StoreError:
    """Say that another program uses the database."""
    return StoreError(_LOCKED.format(name=name), name)


def explained(error: sa.exc.SQLAlchemyError, name: str) -> StoreError:
    """Say what happened to the database `name`; never repeats what was to be written."""
    told, kind = _told(error, name)
    sort = NoSpaceError if told == _FULL else StoreError
    return sort(told.format(name=name, kind=kind), name)


def _told(error: sa.exc.SQLAlchemyError, name: str) -> tuple[str, str]:
    cause = getattr(error, "orig", None)
    text, state = str(cause), getattr(cause, "sqlstate", None)
    if "not a database" in text:
        return NO_DATABASE, ""
    if state:
        found = [_BY_STATE[key] for key in (state, state[:3], state[:2]) if key in _BY_STATE]
        found += [_FIXED] * (APPEND_ONLY in text)
    else:
        found = [told for words, told in _BY_TEXT.items() if words in text]
        is_server = "://" in name
        found += [_UNREACHABLE] * (is_server and isinstance(error, sa.exc.OperationalError))
    kind = f"{type(cause or error).__name__}{f' {state}' if state else ''}"
    return (found[0] if found else _OTHER), kind
