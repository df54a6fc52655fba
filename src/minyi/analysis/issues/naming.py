"""What groups name in common, and where names tell that a group is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from minyi.analysis.issues.linkage import members
from minyi.analysis.issues.linking import Linking, Texts, group, only
from minyi.analysis.issues.mentions import MentionFinder, SharedName, shared_names, strange_pairs
from minyi.analysis.issues.vectors import Vectors


class Naming:
    """The names of groups of texts, each group read once.

    Parameters
    ----------
    found : Vectors
    texts : Texts
    """

    def __init__(self, found: Vectors, texts: Texts) -> None:
        self._found = found
        self._texts = texts
        self._finder = MentionFinder()
        self._known: dict[tuple[int, ...], SharedName] = {}

    def of(self, groups: list[list[int]]) -> list[SharedName]:
        """Return what most members of each group name in common."""
        keys = [tuple(rows) for rows in groups]
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        names = shared_names(new, self._texts.titles, self._texts.texts, self._found.occurrences)
        self._known.update(zip(new, names, strict=True))
        return [self._known[key] for key in keys]

    def split(self, labels: NDArray[np.int64], linking: Linking) -> NDArray[np.int64]:
        """Split groups that name neither place nor people in common, unless their texts agree."""
        groups = [rows for rows in members(labels) if len(rows) > 1]
        shared = self.of(groups)
        labels = self._apart(labels, groups, strange_pairs([name.name for name in shared]))
        one_place = only(self._texts.places, labels, int(labels.max(initial=-1)) + 1)
        loose = [
            row
            for rows, name in zip(groups, shared, strict=True)
            if not name.is_name and one_place[labels[rows[0]]] < 0
            for row in rows
        ]
        if not loose:
            return labels
        rows = np.array(loose)
        found = self._found
        part = Vectors(found.names[rows], found.objects[rows], found.occurrences)
        strict = replace(linking, least=linking.nameless)
        split = labels.copy()
        split[rows] = labels.max() + 1 + group(part, self._texts.take(rows), strict)
        return np.unique(split, return_inverse=True)[1]

    def _apart(
        self, labels: NDArray[np.int64], groups: list[list[int]], names: list[list[str]]
    ) -> NDArray[np.int64]:
        """Split off members that have another name in common: the same words of another place."""
        rests = [
            [row for row in rows if not self._mentions(row, pairs)] if pairs else []
            for rows, pairs in zip(groups, names, strict=True)
        ]
        several = [rest for rest in rests if len(rest) > 1]
        named = zip(several, self.of(several), strict=True)
        told = {rest[0]: other.name for rest, other in named if other.is_name}
        split = labels.copy()
        for rows, rest in zip(groups, rests, strict=True):
            if not rest or len(rest) == len(rows):
                continue
            left = set(rest)
            first = [row for row in rows if row not in left]
            for part, own in self._parts(rest, told.get(rest[0])):
                pairs = [pair for pairs in strange_pairs(own) for pair in pairs]
                if pairs and not any(self._mentions(row, pairs) for row in first):
                    split[part] = split.max() + 1
        return split

    def _parts(self, rest: list[int], name: str | None) -> list[tuple[list[int], list[str]]]:
        if name is not None:
            return [(rest, [name])]
        titles = self._texts.titles
        return [([row], list(self._finder.find(titles[row]))) for row in rest]

    def _mentions(self, row: int, pairs: list[str]) -> bool:
        title, text = self._texts.titles[row], self._texts.texts[row]
        return any(pair in title or pair in text for pair in pairs)
