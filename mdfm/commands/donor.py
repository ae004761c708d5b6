"""`mdfm donor`: who gives to the fund."""

from __future__ import annotations

from datetime import date
from typing import get_args

import click

from donors import DonorRegistered, DonorType, donors
from mdfm import options, screen
from mdfm.recording import reading, submit

command = screen.Noun("donor")


@command.command("add")
@click.argument("code", type=options.CODE)
@click.option("--name", required=True, help="The name, as the donor writes it.")
@click.option(
    "--type", "type_", type=click.Choice(get_args(DonorType)), required=True, help="The partner type."
)
@click.option(
    "--country", default="", metavar="ISO3", help="Country, e.g. KEN; leave out for a body of no one country."
)
@click.option(
    "--language", type=click.Choice(["en", "fr", "es"]), default="en", show_default=True, help="To write in."
)
@options.recorded
def add(*, code: str, name: str, type_: str, country: str, language: str, on: date, by: str) -> None:
    """Register a donor."""
    submit(by, DonorRegistered, on=on, code=code, name=name, type=type_, country=country, language=language)


@command.command("list")
def list_() -> None:
    """List the donors."""
    with reading() as books:
        rows = [screen.row_of(donor) for donor in donors(books)]
    columns = {"code": "Donor", "name": "Name", "type": "Type", "country": "Country", "language": "Language"}
    screen.listing(rows, columns, nothing="No donor is registered yet: use `mdfm donor add`.")
