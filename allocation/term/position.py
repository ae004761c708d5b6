"""Position: where an agreement's money stands in the term in which it is kept now.

As a statement of the term tells it: what a year's end has set against what is owed was allocated and used all
the same, and what the bank charged is not available any more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from allocation.term.term_lines import lines_of_term
from donors import Agreement
from ledger import (
    ALLOCATED,
    COMMITMENTS,
    LOSSES,
    RECEIVABLE,
    USE_OF_MONEY,
    Amount,
    AsOf,
    available,
    total,
)


@dataclass(frozen=True)
class Position:
    """Where an agreement's money stands; USD cents but for what is receivable."""

    receivable: Amount
    """What the donor still owes, in the agreement's currency."""
    available_cents: int
    """Arrived, and neither allocated nor used."""
    allocated_cents: int
    """Given to activities in the term or brought over to it, used or not."""
    committed_cents: int
    used_cents: int
    """Used in the term for activities, losses included."""
    charged_cents: int
    """What the bank charged in the term, for no activity."""


def position(books: Connection, signed: Agreement) -> Position:
    """Where the money of an agreement, or of a gift, stands now."""
    sums: Counter[str] = Counter()
    accounts = (ALLOCATED, *USE_OF_MONEY, COMMITMENTS)
    for line in lines_of_term(
        books, AsOf.now(books, date.max), signed.term, accounts=accounts, agreements=[signed.code]
    ):
        of_use = "used" if line.activity or line.account == LOSSES else "charged"
        sums[line.account if line.account in (ALLOCATED, COMMITMENTS) else of_use] += line.usd
    owed = total(books, RECEIVABLE, agreement=signed.code)
    return Position(
        receivable=Amount(currency=signed.amount.currency, minor=owed.amount),
        available_cents=available(books, signed.term).get(signed.code, 0),
        allocated_cents=-sums[ALLOCATED],
        committed_cents=sums[COMMITMENTS],
        used_cents=sums["used"],
        charged_cents=sums["charged"],
    )
