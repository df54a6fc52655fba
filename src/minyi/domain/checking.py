"""Check a raw profile: what is wrong is refused with file, key, expected, found and fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import starmap
from typing import Any, NoReturn

from minyi.domain.departments import Department
from minyi.domain.profile import HEAT, URGENT, Office, Rule, Town
from minyi.domain.taxonomy import Taxonomy
from minyi.errors import ProfileError
from minyi.schema import KINDS, PRECISION, PRECISIONS

_TABLES = {"office", "categories", "thresholds", "deadlines", "departments", "fold", "routes"}
_SECTIONS = {*_TABLES, "privacy", "heat", "towns", "rules", "words"}
_THRESHOLDS = {"category", "kind", "department", "level", "urgent"}
_CONDITIONS = {"category", "kind", "place", "words", "urgent"}
_RULE_KEYS = {"name", *_CONDITIONS, "department", "support", "workdays"}


class Checker:
    """Turn a raw profile into an `Office`, refusing what is wrong with file, key and fix."""

    def __init__(self, file: str, taxonomy: Taxonomy, defaults: Mapping[str, Department]) -> None:
        self.file = file
        self.taxonomy = taxonomy
        self.departments = dict(defaults)

    def office(self, profile: dict[str, Any]) -> Office:
        """Return the checked profile.

        Raises
        ------
        ProfileError
            With file, key, what was expected and found.
        """
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
            heat=self._heat(self._table(profile, "heat")),
            aliases=self._aliases(self._table(profile, "heat").get("aliases", [])),
        )

    def _heat(self, heat: dict[str, Any]) -> dict[str, float]:
        weights = {}
        for name, value in heat.items():
            self._known("heat", name, {*HEAT, "aliases"})
            if name == "aliases":
                continue
            # A table of its own, because bool is a number in Python, and infinity one in TOML.
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value <= 1000
            ):
                self._fail(f"heat.{name}", "0 到 1000 的数（权重）", repr(value))
            weights[name] = float(value)
        if weights and not any(weights.values()):
            self._fail("heat", "至少一项权重大于 0", "全是 0")
        return weights

    def _aliases(self, groups: Any) -> tuple[tuple[str, ...], ...]:
        key = "heat.aliases"
        self._is(key, groups, list, '同一地方的几个名称的列表，如 [["甲小区", "甲苑"]]')
        checked = tuple(self._strings(f"{key} 第 {i} 组", g) for i, g in enumerate(groups, 1))
        seen: set[str] = set()
        for number, group in enumerate(checked, 1):
            if len(set(group)) < 2:
                self._fail(f"{key} 第 {number} 组", "至少两个不同的名称", f"{len(set(group))} 个")
            if twice := seen & set(group):
                self._fail(f"{key} 第 {number} 组", "每个名称只写一处", f"{min(twice)} 写了两处")
            seen |= set(group)
        return checked

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
