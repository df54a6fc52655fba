"""What people are telling us: repeats, matters, trends, tables, pictures and reports.

Every analysis takes the frame of submissions that `prepare` and `read` make, and returns new
frames; see `minyi.analysis.frame`. Names are imported when they are asked for: pandas is heavy.
Figures, pictures and reports have packages of their own.

Examples
--------
>>> import pandas as pd
>>> from minyi.analysis import find_repeats, prepare
>>> submissions = prepare(pd.DataFrame({"内容": ["村口路灯坏了没人修", "村口路灯坏了没人修"]}))
>>> find_repeats(submissions)["level"].tolist()
['完全相同', '完全相同']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minyi.analysis.answers.replies import score_replies, summarise_replies
    from minyi.analysis.frame import classified, notes, prepare, read, require
    from minyi.analysis.issues.heat import heat
    from minyi.analysis.issues.hot import HotIssues, hot_issues
    from minyi.analysis.issues.matters import find_matters
    from minyi.analysis.privacy.anonymise import anonymise
    from minyi.analysis.privacy.suppression import suppress
    from minyi.analysis.repeats import find_repeats, merge
    from minyi.analysis.tables import duties, place_by_area, summary, workload
    from minyi.analysis.trends import alarms, change, counts, seasonal
    from minyi.analysis.wording.cooccurrence import Cooccurrence, cooccurrence
    from minyi.analysis.wording.topics import Topics, find_topics
    from minyi.analysis.wording.words import Keyness, keyness
    from minyi.analysis.workbook import write_tables

__all__ = [
    "Cooccurrence",
    "HotIssues",
    "Keyness",
    "Topics",
    "alarms",
    "anonymise",
    "change",
    "classified",
    "cooccurrence",
    "counts",
    "duties",
    "find_matters",
    "find_repeats",
    "find_topics",
    "heat",
    "hot_issues",
    "keyness",
    "merge",
    "notes",
    "place_by_area",
    "prepare",
    "read",
    "require",
    "score_replies",
    "seasonal",
    "summarise_replies",
    "summary",
    "suppress",
    "workload",
    "write_tables",
]

_HOMES = {
    "frame": "classified notes prepare read require",
    "answers.replies": "score_replies summarise_replies",
    "issues.heat": "heat",
    "issues.hot": "HotIssues hot_issues",
    "issues.matters": "find_matters",
    "privacy.anonymise": "anonymise",
    "privacy.suppression": "suppress",
    "repeats": "find_repeats merge",
    "tables": "duties place_by_area summary workload",
    "trends": "alarms change counts seasonal",
    "wording.cooccurrence": "Cooccurrence cooccurrence",
    "wording.topics": "Topics find_topics",
    "wording.words": "Keyness keyness",
    "workbook": "write_tables",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
