"""Lines on the health of a book or a machine: what was looked at, how it is, and what is to be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from ledger.errors import MdfmError
from ledger.sentence import Sentence

HealthState = Literal["ok", "note", "do", "no book"]
OK: HealthState = "ok"
NOTE: HealthState = "note"
"""Worth knowing, and nothing must be done."""
DO: HealthState = "do"
"""Something must be done."""
NO_BOOK: HealthState = "no book"


class HealthLine(NamedTuple):
    """One thing that was looked at."""

    topic: str
    """What was looked at, e.g. `backup`."""
    state: HealthState
    says: Sentence
    """What was found and, where something is to be done, what."""


def health_line(topic: str, state: HealthState, template: str, /, **parameters: object) -> HealthLine:
    """A line from a template with parameters in braces."""
    return HealthLine(topic, state, Sentence.of(template, parameters))


def safely(topic: str, look: Callable[[], list[HealthLine]]) -> list[HealthLine]:
    """What a look finds; whatever goes wrong is a line, too."""
    try:
        return look()
    except MdfmError as error:
        return [HealthLine(topic, DO, error.sentence)]
    except Exception as error:  # a damaged book or library may raise anything
        found = f"{type(error).__name__}: {error}".partition("\n")[0]
        return [
            health_line(topic, DO, "it cannot be looked at ({found}): see what is wrong there", found=found)
        ]
