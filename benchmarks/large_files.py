"""How long do large files take, and how much memory?

A 100,000-row .xlsx in and out (target: 60 s, 1.5 GB) and a 1,000,000-row .csv (target: constant
memory under 1.5 GB, all cores). Peak memory is that of the command and its workers together. The
peer is pandas with openpyxl, reading and writing the same rows without classifying anything.

    python benchmarks/large_files.py --data ../shared/benchmark [--rows 100000]
"""

from __future__ import annotations

import csv
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import common

from minyi.tables import open_output

_XLSX_ROWS, _CSV_ROWS, _PEER_ROWS = 100_000, 1_000_000, 10_000


def main() -> None:
    rows = common.read_messages(common.data_folder(__doc__), "messages_2019.csv")
    header = [
        "留言编号",
        "留言用户",
        "留言时间",
        "留言主题",
        "留言详情",
        "点赞数",
        "反对数",
        "备注",
    ]
    cells = [[*row.values(), ""] for row in rows]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = folder / "大表.xlsx"
        with open_output(book) as out:
            sheet = out.sheet("留言", header)
            for row in itertools.islice(itertools.cycle(cells), _XLSX_ROWS):
                sheet.append(row)
        measure("xlsx", _XLSX_ROWS, book, folder / "结果.xlsx")
        peer(book, folder / "peer.xlsx")
        book.unlink()
        (folder / "结果.xlsx").unlink()
        table = folder / "大表.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(itertools.islice(itertools.cycle(cells), _CSV_ROWS))
        measure("csv", _CSV_ROWS, table, folder / "结果.csv")


def measure(kind: str, rows: int, source: Path, target: Path) -> None:
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "minyi", "classify", str(source), "-o", str(target)],
        stdout=subprocess.DEVNULL,
    )
    peak = [0]
    watcher = threading.Thread(target=watch, args=(process, peak))
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - start
    watcher.join()
    speed = rows / seconds
    print(f"{rows:,} rows of {kind}: {seconds:.0f} s, {speed:.0f} rows/s, ", end="")
    print(f"peak {peak[0] / 2**20:.0f} MB in all processes (exit {code})", flush=True)


def watch(process: subprocess.Popen[bytes], peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(proportional_memory(pid) for pid in family(process.pid)))
        time.sleep(0.5)


def family(pid: int) -> list[int]:
    """Return a process and all below it (Linux)."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(p for child in children for p in family(int(child)))]


def proportional_memory(pid: int) -> int:
    """Return the bytes of a process, shared pages counted in proportion."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def peer(source: Path, target: Path) -> None:
    import pandas as pd

    start = time.perf_counter()
    frame = pd.read_excel(source, dtype=str, nrows=_PEER_ROWS, engine="openpyxl")
    frame.to_excel(target, index=False)
    seconds = (time.perf_counter() - start) * _XLSX_ROWS / _PEER_ROWS
    print(f"peer: pandas + openpyxl, only reading and writing: {seconds:.0f} s ", end="")
    print(f"for {_XLSX_ROWS:,} rows (scaled from {_PEER_ROWS:,})", flush=True)


if __name__ == "__main__":
    main()
