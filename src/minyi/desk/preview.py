"""What a changed profile would change: stored submissions, routed both ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from minyi.desk.classifying import classify_all
from minyi.desk.profile import Raw, write
from minyi.desk.state import PROFILE, Desk, names_of
from minyi.pipeline import Minyi
from minyi.schema import Result, Submission
from minyi.service.classifying import load_warm
from minyi.service.core import STARTER
from minyi.store import Store
from minyi.store.records import Entry

MOST = 2000  # submissions, the newest
_LOOKED_AT = {
    "department": "主办部门",
    "co_departments": "协办部门",
    "deadline": "期限",
    "category": "类别",
    "place": "属地",
    "needs_review": "需复核",
}


@dataclass(frozen=True)
class Change:
    """A submission that would be treated otherwise.

    Attributes
    ----------
    changes : tuple of (str, str, str)
        What, before and after.
    """

    entry: Entry
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Preview:
    """What would change among so many submissions."""

    n_looked_at: int
    changes: Sequence[Change]

    def groups(self) -> list[tuple[str, str, str, list[Entry]]]:
        """Return equal changes together: what, before, after and where; the most frequent first."""
        found: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
        for change in self.changes:
            for told in change.changes:
                found[told].append(change.entry)
        rows = [(*told, entries) for told, entries in found.items()]
        return sorted(rows, key=lambda row: -len(row[3]))


def preview(desk: Desk, own: Raw) -> Preview:
    """Route the newest submissions with the profile in use and with another.

    Raises
    ------
    ProfileError
        The other profile is wrong.
    """
    after = _with(desk, own)
    entries = _newest(desk.store)
    submissions = [
        Submission(s.text, s.title, s.time, s.place)
        for s in (entry.submission for entry in entries)
    ]
    if not submissions:
        return Preview(0, ())
    old, new = classify_all(desk.minyi, submissions), classify_all(after, submissions)
    changes = [
        Change(entry, told)
        for entry, before, now in zip(entries, old, new, strict=True)
        if (told := _told(before, now))
    ]
    return Preview(len(entries), changes)


def _newest(store: Store) -> list[Entry]:
    found: list[Entry] = []
    for batch in store.batches.list(MOST).items:
        page = store.submissions.page(batch.id, sort="row", limit=MOST - len(found))
        found += [entry for entry in page.items if not entry.submission.is_purged]
        if len(found) >= MOST:
            break
    return found


def _with(desk: Desk, own: Raw) -> Minyi:
    active = desk.store.models.active()
    folder = desk.service.settings.model or (str(active.folder) if active else STARTER)
    with TemporaryDirectory() as place:
        profile = write(Path(place) / PROFILE, own)
        encoder = desk.service.settings.encoder
        return load_warm(folder, str(profile), encoder=encoder).minyi


def _told(before: Result, now: Result) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, _text(getattr(before, field)), _text(getattr(now, field)))
        for field, name in _LOOKED_AT.items()
        if getattr(before, field) != getattr(now, field)
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return names_of(value) or "无"
    return str(value or "无")
