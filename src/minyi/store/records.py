"""What the store gives and takes: frozen records, never rows of a database.

Times are aware (UTC); in the database they are ISO texts of fixed width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from minyi.schema import Result

#: What a correction may change; ``accepted`` says: looked at and right.
TARGETS = ("category", "department", "kind", "urgent", "accepted")
YES, NO = "是", "否"  # the values of ``urgent`` and ``accepted``
SORTS = ("uncertain", "row", "score", "category", "department", "kind", "place", "deadline")
COUNTED = ("category", "department", "place", "week", "kind")

Item = TypeVar("Item")

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


@dataclass(frozen=True, slots=True)
class Batch:
    """Submissions that came together.

    Attributes
    ----------
    name, source : str
        As shown to people; the file or the program it came from.
    columns : mapping of str to str
        Role (text, title, time, place) to the header it had.
    created_by : str
    n_submissions, n_open : int
        All, and those that need a look nobody has given them yet.
    """

    id: int
    name: str
    source: str
    columns: Mapping[str, str]
    created_by: str
    created: datetime
    n_submissions: int = 0
    n_open: int = 0


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission on its way into the store; everything as written in the source."""

    text: str
    source_row: int | None = None
    title: str = ""
    clean_text: str = ""
    time: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission in the store; its texts are empty once they are purged."""

    id: int
    batch_id: int
    source_row: int | None
    text: str
    title: str
    clean_text: str
    time: str
    place: str
    created: datetime
    is_purged: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission, what the newest model said of it, and what holds after corrections.

    Attributes
    ----------
    result : Result or None
        The newest result as the model gave it; None before there is one.
    model_id : int or None
        The model version of `result`; None stands for the starter.
    category : str
        What holds: a category code, or the label of an office's own scheme.
    department, kind : str
    urgent : bool
    corrected : bool
        A person decided otherwise than the model first did.
    checked : bool
        A person looked at it: accepted it or corrected something.
    """

    submission: StoredSubmission
    result: Result | None
    model_id: int | None
    category: str
    department: str
    kind: str
    urgent: bool
    corrected: bool
    checked: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries of a batch; what is None or empty does not restrict.

    Attributes
    ----------
    search : str
        Part of the text or the title, whatever the case.
    category : str
        A code or its beginning, or a label.
    score_from, score_to : float, optional
        ``score_from <= score < score_to``.
    """

    search: str = ""
    category: str = ""
    department: str = ""
    kind: str = ""
    place: str = ""
    urgent: bool | None = None
    needs_review: bool | None = None
    corrected: bool | None = None
    checked: bool | None = None
    score_from: float | None = None
    score_to: float | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of what was found, and how much there is."""

    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of the trail: who changed what, when, from what, to what, why.

    Attributes
    ----------
    target : str
        One of `TARGETS`.
    before, value : str
        What held before and after. For ``accepted``: the category that was looked at, and 是 or 否.
    model_id : int or None
        The model version whose result was corrected; None is the starter.
    """

    id: int
    submission_id: int
    target: str
    before: str
    value: str
    who: str
    why: str
    at: datetime
    model_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A submission to train on: the original text and what people decided last.

    Attributes
    ----------
    labels : mapping of str to str
        Target (category, department, kind, urgent) to the value that holds; urgent is 是 or 否.
    is_confirmed : bool
        The category is the model's own, accepted by a person, not corrected.
    last_correction : int
        The newest correction behind it; the greatest of all lessons is what a model trained on
        them gives as `trained_on`.
    """

    submission_id: int
    text: str
    title: str
    labels: Mapping[str, str]
    is_confirmed: bool
    last_correction: int


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A trained model; every version is kept.

    Attributes
    ----------
    folder : Path
    metrics : mapping
        Whatever was measured, ready for JSON.
    base : str
        What it continues: ``starter``, or the name of a version.
    trained_on : int
        The newest correction (id) it was trained on; 0 when on none.
    """

    id: int
    name: str
    folder: Path
    metrics: Mapping[str, Any]
    base: str
    trained_on: int
    created: datetime
    is_active: bool


@dataclass(frozen=True, slots=True)
class Key:
    """A key for programs; the key itself is not kept, only its SHA-256."""

    id: int
    name: str
    created: datetime
    last_used: datetime | None = None
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be classified in the background.

    Attributes
    ----------
    id : str
        Not to be guessed.
    state : str
        waiting, running, done, failed or cancelled.
    done, total : int
        Rows; total is 0 while it is not known.
    counts : mapping
        What `finish` was given, ready for JSON.
    message : str
        Why it failed, for people.
    attempts : int
        How often it was begun.
    worker : str
        Who claimed it last.
    """

    id: str
    kind: str
    filename: str
    upload: Path
    options: Mapping[str, Any]
    key_id: int | None
    idempotency_key: str | None
    state: str
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    done: int = 0
    total: int = 0
    result: Path | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    attempts: int = 0
    worker: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (DONE, FAILED, CANCELLED)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that was given to a request with an idempotency key."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed."""

    before: date
    submissions: int
    files: int
