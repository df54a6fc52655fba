"""Parts of the forms of the page 设置."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui

from minyi.desk.profile import fresh_list

if TYPE_CHECKING:
    from minyi.desk.settings import Settings

TYPING = 300  # milliseconds of rest after which what is typed is looked at
_LIST = re.compile(r"[、，,；;\s]+")


def listed(text: str) -> list[str]:
    """Return the parts of a list as people write it.

    Examples
    --------
    >>> listed("大塘村、柳湾村，新桥社区")
    ['大塘村', '柳湾村', '新桥社区']
    """
    return [part for part in _LIST.split(text.strip()) if part]


def entry(
    page: Settings,
    table: dict[str, Any],
    key: str,
    label: str,
    *,
    is_list: bool = True,
    long: bool = False,
) -> None:
    """Draw a field of a table: a text, or a list as people write it."""
    value = table.get(key, [] if is_list else "")
    shown = "、".join(value) if is_list else value
    field = ui.textarea(label, value=shown) if long else ui.input(label, value=shown)
    field.props("outlined dense autogrow" if long else "outlined dense").classes("wide")
    field.props(f"debounce={TYPING}")

    def take() -> None:
        text = str(field.value or "")
        found: Any = listed(text) if is_list else text.strip()
        page.change(lambda _: table.update({key: found}) if found else table.pop(key, None))

    field.on_value_change(take)


def pick(
    page: Settings,
    table: dict[str, Any],
    key: str,
    label: str,
    options: dict[str, Any],
    *,
    several: bool = False,
) -> None:
    """Draw a choice of a table."""
    named = {value: shown or value for value, shown in options.items()}
    value = table.get(key, [] if several else None)
    select = ui.select(named, label=label, value=value, multiple=several, clearable=True)
    select.props("outlined dense options-dense")
    select.on_value_change(
        lambda e: page.change(
            lambda _: table.update({key: e.value}) if e.value else table.pop(key, None)
        )
    )


def remove(page: Settings, name: str, i: int) -> None:
    """Draw the button that removes an entry of a list."""

    def drop() -> None:
        page.change(lambda raw: raw[name].pop(i))
        if not page.own[name]:
            page.change(lambda raw: raw.pop(name))
        page.draw()

    ui.button(icon="delete_outline", on_click=drop).props(
        'flat dense round color=secondary aria-label="删除"'
    )


def add(page: Settings, name: str, label: str, fresh: Callable[[], dict[str, Any]]) -> None:
    """Draw the button that adds an entry to a list."""

    def append() -> None:
        page.change(lambda raw: raw.setdefault(name, fresh_list()).append(fresh()))
        page.draw()

    ui.button(label, icon="add", on_click=append).props("outline").classes(f"add-{name}")
