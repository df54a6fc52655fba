"""Labelled tables: reading them, training on them, evaluating on them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minyi.domain.taxonomy import NOWHERE, NOWHERE_NAME, load_taxonomy
from minyi.errors import InputError, OutputError
from minyi.learning.evaluation import Report, evaluate
from minyi.learning.persistence import Model, save_model
from minyi.pipeline import Minyi, load
from minyi.schema import Submission
from minyi.tables import open_tables
from minyi.text.cleaning import clean

if TYPE_CHECKING:
    from minyi.learning.training import TrainingSet

MOST_ROWS = 200_000
_FEWEST = 10
_SEED = 20
_LONGEST_LABEL = 20  # characters, of a label shown in a message


class Origin(NamedTuple):
    """Where a submission stands: file name, sheet (``""`` without sheets) and row from 1."""

    file: str
    sheet: str
    row: int


@dataclass(frozen=True)
class Labelled:
    """Submissions with labels by target, as written in the table.

    Attributes
    ----------
    submissions : list of Submission
    labels : dict of str to list of str
        An empty label means: not labelled for this target.
    origins : list of Origin
        Where each submission stands; empty when they were not read from a table.
    """

    submissions: list[Submission]
    labels: dict[str, list[str]]
    origins: list[Origin] = field(default_factory=list)


def read_labelled(
    paths: Sequence[Path],
    labels: Mapping[str, str | None],
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    where: str | None = None,
) -> Labelled:
    """Read the rows that have a text and the first label.

    Parameters
    ----------
    paths : sequence of Path
    labels : mapping of str to str or None
        Target to the name of its column; a target without a column is left out.
    columns : mapping of str to str, optional
        Role to the name of its column.
    sheet : str, optional
    where : str, optional
        ``column=value``: only rows with this value.

    Raises
    ------
    InputError
        A column is missing, or fewer than ten rows are labelled.
    """
    named = {target: name for target, name in labels.items() if name}
    filter_name, equals, filter_value = (where or "").partition("=")
    if where and not (equals and filter_name.strip()):
        raise InputError(f"筛选条件应写成 列=值（如 年份=2025），实际是 {where}。")
    extra = [*named.values(), *([filter_name] if where else [])]
    submissions: list[Submission] = []
    found: dict[str, list[str]] = {target: [] for target in named}
    origins: list[Origin] = []
    for table in open_tables(paths, columns, sheet=sheet, extra=extra):
        positions = {target: table.column(name) for target, name in named.items()}
        title, text = table.roles.get("title"), table.roles["text"]
        main = next(iter(positions.values()))
        filtered = table.column(filter_name) if where else 0
        for rows in table.chunks():
            for number, cells in zip(rows.numbers, rows.cells, strict=True):
                if where and cells[filtered].strip() != filter_value.strip():
                    continue
                if not cells[main].strip() or not cells[text].strip():
                    continue
                submissions.append(Submission(cells[text], "" if title is None else cells[title]))
                origins.append(Origin(table.path.name, table.sheet, number))
                for target, position in positions.items():
                    found[target].append(cells[position].strip())
    if len(submissions) < _FEWEST:
        column = next(iter(named.values()))
        raise InputError(
            f"至少需要 {_FEWEST} 条既有正文又有标签（{column}）的行，"
            f"实际只有 {len(submissions)} 条。"
        )
    return Labelled(submissions, found, origins)


def train_on(
    data: Labelled, folder: Path, *, features: str = "words+chars", base: str | None = None
) -> Model:
    """Train a model on labelled submissions and save it.

    Labels that all name categories of the taxonomy (by code, path or unique name) are taken as
    such; otherwise they are a scheme of their own.

    Parameters
    ----------
    data : Labelled
    folder : Path
        Where the model goes.
    features : {"words+chars", "chars"}
        Of a model without a base.
    base : str, optional
        ``starter`` or a model folder to continue.

    Raises
    ------
    InputError
        Hardly any label occurs twice.
    """
    from minyi.learning.training import train

    seen = sample(data, MOST_ROWS)
    cleaned = training_set(seen)
    chosen = f"--base {Path(base).name}" if base else f"--features {features}"
    about = {
        "command": f"minyi train {chosen}",
        "n_labelled": len(data.submissions),
        "labels_seen": {target: len(set(names) - {""}) for target, names in cleaned.labels.items()},
    }
    begin = load(base).model if base else None
    model = train(cleaned, name=folder.name, features=features, base=begin, about=about)
    save_model(model, folder)
    return model


def sample(data: Labelled, most: int) -> Labelled:
    """Return at most so many rows, drawn at random but the same every time.

    With more, memory grows and the accuracy no longer does.
    """
    if len(data.submissions) <= most:
        return data
    rows = np.sort(np.random.default_rng(_SEED).choice(len(data.submissions), most, replace=False))
    return replace(
        data,
        submissions=[data.submissions[row] for row in rows],
        labels={target: [names[row] for row in rows] for target, names in data.labels.items()},
        origins=[data.origins[row] for row in rows] if data.origins else data.origins,
    )


def training_set(data: Labelled) -> TrainingSet:
    """Clean the submissions; write categories as codes where all are of the taxonomy.

    Raises
    ------
    InputError
        Hardly any label occurs twice.
    """
    from minyi.learning.training import TrainingSet

    labels = dict(data.labels)
    codes = as_codes(labels["category"]) if "category" in labels else None
    if codes is not None:
        labels["category"] = codes
    for target, names in labels.items():
        if target != "category" or codes is None:
            _check_labels(target, names)
    titles = clean([submission.title for submission in data.submissions])
    texts = clean([submission.text for submission in data.submissions])
    cleaned = [Submission(text, title) for text, title in zip(texts, titles, strict=True)]
    return TrainingSet(cleaned, labels, codes is not None)


def evaluate_on(data: Labelled, model: str, target: str = "category") -> Report:
    """Evaluate a model (``starter`` or a folder) on labelled submissions.

    A taxonomy label is compared on its own level: for ``01``, the best category of level 1.

    Raises
    ------
    InputError
        The model does not know the target or the labels' scheme.
    """
    return report_on(data, load(model), target)


def report_on(data: Labelled, minyi: Minyi, target: str = "category") -> Report:
    """Evaluate a model at hand as `evaluate_on` does."""
    classes, probabilities = minyi.probabilities(data.submissions, target)
    truth = data.labels[target]
    if target != "category" or not minyi.model.uses_taxonomy:
        best = probabilities.argmax(axis=1)
        return evaluate(truth, [classes[i] for i in best], probabilities.max(axis=1))
    codes = as_codes(truth)
    if codes is None:
        raise InputError(_unknown_labels(truth))
    guesses, scores = [""] * len(codes), np.zeros(len(codes))
    for digits in sorted({len(code) for code in codes}):
        nodes, sums = level_sums(classes, probabilities, digits)
        rows = [i for i, code in enumerate(codes) if len(code) == digits]
        for i in rows:
            best = int(sums[i].argmax())
            guesses[i], scores[i] = nodes[best], sums[i, best]
    taxonomy = load_taxonomy()
    shown = {c: "/".join(taxonomy.path(c)) for c in {*codes, *guesses} - {NOWHERE}}
    shown[NOWHERE] = NOWHERE_NAME
    return evaluate([shown[c] for c in codes], [shown[g] for g in guesses], scores)


def _check_labels(target: str, labels: Sequence[str]) -> None:
    given = [label for label in labels if label]
    if len(given) > 2 * _FEWEST and len(set(given)) > len(given) / 2:
        raise InputError(
            f"{target} 的标签有 {len(set(given))} 种，却只有 {len(given)} 条：平均每种不到两条，"
            "学不出规律。请检查标签列是否选错，或并成较少的类。"
        )


def _unknown_labels(labels: Sequence[str]) -> str:
    unknown = Counter(label for label in labels if load_taxonomy().find(label) is None)
    # What is long or stands once may be a citizen's words, from a column named by mistake.
    shown = sorted(x for x, n in unknown.items() if n > 1 and len(x) <= _LONGEST_LABEL)[:5]
    told = f"：{'、'.join(shown)}" if shown else ""
    return f"标签应是类别的代码、全路径或唯一的名称，不认识的有 {len(unknown)} 种{told}。"


def write_report(report: Report, path: Path, *, force: bool = False) -> None:
    """Write a report as JSON."""
    if path.exists() and not force:
        raise OutputError(f"{path} 已存在：换一个名字，或加 --force 覆盖。")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"无法写入 {path}：{error.strerror}。") from None


def as_codes(labels: Sequence[str]) -> list[str] | None:
    """Return the codes that labels mean, None when one of them is outside the taxonomy."""
    taxonomy = load_taxonomy()
    meant = {label: taxonomy.find(label) if label else "" for label in set(labels)}
    if None in meant.values():
        return None
    return [meant[label] or "" for label in labels]


def level_sums(
    classes: Sequence[str], probabilities: NDArray[Any], digits: int
) -> tuple[list[str], NDArray[Any]]:
    """Sum probabilities to the nodes of so many digits; shorter codes stand for themselves."""
    nodes, position = np.unique([code[:digits] for code in classes], return_inverse=True)
    sums = np.zeros((len(probabilities), len(nodes)), dtype=np.float64)
    np.add.at(sums.T, position, probabilities.T)
    return nodes.tolist(), sums
