"""The command line: thin commands that call the library, print, and turn errors into exit codes."""

from minyi.cli import classify, learning, models  # noqa: F401  (they add their commands to `app`)
from minyi.cli.mounted import mount
from minyi.cli.program import app, main

__all__ = ["app", "main"]

mount(app)
