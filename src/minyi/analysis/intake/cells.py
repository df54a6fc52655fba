"""What single cells say: numbers, the status of a submission, yes and no."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from minyi.tables.cells import cell_text

if TYPE_CHECKING:
    import pandas as pd

YES, NO = "是", "否"

_STATUS_WORDS = {
    "已办结": """已办结 办结 已结案 结案 已结 已解决 解决 全部解决 基本解决 已完成 完成 已办 已办理
        办理完毕 办理完成 已处理 处理完毕 处理完成 已落实 落实 已整改 整改完成 整改到位 已销号 销号
        已归档 归档 办结归档 已关闭 关闭 done closed resolved finished completed""",
    "已答复": """已答复 答复 已回复 回复 已回应 已反馈 反馈 已解释 解释 已解释说明 解释说明 已解答
        解答 已告知 已回访 已电话答复 已书面答复 当场答复 现场答复 answered replied""",
    "办理中": """办理中 处理中 在办 正在办理 正在处理 已受理 受理 受理中 已转办 转办 已转 已转交
        已交办 交办 已派单 派单 跟进中 正在跟进 推进中 正在推进 落实中 整改中 正在整改 进行中
        部分解决 部分办结 已上报 上报 待办结 未办结 未解决 长期坚持 核实中 调查中 承办中 延期
        延期办理 processing open pending ongoing inprogress""",
    "未答复": """未答复 未回复 未办理 未处理 未受理 待办理 待处理 待受理 待办 未办 待答复 待回复
        未反馈 未回应 尚未答复 暂未答复 暂未回复 尚未办理 暂未办理 未落实 待落实 未转办 待转办
        待派单 无回复 没有答复 登记 已登记 新建 unanswered new todo""",
}
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
# A column asks 是否办结 or 是否答复: what yes and no mean there.
_ANSWERED = re.compile("答复|回复|反馈|回应")
_YES_STATUS = {True: ("已答复", "未答复"), False: ("已办结", "办理中")}
_ADOPTED_WORDS = {
    YES: """是 有 对 √ ✓ ✔ y yes true 1 已采纳 采纳 已采用 采用 予以采纳 部分采纳 已部分采纳""",
    NO: """否 无 不 没有 × ✗ x n no false 0 未采纳 不采纳 未采用 不采用 不予采纳 暂不采纳
        暂未采纳""",
}
_ADOPTED = {word: said for said, words in _ADOPTED_WORDS.items() for word in words.split()}
_NOTHING = frozenset(["", "正常", "空白", "无法识别", "出错", "无", "nan", "none"])  # not a status
_NOBODY_WORDS = """
    匿名 匿名用户 匿名网友 无名 无名氏 不详 未知 无 暂无 未填 未填写 未留名 不愿透露 某某 某群众
    群众 村民 居民 市民 网友 热心群众 热心市民 热心网友 游客 用户 同上
    anonymous unknown none nan null
"""
_NOBODY = frozenset(_NOBODY_WORDS.split())
# Halves of characters and control characters: no workbook, document or picture holds them.
_UNWRITABLE = re.compile(r"[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MARKS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"([-−~]?)\s*(\d+(?:\.\d+)?)\s*([万千wk]?)")
_UNITS = {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000, "": 1}
_MOST = 2**53


def texts_of(values: pd.Series) -> pd.Series:
    """Return cells as a clerk sees them; what is missing is an empty text.

    What cannot be written anywhere becomes �.
    """
    filled = values.astype(object).where(values.notna(), None)
    return filled.map(lambda value: _UNWRITABLE.sub("\ufffd", cell_text(value))).astype("str")


def counts_of(values: pd.Series) -> tuple[pd.Series, list[int]]:
    """Return whole numbers as int64, and the positions of cells that name no count.

    A cell that holds anything but one number, not below 0, counts 0 and is told.

    Examples
    --------
    >>> import pandas as pd
    >>> counts_of(pd.Series(["12人", "１.２万", "", "-5"]))[0].tolist()
    [12, 12000, 0, 0]
    """
    counts, unread = _mapped(values, _count)
    return counts.replace("", "0").astype("int64"), unread


def statuses_of(values: pd.Series, name: str) -> tuple[pd.Series, list[int]]:
    """Return the status each cell names, and the positions of cells whose word is unknown.

    Parameters
    ----------
    values : Series
    name : str
        Of the column: 是否办结 and 是否答复 ask for yes and no.

    Examples
    --------
    >>> import pandas as pd
    >>> statuses_of(pd.Series(["办结", "正在处理", "张三", ""]), "状态")[0].tolist()
    ['已办结', '办理中', '', '']
    """
    yes, no = _YES_STATUS[bool(_ANSWERED.search(name))]
    asked = "是否" in name

    def status(cell: str) -> str | None:
        word = _word(cell)
        if asked and word in _ADOPTED:
            return yes if _ADOPTED[word] == YES else no
        return _STATUS.get(word, "" if word in _NOTHING else None)

    return _mapped(values, status)


def adopted_of(values: pd.Series) -> tuple[pd.Series, list[int]]:
    """Return 是, 否 or nothing for each cell, and the positions of cells that say neither."""

    def said(cell: str) -> str | None:
        word = _word(cell)
        return _ADOPTED.get(word, "" if word in _NOTHING else None)

    return _mapped(values, said)


def senders_of(values: pd.Series) -> pd.Series:
    """Return senders; 匿名, 群众 and the like name nobody, and become empty.

    Examples
    --------
    >>> import pandas as pd
    >>> senders_of(pd.Series(["李四 ", "匿名", "（群众）"])).tolist()
    ['李四', '', '']
    """
    texts = texts_of(values).str.strip()
    return texts.mask(texts.map(_word).isin(_NOBODY), "")


def share_of_statuses(cells: Sequence[str]) -> float:
    """Return which part (0–1) of the filled cells are status words."""
    words = [word for word in map(_word, cells) if word]
    return sum(word in _STATUS for word in words) / len(words) if words else 0.0


def _count(cell: str) -> str | None:
    plain = unicodedata.normalize("NFKC", cell).replace(",", "").lower()
    numbers = _NUMBER.findall(plain)
    if not numbers:
        return "" if _word(plain) in _NOTHING or not _MARKS.sub("", plain) else None
    sign, number, unit = numbers[0]
    if sign or len(numbers) > 1:
        return None
    return str(int(min(float(number) * _UNITS[unit], _MOST)))


def _word(cell: str) -> str:
    plain = unicodedata.normalize("NFKC", cell).strip().lower()
    return _MARKS.sub("", plain) or plain


def _mapped(values: pd.Series, meaning: Callable[[str], str | None]) -> tuple[pd.Series, list[int]]:
    """Map each distinct cell once."""
    texts = texts_of(values)
    meanings = {text: meaning(text) for text in texts.unique()}
    unknown = {text for text, found in meanings.items() if found is None}
    found = texts.map({text: found or "" for text, found in meanings.items()}).astype("str")
    return found, [int(i) for i in texts.isin(unknown).to_numpy().nonzero()[0]]
