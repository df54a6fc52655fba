"""The files that ship with the package."""

from __future__ import annotations

import pytest

from minyi.errors import MinyiError
from minyi.resources import bundled


@pytest.mark.parametrize(
    "name",
    [
        "domain/taxonomy.csv",
        "domain/departments.csv",
        "domain/office.toml",
        "domain/dictionary.txt",
        "models/starter/manifest.json",
        "models/starter/weights.npz",
    ],
)
def test_finds_what_ships(name: str) -> None:
    path = bundled(name)
    assert path.is_file()
    assert path.as_posix().endswith(name)


def test_finds_folders() -> None:
    assert bundled("models/starter").is_dir()


@pytest.mark.parametrize("name", ["domain/没有.csv", "没有/taxonomy.csv", "没有"])
def test_a_missing_file_is_named_with_the_fix(name: str) -> None:
    with pytest.raises(MinyiError, match=f"缺少随程序发布的文件 {name}。请重新安装 minyi"):
        bundled(name)
