"""The error tree: every failure a user can mend is a :class:`MinyiError`.

A message is Chinese and says what was expected, what was found and how to mend it,
with the file, sheet, column and up to five row numbers. A citizen's words never
enter a message.
"""


class MinyiError(Exception):
    """Base of all errors that a user can mend; the command line prints it without a traceback."""


class InputError(MinyiError):
    """A file, table or argument that was handed in cannot be used."""


class OutputError(MinyiError):
    """A result cannot be written where it was asked for."""


class ProfileError(MinyiError):
    """The domain data or the office profile are not valid."""


class ModelError(MinyiError):
    """A model folder is missing, damaged, from another version or cannot be trained."""


class StoreError(MinyiError):
    """The store cannot be opened, read or written."""


class MissingError(StoreError):
    """The store has nothing under this number or name."""


class ConflictError(StoreError):
    """What is asked contradicts what the store holds, as a key used for another request."""
