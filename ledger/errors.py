"""The errors that a user can cause or meet, each said in one sentence that tells what to do."""

from __future__ import annotations


class MdfmError(Exception):
    """The base of all errors that are told to the user as a sentence, never as a traceback."""


class Refused(MdfmError):
    """The books refuse what was asked, because a rule of the fund forbids it."""


class OutOfReach(Refused):
    """The server of the books cannot be used now, or not by this login: that says nothing about the books."""


class BadInput(MdfmError):
    """A file, option or field cannot be used as it is."""


class NotFound(MdfmError):
    """A code that the books do not know."""

    @property
    def has_hint(self) -> bool:
        """Whether the sentence names a code that may be meant."""
        return "(did you mean '" in str(self)


class Tampered(MdfmError):
    """The books are not what their seals say."""


def reason_of(error: BaseException | None) -> str:
    """What another program says of an error: its first line, without where and how that may follow."""
    return str(error).strip().partition("\n")[0].rstrip(" .")
