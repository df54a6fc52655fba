"""The model card of the starter: what it was made of, how far to trust it, what it is not for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from minyi.domain.taxonomy import DIGITS_PER_LEVEL, NOWHERE, NOWHERE_NAME, load_taxonomy
from minyi.resources import bundled
from minyi.schema import KINDS, PRECISION, PRECISIONS

SOURCES = ("信箱", "热线", "纸条", "问卷", "走访")
LENGTHS = (0, 20, 40, 80, 160, 320)  # characters: where each band begins
_NAMES = {
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
_CARD = """\
# 自带模型 {name}

*本页由 `make model` 算出，请不要手改。[English below](#english)*

读一条群众意见的标题和正文，判断诉求类型、政策类别（三级）、主办部门、是否紧急，
各给一个得分。它是词和字的线性分类器；装了可选的句向量时，短文本另外参考句向量，
下面的数字含这一项。文件格式见 `models/README.md`。

- 语料：{date} 的 `{corpus}`，{n} 条，SHA-256 `{sha256}`
- 训练时的版本：{versions}

## 数据

只用 `{corpus}`。全部是为本项目写的：由语言模型照着覆盖计划撰写，没有真实来信，人名地名是虚构的。
领域、类型、紧急的比例是撰写时定的，不代表任何单位，不能从中读出频率或趋势。

共 {n} 条、{characters} 字。紧急的 {urgent} 条；说了两件事的（另有一个一级不同的类别）{two} 条；
不属于任何类别的（寒暄、广告、无意义的字）{nowhere} 条，没有诉求类型和部门。

{areas}

{sources}

{lengths}

## 在留出的四分之一语料上

用其余四分之三训练的模型，判断没有见过的四分之一，走的是与使用时相同的全过程；
发布的模型再用全部语料训练。与标签一致，或另一位读者认为可以接受的，都算对。
类别算在它停下的那一级上：拿不准的只答到一级或二级，这一级对就算对。
阈值也取自这四分之一，撰写者又是同一批，所以这些数字偏乐观；真实来信更难。

{held_out}

“要人看”：要使其余的有这么大比例正确，得分低于阈值、列入待复核的有多少。要求写在单位配置的
`precision` 里，默认 {precision}；三项判断各自达到要求，一条意见只要一项没有把握就要人看。
答案细到得分不低于 {level} 的那一级。

紧急：得分不低于 {urgent_threshold} 就标为紧急，紧急的找出 {recall}，
不紧急的误标 {false_alarms}（留出 {urgent_held_out} 条）。**会漏，不能代替人看。**

{reliability}

## 弱在哪里

{weaknesses}
- 信箱来源的语料中位数 {letter} 字，真实来信往往更长；口语和错别字是写出来的，不是收集来的。
- 设计时看过它在真实留言上的成绩，那些成绩因此也偏乐观。本单位的意见请用 `minyi evaluate` 检验。

## 标签有多可信

标签由撰写者定、读过一遍，一部分由另一位读者读过，没有经过政务经办人员审定。
另一位读者不看标签，重标了随机抽出的 {n_read} 条：

{reading}

模型与标签不同的，由读者在不知道哪个是标签、哪个是模型所答的情况下逐一判断能否接受：
{n_disputed} 处不同，模型所答可以接受的 {guess_accepted} 处，标签可以接受的 {label_accepted} 处。

此后，交叉检验的模型不同意、两位读者也认为标错的 {n_corrected} 条改正了；上表是改正之前的数字。
标签本身就有这样的出入，模型的成绩要照此理解。

## 不得用于

- 给群众打分、排名、画像：得分说的是文字，不是人；
- 自动拒绝、搁置或办结：是否受理、怎样答复由人决定，判为“{nowhere_name}”的也要人看；
- 针对写信人：不得用来识别、追查、处罚或报复反映问题的人。

## 许可与重建

Apache-2.0，与所用语料相同。`make model` 用 `{corpus}` 重新训练，写出模型和本页。

## English

The starter reads a citizen's submission and decides kind, category (three levels), department and
urgency, each with a calibrated score. It is trained on the project's own corpus alone: {n}
submissions composed by language models under a plan for coverage; none is a real message.

On a held-out quarter of the corpus (right: as the label, or accepted by a blind reader; a category
counts on the level at which the model stopped):
{held_out_en}.
To review is what scores below the threshold, above which {precision} are right.
Of the urgent {recall} are found, with {false_alarms} false alarms. Thresholds come from the same
quarter and the texts from the same writers: all this is on the hopeful side, and real messages are
harder.

A second reader who did not see the labels agreed with them on {n_read} random rows in
{agreed}; {n_corrected} labels were corrected later.

**Not for** scoring, ranking or profiling citizens, refusing or closing a submission automatically,
or any use against the person who wrote. Apache-2.0. `make model` rebuilds the model and this page.
"""


class Row(Protocol):
    """What the card counts of a labelled submission; see ``data/README.md``."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def category(self) -> str: ...  # noqa: D102
    @property
    def also(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def urgent(self) -> bool: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102


def write_card(folder: Path, manifest: Mapping[str, Any], rows: Sequence[Row]) -> None:
    """Write the card of the model in a folder as its ``README.md``."""
    reading = json.loads(bundled("data/second_reading.json").read_text("utf-8"))
    (folder / "README.md").write_text(card(manifest, rows, reading), "utf-8", newline="\n")


def card(manifest: Mapping[str, Any], rows: Sequence[Row], reading: Mapping[str, Any]) -> str:
    """Return the model card in Markdown: Chinese, and a short English part.

    The same model and corpus give the same card.

    Parameters
    ----------
    manifest : mapping
        Of the model, with its ``metrics``.
    rows : sequence of Row
        The corpus it was trained on.
    reading : mapping
        What a second reader found; see ``data/second_reading.json``.
    """
    said = {**_about_model(manifest), **_about_corpus(rows), **_about_reading(reading)}
    return _CARD.format(**said, weaknesses="\n".join(_weaknesses(manifest["metrics"], rows)))


def area_of(row: Row) -> str:
    """Return the code of level 1, or that of what belongs nowhere."""
    return row.category[:DIGITS_PER_LEVEL] or NOWHERE


def has_two_matters(row: Row) -> bool:
    """Whether a further code is of another level 1 than the category."""
    return any(code[:DIGITS_PER_LEVEL] != area_of(row) for code in row.also)


def _about_model(manifest: Mapping[str, Any]) -> dict[str, str]:
    metrics, thresholds = manifest["metrics"], manifest["thresholds"]
    urgent = metrics["urgent"]
    return {
        "name": manifest["name"],
        "date": manifest["date"],
        "corpus": manifest["data"]["name"],
        "sha256": manifest["data"]["sha256"],
        "versions": "、".join(f"{name} {number}" for name, number in manifest["versions"].items()),
        "precision": f"{PRECISION:.0%}",
        "level": f"{thresholds['level']:.2f}",
        "held_out": _held_out(manifest),
        "held_out_en": _held_out_en(manifest),
        "urgent_threshold": f"{thresholds['urgent']:.4f}",
        "recall": _percent(urgent["recall"]),
        "false_alarms": _percent(urgent["false_alarms"]),
        "urgent_held_out": _number(urgent["n_held_out"]),
        "reliability": "\n\n".join(
            f"可靠性，{_NAMES[target]}：\n\n" + _reliability(found["reliability"])
            for target, found in _scored(metrics)
        ),
    }


def _about_corpus(rows: Sequence[Row]) -> dict[str, str]:
    return {
        "n": _number(len(rows)),
        "characters": _number(sum(len(row.text) for row in rows)),
        "urgent": _number(sum(row.urgent for row in rows)),
        "two": _number(sum(map(has_two_matters, rows))),
        "nowhere": _number(sum(area_of(row) == NOWHERE for row in rows)),
        "nowhere_name": NOWHERE_NAME,
        "areas": _table(["一级类别", "条数", *KINDS, "紧急", "两件事", "字数中位数"], _areas(rows)),
        "sources": _shares("来源", SOURCES, [row.source for row in rows]),
        "lengths": _shares("正文长度", _BANDS, [_band(len(row.text)) for row in rows]),
        "letter": _median([len(row.text) for row in rows if row.source == "信箱"]),
    }


def _about_reading(reading: Mapping[str, Any]) -> dict[str, str]:
    agreement, runner_up = reading["agreement"], reading["agreement_with_runner_up"]
    cells = [
        [_NAMES[of], _exact(share), _exact(runner_up[of]) if of in runner_up else "—"]
        for of, share in agreement.items()
    ]
    accepted = reading["accepted"]
    told = {"kind": "kind", "level1": "level 1", "level3": "level 3", "department": "department"}
    return {
        "n_read": _number(reading["n_submissions"]),
        "n_corrected": _number(reading["n_corrected"]),
        "n_disputed": _number(accepted["n_answers"]),
        "guess_accepted": _number(accepted["model"]),
        "label_accepted": _number(accepted["label"]),
        "reading": _table(["标签", "一致", "算上读者的第二选择"], cells),
        "agreed": ", ".join(f"{_exact(agreement[of])} ({name})" for of, name in told.items()),
    }


def _areas(rows: Sequence[Row]) -> Iterator[list[str]]:
    names = _area_names()
    parts = {name: [row for row in rows if area_of(row) == code] for code, name in names.items()}
    for name, part in [*parts.items(), ("合计", rows)]:
        kinds = Counter(row.kind for row in part)
        numbers = [len(part), *(kinds[kind] for kind in KINDS)]
        numbers += [sum(row.urgent for row in part), sum(map(has_two_matters, part))]
        yield [name, *map(_number, numbers), _median([len(row.text) for row in part])]


def _held_out(manifest: Mapping[str, Any]) -> str:
    header = ["判断", "留出条数", "准确率", "校准误差"]
    header += [f"要 {precision:.0%} 正确，要人看" for precision in PRECISIONS]
    cells = [
        [
            _NAMES[target],
            _number(found["n_held_out"]),
            _percent(found["accuracy"]),
            f"{found['calibration_error']:.3f}",
            *(_percent(1 - found["coverage"][f"{precision:.2f}"]) for precision in PRECISIONS),
        ]
        for target, found in _scored(manifest["metrics"])
    ]
    return _table(header, cells)


def _held_out_en(manifest: Mapping[str, Any]) -> str:
    precision = f"{PRECISION:.2f}"
    return ";\n".join(
        f"{target} {_percent(found['accuracy'])} right, calibration error "
        f"{found['calibration_error']:.3f}, {_percent(1 - found['coverage'][precision])} to review"
        for target, found in _scored(manifest["metrics"])
    )


def _reliability(bins: Sequence[tuple[float, float, int]]) -> str:
    cells = [[f"{score:.3f}", f"{right:.3f}", _number(n)] for score, right, n in bins]
    return _table(["平均得分", "实际正确", "条数"], cells)


def _weaknesses(metrics: Mapping[str, Any], rows: Sequence[Row]) -> Iterator[str]:
    names = _area_names()
    yield from _worst_areas(metrics["category"].get("confusion", {}), names)
    counts = Counter(map(area_of, rows))
    fewest = sorted(names, key=lambda code: (counts[code], code))[:_FEW_AREAS]
    told = "、".join(f"{names[code]}（{_number(counts[code])}）" for code in fewest)
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
    for target, found in _scored(metrics):
        told = "；".join(
            f"平均 {score:.3f} 的 {_number(n)} 条，{right:.3f} 正确"
            for score, right, n in found["reliability"]
            if score - right > _TOO_SURE and n >= _FEWEST_IN_BIN
        )
        if told:
            yield f"- {_NAMES[target]}的得分有几段偏高：{told}。"


def _worst_areas(
    confusion: Mapping[str, Mapping[str, int]], names: Mapping[str, str]
) -> Iterator[str]:
    """Yield the lowest areas, from held-out numbers by true and given level 1."""
    share = {code: given.get(code, 0) / sum(given.values()) for code, given in confusion.items()}
    worst = sorted(share, key=lambda code: (share[code], code))[:_FEW_AREAS]
    if worst:
        told = "、".join(f"{names[code]} {_percent(share[code])}" for code in worst)
        yield f"- 一级类别最常判错的领域（留出，判对的占比）：{told}。"


def _scored(metrics: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the targets that have an accuracy; ``urgent`` has not."""
    return [(target, found) for target, found in metrics.items() if "accuracy" in found]


def _area_names() -> dict[str, str]:
    taxonomy = load_taxonomy()
    areas = {code: f"{code} {one.label}" for code, one in taxonomy.items() if one.level == 1}
    return {**areas, NOWHERE: NOWHERE_NAME}


_BANDS = (
    *(f"{low}–{high - 1} 字" for low, high in pairwise(LENGTHS)),
    f"{LENGTHS[-1]} 字以上",
)


def _band(length: int) -> str:
    return _BANDS[sum(length >= low for low in LENGTHS) - 1]


def _shares(header: str, names: Sequence[str], values: Sequence[str]) -> str:
    counts = Counter(values)
    cells = [[name, _number(counts[name]), _percent(counts[name] / len(values))] for name in names]
    return _table([header, "条数", "占比"], cells)


def _table(header: Sequence[str], cells: Iterator[list[str]] | Sequence[list[str]]) -> str:
    """Return a Markdown table, the first column to the left and the others to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [header, rule, *cells])


def _median(lengths: Sequence[int]) -> str:
    return f"{median(lengths):.0f}" if lengths else "—"


def _number(number: int) -> str:
    return f"{number:,}"


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _exact(share: float) -> str:
    return f"{share * 100:.4g}%"
