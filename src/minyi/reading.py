"""What the models say of texts: probabilities, the category decided, evidence, second matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi import review
from minyi.domain.office import Office
from minyi.domain.taxonomy import NOWHERE
from minyi.errors import InputError, ProfileError
from minyi.learning import hashing, sentences
from minyi.learning.evidence import strongest_words
from minyi.learning.hierarchy import TOP_DIGITS, Decision, Hierarchy, stem_positions
from minyi.learning.persistence import Model
from minyi.schema import URGENT_YES, Submission
from minyi.text.segmentation import Segmenter, filler_words

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

    from minyi.learning.scoring import Scorer

_TARGETS = ("category", "kind", "department", "urgent")
_SECOND_MATTER = 0.6
_SURE = 0.8  # from which the slower encoder is not asked
_LEAST_RIVAL = 0.05
_MOST_ALTERNATIVES = 3


@dataclass(frozen=True)
class Reading:
    """What the models say of a batch.

    Parameters
    ----------
    probabilities : dict of str to ndarray
        By target, a row a submission; of a category, by level 2.
    decisions : list of Decision
    kinds : list of (str, float or None)
        The kind and its probability; an empty text and None where no model decides it.
    urgent : list of bool
    evidence : list of tuple of str
    seconds : dict of int to str
        For the submissions about two matters, the code of the second.
    """

    probabilities: dict[str, NDArray[np.float32]]
    decisions: list[Decision]
    kinds: list[tuple[str, float | None]]
    urgent: list[bool]
    evidence: list[tuple[str, ...]]
    seconds: dict[int, str]


class Reader:
    """Ask a model, and a base for the targets the model was not trained for.

    Parameters
    ----------
    model : Model
    office : Office
    base : Model, optional

    Attributes
    ----------
    model : Model
        Decides only among the categories that the office uses.
    targets : list of str
        What the models decide, of category, kind, department and urgent.
    hierarchy : Hierarchy or None
        Of the model's categories; None for labels of an office's own.
    cut : callable or None
        Cuts texts into words; None where no model needs words.

    Raises
    ------
    ProfileError
        `model` knows none of the categories that the office uses.
    """

    def __init__(self, model: Model, office: Office, base: Model | None = None) -> None:
        self.model = model = _among_used(model, office)
        self._office = office
        self._model_of = {
            target: model if model.scorer.has(target) or base is None else base
            for target in _TARGETS
        }
        self.targets = [name for name, m in self._model_of.items() if m.scorer.has(name)]
        self.cut = self._make_cut()
        scorer = model.scorer
        self.hierarchy = Hierarchy(scorer.codes) if scorer.codes else None

    def classes(self, target: str) -> tuple[str, ...]:
        """Return the classes of a target, in the order of its probabilities; none if undecided."""
        return self._model_of[target].scorer.heads[target] if target in self.targets else ()

    def threshold(self, target: str, code: str = "") -> float:
        """Return the score from which a target, or a category's level, is decided."""
        model = self._model_of.get(target, self.model)
        return review.threshold(model, self._office, target, code)

    def probabilities(
        self, titles: Sequence[str], texts: Sequence[str], target: str
    ) -> NDArray[np.float32]:
        """Return the probability of each class (of a category: each code), a row a text.

        Parameters
        ----------
        titles, texts : sequence of str
            Cleaned.
        target : str
            One of `targets`.
        """
        scorer = self._model_of[target].scorer
        X = scorer.weigh(hashing.extract(titles, texts, self.cut))
        logits = scorer.logits(X)
        _add_sentences(scorer, logits, titles, texts)
        if target != "category" or not scorer.codes:
            return scorer.probabilities(logits, target)
        stem_of = stem_positions(scorer.codes, scorer.heads["stem"])
        stems = scorer.probabilities(logits, "stem")
        return stems[:, stem_of] * scorer.all_leaf_probabilities(X)

    def probability_classes(self, target: str) -> tuple[str, ...]:
        """Return what the columns of `probabilities` stand for.

        Raises
        ------
        InputError
            The models do not decide this target.
        """
        if target not in self.targets:
            raise InputError(f"模型不判断 {target}；可选的是 {'、'.join(self.targets)}。")
        scorer = self._model_of[target].scorer
        return scorer.codes if target == "category" and scorer.codes else scorer.heads[target]

    def read(self, titles: Sequence[str], texts: Sequence[str]) -> Reading:
        """Return what the models say of cleaned titles and texts."""
        n = len(texts)
        # Texts that may hold two matters are hashed in parts and put together again: the parts
        # are asked beside the wholes, without being cut into words a second time.
        parts = [(i, part) for i, text in enumerate(texts) for part in review.split_matters(text)]
        text_of = np.array([i for i, _ in parts])
        is_first = np.diff(text_of, prepend=-1) > 0
        part_titles = [
            titles[i] if first else "" for i, first in zip(text_of, is_first, strict=True)
        ]
        features = hashing.extract(part_titles, [part for _, part in parts], self.cut)
        if len(parts) > n:
            features = features.joined(text_of, n)
        probabilities, decisions = self._decide_all(features, titles, texts)
        of_parts = probabilities["category"][n:]
        probabilities = {target: rows[:n] for target, rows in probabilities.items()}
        stems = np.array([decision.stem for decision in decisions])
        return Reading(
            probabilities,
            decisions,
            self._kinds(probabilities.get("kind"), n),
            self._urgent(probabilities.get("urgent"), n),
            strongest_words(self.model.scorer, features, stems, fillers=filler_words()),
            self._second_matters(of_parts, text_of, decisions, probabilities["category"]),
        )

    def _decide_all(
        self, features: hashing.Features, titles: Sequence[str], texts: Sequence[str]
    ) -> tuple[dict[str, NDArray[np.float32]], list[Decision]]:
        """Return the probabilities of all rows of `features`, and what is decided of `texts`."""
        probabilities: dict[str, NDArray[np.float32]] = {}
        for model in {id(m): m for m in self._models()}.values():
            X = model.scorer.weigh(features)
            logits = model.scorer.logits(X)
            _add_sentences(model.scorer, logits[: len(texts)], titles, texts)
            for target in self.targets:
                if self._model_of[target] is model:
                    head = model.scorer.top if target == "category" else target
                    probabilities[target] = model.scorer.probabilities(logits, head)
            if model is self.model:
                decisions = self._decide(probabilities["category"][: len(texts)], X)
        return probabilities, decisions

    def _models(self) -> Iterator[Model]:
        return (self._model_of[target] for target in self.targets)

    def _decide(self, probabilities: NDArray[np.float32], X: csc_matrix) -> list[Decision]:
        if self.hierarchy is not None:
            scorer = self.model.scorer
            return self.hierarchy.decide(
                probabilities,
                lambda rows, stems: scorer.leaf_probabilities(X, rows, stems),
                self.threshold("level"),
            )
        labels = self.model.scorer.heads["category"]
        order = np.argsort(-probabilities, axis=1)[:, : _MOST_ALTERNATIVES + 1]
        decisions = []
        for row, best in zip(probabilities, order.tolist(), strict=True):
            (label, score), *others = [(labels[i], round(float(row[i]), 6)) for i in best]
            rivals = tuple(rival for rival in others if rival[1] >= _LEAST_RIVAL)
            decisions.append(Decision(label, score, rivals, best[0]))
        return decisions

    def _kinds(
        self, probabilities: NDArray[np.float32] | None, n: int
    ) -> list[tuple[str, float | None]]:
        if probabilities is None:
            return [("", None)] * n
        names, best = self.classes("kind"), probabilities.argmax(axis=1)
        return [(names[i], float(row[i])) for i, row in zip(best, probabilities, strict=True)]

    def _urgent(self, probabilities: NDArray[np.float32] | None, n: int) -> list[bool]:
        if probabilities is None:
            return [False] * n
        threshold = self.threshold("urgent")
        column = probabilities[:, self.classes("urgent").index(URGENT_YES)]
        return [score >= threshold for score in column.tolist()]

    def _second_matters(
        self,
        of_parts: NDArray[np.float32],
        text_of: NDArray[np.int64],
        decisions: Sequence[Decision],
        stems: NDArray[np.float32],
    ) -> dict[int, str]:
        """Return, for the texts that are about two matters, the code of the second.

        `of_parts` are the probabilities of the stems for each part of a text of several parts.
        """
        if self.hierarchy is None or len(of_parts) == 0:
            return {}
        # A second matter leaves a trace in the whole: something goes to another level 1.
        traced = self.hierarchy.own_tops(stems, decisions) <= 1 - _LEAST_RIVAL
        text_of = text_of[(np.bincount(text_of) > 1)[text_of]]
        best = of_parts.argmax(axis=1)
        sure = of_parts[np.arange(len(best)), best] >= _SECOND_MATTER
        seconds: dict[int, str] = {}
        for part in np.flatnonzero(sure & traced[text_of]).tolist():
            text, code = int(text_of[part]), self.hierarchy.stems[best[part]]
            if code[:TOP_DIGITS] not in (decisions[text].code[:TOP_DIGITS], NOWHERE):
                seconds.setdefault(text, code)
        return seconds

    def _make_cut(self) -> hashing.Cut | None:
        if not any(m.scorer.segments for m in self._models()):
            return None
        office = self._office
        places = [name for town in office.towns for name in (town.name, *town.villages)]
        own = [*self.model.manifest.get("user_words", ()), *office.words, *places]
        return Segmenter(own).cut


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
