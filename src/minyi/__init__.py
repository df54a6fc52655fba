"""Minyi (民意): sort citizens' opinions into policy categories and responsible departments."""

from minyi.errors import InputError, MinyiError, ModelError, OutputError, ProfileError
from minyi.pipeline import Minyi, load
from minyi.schema import COLUMNS, KINDS, Alternative, Result, Submission
from minyi.version import __version__

__all__ = [
    "COLUMNS",
    "KINDS",
    "Alternative",
    "InputError",
    "Minyi",
    "MinyiError",
    "ModelError",
    "OutputError",
    "ProfileError",
    "Result",
    "Submission",
    "__version__",
    "load",
]
