"""The sections of the page 设置, each a form over the raw profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from minyi.desk.fields import TYPING, add, entry, remove
from minyi.domain.departments import load_departments
from minyi.domain.office import URGENT
from minyi.schema import KINDS, PRECISIONS

if TYPE_CHECKING:
    from minyi.desk.settings import Settings

_TESTS = {"category": "类别", "kind": "类型", "department": "部门"}


def basics(page: Settings) -> None:
    """Name, deadlines, how sure the program must be, personal data."""
    own, office = page.own, page.office
    with ui.element("div").classes("form"):
        _title("单位")
        name = ui.input("单位名称", value=own.get("office", {}).get("name", office.name))
        name.props(f"outlined dense debounce={TYPING}").on_value_change(
            lambda e: page.put("office", "name", str(e.value or "").strip())
        )
        _title("办理期限", "工作日，自收到次日起算；0 是当天")
        with ui.element("div").classes("grid-form"):
            for kind in (*KINDS, URGENT):
                _deadline(page, kind)
        _title("复核", "不列入“待看”的，程序要有多大比例是对的；要求越高，要看的越多")
        with ui.element("div").classes("grid-form"):
            options = {value: f"{value:.0%}" for value in PRECISIONS}
            ui.select(options, label="要求的正确率", value=office.precision).props(
                "outlined dense options-dense"
            ).on_value_change(lambda e: page.put("thresholds", "precision", e.value))
            for target, shown in _TESTS.items():
                _threshold(page, target, shown)
        _title("个人信息", "电话、身份证号、银行卡号、车牌、邮箱默认遮盖")
        ui.switch("允许经办人要求显示原文", value=office.shows_personal_data).on_value_change(
            lambda e: page.put("privacy", "show", bool(e.value))
        )


def _title(text: str, hint: str = "") -> None:
    with ui.element("div").classes("form-title"):
        ui.label(text).classes("card-title")
        if hint:
            ui.label(hint).classes("muted small")


def _deadline(page: Settings, kind: str) -> None:
    def change(event: Any) -> None:
        value = event.value
        page.put(
            "deadlines", kind, int(value) if value is not None and value == int(value) else value
        )

    value = page.office.deadlines.get(kind)
    ui.number(kind, value=value, min=0, max=366, step=1, format="%d").props(
        "outlined dense"
    ).on_value_change(change)


def _threshold(page: Settings, target: str, shown: str) -> None:
    value = page.office.thresholds.get(target)

    def change(event: Any) -> None:
        page.put("thresholds", target, None if event.value is None else float(event.value))

    ui.number(f"{shown}得分至少", value=value, min=0, max=1, step=0.05, placeholder="自动").props(
        "outlined dense clearable stack-label"
    ).on_value_change(change)


def departments(page: Settings) -> None:
    """Names of the departments, and which of them the office lacks."""
    ui.label("改成本单位的叫法；本单位没有的，选它的事归谁办。").classes("muted small")
    office = page.office
    search = ui.input(placeholder="查找部门").props("outlined dense clearable").classes("find")
    rows: list[tuple[str, ui.element]] = []
    with ui.element("div").classes("rows"):
        for code, body in office.departments.items():
            with ui.element("div").classes("dept") as row:
                ui.label(code).classes("muted small dept-code")
                name = ui.input(value=body.name).props(f"outlined dense debounce={TYPING}")
                name.classes("dept-name").on_value_change(
                    lambda _, code=code, name=name: _rename(page, code, name)
                )
                _fold(page, code)
            rows.append((f"{code} {body.name} {body.remit}", row))
    _add_department(page)

    def look() -> None:
        for text, row in rows:
            row.set_visibility(str(search.value or "").strip() in text)

    search.on_value_change(look)


def _rename(page: Settings, code: str, name: ui.input) -> None:
    default = load_departments().get(code)
    value = str(name.value or "").strip()
    page.put("departments", code, None if default and value == default.name else value)


def _fold(page: Settings, code: str) -> None:
    bodies = page.office.departments
    target = page.own.get("fold", {}).get(code, "")

    async def ask() -> None:
        name = await page.departments.ask()
        codes = {body.name: known for known, body in bodies.items()}
        if name and codes.get(name) not in (None, code):
            page.put("fold", code, codes[name])
            page.draw()

    def clear() -> None:
        page.put("fold", code, None)
        page.draw()

    if target:
        name = bodies[target].name if target in bodies else target
        ui.button(f"并入 {name}", icon="close", on_click=clear).props("flat dense no-caps")
    else:
        ui.button("本单位没有…", on_click=ask).props("flat dense no-caps color=secondary")


def _add_department(page: Settings) -> None:
    with ui.element("div").classes("buttons"):
        code = ui.input("代码（简称）").props("outlined dense")
        name = ui.input("部门全称").props("outlined dense")

        def append() -> None:
            if str(code.value or "").strip() and str(name.value or "").strip():
                page.put("departments", str(code.value).strip(), str(name.value).strip())
                page.draw()
                with page.box:  # the button that was pressed is gone
                    ui.run_javascript("minyi.last('.rows .dept')")

        ui.button("新增部门", icon="add", on_click=append).props("outline")


def towns(page: Settings) -> None:
    """Towns and streets, with their villages."""
    ui.label("用来在正文和地点列里认出属地。村名用顿号隔开，群众的叫法写在别名里。").classes(
        "muted small"
    )
    for i, town in enumerate(page.own.get("towns", [])):
        with ui.element("div").classes("entry"):
            with ui.element("div").classes("entry-head"):
                entry(page, town, "name", "乡镇（街道）", is_list=False)
                entry(page, town, "aliases", "别名")
                remove(page, "towns", i)
            entry(page, town, "villages", "村（社区）", long=True)
    add(page, "towns", "新增乡镇", lambda: {"name": f"新乡镇{len(page.own.get('towns', [])) + 1}"})
