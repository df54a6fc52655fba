"""How long do one text and a small workbook take?

One text of 200 characters, repeatedly, after loading (target: p50 at most 1.5 ms); and
``minyi classify`` of a 20-row workbook from the shell (target: at most 2 s), beside a Python that
imports scikit-learn and pandas and does nothing else.

    python benchmarks/latency.py --data ../shared/benchmark
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common

common.one_core()

from minyi import load  # noqa: E402
from minyi.tables import open_output  # noqa: E402


def main() -> None:
    rows = common.read_messages(common.data_folder(__doc__))
    minyi = load()
    texts = [(row["text"] * 3)[:200] for row in rows[:300]]
    minyi.classify(texts[:20])
    times = []
    for text in texts:
        start = time.perf_counter()
        minyi.classify([text])
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"one text of 200 characters: p50 {p50:.2f} ms, p95 {p95:.2f} ms (target p50 1.5 ms)")
    with tempfile.TemporaryDirectory() as folder:
        book, result = Path(folder) / "意见.xlsx", Path(folder) / "结果.xlsx"
        with open_output(book) as out:
            sheet = out.sheet("意见", ["编号", "标题", "内容"])
            for row in rows[:20]:
                sheet.append([row["id"], row["title"], row["text"]])
        command = [sys.executable, "-m", "minyi", "classify", str(book), "-o", str(result), "-f"]
        ways = {
            "minyi classify, 20 rows": lambda: run(command),
            "import sklearn, pandas": lambda: run(
                [sys.executable, "-c", "import sklearn.linear_model, pandas"]
            ),
        }
        for name, seconds in common.take_turns(ways).items():
            print(f"{name:28}{seconds:6.2f} s")


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
