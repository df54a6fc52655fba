"""Who answers, and by when: category, text, place and the office's rules decide (属地 + 归口)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minyi.domain.calendar import add_workdays
from minyi.domain.departments import LOCAL, load_departments
from minyi.domain.office import URGENT, Office, Rule
from minyi.domain.taxonomy import load_taxonomy

# Category and text speak of the same words, so that their product is too sure of itself; this
# power makes its scores come true on held-out submissions of the corpus.
_DEPENDENCE = 0.6
# Where text and category contradict each other entirely, the category prevails: it may be all that
# an office deals with.
_UNSEEN, _NEVER = 1e-3, 1e-4
_Leaves = Sequence[tuple[str, float]]
STEM_DIGITS = 4  # level 2, at which routes begin to name who helps


@dataclass(frozen=True, slots=True)
class Matter:
    """What routing needs to know about one submission."""

    category: str
    kind: str
    urgent: bool
    place: str
    text: str
    received: date


@dataclass(frozen=True, slots=True)
class Route:
    """Where a submission goes.

    Attributes
    ----------
    department, co_departments : str, tuple of str
        Names, as the office calls them.
    reason : str
        Which rule, route or words decided.
    score : float
        Probability of the lead, 0–1; 1 when a rule decided.
    deadline : date or None
    calendar_known : bool
        False when public holidays on the way are not in the calendar's data.
    """

    department: str
    co_departments: tuple[str, ...]
    reason: str
    score: float
    deadline: date | None
    calendar_known: bool


class Router:
    """Route submissions by an office's profile.

    Parameters
    ----------
    office : Office
    codes : sequence of str
        The categories (level 2) of the model, in the order of its probabilities; may be empty.
    departments : sequence of str
        The departments (names of the default profile) of the model's department head.
    """

    def __init__(self, office: Office, codes: Sequence[str], departments: Sequence[str]) -> None:
        self._office = office
        self._taxonomy = load_taxonomy()
        # A model says the names it was trained on: the default ones, or the office's own.
        named = (*office.departments.values(), *load_departments().values())
        self._codes_of_name = {department.name: department.code for department in named}
        self._bodies = [body for body in office.departments if office.folded(body) == body]
        self._position = {body: i for i, body in enumerate(self._bodies)}
        self._lead = lru_cache(maxsize=None)(self._find_lead)
        self._from_category = self._matrix([self._lead(code) for code in codes])
        self._from_text = self._matrix([self._body(name) for name in departments])

    def scores(
        self,
        categories: NDArray[Any] | None,
        texts: NDArray[Any] | None,
        leaves: Sequence[_Leaves] = (),
    ) -> NDArray[np.float64]:
        """Return the probability of every body of the office.

        Parameters
        ----------
        categories : ndarray, shape (n, n_codes), or None
            What the category model says.
        texts : ndarray, shape (n, n_departments), or None
            What the department model says.
        leaves : sequence of sequence of (str, float)
            For each row, the leaves of its level 2 and their probabilities, where known: a leaf
            may have a route of its own.

        Returns
        -------
        ndarray, shape (n, n_bodies)
        """
        if categories is None:
            if texts is None:
                raise ValueError("expected categories or texts")
            return np.asarray(texts @ self._from_text)
        by_category = categories @ self._from_category
        self._move_to_leaves(by_category, leaves)
        if texts is None:
            return np.asarray(by_category)
        by_text = texts @ self._from_text
        product = ((by_category + _NEVER) * (by_text + _UNSEEN)) ** _DEPENDENCE
        return np.asarray(product / product.sum(axis=1, keepdims=True))

    def _move_to_leaves(self, by_category: NDArray[Any], leaves: Sequence[_Leaves]) -> None:
        """Give the weight of a leaf with a lead of its own from its level 2 to that lead."""
        for row, known in enumerate(leaves):
            for code, weight in known:
                usual, own = self._lead(code[:STEM_DIGITS]), self._lead(code)
                if own != usual:
                    by_category[row, self._position[usual]] -= weight
                    by_category[row, self._position[own]] += weight

    def route(self, matter: Matter, scores: NDArray[Any], evidence: Sequence[str] = ()) -> Route:
        """Return where `matter` goes, given its row of `scores`."""
        usual = self._office.route(matter.category)
        best = int(scores.argmax())
        score = float(scores[best])
        lead = self._bodies[best] if score else next(iter(usual), "")
        reason = self._reason(matter, lead, usual, evidence)
        # A category known at level 1 only is too wide to name who should help.
        support = [body for body in usual if body != lead and len(matter.category) >= STEM_DIGITS]
        rule = self._first_rule(matter)
        if rule:
            reason = f"规则“{rule.name}”"
            if rule.department:
                lead, score, support = self._office.folded(rule.department), 1.0, list(usual)
            support = [*map(self._office.folded, rule.support), *support]
        deadline, known = self._deadline(matter, rule)
        support = [body for body in dict.fromkeys(support) if body != lead]
        return Route(
            self._name(lead), tuple(map(self._name, support)), reason, score, deadline, known
        )

    def _reason(
        self, matter: Matter, lead: str, usual: Sequence[str], evidence: Sequence[str]
    ) -> str:
        if not lead:
            return ""
        if lead == LOCAL and matter.place:
            return f"属地办理：{matter.place}"
        if usual and lead == usual[0]:
            return f"按类别归口（{self._taxonomy[matter.category].label}）"
        words = "、".join(evidence[:3])
        return f"按文字判断（{words}）" if words else "按文字判断"

    def _first_rule(self, matter: Matter) -> Rule | None:
        return next((rule for rule in self._office.rules if _holds(rule, matter)), None)

    def _deadline(self, matter: Matter, rule: Rule | None) -> tuple[date | None, bool]:
        workdays = self._office.deadlines.get(matter.kind)
        if matter.urgent:
            workdays = self._office.deadlines.get(URGENT, workdays)
        if rule and rule.workdays is not None:
            workdays = rule.workdays
        return (None, True) if workdays is None else add_workdays(matter.received, workdays)

    def _find_lead(self, code: str) -> str:
        route = self._office.route(code)
        return route[0] if route else ""

    def _body(self, name: str) -> str:
        return self._office.folded(self._codes_of_name.get(name, name))

    def _name(self, body: str) -> str:
        return self._office.departments[body].name if body else ""

    def _matrix(self, bodies: Sequence[str]) -> NDArray[np.float32]:
        position = self._position
        matrix = np.zeros((len(bodies), len(self._bodies)), dtype=np.float32)
        for row, body in enumerate(bodies):
            if body in position:
                matrix[row, position[body]] = 1.0
        return matrix


def _holds(rule: Rule, matter: Matter) -> bool:
    return (
        (not rule.category or matter.category.startswith(rule.category))
        and (not rule.kind or matter.kind in rule.kind)
        and (not rule.place or any(place in matter.place for place in rule.place))
        and (not rule.words or any(word in matter.text for word in rule.words))
        and (rule.urgent is None or rule.urgent == matter.urgent)
    )
