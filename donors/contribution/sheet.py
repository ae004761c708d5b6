"""Spreadsheets of contributions: one row is money that arrived, under an agreement or as a gift."""

from __future__ import annotations

from collections.abc import Iterator

from donors.contribution.contribution import ContributionReceived
from donors.sheets.rows import CURRENCY, Cells, Sheet
from ledger import Column, Event


def _events(cells: Cells) -> Iterator[Event]:
    return cells.event(
        ContributionReceived,
        on=cells.day("received_on"),
        reference=cells.code("reference"),
        bank_account=cells.code("bank_account"),
        amount=cells.money(),
        agreement=cells.code("agreement"),
        donor=cells.code("donor"),
        term=cells.text("term"),
        settles=cells.money("settles", ""),
    )


CONTRIBUTION_SHEET = Sheet(
    "contribution",
    (
        Column("reference", "The bank's reference; it also names a gift without an agreement.", "G-2022-001"),
        Column("bank_account", "The fund's bank account on which it arrived, by its code.", "BANK-USD"),
        Column("received_on", "The day on which it arrived.", "2022-03-14"),
        Column("amount", "How much arrived, in the currency of the bank account.", "1,500.00"),
        CURRENCY,
        Column("agreement", "The agreement under which it was given; empty for a gift.", required=False),
        Column("donor", "For a gift only: the code of who gave it.", "NGO-A", required=False),
        Column("term", "For a gift only: the term for which it is meant.", "2021-2023", required=False),
        Column(
            "settles",
            "What it settles of the agreement, with the currency, where that is not the amount.",
            "",
            required=False,
        ),
    ),
    _events,
    {"on": "received_on"},
)
