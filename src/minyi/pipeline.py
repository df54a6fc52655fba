"""The one way through the house: clean → segment → features → classify → route."""

from __future__ import annotations

import bisect
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi import review
from minyi.domain.calendar import parse_date
from minyi.domain.office import Office, load_office
from minyi.domain.taxonomy import Taxonomy, load_taxonomy
from minyi.errors import InputError
from minyi.learning import hashing
from minyi.learning.evidence import strongest_words
from minyi.learning.hierarchy import STEM_DIGITS, Decision, Hierarchy
from minyi.learning.persistence import Model, load_model
from minyi.resources import bundled
from minyi.routing import Matter, Route, Router
from minyi.schema import COLUMNS, Alternative, Result, Submission, as_submissions
from minyi.text.cleaning import clean, count_chinese
from minyi.text.places import PlaceFinder
from minyi.text.segmentation import Segmenter

if TYPE_CHECKING:
    import pandas as pd

BATCH = 256
_TARGETS = ("category", "kind", "department", "urgent")
_SECOND_MATTER = 0.6
_MOST_ALTERNATIVES = 3
URGENT_YES = "1"


@dataclass(frozen=True)
class _Reading:
    """What the models say of a batch; arrays have a row a submission."""

    probabilities: dict[str, NDArray[np.float32]]
    decisions: list[Decision]
    evidence: list[tuple[str, ...]]
    departments: NDArray[np.float64]


class Minyi:
    """Classify and route submissions.

    Parameters
    ----------
    model : Model
    office : Office
    base : Model, optional
        Decides the targets (kind, department, urgent) that `model` was not trained for.
    received : date, optional
        The day from which deadlines count where a submission has no readable time; today.

    Examples
    --------
    >>> model = load()
    >>> result = model.classify(["村里的路灯坏了半年，晚上老人出门摔跤，没人来修"])[0]
    >>> result.needs_review in (True, False)
    True
    """

    def __init__(
        self,
        model: Model,
        office: Office,
        *,
        base: Model | None = None,
        received: date | None = None,
    ) -> None:
        self.model = model
        self.office = office
        self.received = received
        self._model_of = {
            target: model if model.scorer.has(target) or base is None else base
            for target in _TARGETS
        }
        self._targets = [name for name, m in self._model_of.items() if m.scorer.has(name)]
        self._taxonomy = load_taxonomy()
        self._places = PlaceFinder([((t.name, *t.aliases), t.villages) for t in office.towns])
        self._cut = self._make_cut()
        scorer = model.scorer
        codes = scorer.classes("category") if model.uses_taxonomy else ()
        self._hierarchy = Hierarchy(codes) if codes else None
        names = self._classes("department") if "department" in self._targets else ()
        self._router = Router(office, codes, names)

    def classify(self, submissions: Sequence[str | Submission]) -> list[Result]:
        """Return a result for each submission, in order.

        Parameters
        ----------
        submissions : sequence of str or Submission

        Raises
        ------
        InputError
            For a bare str, a DataFrame or an element that is neither text nor Submission.
        """
        checked = as_submissions(submissions)
        results: list[Result] = []
        for start in range(0, len(checked), BATCH):
            results += self._classify_batch(checked[start : start + BATCH])
        return results

    def classify_frame(
        self,
        frame: pd.DataFrame,
        *,
        text: str,
        title: str | None = None,
        time: str | None = None,
        place: str | None = None,
        header: str = "en",
    ) -> pd.DataFrame:
        """Return the result columns for each row, on the index of `frame`.

        Parameters
        ----------
        frame : DataFrame
            Is not changed.
        text, title, time, place : str
            Names of its columns.
        header : {"en", "zh"}
            The language of the result columns' names.
        """
        import pandas as pd

        columns = {"text": text, "title": title, "time": time, "place": place}
        missing = [name for name in columns.values() if name and name not in frame.columns]
        if missing:
            found = "、".join(map(str, frame.columns[:20]))
            raise InputError(f"表中没有列 {'、'.join(missing)}。现有的列：{found}。")
        fields = {
            role: frame[name].astype("string").fillna("").tolist() if name else [""] * len(frame)
            for role, name in columns.items()
        }
        submissions = [
            Submission(*row)
            for row in zip(*(fields[role] for role in ("text", "title", "time", "place")), strict=True)
        ]
        rows = [result.as_row() for result in self.classify(submissions)]
        names = list(COLUMNS) if header == "en" else list(COLUMNS.values())
        return pd.DataFrame(rows, index=frame.index, columns=names)

    def probabilities(
        self, submissions: Sequence[str | Submission], target: str = "category"
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Return the classes of a target and the probability of each, a row a submission.

        Parameters
        ----------
        submissions : sequence of str or Submission
        target : {"category", "kind", "department", "urgent"}
        """
        if target not in self._targets:
            raise InputError(f"模型不判断 {target}；可选的是 {'、'.join(self._targets)}。")
        checked = as_submissions(submissions)
        scorer = self._model_of[target].scorer
        parts = []
        for start in range(0, len(checked), BATCH):
            batch = checked[start : start + BATCH]
            titles, texts = clean([s.title for s in batch]), clean([s.text for s in batch])
            projected = scorer.project(hashing.extract(titles, texts, self._cut))
            parts.append(scorer.probabilities(projected, target))
        return scorer.classes(target), np.vstack(parts)

    def _classify_batch(self, batch: Sequence[Submission]) -> list[Result]:
        cleaned = clean([field for s in batch for field in (s.title, s.text)])
        titles, texts = cleaned[::2], cleaned[1::2]
        reading = self._read(titles, texts)
        seconds = self._second_matters(texts, reading)
        n_chinese = count_chinese(cleaned).reshape(-1, 2).sum(axis=1)
        results = []
        for i, submission in enumerate(batch):
            whole = f"{titles[i]}。{texts[i]}" if titles[i] else texts[i]
            problem = review.unreadable(whole, int(n_chinese[i]))
            if problem:
                status, error = problem
                results.append(
                    Result(needs_review=True, review_reason=error, row_status=status, row_error=error)
                )
                continue
            doubt = review.doubtful_text(whole, int(n_chinese[i]))
            results.append(self._result(submission, whole, reading, i, seconds.get(i), doubt))
        return results

    def _read(self, titles: Sequence[str], texts: Sequence[str]) -> _Reading:
        features = hashing.extract(titles, texts, self._cut)
        projected = {
            id(m): m.scorer.project(features) for m in {id(m): m for m in self._models()}.values()
        }
        probabilities = {
            target: m.scorer.probabilities(projected[id(m)], target)
            for target, m in self._model_of.items()
            if target in self._targets
        }
        decisions = self._decide(probabilities["category"])
        by_category = probabilities["category"]
        if self._hierarchy is None:
            by_category = by_category[:, :0]
        departments = self._router.scores(by_category, probabilities.get("department"))
        return _Reading(probabilities, decisions, self._evidence(features, decisions), departments)

    def _models(self) -> Iterator[Model]:
        return (self._model_of[target] for target in self._targets)

    def _decide(self, probabilities: NDArray[np.float32]) -> list[Decision]:
        if self._hierarchy is not None:
            threshold = self.office.thresholds.get("level") or 0.5
            return self._hierarchy.decide(probabilities, threshold)
        labels = self._classes("category")
        order = np.argsort(-probabilities, axis=1)[:, : _MOST_ALTERNATIVES + 1]
        decisions = []
        for row, best in zip(probabilities, order, strict=True):
            ranked = [(labels[i], float(row[i])) for i in best]
            decisions.append(Decision(*ranked[0], tuple(r for r in ranked[1:] if r[1] >= 0.05)))
        return decisions

    def _evidence(
        self, features: hashing.Features, decisions: Sequence[Decision]
    ) -> list[tuple[str, ...]]:
        classes = [self._speaking_class(d.code) for d in decisions]
        return strongest_words(self.model.scorer, features, np.array(classes))

    def _speaking_class(self, code: str) -> int:
        """Return the position of the class whose words explain `code`."""
        classes = self.model.scorer.top_classes
        if self._hierarchy is not None:
            code = code[:STEM_DIGITS]
        return bisect.bisect_left(classes, code)

    def _second_matters(self, texts: Sequence[str], reading: _Reading) -> dict[int, str]:
        """Return, for the texts that are about two matters, the code of the second."""
        if self._hierarchy is None:
            return {}
        parts = [(i, part) for i, text in enumerate(texts) for part in _parts(text)]
        if not parts:
            return {}
        features = hashing.extract([""] * len(parts), [part for _, part in parts], self._cut)
        scorer = self.model.scorer
        probabilities = scorer.probabilities(scorer.project(features), "category")
        decisions = self._hierarchy.decide(probabilities, _SECOND_MATTER)
        seconds: dict[int, str] = {}
        for (i, _), decision in zip(parts, decisions, strict=True):
            first = reading.decisions[i].code
            sure = decision.score >= _SECOND_MATTER and len(decision.code) >= STEM_DIGITS
            if sure and decision.code[:2] != first[:2]:
                seconds.setdefault(i, decision.code)
        return seconds

    def _result(
        self,
        submission: Submission,
        whole: str,
        reading: _Reading,
        i: int,
        second: str | None,
        doubt: str,
    ) -> Result:
        decision = reading.decisions[i]
        kind, kind_score = self._kind(reading, i)
        urgent = self._is_urgent(reading, i)
        place = self._places.find(whole, submission.place)
        received = parse_date(submission.time) or self.received or date.today()
        code = decision.code if self._hierarchy is not None else ""
        matter = Matter(code, kind, urgent, place, whole, received)
        route = self._router.route(matter, reading.departments[i], reading.evidence[i])
        if not route.calendar_known:
            _warn_calendar(route.deadline.year if route.deadline else 0)
        reasons = [doubt, *self._doubts(decision, kind_score, route, second)]
        path = self._taxonomy.path(code) if code else ()
        return Result(
            kind=kind,
            kind_score=kind_score,
            category_code=code,
            category="/".join(path) if code else decision.code,
            level1=path[0] if path else "",
            level2=path[1] if len(path) > 1 else "",
            level3=path[2] if len(path) > 2 else "",
            score=decision.score,
            alternatives=tuple(self._alternative(name, score) for name, score in decision.rivals),
            department=route.department,
            co_departments=route.co_departments,
            department_reason=route.reason,
            urgent=urgent,
            deadline=route.deadline,
            place=place,
            evidence=reading.evidence[i],
            needs_review=any(reasons),
            review_reason=review.joined(reasons),
        )

    def _kind(self, reading: _Reading, i: int) -> tuple[str, float | None]:
        if "kind" not in reading.probabilities:
            return "", None
        row = reading.probabilities["kind"][i]
        best = int(row.argmax())
        return self._classes("kind")[best], float(row[best])

    def _is_urgent(self, reading: _Reading, i: int) -> bool:
        if "urgent" not in reading.probabilities:
            return False
        column = self._classes("urgent").index(URGENT_YES)
        return float(reading.probabilities["urgent"][i, column]) >= self._threshold("urgent")

    def _doubts(
        self, decision: Decision, kind_score: float | None, route: Route, second: str | None
    ) -> list[str]:
        doubts = []
        if decision.score < self._threshold("category"):
            doubts.append("类别把握不足")
        if second is not None:
            doubts.append(f"可能有两件事（另见 {second} {self._taxonomy[second].label}）")
        if kind_score is not None and kind_score < self._threshold("kind"):
            doubts.append("类型把握不足")
        if "department" in self._targets and route.score < self._threshold("department"):
            doubts.append("部门把握不足")
        return doubts

    def _threshold(self, target: str) -> float:
        own = self.office.thresholds.get(target)
        return self._model_of[target].threshold(target) if own is None else own

    def _alternative(self, name: str, score: float) -> Alternative:
        if self._hierarchy is None:
            return Alternative("", name, score)
        return Alternative(name, "/".join(self._taxonomy.path(name)), score)

    def _classes(self, target: str) -> tuple[str, ...]:
        return self._model_of[target].scorer.classes(target)

    def _make_cut(self) -> hashing.Cut | None:
        if not any(m.scorer.segments for m in self._models()):
            return None
        places = [name for town in self.office.towns for name in (town.name, *town.villages)]
        own = [*self.model.manifest.get("user_words", ()), *self.office.words, *places]
        return Segmenter(own).cut


def load(
    model: str | Path = "starter",
    *,
    office: str | Path | None = None,
    received: date | None = None,
) -> Minyi:
    """Load a model and an office profile.

    Parameters
    ----------
    model : str or Path
        A model folder, or ``starter``.
    office : str or Path, optional
        The office's ``office.toml``; the shipped default profile otherwise.
    received : date, optional
        See `Minyi`.
    """
    own = str(model) != "starter"
    starter = _load_once(str(bundled("models/starter")))
    chosen = _load_once(str(model)) if own else starter
    profile = load_office(Path(office) if office else None)
    return Minyi(chosen, profile, base=starter if own else None, received=received)


@lru_cache(maxsize=4)
def _load_once(folder: str) -> Model:
    return load_model(Path(folder))


@lru_cache(maxsize=8)
def _warn_calendar(year: int) -> None:
    warnings.warn(
        f"{year} 年的节假日安排尚未收录：期限只扣除周末，请留意法定假日。",
        UserWarning,
        stacklevel=2,
    )


def _parts(text: str) -> list[str]:
    parts = review.split_matters(text)
    return parts if len(parts) > 1 else []

