"""`mdfm offer`: offers of cities and other donors, before any agreement."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, get_args

import click

from donors import QUESTIONNAIRE, Item, OfferDeclined, OfferReceived, get_offer, offers
from ledger import FUND_CURRENCY, Amount
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.finance.sheet_import import import_of, template_of
from mdfm.cli.recording import reading, submit

command = console.Noun("offer")
command.add_command(import_of(QUESTIONNAIRE))
command.add_command(template_of(QUESTIONNAIRE))


@command.command("record")
@click.argument("code", type=options.CODE)
@options.donor
@options.term
@click.option(
    "--item", type=click.Choice(get_args(Item)), required=True, help="The item of the questionnaire."
)
@options.description
@click.option(
    "--value",
    type=options.MONEY,
    default=Amount(currency=FUND_CURRENCY, minor=0),
    help="Its estimated value, e.g. 'EUR 6,000.00'; of an offer of money, the amount.",
)
@click.option(
    "--activity", default="", metavar="ACTIVITY", help="The activity whose cost it could cover in part."
)
@options.evidence
@options.recorded
def record(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record an offer: no promise until an agreement accepts it."""
    submit(by, OfferReceived, files=files, **given)


@command.command("decline")
@click.argument("offer")
@options.reason
@options.occurrence
@options.recorded
def decline(by: str, **given: Any) -> None:
    """Decline an offer."""
    submit(by, OfferDeclined, **given)


@command.command("list")
@options.only_term
@click.option("--open", "only_open", is_flag=True, help="Only those neither accepted nor declined.")
@options.effective_to
def list_(term: str | None, to: date, *, only_open: bool) -> None:
    """List offers; one is accepted with `mdfm agreement sign --offer OFFER`."""
    with reading() as books:
        require_known(books, term=term)
        found = offers(books, term=term, effective_to=to)
    rows = [
        console.row_of(each, became=f"{each.status} {each.agreement}".rstrip())
        for each in found
        if each.status == "open" or not only_open
    ]
    columns = {
        "code": "Offer",
        "donor": "Donor",
        "value": "Value",
        "activity": "Activity",
        "became": "Status",
        "description": "What",
    }
    console.listing(rows, columns, nothing="There is no such offer.")


@command.command("show")
@click.argument("offer")
def show(offer: str) -> None:
    """Show an offer."""
    with reading() as books:
        found = get_offer(books, offer)
    status = f"{found.status} by agreement {found.agreement}" if found.agreement else found.status
    details = {
        "Offer": found.code,
        "Donor": found.donor,
        "Term": found.term,
        "Item": found.item,
        "What": found.description,
        "Value": found.value if found.value.minor else "not said",
        "Activity": found.activity or "not said",
        "Offered on": found.offered_on,
        "Status": status,
        "Entry": found.seq,
    }
    console.emit(found, lambda: console.details(details))
