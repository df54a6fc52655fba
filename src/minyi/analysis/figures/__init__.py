"""The data of each figure, as small tables; nothing here draws.

`minyi.analysis.pictures` draws them on paper; the desk may hand the same tables to ECharts.
"""

from minyi.analysis.figures.crossing import (
    Cross,
    Flow,
    category_by_place,
    category_to_department,
    cross_of,
)
from minyi.analysis.figures.shares import Bars, Tree, bars_of, category_tree, share_bars
from minyi.analysis.figures.source import Source, source_of
from minyi.analysis.figures.times import (
    IssueTimes,
    Timeline,
    hot_issue_times,
    issue_times,
    timeline,
    timeline_of,
)
from minyi.analysis.figures.trust import (
    Calibration,
    Coverage,
    LearningCurve,
    calibration,
    calibration_of,
    coverage,
    coverage_of,
    learning_curve_of,
)
from minyi.analysis.figures.wording import Keyness, keyness_bars

__all__ = [
    "Bars",
    "Calibration",
    "Coverage",
    "Cross",
    "Flow",
    "IssueTimes",
    "Keyness",
    "LearningCurve",
    "Source",
    "Timeline",
    "Tree",
    "bars_of",
    "calibration",
    "calibration_of",
    "category_by_place",
    "category_to_department",
    "category_tree",
    "coverage",
    "coverage_of",
    "cross_of",
    "hot_issue_times",
    "issue_times",
    "keyness_bars",
    "learning_curve_of",
    "share_bars",
    "source_of",
    "timeline",
    "timeline_of",
]
