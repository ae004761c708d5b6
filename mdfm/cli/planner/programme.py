"""`mdfm programme`: adopt and list the activities that can be funded in a term."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from allocation import activities, adopt, adopt_file, editions
from ledger import Event
from mdfm.cli import console, options
from mdfm.cli.console import GroupedNumber, UsdCents
from mdfm.cli.recording import reading, submit_all

command = console.Noun("programme")


@command.command("adopt")
@options.term
@click.option("--edition", type=click.Choice(editions()), help="The edition of the catalogue.")
@click.option("--file", type=options.FILE, metavar="FILE", help="A programme of your own, as TOML or CSV.")
@click.option(
    "--members",
    type=options.FILE,
    metavar="FILE",
    help="With --edition: the cities of clusters or activities, a CSV with the columns city,group.",
)
@options.recorded
def adopt_(
    term: str, edition: str | None, file: Path | None, members: Path | None, on: date, by: str
) -> None:
    """Adopt the programme of a term: an edition of the catalogue, or a file of your own."""
    if (edition is None) == (file is None):
        raise click.UsageError("Name an edition of the catalogue (--edition) or a file of your own (--file).")
    if file is not None and members is not None:
        raise click.UsageError("A file of your own names its cities itself: leave out --members.")
    submit_all(by, [lambda _books: _adopted(term, edition, file, members, on)])


def _adopted(term: str, edition: str | None, file: Path | None, members: Path | None, on: date) -> Event:
    if file is not None:
        return adopt_file(term, file, on)
    assert edition is not None
    return adopt(term, edition, on, members)


@command.command("list")
@options.term
@options.language
def list_(term: str, language: str) -> None:
    """List the activities of a term's programme, and their cost."""
    with reading() as books:
        rows = [
            {
                "code": each.code,
                "title": each.title(language),
                "work_area": each.work_area,
                "cluster": each.cluster,
                "clusters": each.cluster_shares,
                "units": each.units,
                "least": each.least,
                "scalable": each.scalable,
                "unit_cents": UsdCents(each.unit_cents),
                "cost_cents": UsdCents(each.cost_cents),
                "demand": GroupedNumber(each.demand),
                "year": each.year,
                "person_days": each.person_days,
                "requires": each.requires,
                "excludes": each.excludes,
                "cities": [city.name for city in each.cities],
                "city_shares": each.shares,
                "reaches": len(each.cities),
            }
            for each in activities(books, term)
        ]
    columns = {
        "code": "Activity",
        "title": "Title",
        "units": "Units",
        "unit_cents": "Unit US$",
        "cost_cents": "Cost US$",
        "demand": "Demand",
        "reaches": "Cities",
    }
    cost = UsdCents(sum(row["cost_cents"] for row in rows if isinstance(row["cost_cents"], int)))
    console.listing(
        rows, columns, nothing="The programme is empty.", total={"code": "Total", "cost_cents": cost}
    )
