"""The rules and routes of an office, as forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from minyi.desk.fields import add, entry, pick, remove
from minyi.desk.state import path_of
from minyi.schema import KINDS

if TYPE_CHECKING:
    from minyi.desk.settings import Settings

_EITHER = {"": "不限", "yes": "紧急的", "no": "不紧急的"}


def rules(page: Settings) -> None:
    """Rules of the office's own, the first that holds wins."""
    ui.label("自上而下，第一条符合的生效；写了的条件要同时满足。").classes("muted small")
    names = {code: body.name for code, body in page.office.departments.items()}
    for i, rule in enumerate(page.own.get("rules", [])):
        with ui.element("div").classes("entry"):
            with ui.element("div").classes("entry-head"):
                entry(page, rule, "name", f"规则 {i + 1} 的名称", is_list=False)
                _up(page, i)
                remove(page, "rules", i)
            with ui.element("div").classes("grid-form"):
                entry(page, rule, "words", "有任一词")
                entry(page, rule, "place", "属地含")
                pick(page, rule, "kind", "类型", dict.fromkeys(KINDS), several=True)
                _urgent(page, rule)
            _rule_categories(page, rule)
            with ui.element("div").classes("grid-form"):
                pick(page, rule, "department", "由谁主办", names)
                pick(page, rule, "support", "协办", names, several=True)
                _workdays(page, rule)
    add(page, "rules", "新增规则", lambda: {"name": "新规则"})


def _rule_categories(page: Settings, rule: dict[str, Any]) -> None:
    async def ask() -> None:
        code = await page.categories.ask()
        if code and code not in rule.get("category", []):
            page.change(lambda _: rule.setdefault("category", []).append(code))
            page.draw()

    def drop(code: str) -> None:
        page.change(lambda _: rule["category"].remove(code))
        if not rule["category"]:
            page.change(lambda _: rule.pop("category"))
        page.draw()

    with ui.element("div").classes("chips"):
        ui.label("类别").classes("muted small")
        for code in rule.get("category", []):
            ui.button(
                " › ".join(path_of(code)), icon="close", on_click=lambda code=code: drop(code)
            ).props("flat dense no-caps").classes("chip")
        ui.button("加一个类别", icon="add", on_click=ask).props("flat dense no-caps")


def routes(page: Settings) -> None:
    """Which department leads for a category, where the office differs from the default."""
    ui.label("类别归哪个部门：这里只列本单位改过的，没有列的照默认，随上一级。").classes(
        "muted small"
    )
    names = {code: body.name for code, body in page.office.departments.items()}
    own: dict[str, list[str]] = page.own.get("routes", {})
    for code in list(own):
        with ui.element("div").classes("entry route"):
            ui.label(" › ".join(path_of(code))).classes("route-name")
            bodies = ui.select(
                names, label="主办，协办…（第一个是主办）", value=list(own[code]), multiple=True
            ).props("outlined dense options-dense use-chips")
            bodies.on_value_change(
                lambda e, code=code: page.change(lambda raw: raw["routes"].update({code: e.value}))
            )
            ui.button(
                icon="delete_outline", on_click=lambda code=code: _drop_route(page, code)
            ).props('flat dense round color=secondary aria-label="删除"')

    async def ask() -> None:
        code = await page.categories.ask()
        if code:
            page.put("routes", code, list(page.office.route(code)) or [next(iter(names))])
            page.draw()

    ui.button("改一个类别的归口", icon="add", on_click=ask).props("outline")


def _drop_route(page: Settings, code: str) -> None:
    page.put("routes", code, None)
    page.draw()


def _urgent(page: Settings, rule: dict[str, Any]) -> None:
    value = {True: "yes", False: "no"}.get(rule.get("urgent"), "")  # type: ignore[arg-type]
    select = ui.select(_EITHER, label="紧急", value=value).props("outlined dense options-dense")
    meant = {"yes": True, "no": False}
    select.on_value_change(
        lambda e: page.change(
            lambda _: (
                rule.update(urgent=meant[e.value]) if e.value in meant else rule.pop("urgent", None)
            )
        )
    )


def _workdays(page: Settings, rule: dict[str, Any]) -> None:
    days = ui.number("期限（工作日）", value=rule.get("workdays"), min=0, max=366, format="%d")
    days.props("outlined dense clearable")
    days.on_value_change(
        lambda e: page.change(
            lambda _: (
                rule.pop("workdays", None)
                if e.value is None
                else rule.update(workdays=int(e.value))
            )
        )
    )


def _up(page: Settings, i: int) -> None:
    def move() -> None:
        def swap(raw: dict[str, Any]) -> None:
            raw["rules"].insert(i - 1, raw["rules"].pop(i))

        page.change(swap)
        page.draw()

    if i:
        ui.button(icon="arrow_upward", on_click=move).props(
            'flat dense round color=secondary aria-label="上移"'
        )
