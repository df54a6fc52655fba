"""Which labels of a table look wrong: each is judged by a model that has not seen it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.domain.office import load_office
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import InputError
from minyi.labelled import Labelled, level_sums, training_set
from minyi.learning.persistence import Model
from minyi.pipeline import Minyi
from minyi.schema import Submission
from minyi.tables import Output

if TYPE_CHECKING:
    from minyi.learning.training import TrainingSet

_TARGETS = ("category", "kind", "department")
FOLDS = 5  # also the fewest labels of a class that can be checked: one for each fold
SEED = 20
_WIDTHS = {"标题": 28.0, "正文": 70.0, "现标签": 24.0, "建议标签": 24.0, "来源文件": 20.0}


class Suspect(NamedTuple):
    """A row whose label looks wrong.

    Attributes
    ----------
    row : int
        Its position in the labelled data.
    label, suggestion : str
        The label it has and the one it should perhaps have, as the table writes them; for a
        bare code of the taxonomy, its path.
    label_score, suggestion_score : float
        The probabilities (0–1) given to both by a model that has not seen the row.
    """

    row: int
    label: str
    suggestion: str
    label_score: float
    suggestion_score: float


@dataclass(frozen=True)
class Crosscheck:
    """The outcome of `find_suspects`.

    Attributes
    ----------
    suspects : list of Suspect
        The clearest first.
    n_submissions, n_checked : int
        Rows with a label, and those among them whose label is frequent enough to be checked.
    """

    suspects: list[Suspect]
    n_submissions: int
    n_checked: int

    def lines(self) -> Iterator[str]:
        """Yield what was found as lines for a screen, in Chinese."""
        share = len(self.suspects) / self.n_checked
        yield f"交叉检验 {self.n_checked} 条，可疑 {len(self.suspects)} 条（{share:.1%}）"
        if self.n_checked < self.n_submissions:
            yield f"另有 {self.n_submissions - self.n_checked} 条的标签不足 {FOLDS} 条，没有检查"


def find_suspects(data: Labelled, target: str = "category") -> Crosscheck:
    """Find labels that models which have not seen them contradict with confidence.

    A row is suspect when another class gets a probability that is at least the mean which that
    class gets on rows labelled with it, and higher than that of the row's own label (confident
    learning: Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in
    Dataset Labels", section 3.1). Categories of the taxonomy are compared on the label's own
    level. Rows of one text and one label stay in one fold, or they would vouch for each other.

    Parameters
    ----------
    data : Labelled
    target : {"category", "kind", "department"}

    Raises
    ------
    InputError
        Not even two labels have five different texts each, or hardly any label occurs twice.
    """
    whole, rows = rows_labelled_for(data, target)
    labels = np.asarray(whole.labels[target], dtype=str)
    fold_of, is_first = deal(labels, whole.submissions)
    often = np.unique(labels[is_first], return_counts=True)[1] >= FOLDS
    if often.sum() < 2:
        raise InputError(
            f"检查标签至少需要两种标签各有 {FOLDS} 条不同的意见，实际只有 {often.sum()} 种"
            f"（共 {len(labels)} 条）：请多标一些，或并成较少的类。"
        )
    classes, probabilities = _out_of_fold(whole, target, labels, fold_of)
    n_checked = 0
    found: list[Suspect] = []
    for level in _levels(whole, target, labels, classes, probabilities):
        n_on_level, suspects = _contradicted(*level, is_first)
        n_checked += n_on_level
        found += suspects
    found.sort(key=lambda s: (s.label_score - s.suggestion_score, s.row))
    shown = _as_written(found, data.labels[target], rows, labels)
    if whole.is_taxonomy:
        shown = [_as_path(suspect) for suspect in shown]
    return Crosscheck(shown, len(rows), n_checked)


def write_suspects(found: Crosscheck, data: Labelled, out: Output) -> None:
    """Write the suspects as a sheet for a person to decide, the clearest first."""
    named = len({origin[:2] for origin in data.origins}) > 1
    source = ["来源文件", "来源工作表"] if named else []
    header = ["序号", *source, "工作表行号", "标题", "正文", "现标签", "建议标签"]
    header += ["建议的把握", "现标签的把握", "是否改"]
    sheet = out.sheet("可疑标签", header, widths=_WIDTHS, wrap=["标题", "正文"])
    for number, suspect in enumerate(found.suspects, start=1):
        submission = data.submissions[suspect.row]
        origin = data.origins[suspect.row] if data.origins else None
        where = [origin.file, origin.sheet] if named and origin else []
        scores = round(suspect.suggestion_score, 4), round(suspect.label_score, 4)
        texts = submission.title, submission.text, suspect.label, suspect.suggestion
        sheet.append([number, *where, origin.row if origin else None, *texts, *scores, None])


def rows_labelled_for(data: Labelled, target: str) -> tuple[TrainingSet, list[int]]:
    """Return the rows labelled for one target, ready for training, and their positions.

    Raises
    ------
    InputError
        The target is none of ours, or hardly any label occurs twice.
    """
    if target not in _TARGETS or target not in data.labels:
        raise InputError(f"能检查的标签是 {'、'.join(_TARGETS)}，实际是 {target}。")
    rows = [i for i, label in enumerate(data.labels[target]) if label]
    labels = {target: [data.labels[target][i] for i in rows]}
    return training_set(Labelled([data.submissions[i] for i in rows], labels)), rows


def deal(
    labels: NDArray[np.str_], submissions: Sequence[Submission]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Deal the rows to folds, and mark the first row of each label and text.

    Dealing them out one by one in the order of the labels stratifies every class, and codes on
    every level, however rare.
    """
    group_of: dict[tuple[str, str, str], int] = {}
    keys = zip(labels.tolist(), submissions, strict=True)
    groups = np.array([group_of.setdefault((k, s.title, s.text), len(group_of)) for k, s in keys])
    _, first = np.unique(groups, return_index=True)
    order = np.lexsort((np.random.default_rng(SEED).random(len(first)), labels[first]))
    fold_of_group = np.empty(len(first), np.int64)
    fold_of_group[order] = np.arange(len(first)) % FOLDS
    return fold_of_group[groups], np.isin(np.arange(len(labels)), first)


def _out_of_fold(
    whole: TrainingSet, target: str, labels: NDArray[np.str_], fold_of: NDArray[np.int64]
) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """Return the classes, and the probability of each by a model that has not seen the row."""
    classes = np.unique(labels)
    probabilities = np.zeros((len(labels), len(classes)), np.float32)
    for fold in range(FOLDS):
        test = np.flatnonzero(fold_of == fold)
        minyi = fit(part(whole, np.flatnonzero(fold_of != fold)), None)
        known, scores = minyi.probabilities([whole.submissions[i] for i in test.tolist()], target)
        probabilities[np.ix_(test, np.searchsorted(classes, known))] = scores
    return classes, probabilities


def fit(data: TrainingSet, base: Model | None) -> Minyi:
    """Train on labels, on top of another model if there is one, and make the model usable."""
    from minyi.learning.training import train

    return Minyi(train(data, name="", base=base), load_office())


def part(data: TrainingSet, rows: NDArray[np.int64]) -> TrainingSet:
    """Return the rows at these positions."""
    labels = {name: [given[i] for i in rows] for name, given in data.labels.items()}
    return replace(data, submissions=[data.submissions[i] for i in rows], labels=labels)


_Level = tuple[NDArray[np.str_], NDArray[np.bool_], Sequence[str], NDArray[Any]]


def _levels(
    whole: TrainingSet,
    target: str,
    labels: NDArray[np.str_],
    classes: NDArray[np.str_],
    probabilities: NDArray[np.float32],
) -> Iterator[_Level]:
    """Yield what each level of the labels is checked with.

    That is: the labels cut to it (empty where they end above), the rows labelled on it, its
    classes and their probabilities.
    """
    if not whole.is_taxonomy:
        yield labels, np.ones(len(labels), np.bool_), classes.tolist(), probabilities
        return
    digits_of = np.char.str_len(labels)
    for digits in np.unique(digits_of).tolist():
        nodes, sums = level_sums(classes.tolist(), probabilities, digits)
        cut = np.where(digits_of >= digits, labels.astype(f"<U{digits}"), "")
        yield cut, digits_of == digits, nodes, sums


def _contradicted(
    labels: NDArray[np.str_],
    asked: NDArray[np.bool_],
    nodes: Sequence[str],
    scores: NDArray[Any],
    is_first: NDArray[np.bool_],
) -> tuple[int, list[Suspect]]:
    """Return how many of the rows asked about can be checked, and those contradicted."""
    thresholds = np.full(len(nodes), np.inf)  # of rare classes, and of classes above the level
    for position, node in enumerate(nodes):
        members = labels == node
        if (members & is_first).sum() >= FOLDS:
            thresholds[position] = scores[members, position].mean()
    own = np.searchsorted(nodes, labels).clip(max=len(nodes) - 1)
    rows = np.flatnonzero(asked & np.isfinite(thresholds[own]))
    each, given = np.arange(len(rows)), own[rows]
    rivals = np.where(scores[rows] >= thresholds, scores[rows], -1.0)
    rivals[each, given] = -1.0
    best = rivals.argmax(axis=1)
    own_scores, best_scores = scores[rows, given], rivals[each, best]
    return len(rows), [
        Suspect(
            int(rows[i]),
            nodes[given[i]],
            nodes[best[i]],
            float(own_scores[i]),
            float(best_scores[i]),
        )
        for i in np.flatnonzero(best_scores > own_scores)
    ]


def _as_written(
    found: Sequence[Suspect], written: Sequence[str], rows: Sequence[int], labels: NDArray[np.str_]
) -> list[Suspect]:
    """Put the rows and the words of the table for those of training."""
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for row, label in zip(rows, labels.tolist(), strict=True):
        uses[label][written[row]] += 1
    usual = {label: counts.most_common(1)[0][0] for label, counts in uses.items()}
    return [
        suspect._replace(
            row=rows[suspect.row],
            label=written[rows[suspect.row]],
            suggestion=usual.get(suspect.suggestion, suspect.suggestion),
        )
        for suspect in found
    ]


def _as_path(suspect: Suspect) -> Suspect:
    """Put paths for bare codes of the taxonomy."""
    taxonomy = load_taxonomy()
    label, suggestion = (
        "/".join(taxonomy.path(name)) if name in taxonomy else name
        for name in (suspect.label, suspect.suggestion)
    )
    return suspect._replace(label=label, suggestion=suggestion)
