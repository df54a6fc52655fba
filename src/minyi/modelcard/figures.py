"""What was measured of the model, and where it is weak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from minyi.domain.taxonomy import NOWHERE, load_taxonomy
from minyi.modelcard.markdown import number, percent, table
from minyi.modelcard.rows import Row, area_names, area_of
from minyi.schema import PRECISION, PRECISIONS

NAMES = {
    "category": "类别",
    "kind": "诉求类型",
    "level1": "一级类别",
    "level2": "二级类别",
    "level3": "三级类别",
    "department": "主办部门",
    "urgent": "紧急",
}
_FEW_AREAS = 5
_FEW_ROWS = 10
_TOO_SURE = 0.05  # by which scores may exceed the accuracy before the card says so
_FEWEST_IN_BIN = 100


def held_out(manifest: Mapping[str, Any]) -> str:
    """Return the table of what the held-out quarter showed, a row a target."""
    header = ["判断", "留出条数", "准确率", "校准误差"]
    header += [f"要 {precision:.0%} 正确，要人看" for precision in PRECISIONS]
    cells = [
        [
            NAMES[target],
            number(found["n_held_out"]),
            percent(found["accuracy"]),
            f"{found['calibration_error']:.3f}",
            *(percent(1 - found["coverage"][f"{precision:.2f}"]) for precision in PRECISIONS),
        ]
        for target, found in scored(manifest["metrics"])
    ]
    return table(header, cells)


def held_out_en(manifest: Mapping[str, Any]) -> str:
    """Return the same in a few English words."""
    precision = f"{PRECISION:.2f}"
    return ";\n".join(
        f"{target} {percent(found['accuracy'])} right, calibration error "
        f"{found['calibration_error']:.3f}, {percent(1 - found['coverage'][precision])} to review"
        for target, found in scored(manifest["metrics"])
    )


def reliability(bins: Sequence[tuple[float, float, int]]) -> str:
    """Return the table of mean score and share right, a row a bin of scores."""
    cells = [[f"{score:.3f}", f"{right:.3f}", number(n)] for score, right, n in bins]
    return table(["平均得分", "实际正确", "条数"], cells)


def weaknesses(metrics: Mapping[str, Any], rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines that say where the model is weak."""
    names = area_names()
    yield from _worst_areas(metrics["category"].get("confusion", {}), names)
    counts = Counter(map(area_of, rows))
    fewest = sorted(names, key=lambda code: (counts[code], code))[:_FEW_AREAS]
    told = "、".join(f"{names[code]}（{number(counts[code])}）" for code in fewest)
    yield f"- 语料最少的领域（条数）：{told}。"
    of = Counter(row.category for row in rows)
    leaves = sorted(of[code] for code, one in load_taxonomy().items() if one.level == 3)
    rare = sum(n < _FEW_ROWS for n in leaves)
    told = f"{leaves[0]} 到 {leaves[-1]} 条，中位数 {median(leaves):.0f}"
    yield f"- {len(leaves)} 个三级类别各有 {told}；{rare} 个不足 {_FEW_ROWS} 条。三级类别要多看。"
    urgent = Counter(area_of(row) for row in rows if row.urgent)
    calm = [name for code, name in names.items() if code != NOWHERE and not urgent[code]]
    if calm:
        yield f"- 没有紧急例子的领域：{'、'.join(calm)}。"
    for target, found in scored(metrics):
        told = "；".join(
            f"平均 {score:.3f} 的 {number(n)} 条，{right:.3f} 正确"
            for score, right, n in found["reliability"]
            if score - right > _TOO_SURE and n >= _FEWEST_IN_BIN
        )
        if told:
            yield f"- {NAMES[target]}的得分有几段偏高：{told}。"


def _worst_areas(
    confusion: Mapping[str, Mapping[str, int]], names: Mapping[str, str]
) -> Iterator[str]:
    """Yield the lowest areas, from held-out numbers by true and given level 1."""
    share = {code: given.get(code, 0) / sum(given.values()) for code, given in confusion.items()}
    worst = sorted(share, key=lambda code: (share[code], code))[:_FEW_AREAS]
    if worst:
        told = "、".join(f"{names[code]} {percent(share[code])}" for code in worst)
        yield f"- 一级类别最常判错的领域（留出，判对的占比）：{told}。"


def scored(metrics: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the targets that have an accuracy; ``urgent`` has not."""
    return [(target, found) for target, found in metrics.items() if "accuracy" in found]
