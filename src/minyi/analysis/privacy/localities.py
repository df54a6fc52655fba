"""Places made as coarse as asked: in a column, and wherever a text names one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from minyi.domain.office import Town

_SOME = "某"
_COUNTY = "本县"
# What a name does not hold, so that 我住在阳光小区 loses 阳光 and no more.
_NAME = (
    r"[^\W\d_a-zA-Z的在是住系于到来自为和与及我你您他她它们这那该全各本每某把被从对有没不了几个日求或向请让给叫当前往离去回将要又也都"
    r"还就只能会可以说由因但经过沿着附近靠原属修建装做走进出坏堵、，。！？；：（）“”《》 ]"
)
_COMMON = (
    "农|城中|自然|行政|贫困|周边|相邻|邻|新农|整|多|许多|很多|其他|所属|辖|当地|属地|居民|小|居住|所在|基层|美丽|文明|城|集|老|古|隔壁"
    "|别|下|返|故|山|大|中|新|旧|一|二|两|三|四|五|六|道|公|高速公|铁|马|网|思|出|半|水|土|泥|便|主干|机耕|石子|柏油|沥青|村级公|乡村公|环村公"
    "|农村公|通村公|入户|断头|砂石|水泥|盲|步行|商业|小吃|后|临|沿|学|母|高|党|分|驾|技|夜|全|住宅|安置|开发|保障性住房|老旧|同|乡|县|城"
)
_BELOW_TOWN = re.compile(
    rf"(?P<name>{_NAME}{{2,4}})(?P<kind>社区|小区|花园|家园|公寓|新村|村(?![民级务庄里容貌镇风干头委医道上内中口支小组户局])"
    r"|村(?=[民委组])|大道|路(?![灯面口段边基过人上牌况桥由局费])|街(?![道上面头])|巷|小学|中学|幼儿园|学校|大厦|广场|市场|医院|工业园|水库|有限公司)"
)
_TOWN = re.compile(
    rf"(?P<name>{_NAME}{{2,4}})(?P<kind>街道|[镇乡](?![民级务容貌风干委医道上内中口村里下]))"
)
_COUNTY_OF = re.compile(
    rf"(?P<name>{_NAME}{{2,3}})(?P<kind>[省市县](?![民级委政长里区场内外直城]))"
)
_NOT_A_NAME = re.compile(
    rf"(?:{_COMMON})|.*(?:城|道|超|夜宵|很多|里多|配套|计算|百米|公办|民办|私立|所在|我们|统计|政府|询问|导致|开放|影响|建设|规划)"
)


@dataclass(frozen=True)
class Coarse:
    """How a place column and the places of a text are made coarse."""

    place: Callable[[str], str]
    text: Callable[[str], str]


class Localities:
    """The towns and villages of an office, or, without, the forms of names.

    Parameters
    ----------
    towns : sequence of Town
    county : str
        The name of the office, told where no more than the county may be.

    Examples
    --------
    >>> towns = [Town("石桥镇", ("石桥",), ("大塘村", "柳湾村"))]
    >>> coarse = Localities(towns).coarse("town")
    >>> coarse.place("石桥镇大塘村"), coarse.place("柳湾村")
    ('石桥镇', '石桥镇')
    >>> coarse.text("石桥镇大塘村到柳湾村的路断了，阳光小区停水")
    '石桥镇某村到某村的路断了，某小区停水'
    """

    def __init__(self, towns: Sequence[Town] = (), county: str = "") -> None:
        self._county = county or _COUNTY
        self._towns = {name: town.name for town in towns for name in (town.name, *town.aliases)}
        self._villages: dict[str, str] = {}
        for town in towns:
            for village in town.villages:
                # The same name in two towns tells neither.
                same = self._villages.get(village, town.name) == town.name
                self._villages[village] = town.name if same else ""
        # 石桥那边的采石场 tells the village too, unless the town is called so.
        stems = {name: name.removesuffix("社区").removesuffix("村") for name in self._villages}
        self._called = self._villages.keys() | {
            stem
            for stem in stems.values()
            if len(stem) > 1 and not any(stem in name for name in self._towns)
        }

    def coarse(self, level: str) -> Coarse:
        """Return how to make places as coarse as `level`; see `anonymise`."""
        if level == "village":
            return Coarse(lambda place: place, lambda text: text)
        if level == "town":
            return Coarse(self._town_of, self._without_villages)
        if level == "county":
            return Coarse(lambda place: self._county if place else "", self._without_towns)
        return Coarse(lambda place: "", self._without_any)

    def _town_of(self, place: str) -> str:
        for name in sorted(self._towns, key=len, reverse=True):
            if name in place:
                return self._towns[name]
        for village, town in self._villages.items():
            if village in place:
                return town
        found = _TOWN.search(place)
        return found[0] if found else ""

    def _without_villages(self, text: str) -> str:
        return _by_form(_BELOW_TOWN, _listed(text, self._called), set(self._towns))

    def _without_towns(self, text: str) -> str:
        return _by_form(_TOWN, _listed(self._without_villages(text), self._towns))

    def _without_any(self, text: str) -> str:
        return _by_form(_COUNTY_OF, _listed(self._without_towns(text), [self._county]))


def _listed(text: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=lambda name: (-len(name), name)):
        text = text.replace(name, _SOME + _kind_of(name))
    return text


def _kind_of(name: str) -> str:
    two = ("社区", "街道", "小区")
    return name[-2:] if name.endswith(two) else name[-1] if name[-1] in "村镇乡县市区" else "地"


def _by_form(pattern: re.Pattern[str], text: str, kept: set[str] | None = None) -> str:
    def hidden(match: re.Match[str]) -> str:
        name = match["name"]
        if _NOT_A_NAME.fullmatch(name) or name.startswith(_SOME):
            return match[0]
        town = next((own for own in sorted(kept or (), key=len) if name.startswith(own)), "")
        named = _TOWN.match(match[0])
        return (town or (named[0] if named and kept is not None else "")) + _SOME + match["kind"]

    return pattern.sub(hidden, text)
