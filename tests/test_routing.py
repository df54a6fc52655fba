"""Routing: category, words, place and the office's rules decide, and the reason says which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minyi.domain.departments import load_departments
from minyi.domain.office import Office, load_office
from minyi.errors import ProfileError
from minyi.routing import Matter, Route, Router

DEFAULT = load_office()
CODES = ("0102", "0202", "0402")  # led by 城管, 乡镇街道, 生态环境
NAMES = tuple(department.name for department in load_departments().values())
MATTER = Matter("040203", "投诉", False, "石桥镇大塘村", "工地凌晨还在打桩", date(2025, 5, 9))


def office(tmp_path: Path, text: str) -> Office:
    path = tmp_path / "本县.toml"
    path.write_text(text, "utf-8")
    return load_office(path)


def one_hot(items: Sequence[str], item: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array([[float(x == item) for x in items]], dtype=np.float32)


def routed(profile: Office, matter: Matter = MATTER, *, category: str = "0402") -> Route:
    router = Router(profile, CODES, ())
    return router.route(matter, router.scores(one_hot(CODES, category), None)[0])


def test_a_category_goes_where_its_route_says() -> None:
    route = routed(DEFAULT)
    assert route.department == "生态环境局"
    assert route.co_departments == ("城市管理局", "公安局")
    assert route.reason == "按类别归口（噪音污染）"
    assert route.score == 1.0


def test_a_local_matter_names_its_place() -> None:
    route = routed(DEFAULT, replace(MATTER, category="0202"), category="0202")
    assert route.department == "属地乡镇政府(街道办事处)"
    assert route.reason == "属地办理：石桥镇大塘村"
    nowhere = routed(DEFAULT, replace(MATTER, category="0202", place=""), category="0202")
    assert nowhere.reason == "按类别归口（村务管理）"


def test_words_can_outweigh_the_category_and_are_named() -> None:
    router = Router(DEFAULT, CODES, NAMES)
    mixed = np.array([[0.3, 0.3, 0.4]], dtype=np.float32)
    scores = router.scores(mixed, one_hot(NAMES, "城市管理局"))
    route = router.route(MATTER, scores[0], ["打桩", "凌晨", "工地", "施工"])
    assert route.department == "城市管理局"
    assert route.reason == "按文字判断（打桩、凌晨、工地）"
    assert route.co_departments == ("生态环境局", "公安局")
    assert 0 < route.score < 1


def test_words_alone_decide_where_the_model_has_no_categories() -> None:
    router = Router(DEFAULT, (), NAMES)
    scores = router.scores(None, one_hot(NAMES, "水利局"))
    route = router.route(replace(MATTER, category=""), scores[0])
    assert (route.department, route.reason, route.score) == ("水利局", "按文字判断", 1.0)


def test_without_any_evidence_no_department_is_made_up() -> None:
    router = Router(DEFAULT, (), ("外县某局",))
    scores = router.scores(None, np.ones((1, 1), np.float32))
    route = router.route(replace(MATTER, category=""), scores[0])
    assert (route.department, route.co_departments, route.reason) == ("", (), "")
    assert route.deadline is not None


def test_a_renamed_department_keeps_what_the_model_knows_of_it(tmp_path: Path) -> None:
    own = office(tmp_path, '[departments]\n"水利" = "水务局"')
    router = Router(own, (), NAMES)
    scores = router.scores(None, one_hot(NAMES, "水利局"))
    assert router.route(replace(MATTER, category=""), scores[0]).department == "水务局"


def test_a_model_of_own_names_finds_the_renamed_department(tmp_path: Path) -> None:
    own = office(tmp_path, '[departments]\n"水利" = "水务局"')
    router = Router(own, (), ("水务局",))
    scores = router.scores(None, np.ones((1, 1), np.float32))
    assert router.route(replace(MATTER, category=""), scores[0]).department == "水务局"


def test_a_folded_department_gives_its_share_and_its_work_away(tmp_path: Path) -> None:
    own = office(tmp_path, '[fold]\n"生态环境" = "城管"')
    route = routed(own)
    assert route.department == "城市管理局"
    assert route.co_departments == ("公安局",)
    router = Router(own, (), NAMES)
    texts = (one_hot(NAMES, "生态环境局") + one_hot(NAMES, "城市管理局")) / 2
    assert router.scores(None, texts).max() == pytest.approx(1.0)
    assert router.scores(None, texts).shape == (1, 51)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3), st.integers(0, 51))
def test_scores_are_probabilities(weights: list[float], body: int) -> None:
    categories = np.array([weights], np.float32) + np.float32(0.01)
    categories /= categories.sum()
    scores = Router(DEFAULT, CODES, NAMES).scores(categories, one_hot(NAMES, NAMES[body]))
    assert scores.min() >= 0
    assert scores.sum() == pytest.approx(1.0)


def test_the_first_rule_that_holds_wins_and_is_named(tmp_path: Path) -> None:
    own = office(
        tmp_path,
        """
        [fold]
        "应急" = "消防"
        [[rules]]
        name = "别处"
        place = ["柳湾村"]
        department = "信访"
        [[rules]]
        name = "夜间噪音"
        words = ["凌晨"]
        department = "应急"
        support = ["公安", "消防"]
        [[rules]]
        name = "后来者"
        department = "信访"
        """,
    )
    route = routed(own)
    assert route.department == "消防救援大队"
    assert route.co_departments == ("公安局", "生态环境局", "城市管理局")
    assert route.reason == "规则“夜间噪音”"
    assert route.score == 1.0


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ('category = ["04"]', replace(MATTER, category="0102")),
        ('category = ["0101", "040203"]', replace(MATTER, category="040205")),
        ('category = ["04"]', replace(MATTER, category="")),
        ('kind = ["举报", "投诉"]', replace(MATTER, kind="咨询")),
        ('place = ["大塘村"]', replace(MATTER, place="石桥镇")),
        ('words = ["半夜", "凌晨"]', replace(MATTER, text="工地还在打桩")),
        ("urgent = false", replace(MATTER, urgent=True)),
        ('kind = ["投诉"]\nwords = ["凌晨"]', replace(MATTER, kind="求助")),
    ],
)
def test_every_condition_of_a_rule_must_hold(tmp_path: Path, condition: str, other: Matter) -> None:
    own = office(tmp_path, f'[[rules]]\nname = "试"\ndepartment = "信访"\n{condition}')
    assert routed(own).reason == "规则“试”"
    assert routed(own, other).reason != "规则“试”"


def test_a_rule_may_add_support_and_leave_the_lead(tmp_path: Path) -> None:
    route = routed(office(tmp_path, '[[rules]]\nname = "试"\nsupport = ["信访", "公安"]'))
    assert route.department == "生态环境局"
    assert route.co_departments == ("信访局", "公安局", "城市管理局")
    assert route.reason == "规则“试”"


def test_the_deadline_goes_by_kind_then_urgency_then_rule(tmp_path: Path) -> None:
    own = office(
        tmp_path,
        """
        [deadlines]
        "投诉" = 5
        "紧急" = 1
        [[rules]]
        words = ["打桩"]
        urgent = true
        workdays = 0
        [[rules]]
        words = ["凌晨"]
        kind = ["求助"]
        workdays = 2
        """,
    )
    assert routed(own).deadline == date(2025, 5, 16)
    assert routed(own, replace(MATTER, urgent=True, text="")).deadline == date(2025, 5, 12)
    assert routed(own, replace(MATTER, urgent=True)).deadline == MATTER.received
    assert routed(own, replace(MATTER, kind="求助")).deadline == date(2025, 5, 13)
    assert routed(own, replace(MATTER, kind="")).deadline is None


def test_a_deadline_past_the_calendar_says_so() -> None:
    route = routed(DEFAULT, replace(MATTER, received=date(2035, 1, 1)))
    assert route.deadline == date(2035, 1, 22)
    assert not route.calendar_known


def test_a_rule_to_an_unknown_department_never_gets_so_far(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=re.escape("rules 第 1 条 department：应为")):
        office(tmp_path, '[[rules]]\ndepartment = "城官"')
