"""The departments of a county-level administration: code, name, remit."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from minyi.errors import ProfileError
from minyi.resources import bundled

LOCAL = "乡镇街道"  # the town or street that the submission comes from (属地)


@dataclass(frozen=True, slots=True)
class Department:
    """A body that answers submissions.

    Attributes
    ----------
    code : str
        A short stable name such as ``住建``.
    name : str
        The name to show.
    kind : str
        部门, 单位, 企业, 群团, 党委, 司法机关 or 属地.
    remit : str
        What it is responsible for.
    """

    code: str
    name: str
    kind: str = ""
    remit: str = ""


@lru_cache(maxsize=4)
def load_departments(path: Path | None = None) -> dict[str, Department]:
    """Read the default departments, by code, in file order.

    Raises
    ------
    ProfileError
        When a code or a name is empty or stands twice.

    Examples
    --------
    >>> load_departments()["城管"].name
    '城市管理局'
    """
    path = path or bundled("domain/departments.csv")
    departments: dict[str, Department] = {}
    names: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            code, name = row.get("code") or "", row.get("name") or ""
            if not code or not name or code in departments or name in names:
                raise ProfileError(
                    f"{path.name} 第 {line} 行：code 与 name 应不为空且不重复，"
                    f"实际是“{code}”“{name}”。"
                )
            names.add(name)
            kind, remit = row.get("kind") or "", row.get("remit") or ""
            departments[code] = Department(code, name, kind, remit)
    return departments
