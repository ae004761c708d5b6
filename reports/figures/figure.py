"""A figure of a report: an amount, the journal lines it is the sum of, and the state of the books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger import AsOf, head_at

LineRef = tuple[int, int]
"""A journal line: the `seq` of its entry and the number of the line in it."""


@dataclass(frozen=True)
class Figure:
    """An amount in USD cents and the journal lines that add up to it."""

    cents: int
    lines: tuple[LineRef, ...] = ()

    @classmethod
    def total(cls, figures: Iterable[Figure]) -> Figure:
        """The sum of figures, with the lines of all of them."""
        parts = tuple(figures)
        return cls(sum(f.cents for f in parts), tuple(ref for f in parts for ref in f.lines))


@dataclass(frozen=True)
class Seal:
    """The state of the books that a report was made from."""

    effective_to: date
    known_at: int
    """Number of the last journal entry that the report includes."""
    head: str
    """That entry's hash, 64 hexadecimal digits."""


def seal_of(books: Connection, as_of: AsOf) -> Seal:
    """The state of the books at two clocks, with the head hash that identifies it."""
    return Seal(as_of.effective_to, as_of.known_at, head_at(books, as_of.known_at).hash)
