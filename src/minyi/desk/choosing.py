"""Dialogs in which a category or a department is found: type to search, or open the tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui

from minyi.domain.office import Office
from minyi.domain.taxonomy import load_taxonomy
from minyi.learning.persistence import Model

_MOST_HITS = 30
_BY_NAME, _ELSEWHERE = 3, 6  # ranks: up to this one names match; of what does not match
_WORDS = re.compile(r"[\s、，；]+")
_GROUPS = {
    "部门": "政府部门",
    "单位": "事业单位",
    "企业": "公共服务企业（供水、供电、供气、公交、通信）",
    "群团": "群团组织（工会、妇联等）",
    "党委": "党委部门",
    "司法机关": "法院、检察院",
    "属地": "属地政府",
}
# Keys of the list, but not those with which an input method is being operated.
_KEYS = """(e) => {
  if (e.isComposing || !['ArrowDown', 'ArrowUp', 'Enter'].includes(e.key)) return;
  e.preventDefault();
  emit(e.key);
}"""


@dataclass(frozen=True)
class Choice:
    """Something to choose.

    Attributes
    ----------
    value : str
        What is chosen.
    label, path : str
        Its name, and the whole of its place in the tree.
    also : str
        Further words that find it.
    parent : str
        The value above it, or the name of its group.
    """

    value: str
    label: str
    path: str
    also: str = ""
    parent: str = ""


def category_choices(model: Model, office: Office) -> list[Choice]:
    """Return the categories in use; with an office's own labels, these."""
    if not model.uses_taxonomy:
        return [Choice(name, name, name) for name in model.scorer.heads["category"]]
    taxonomy = load_taxonomy()
    return [
        Choice(
            code,
            category.label,
            " / ".join(taxonomy.path(code)),
            " ".join((code, category.name, *category.aliases, *category.keywords)),
            category.parent,
        )
        for code, category in taxonomy.items()
        if office.uses(code)
    ]


def department_choices(office: Office) -> list[Choice]:
    """Return the departments of the office, in groups."""
    return [
        Choice(body.name, body.name, body.name, f"{code} {body.remit}", body.kind or "其他")
        for code, body in office.departments.items()
        if office.folded(code) == code
    ]


def found(choices: Sequence[Choice], query: str, candidates: Collection[str] = ()) -> list[Choice]:
    """Return what matches: the exact name, parts of names, of paths, then further words.

    Parameters
    ----------
    choices : sequence of Choice
    query : str
        Words, all of which have to be found.
    candidates : collection of str
        Values that come before others that match as well.

    Examples
    --------
    >>> choices = [Choice("01", "城乡建设", "城乡建设", "拆迁"), Choice("02", "拆迁", "土地/拆迁")]
    >>> [choice.value for choice in found(choices, "拆迁")]
    ['02', '01']
    """
    ranks = {choice.value: _rank(choice, query.lower().split()) for choice in choices}
    hits = [choice for choice in choices if ranks[choice.value] < _ELSEWHERE]
    hits.sort(
        key=lambda choice: (
            rank := ranks[choice.value],
            choice.value not in candidates,
            -choice.path.count("/") if rank > _BY_NAME else 0,  # the narrower first
        )
    )
    return hits[:_MOST_HITS]


def _rank(choice: Choice, words: Sequence[str]) -> int:
    label, path = choice.label.lower(), choice.path.lower()
    further = choice.also.lower()
    if not words or not all(word in f"{path} {further}" for word in words):
        return _ELSEWHERE
    if " ".join(words) == label:
        return 0
    if all(word in label for word in words):
        return 1 if label.startswith(words[0]) else 2
    if all(word in path for word in words):
        return 3
    return 4 if set(words) <= {*_WORDS.split(further), label} else 5


def reason(choice: Choice, query: str) -> str:
    """Return the further words for which a choice was found; empty when its name says it.

    Examples
    --------
    >>> reason(Choice("01", "小区管理", "城乡建设/小区管理", "0101 物业费、电梯维修"), "电梯")
    '电梯维修'
    """
    missing = [word for word in query.lower().split() if word not in choice.path.lower()]
    further = [part for part in _WORDS.split(choice.also) if part]
    matched = [part for part in further if any(word in part.lower() for word in missing)]
    return "、".join([*dict.fromkeys(matched)][:3])


def tree_of(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """Return the nodes of a tree; parents that cannot be chosen are groups."""
    known = {choice.value for choice in choices}
    nodes = {c.value: {"id": c.value, "label": c.label, "children": []} for c in choices}
    roots: dict[str, dict[str, Any]] = {}
    for choice in choices:
        node = nodes[choice.value]
        if choice.parent in known:
            nodes[choice.parent]["children"].append(node)  # type: ignore[attr-defined]
        elif choice.parent:
            name = _GROUPS.get(choice.parent, choice.parent)
            group = {"id": f"#{choice.parent}", "label": name, "children": []}
            roots.setdefault(choice.parent, group)["children"].append(node)
        else:
            roots[choice.value] = node
    return list(roots.values())


class Chooser:
    """A dialog; ``await chooser`` gives the value chosen, None when it was closed.

    Parameters
    ----------
    title : str
    choices : sequence of Choice
    """

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        self._choices = choices
        self._hits: list[Choice] = []
        self._candidates: list[str] = []
        self._at = 0
        self.dialog = ui.dialog().props('transition-show="fade" transition-hide="fade"')
        with self.dialog, ui.card().classes("chooser"):
            with ui.element("div").classes("chooser-head"):
                ui.label(title).classes("card-title")
                ui.button(icon="close", on_click=self.dialog.close).props(
                    'flat dense round aria-label="关闭"'
                )
            self._search = ui.input(placeholder="输入名称或关键词，回车选中").props(
                "outlined dense clearable autofocus"
            )
            self._search.on_value_change(self._look)
            self._search.on("keydown", self._key, js_handler=_KEYS)
            self._list = ui.element("div").classes("chooser-list")
            self._tree = ui.element("div").classes("chooser-list")
            with self._tree:
                tree = ui.tree(tree_of(choices), on_select=self._selected)
                tree.props('no-nodes-label="没有可选的" dense')
                self._opened: ui.tree = tree

    async def ask(self, current: str = "", candidates: Sequence[str] = ()) -> str | None:
        """Open the dialog and wait; the row's own candidates are offered first."""
        self._candidates = [value for value in candidates if value != current]
        self._search.value = ""
        self._opened.collapse()
        self._opened.expand(_ancestors(self._choices, current))
        self._opened.deselect()
        self._look()
        answer = await self.dialog
        return str(answer) if answer else None

    def _selected(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        if event.value and not event.value.startswith("#"):
            self.dialog.submit(event.value)
        elif event.value:
            self._opened.deselect()
            self._opened.expand([event.value])

    def _look(self) -> None:
        query = str(self._search.value or "").strip()
        known = {choice.value: choice for choice in self._choices}
        if query:
            self._hits, self._at = found(self._choices, query, self._candidates), 0
        else:  # nothing is chosen by Enter alone
            self._hits = [known[value] for value in self._candidates if value in known]
            self._at = -1
        self._tree.visible = not query
        self._list.visible = bool(query or self._hits)
        self._list.classes("is-short" if not query else "", remove="is-short" if query else "")
        self._draw(query)

    def _draw(self, query: str) -> None:
        self._list.clear()
        with self._list:
            if not query:
                ui.label("这一条也可能是").classes("muted small")
            for i, hit in enumerate(self._hits):
                row = ui.element("div").classes("hit is-active" if i == self._at else "hit")
                row.on("click", lambda _, value=hit.value: self.dialog.submit(value))
                with row:
                    ui.label(hit.label)
                    ui.label(hit.path if hit.path != hit.label else "").classes("muted small")
                    if why := reason(hit, query):
                        ui.label(f"关键词：{why}").classes("hit-why small")
            if not self._hits:
                ui.label("没有找到，换个词试试").classes("muted empty")

    def _key(self, event: events.GenericEventArguments) -> None:
        if not self._hits:
            return
        if event.args == "Enter":
            if self._at >= 0:
                self.dialog.submit(self._hits[self._at].value)
            return
        step = 1 if event.args == "ArrowDown" else -1
        self._at = (max(self._at, -1 if step > 0 else 0) + step) % len(self._hits)
        self._draw(str(self._search.value or "").strip())


def _ancestors(choices: Sequence[Choice], value: str) -> list[str]:
    parents: Mapping[str, str] = {choice.value: choice.parent for choice in choices}
    above: list[str] = []
    while parent := parents.get(value, ""):
        above.append(parent if parent in parents else f"#{parent}")
        value = parent
    return above
