"""The office profile: an office's own departments, places, categories, routes, rules, deadlines.

A profile is a TOML file. An office writes only what differs from the shipped default; the
result is checked once, here, so that the rest of the house can rely on it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import starmap
from pathlib import Path
from typing import Any, NoReturn

from minyi.domain.departments import Department, load_departments
from minyi.domain.taxonomy import NOWHERE, Taxonomy, load_taxonomy
from minyi.errors import ProfileError
from minyi.resources import bundled
from minyi.schema import KINDS, PRECISION, PRECISIONS

URGENT = "紧急"
_TABLES = {"office", "categories", "thresholds", "deadlines", "departments", "fold", "routes"}
_SECTIONS = {*_TABLES, "privacy", "towns", "rules", "words"}
_THRESHOLDS = {"category", "kind", "department", "level", "urgent"}
_CONDITIONS = {"category", "kind", "place", "words", "urgent"}
_RULE_KEYS = {"name", *_CONDITIONS, "department", "support", "workdays"}


@dataclass(frozen=True, slots=True)
class Town:
    """A town or street with its villages or communities."""

    name: str
    aliases: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An office's own routing rule; every condition that is given must hold.

    Attributes
    ----------
    category : tuple of str
        Codes; their descendants are meant too.
    words : tuple of str
        Any of them in the text.
    department, support, workdays
        What the rule decides; empty or None leaves it as it was.
    """

    name: str
    category: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    urgent: bool | None = None
    department: str = ""
    support: tuple[str, ...] = ()
    workdays: int | None = None


@dataclass(frozen=True)
class Office:
    """A checked profile.

    Attributes
    ----------
    name : str
    departments : mapping of str to Department
        By code, with the office's own names.
    fold : mapping of str to str
        The code of a department that the office lacks, and the one that does its work.
    routes : mapping of str to tuple of str
        Category code (any level) to the lead department and those that support it.
    rules : tuple of Rule
    towns : tuple of Town
    deadlines : mapping of str to int
        Workdays by kind, and for ``紧急``.
    thresholds : mapping of str to float or None
        ``None`` means: as the model says.
    precision : float
        How often what goes out without a look shall be right, where the model says the thresholds.
    words : tuple of str
        The office's own words for the segmenter; names of its places are added.
    categories : tuple of str
        Codes of the categories in use, their descendants meant too; empty: all.
    shows_personal_data : bool
        Whether personal data, masked by default, may be shown to who asks for it.
    """

    name: str
    departments: Mapping[str, Department]
    fold: Mapping[str, str]
    routes: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    towns: tuple[Town, ...]
    deadlines: Mapping[str, int]
    thresholds: Mapping[str, float | None]
    words: tuple[str, ...] = field(default=())
    categories: tuple[str, ...] = ()
    precision: float = PRECISION
    shows_personal_data: bool = True

    def uses(self, code: str) -> bool:
        """Whether a category is in use: itself, or one above or below it."""
        return (
            not self.categories
            or code == NOWHERE
            or any(code.startswith(own) or own.startswith(code) for own in self.categories)
        )

    def route(self, code: str) -> tuple[str, ...]:
        """Return the department codes for a category: the lead first, then those in support."""
        while code and code not in self.routes:
            code = code[:-2]
        folded = [self.folded(department) for department in self.routes.get(code, ())]
        return tuple(dict.fromkeys(folded))

    def folded(self, department: str) -> str:
        """Return the department that does the work of `department` in this office."""
        while department in self.fold:
            department = self.fold[department]
        return department


def load_office(path: Path | None = None) -> Office:
    """Read a profile over the shipped default.

    Parameters
    ----------
    path : Path, optional
        The office's own ``office.toml``.

    Raises
    ------
    ProfileError
        With file, key, what was expected and found.

    Examples
    --------
    >>> load_office().route("010205")
    ('公交公司', '交通运输')
    """
    default = bundled("domain/office.toml")
    profile = _read(default)
    name = default.name
    if path is not None:
        name = path.name
        profile = _merge(profile, _read(path))
    return _Checker(name, load_taxonomy(), load_departments()).office(profile)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise ProfileError(f"找不到单位配置文件：{path}。请检查路径。") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{path.name} 不是 UTF-8 编码：请用记事本另存为 UTF-8。") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(
            f"{path.name} 不符合 TOML 格式：{error}。"
            "请检查该行的引号与方括号；中文的键要加英文双引号。"
        ) from None
    except OSError as error:
        raise ProfileError(f"无法读取单位配置文件 {path}：{error.strerror}。") from None


def _merge(default: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(default)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(default.get(key), dict):
            merged[key] = {**default[key], **value}
        elif key == "rules" and isinstance(value, list):
            merged[key] = [*value, *default.get(key, [])]
        else:
            merged[key] = value
    return merged


class _Checker:
    """Turn a raw profile into an `Office`, refusing what is wrong with file, key and fix."""

    def __init__(self, file: str, taxonomy: Taxonomy, defaults: Mapping[str, Department]) -> None:
        self.file = file
        self.taxonomy = taxonomy
        self.departments = dict(defaults)

    def office(self, profile: dict[str, Any]) -> Office:
        for section in profile:
            self._known("", section, _SECTIONS)
        for code, name in self._table(profile, "departments").items():
            self._text(f"departments.{code}", name, "部门名称（文字）")
            known = self.departments.get(code, Department(code, name))
            self.departments[code] = replace(known, name=name)
        return Office(
            name=self._name(self._table(profile, "office")),
            departments=self.departments,
            fold=self._fold(self._table(profile, "fold")),
            routes=self._routes(self._table(profile, "routes")),
            rules=tuple(starmap(self._rule, enumerate(self._tables(profile, "rules"), 1))),
            towns=tuple(starmap(self._town, enumerate(self._tables(profile, "towns"), 1))),
            deadlines=self._deadlines(self._table(profile, "deadlines")),
            thresholds=self._thresholds(self._table(profile, "thresholds")),
            words=self._strings("words", profile.get("words", [])),
            categories=self._categories(self._table(profile, "categories")),
            precision=self._precision(self._table(profile, "thresholds")),
            shows_personal_data=self._privacy(self._table(profile, "privacy")),
        )

    def _privacy(self, privacy: dict[str, Any]) -> bool:
        for key in privacy:
            self._known("privacy", key, {"show"})
        show = privacy.get("show", True)
        self._is("privacy.show", show, bool, "true 或 false")
        return bool(show)

    def _categories(self, categories: dict[str, Any]) -> tuple[str, ...]:
        for name in categories:
            self._known("categories", name, {"use"})
        if "use" not in categories:
            return ()
        key = "categories.use"
        labels = self._strings(key, categories["use"])
        if not labels:
            self._fail(key, '至少一个类别，如 ["01", "0402"]（不写 use 就是全部）', "空")
        return tuple(dict.fromkeys(self._meant(key, label) for label in labels))

    def _fold(self, fold: dict[str, Any]) -> dict[str, str]:
        for lacking, target in fold.items():
            self._department(f"fold.{lacking}", lacking)
            self._department(f"fold.{lacking}", target)
        for lacking in fold:
            body, seen = lacking, set()
            while body in fold:
                seen.add(body)
                body = fold[body]
                if body in seen:
                    self._fail(f"fold.{lacking}", "不成环的并入关系", f"{body} 最终并回自己")
        return fold

    def _routes(self, routes: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        checked = {}
        for code, departments in routes.items():
            key = f"routes.{code}"
            self._category(key, code)
            names = self._strings(key, departments)
            if not names:
                self._fail(key, '至少一个部门，如 ["住建"]', "空")
            for department in names:
                self._department(key, department)
            checked[code] = names
        return checked

    def _rule(self, number: int, rule: Any) -> Rule:
        key = f"rules 第 {number} 条"
        self._is(key, rule, dict, "一组键值")
        for name in rule:
            self._known(key, name, _RULE_KEYS)
        lists = {
            name: self._strings(f"{key} {name}", rule.get(name, []))
            for name in ("category", "kind", "place", "words", "support")
        }
        for code in lists["category"]:
            self._category(f"{key} category", code)
        for kind in lists["kind"]:
            self._known(f"{key} kind", kind, KINDS)
        for department in lists["support"]:
            self._department(f"{key} support", department)
        if (lead := rule.get("department", "")) != "":
            self._department(f"{key} department", lead)
        if (urgent := rule.get("urgent")) is not None:
            self._is(f"{key} urgent", urgent, bool, "true 或 false")
        if (workdays := rule.get("workdays")) is not None:
            self._workdays(f"{key} workdays", workdays)
        return Rule(
            name=str(rule.get("name") or f"规则{number}"),
            urgent=urgent,
            department=lead,
            workdays=workdays,
            **lists,
        )

    def _town(self, number: int, town: Any) -> Town:
        key = f"towns 第 {number} 个"
        self._is(key, town, dict, "一组键值")
        for name in town:
            self._known(key, name, {"name", "aliases", "villages"})
        self._text(f"{key} name", town.get("name"), "乡镇名称（文字）")
        aliases = self._strings(f"{key} aliases", town.get("aliases", []))
        villages = self._strings(f"{key} villages", town.get("villages", []))
        return Town(town["name"], aliases, villages)

    def _deadlines(self, deadlines: dict[str, Any]) -> dict[str, int]:
        for kind, workdays in deadlines.items():
            self._known("deadlines", kind, {*KINDS, URGENT})
            self._workdays(f"deadlines.{kind}", workdays)
        return deadlines

    def _precision(self, thresholds: dict[str, Any]) -> float:
        precision = thresholds.get("precision", PRECISION)
        if precision not in PRECISIONS:
            choices = "、".join(map(str, PRECISIONS))
            self._fail("thresholds.precision", f"其中之一：{choices}", repr(precision))
        return float(precision)

    def _thresholds(self, thresholds: dict[str, Any]) -> dict[str, float | None]:
        checked: dict[str, float | None] = {}
        for name, value in thresholds.items():
            self._known("thresholds", name, {*_THRESHOLDS, "precision"})
            if name == "precision":
                continue
            if value == "auto":
                checked[name] = None
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                self._fail(f"thresholds.{name}", '0 到 1 之间的数或 "auto"', repr(value))
            checked[name] = float(value)
        return checked

    def _table(self, profile: dict[str, Any], name: str) -> dict[str, Any]:
        table = profile.get(name, {})
        self._is(name, table, dict, f"[{name}] 一节")
        return dict(table)

    def _tables(self, profile: dict[str, Any], name: str) -> list[Any]:
        tables = profile.get(name, [])
        self._is(name, tables, list, f"一个或多个 [[{name}]] 小节（双方括号）")
        return list(tables)

    def _name(self, office: dict[str, Any]) -> str:
        for key in office:
            self._known("office", key, {"name"})
        name = office.get("name", "")
        self._is("office.name", name, str, "单位名称（文字）")
        return str(name)

    def _strings(self, key: str, value: Any) -> tuple[str, ...]:
        # An empty text would be found in every submission.
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self._fail(key, '文字的列表，如 ["甲", "乙"]，各项不为空', repr(value))
        return tuple(value)

    def _category(self, key: str, code: str) -> None:
        if code not in self.taxonomy:
            self._fail(key, "taxonomy.csv 里的类别代码（2、4 或 6 位数字）", code)

    def _meant(self, key: str, label: str) -> str:
        """Return the code of a category given by code, path or name."""
        code = self.taxonomy.find(label)
        if code is None:
            expected = "taxonomy.csv 里类别的代码、全路径或唯一的名称"
            self._fail(key, expected, label, self._nearest(label))
        return code

    def _nearest(self, label: str) -> str:
        paths = {code: "/".join(self.taxonomy.path(code)) for code in self.taxonomy}
        code_of = {
            name: code
            for code in sorted(paths, key=len, reverse=True)  # of equal names, the highest stays
            for name in (code, self.taxonomy[code].label, paths[code])
        }
        if label.isdigit() and len(label) % 2:  # a spreadsheet drops the leading zero
            label = f"0{label}"
        near = get_close_matches(label, code_of, n=1)
        return f"最接近的是 {code_of[near[0]]}（{paths[code_of[near[0]]]}）。" if near else ""

    def _department(self, key: str, code: Any) -> None:
        if not isinstance(code, str) or code not in self.departments:
            self._fail(key, "departments.csv 或 [departments] 里的部门代码", repr(code))

    def _workdays(self, key: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 366:
            self._fail(key, "0 到 366 的整数（工作日）", repr(value))

    def _known(self, key: str, name: str, allowed: Any) -> None:
        if name not in allowed:
            choices = "、".join(sorted(allowed))
            self._fail(f"{key} {name}".strip(), f"其中之一：{choices}", name)

    def _text(self, key: str, value: Any, expected: str) -> None:
        if not isinstance(value, str) or not value.strip():
            self._fail(key, expected, repr(value))

    def _is(self, key: str, value: Any, kind: type, expected: str) -> None:
        if not isinstance(value, kind):
            self._fail(key, expected, repr(value))

    def _fail(self, key: str, expected: str, found: str, hint: str = "") -> NoReturn:
        raise ProfileError(f"{self.file} 的 {key}：应为{expected}，实际是 {found}。{hint}")
