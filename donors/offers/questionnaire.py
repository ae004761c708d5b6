"""The questionnaire to member cities as a spreadsheet: one row is a city's answers to its six items.

Each item that a city answers becomes an offer of its own, named after the city and the item. The fifth item
is a financial contribution to the MDFM and needs an amount; the others are in kind, with the city's estimate
of their value, if it gives one.
"""

from __future__ import annotations

from collections.abc import Iterator

from donors.offers.offer import Item, OfferReceived
from donors.sheets.rows import CURRENCY, Cells, EventSheet
from ledger import FUND_CURRENCY, Amount, Event, SheetColumn

_ASKED: dict[Item, str] = {
    "experts-meeting": "a thematic experts' meeting",
    "exchange": "a small-scale learning and exchange",
    "workshop": "a capacity-building workshop",
    "research": "research and case studies",
    "financial": "a financial contribution to the MDFM",
    "other": "anything else",
}
_EXAMPLES: dict[Item, tuple[str, str, str]] = {
    "workshop": ("A hall for 40 people and two trainers, three days", "6,000.00", "MDFM-1.2"),
    "financial": ("A contribution in 2023", "10,000.00", ""),
}
_NOTHING = {
    *("", "-", "–", "—", "/", "0", "n/a", "na", "s/o", "no", "none", "nothing"),
    *("non", "aucun", "aucune", "néant", "rien", "nada", "ninguna", "ninguno"),
}
"""Answers in several languages that mean that the city offers nothing under an item."""


def _events(cells: Cells) -> Iterator[Event]:
    donor, on, term = cells.code("donor"), cells.day("answered_on"), cells.text("term")
    begins, remarks = cells.code("code") or f"O-{donor}", cells.text("remarks")
    for item in _ASKED:
        written, asked_of = _answer(cells, _column(item, "value")), _column(item, "activity")
        words = (cells.text(_column(item)) or "") if _answer(cells, _column(item)) else ""
        value = cells.money(_column(item, "value")) if written else None
        activity = cells.text(asked_of) if _answer(cells, asked_of) else ""
        if not words:
            if value or activity:
                cells.problem(_column(item), "is empty beside a value or an activity: say what is offered")
            continue
        if item == "financial" and not written:
            cells.problem(_column(item, "value"), "is empty: an offer of money needs its amount")
        if value is None and (written or item == "financial"):
            continue
        yield from cells.event(
            OfferReceived,
            on=on,
            code=f"{begins}-{item}",
            donor=donor,
            term=term,
            item=item,
            description=f"{words} ({remarks})" if remarks else words,
            value=value or Amount(currency=FUND_CURRENCY, minor=0),
            activity=activity,
        )


def _answer(cells: Cells, column: str) -> str:
    """The text of a cell; empty if it means that nothing is offered."""
    written = cells.given(column)
    return "" if written.casefold().rstrip(".") in _NOTHING else written


def _column(item: Item, of_it: str = "") -> str:
    """The name of an item's column, or of that for its value or activity."""
    return "_".join(filter(None, [item.replace("-", "_"), of_it]))


def _item_columns() -> Iterator[SheetColumn]:
    for number, (item, asked) in enumerate(_ASKED.items(), start=1):
        words, value, activity = _EXAMPLES.get(item, ("", "", ""))
        worth = "The amount" if item == "financial" else "What it may be worth, if the city says so"
        yield SheetColumn(
            _column(item),
            f"Item {number}, {asked}: what the city offers; empty, or no, if nothing.",
            words,
            required=False,
        )
        yield SheetColumn(_column(item, "value"), f"Item {number}: {worth}.", value, required=False)
        yield SheetColumn(
            _column(item, "activity"),
            f"Item {number}: the activity of the programme of which it could cover a part.",
            activity,
            required=False,
        )


QUESTIONNAIRE = EventSheet(
    "offer",
    (
        SheetColumn("donor", "The code of the city as a donor.", "CITY-A"),
        SheetColumn("answered_on", "The day of the answer.", "2022-10-31"),
        SheetColumn("term", "The term for which the city can contribute.", "2021-2023"),
        SheetColumn(
            "code",
            "What the codes of the city's offers begin with; empty is O- and the code of the donor.",
            required=False,
        ),
        *_item_columns(),
        CURRENCY,
        SheetColumn(
            "remarks", "What else the city says, of all its offers; no names of persons.", required=False
        ),
    ),
    _events,
    {"on": "answered_on"},
)
