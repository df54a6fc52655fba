"""The categories: three levels, keyed by stable codes of two digits a level."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from minyi.errors import ProfileError
from minyi.resources import bundled

DIGITS_PER_LEVEL = 2
# What belongs to no category (greetings, advertisement, nonsense): a class of models that is not
# part of the taxonomy and whose code is never shown.
NOWHERE, NOWHERE_NAME = "00", "不属于任何类别"
_SEPARATORS = str.maketrans({"＞": "/", ">": "/", "／": "/", "—": "/", "|": "/"})


@dataclass(frozen=True, slots=True)
class Category:
    """One category of the scheme.

    Attributes
    ----------
    code : str
        ``01``, ``0102`` or ``010211``; text, with its leading zero.
    parent : str
        The code one level up; empty at level 1.
    name, modern_name : str
        The official name, and the name in use since the reform of 2018 where it differs.
    aliases, keywords : tuple of str
    description, note : str
        One line for the clerk; the tie-breaks with neighbouring categories.
    """

    code: str
    parent: str
    name: str
    modern_name: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""
    keywords: tuple[str, ...] = ()
    note: str = ""

    @property
    def level(self) -> int:
        """1, 2 or 3."""
        return len(self.code) // DIGITS_PER_LEVEL

    @property
    def label(self) -> str:
        """The name to show."""
        return self.modern_name or self.name


class Taxonomy(Mapping[str, Category]):
    """All categories by code, in the order of the file.

    Examples
    --------
    >>> taxonomy = load_taxonomy()
    >>> taxonomy.path("010211")
    ('城乡建设', '城市建设和市政管理', '小区管理')
    >>> taxonomy.find("城乡建设/城市建设和市政管理")
    '0102'
    """

    def __init__(self, categories: list[Category]) -> None:
        self._by_code = {category.code: category for category in categories}
        self._paths = {
            code: tuple(self._by_code[ancestor].label for ancestor in self.ancestors(code))
            for code in self._by_code
        }
        self._by_label = self._index_labels()

    def __getitem__(self, code: str) -> Category:
        return self._by_code[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self._by_code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the codes from level 1 down to `code` itself."""
        ends = range(DIGITS_PER_LEVEL, len(code) + 1, DIGITS_PER_LEVEL)
        return tuple(code[:end] for end in ends)

    def path(self, code: str) -> tuple[str, ...]:
        """Return the names to show from level 1 down to `code`."""
        return self._paths[code]

    def find(self, label: str) -> str | None:
        """Return the code meant by a code, a full path or a name that is unique, else None.

        A name that stands at several places means the highest of them, if that is one.
        """
        label = label.strip()
        if label in self._by_code:
            return label
        return self._by_label.get(label.translate(_SEPARATORS).replace(" ", ""))

    def _index_labels(self) -> dict[str, str]:
        candidates: dict[str, list[str]] = defaultdict(list)
        for code, category in self._by_code.items():
            for name in {category.name, category.modern_name, *category.aliases} - {""}:
                candidates[name].append(code)
        labels = {}
        for name, codes in candidates.items():
            top = min(map(len, codes))
            highest = [code for code in codes if len(code) == top]
            if len(highest) == 1:
                labels[name] = highest[0]
        for code in self._by_code:
            official = (self._by_code[ancestor].name for ancestor in self.ancestors(code))
            labels["/".join(official)] = labels["/".join(self.path(code))] = code
        return labels


@lru_cache(maxsize=4)
def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Read and check a taxonomy file.

    Parameters
    ----------
    path : Path, optional
        A CSV with the columns code, level, parent, name, modern_name, aliases, description,
        keywords, note; lists are separated by ``|``. The default is the shipped scheme.

    Raises
    ------
    ProfileError
        With file, line, column and the fix.
    """
    path = path or bundled("domain/taxonomy.csv")
    categories: list[Category] = []
    codes: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            _check_row(row, codes, f"{path.name} 第 {line} 行")
            codes.add(row["code"])
            categories.append(_category(row))
    if not categories:
        raise ProfileError(f"{path.name} 没有任何类别：至少需要一行。")
    return Taxonomy(categories)


def _check_row(row: dict[str, str], codes: set[str], where: str) -> None:
    code, parent, level = row.get("code") or "", row.get("parent") or "", row.get("level") or ""
    if not (code.isascii() and code.isdigit() and len(code) in (2, 4, 6)):
        raise ProfileError(f"{where} code 应为 2、4 或 6 位数字（保留前导零），实际是“{code}”。")
    if code in codes:
        raise ProfileError(f"{where} code “{code}” 重复：每个代码只能出现一次。")
    if parent != code[:-DIGITS_PER_LEVEL] or (parent and parent not in codes):
        raise ProfileError(f"{where} parent 应为“{code[:-2]}”且写在前面，实际是“{parent}”。")
    if level != str(len(code) // DIGITS_PER_LEVEL):
        raise ProfileError(f"{where} level 应为 {len(code) // 2}，实际是“{level}”。")
    if not row.get("name"):
        raise ProfileError(f"{where} name 为空：请填写类别名称。")


def _category(row: dict[str, str]) -> Category:
    def split(value: str | None) -> tuple[str, ...]:
        return tuple(part for part in (value or "").split("|") if part)

    return Category(
        code=row["code"],
        parent=row.get("parent") or "",
        name=row["name"],
        modern_name=row.get("modern_name") or "",
        aliases=split(row.get("aliases")),
        description=row.get("description") or "",
        keywords=split(row.get("keywords")),
        note=row.get("note") or "",
    )
