"""The contract of the package: its names, what importing it costs, and what is documented."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import minyi
from minyi.schema import COLUMNS, Result

SOURCE = Path(minyi.__file__).parent
MODULES = sorted(module.name for module in pkgutil.walk_packages([str(SOURCE)], prefix="minyi."))


def test_the_package_gives_its_names_and_no_others() -> None:
    assert set(minyi.__all__) == {
        "COLUMNS",
        "KINDS",
        "Alternative",
        "InputError",
        "Minyi",
        "MinyiError",
        "ModelError",
        "OutputError",
        "ProfileError",
        "Result",
        "Submission",
        "__version__",
        "load",
    }
    assert all(hasattr(minyi, name) for name in minyi.__all__)
    assert re.fullmatch(r"\d+\.\d+\.\d+", minyi.__version__)


def loaded_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import minyi", "import minyi.batch", "import minyi.cli"])
def test_importing_loads_neither_scikit_learn_nor_pandas(statement: str) -> None:
    loaded = loaded_by(statement)
    assert "minyi" in loaded
    assert not loaded & {"sklearn", "pandas", "pyarrow", "fastapi", "sqlalchemy"}


def test_listing_the_commands_loads_nothing_that_only_one_of_them_needs() -> None:
    loaded = loaded_by("sys.argv = ['minyi', '--help']\nfrom minyi.cli import main\nmain()")
    assert "minyi" in loaded
    assert not loaded & {"sklearn", "pandas", "pyarrow", "fastapi", "sqlalchemy", "alembic"}


def test_classifying_a_text_loads_neither_scikit_learn_nor_pandas() -> None:
    text = "村里的路灯坏了半年没人修"
    loaded = loaded_by(
        "import datetime, minyi\n"
        f"minyi.load(received=datetime.date(2026, 3, 2)).classify(['{text}'])"
    )
    assert not loaded & {"sklearn", "pandas", "pyarrow"}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_imports_and_says_what_it_is(name: str) -> None:
    module = importlib.import_module(name)
    is_empty_package = hasattr(module, "__path__") and not Path(str(module.__file__)).read_bytes()
    assert module.__doc__ or is_empty_package


def test_every_result_column_is_a_field_of_a_result_in_the_same_order() -> None:
    names = [field.name for field in dataclasses.fields(Result)]
    assert [*COLUMNS, "department_score"] == names
    assert len(Result().as_row()) == len(COLUMNS)
    assert len(set(COLUMNS.values())) == len(COLUMNS)


def test_every_result_column_is_documented() -> None:
    told = " ".join(
        line for line in (inspect.getdoc(Result) or "").splitlines() if re.match(r"\w.* : ", line)
    )
    assert set(COLUMNS) <= set(re.findall(r"\w+", told))


def public_functions() -> list[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
                where = f"{path.relative_to(SOURCE)} {node.name}"
                found += [(where, node)]
    return found


def test_every_public_function_and_class_is_documented() -> None:
    assert [name for name, node in public_functions() if not ast.get_docstring(node)] == []


def test_only_segmentation_imports_a_segmenter() -> None:
    importing = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"^\s*(import|from) r?jieba\b", path.read_text("utf-8"), re.MULTILINE)
    }
    assert importing <= {"text/segmentation.py"}


def test_nothing_in_the_package_unpickles() -> None:
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"\bpickle\.loads?\b|joblib\.load|allow_pickle=True", text), path
