"""Position: the balances of an agreement in the term in which its money is now.

As in a statement of the term: what a year end has set against the liability still counts as allocated and
used, and bank charges are no longer available.
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
    """The balances of an agreement, in USD cents except `receivable`."""

    receivable: Amount
    """What the donor still owes, in the agreement's currency."""
    available_cents: int
    """Received, and neither allocated nor used."""
    allocated_cents: int
    """Allocated to activities in the term or carried over to it, used or not."""
    committed_cents: int
    used_cents: int
    """Used in the term for activities, losses included."""
    charged_cents: int
    """Bank charges of the term, for no activity."""


def position(books: Connection, signed: Agreement) -> Position:
    """The position of an agreement, or of a gift, now."""
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
