"""Spreadsheets of pledges: one row is one pledge."""

from __future__ import annotations

from collections.abc import Iterator

from donors.agreement.pledge import PledgeRecorded
from donors.sheets.rows import CURRENCY, Cells, EventSheet
from ledger import Event, SheetColumn


def _events(cells: Cells) -> Iterator[Event]:
    return cells.event(
        PledgeRecorded,
        on=cells.day("announced_on"),
        code=cells.code("code"),
        donor=cells.code("donor"),
        term=cells.text("term"),
        amount=cells.money(),
        expected_on=cells.day("expected_on"),
    )


PLEDGE_SHEET = EventSheet(
    "pledge",
    (
        SheetColumn("code", "The code of the pledge.", "P-2022-01"),
        SheetColumn("donor", "The code of the donor.", "GOV-A"),
        SheetColumn("term", "The term for which it is announced.", "2021-2023"),
        SheetColumn("amount", "How much is announced.", "120,000.00"),
        CURRENCY,
        SheetColumn("announced_on", "The day of the announcement.", "2022-02-01"),
        SheetColumn("expected_on", "The day on which the money is expected.", "2022-09-30"),
    ),
    _events,
    {"on": "announced_on"},
)
