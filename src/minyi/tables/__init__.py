"""Reading and writing people's spreadsheets: every cell survives as text."""

from minyi.tables.inputs import find_inputs
from minyi.tables.output import Output, SheetWriter, open_output
from minyi.tables.reading import Tables, open_tables
from minyi.tables.roles import ROLES
from minyi.tables.table import Rows, Table

__all__ = [
    "ROLES",
    "Output",
    "Rows",
    "SheetWriter",
    "Table",
    "Tables",
    "find_inputs",
    "open_output",
    "open_tables",
]
