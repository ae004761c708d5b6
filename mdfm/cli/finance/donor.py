"""`mdfm donor`: donors, their screening, and their contacts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
from sqlalchemy import Connection

from allocation import OwnCity, own_cities_allocated
from donors import (
    DONOR_SHEET,
    GROUNDS,
    SOURCE_LANGUAGE,
    Agreement,
    Contact,
    Donor,
    DonorRegistered,
    DonorScreened,
    DonorType,
    Screening,
    ScreeningOutcome,
    Subtype,
    agreements,
    donors,
    get_donor,
    screening_on,
)
from mdfm.api import clocks, donor_amended
from mdfm.cli import console, options
from mdfm.cli.finance.sheet_import import import_of, template_of
from mdfm.cli.own_cities import print_own_cities
from mdfm.cli.recording import opened, reading, submit, submit_all

command = console.Noun("donor")
command.add_command(import_of(DONOR_SHEET))
command.add_command(template_of(DONOR_SHEET))

_name: dict[str, Any] = {"type": options.WORDS, "help": "The name, as the donor writes it."}
_country: dict[str, Any] = {
    "metavar": "ISO3",
    "help": "Country, e.g. KEN; empty for a body of no one country.",
}
_language: dict[str, Any] = {
    "type": options.LANGUAGE,
    "help": "The language in which the fund writes to it.",
}
_subtype: dict[str, Any] = {
    "type": click.Choice([each for each in get_args(Subtype) if each]),
    "help": "The kind of body.",
}
_person = click.option("--name", required=True, help="The person's name.")
_city: dict[str, Any] = {"help": "For a member city: its name in the programme."}


@command.command("add")
@click.argument("code", type=options.CODE)
@click.option("--name", required=True, **_name)
@click.option("--type", type=click.Choice(get_args(DonorType)), required=True, help="The partner type.")
@click.option("--subtype", **_subtype)
@click.option("--country", **_country)
@click.option("--city", **_city)
@click.option("--language", default=SOURCE_LANGUAGE, show_default=True, **_language)
@options.recorded
def add(by: str, **given: Any) -> None:
    """Register a donor."""
    submit(by, DonorRegistered, **{name: value for name, value in given.items() if value is not None})


@command.command("amend")
@click.argument("code", metavar="DONOR")
@click.option("--name", **_name)
@click.option("--subtype", **_subtype)
@click.option("--country", **_country)
@click.option("--city", **_city)
@click.option("--language", **_language)
@options.recorded
def amend(code: str, on: date, by: str, **given: str | None) -> None:
    """Amend the particulars of a donor; what is not given stays as it is. The type cannot change."""
    submit_all(by, [donor_amended(code, on=on, **given)])


@command.command("screen")
@click.argument("donor", metavar="DONOR")
@click.option(
    "--outcome", type=click.Choice(get_args(ScreeningOutcome)), required=True, help="What came of it."
)
@click.option(
    "--found", type=click.Choice(GROUNDS), multiple=True, help="A ground of exclusion; may be repeated."
)
@click.option("--valid-until", type=options.DAY, required=True, help="The last day on which it holds.")
@options.occurrence
@options.evidence
@options.recorded
def screen_(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record the outcome of a screening; no agreement is signed with a private donor without it."""
    submit(by, DonorScreened, files=files, **given)


@command.command("list")
def list_() -> None:
    """List the donors."""
    with reading() as books:
        rows = [console.row_of(donor) for donor in donors(books)]
    columns = {
        "code": "Donor",
        "name": "Name",
        "type": "Type",
        "subtype": "Subtype",
        "country": "Country",
        "language": "Language",
    }
    console.listing(rows, columns, nothing="No donor is registered yet: use `mdfm donor add`.")


class _Found(NamedTuple):
    """What `show` prints of a donor."""

    donor: Donor
    screening: Screening | None
    cleared: bool
    """Whether its money may be accepted today, as far as screening goes."""
    contacts: list[Contact]
    agreements: list[Agreement]
    own_cities: tuple[OwnCity, ...]


@command.command("show")
@click.argument("code", metavar="DONOR")
def show(code: str) -> None:
    """Show a donor: particulars, screening, contacts, agreements, and whether it is also a beneficiary."""
    with opened() as fund:
        persons = fund.contacts(code)
        with fund.reading() as books:
            found = _found(books, code, persons)
    console.emit(console.row_of(found.donor) | found._asdict(), lambda: _print(found))


def _found(books: Connection, code: str, persons: list[Contact]) -> _Found:
    donor, counts = get_donor(books, code), screening_on(books, code, clocks.today())
    return _Found(
        donor,
        counts,
        donor.type != "private" or (counts is not None and counts.clears_on(clocks.today())),
        persons,
        agreements(books, donor=code),
        own_cities_allocated(books, code),
    )


def _print(found: _Found) -> None:
    donor = found.donor
    console.details(
        {
            "Donor": donor.code,
            "Name": donor.name,
            "Type": f"{donor.type}, {donor.subtype}" if donor.subtype else donor.type,
            "Country": donor.country,
            "City": donor.city,
            "Language": donor.language,
            "Screening": _screening_in_words(found),
        }
    )
    if found.contacts:
        columns = {name: name.capitalize() for name in ("name", "role", "email", "phone", "address")}
        console.table([console.row_of(each) for each in found.contacts], columns, title="Contacts")
    if found.agreements:
        columns = {
            "code": "Agreement",
            "term": "Term",
            "amount": "Amount",
            "starts_on": "From",
            "ends_on": "To",
        }
        console.table([console.row_of(each) for each in found.agreements], columns, title="Agreements")
    if found.own_cities:
        print_own_cities(found.own_cities, "Among its own beneficiaries")


def _screening_in_words(found: _Found) -> str:
    made = found.screening
    if made is None:
        return "none: no agreement can be signed" if not found.cleared else "none, and none is needed"
    grounds = f" ({', '.join(made.found)})" if made.found else ""
    holds = "holds today" if made.clears_on(clocks.today()) else "does not hold today"
    validity = "" if made.outcome == "excluded" else f", until {made.valid_until}: {holds}"
    return f"{made.outcome} on {made.screened_on}{grounds}{validity}"


@command.command("contact")
@click.argument("donor", metavar="DONOR")
@_person
@click.option("--role", default="", help="The person's role at the donor.")
@click.option("--email", default="", help="E-mail address.")
@click.option("--phone", default="", help="Telephone number.")
@click.option("--address", default="", help="Postal address.")
@options.by
def contact(by: str, **given: str) -> None:
    """Keep a contact person outside the journal; the same name replaces the one before."""
    person = Contact(**given)
    with opened() as fund:
        fund.set_contact(person, by=by)
    console.emit(person, lambda: None)
    console.stderr(f"{person.name} is kept as a contact of {person.donor}; it is no part of the journal.")


@command.command("erase-contact")
@click.argument("donor", metavar="DONOR")
@_person
@options.by
def erase(donor: str, name: str, by: str) -> None:
    """Erase a contact person from the book for good."""
    with opened() as fund:
        fund.erase_contact(donor, name, by=by)
    console.emit({"donor": donor, "erased": True}, lambda: None)
    console.stderr(f"The contact of {donor} is erased; copies and backups of the book still have it.")
