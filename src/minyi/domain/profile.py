"""What an office profile holds: towns, rules, routes, deadlines, weights; pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from minyi.domain.departments import Department
from minyi.domain.taxonomy import NOWHERE
from minyi.schema import PRECISION

URGENT = "紧急"
#: The parts of the heat index, with their Chinese names.
HEAT = {
    "number": "留言数",
    "senders": "人数",
    "span": "持续时间",
    "recency": "近期",
    "growth": "增长",
    "support": "点赞净数",
    "attention": "点赞反对总数",
    "urgency": "紧急",
}


@dataclass(frozen=True, slots=True)
class Town:
    """A town or street with its villages or communities."""

    name: str
    aliases: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An office's own routing rule; every condition that is given must hold.

    Attributes
    ----------
    category : tuple of str
        Codes; their descendants are meant too.
    words : tuple of str
        Any of them in the text.
    department, support, workdays
        What the rule decides; empty or None leaves it as it was.
    """

    name: str
    category: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    urgent: bool | None = None
    department: str = ""
    support: tuple[str, ...] = ()
    workdays: int | None = None


@dataclass(frozen=True)
class Office:
    """A checked profile.

    Attributes
    ----------
    name : str
    departments : mapping of str to Department
        By code, with the office's own names.
    fold : mapping of str to str
        The code of a department that the office lacks, and the one that does its work.
    routes : mapping of str to tuple of str
        Category code (any level) to the lead department and those that support it.
    rules : tuple of Rule
    towns : tuple of Town
    deadlines : mapping of str to int
        Workdays by kind, and for ``紧急``.
    thresholds : mapping of str to float or None
        ``None`` means: as the model says.
    precision : float
        How often what goes out without a look shall be right, where the model says the thresholds.
    words : tuple of str
        The office's own words for the segmenter; names of its places are added.
    categories : tuple of str
        Codes of the categories in use, their descendants meant too; empty: all.
    shows_personal_data : bool
        Whether personal data, masked by default, may be shown to who asks for it.
    heat : mapping of str to float
        How much each part of the heat index counts; see `HEAT`.
    aliases : tuple of tuple of str
        Names of one place or body; the first is shown.
    """

    name: str
    departments: Mapping[str, Department]
    fold: Mapping[str, str]
    routes: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    towns: tuple[Town, ...]
    deadlines: Mapping[str, int]
    thresholds: Mapping[str, float | None]
    words: tuple[str, ...] = field(default=())
    categories: tuple[str, ...] = ()
    precision: float = PRECISION
    shows_personal_data: bool = True
    heat: Mapping[str, float] = field(default_factory=dict)
    aliases: tuple[tuple[str, ...], ...] = ()

    def uses(self, code: str) -> bool:
        """Whether a category is in use: itself, or one above or below it."""
        return (
            not self.categories
            or code == NOWHERE
            or any(code.startswith(own) or own.startswith(code) for own in self.categories)
        )

    def route(self, code: str) -> tuple[str, ...]:
        """Return the department codes for a category: the lead first, then those in support."""
        while code and code not in self.routes:
            code = code[:-2]
        folded = [self.folded(department) for department in self.routes.get(code, ())]
        return tuple(dict.fromkeys(folded))

    def folded(self, department: str) -> str:
        """Return the department that does the work of `department` in this office."""
        while department in self.fold:
            department = self.fold[department]
        return department
