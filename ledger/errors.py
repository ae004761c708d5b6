"""Errors that a user can cause or meet: a code with parameters, and a sentence that says what to do.

The code names the condition and stays the same; the template is its sentence in English, with the parameters
in braces. A door may print the sentence, put its own words in the place of hints, or look up the code in a
catalogue of its own. After `PydanticCustomError(type, template, context)`.
"""

from __future__ import annotations

from ledger.sentence import Nearest, Sentence


class MdfmError(Exception):
    """The base of all errors that are shown to the user as a sentence, never as a traceback."""

    def __init__(self, code: str, template: str, /, **parameters: object) -> None:
        self.code = code
        """What is wrong, e.g. `period-closed`."""
        self.template = template
        self.parameters = parameters
        """What it is about, by the names in the template: texts, numbers, days, hints and other sentences."""

    @property
    def sentence(self) -> Sentence:
        """The sentence with its hints, for a door to make words of them."""
        return Sentence.of(self.template, self.parameters)

    def __str__(self) -> str:
        return str(self.sentence)


class Refused(MdfmError):
    """A rule of the fund or of the books forbids what was asked."""


class OutOfReach(Refused):
    """The database server cannot be used now, or not by this login; the books themselves may be sound."""


class BadInput(MdfmError):
    """A file, option or field cannot be used as it is."""


class NotFound(MdfmError):
    """A code that is not in the books."""

    @property
    def nearest(self) -> str:
        """The code that may be meant; empty if none is near."""
        found = self.parameters.get("nearest")
        return found.name if isinstance(found, Nearest) else ""


class Tampered(MdfmError):
    """The books do not match their seals."""


def reason_of(error: BaseException | None) -> str:
    """The first line of an error of another program, without a final full stop."""
    return str(error).strip().partition("\n")[0].rstrip(" .")
