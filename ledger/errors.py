"""Errors that a user can cause or meet; each message is a sentence that says what to do."""

from __future__ import annotations

from ledger.sentence import Sentence


class MdfmError(Exception):
    """The base of all errors that are shown to the user as a sentence, never as a traceback.

    It is made of the parts of the sentence: texts, hints and other sentences.
    """

    @property
    def sentence(self) -> Sentence:
        """The sentence with its hints, for a door to make words of them."""
        if type(self).__str__ is MdfmError.__str__:
            return Sentence(*self.args)
        return Sentence(str(self))

    def __str__(self) -> str:
        return str(Sentence(*self.args))


class Refused(MdfmError):
    """A rule of the fund or of the books forbids what was asked."""


class OutOfReach(Refused):
    """The database server cannot be used now, or not by this login; the books themselves may be sound."""


class BadInput(MdfmError):
    """A file, option or field cannot be used as it is."""


class NotFound(MdfmError):
    """A code that is not in the books."""

    @property
    def has_hint(self) -> bool:
        """Whether the sentence names a code that may be meant."""
        return "(did you mean '" in str(self)


class Tampered(MdfmError):
    """The books do not match their seals."""


def reason_of(error: BaseException | None) -> str:
    """The first line of an error of another program, without a final full stop."""
    return str(error).strip().partition("\n")[0].rstrip(" .")
