"""The section [heat] of a profile: weights of the heat index, other names of one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from minyi.domain.office import HEAT, Office, load_office
from minyi.errors import ProfileError


def office(tmp_path: Path, text: str) -> Office:
    path = tmp_path / "本县.toml"
    path.write_text(text, "utf-8")
    return load_office(path)


def test_the_default_weighs_every_part_and_knows_no_alias() -> None:
    default = load_office()
    assert set(default.heat) == set(HEAT)
    assert default.aliases == ()


def test_an_own_weight_is_laid_over_the_default(tmp_path: Path) -> None:
    own = office(tmp_path, "[heat]\nurgency = 40\n")
    assert own.heat == {**load_office().heat, "urgency": 40.0}


def test_aliases_keep_their_order(tmp_path: Path) -> None:
    own = office(tmp_path, '[heat]\naliases = [["金桂豪庭小区", "金桂苑"], ["青石采石场", "石场"]]')
    assert own.aliases == (("金桂豪庭小区", "金桂苑"), ("青石采石场", "石场"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fame = 3", "heat fame：应为其中之一"),
        ("number = -1", "heat.number：应为0 到 1000 的数"),
        ("number = true", "heat.number：应为0 到 1000 的数"),
        ("number = inf", "heat.number：应为0 到 1000 的数"),
        ("\n".join(f"{name} = 0" for name in HEAT), "heat：应为至少一项权重大于 0"),
        ('aliases = ["金桂苑"]', "heat.aliases 第 1 组：应为文字的列表"),
        ('aliases = [["金桂苑"]]', "第 1 组：应为至少两个不同的名称"),
        ('aliases = [["甲苑", "乙苑"], ["丙苑", "乙苑"]]', "乙苑 写了两处"),
        ("aliases = 3", "heat.aliases：应为同一地方的几个名称的列表"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ProfileError, match=told):
        office(tmp_path, f"[heat]\n{text}\n")
