"""Reversals: a wrong entry stays in the journal, and a new entry reverses it.

A reversal mirrors the lines of the entry that it names, in an open period, and marks the rows that the
registers have from it.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ledger.entry.event import Event, Kind


class EntryReversed(Event):
    """An earlier entry is reversed."""

    kind: ClassVar[str] = "entry reversed"

    entry: int = Field(ge=1)
    reason: str = Field(min_length=1)

    @property
    def key(self) -> str:
        return f"reversal:{self.entry}"

    @property
    def reverses(self) -> int:
        return self.entry


KINDS = (
    Kind(
        EntryReversed,
        when_recorded="an entry is reversed once, so record what is right as a new event",
    ),
)
