"""The card itself: its wording, filled with figures of model, corpus and second reading."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minyi.domain.taxonomy import NOWHERE, NOWHERE_NAME
from minyi.modelcard.figures import NAMES, held_out, held_out_en, reliability, scored, weaknesses
from minyi.modelcard.markdown import exact, number, percent, table
from minyi.modelcard.rows import (
    BANDS,
    SOURCES,
    Row,
    area_of,
    areas,
    band,
    has_two_matters,
    median_length,
    shares,
)
from minyi.modelcard.wording import CARD
from minyi.resources import bundled
from minyi.schema import KINDS, PRECISION


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
    return CARD.format(**said, weaknesses="\n".join(weaknesses(manifest["metrics"], rows)))


def _about_model(manifest: Mapping[str, Any]) -> dict[str, str]:
    metrics, thresholds = manifest["metrics"], manifest["thresholds"]
    urgent = metrics["urgent"]
    return {
        "name": manifest["name"],
        "date": manifest["date"],
        "corpus": manifest["data"]["name"],
        "sha256": manifest["data"]["sha256"],
        "versions": "、".join(
            f"{name} {version}" for name, version in manifest["versions"].items()
        ),
        "precision": f"{PRECISION:.0%}",
        "level": f"{thresholds['level']:.2f}",
        "held_out": held_out(manifest),
        "held_out_en": held_out_en(manifest),
        "urgent_threshold": f"{thresholds['urgent']:.4f}",
        "recall": percent(urgent["recall"]),
        "false_alarms": percent(urgent["false_alarms"]),
        "urgent_held_out": number(urgent["n_held_out"]),
        "reliability": "\n\n".join(
            f"可靠性，{NAMES[target]}：\n\n" + reliability(found["reliability"])
            for target, found in scored(metrics)
        ),
    }


def _about_corpus(rows: Sequence[Row]) -> dict[str, str]:
    return {
        "n": number(len(rows)),
        "characters": number(sum(len(row.text) for row in rows)),
        "urgent": number(sum(row.urgent for row in rows)),
        "two": number(sum(map(has_two_matters, rows))),
        "nowhere": number(sum(area_of(row) == NOWHERE for row in rows)),
        "nowhere_name": NOWHERE_NAME,
        "areas": table(["一级类别", "条数", *KINDS, "紧急", "两件事", "字数中位数"], areas(rows)),
        "sources": shares("来源", SOURCES, [row.source for row in rows]),
        "lengths": shares("正文长度", BANDS, [band(len(row.text)) for row in rows]),
        "letter": median_length([len(row.text) for row in rows if row.source == "信箱"]),
    }


def _about_reading(reading: Mapping[str, Any]) -> dict[str, str]:
    agreement, runner_up = reading["agreement"], reading["agreement_with_runner_up"]
    cells = [
        [NAMES[of], exact(share), exact(runner_up[of]) if of in runner_up else "—"]
        for of, share in agreement.items()
    ]
    accepted = reading["accepted"]
    told = {"kind": "kind", "level1": "level 1", "level3": "level 3", "department": "department"}
    return {
        "n_read": number(reading["n_submissions"]),
        "n_corrected": number(reading["n_corrected"]),
        "n_disputed": number(accepted["n_answers"]),
        "guess_accepted": number(accepted["model"]),
        "label_accepted": number(accepted["label"]),
        "reading": table(["标签", "一致", "算上读者的第二选择"], cells),
        "agreed": ", ".join(f"{exact(agreement[of])} ({name})" for of, name in told.items()),
    }
