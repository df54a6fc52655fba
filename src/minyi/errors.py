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
    """The store cannot be opened, read or written.

    Parameters
    ----------
    message : str
        For whoever runs the program.
    place : object, optional
        The file or server that the message names.

    Attributes
    ----------
    public : str
        The message for those who ask over the network, and must not learn the place.

    Examples
    --------
    >>> StoreError("磁盘已满，没有写入 /srv/minyi.db。", "/srv/minyi.db").public
    '磁盘已满，没有写入。'
    >>> StoreError("/srv/minyi.db 已损坏。", "/srv/minyi.db").public
    '数据库 已损坏。'
    """

    def __init__(self, message: str, place: object = "") -> None:
        super().__init__(message)
        named = str(place)
        # Behind a word the place only says which one; elsewhere it is what the sentence is about.
        self.public = (
            message.replace(f" {named}", "").replace(named, "数据库") if named else message
        )


class NoSpaceError(StoreError):
    """The disk is full; what was in the store before is still there."""


class MissingError(StoreError):
    """The store has nothing under this number or name."""


class ConflictError(StoreError):
    """What is asked contradicts what the store holds, as a key used for another request."""
