"""Sentences as examples of their own, so that short slips are learnt from letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minyi.schema import Submission

_END = re.compile(r"[。！？!?；;\n]+")
_SHORTEST, _LONGEST = 8, 120  # characters
_LARGEST_SHARE = 2 / 3  # of the text: more would be the text once again


def split_clauses(submissions: Sequence[Submission]) -> tuple[list[Submission], NDArray[np.int64]]:
    """Return the sentences of cleaned submissions, and the row from which each comes.

    Examples
    --------
    >>> clauses, rows = split_clauses([Submission("我是村民。水渠垮了半年没有人来修！求助。")])
    >>> [clause.text for clause in clauses]
    ['水渠垮了半年没有人来修']
    """
    found = [
        (row, clause)
        for row, submission in enumerate(submissions)
        for clause in _END.split(submission.text)
        if _SHORTEST <= len(clause) <= min(_LONGEST, _LARGEST_SHARE * len(submission.text))
    ]
    clauses = [Submission(clause) for _, clause in found]
    return clauses, np.array([row for row, _ in found], dtype=np.int64)
