"""The grid of a batch: its columns, and a row for each submission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request

from minyi.desk.doubts import open_doubts
from minyi.desk.frame import PLAIN, work
from minyi.desk.showing import short
from minyi.desk.state import Desk, path_of
from minyi.service.results import Json
from minyi.store import Store
from minyi.store.records import Entry, Filters

MOST_ROWS = 20_000
NAME = "batch"  # of the grid in desk.js
OPEN, CHANGED, CHECKED = "待看", "已改", "已核对"


def row_of(entry: Entry, *, plain: bool, waits: bool) -> dict[str, Any]:
    """Return what the grid shows of a submission; `waits` if somebody should still look."""
    submission, result = entry.submission, entry.result
    path = path_of(entry.category)
    whole = f"{submission.title}　{submission.text}" if submission.title else submission.text
    return {
        "id": submission.id,
        "row": submission.source_row,
        "status": status_of(entry),
        "open": waits,
        "text": short(whole, plain=plain),
        "kind": entry.kind,
        "category": " › ".join(path[-2:]),
        "department": entry.department,
        "score": result.score if result else None,
        "place": result.place if result else "",
        "deadline": result.deadline.isoformat() if result and result.deadline else "",
        "urgent": entry.urgent,
    }


def status_of(entry: Entry) -> str:
    """Return how a submission stands: nothing where the model is sure and nobody has looked."""
    if entry.corrected:
        return CHANGED
    if entry.checked:
        return CHECKED
    return OPEN if entry.result is None or entry.result.needs_review else ""


def is_open(entry: Entry, doubts: Sequence[str]) -> bool:
    """Whether somebody should look: nobody has, or `doubts` were left when it was corrected."""
    return status_of(entry) == OPEN or (entry.corrected and bool(doubts))


def is_left(store: Store, entry: Entry) -> bool:
    """Whether doubts were left when it was corrected, such as that of the department."""
    if entry.result is None or not (entry.corrected and entry.result.needs_review):
        return False
    return bool(open_doubts(entry.result, store.corrections.trail(entry.submission.id)))


def n_left(store: Store, batch_id: int | None) -> int:
    """Return how many wait though they were corrected; the store counts those nobody touched."""
    filters = Filters(corrected=True, checked=True, needs_review=True)
    entries = store.submissions.page(batch_id, filters, limit=None).items
    return sum(is_left(store, entry) for entry in entries)


def is_readable(entry: Entry) -> bool:
    """Whether the model could say anything of it."""
    return entry.result is not None and entry.result.score is not None


def _standing(entry: Entry, waits: bool) -> tuple[bool, bool, bool]:
    """Sort what is open first: the urgent before others, what could not be read last."""
    return not waits, not (entry.urgent and not entry.checked), waits and not is_readable(entry)


def grid_options(url: str) -> dict[str, Any]:
    """Return the options of AG Grid; the rows come from `url`."""
    return {
        "columnDefs": [
            {
                "field": "status",
                "headerName": "状态",
                "width": 104,
                ":cellRenderer": "minyi.status",
            },
            {"field": "row", "headerName": "行", "width": 70, "type": "rightAligned"},
            {
                "field": "text",
                "headerName": "意见",
                "flex": 3,
                "minWidth": 150,
                ":cellRenderer": "minyi.opinion",
            },
            {"field": "category", "headerName": "类别", "flex": 2, "minWidth": 130},
            {"field": "department", "headerName": "主办部门", "flex": 1, "minWidth": 120},
            {
                "field": "score",
                "headerName": "把握",
                "width": 104,
                ":cellRenderer": "minyi.bar",
                "filter": "agNumberColumnFilter",
            },
            {"field": "kind", "headerName": "类型", "width": 84},
            {"field": "place", "headerName": "属地", "width": 110},
            {"field": "deadline", "headerName": "期限", "width": 112},
        ],
        "defaultColDef": {
            "sortable": True,
            "resizable": True,
            "filter": "agTextColumnFilter",
            "suppressHeaderMenuButton": True,
        },
        "rowData": [],
        "rowHeight": 40,
        "headerHeight": 38,
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
        "suppressCellFocus": True,
        "animateRows": False,
        ":localeText": "minyi.words",
        ":getRowId": "(params) => String(params.data.id)",
        ":onGridReady": f"(params) => minyi.ready(params, '{NAME}', '{url}')",
        ":onRowSelected": "(e) => { if (e.node.isSelected()) emitEvent('minyi_row', e.node.id) }",
        ":onFilterChanged": f"() => minyi.settle('{NAME}')",
        ":isExternalFilterPresent": f"() => Boolean(minyi.wanted['{NAME}'])",
        ":doesExternalFilterPass": f"(node) => minyi.passes('{NAME}', node.data)",
    }


def add_rows(desk: Desk, app: FastAPI) -> None:
    """Add the path from which grids load their rows."""

    @app.get("/desk/batches/{batch_id}/rows", include_in_schema=False)
    async def rows(batch_id: int, request: Request) -> Json:
        plain = desk.office.shows_personal_data and request.cookies.get(PLAIN) == "1"

        def read() -> list[dict[str, Any]]:
            page = desk.store.submissions.page(batch_id, limit=MOST_ROWS)
            listed = [
                (entry, status_of(entry) == OPEN or is_left(desk.store, entry))
                for entry in page.items
            ]
            return [
                row_of(entry, plain=plain, waits=waits)
                for entry, waits in sorted(listed, key=lambda pair: _standing(*pair))
            ]

        return Json(await work(read))
