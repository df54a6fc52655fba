"""The figure that every picture is: matplotlib's, which Jupyter shows without pyplot."""

from __future__ import annotations

from matplotlib.figure import Figure

from minyi.analysis.pictures.sheet import as_bytes

DPI = 120  # 15 cm are 709 pixels: about the width of a cell


class Picture(Figure):
    """A figure that shows itself where it is the last expression of a cell."""

    def _repr_png_(self) -> bytes:
        return as_bytes(self, ".png", DPI)
