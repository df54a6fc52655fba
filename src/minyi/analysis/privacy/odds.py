"""How likely characters are in a name, against ordinary text; read by `evidence` and `forms`.

Three tables, all natural logarithms: how much more often a character is a surname than it stands
in ordinary text, the same for characters of given names, and how much more often two characters
stand side by side in ordinary text than by chance (高兴, 马路). They come with the program and are
made by ``python -m minyi.analysis.privacy.counting``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from minyi.resources import bundled

FILE = "domain/name_odds.txt"
#: The lines of the file that are no pairs: surnames, characters of given names, other spellings.
OF_SURNAMES, OF_GIVEN, OF_SPELLINGS = "^$="
_NEVER = -6.0  # a character that no name is known to hold


@dataclass(frozen=True)
class Odds:
    """The tables.

    Parameters
    ----------
    surnames, givens : dict of str to float
        Character → log-odds of name against text.
    pairs : dict of str to float
        Two characters → their association in ordinary text; absent where there is none.
    simplified : dict of int to int
        Traditional → simplified characters, for `str.translate`.
    """

    surnames: dict[str, float]
    givens: dict[str, float]
    pairs: dict[str, float]
    simplified: dict[int, int]

    def given(self, character: str) -> float:
        """Return the log-odds that a character is part of a given name."""
        return self.givens.get(character, _NEVER)

    def bound(self, text: str, place: int) -> float:
        """Return how strongly the characters before and behind `place` belong together.

        Examples
        --------
        >>> odds().bound("大家都很高兴", 5) > 3 > odds().bound("找高志", 1)
        True
        """
        return self.pairs.get(text[place - 1 : place + 1], 0.0) if place else 0.0


@lru_cache(maxsize=1)
def odds() -> Odds:
    """Return the tables that come with the program."""
    tables: dict[str, dict[str, float]] = {}
    spellings = dict[int, int]()
    for line in bundled(FILE).read_text("utf-8").splitlines():
        if line[:2] in ("", "# "):
            continue
        first, *groups = line.split(" ")
        if first == OF_SPELLINGS:
            spellings = {ord(group[0]): ord(group[1]) for group in groups}
        else:
            parts = [group.split(":") for group in groups]
            tables[first] = {char: float(value) for value, chars in parts for char in chars}
    surnames, givens = tables.pop(OF_SURNAMES), tables.pop(OF_GIVEN)
    pairs = {a + b: value for a, behind in tables.items() for b, value in behind.items()}
    return Odds(surnames, givens, pairs, spellings)
