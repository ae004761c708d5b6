"""`mdfm agreement due`: instalments that are late, fall due soon, or wait for a condition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

import click

from donors import WITHIN_DAYS, Due, banded, dues, get_donor
from ledger import get_term
from mdfm.api import clocks
from mdfm.cli import console, options
from mdfm.cli.console import Misused, UsdCents
from mdfm.cli.recording import reading

_SPAN = re.compile(r"(\d{1,4}) *(d|days?)?")
_LISTED = ("late", "due", "waits for its condition")


def _read_span(text: str) -> int:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Misused(f"'{text}' is not a number of days: write it like 30d.")
    return int(match[1])


@click.command("due", cls=console.JsonCommand)
@click.option(
    "--within",
    type=options.Typed("days", _read_span),
    default=f"{WITHIN_DAYS}d",
    show_default=True,
    help="How many days to look ahead.",
)
@options.two_clocks
@options.only_donor
@options.only_term
def due(within: int, to: date, known_at: int | None, donor: str | None, term: str | None) -> None:
    """List instalments that are late, fall due within some days, or wait for a condition.

    US dollars are the carrying amount of what is outstanding.
    """
    with reading() as books:
        if donor is not None:
            get_donor(books, donor)
        if term is not None:
            get_term(books, term)
        found = dues(books, clocks.as_of(books, to, known_at), donor=donor, term=term, within=within)
    listed = [each for each in found if each.state in _LISTED and (each.due_on - to).days <= within]
    sums = Counter[str](dict.fromkeys(_LISTED, 0))
    for each in listed:
        sums[each.state] += each.cents
    ageing = banded((each.band, each.cents) for each in listed)
    answer = {
        "on": to,
        "within_days": within,
        "due": [instalment_row(each) for each in listed],
        "total_cents": sums,
        "ageing_cents": ageing,
    }
    console.emit(answer, lambda: _print(listed, sums, to, within))


def instalment_row(each: Due) -> dict[str, object]:
    """An instalment as a row."""
    return console.row_of(each, cents=UsdCents(each.cents), band=each.band)


def instalment_state(each: Due, on: date) -> str:
    """The state of an instalment in words."""
    match each.state:
        case "late":
            return f"late by {_days(each.days_late)}"
        case "waits for its condition":
            return f"waits: {each.condition}"
        case "paid":
            return "paid"
        case _:
            return f"due in {_days((each.due_on - on).days)}" if each.due_on > on else "due today"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days:,d} days"


def _print(listed: Sequence[Due], sums: Counter[str], on: date, within: int) -> None:
    if not listed:
        console.stderr(f"On {on} nothing is late, and nothing falls due within {_days(within)}.")
        return
    columns = {
        "due_on": "Due",
        "agreement": "Agreement",
        "number": "No.",
        "donor": "Donor",
        "outstanding": "Outstanding",
        "cents": "US$",
        "state": "State",
    }
    rows = [instalment_row(each) | {"state": instalment_state(each, on)} for each in listed]
    console.table(rows, columns, total={"due_on": "Total", "cents": UsdCents(sums.total())})
    console.table(
        [{"state": state, "cents": UsdCents(cents)} for state, cents in sums.items()],
        {"state": "State", "cents": "US$"},
        title=f"On {on}, and {_days(within)} ahead",
    )
