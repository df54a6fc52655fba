"""When a person should look, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from minyi.domain.taxonomy import DIGITS_PER_LEVEL

if TYPE_CHECKING:
    from minyi.domain.office import Office
    from minyi.learning.persistence import Model

_FEWEST_CHARACTERS = 4
_LEAST_CHINESE = 0.2
_SHORTEST_PART = 12
_MARKERS = re.compile(
    r"[，。！？；、 ](?=另外|此外|还有就是|还有一[件个]|再一个|再就是|顺便|第二[件个，、]|其二|二是"
    r"|[二2②][、.）])"
)

NO_MATTER = "像是没有诉求的内容（问候、广告、无实际内容等）"
ASIDE = "像是合计、备注或标题行，没有分类"
BLANK, UNREADABLE, NORMAL, FAILED = "空白", "无法识别", "正常", "出错"


def threshold(model: Model, office: Office, target: str, code: str = "") -> float:
    """Return the score from which `target` is decided without a look.

    The office's own number; without one, that at which the model's held-out decisions were right
    at the precision that the office states: for categories those that stopped at the level of
    `code`.
    """
    own = office.thresholds.get(target)
    if own is not None:
        return own
    name = f"level{len(code) // DIGITS_PER_LEVEL}" if target == "category" and code else target
    return model.threshold(name, office.precision)


def unreadable(text: str, n_chinese: int) -> tuple[str, str] | None:
    """Return a row's status and its explanation when there is nothing to classify, else None.

    Parameters
    ----------
    text : str
        Title and body, cleaned.
    n_chinese : int
        How many Chinese characters it holds.
    """
    if not text.strip():
        return BLANK, "正文为空，或只有表情、空格、网址"
    if n_chinese == 0:
        return UNREADABLE, "没有中文内容"
    return None


def doubtful_text(text: str, n_chinese: int) -> str:
    """Return why the text itself asks for a look, or an empty string."""
    if n_chinese < _FEWEST_CHARACTERS:
        return "内容太短"
    if n_chinese < _LEAST_CHINESE * len(text):
        return "大部分不是中文"
    return ""


def split_matters(text: str) -> list[str]:
    """Split a text where a writer passes to a further matter; one part when nothing shows it.

    Examples
    --------
    >>> split_matters("三组的水渠垮了半年没人修，秧都插不下去。另外我家的低保去年也停了")
    ['三组的水渠垮了半年没人修，秧都插不下去', '另外我家的低保去年也停了']
    """
    parts = [part for part in _MARKERS.split(text) if len(part) >= _SHORTEST_PART]
    return parts if len(parts) > 1 else [text]


def joined(reasons: Iterable[str]) -> str:
    """Join the reasons that are not empty."""
    return "；".join(reason for reason in reasons if reason)
