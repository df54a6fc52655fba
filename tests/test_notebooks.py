"""Every notebook runs from the repository root, with public names only and outputs stripped."""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
# The modules whose public names are for people who write programs.
PUBLIC = (
    "minyi",
    "minyi.analysis",
    "minyi.analysis.figures",
    "minyi.analysis.pictures",
    "minyi.analysis.report",
    "minyi.analysis.trends",
)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# What Jupyter does to the code cells, without Jupyter: one namespace, one cell after the other.
RUN = """
import json, sys
from pathlib import Path

path = Path(sys.argv[1])
namespace = {"__name__": "__main__"}
for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"], start=1):
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), f"{path.name} cell {number}", "exec"), namespace)
"""


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return found


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def run(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def private_imports(source: str) -> list[str]:
    """Return the imports from minyi that are not among its public names."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("minyi.")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "minyi":
            module = str(node.module)
            names = {alias.name for alias in node.names} - public_names(module)
            found += sorted(f"{module}.{name}" for name in names)
    return found


def public_names(module: str) -> set[str]:
    return set(importlib.import_module(module).__all__) if module in PUBLIC else set()


def write(path: Path, *sources: str) -> Path:
    lines = [{"cell_type": "code", "source": s.splitlines(keepends=True)} for s in sources]
    path.write_text(json.dumps({"cells": lines}), "utf-8")
    return path


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[Path, Future[subprocess.CompletedProcess[str]]]]:
    """Run two notebooks at a time: each is a process of its own."""
    with ThreadPoolExecutor(2) as pool:
        yield {path: pool.submit(run, path) for path in NOTEBOOKS}
        pool.shutdown(cancel_futures=True)


def test_there_are_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == [
        "00_first_steps.ipynb",
        "01_quality.ipynb",
        "02_round_of_visits.ipynb",
        "03_hot_issues.ipynb",
        "04_comparison.ipynb",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_without_a_warning(
    path: Path, runs: dict[Path, Future[subprocess.CompletedProcess[str]]]
) -> None:
    done = runs[path].result()
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_stripped_of_outputs(path: Path) -> None:
    assert [cell["id"] for cell in code_cells(path) if cell["outputs"]] == []
    assert [cell["id"] for cell in code_cells(path) if cell["execution_count"] is not None] == []
    assert [cell["id"] for cell in cells(path) if cell["metadata"] or "attachments" in cell] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_imports_public_names_only(path: Path) -> None:
    assert private_imports("\n".join("".join(cell["source"]) for cell in code_cells(path))) == []


# --- the checks themselves ---


def test_cells_share_a_namespace_and_run_from_the_root(tmp_path: Path) -> None:
    done = run(
        write(
            tmp_path / "a.ipynb", "数 = 1", "from pathlib import Path\nprint(数, Path.cwd().name)"
        )
    )
    assert (done.returncode, done.stdout.split()) == (0, ["1", ROOT.name])


def test_a_failing_cell_is_named(tmp_path: Path) -> None:
    done = run(write(tmp_path / "a.ipynb", "x = 1", "x / 0"))
    assert done.returncode != 0
    assert "a.ipynb cell 2" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_a_warning_fails_a_notebook(tmp_path: Path) -> None:
    done = run(write(tmp_path / "a.ipynb", "import warnings\nwarnings.warn('旧')"))
    assert done.returncode != 0
    assert "UserWarning" in done.stderr


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import minyi\nfrom minyi import load, KINDS\nimport pandas", []),
        ("from minyi import pipeline", ["minyi.pipeline"]),
        ("from minyi.pipeline import load", ["minyi.pipeline.load"]),
        ("import minyi.tables", ["minyi.tables"]),
        ("from minyi.analysis import prepare, hot_issues", []),
        ("from minyi.analysis.trends import alarms", []),
        ("from minyi.analysis import hot", ["minyi.analysis.hot"]),
        (
            "from minyi.analysis.issues.hot import hot_issues",
            ["minyi.analysis.issues.hot.hot_issues"],
        ),
    ],
)
def test_private_imports_are_found(source: str, found: list[str]) -> None:
    assert private_imports(source) == found
