"""What single cells say: moments, numbers, the status of a submission, yes and no."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from minyi.tables.cells import cell_text

if TYPE_CHECKING:
    import pandas as pd

#: The status of a submission, in the order it goes through; ``""`` is unknown.
STATUSES = ("未答复", "办理中", "已答复", "已办结")
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
_MARKS = re.compile(r"[\W_]+")
_DAY = (
    r"(?<!\d)((?:19|20)\d\d)(?:\s*[-/.年]\s*|(?=\d{4}(?!\d)))"
    r"(\d{1,2})(?:\s*[-/.月]\s*|(?<=\d\d))(\d{1,2})(?!\d)"
)
_CLOCK = (
    r"(?:\s*[日号]?[T\s]*(\D{0,4}?)\s*(\d{1,2})\s*[:：时点](?:\s*(\d{1,2}))?"
    r"(?:\s*[:：分]\s*(\d{1,2}))?)?"
)
_SERIAL = r"([3-7]\d{4}(?:\.\d+)?)"  # days since 30 December 1899, as spreadsheets count


def texts_of(values: pd.Series) -> pd.Series:
    """Return cells as a clerk sees them; what is missing is an empty text."""
    filled = values.astype(object).where(values.notna(), None)
    return filled.map(cell_text).astype("str")


def moments_of(values: pd.Series) -> pd.Series:
    """Return the moments that cells name, to the second, as datetime64[ns]; NaT where none.

    Understands what `minyi.domain.calendar.parse_date` does, with a time of day in 24 hours or
    after 下午 and 晚上, and the day numbers of spreadsheets. A time zone is left out: what counts
    is the clock on the wall.

    Examples
    --------
    >>> import pandas as pd
    >>> moments_of(pd.Series(["2026/3/5 9:07", "2026年3月5日 下午3点", "上周"])).tolist()
    [Timestamp('2026-03-05 09:07:00'), Timestamp('2026-03-05 15:00:00'), NaT]
    """
    import pandas as pd

    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values.astype("datetime64[ns]")
    texts = texts_of(values).str.strip()
    distinct = pd.Series(texts.unique(), dtype="str")
    found = pd.Series(_parsed(distinct).to_numpy(), index=distinct.to_numpy())
    return found.reindex(texts.to_numpy()).set_axis(values.index)


def _parsed(texts: pd.Series) -> pd.Series:
    import pandas as pd

    parts = texts.str.extract(_DAY + _CLOCK)
    numbers = parts.drop(columns=3).apply(pd.to_numeric).astype("float64")
    numbers.columns = pd.Index(["year", "month", "day", "hour", "minute", "second"])
    days = pd.to_datetime(numbers[["year", "month", "day"]], errors="coerce")
    days = days.astype("datetime64[ns]")
    clock = numbers[["hour", "minute", "second"]].fillna(0)
    late = parts[3].fillna("").str.contains("下午|晚|夜|pm", case=False) & (clock["hour"] < 12)
    hours = clock["hour"] + 12 * late
    is_time = (hours < 24) & (clock["minute"] < 60) & (clock["second"] < 60)
    seconds = (3600 * hours + 60 * clock["minute"] + clock["second"]).where(is_time, 0)
    serial = pd.to_numeric(texts.str.extract(f"^{_SERIAL}$")[0]).astype("float64")
    counted = pd.to_datetime(serial, unit="D", origin="1899-12-30").astype("datetime64[ns]")
    moments: pd.Series = days + pd.to_timedelta(seconds, unit="s")
    return moments.fillna(counted.dt.round("s")).astype("datetime64[ns]")


def counts_of(values: pd.Series) -> pd.Series:
    """Return whole numbers, at least 0, as int64; 0 where a cell holds no number."""
    import pandas as pd

    texts = texts_of(values).str.replace(",", "").str.extract(r"(\d+(?:\.\d+)?)")[0]
    return pd.to_numeric(texts).fillna(0).clip(upper=2**53).astype("int64")


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

    def status(word: str) -> str | None:
        if asked and word in _ADOPTED:
            return yes if _ADOPTED[word] == YES else no
        return _STATUS.get(word, "" if word in _NOTHING else None)

    return _mapped(values, status)


def adopted_of(values: pd.Series) -> tuple[pd.Series, list[int]]:
    """Return 是, 否 or nothing for each cell, and the positions of cells that say neither."""
    return _mapped(values, lambda word: _ADOPTED.get(word, "" if word in _NOTHING else None))


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


def _word(cell: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKC", cell).strip().lower()
    return _MARKS.sub("", plain) or plain


def _mapped(values: pd.Series, meaning: Callable[[str], str | None]) -> tuple[pd.Series, list[int]]:
    """Map each distinct cell once."""
    texts = texts_of(values)
    meanings = {text: meaning(_word(text)) for text in texts.unique()}
    unknown = {text for text, found in meanings.items() if found is None}
    found = texts.map({text: found or "" for text, found in meanings.items()}).astype("str")
    return found, [int(i) for i in texts.isin(unknown).to_numpy().nonzero()[0]]
