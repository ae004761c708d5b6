"""Spreadsheets of donors: one row registers one donor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from donors.donor.donor import DonorRegistered, DonorType, Subtype
from donors.languages import LANGUAGES, SOURCE_LANGUAGE
from donors.sheets.rows import Cells, EventSheet
from ledger import Event, SheetColumn

_SUBTYPES = ", ".join(filter(None, get_args(Subtype)))


def _events(cells: Cells) -> Iterator[Event]:
    return cells.event(
        DonorRegistered,
        on=cells.day("registered_on"),
        code=cells.code("code"),
        name=cells.text("name"),
        type=cells.choice("type", get_args(DonorType)),
        subtype=cells.choice("subtype", get_args(Subtype)),
        country=cells.text("country"),
        language=cells.choice("language", LANGUAGES) or SOURCE_LANGUAGE,
        city=cells.text("city"),
    )


DONOR_SHEET = EventSheet(
    "donor",
    (
        SheetColumn("code", "The code by which the fund knows the donor.", "CITY-DJ"),
        SheetColumn("name", "The name, as the donor writes it.", "Example city"),
        SheetColumn("type", f"The partner type: {', '.join(get_args(DonorType))}.", "city"),
        SheetColumn("registered_on", "The day on which the donor becomes known to the fund.", "2021-11-15"),
        SheetColumn(
            "subtype",
            f"The kind of body within its type: {_SUBTYPES}.",
            "municipality",
            required=False,
        ),
        SheetColumn(
            "country",
            "The country by its three letters (ISO 3166-1); empty for a body of no one country.",
            "DJI",
            required=False,
        ),
        SheetColumn(
            "language",
            f"In which the fund writes to the donor: {', '.join(LANGUAGES)}; empty is {SOURCE_LANGUAGE}.",
            "fr",
            required=False,
        ),
        SheetColumn(
            "city",
            "For a donor of the type city: its name in the programme, if it is a member city.",
            required=False,
        ),
    ),
    _events,
    {"on": "registered_on"},
)
