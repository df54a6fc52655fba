"""Learning from corrections, in a process of its own: figures before and after, then a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import InputError, MinyiError
from minyi.labelled import Labelled, level_sums, train_on
from minyi.pipeline import Minyi, load
from minyi.schema import URGENT_YES, Submission
from minyi.service import logs
from minyi.store.records import YES, Lesson
from minyi.workers import WorkerLostError, Workers, serve

FEWEST = 8  # submissions to learn from
_FOLDS = 3
_MANY = 600  # from which one held-out part says enough
_SEED = 20
_STATEMENT = "from minyi.desk.teaching import serve_teaching; serve_teaching()"
_TARGETS = ("category", "kind", "department", "urgent")


@dataclass(frozen=True)
class Task:
    """What is to be learnt.

    Attributes
    ----------
    lessons : sequence of Lesson
    new : sequence of int
        Positions of the lessons that the model in use has not learnt yet.
    base : str
        The model to continue.
    active : str
        The model in use, to compare with.
    office : str
    folder : str
        Where the new model goes.
    """

    lessons: Sequence[Lesson]
    new: Sequence[int]
    base: str
    active: str
    office: str
    folder: str


def teach(task: Task) -> dict[str, Any]:
    """Train in another process and return the figures.

    Raises
    ------
    MinyiError
        There is too little to learn from, or training failed.
    """
    if len(task.lessons) < FEWEST:
        raise InputError(
            f"至少要有 {FEWEST} 条改正或核对过的意见才好学习，现在有 {len(task.lessons)} 条："
            "请在“一批”里再看几条。"
        )
    message = {
        "rows": [[x.text, x.title, dict(x.labels), x.is_confirmed] for x in task.lessons],
        "new": list(task.new),
        "base": task.base,
        "active": task.active,
        "office": task.office,
        "folder": task.folder,
    }
    with Workers(_STATEMENT, 1) as workers:
        try:
            answer: dict[str, Any] = workers.submit(message).result()
        except WorkerLostError:
            raise MinyiError("学习的进程意外结束（可能是内存不足）：请关掉别的程序再试。") from None
    if "error" in answer:
        raise MinyiError(answer["error"])
    return answer


def serve_teaching() -> None:
    """Be the process that trains."""
    serve(_answer)


def _answer(message: dict[str, Any]) -> dict[str, Any]:
    try:
        return _teach(message)
    except MinyiError as error:
        return {"error": str(error)}
    except Exception as error:
        places = "、".join(logs.places(error)[-2:])
        return {"error": f"学习时程序内部错误（{type(error).__name__}，{places}）：请反馈给我们。"}


@dataclass(frozen=True)
class _Row:
    submission: Submission
    labels: dict[str, str]
    is_confirmed: bool


def _teach(message: dict[str, Any]) -> dict[str, Any]:
    rows = [
        _Row(Submission(text, title), _usable(labels), confirmed)
        for text, title, labels, confirmed in message["rows"]
    ]
    figures = _compare(rows, message)
    train_on(_labelled(rows), Path(message["folder"]), base=message["base"])
    return {"n_lessons": len(rows), **figures}


def _usable(labels: dict[str, str]) -> dict[str, str]:
    """Write labels as models have them; what belongs nowhere has no code to learn."""
    usable = dict(labels)
    if "urgent" in usable:
        usable["urgent"] = URGENT_YES if usable["urgent"] == YES else "0"
    return usable


def _labelled(rows: Sequence[_Row]) -> Labelled:
    labels = {target: [row.labels.get(target, "") for row in rows] for target in _TARGETS}
    taxonomy = load_taxonomy()
    if any(label in taxonomy for label in labels["category"]):
        labels["category"] = [x if x in taxonomy else "" for x in labels["category"]]
    kept = {target: names for target, names in labels.items() if _tells(target, names)}
    if "category" not in kept:
        raise InputError("改正和核对过的意见应至少有两种类别才好学习：请再看几条别的类别。")
    return Labelled([row.submission for row in rows], kept)


def _tells(target: str, names: Sequence[str]) -> bool:
    given = [name for name in names if name]
    n_classes = len(set(given))
    return n_classes > 1 and (target == "category" or n_classes <= len(given) / 2)


def _compare(rows: Sequence[_Row], message: dict[str, Any]) -> dict[str, Any]:
    """Compare, on parts held out in turn, the model in use with one that learnt the rest."""
    tested = [i for i in message["new"] if rows[i].labels.get("category")]
    if len(tested) < FEWEST:
        return {}
    active = load(message["active"], office=message["office"] or None)
    order = np.random.default_rng(_SEED).permutation(len(tested))
    n_folds = 1 if len(tested) > _MANY else _FOLDS
    told: list[tuple[bool, bool, bool]] = []  # confirmed, right before, right after
    for fold in range(n_folds):
        held = {tested[i] for i in order[fold::_FOLDS]}
        rest = [row for i, row in enumerate(rows) if i not in held]
        test = [rows[i] for i in sorted(held)]
        before = _right(active, test)
        with TemporaryDirectory() as folder:
            try:
                train_on(_labelled(rest), Path(folder) / "trial", base=message["base"])
            except InputError:  # the rest has one category only
                continue
            trial = load(Path(folder) / "trial", office=message["office"] or None)
        after = _right(trial, test)
        told += [(r.is_confirmed, b, a) for r, b, a in zip(test, before, after, strict=True)]
    return {
        "corrected": _figures([line for line in told if not line[0]]),
        "confirmed": _figures([line for line in told if line[0]]),
    }


def _figures(told: Sequence[tuple[bool, bool, bool]]) -> dict[str, int]:
    return {
        "n": len(told),
        "before": sum(before for _, before, _ in told),
        "after": sum(after for _, _, after in told),
    }


def _right(minyi: Minyi, rows: Sequence[_Row]) -> list[bool]:
    """Tell for each row whether the category, on the level of its label, is the right one."""
    classes, probabilities = minyi.probabilities([row.submission for row in rows])
    right = []
    for row, line in zip(rows, probabilities, strict=True):
        label = row.labels["category"]
        if minyi.model.uses_taxonomy and label in load_taxonomy():
            nodes, sums = level_sums(classes, line[None, :], len(label))
            right.append(nodes[int(sums[0].argmax())] == label)
        else:
            right.append(classes[int(line.argmax())] == label)
    return right
