"""Keys for programs: shown once, kept as SHA-256 only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from minyi.errors import ConflictError, InputError, MissingError, StoreError
from minyi.store.database import Database
from minyi.store.records import Key
from minyi.store.tables import keys, now

PREFIX = "mk_"
_BYTES = 32  # random: a fast hash is as safe as a slow one
_LONGEST_NAME = 100
_USE_NOTED_EVERY = timedelta(minutes=1)
_SHOWN = [column for column in keys.c if column.name != "digest"]


class Keys:
    """The keys of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str) -> tuple[Key, str]:
        """Make a key; return it and its plain text, which cannot be had again.

        Raises
        ------
        InputError
            No name, or a long one.
        ConflictError
            A key had this name; names are not used twice, so that a trail stays clear.
        """
        name = name.strip()
        if not 1 <= len(name) <= _LONGEST_NAME:
            raise InputError(f"密钥名称应为 1 到 {_LONGEST_NAME} 个字，实际是 {len(name)} 个。")
        plaintext = PREFIX + secrets.token_urlsafe(_BYTES)
        values = {"name": name, "digest": _digest(plaintext), "created": now()}
        with self._database.writing() as connection:
            if connection.scalar(sa.select(keys.c.id).where(keys.c.name == name)) is not None:
                raise ConflictError(f"已经有（或有过）名为 {name} 的密钥：请换一个名称。")
            row = connection.execute(sa.insert(keys).values(values).returning(*_SHOWN)).one()
        return Key(**row._mapping), plaintext

    def verify(self, plaintext: str) -> Key | None:
        """Return the key that this is the plain text of; None when it is none, or revoked."""
        digest = _digest(plaintext)
        query = sa.select(keys).where(keys.c.digest == digest, keys.c.revoked.is_(None))
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None or not hmac.compare_digest(row.digest, digest):
            return None
        key = _key(row)
        if key.last_used is None or now() - key.last_used > _USE_NOTED_EVERY:
            self._note_use(key.id)
        return key

    def revoke(self, name: str) -> Key:
        """Make a key invalid from now on.

        Raises
        ------
        MissingError
            No valid key has this name.
        """
        one = (
            sa.update(keys)
            .where(keys.c.name == name, keys.c.revoked.is_(None))
            .values(revoked=now())
            .returning(*_SHOWN)
        )
        with self._database.writing() as connection:
            row = connection.execute(one).first()
        if row is None:
            raise MissingError(f"没有名为 {name} 的有效密钥：请用 minyi key list 查看。")
        return Key(**row._mapping)

    def list(self) -> Sequence[Key]:
        """Return all keys, revoked ones too, the oldest first."""
        with self._database.reading() as connection:
            return [_key(row) for row in connection.execute(sa.select(keys).order_by(keys.c.id))]

    def any(self) -> bool:
        """Tell whether there is a valid key."""
        query = sa.select(keys.c.id).where(keys.c.revoked.is_(None)).limit(1)
        with self._database.reading() as connection:
            return connection.scalar(query) is not None

    def _note_use(self, number: int) -> None:
        # A store that is busy is no reason to turn a valid key away.
        with suppress(StoreError), self._database.writing() as connection:
            connection.execute(sa.update(keys).where(keys.c.id == number).values(last_used=now()))


def _digest(plaintext: str) -> str:
    return hashlib.sha256(plaintext.encode("utf-8", "replace")).hexdigest()


def _key(row: sa.Row[Any]) -> Key:
    return Key(**{column.name: row._mapping[column.name] for column in _SHOWN})
