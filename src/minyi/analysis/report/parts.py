"""What a report is made of: plain data that each writer sets in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

from minyi.analysis.figures import Bars, Cross, Timeline
from minyi.analysis.report.quotations import Quotation

if TYPE_CHECKING:
    import pandas as pd

#: A table of so few rows is not split over pages.
TOGETHER = 12
Cell: TypeAlias = str | int


def in_words(day: date) -> str:
    """Return a day as it is written out: 2026年6月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def day_in_words(day: date, near: date) -> str:
    """Return a day without its year where that is the year of `near`: 6月1日."""
    return f"{day.month}月{day.day}日" if day.year == near.year else in_words(day)


@dataclass(frozen=True)
class Paragraph:
    """Running text: of the report, small (sources, notes), or what a citizen said."""

    text: str
    style: Literal["body", "small", "quotation"] = "body"


@dataclass(frozen=True)
class Heading:
    """A heading below that of the section."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table with a caption above.

    Attributes
    ----------
    caption : str
    header : tuple of str
    rows : tuple of tuple of (str or int)
        Numbers are set to the right.
    widths : tuple of float
        Relative, a number a column.
    n_totals : int
        So many last rows are sums.
    note : str
        Below the table; may be empty.
    is_whole : bool
        Keep it on one page, if it is short enough for that.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    n_totals: int = 0
    note: str = ""
    is_whole: bool = True

    @property
    def stays_together(self) -> bool:
        """Whether no page break may split it."""
        return self.is_whole and len(self.rows) <= TOGETHER


@dataclass(frozen=True)
class Chart:
    """The data of a picture, with its title; see `minyi.analysis.pictures`."""

    title: str
    data: Bars | Cross | Timeline


Block: TypeAlias = Paragraph | Heading | Table | Chart


@dataclass(frozen=True)
class Section:
    """A part of the report with its heading; the first one may have none."""

    title: str
    blocks: tuple[Block, ...]
    is_appendix: bool = False


@dataclass(frozen=True)
class Trace:
    """Where a number comes from.

    Attributes
    ----------
    name : str
        What was counted.
    n : int
    ids : tuple of str
        The numbers of the submissions that were counted.
    rows : str
        The rows in which they stand, per file: 第4-9, 12行.
    """

    name: str
    n: int
    ids: tuple[str, ...]
    rows: str


@dataclass(frozen=True)
class Issue:
    """A key issue.

    Attributes
    ----------
    number : int
        From 1, as it is told in the report.
    title : str
        Place and category.
    place : str
    description : str
        A clause that a member wrote, masked and short.
    n, n_people, n_unsigned, n_urgent, n_open : int
        Submissions; different senders; submissions without a sender; urgent ones; those that
        still need an answer.
    period : str
    departments : tuple of (str, int)
        Lead departments with their numbers of submissions.
    support : tuple of str
    states : tuple of (str, int)
    deadline : date or None
        The earliest of those that need an answer.
    quotations : tuple of Quotation
    ids : tuple of str
    """

    number: int
    title: str
    place: str
    description: str
    n: int
    n_people: int
    n_unsigned: int
    n_urgent: int
    n_open: int
    period: str
    departments: tuple[tuple[str, int], ...]
    support: tuple[str, ...]
    states: tuple[tuple[str, int], ...]
    deadline: date | None
    quotations: tuple[Quotation, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """The content of a report, computed once.

    Attributes
    ----------
    title, subtitle, office : str
    place : str
        What was asked for; empty for all.
    day : date
        The day for which deadlines are judged, and that the report bears.
    n : int
        Submissions.
    sections : tuple of Section
    issues : tuple of Issue
    traces : tuple of Trace
        Of every number in the text.
    details : DataFrame
        A row a submission: where each table counts it. On the index of the submissions.
    notes : tuple of str
        What the reader should know, in Chinese.
    """

    title: str
    subtitle: str
    office: str
    place: str
    day: date
    n: int
    sections: tuple[Section, ...]
    issues: tuple[Issue, ...]
    traces: tuple[Trace, ...]
    details: pd.DataFrame
    notes: tuple[str, ...] = ()
