"""How offices answer: how fast, in time or late, to the point, complete, with a reason.

The score is about the reply, never about who asked. It is the weighted sum of parts that a reader
can check by the sentences in ``evidence``; speed is told beside it, not in it: a fast reply that
says nothing is no good one. Patterns and weights were fitted on 100
pairs of message and reply that were read and judged first by one reader, then compared with the
judgement of 50 others:

=========  ===============================  ====================================
part       question                         agreement on 50 unseen (most common)
=========  ===============================  ====================================
relevance  0, 1, 2: speaks of the matter    86 % (86 %)
what       says what was or will be done    92 % (90 %)
who        names a body                     90 % (92 %)
when       tells a time of doing it         90 % (62 %)
reason     gives a reason or a rule         86 % (78 %)
score      judged 1 to 5                    Spearman 0.43 (95 %: 0.17 to 0.65)
=========  ===============================  ====================================

It finds the replies that say nothing (judged 1 or 2: area under the curve 0.85, 5 of 50) and hardly
tells good ones from very good ones; the reader's own answers to the same questions, with the same
weights, reach a Spearman of 0.60. So it sorts replies for a second look and proves nothing of a
single one. Compare offices by many replies and with the intervals, and remember that what they are
asked differs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from minyi.analysis.answers.answers import Answer, read_answer
from minyi.analysis.answers.relevance import Relevance
from minyi.analysis.answers.timeliness import due_dates, in_time, workdays_taken
from minyi.analysis.frame import require
from minyi.analysis.intervals import wilson
from minyi.domain.office import Office
from minyi.errors import InputError

#: The columns of `score_replies`, with their Chinese names.
HEADERS = {
    "workdays": "用时（工作日）",
    "due": "答复期限",
    "on_time": "按时",
    "relevance": "切题度",
    "what": "说明怎么办",
    "who": "说明谁来办",
    "when": "说明何时办",
    "reason": "说明理由或依据",
    "score": "答复质量（0–100）",
    "evidence": "依据",
}
#: What each part adds to the score; together 100.
WEIGHTS = {"relevance": 40, "what": 20, "who": 10, "when": 10, "reason": 20}
_PARTS = {"what": "怎么办", "who": "谁来办", "when": "何时办", "reason": "理由或依据"}
_GROUPS = ("department", "kind", "level1", "place")  # carried along, for `summarise_replies`
_PERSONAL = {"sender", "id", "row", "source", "title", "text", "reply"}
_SHOWN_WORDS = 5


def score_replies(submissions: pd.DataFrame, office: Office | None = None) -> pd.DataFrame:
    """Return for each submission how it was answered.

    Parameters
    ----------
    submissions : DataFrame
        Of `prepare`, `read` or `classified`, with replies. Without times there are no workdays;
        without ``deadline``, or ``kind`` and an office, nothing is in time or late.
    office : Office, optional
        Its deadlines by kind, where the frame has no ``deadline``; names of its departments.

    Returns
    -------
    DataFrame
        On the same index, the columns `HEADERS`, and of the frame ``department``, ``kind``,
        ``level1`` and ``place`` where they are. ``workdays`` (Int64) counts the workdays after
        the day of the submission up to that of the reply; ``on_time``, ``what``, ``who``,
        ``when`` and ``reason`` are 是, 否 or "" (unknown); ``relevance`` is 0 to 1, ``score`` 0 to
        100, both NaN without a reply. ``evidence`` holds the sentences, each behind its part.
        ``attrs["notes"]`` tells in Chinese what could not be said.

    Raises
    ------
    InputError
        The frame was not prepared, or holds no reply at all.

    Examples
    --------
    >>> from minyi.analysis.frame import prepare
    >>> table = pd.DataFrame({
    ...     "内容": ["柳湾村的路灯坏了半年，没有人修"],
    ...     "时间": ["2026-03-02"],
    ...     "答复": ["您好！因线路老化，柳湾村的路灯由镇政府于3月6日前换新。"],
    ...     "答复时间": ["2026-03-04"],
    ... })
    >>> scored = score_replies(prepare(table))
    >>> scored[["workdays", "what", "who", "when", "reason"]].values.tolist()
    [[2, '是', '是', '是', '是']]
    >>> scored["evidence"][0][:2]
    ('切题：柳湾、路灯', '怎么办：因线路老化，柳湾村的路灯由镇政府于3月6日前换新。')
    """
    require(submissions, "reply")
    is_there = (submissions["reply"].str.strip() != "").to_numpy()
    result = pd.DataFrame(index=submissions.index)
    result["workdays"] = workdays_taken(submissions)
    result["due"] = due_dates(submissions, office)
    result["on_time"] = in_time(submissions, result["due"])
    result = result.assign(**_content(submissions, office, is_there))
    groups = [column for column in _GROUPS if column in submissions]
    result[groups] = submissions[groups]
    result.attrs["notes"] = _notes(submissions, result, is_there)
    return result


def summarise_replies(scored: pd.DataFrame, by: str = "department") -> pd.DataFrame:
    """Return a table of how the replies of each group are, for offices.

    Parameters
    ----------
    scored : DataFrame
        Of `score_replies`, on which a column may be joined first.
    by : str
        A column that names offices, matters or places; never persons.

    Returns
    -------
    DataFrame
        A row a group, the largest first, and 全部 below; Chinese headers. Intervals are of 95 %:
        Wilson's for shares, Student's for the mean score; empty where less than two replies.

    Raises
    ------
    InputError
        There is no such column, or it tells persons apart.
    """
    if missing := sorted({"score", "on_time", "workdays"} - set(scored.columns)):
        raise InputError(f"应为 score_replies 的结果，缺少列 {'、'.join(missing)}。")
    if by in _PERSONAL:
        raise InputError(f"答复质量按部门、类别或地点统计，不按群众统计：by 不能是 {by}。")
    if by not in scored.columns:
        raise InputError(
            f"不能按“{by}”统计：应是 {'、'.join(_GROUPS)} 之一（要先分类），"
            "或先用 scored.join 补上的列。"
        )
    names = scored[by].fillna("").astype(str).replace("", "（空）")
    total = _summary(scored)
    rows = {str(name): _summary(group) for name, group in scored.groupby(names, sort=True)}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(total))
    table = table.sort_values("留言数", ascending=False, kind="stable")
    table.loc["全部"] = pd.Series(total)
    counts = dict.fromkeys(("留言数", "已答复"), "int64")
    return table.astype(counts).rename_axis(_HEADER_OF.get(by, by))


_HEADER_OF = {"department": "部门", "kind": "类型", "level1": "一级类别", "place": "地点"}


def _summary(group: pd.DataFrame) -> dict[str, float]:
    scores = group["score"].dropna()
    known = group.loc[group["on_time"] != "", "on_time"]
    low, high = _mean_interval(scores)
    row = {
        "留言数": len(group),
        "已答复": len(scores),
        "用时中位数（工作日）": float(group["workdays"].astype("Float64").median(skipna=True) or 0)
        if group["workdays"].notna().any()
        else math.nan,
        **_share("按时率", known == "是"),
        "质量均分": round(float(scores.mean()), 1),
        "质量均分下限": low,
        "质量均分上限": high,
    }
    answered = group[group["score"].notna()]
    for part in _PARTS:
        row[f"{HEADERS[part]}的比例"] = _rate(answered[part] == "是")
    return row


def _rate(flags: pd.Series) -> float:
    return round(float(flags.mean()), 3) if len(flags) else math.nan


def _share(name: str, flags: pd.Series) -> dict[str, float]:
    """Return a share with its interval."""
    if not len(flags):
        return {name: math.nan, f"{name}下限": math.nan, f"{name}上限": math.nan}
    low, high = wilson(float(flags.sum()), len(flags))
    return {name: _rate(flags), f"{name}下限": round(low, 3), f"{name}上限": round(high, 3)}


def _mean_interval(scores: pd.Series) -> tuple[float, float]:
    from scipy.stats import t

    n = len(scores)
    if n < 2:
        return math.nan, math.nan
    half = float(t.ppf(0.975, n - 1) * scores.std(ddof=1) / math.sqrt(n))
    mean = float(scores.mean())
    return round(max(0.0, mean - half), 1), round(min(100.0, mean + half), 1)


def _content(
    submissions: pd.DataFrame, office: Office | None, is_there: NDArray[np.bool_]
) -> dict[str, pd.Series]:
    """Return what the replies say, as columns: the parts of the score, the score, the evidence."""
    bodies = [department.name for department in office.departments.values()] if office else []
    titles = submissions["title"]
    answers = [
        read_answer(*pair, bodies) for pair in zip(submissions["reply"], titles, strict=True)
    ]
    asked = [f"{title}。{text}" for title, text in zip(titles, submissions["text"], strict=True)]
    relevance = Relevance(asked, [one.substance for one in answers], _own_words(office))
    index = submissions.index
    scores = np.where(is_there, relevance.scores(), np.nan)
    columns = {"relevance": pd.Series(np.round(scores, 3), index)}
    for part in _PARTS:
        said = ["是" if getattr(answer, part) else "否" for answer in answers]
        columns[part] = pd.Series(np.where(is_there, said, ""), index)
    evidence = [_evidence(answer, relevance.shared(i)) for i, answer in enumerate(answers)]
    score = _score(columns)
    return {**columns, "score": score, "evidence": pd.Series(evidence, index, dtype=object)}


def _own_words(office: Office | None) -> tuple[str, ...]:
    if office is None:
        return ()
    places = [name for town in office.towns for name in (town.name, *town.aliases, *town.villages)]
    return (*office.words, *places)


def _score(columns: Mapping[str, pd.Series]) -> pd.Series:
    parts = {part: (columns[part] == "是").astype(float) for part in _PARTS}
    parts["relevance"] = columns["relevance"]  # NaN without a reply, and so the sum
    total = sum((weight * parts[part] for part, weight in WEIGHTS.items()), start=0.0)
    return pd.Series(total, index=columns["relevance"].index).round(1)


def _evidence(answer: Answer, shared: list[str]) -> tuple[str, ...]:
    words = "、".join(shared[:_SHOWN_WORDS])
    told = [(name, getattr(answer, part)) for part, name in _PARTS.items()]
    return tuple(f"{name}：{said}" for name, said in [("切题", words), *told] if said)


def _notes(
    submissions: pd.DataFrame, result: pd.DataFrame, is_there: NDArray[np.bool_]
) -> tuple[str, ...]:
    asked, told = (submissions[c].dt.normalize() for c in ("time", "reply_time"))
    early = is_there & (told < asked).to_numpy()
    untimed = is_there & (asked.isna() | told.isna()).to_numpy()
    undue = is_there & ~untimed & result["due"].isna().to_numpy()
    counted = {
        "条没有答复，不评分": ~is_there,
        "条缺留言时间或答复时间，用时和是否按时无从算起": untimed,
        "条的答复时间早于留言时间，未算用时，也未判是否按时，请核对": early,
        "条不知诉求类型或期限，未判是否按时（请先分类或给出单位配置）": undue,
    }
    return tuple(f"有 {int(flags.sum())} {what}" for what, flags in counted.items() if flags.any())
