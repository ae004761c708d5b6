"""The desk of a finance officer in January 2023: the documents that docs/tour.md records, one command each.

They continue the story of the example: a letter of intent, an agreement in instalments, the bank's files in
four formats, spreadsheets, a questionnaire. All donors are examples, and named so; nothing here is booked.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path

from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from donors import QUESTIONNAIRE
from ledger import read_rates
from mdfm.example.story import TERM, example_file
from reports import CellValue, Table, write_file, write_workbook

MADE_ON = date(2023, 1, 31)
"""The day that the documents bear: made anew they are the same, byte for byte."""

DONORS = (
    ("GOV-C", "Example Ministry of Education (Finland)", "government", "national", "FIN"),
    ("CIRCLE-1", "Example reading circle North", "civil-society", "ngo", "BEL"),
    ("CIRCLE-2", "Example reading circle South", "civil-society", "ngo", "BEL"),
    ("CIRCLE-3", "Exemple : cercle de lecture Est", "civil-society", "ngo", "BEL"),
    ("CIRCLE-4", "Exemple : cercle de lecture Ouest", "civil-society", "ngo", "BEL"),
)
_GIFTS = 40
_AMOUNTS = ("20", "45.50", "120", "$75", "1,250.00", "33.33", "$ 60", "15", "250", "99.99")

_PAPERS = {
    "letter-of-intent.pdf": (
        "EXAMPLE. Letter of intent",
        "The Example Ministry of Education (Finland) intends to contribute EUR 150,000 to the Multi-donor "
        "Funding Modality in its term 2021-2023, subject to the signature of an agreement in January 2023.",
    ),
    "agreement-gov-c.pdf": (
        "EXAMPLE. Agreement A-GOV-C",
        "The Example Ministry of Education (Finland) contributes EUR 150,000 to the Multi-donor Funding "
        "Modality for capacity-building and training (work area 2), from 10 January to 31 October 2023.",
        "The money comes in three instalments: EUR 50,000 on 31 January 2023; EUR 50,000 on 30 April 2023, "
        "if the first progress report is accepted; EUR 50,000 on 31 August 2023.",
    ),
    "hosting-city-b.pdf": (
        "EXAMPLE. Agreement K-CITY-B",
        "Example Member City B (Ireland) hosts a capacity-building workshop and a small-scale learning "
        "visit in 2023, at no cost to the fund.",
    ),
    "friends-of-learning.pdf": (
        "EXAMPLE. Who sent EUR 4,200 on 16 January 2023",
        "The Example reading circle North confirms that the transfer of 16 January 2023 in the name of its "
        "friends is its gift to the Multi-donor Funding Modality.",
    ),
}
"""The documents that are evidence, by file: a title and its paragraphs."""

_ANSWERS = (
    {
        "donor": "CITY-A",
        "answered_on": "2023-01-18",
        "financial": "Another contribution to the pool",
        "financial_value": "KRW 50 000 000",
    },
    {
        "donor": "CITY-B",
        "answered_on": "2023-01-20",
        "workshop": "Hall and two trainers for three days",
        "workshop_value": "EUR 9,500.00",
        "workshop_activity": "ESD-2.1",
        "exchange": "Visit of twelve cities to our libraries",
        "exchange_value": "EUR 4,000.00",
        "exchange_activity": "ESD-1.3",
    },
    {
        "donor": "CITY-C",
        "answered_on": "2023-01-23",
        "workshop": "Salas y traducción para un taller",
        "workshop_value": "USD 6,000.00",
        "remarks": "a partir de marzo",
    },
)
"""The answers of cities to the questionnaire, by column; a column that is missing was left empty."""


def write_desk(folder: Path) -> list[Path]:
    """Write the documents into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [write_file(folder / name, content) for name, content in _made()]
    for path in sorted(example_file("bank").iterdir()):
        written.append(folder / path.name)
        shutil.copyfile(path, written[-1])
    return written


def _made() -> Iterator[tuple[str, bytes]]:
    for name, (title, *paragraphs) in _PAPERS.items():
        yield name, _paper(title, paragraphs)
    yield "donors.xlsx", _sheet("donors", _donors())
    yield "gifts.xlsx", _sheet("gifts", _gifts())
    yield "un-rates.xlsx", _sheet("UNORE", _rates())
    yield "questionnaire.csv", _answers()


def _answers() -> bytes:
    file = StringIO()
    names = [column.name for column in QUESTIONNAIRE.columns]
    rows = csv.DictWriter(file, names, restval="", lineterminator="\n")
    rows.writeheader()
    rows.writerows(answer | {"term": TERM} for answer in _ANSWERS)
    return file.getvalue().encode("utf-8-sig")


def _paper(title: str, paragraphs: list[str]) -> bytes:
    """A page with a title and paragraphs, as somebody else's office would send it."""
    file = BytesIO()
    styles = getSampleStyleSheet()
    story = [Paragraph(title, styles["Title"]), *(Paragraph(each, styles["BodyText"]) for each in paragraphs)]
    SimpleDocTemplate(file, title=title, invariant=1).build(story)
    return file.getvalue()


def _sheet(name: str, rows: Iterator[list[CellValue]]) -> bytes:
    head, *others = rows
    return write_workbook(name, MADE_ON, [Table(name, [str(each) for each in head], others)])


def _donors() -> Iterator[list[CellValue]]:
    yield ["code", "name", "type", "subtype", "country", "registered_on"]
    for code, name, kind, subtype, country in DONORS:
        yield [code, name, kind, subtype, country, date(2023, 1, 9)]


def _gifts() -> Iterator[list[CellValue]]:
    yield ["reference", "bank_account", "received_on", "amount", "currency", "donor", "term"]
    for number in range(_GIFTS):
        on = date(2023, 1, 9) + timedelta(days=number // 2)
        amount, donor = _AMOUNTS[number % len(_AMOUNTS)], f"CIRCLE-{number % 4 + 1}"
        yield [f"S-2023-{number + 1:02}", "BANK-USD", on, amount, "USD", donor, TERM]


def _rates() -> Iterator[list[CellValue]]:
    """The example's rates of the first months of 2023, in the columns of the published table."""
    yield ["UN operational rates of exchange (example figures)"]
    yield ["Country", "Currency", "Abbreviation", "Effective Date", "Rate"]
    for published in read_rates(example_file("rates.csv")).published:
        if date(2023, 1, 1) <= published.on <= date(2023, 3, 1):
            for code, rate in sorted(published.rates.items()):
                for country in _COUNTRIES[code]:
                    yield [country, _CURRENCIES[code], code, f"{published.on:%d %b %Y}", rate]


_COUNTRIES = {"EUR": ("Belgium", "Finland", "Germany"), "KRW": ("Korea, Republic of",)}
_CURRENCIES = {"EUR": "Euro", "KRW": "Won"}
