"""Which page stands where."""

from __future__ import annotations

from fastapi import FastAPI
from nicegui import ui

from minyi.desk import batches, board, frame, learning, office, one, review, rows
from minyi.desk.state import Desk

_MOST_DIGITS = 18  # what the databases can count to


def add(desk: Desk, app: FastAPI) -> None:
    """Add all pages of the desk."""
    frame.set_up()
    frame.add_page(desk, "/", one.build, title="一条")
    frame.add_page(desk, "/batches", batches.build, title="一批")
    rows.add_rows(desk, app)

    async def batch(batch_id: str) -> None:
        number = int(batch_id) if batch_id.isdecimal() and len(batch_id) < _MOST_DIGITS else 0
        await frame.show(desk, lambda d: review.build(d, number), "/batches")

    ui.page("/batches/{batch_id}", title="一批 · 民意", response_timeout=30)(batch)
    frame.add_page(desk, "/board", board.build, title="看板")
    frame.add_page(desk, "/office", office.build, title="设置")
    frame.add_page(desk, "/learning", learning.build, title="学习")
