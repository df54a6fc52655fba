"""The version, alone so that no layer has to import the whole package for it."""

__version__ = "0.1.0"
