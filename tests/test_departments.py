"""The departments: the shipped list, and what is wrong with an own one."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from minyi.domain.departments import LOCAL, load_departments
from minyi.errors import ProfileError

#: sha256 of the lines "code,name" of the shared list, joined by line feeds.
SHARED = "cdb7f29fac456f592e5a226ccd8b3eff5ca3154aeedd1dbf0ddf5fa911d88825"


def test_codes_and_names_are_those_of_the_shared_list() -> None:
    departments = load_departments()
    lines = "\n".join(f"{d.code},{d.name}" for d in departments.values())
    assert len(departments) == 52
    assert hashlib.sha256(lines.encode()).hexdigest() == SHARED


def test_every_department_has_a_kind_and_a_remit() -> None:
    kinds = {"部门", "单位", "企业", "群团", "党委", "司法机关", "属地"}
    for department in load_departments().values():
        assert department.kind in kinds
        assert department.remit


def test_the_local_body_is_among_them() -> None:
    assert load_departments()[LOCAL].kind == "属地"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("甲,甲局\n甲,乙局\n", "第 3 行：code 与 name 应不为空且不重复，实际是“甲”“乙局”"),
        ("甲,甲局\n乙,甲局\n", "第 3 行"),
        (",甲局\n", "第 2 行"),
        ("甲\n", "实际是“甲”“”"),
    ],
)
def test_refuses_empty_or_repeated_names_with_the_line(
    tmp_path: Path, rows: str, message: str
) -> None:
    path = tmp_path / "本县部门.csv"
    path.write_text("code,name\n" + rows, "utf-8")
    with pytest.raises(ProfileError, match=re.escape(message)) as caught:
        load_departments(path)
    assert "本县部门.csv" in str(caught.value)
