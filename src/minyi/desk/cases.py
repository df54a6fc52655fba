"""A submission as the desk knows it: what the model said, what people decided, what stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from minyi import review
from minyi.desk.doubts import is_accepted, open_doubts, touched
from minyi.desk.holding import as_holds, decided_by_model
from minyi.desk.state import Desk, path_of
from minyi.domain.office import Office
from minyi.routing import Matter, Router
from minyi.schema import Result
from minyi.store.records import Correction, Entry
from minyi.text.cleaning import clean


@dataclass(frozen=True)
class Case:
    """A submission, the model's result, and what holds after corrections.

    Attributes
    ----------
    needed : float or None
        The score from which the category is decided without a look; None is unknown.
    holds : Result or None
        The result with what people decided, and what follows from it; None before anybody did.
    usual : str
        The department that answers for the category, by the office's rules and routes.
    """

    text: str
    title: str
    result: Result
    category: str
    department: str
    kind: str
    urgent: bool
    checked: bool = False
    corrected: bool = False
    trail: Sequence[Correction] = ()
    needed: float | None = None
    holds: Result | None = None
    usual: str = ""

    @classmethod
    def of_result(cls, text: str, result: Result, desk: Desk) -> Case:
        """Return what nobody has touched yet."""
        category = decided_by_model(result)
        return cls(
            text,
            "",
            result,
            category,
            result.department,
            result.kind,
            result.urgent,
            needed=needed(desk, result),
        )

    @classmethod
    def of_entry(cls, entry: Entry, trail: Sequence[Correction], desk: Desk) -> Case:
        """Return a stored submission."""
        return cls(
            entry.submission.text,
            entry.submission.title,
            entry.result or Result(),
            entry.category,
            entry.department,
            entry.kind,
            entry.urgent,
            entry.checked,
            entry.corrected,
            trail,
            needed(desk, entry.result),
            as_holds(entry, desk.office, trail),
            usual_department(desk.office, entry),
        )

    @property
    def decided(self) -> str:
        """The category that the model gave."""
        return decided_by_model(self.result)

    @property
    def now(self) -> Result:
        """The result as it now holds."""
        return self.holds or self.result

    @property
    def is_accepted(self) -> bool:
        """Whether somebody said that it is right as it stands."""
        return is_accepted(self.trail)

    @property
    def doubts(self) -> list[str]:
        """Why somebody should look, without what people have decided since."""
        return open_doubts(self.result, self.trail)

    @property
    def offer(self) -> str:
        """The department to change to after the category was changed; empty for none."""
        last = {line.target: i for i, line in enumerate(self.trail)}
        at = last.get("category", -1)
        is_newest = at > max(last.get("department", -1), last.get("accepted", -1))
        if not is_newest or not touched(self.trail, "category") or self.category == self.decided:
            return ""
        return self.usual if self.usual != self.department else ""

    @property
    def is_open(self) -> bool:
        """Whether accepting it would say something new."""
        return not self.checked or bool(self.doubts or self.offer)

    @property
    def rivals(self) -> list[tuple[str, str, float]]:
        """What the category could be instead: value, path and score, as they are numbered."""
        options = [(r.code or r.category, r.category, r.score) for r in self.result.alternatives]
        if self.category != self.decided and self.decided:
            first = (self.decided, "/".join(path_of(self.decided)), self.result.score or 0.0)
            options = [first, *options]
        return [option for option in options if option[0] != self.category]


def needed(desk: Desk, result: Result | None) -> float | None:
    """Return the score from which this category is decided without a look, as things stand."""
    if result is None or result.score is None:
        return None
    return review.threshold(desk.minyi.model, desk.office, "category", result.category_code)


def usual_department(office: Office, entry: Entry) -> str:
    """Return the lead for the category that now holds: the office's rules, then its routes."""
    submission, result = entry.submission, entry.result or Result()
    text = submission.clean_text or clean([submission.text])[0]
    whole = f"{submission.title} {text}"
    matter = Matter(entry.category, entry.kind, entry.urgent, result.place, whole, date.today())
    router = Router(office, (), ())
    return router.route(matter, np.zeros(1)).department
