"""Spreadsheets of contributions: one row is one receipt of money, under an agreement or as a gift."""

from __future__ import annotations

from collections.abc import Iterator

from donors.contribution.contribution import ContributionReceived
from donors.sheets.rows import CURRENCY, Cells, EventSheet
from ledger import Event, SheetColumn


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
        settles=cells.money("settles_amount", ""),
    )


CONTRIBUTION_SHEET = EventSheet(
    "contribution",
    (
        SheetColumn(
            "reference", "The bank's reference; it also names a gift without an agreement.", "G-2022-001"
        ),
        SheetColumn("bank_account", "The fund's bank account on which it arrived, by its code.", "BANK-USD"),
        SheetColumn("received_on", "The day on which it arrived.", "2022-03-14"),
        SheetColumn("amount", "How much arrived, in the currency of the bank account.", "1,500.00"),
        CURRENCY,
        SheetColumn("agreement", "The agreement under which it was given; empty for a gift.", required=False),
        SheetColumn("donor", "For a gift only: the code of who gave it.", "NGO-A", required=False),
        SheetColumn("term", "For a gift only: the term for which it is meant.", "2021-2023", required=False),
        SheetColumn(
            "settles_amount",
            "What it settles of the agreement, with the currency, where that is not the amount.",
            "",
            required=False,
        ),
    ),
    _events,
    {"on": "received_on", "settles": "settles_amount"},
)
