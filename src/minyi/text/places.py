"""Find the town and village a submission speaks of: by the office's own list, else by form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# The form of a name: two to four characters before 镇, 乡, 街道, 村 or 社区, none of them a word
# that joins sentences. What such a form also catches is listed below.
_SUFFIX = re.compile(
    r"街道|社区|[镇乡村](?![民级务庄里容貌镇风干头委医道上内中口支小组户])|村(?=[民委组])"
)
_NAME = re.compile(
    r"[^\W\d_a-zA-Z的在是住系于到来自为和与及我你您他她它们这那该全各本每某把被从对有没不了几个日府求决姓或证"
    r"省市县区镇乡村组向请让给叫当前往离去回将要又也都还就只能会可以说一二三四五六七八九十]{2,4}$"
)
_NOT_A_NAME = re.compile(
    r"(?:农|城中|自然|行政|贫困|周边|附近|相邻|邻|新农|棚户|外|整个|原|多个|许多|很多|其他|所属|"
    r"辖区|当地|属地|居民|小区|居住|所在|基层|美丽|文明|乡|城|建制|集|老|小|古|国家|大家|老家|自家|人家|农家|全家|公家|下|返|故|山|别的|隔壁|建议|驻)$"
)
_LOOK_BACK = 4
_MOST_HITS = 8


@dataclass(frozen=True, slots=True)
class _Place:
    town: str
    village: str


class PlaceFinder:
    """Find places.

    Parameters
    ----------
    towns : mapping of str to sequence of str
        Each town's names (the first is shown) to its villages; see `Office`.

    Examples
    --------
    >>> finder = PlaceFinder([(("石桥镇", "石桥"), ("大塘村", "柳湾村"))])
    >>> finder.find("我是大塘村三组的，路烂了")
    '石桥镇大塘村'
    >>> PlaceFinder().find("临江县黄土岭镇双井村没有路灯")
    '黄土岭镇双井村'
    """

    def __init__(self, towns: Sequence[tuple[Sequence[str], Sequence[str]]] = ()) -> None:
        self._places = _gazetteer(towns)
        names = sorted(self._places, key=len, reverse=True)
        self._listed = re.compile("|".join(map(re.escape, names))) if names else None

    def find(self, text: str, column: str = "") -> str:
        """Return the place of a submission, town before village; empty when none is found.

        Parameters
        ----------
        text : str
            Title and body, cleaned.
        column : str
            What a place column says; it goes before the text.
        """
        column = column.strip()
        return self._by_list(column) or column or self._by_list(text) or _by_form(text)

    def _by_list(self, text: str) -> str:
        if self._listed is None or not text:
            return ""
        hits = [self._places[name] for name in self._listed.findall(text)]
        if not hits:
            return ""
        towns = [hit.town for hit in hits if hit.town and not hit.village]
        villages = [hit for hit in hits if hit.village]
        # A village named together with its own town wins over one mentioned in passing.
        villages.sort(key=lambda hit: hit.town not in towns)
        if not villages:
            return towns[0]
        best = villages[0]
        # A village name of several towns: a town that the text names tells which.
        own = (town for town in towns if town + best.village in self._places)
        return (best.town or next(own, "")) + best.village


def _gazetteer(towns: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Mapping[str, _Place]:
    places: dict[str, _Place] = {}
    for names, villages in towns:
        for name in names:
            places[name] = _Place(names[0], "")
        for village in villages:
            # The same village name in two towns: the name alone does not tell which.
            other = places.get(village)
            town = names[0] if other in (None, _Place(names[0], village)) else ""
            places[village] = _Place(town, village)
            places[names[0] + village] = _Place(names[0], village)
    return places


def _by_form(text: str) -> str:
    town = village = ""
    end = 0
    for number, hit in enumerate(_SUFFIX.finditer(text)):
        if number == _MOST_HITS or village:
            break
        start = hit.start()
        name = _NAME.search(text[max(end, start - _LOOK_BACK) : start])
        end = hit.end()
        if not name or _NOT_A_NAME.search(name[0]):
            continue
        if hit[0] in "镇乡街道":
            town = town or name[0] + hit[0]
        else:
            village = name[0] + hit[0]
    return town + village
