"""`mdfm programme`: what could be funded in a term."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from allocation import activities, adopt, editions
from mdfm import options, screen
from mdfm.recording import reading, submit_all
from mdfm.screen import Cents, Count

command = screen.Noun("programme")


@command.command("adopt")
@click.option("--term", required=True)
@click.option("--edition", type=click.Choice(editions()), required=True, help="The edition of the catalogue.")
@click.option(
    "--members",
    type=options.FILE,
    metavar="FILE",
    help="CSV city,group: the cities of a cluster or activity.",
)
@options.recorded
def adopt_(term: str, edition: str, members: Path | None, on: date, by: str) -> None:
    """Adopt an edition of the catalogue as the programme of a term."""
    submit_all(by, [lambda _books: adopt(term, edition, on, members)])


@command.command("list")
@click.option("--term", required=True)
@click.option("--language", type=click.Choice(["en", "fr", "es"]), default="en", show_default=True)
def list_(term: str, language: str) -> None:
    """List the activities of a term's programme, with what they would cost."""
    with reading() as books:
        rows = [
            {
                "code": each.code,
                "title": each.titles[language],
                "work_area": each.work_area,
                "cluster": each.cluster,
                "units": each.units,
                "unit_cents": Cents(each.unit_cents),
                "cost_cents": Cents(each.cost_cents),
                "demand": Count(each.demand),
                "cities": [city.name for city in each.cities],
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
    cost = Cents(sum(row["cost_cents"] for row in rows if isinstance(row["cost_cents"], int)))
    screen.listing(
        rows, columns, nothing="The programme is empty.", total={"code": "Total", "cost_cents": cost}
    )
