"""Rows that are no submissions: totals and notes below a table, a title above plain paragraphs.

They are kept and shown, but not classified. A citizen may begin with 备注 too: above the last
opinion only what is nothing but a total is an aside, and a note below it only where the other
columns are empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from minyi.tables.sheets import NumberedRow

_MOST_BELOW = 20
_LONGEST_TITLE = 40
_TOTAL = re.compile(
    r"(本页|本月|全年|全[镇村县乡]|总)?(合计|小计|总计|共计|累计)"
    r"[:\s]*(共?\d[\d,.]*\s*[件条个项人户次份]?)?[。.]?"
)
_NOTE = re.compile(
    r"(备注|注|附注|说明|填表说明|填报说明|填写说明|表格说明|统计口径|数据来源|资料来源)"
    r"(\d{1,2})?[:.、]"
    r"|(填表说明|填报说明|填写说明|本表由|此表由|本表一式|注意事项:)"
    r"|(制表人?|填表人?|填报人?|审核人?|经办人|统计人|负责人|单位负责人|填报单位|制表单位|制表日期"
    r"|填表日期|填报日期|联系人|单位\(盖章\)|\(盖章\))[:(（]"
)
_TITLE = re.compile(
    r"[^。，；！？,;!?:]{2,}(汇总表?|汇编|清单|台账|登记[表簿]?|一览表?|统计表?|记录表|收集表|征集表"
    r"|征求表|摘录|摘要|汇报表|明细表?|目录)(\([^()]*\))?"
)
_TOTAL_BEGINS = frozenset("合小总共累本全")
_ASIDE_BEGINS = _TOTAL_BEGINS | frozenset("备注附说填表统数资此制审经负单联报(（")
_WORDS = re.compile("[\u3400-\u9fff]{5}")
_Told = tuple[int, list[str], bool]


@dataclass(frozen=True)
class Finder:
    """Tells what rows of a table look like.

    Attributes
    ----------
    text : int or None
        The column of the text.
    width : int
        How many columns there are.
    headings : frozenset of int
        Numbers of rows that the format itself calls headings.
    """

    text: int | None
    width: int
    headings: frozenset[int] = frozenset()

    def is_heading(self, row: NumberedRow) -> bool:
        """Tell whether the first row, of paragraphs without header, is their title."""
        line = _plain(row[1][0])
        return self.width == 1 and len(line) <= _LONGEST_TITLE and bool(_TITLE.fullmatch(line))

    def is_total(self, row: NumberedRow) -> bool:
        """Tell whether what stands for the text is nothing but a total."""
        text = row[1][self.text].lstrip() if self.text is not None else ""
        return text[:1] in _TOTAL_BEGINS and bool(_TOTAL.fullmatch(_plain(text)))

    def may_stand_below(self, row: NumberedRow) -> bool:
        """Tell whether a row is a total or a note if no opinion follows."""
        filled = (cell for cell in row[1] if cell and not cell.isspace())
        begin = next(filled, "")
        if begin.lstrip()[:1] not in _ASIDE_BEGINS:  # nearly all rows: it must not cost much
            return False
        first = _plain(begin)
        if _TOTAL.fullmatch(first):
            return self.text is None or not _WORDS.search(row[1][self.text])
        return bool(_NOTE.match(first)) and next(filled, None) is None


def told_apart(rows: Iterator[NumberedRow], finder: Finder) -> Iterator[_Told]:
    """Yield row number, cells, and whether the row is an aside."""
    held: list[_Told] = []
    is_below = False
    for i, row in enumerate(rows):
        aside = row[0] in finder.headings or finder.is_total(row)
        told = (*row, aside or (i == 0 and finder.is_heading(row)))
        if told[2] or (is_below and finder.may_stand_below(row)):
            held.append(told)
            if len(held) > _MOST_BELOW:
                yield held.pop(0)
            continue
        yield from held
        held.clear()
        is_below = True
        yield told
    yield from ((number, cells, True) for number, cells, _ in held)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:200]).strip()
