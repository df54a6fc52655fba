"""The tables: SQLAlchemy's metadata, from which the migrations must not differ."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL refuses NUL, no encoder takes surrogates
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Words(TypeDecorator[str]):
    """Text of any origin; what no database can hold becomes U+FFFD."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Return the text as it can be stored."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as text: the same on every database, and readable."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        """Write the value."""
        if value is None:
            return None
        return _UNSTORABLE.sub("\ufffd", json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        """Read the value."""
        return None if value is None else json.loads(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: outside an aware datetime, inside ISO in UTC, of fixed width to sort by."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        """Write the time in UTC."""
        if value is None:
            return None
        # isoformat pads the year, strftime does not: an early year would sort last.
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        """Read the time."""
        return None if value is None else datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)


def now() -> datetime:
    """Return the present time, aware."""
    return datetime.now(UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, Words, nullable=False, server_default=sa.text("''"))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _reference(name: str, target: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=optional)


def _table(name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    # AUTOINCREMENT: the number of something purged is never given to another thing.
    return sa.Table(name, metadata, *parts, sqlite_autoincrement=True)


models = _table(
    "models",
    _id(),
    _words("name"),
    _words("folder"),
    sa.Column("metrics", Json, nullable=False),
    _words("base"),
    sa.Column("trained_on", sa.Integer, nullable=False),
    sa.Column("created", Moment, nullable=False),
    _flag("is_active"),
)

batches = _table(
    "batches",
    _id(),
    _words("name"),
    _words("source"),
    sa.Column("columns", Json, nullable=False),
    _words("created_by"),
    sa.Column("created", Moment, nullable=False),
)

#: The texts, and what holds of them: the newest result as corrected. What holds is kept beside the
#: text, so that a grid can be sorted, and a dashboard counted, without looking for what is newest.
submissions = _table(
    "submissions",
    _id(),
    _reference("batch_id", "batches"),
    sa.Column("source_row", sa.Integer),
    _words("text"),
    _words("title"),
    _words("clean_text"),
    _words("time"),
    _words("place"),
    sa.Column("created", Moment, nullable=False),
    sa.Column("purged", Moment),
    sa.Column("week", sa.String(8), nullable=False, server_default=sa.text("''")),
    sa.Column("result_id", sa.Integer),  # no foreign key: results point here already
    _words("category"),
    _words("department"),
    _words("kind"),
    _words("locality"),
    _flag("urgent"),
    sa.Column("deadline", sa.Date),
    sa.Column("score", sa.Float),
    _flag("needs_review"),
    _flag("corrected"),
    _flag("checked"),
    sa.Index(None, "batch_id", "checked", "needs_review", "score"),
    sa.Index(None, "created"),
)

results = _table(
    "results",
    _id(),
    _reference("submission_id", "submissions"),
    _reference("model_id", "models", optional=True),
    sa.Column("created", Moment, nullable=False),
    _words("kind"),
    _words("category_code"),
    _words("category"),
    _words("department"),
    sa.Column("score", sa.Float),
    _flag("needs_review"),
    _flag("urgent"),
    _words("place"),
    sa.Column("deadline", sa.Date),
    sa.Column("whole", Json),  # None once purged
    sa.Index(None, "submission_id"),
)

corrections = _table(
    "corrections",
    _id(),
    _reference("submission_id", "submissions"),
    _reference("model_id", "models", optional=True),
    sa.Column("target", sa.String(20), nullable=False),
    _words("before"),
    _words("value"),
    _words("who"),
    _words("why"),
    sa.Column("at", Moment, nullable=False),
    sa.Index(None, "submission_id"),
)

keys = _table(
    "keys",
    _id(),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("created", Moment, nullable=False),
    sa.Column("last_used", Moment),
    sa.Column("revoked", Moment),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    _words("filename"),
    _words("upload"),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("options", Json, nullable=False),
    _reference("key_id", "keys", optional=True),
    sa.Column("idempotency_key", Words),
    sa.Column("request", sa.String(64), unique=True),  # the two above, hashed: NULLs never collide
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("started", Moment),
    sa.Column("beat", Moment),
    sa.Column("finished", Moment),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    _words("result"),
    sa.Column("counts", Json, nullable=False),
    _words("message"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _words("worker"),
    sa.Index(None, "state", "created"),
)

responses = sa.Table(
    "responses",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),  # hashed: any length, nothing to read
    sa.Column("request_hash", sa.String(128), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    _words("body"),
    sa.Column("created", Moment, nullable=False),
    sa.Index(None, "created"),
)

#: While it holds a row, in the same transaction, corrections may be deleted or emptied: the
#: triggers look here. No other transaction ever sees the row.
purging = sa.Table("purging", metadata, sa.Column("since", Moment, primary_key=True))
