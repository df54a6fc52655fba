"""Answers kept for a day, so that a request sent twice is done once."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import sqlalchemy as sa

from minyi.errors import ConflictError
from minyi.store.database import Database, insert_once
from minyi.store.records import Response
from minyi.store.tables import now, responses

KEPT = timedelta(hours=24)


class Responses:
    """The answers of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, key: str, request_hash: str, status: int, body: str) -> None:
        """Keep an answer; answers older than a day are forgotten meanwhile.

        Where there is an answer for this key already, that one stays.

        Parameters
        ----------
        key : str
            The idempotency key, with the API key's number in front, so that callers do not meet.
        request_hash : str
            What the request was, so that a key used for two can be told.
        """
        values = {
            "key": _hashed(key),
            "request_hash": request_hash,
            "status": status,
            "body": body,
            "created": now(),
        }
        with self._database.writing() as connection:
            connection.execute(sa.delete(responses).where(responses.c.created < now() - KEPT))
            insert_once(connection, responses, values)

    def recall(self, key: str, request_hash: str) -> Response | None:
        """Return the answer given to this request; None when there was none, or long ago.

        Raises
        ------
        ConflictError
            The key was used for another request.
        """
        query = sa.select(responses).where(
            responses.c.key == _hashed(key), responses.c.created >= now() - KEPT
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if row.request_hash != request_hash:
            raise ConflictError(
                "这个 Idempotency-Key 已用于另一个请求：内容不同的请求请换一个新的值。"
            )
        return Response(row.status, row.body)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
