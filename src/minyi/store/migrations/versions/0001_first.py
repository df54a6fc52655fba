"""The first tables, and the triggers that keep corrections append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.String(27)
_SAYS = "corrections are append-only"


def upgrade() -> None:
    """Create everything."""
    _create_batches()
    _create_judgements()
    _create_service()
    op.create_table(
        "purging", _moment("since"), sa.PrimaryKeyConstraint("since", name="pk_purging")
    )
    if op.get_bind().dialect.name == "sqlite":
        _protect_on_sqlite()
    else:
        _protect_on_postgresql()


def downgrade() -> None:
    """Remove everything."""
    for table in ("purging", "responses", "jobs", "keys", "corrections", "results"):
        op.drop_table(table)
    for table in ("submissions", "batches", "models"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_corrections()")


def _create_batches() -> None:
    _create(
        "models",
        _text("name"),
        _text("folder"),
        sa.Column("metrics", sa.Text, nullable=False),
        _text("base"),
        sa.Column("trained_on", sa.Integer, nullable=False),
        _moment("created"),
        _flag("is_active"),
    )
    _create(
        "batches",
        _text("name"),
        _text("source"),
        sa.Column("columns", sa.Text, nullable=False),
        _text("created_by"),
        _moment("created"),
    )
    _create(
        "submissions",
        sa.Column("batch_id", sa.Integer, nullable=False),
        sa.Column("source_row", sa.Integer),
        *map(_text, ("text", "title", "clean_text", "time", "place")),
        _moment("created"),
        _moment("purged", optional=True),
        sa.Column("week", sa.String(8), nullable=False, server_default=""),
        sa.Column("result_id", sa.Integer),
        *map(_text, ("category", "department", "kind", "locality")),
        _flag("urgent"),
        sa.Column("deadline", sa.Date),
        sa.Column("score", sa.Float),
        *map(_flag, ("needs_review", "corrected", "checked")),
        _reference("submissions", "batch_id", "batches"),
    )
    _index("submissions", "batch_id", "checked", "needs_review", "score")
    _index("submissions", "created")


def _create_judgements() -> None:
    _create(
        "results",
        sa.Column("submission_id", sa.Integer, nullable=False),
        sa.Column("model_id", sa.Integer),
        _moment("created"),
        *map(_text, ("kind", "category_code", "category", "department")),
        sa.Column("score", sa.Float),
        *map(_flag, ("needs_review", "urgent")),
        _text("place"),
        sa.Column("deadline", sa.Date),
        sa.Column("whole", sa.Text),
        _reference("results", "submission_id", "submissions"),
        _reference("results", "model_id", "models"),
    )
    _create(
        "corrections",
        sa.Column("submission_id", sa.Integer, nullable=False),
        sa.Column("model_id", sa.Integer),
        sa.Column("target", sa.String(20), nullable=False),
        *map(_text, ("before", "value", "who", "why")),
        _moment("at"),
        _reference("corrections", "submission_id", "submissions"),
        _reference("corrections", "model_id", "models"),
    )
    _index("results", "submission_id")
    _index("corrections", "submission_id")


def _create_service() -> None:
    _create(
        "keys",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        _moment("created"),
        _moment("last_used", optional=True),
        _moment("revoked", optional=True),
        sa.UniqueConstraint("name", name="uq_keys_name"),
        sa.UniqueConstraint("digest", name="uq_keys_digest"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        *map(_text, ("filename", "upload")),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("key_id", sa.Integer),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request", sa.String(64)),
        sa.Column("state", sa.String(10), nullable=False),
        _moment("created"),
        *(_moment(name, optional=True) for name in ("started", "beat", "finished")),
        *map(_number, ("done", "total")),
        _text("result"),
        sa.Column("counts", sa.Text, nullable=False),
        _text("message"),
        _number("attempts"),
        _text("worker"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("request", name="uq_jobs_request"),
        _reference("jobs", "key_id", "keys"),
    )
    _index("jobs", "state", "created")
    op.create_table(
        "responses",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("request_hash", sa.String(128), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        _text("body"),
        _moment("created"),
        sa.PrimaryKeyConstraint("key", name="pk_responses"),
    )
    _index("responses", "created")


def _protect_on_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    unless = "WHEN NOT EXISTS (SELECT 1 FROM purging)"
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER keep_corrections_{event.lower()} "
            f"BEFORE {event} ON corrections {unless} {refuse}"
        )
    # INSERT OR REPLACE deletes without asking the triggers on DELETE.
    op.execute(
        "CREATE TRIGGER keep_corrections_replace BEFORE INSERT ON corrections "
        f"WHEN EXISTS (SELECT 1 FROM corrections WHERE id = NEW.id) {refuse}"
    )


def _protect_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION keep_corrections() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS (SELECT 1 FROM purging) THEN RAISE EXCEPTION '{_SAYS}'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER keep_corrections_{each.lower()} BEFORE {event} ON corrections "
            f"FOR EACH {each} EXECUTE FUNCTION keep_corrections()"
        )


def _create(name: str, *parts: sa.schema.SchemaItem) -> None:
    key = sa.PrimaryKeyConstraint("id", name=f"pk_{name}")
    number = sa.Column("id", sa.Integer, nullable=False)
    op.create_table(name, number, *parts, key, sqlite_autoincrement=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _moment(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, _MOMENT, nullable=optional)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
