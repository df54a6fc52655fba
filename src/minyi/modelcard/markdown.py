"""Figures and tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def table(header: Sequence[str], cells: Iterator[list[str]] | Sequence[list[str]]) -> str:
    """Return a Markdown table, the first column to the left and the others to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [header, rule, *cells])


def number(n: int) -> str:
    """Return a count with a comma for thousands."""
    return f"{n:,}"


def percent(share: float) -> str:
    """Return a share (0–1) in percent, to a tenth."""
    return f"{share:.1%}"


def exact(share: float) -> str:
    """Return a share (0–1) in percent, to as many digits as it has, four at most."""
    return f"{share * 100:.4g}%"
