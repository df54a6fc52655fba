"""The one way through the house: clean → segment → features → classify → route."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi import review
from minyi.domain.calendar import parse_date
from minyi.domain.office import Office, load_office
from minyi.domain.taxonomy import NOWHERE, NOWHERE_NAME, load_taxonomy
from minyi.frames import check_frame, read_frame, result_frame
from minyi.learning.hierarchy import Decision
from minyi.learning.persistence import MANIFEST, Model, load_model
from minyi.reading import Reader, Reading
from minyi.resources import bundled
from minyi.routing import Matter, Route, Router
from minyi.schema import Alternative, Result, Submission, as_submissions
from minyi.text.cleaning import clean, count_chinese
from minyi.text.places import PlaceFinder

if TYPE_CHECKING:
    import pandas as pd

BATCH = 1024
PRAISE = "表扬"  # of a danger that is over


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

    Raises
    ------
    ProfileError
        `model` knows none of the categories that the office uses.

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
        self._reader = Reader(model, office, base)
        self.model = self._reader.model
        self.office = office
        self.received = received
        self._is_own = self._reader.hierarchy is None  # labels of an office's own
        self._taxonomy = load_taxonomy()
        self._places = PlaceFinder([((t.name, *t.aliases), t.villages) for t in office.towns])
        stems = self._reader.hierarchy.stems if self._reader.hierarchy else ()
        self._router = Router(office, stems, self._reader.classes("department"))

    def classify(self, submissions: Sequence[str | Submission]) -> list[Result]:
        """Return a result for each submission, in order.

        Parameters
        ----------
        submissions : sequence of str or Submission

        Raises
        ------
        InputError
            For a bare str, a DataFrame or an element that is neither text nor Submission.

        Warns
        -----
        UserWarning
            Once for each year whose public holidays a deadline needs and the calendar lacks.
        """
        checked = as_submissions(submissions)
        results: list[Result] = []
        unknown_years: set[int] = set()
        for start in range(0, len(checked), BATCH):
            results += self._classify_batch(checked[start : start + BATCH], unknown_years)
        for year in sorted(unknown_years):
            warnings.warn(
                f"{year} 年的节假日安排尚未收录：期限只扣除周末，请留意法定假日。",
                UserWarning,
                stacklevel=2,
            )
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

        Raises
        ------
        InputError
            `frame` is no DataFrame, or a column is missing or there twice.
        """
        columns = {"text": text, "title": title, "time": time, "place": place}
        check_frame(frame, columns.values(), header)
        results = self.classify(read_frame(frame, columns))
        return result_frame(results, frame.index, header)

    def probabilities(
        self, submissions: Sequence[str | Submission], target: str = "category"
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Return the classes of a target and the probability of each, a row a submission.

        Parameters
        ----------
        submissions : sequence of str or Submission
        target : {"category", "kind", "department", "urgent"}
        """
        classes = self._reader.probability_classes(target)
        checked = as_submissions(submissions)
        parts = []
        for start in range(0, len(checked), BATCH):
            batch = checked[start : start + BATCH]
            titles, texts = clean([s.title for s in batch]), clean([s.text for s in batch])
            parts.append(self._reader.probabilities(titles, texts, target))
        return classes, np.vstack(parts)

    def _classify_batch(self, batch: Sequence[Submission], unknown_years: set[int]) -> list[Result]:
        cleaned = clean([field for s in batch for field in (s.title, s.text)])
        titles, texts = cleaned[::2], cleaned[1::2]
        reading = self._reader.read(titles, texts)
        n_chinese = count_chinese(cleaned).reshape(-1, 2).sum(axis=1)
        results = []
        for i, (submission, bodies) in enumerate(zip(batch, self._bodies(reading), strict=True)):
            whole = f"{titles[i]}。{texts[i]}" if titles[i] else texts[i]
            if problem := review.unreadable(whole, int(n_chinese[i])):
                status, error = problem
                results.append(
                    Result(
                        needs_review=True, review_reason=error, row_status=status, row_error=error
                    )
                )
                continue
            doubt = review.doubtful_text(whole, int(n_chinese[i]))
            results.append(
                self._result(submission, whole, reading, bodies, i, doubt, unknown_years)
            )
        return results

    def _bodies(self, reading: Reading) -> NDArray[np.float64]:
        """Return the score of each body of the office, a row a submission."""
        by_category = None if self._is_own else reading.probabilities["category"]
        by_text = reading.probabilities.get("department")
        if by_category is None and by_text is None:  # own labels, and no base to ask
            return np.zeros((len(reading.decisions), 1))
        leaves = [decision.leaves for decision in reading.decisions]
        return self._router.scores(by_category, by_text, leaves)

    def _result(
        self,
        submission: Submission,
        whole: str,
        reading: Reading,
        bodies: NDArray[np.float64],
        i: int,
        doubt: str,
        unknown_years: set[int],
    ) -> Result:
        decision = reading.decisions[i]
        if not self._is_own and decision.code == NOWHERE:
            return Result(
                category=NOWHERE_NAME,
                score=decision.score,
                alternatives=self._alternatives(decision),
                evidence=reading.evidence[i],
                needs_review=True,
                review_reason=review.joined([doubt, review.NO_MATTER]),
            )
        kind, kind_score = reading.kinds[i]
        urgent = kind != PRAISE and reading.urgent[i]
        place = self._places.find(whole, submission.place)
        received = parse_date(submission.time) or self.received or date.today()
        code = "" if self._is_own else decision.code
        matter = Matter(code, kind, urgent, place, whole, received)
        route = self._router.route(matter, bodies, reading.evidence[i])
        if route.deadline and not route.calendar_known:
            unknown_years.add(route.deadline.year)
        reasons = [doubt, *self._doubts(decision, kind_score, route, reading.seconds.get(i))]
        path = self._taxonomy.path(code) if code else ()
        level1, level2, level3 = (*path, "", "", "")[:3]
        return Result(
            kind=kind,
            kind_score=kind_score,
            category_code=code,
            category="/".join(path) if code else decision.code,
            level1=level1,
            level2=level2,
            level3=level3,
            score=decision.score,
            alternatives=self._alternatives(decision),
            department=route.department,
            co_departments=route.co_departments,
            department_reason=route.reason,
            department_score=route.score if route.department else None,
            urgent=urgent,
            deadline=route.deadline,
            place=place,
            evidence=reading.evidence[i],
            needs_review=any(reasons),
            review_reason=review.joined(reasons),
        )

    def _doubts(
        self, decision: Decision, kind_score: float | None, route: Route, second: str | None
    ) -> list[str]:
        doubts, threshold = [], self._reader.threshold
        if decision.score < threshold("category", "" if self._is_own else decision.code):
            doubts.append("类别把握不足")
        if second is not None:
            doubts.append(f"可能有两件事（另见 {second} {self._taxonomy[second].label}）")
        if kind_score is not None and kind_score < threshold("kind"):
            doubts.append("类型把握不足")
        if "department" in self._reader.targets and route.score < threshold("department"):
            doubts.append("部门把握不足")
        return doubts

    def _alternatives(self, decision: Decision) -> tuple[Alternative, ...]:
        if self._is_own:
            return tuple(Alternative("", name, score) for name, score in decision.rivals)
        return tuple(
            Alternative(code, "/".join(self._taxonomy.path(code)), score)
            for code, score in decision.rivals
            if code != NOWHERE
        )


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
    starter = _load_once(*_version(bundled("models/starter")))
    chosen = _load_once(*_version(Path(model))) if own else starter
    profile = load_office(Path(office) if office else None)
    return Minyi(chosen, profile, base=starter if own else None, received=received)


def _version(folder: Path) -> tuple[str, int]:
    """Return what tells a model in memory from one that was trained again since."""
    manifest = folder / MANIFEST
    return str(folder), manifest.stat().st_mtime_ns if manifest.is_file() else 0


@lru_cache(maxsize=4)
def _load_once(folder: str, _written: int) -> Model:
    return load_model(Path(folder))
