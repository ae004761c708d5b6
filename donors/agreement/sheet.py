"""Spreadsheets of agreements: one row is one signed agreement, with its earmark and its instalments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from donors.agreement.agreement import AgreementSigned
from donors.agreement.earmark import Region
from donors.sheets.rows import CURRENCY, Cells, EventSheet, read_day
from ledger import Amount, BadInput, Event, SheetColumn, read_amount

_INSTALMENT = re.compile(r"(?P<day>\S+)\s+(?P<amount>.+?)(?:\s+if\s+(?P<condition>.+))?")


def _events(cells: Cells) -> Iterator[Event]:
    amount = cells.money()
    return cells.event(
        AgreementSigned,
        on=cells.day("signed_on"),
        code=cells.code("code"),
        donor=cells.code("donor"),
        term=cells.text("term"),
        amount=amount,
        starts_on=cells.day("starts_on"),
        ends_on=cells.day("ends_on"),
        instalments=_instalments(cells, amount),
        pledge=cells.code("pledge"),
        offers=cells.many("offers"),
        earmark=_earmark(cells),
    )


def _earmark(cells: Cells) -> dict[str, Any]:
    return {
        "work_areas": cells.many("earmark_work_areas"),
        "clusters": cells.many("earmark_clusters"),
        "activities": cells.many("earmark_activities"),
        "regions": cells.many("earmark_regions"),
        "countries": cells.many("earmark_countries"),
        "income_groups": ("low-income",) if cells.flag("earmark_low_income") else (),
        "ldc": cells.flag("earmark_ldc"),
    }


def _instalments(cells: Cells, amount: Amount | None) -> list[dict[str, Any]]:
    """The parts of one cell, such as `2022-03-01 60000; 2022-09-01 60000 if the report is accepted`."""
    if amount is None:  # noted as a problem already; without it the currency of the parts is not known
        return []
    made = []
    for part in cells.many("instalments") or ():
        try:
            made.append(_instalment(part, amount.currency))
        except BadInput as error:
            cells.problem("instalments", str(error).rstrip("."))
    return made


def _instalment(written: str, currency: str) -> dict[str, Any]:
    match = _INSTALMENT.fullmatch(written)
    if not match:
        raise BadInput(
            "not-day-and-amount",
            "'{written}' is not a day and an amount: write it like {example}",
            written=written,
            example=_EXAMPLE,
        )
    return {
        "due_on": read_day(match["day"]),
        "minor": read_amount(match["amount"], currency).minor,
        "condition": match["condition"] or "",
    }


_EXAMPLE = "2022-03-01 60000; 2022-09-01 60000 if the report is accepted"
_SEVERAL = "several are separated by semicolons"

AGREEMENT_SHEET = EventSheet(
    "agreement",
    (
        SheetColumn("code", "The code of the agreement.", "A-GOV-A"),
        SheetColumn("donor", "The code of the donor.", "GOV-A"),
        SheetColumn("term", "The term for which it is given.", "2021-2023"),
        SheetColumn("amount", "What is agreed in money; 0 if it is in kind only.", "120,000.00"),
        CURRENCY,
        SheetColumn("signed_on", "The day of the signature.", "2022-01-31"),
        SheetColumn("starts_on", "The first day of the agreement.", "2022-02-01"),
        SheetColumn("ends_on", "The last day of the agreement.", "2023-10-31"),
        SheetColumn(
            "instalments",
            "When the money is due: a day and an amount each, and after 'if' what must be met before; "
            f"{_SEVERAL}; empty if all of it is due on the first day.",
            _EXAMPLE,
            required=False,
        ),
        SheetColumn("pledge", "The code of the pledge that it keeps.", required=False),
        SheetColumn("offers", f"The codes of the offers that it accepts; {_SEVERAL}.", required=False),
        SheetColumn(
            "earmark_work_areas", f"Only for these work areas, by number; {_SEVERAL}.", required=False
        ),
        SheetColumn("earmark_clusters", f"Only for these clusters; {_SEVERAL}.", required=False),
        SheetColumn("earmark_activities", f"Only for these activities, by code; {_SEVERAL}.", required=False),
        SheetColumn(
            "earmark_regions",
            f"Only for these UNESCO regions: {', '.join(get_args(Region))}; {_SEVERAL}.",
            "Africa; Arab States",
            required=False,
        ),
        SheetColumn(
            "earmark_countries",
            f"Only for these countries, by their three letters; {_SEVERAL}.",
            required=False,
        ),
        SheetColumn("earmark_low_income", "Only for low-income countries: yes or no.", required=False),
        SheetColumn("earmark_ldc", "Only for least developed countries: yes or no.", "yes", required=False),
    ),
    _events,
    {
        "on": "signed_on",
        "income_groups": "earmark_low_income",
        **{
            part: f"earmark_{part}"
            for part in ("work_areas", "clusters", "activities", "regions", "countries", "ldc")
        },
    },
)
