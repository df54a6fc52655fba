"""The one way through the house: clean → segment → features → classify → route."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minyi import review
from minyi.domain.calendar import parse_date
from minyi.domain.office import Office, load_office
from minyi.domain.taxonomy import NOWHERE, NOWHERE_NAME, load_taxonomy
from minyi.errors import InputError, ProfileError
from minyi.learning import hashing, sentences
from minyi.learning.evidence import strongest_words
from minyi.learning.hierarchy import TOP_DIGITS, Decision, Hierarchy, stem_positions
from minyi.learning.persistence import MANIFEST, Model, load_model
from minyi.resources import bundled
from minyi.routing import Matter, Route, Router
from minyi.schema import COLUMNS, URGENT_YES, Alternative, Result, Submission, as_submissions
from minyi.text.cleaning import clean, count_chinese
from minyi.text.places import PlaceFinder
from minyi.text.segmentation import Segmenter, filler_words

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csc_matrix

    from minyi.learning.scoring import Scorer

BATCH = 1024
_TARGETS = ("category", "kind", "department", "urgent")
_SECOND_MATTER = 0.6
_SURE = 0.8  # from which the slower encoder is not asked
_LEAST_RIVAL = 0.05
_MOST_ALTERNATIVES = 3
PRAISE = "表扬"  # of a danger that is over


@dataclass(frozen=True)
class _Reading:
    """What the models say of a batch; arrays have a row a submission."""

    probabilities: dict[str, NDArray[np.float32]]
    decisions: list[Decision]
    evidence: list[tuple[str, ...]]
    departments: NDArray[np.float64]
    seconds: dict[int, str]


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
        self.model = model = _among_used(model, office)
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
        self._hierarchy = Hierarchy(scorer.codes) if scorer.codes else None
        stems = self._hierarchy.stems if self._hierarchy else ()
        names = self._classes("department") if "department" in self._targets else ()
        self._router = Router(office, stems, names)

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
        import pandas as pd

        columns = {"text": text, "title": title, "time": time, "place": place}
        _check_frame(frame, [name for name in columns.values() if name], header)
        fields = {
            role: frame[name].astype("string").fillna("").tolist() if name else [""] * len(frame)
            for role, name in columns.items()
        }
        submissions = [
            Submission(*row)
            for row in zip(
                *(fields[role] for role in ("text", "title", "time", "place")), strict=True
            )
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
            X = scorer.weigh(hashing.extract(titles, texts, self._cut))
            logits = scorer.logits(X)
            _add_sentences(scorer, logits, titles, texts)
            if target == "category" and scorer.codes:
                stem_of = stem_positions(scorer.codes, scorer.heads["stem"])
                stems = scorer.probabilities(logits, "stem")
                parts.append(stems[:, stem_of] * scorer.all_leaf_probabilities(X))
            else:
                parts.append(scorer.probabilities(logits, target))
        classes = scorer.codes if target == "category" and scorer.codes else scorer.heads[target]
        return classes, np.vstack(parts)

    def _classify_batch(self, batch: Sequence[Submission], unknown_years: set[int]) -> list[Result]:
        cleaned = clean([field for s in batch for field in (s.title, s.text)])
        titles, texts = cleaned[::2], cleaned[1::2]
        reading = self._read(titles, texts)
        n_chinese = count_chinese(cleaned).reshape(-1, 2).sum(axis=1)
        results = []
        for i, submission in enumerate(batch):
            whole = f"{titles[i]}。{texts[i]}" if titles[i] else texts[i]
            problem = review.unreadable(whole, int(n_chinese[i]))
            if problem:
                status, error = problem
                results.append(
                    Result(
                        needs_review=True, review_reason=error, row_status=status, row_error=error
                    )
                )
                continue
            doubt = review.doubtful_text(whole, int(n_chinese[i]))
            results.append(self._result(submission, whole, reading, i, doubt, unknown_years))
        return results

    def _read(self, titles: Sequence[str], texts: Sequence[str]) -> _Reading:
        # Texts that may hold two matters are hashed in parts and put together again, so that
        # the parts can be asked without cutting them into words a second time.
        parts = [(i, part) for i, text in enumerate(texts) for part in review.split_matters(text)]
        text_of = np.array([i for i, _ in parts])
        is_first = np.diff(text_of, prepend=-1) > 0
        part_titles = [
            titles[i] if first else "" for i, first in zip(text_of, is_first, strict=True)
        ]
        in_parts = hashing.extract(part_titles, [part for _, part in parts], self._cut)
        features = in_parts
        if len(parts) > len(texts):
            features = in_parts.regrouped(text_of, len(texts))
        probabilities: dict[str, NDArray[np.float32]] = {}
        for model in {id(m): m for m in self._models()}.values():
            X = model.scorer.weigh(features)
            logits = model.scorer.logits(X)
            _add_sentences(model.scorer, logits, titles, texts)
            for target in self._targets:
                if self._model_of[target] is model:
                    head = model.scorer.top if target == "category" else target
                    probabilities[target] = model.scorer.probabilities(logits, head)
            if model is self.model:
                decisions = self._decide(probabilities["category"], X)
        by_category = probabilities["category"] if self._hierarchy else None
        stems = np.array([decision.stem for decision in decisions])
        return _Reading(
            probabilities,
            decisions,
            strongest_words(self.model.scorer, features, stems, fillers=filler_words()),
            self._department_scores(by_category, probabilities.get("department"), decisions),
            self._second_matters(in_parts, text_of, decisions, by_category),
        )

    def _department_scores(
        self,
        by_category: NDArray[np.float32] | None,
        by_text: NDArray[np.float32] | None,
        decisions: Sequence[Decision],
    ) -> NDArray[np.float64]:
        if by_category is None and by_text is None:  # own labels, and no base to ask
            return np.zeros((len(decisions), 1))
        leaves = [decision.leaves for decision in decisions]
        return self._router.scores(by_category, by_text, leaves)

    def _models(self) -> Iterator[Model]:
        return (self._model_of[target] for target in self._targets)

    def _decide(self, probabilities: NDArray[np.float32], X: csc_matrix) -> list[Decision]:
        if self._hierarchy is not None:
            scorer = self.model.scorer
            return self._hierarchy.decide(
                probabilities,
                lambda rows, stems: scorer.leaf_probabilities(X, rows, stems),
                self._threshold("level"),
            )
        labels = self.model.scorer.heads["category"]
        order = np.argsort(-probabilities, axis=1)[:, : _MOST_ALTERNATIVES + 1]
        decisions = []
        for row, best in zip(probabilities, order.tolist(), strict=True):
            (label, score), *others = [(labels[i], round(float(row[i]), 6)) for i in best]
            rivals = tuple(rival for rival in others if rival[1] >= _LEAST_RIVAL)
            decisions.append(Decision(label, score, rivals, best[0]))
        return decisions

    def _second_matters(
        self,
        in_parts: hashing.Features,
        text_of: NDArray[np.int64],
        decisions: Sequence[Decision],
        by_category: NDArray[np.float32] | None,
    ) -> dict[int, str]:
        """Return, for the texts that are about two matters, the code of the second."""
        if self._hierarchy is None or by_category is None:
            return {}
        # A second matter leaves a trace in the whole: something goes to another level 1.
        n_parts = np.bincount(text_of, minlength=len(decisions))
        traced = self._hierarchy.own_tops(by_category, decisions) <= 1 - _LEAST_RIVAL
        asked = np.flatnonzero((n_parts > 1)[text_of] & traced[text_of])
        if len(asked) == 0:
            return {}
        groups = np.full(len(text_of), -1)
        groups[asked] = np.arange(len(asked))
        scorer = self.model.scorer
        logits = scorer.logits(scorer.weigh(in_parts.regrouped(groups, len(asked))))
        stems = scorer.probabilities(logits, scorer.top)
        seconds: dict[int, str] = {}
        for text, row in zip(text_of[asked].tolist(), stems, strict=True):
            best = int(row.argmax())
            code = self._hierarchy.stems[best]
            no_second = decisions[text].code[:TOP_DIGITS], NOWHERE
            if row[best] >= _SECOND_MATTER and code[:TOP_DIGITS] not in no_second:
                seconds.setdefault(text, code)
        return seconds

    def _result(
        self,
        submission: Submission,
        whole: str,
        reading: _Reading,
        i: int,
        doubt: str,
        unknown_years: set[int],
    ) -> Result:
        decision = reading.decisions[i]
        if self._hierarchy is not None and decision.code == NOWHERE:
            return Result(
                category=NOWHERE_NAME,
                score=decision.score,
                alternatives=self._alternatives(decision),
                evidence=reading.evidence[i],
                needs_review=True,
                review_reason=review.joined([doubt, review.NO_MATTER]),
            )
        kind, kind_score = self._kind(reading, i)
        urgent = kind != PRAISE and self._is_urgent(reading, i)
        place = self._places.find(whole, submission.place)
        received = parse_date(submission.time) or self.received or date.today()
        code = decision.code if self._hierarchy is not None else ""
        matter = Matter(code, kind, urgent, place, whole, received)
        route = self._router.route(matter, reading.departments[i], reading.evidence[i])
        if route.deadline and not route.calendar_known:
            unknown_years.add(route.deadline.year)
        reasons = [doubt, *self._doubts(decision, kind_score, route, reading.seconds.get(i))]
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
        code = decision.code if self._hierarchy is not None else ""
        if decision.score < self._threshold("category", code):
            doubts.append("类别把握不足")
        if second is not None:
            doubts.append(f"可能有两件事（另见 {second} {self._taxonomy[second].label}）")
        if kind_score is not None and kind_score < self._threshold("kind"):
            doubts.append("类型把握不足")
        if "department" in self._targets and route.score < self._threshold("department"):
            doubts.append("部门把握不足")
        return doubts

    def _threshold(self, target: str, code: str = "") -> float:
        model = self._model_of.get(target, self.model)
        return review.threshold(model, self.office, target, code)

    def _alternatives(self, decision: Decision) -> tuple[Alternative, ...]:
        if self._hierarchy is None:
            return tuple(Alternative("", name, score) for name, score in decision.rivals)
        return tuple(
            Alternative(code, "/".join(self._taxonomy.path(code)), score)
            for code, score in decision.rivals
            if code != NOWHERE
        )

    def _classes(self, target: str) -> tuple[str, ...]:
        return self._model_of[target].scorer.heads[target]

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


def _among_used(model: Model, office: Office) -> Model:
    """Return the model that decides only among the categories that the office uses."""
    codes = model.scorer.codes
    used = [code for code in codes if office.uses(code)]
    if len(used) == len(codes):  # also without any: labels of an office's own
        return model
    if not used:
        known = "、".join(sorted({code[:TOP_DIGITS] for code in codes}))
        raise ProfileError(
            f"单位配置的 categories.use：应至少有一个模型“{model.name}”认识的类别，"
            f"实际是 {'、'.join(office.categories[:5])}，模型都不认识。"
            f"请从它认识的一级类别（{known}）及其下级里选，或换一个模型。"
        )
    return replace(model, scorer=model.scorer.among(used))


def _add_sentences(
    scorer: Scorer, logits: NDArray[np.float32], titles: Sequence[str], texts: Sequence[str]
) -> None:
    """Ask the optional encoder about short texts of which the words are not sure."""
    if not scorer.sentences or not sentences.is_installed():
        return
    lengths = np.array([len(title) + len(text) for title, text in zip(titles, texts, strict=True)])
    unsure = scorer.probabilities(logits, scorer.top).max(axis=1) < _SURE
    rows = np.flatnonzero(unsure & (lengths > 0) & (lengths <= sentences.SHORT))
    if len(rows):
        short = [
            sentences.as_sentence(Submission(texts[row], titles[row])) for row in rows.tolist()
        ]
        scorer.add_sentences(logits, rows, sentences.encode(short))


def _check_frame(frame: Any, names: Sequence[str], header: str) -> None:
    if not hasattr(frame, "columns"):
        raise InputError(f"应为 DataFrame，实际是 {type(frame).__name__}：列表请用 classify。")
    if header not in ("en", "zh"):
        raise InputError(f"header 应为 en 或 zh，实际是 {header}。")
    columns = list(frame.columns)
    if missing := [name for name in names if name not in columns]:
        found = "、".join(map(str, columns[:20]))
        raise InputError(f"表中没有列 {'、'.join(missing)}。现有的列：{found}。")
    if twice := [name for name in names if columns.count(name) > 1]:
        raise InputError(f"表中有几列都叫 {'、'.join(twice)}：请先改成不同的列名。")
