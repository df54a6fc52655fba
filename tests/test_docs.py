"""The README is run as a new user would run it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minyi.schema import COLUMNS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("bash") for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readme_runs(command: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "samples", tmp_path / "data" / "samples")
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": scripts + os.pathsep + os.environ["PATH"],
        "PYTHONIOENCODING": "utf-8",
    }
    # No shell: a pipe is the only thing of a shell that the README uses.
    feeding, _, command = command.rpartition(" | ")
    text = " ".join(shlex.split(feeding)[1:]) if feeding else None
    words = shlex.split(command)
    program = shutil.which(words[0], path=environment["PATH"])
    assert program, f"{words[0]} is not installed"
    done = subprocess.run(
        [program, *words[1:]],
        cwd=tmp_path,
        env=environment,
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert "/" in capsys.readouterr().out


def test_every_result_column_is_documented() -> None:
    for english, chinese in COLUMNS.items():
        if not english.startswith("level"):
            assert english in README
        assert chinese in README or "级类别" in chinese


@pytest.mark.parametrize("name", ["classify", "train", "evaluate", "explain", "model show"])
def test_every_command_is_named_in_the_readme(name: str) -> None:
    assert f"minyi {name}" in README


def test_every_linked_file_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"make (\w+)", README)) - {"例如"}:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE) or target.isupper(), target
