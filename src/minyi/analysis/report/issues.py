"""The key issues of a report: what many people raise, and urgent matters of few."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.figures.source import span
from minyi.analysis.issues.describing import describe
from minyi.analysis.issues.hot import hot_issues
from minyi.analysis.report.ledger import Ledger
from minyi.analysis.report.parts import Block, Heading, Issue, Paragraph, day_in_words
from minyi.analysis.report.quotations import Hide, choose, excerpt, gist, plain
from minyi.analysis.report.selection import short
from minyi.analysis.tables import NO_DEPARTMENT, STATES, cells, needs_answer
from minyi.analysis.wording.idlewords import IDLE

if TYPE_CHECKING:
    import pandas as pd

    from minyi.domain.office import Office

FEWEST = 3  # submissions that make a matter hot
_URGENT = 2  # places among the issues kept for urgent matters of few
_ENOUGH = 3  # issues; fewer hot ones are filled up with urgent ones
_DESCRIPTION = 24  # characters
_MOSTLY = 0.6  # of the members share a category that names the issue
_OFTEN = 0.25  # of the members use a word that names the issue
_MOST_DEPARTMENTS = 4
_NUMERAL = re.compile(r"[一二两三四五六七八九十百千几半\d]")
_NUMERALS = "一二三四五六七八九十"
PRAISE = "表扬"


def key_issues(
    submissions: pd.DataFrame,
    matters: pd.DataFrame,
    office: Office | None,
    hide: Hide,
    ledger: Ledger,
    most: int,
    k: int = 1,
) -> tuple[Issue, ...]:
    """Choose the key issues: the hottest matters, then urgent ones that nobody has answered.

    Matters of which most is praise are no issues. Urgent matters of few get two places, three
    where nothing is hot.

    Parameters
    ----------
    submissions : DataFrame
        Of `classified`; those of the report.
    matters : DataFrame
        Of `find_matters`, on the same index.
    office : Office, optional
    hide : callable
        See `quotations.hiding`.
    ledger : Ledger
        Counts the members.
    most : int
        How many issues.
    k : int
        Matters of which fewer citizens speak are left out; where no submission is signed,
        matters of fewer submissions.
    """
    hot = _hot(submissions, matters, office)
    if k > 1:
        hot = [rows for rows in hot if _voices(submissions, rows) >= k]
    inside = {int(row) for rows in hot for row in rows}
    urgent = _urgent(submissions, matters, inside) if k == 1 else []
    n_urgent = min(len(urgent), max(_URGENT, _ENOUGH - len(hot)), most)
    chosen = [*hot[: most - n_urgent], *urgent[:n_urgent]]
    mentions = matters["mention"].to_numpy()
    return tuple(
        _issue(submissions, rows, number, hide, ledger, str(mentions[rows[0]]))
        for number, rows in enumerate(chosen, 1)
    )


def _hot(
    submissions: pd.DataFrame, matters: pd.DataFrame, office: Office | None
) -> list[NDArray[np.int64]]:
    """Return positions of the members of each hot matter, hottest first."""
    import pandas as pd

    found = hot_issues(submissions, office, top=0, fewest=FEWEST, matters=matters)
    position = pd.Series(range(len(submissions)), index=submissions.index)
    groups = [
        np.asarray(position.loc[rows.index], dtype=np.int64)
        for _, rows in found.members.groupby("问题ID", sort=True)
    ]
    kinds = submissions["kind"].to_numpy()
    return [own for own in groups if (kinds[own] == PRAISE).mean() <= 0.5]


def _voices(submissions: pd.DataFrame, rows: NDArray[np.int64]) -> int:
    """Count the citizens who surely speak: who signed."""
    if not (submissions["sender"] != "").any():
        return len(rows)
    return _people(submissions.iloc[rows])


def _people(members: pd.DataFrame) -> int:
    signed = members["sender"] != ""
    return int(members.loc[signed, ["sender", "place"]].drop_duplicates().shape[0])


def _urgent(
    submissions: pd.DataFrame, matters: pd.DataFrame, inside: set[int]
) -> list[NDArray[np.int64]]:
    """Return urgent open submissions outside of hot matters, the oldest deadline first.

    Each comes with the others of its matter, and with those of the very same text.
    """
    is_open = (submissions["urgent"] & needs_answer(submissions)).to_numpy()
    matter = matters["matter"].to_numpy()
    texts = submissions["text"].map(plain).to_numpy()
    due = submissions["deadline"].fillna(submissions["deadline"].max()).to_numpy()
    found, seen = list[NDArray[np.int64]](), set(inside)
    for row in sorted(np.flatnonzero(is_open), key=lambda row: (due[row], row)):
        if int(row) not in seen:
            of_matter = (matter == matter[row]) & (matter[row] >= 0)
            own = np.flatnonzero(of_matter | (texts == texts[row]))
            found.append(own)
            seen.update(own.tolist())
    return found


def _issue(
    submissions: pd.DataFrame,
    rows: NDArray[np.int64],
    number: int,
    hide: Hide,
    ledger: Ledger,
    mention: str,
) -> Issue:
    members = submissions.iloc[rows]
    place = "、".join(short(name) for name in _common(members["place"], 3))
    is_told = submissions["place"].nunique() > 1 and place  # in a report of one village it is clear
    title = f"{place}：{_subject(members)}" if is_told else _subject(members)
    counted = cells(members)
    is_open = needs_answer(members)
    signed = members["sender"] != ""
    due = members.loc[is_open, "deadline"].dropna()
    times = members["time"].dropna()
    ledger.count(f"重点问题{number}　{title}", submissions.index.to_series().isin(members.index))
    departments = members["department"].where(members["department"] != "", NO_DEPARTMENT)
    states = counted["state"].value_counts()
    return Issue(
        number=number,
        title=title,
        place=place,
        description=_description(submissions, rows, hide, mention),
        n=len(members),
        n_people=_people(members),
        n_unsigned=int((~signed).sum()),
        n_urgent=int(members["urgent"].sum()),
        n_open=int(is_open.sum()),
        period=span(times.min().date(), times.max().date()) if len(times) else "",
        departments=tuple(
            (name, int((departments == name).sum())) for name in _ranked(departments)
        ),
        support=tuple(_ranked(members["co_departments"].explode().dropna())),
        states=tuple((name, int(states[name])) for name in STATES if name in states),
        deadline=due.min().date() if len(due) else None,
        quotations=choose(members, hide, most=2 if len(members) > 1 else 1),
        ids=tuple(members["id"]),
    )


def _description(
    submissions: pd.DataFrame, rows: NDArray[np.int64], hide: Hide, mention: str
) -> str:
    if len(rows) > 1:
        return excerpt(describe(submissions, rows, mention), hide, _DESCRIPTION)
    own = submissions.iloc[rows[0]]
    return gist(str(own["text"]), own["evidence"], hide, _DESCRIPTION)


def _ranked(values: pd.Series) -> list[str]:
    counts = {str(name): int(n) for name, n in values.value_counts().items() if name}
    return sorted(counts, key=lambda name: (-counts[name], name))


def _common(values: pd.Series, most: int) -> list[str]:
    """Return the values of at least a fifth of the members."""
    counts = values[values != ""].value_counts()
    return [name for name in _ranked(values) if counts[name] >= 0.2 * len(values)][:most]


def _subject(members: pd.DataFrame) -> str:
    """Name a category that most members share, else the words by which they were classified.

    A matter often lies between categories: a quarry is noise, dust, land and roads at once.
    """
    for level in ("level3", "level2", "category"):
        names = _ranked(members[level])
        if names and (members[level] == names[0]).mean() >= _MOSTLY:
            return names[0].split("/")[-1]
    words = _words(members)
    if words:
        return f"{'、'.join(words)}等问题"
    tops = _ranked(members["level1"])[:2]
    return f"{'、'.join(tops)}方面" if tops else "未分类事项"


def _words(members: pd.DataFrame) -> list[str]:
    """Return up to two of the words that decided, those that stand in most of the texts."""
    decided = set(members["evidence"].explode().dropna().astype("str"))
    fewest = max(2, len(members) * _OFTEN) if len(members) > 1 else 1
    counts = {
        word: int(members["text"].str.contains(word, regex=False).sum())
        for word in decided
        if 2 <= len(word) <= 6 and word not in IDLE and not _NUMERAL.match(word)
    }
    told: list[str] = []
    for word in sorted(counts, key=lambda word: (-counts[word], -len(word), word)):
        if counts[word] >= fewest and not any(word in own or own in word for own in told):
            told.append(_whole(word, counts))
    return told[:2]


def _whole(word: str, counts: Mapping[str, int]) -> str:
    """Return 采石场 for 石场, where the longer word is not much rarer."""
    longer = [own for own in counts if word in own and counts[own] >= 0.5 * counts[word]]
    return max(longer, key=lambda own: (len(own), counts[own], own))


def issue_blocks(issue: Issue, day: date) -> list[Block]:
    """Set an issue as text: numbers, words, who deals with it, what citizens said."""
    said: list[Block] = [
        heading_of(issue),
        Paragraph(_numbers_of(issue) + _handling_of(issue, day)),
    ]
    for quotation in issue.quotations:
        when = f"，{quotation.day}" if quotation.day else ""
        said.append(Paragraph(f"“{quotation.text}”（编号{quotation.id}{when}）", "quotation"))
    return said


def heading_of(issue: Issue) -> Heading:
    """Return the heading of an issue: （一）石桥村：采石场等问题."""
    return Heading(f"（{_NUMERALS[issue.number - 1]}）{issue.title}")


def _numbers_of(issue: Issue) -> str:
    if issue.n == 1:
        return f"{issue.period}一名群众反映，系统判断为紧急事项。"
    urgent = f"，其中紧急{issue.n_urgent}条" if issue.n_urgent else ""
    return f"{issue.period}共{issue.n}条意见{_people_of(issue)}{urgent}。"


def _people_of(issue: Issue) -> str:
    if not issue.n_people:
        return ""
    unsigned = f"（另有{issue.n_unsigned}条没有署名）" if issue.n_unsigned else ""
    return f"，署名群众{issue.n_people}人{unsigned}"


def _handling_of(issue: Issue, day: date) -> str:
    leads = issue.departments[:_MOST_DEPARTMENTS]
    named = "、".join(f"{name}{n}条" if issue.n > 1 else name for name, n in leads)
    more = "等" if len(issue.departments) > len(leads) else ""
    others = [name for name in issue.support if name not in {lead for lead, _ in leads}]
    support = f"；协办：{'、'.join(others[:_MOST_DEPARTMENTS])}" if others else ""
    state, due = issue.states[0][0], _due(issue, day)
    if issue.n == 1:
        return f"主办：{named}{support}。目前{state}{f'，{due}' if due else ''}。"
    states = "，".join(f"{name}{n}条" for name, n in issue.states)
    left = f"尚待答复{issue.n_open}条{f'，{due}' if due else ''}。" if issue.n_open else ""
    return f"主办：{named}{more}{support}。办理情况：{states}。{left}"


def _due(issue: Issue, day: date) -> str:
    if issue.deadline is None:
        return ""
    late = "，已逾期" if issue.deadline < day else ""
    return f"{'最早期限' if issue.n > 1 else '期限'}{day_in_words(issue.deadline, day)}{late}"


def listed(issues: Sequence[Issue]) -> dict[str, int]:
    """Return the issue of each submission that belongs to one."""
    return {id: issue.number for issue in issues for id in issue.ids}
