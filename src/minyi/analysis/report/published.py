"""A report that may leave the office: coarse places, no small counts, no list of single matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from minyi.analysis.privacy.anonymise import PlaceLevel, anonymise
from minyi.analysis.privacy.localities import Localities
from minyi.analysis.report.issues import heading_of
from minyi.analysis.report.opening import Counted, numbers
from minyi.analysis.report.parts import Block, Issue, Paragraph, Section
from minyi.analysis.report.setting import public_table
from minyi.analysis.tables import NO_DEPARTMENT
from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from minyi.domain.office import Office

#: What each level tells of a place.
LEVELS = {"village": "到村", "town": "到镇", "county": "到县", "none": "，不写地点"}


def coarsened(
    submissions: pd.DataFrame, place: str, level: PlaceLevel, office: Office | None
) -> pd.DataFrame:
    """Return the submissions of a report as `anonymise` does.

    Raises
    ------
    InputError
        The place the report is asked for is finer than the level.
    """
    localities = Localities(office.towns if office else (), office.name if office else "")
    coarse = anonymise(submissions, place_level=level, office=office)
    if place and localities.coarse(level).place(place) != place:
        raise InputError(
            f"报告只写{place}，地点就说到了{place}，与要求的“地点概括{LEVELS[level]}”不合："
            "请不指定地点，或选细一级。"
        )
    return coarse


def public_sections(
    counted: Counted, issues: tuple[Issue, ...], first: Section
) -> Iterator[Section]:
    """Yield the first page, then what may be told of numbers and issues.

    One table only: a second one of the same submissions might tell what the first one hides.
    """
    yield first
    told: list[Block] = [Paragraph(text) for text in numbers(counted)]
    told.append(Paragraph(f"不足{counted.k}条的数字，和由其他数字能推算出它们的数字，没有列出。"))
    yield Section("一、总体情况", (*told, public_table(counted)))
    blocks = [block for issue in issues for block in _issue(issue, counted.k)]
    fewer = f"不足{counted.k}人反映的事项不列。"
    lead = f"以下{len(issues)}个问题按热度排列，{fewer}引文已隐去姓名、号码、门牌，仅作节略。"
    yield Section("二、重点问题", (Paragraph(lead if issues else fewer), *blocks))


def _issue(issue: Issue, k: int) -> Iterator[Block]:
    people = f"，署名群众{issue.n_people}人" if issue.n_people else ""
    leads = [name for name, n in issue.departments if n >= k and name != NO_DEPARTMENT]
    named = f"主要由{'、'.join(leads)}承办。" if leads else ""
    yield heading_of(issue)
    yield Paragraph(f"{issue.period}共{issue.n}条意见{people}。{named}")
    for quotation in issue.quotations:
        yield Paragraph(f"“{quotation.text}”", "quotation")
