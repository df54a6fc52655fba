"""Place cells that name two places: the first counts, so that the sums of tables stay sums.

A matter on the border of two villages would have to count once in each and once for the town, in
tables of which every row is a submission. It counts in the place named first, and the user is told
which rows these are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from minyi.analysis.intake.cells import texts_of

if TYPE_CHECKING:
    import pandas as pd

_MARK = re.compile(r"\s*[、，,；;/／+＋&]\s*")
_TAIL = re.compile("(?:两[村镇乡]|的?交界|之间|结合部|共有|等).*")
# Two places are of one level: 石桥镇/大塘村 is one.
_LEVELS = ("(?:村|社区|居委会)(?:[一二三四五六七八九十\\d]+[组社队])?", "(?:镇|乡|街道)")
_PLACES = [re.compile(rf".{{1,12}}?{suffix}") for suffix in _LEVELS]
# 和 may stand within a name: 和美村.
_JOINED = [
    re.compile(rf"(.{{2,12}}?{suffix})(?:和|与|以?及|跟)(.{{2,12}}?{suffix})") for suffix in _LEVELS
]


def first_places(cells: pd.Series) -> tuple[pd.Series, list[int]]:
    """Return the first place of each cell, and the positions of cells that name several.

    Parameters
    ----------
    cells : Series

    Examples
    --------
    >>> import pandas as pd
    >>> first_places(pd.Series(["石桥村和柳塘村交界", "和平村二组"]))[0].tolist()
    ['石桥村', '和平村二组']
    """
    texts = texts_of(cells).str.strip()
    found = texts.map({text: _first(text) for text in texts.unique()}).astype("str")
    return found, [int(i) for i in (found != texts).to_numpy().nonzero()[0]]


def _first(cell: str) -> str:
    plain = _TAIL.sub("", cell)
    pairs = [_MARK.split(plain)[:2]]
    pairs += [list(found.groups()) for joined in _JOINED if (found := joined.fullmatch(plain))]
    return next((pair[0] for pair in pairs if _are_two(pair)), cell)


def _are_two(names: list[str]) -> bool:
    """Tell whether these are two different places of one level."""
    return len(set(names)) == 2 and any(all(map(level.fullmatch, names)) for level in _PLACES)
