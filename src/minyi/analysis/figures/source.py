"""What a figure was counted from, for the line under it, and the names of what is empty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from minyi.analysis.frame import require

if TYPE_CHECKING:
    import pandas as pd

#: As the headers of result columns say it.
NAMES = {
    "level1": "一级类别",
    "level2": "二级类别",
    "level3": "三级类别",
    "category": "类别",
    "kind": "诉求类型",
    "department": "主办部门",
    "place": "属地",
}
SUBMISSIONS = "意见"
NO_CATEGORY, UNKNOWN = "（没有类别）", "（未识别）"
UNDIVIDED = "未细分"
_EMPTY = dict.fromkeys(("level1", "level2", "level3", "category"), NO_CATEGORY)
_ABOVE = {"level2": "level1", "level3": "level2"}


@dataclass(frozen=True)
class Source:
    """What a figure was counted from.

    Attributes
    ----------
    n : int
        Submissions.
    first, last : date or None
        Of those whose time is known.
    n_untimed : int
        Submissions without a time, where others have one.
    notes : tuple of str
        What the reader should know, in Chinese.
    of : str
        What was counted, in Chinese.
    """

    n: int
    first: date | None = None
    last: date | None = None
    n_untimed: int = 0
    notes: tuple[str, ...] = ()
    of: str = SUBMISSIONS

    @property
    def line(self) -> str:
        """The line under a figure.

        Examples
        --------
        >>> Source(174, date(2026, 3, 1), date(2026, 5, 31), 3).line
        '数据：174 条意见，2026年3月1日至5月31日（其中 3 条没有时间）。'
        >>> Source(2, notes=("只含石桥村",)).line
        '数据：2 条意见，时间不详。只含石桥村。'
        >>> Source(3388, of="有正确答案的判断").line
        '数据：3,388 条有正确答案的判断。'
        """
        untimed = f"（其中 {self.n_untimed} 条没有时间）" if self.n_untimed else ""
        notes = "".join(f"{note.rstrip('。')}。" for note in self.notes)
        timed = self.of == SUBMISSIONS or self.first
        days = f"，{span(self.first, self.last)}{untimed}" if timed and self.n else ""
        return f"数据：{self.n:,} 条{self.of}{days}。{notes}"

    def noting(self, *notes: str) -> Source:
        """Return the same with more notes; empty ones are left out."""
        return replace(self, notes=(*self.notes, *filter(None, notes)))


def source_of(frame: pd.DataFrame) -> Source:
    """Return what a figure of all rows of a frame is counted from.

    Parameters
    ----------
    frame : DataFrame
        Submissions; ``time`` may be missing.
    """
    if "time" not in frame.columns or frame["time"].notna().sum() == 0:
        return Source(len(frame))
    times = frame["time"].dropna()
    return Source(len(frame), times.min().date(), times.max().date(), int(len(frame) - len(times)))


def check(frame: pd.DataFrame, *columns: str) -> None:
    """Refuse what is no frame of submissions with these columns.

    Unlike `require`, columns that are empty will do: the picture then says so.

    Raises
    ------
    InputError
        In Chinese, with how to mend it.
    """
    require(frame)
    require(frame, *(column for column in columns if column not in frame.columns))


def span(first: date | None, last: date | None) -> str:
    """Name a span of days in Chinese.

    Examples
    --------
    >>> span(date(2025, 12, 30), date(2026, 1, 2))
    '2025年12月30日至2026年1月2日'
    >>> span(date(2026, 5, 6), date(2026, 5, 6))
    '2026年5月6日'
    """
    if first is None or last is None:
        return "时间不详"
    begin = f"{first.year}年{first.month}月{first.day}日"
    if first == last:
        return begin
    year = f"{last.year}年" if last.year != first.year else ""
    return f"{begin}至{year}{last.month}月{last.day}日"


def named(frame: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a column as text, where what is empty has a name.

    Levels 2 and 3 are named with the level above, for names recur in several areas.
    """
    values = frame[column].astype("string").fillna("").str.strip()
    above = _ABOVE.get(column, "")
    if above not in frame.columns:
        return values.mask(values == "", _EMPTY.get(column, UNKNOWN)).astype(object)
    upper = frame[above].astype("string").fillna("").str.strip()
    paths = upper + " › " + values.mask(values == "", UNDIVIDED)
    return paths.astype(object).where(upper != "", named(frame, above))


def cut(counts: pd.Series[int], most: int) -> tuple[list[str], int]:
    """Return the most frequent names, ties by name, and how many names are left over.

    When only one is left over it is kept: a line “其余 1 项” would take the same room.
    """
    order = ranked(counts)
    if len(order) <= most + 1:
        return order, 0
    return order[:most], len(order) - most


def ranked(counts: pd.Series[int]) -> list[str]:
    """Return names by falling number, ties by name; what has no name comes last."""
    key = {str(name): int(n) for name, n in counts.items()}
    return sorted(key, key=lambda name: (name in (NO_CATEGORY, UNKNOWN), -key[name], name))
