"""The figures of a book that every later version must print again: of statements, and by account."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from donors import donors
from ledger import AsOf, head
from reports import Statement, build_statement
from tests.support.small_books import TERM

UNTIL = date(2021, 11, 30)
"""The statements are of the days before the plan: no list of low-income countries is recorded for its day."""


def figures_of(books: Connection) -> dict[str, Any]:
    """Amounts in minor units: USD cents, but for those of receipts."""
    lines = text("SELECT account, sum(usd) AS usd FROM line GROUP BY account ORDER BY account")
    return {
        "accounts": {row.account: int(row.usd) for row in books.execute(lines)},
        "statements": {each.donor: _of_statement(each) for each in statements_of(books)},
    }


def statements_of(books: Connection) -> list[Statement]:
    """The statement of each donor up to a day, in English."""
    known = AsOf(UNTIL, head(books).seq)
    return [build_statement(books, each.code, TERM, known, "en") for each in donors(books)]


def _of_statement(statement: Statement) -> dict[str, Any]:
    balance = statement.balance
    return {
        "opening": statement.opening.cents,
        "receipts": [
            [each.reference, each.currency, each.amount, each.usd.cents] for each in statement.receipts
        ],
        "received": statement.received.cents,
        "uses": [[each.activity, each.category, each.usd.cents] for each in statement.uses],
        "used": statement.used.cents,
        "in kind": sum(each.usd.cents for each in statement.in_kind),
        "available": balance.available.cents,
        "allocated": balance.allocated.cents,
        "committed": balance.committed.cents,
        "refund due": balance.refund_due.cents,
    }
