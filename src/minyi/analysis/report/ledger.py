"""Numbers with their rows: whoever counts for a report counts here, so that nothing is untraced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from minyi.analysis.report.parts import Trace

if TYPE_CHECKING:
    import pandas as pd


class Ledger:
    """Counts rows of one frame and remembers which.

    Parameters
    ----------
    submissions : DataFrame
    """

    def __init__(self, submissions: pd.DataFrame) -> None:
        self._submissions = submissions
        self._traces: dict[str, Trace] = {}

    @property
    def traces(self) -> tuple[Trace, ...]:
        """All that was counted, in the order of counting."""
        return tuple(self._traces.values())

    def count(self, name: str, chosen: pd.Series) -> int:
        """Return how many rows are chosen (a Series of bool on the frame's index)."""
        rows = self._submissions[chosen]
        self._traces[name] = Trace(name, len(rows), tuple(rows["id"]), where(rows))
        return len(rows)


def where(rows: pd.DataFrame) -> str:
    """Return the rows of the source in which submissions stand; several files are named.

    Examples
    --------
    >>> import pandas as pd
    >>> where(pd.DataFrame({"source": "", "row": [4, 5, 6, 9]}))
    '第4-6, 9行'
    """
    parts = []
    is_one = rows["source"].nunique() == 1
    for name, own in rows.groupby("source", sort=False):
        source = str(name)
        spans = ", ".join(_spans(sorted(own["row"])))
        parts.append(f"{source} 第{spans}行" if source and not is_one else f"第{spans}行")
    return "；".join(parts)


def _spans(numbers: Sequence[int]) -> Iterator[str]:
    """Join what follows each other: 4, 5, 6 is 4-6."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        own = [number for _, number in run]
        yield str(own[0]) if len(own) == 1 else f"{own[0]}-{own[-1]}"
