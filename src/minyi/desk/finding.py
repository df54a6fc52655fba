"""Hot issues and the report of a batch, computed; nothing here draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from minyi.desk.covering import cover_name, cover_number
from minyi.desk.gathering import gather
from minyi.desk.showing import shown
from minyi.desk.state import Desk

if TYPE_CHECKING:
    import pandas as pd

    from minyi.analysis import HotIssues

#: What the report wants beyond the desk, and how to get it.
HOW_TO_INSTALL = (
    '要写 Word 报告，请先安装：pip install "minyi[analysis]"（不能上网的电脑请找管理员）'
)
_NEEDED = ("docx", "matplotlib")


@dataclass(frozen=True)
class Found:
    """The hot issues of a batch.

    Attributes
    ----------
    frame : DataFrame
        The submissions, see `gather`.
    hot : HotIssues
        As they are; `tables` hides what is personal.
    """

    frame: pd.DataFrame
    hot: HotIssues

    @property
    def places(self) -> list[str]:
        """The places of the submissions, the most frequent first."""
        places = self.frame["place"]
        return [str(name) for name in places[places != ""].value_counts().index]

    @property
    def notes(self) -> list[str]:
        """What the submissions did not tell, in Chinese."""
        return list(dict.fromkeys([*self.frame.attrs.get("notes", ()), *self.hot.notes]))


def find(desk: Desk, batch_id: int) -> Found:
    """Find the hot issues of a batch; takes seconds for thousands."""
    from minyi.analysis import hot_issues

    frame = gather(desk.store, batch_id, desk.office)
    return Found(frame, hot_issues(frame, desk.office))


def tables(found: Found, *, plain: bool) -> dict[str, pd.DataFrame]:
    """Return the sheets of the workbook; personal data is hidden unless `plain`.

    Senders keep their family name, numbers are hidden everywhere.
    """
    members = found.hot.members if plain else _hidden(found.hot.members)
    return {
        "热点问题表": issues_of(found, plain=plain),
        "热点问题留言明细表": members,
        "热度构成": found.hot.parts,
    }


def issues_of(found: Found, *, plain: bool) -> pd.DataFrame:
    """Return 热点问题表."""
    covers = dict.fromkeys(("问题描述", "地点/人群"), _masked)
    return found.hot.issues if plain else _covered(found.hot.issues, covers)


def members_of(found: Found, number: int, *, plain: bool) -> pd.DataFrame:
    """Return the members of an issue, for reading: of their times the day."""
    members = found.hot.members
    own = members[members["问题ID"] == number]
    days = own["留言时间"].dt.strftime("%Y-%m-%d").fillna("")
    return (own if plain else _hidden(own)).assign(留言时间=days)


def _hidden(members: pd.DataFrame) -> pd.DataFrame:
    numbers = dict.fromkeys(("留言编号", "留言主题", "留言详情"), _masked)
    return _covered(members, numbers | {"留言用户": _person})


def _covered(table: pd.DataFrame, covers: Mapping[str, Callable[[str], str]]) -> pd.DataFrame:
    return table.assign(**{name: table[name].map(cover) for name, cover in covers.items()})


def _masked(text: str) -> str:
    return shown(text, plain=False)


def _person(name: str) -> str:
    return cover_name(cover_number(name))


def workbook(found: Found, *, plain: bool) -> bytes:
    """Return the workbook that ``minyi analyse hot`` writes."""
    from minyi.analysis import write_tables

    with TemporaryDirectory() as folder:
        path = Path(folder) / "热点.xlsx"
        write_tables(path, tables(found, plain=plain), found.notes)
        return path.read_bytes()


def can_report() -> bool:
    """Tell whether what the report wants is installed."""
    return all(find_spec(name) for name in _NEEDED)


@dataclass(frozen=True)
class Written:
    """A report and the workbook of its numbers."""

    title: str
    document: bytes
    numbers: bytes


def write(desk: Desk, found: Found, place: str, occasion: str) -> Written:
    """Write the report of a place, or of all; it hides names and numbers by itself.

    Parameters
    ----------
    desk : Desk
    found : Found
    place : str
        Empty for all.
    occasion : str
        How the submissions came, as 本轮走访.
    """
    from minyi.analysis.report import report, write_report

    with TemporaryDirectory() as folder:
        path = Path(folder) / "报告.docx"
        told = report(found.frame, place=place, minyi=desk.minyi, occasion=occasion)
        numbers = write_report(told, path)
        return Written(told.title, path.read_bytes(), numbers.read_bytes())
