"""The errors that a user can cause or meet, each said in one sentence that tells what to do."""

from __future__ import annotations


class MdfmError(Exception):
    """The base of all errors that are told to the user as a sentence, never as a traceback."""


class Refused(MdfmError):
    """The books refuse what was asked, because a rule of the fund forbids it."""


class BadInput(MdfmError):
    """A file, option or field cannot be used as it is."""


class NotFound(MdfmError):
    """A code that the books do not know."""


class Tampered(MdfmError):
    """The books are not what their seals say."""
