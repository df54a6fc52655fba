"""The commands ``minyi analyse …``: spreadsheets in, a workbook and a few lines out."""

import typer

from minyi.cli.analyse import answers, course, issues, reporting, wording

analyse_app = typer.Typer(
    help="分析：重复、热点、趋势、用词、话题、汇总、报告、答复质量。", no_args_is_help=True
)
# In the order in which they are listed.
for group in (issues, course, wording, reporting, answers):
    analyse_app.add_typer(group.app)
