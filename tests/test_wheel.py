"""The wheel works where the checkout is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

import minyi
from minyi.resources import bundled

CHECKOUT = Path(__file__).parents[1]
LAMP = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"


def run(
    arguments: Sequence[str | Path], folder: Path, target: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if target:
        environment["PYTHONPATH"] = str(target)
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("轮子")
    run(["-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT], folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("安装")
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    run(["-m", "pip", "install", *options, "--target", target, wheel], target)
    return target


def test_the_wheel_carries_domain_model_and_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    domain = {f"minyi/bundled/domain/{path.name}" for path in bundled("domain").iterdir()}
    assert domain >= {"minyi/bundled/domain/taxonomy.csv", "minyi/bundled/domain/office.toml"}
    assert domain <= names
    assert {
        f"minyi/bundled/models/starter/{name}" for name in ("manifest.json", "weights.npz")
    } <= names
    assert f"minyi-{minyi.__version__}.dist-info/licenses/LICENSE" in names
    assert any(name.endswith("entry_points.txt") for name in names)


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0] for name in names} == {
        "minyi",
        f"minyi-{minyi.__version__}.dist-info",
    }
    assert not [name for name in names if "__pycache__" in name]
    assert not [name for name in names if name.endswith(".jsonl")]  # the corpus
    assert wheel.stat().st_size < 40 * 2**20


def test_the_installed_package_reads_its_own_files_only(installed: Path, tmp_path: Path) -> None:
    program = (
        "import minyi, minyi.resources as r\n"
        "print(minyi.__file__, r.bundled('domain'), r.bundled('models/starter'), sep='\\n')"
    )
    paths = run(["-c", program], tmp_path, installed).stdout.splitlines()
    assert len(paths) == 3
    assert all(Path(path).is_relative_to(installed) for path in paths)


def test_the_installed_package_classifies_as_the_checkout_does(
    installed: Path, tmp_path: Path
) -> None:
    program = (
        "import datetime, json, minyi\n"
        "model = minyi.load(received=datetime.date(2026, 3, 2))\n"
        f"print(json.dumps(model.classify([{LAMP!r}])[0].as_row()))"
    )
    there = run(["-c", program], tmp_path, installed).stdout
    assert json.loads(there) == json.loads(run(["-c", program], tmp_path).stdout)


def test_the_installed_command_classifies_a_file(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "意见.csv").write_text(f"内容\n{LAMP}\n", "utf-8")
    program = "from minyi.cli import main; main()"
    said = run(["-c", program, "classify", "意见.csv", "-o", "果.xlsx"], tmp_path, installed)
    assert said.stdout.startswith("共 1 条")
    assert said.stderr == ""
    assert (tmp_path / "果.xlsx").exists()
