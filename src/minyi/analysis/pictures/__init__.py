"""Pictures of what people are telling us, for reports printed on paper.

Each ``draw_…`` takes the data of one figure (`minyi.analysis.figures`) and returns a matplotlib
`Figure` of 15 cm width, the column of an A4 report, which Jupyter shows. pyplot is not touched,
nor are matplotlib's settings. Every picture can be told in grey print and by the colour-blind:
what matters differs in lightness, form or words. Needs the extra ``analysis``.
"""

from minyi.analysis.pictures.bars import draw_bars, draw_keyness
from minyi.analysis.pictures.flow import draw_flow
from minyi.analysis.pictures.heatmap import draw_heatmap
from minyi.analysis.pictures.sheet import SUFFIXES, save
from minyi.analysis.pictures.times import draw_issue_times, draw_timeline
from minyi.analysis.pictures.treemap import draw_treemap
from minyi.analysis.pictures.trust import draw_calibration, draw_coverage, draw_learning_curve

__all__ = [
    "SUFFIXES",
    "draw_bars",
    "draw_calibration",
    "draw_coverage",
    "draw_flow",
    "draw_heatmap",
    "draw_issue_times",
    "draw_keyness",
    "draw_learning_curve",
    "draw_timeline",
    "draw_treemap",
    "save",
]
