"""What the tests of the store share: a filled batch, and programs in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from minyi.schema import Alternative, Result
from minyi.store import Store
from minyi.store.records import NewSubmission

LAMP = "村里的路灯坏了半年没人修，请打 13812345678"
NOISE = "楼下烧烤店半夜还在吵"
THANKS = "感谢办事大厅的小王"

RESULT = Result(
    kind="求助",
    kind_score=0.9,
    category_code="0203",
    category="城乡建设/市政设施",
    level1="城乡建设",
    level2="市政设施",
    score=0.7,
    alternatives=(Alternative("0204", "城乡建设/供水", 0.2),),
    department="住建局",
    co_departments=("电力公司", "城管局"),
    department_reason="词语：路灯",
    urgent=False,
    deadline=date(2026, 3, 9),
    place="东镇 李村",
    evidence=("路灯", "没人修"),
    needs_review=True,
    review_reason="得分低",
    department_score=0.6,
)
RESULTS = (
    RESULT,
    replace(RESULT, kind="投诉", category_code="0501", department="城管局", score=0.4),
    replace(
        RESULT, kind="表扬", category_code="0901", department="信访局", score=0.99,
        needs_review=False, place="",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A batch of three submissions with results of the starter."""

    batch: int
    lamp: int
    noise: int
    thanks: int

    @property
    def ids(self) -> list[int]:
        return [self.lamp, self.noise, self.thanks]


def fill(store: Store) -> Filled:
    batch = store.batches.add("三月来信", "三月.xlsx", {"text": "内容"}, "小李")
    rows = [
        NewSubmission(LAMP, 2, title="路灯", clean_text=LAMP, time="2026-03-02", place="李村"),
        NewSubmission(NOISE, 3, time="2026年3月3日 晚上"),
        NewSubmission(THANKS, 4),
    ]
    numbers = store.submissions.add(batch.id, rows)
    store.results.save(batch.id, None, zip(numbers, RESULTS, strict=True))
    return Filled(batch.id, *numbers)


def start(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Run a Python program in a process of its own."""
    command: Sequence[str] = [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
