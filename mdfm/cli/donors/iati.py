"""`mdfm iati`: files on the fund for the public, by the IATI standard 2.03."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from ledger import Sentence
from mdfm.cli import console, options
from mdfm.cli.console import Misused
from mdfm.cli.hints import in_words
from mdfm.cli.recording import opened
from reports import (
    AGENT,
    Advice,
    Publisher,
    activity_advice,
    organisation_advice,
    write_file,
)


def _read_reference(text: str) -> tuple[str, str]:
    code, equals, reference = text.partition("=")
    if not (code and equals and reference):
        raise Misused(f"'{text}' is not CODE=REF: write the code of a donor or grant, and its identifier.")
    return code, reference


def _publisher(command: options.Callback) -> options.Callback:
    """The options that name the publisher, and what the books do not know."""
    for option in (
        click.option(
            "--ref",
            "references",
            type=options.Typed("code=ref", _read_reference),
            multiple=True,
            help="IATI identifier of a donor, or of a grant's partner; may be repeated.",
        ),
        click.option(
            "--flow",
            type=click.Choice(["10", "21", "30", "50"]),
            default="50",
            show_default=True,
            help="Flow type: 10 ODA, 21 other official, 30 private, 50 other.",
        ),
        click.option(
            "--gender",
            type=click.Choice(["0", "1", "2"]),
            default="0",
            show_default=True,
            help="Gender equality is no objective (0), a significant (1) or the principal one (2).",
        ),
        click.option("--name", default=AGENT, show_default=True, help="The reporting organisation's name."),
        click.option(
            "--reporting-org",
            "reference",
            envvar="MDFM_REPORTING_ORG",
            required=True,
            show_envvar=True,
            metavar="REF",
            help="The reporting organisation's IATI identifier, as registered with IATI.",
        ),
        options.term_and_clocks,
    ):
        command = option(command)
    return command


@click.group(cls=console.Noun)
def command() -> None:
    """IATI files for the public."""


@command.command()
@_publisher
@click.option(
    "--out",
    type=options.FILE,
    default=Path("iati-activities.xml"),
    show_default=True,
    metavar="FILE",
    help="The file to write.",
)
def activities(*, out: Path, term: str, to: date, known_at: int | None, **given: Any) -> None:
    """Write the activity file of a term, and list what a validator would still advise."""
    with opened() as fund:
        file, xml = fund.reports.activity_file(term, to, _publisher_of(**given), known_at=known_at)
    counts = {
        "activities": len(file.activities),
        "transactions": sum(len(each.transactions) for each in file.activities),
    }
    _write(out, xml.content, counts, activity_advice(file))


@command.command()
@_publisher
@click.option(
    "--out",
    type=options.FILE,
    default=Path("iati-organisation.xml"),
    show_default=True,
    metavar="FILE",
    help="The file to write.",
)
def organisation(*, out: Path, term: str, to: date, known_at: int | None, **given: Any) -> None:
    """Write the organisation file: budgets and expenditure of a term by year."""
    with opened() as fund:
        file, xml = fund.reports.organisation_file(term, to, _publisher_of(**given), known_at=known_at)
    counts = {"budgets": len(file.budgets), "expenditures": len(file.expenditure)}
    _write(out, xml.content, counts, organisation_advice(file))


def _publisher_of(
    reference: str, name: str, gender: str, flow: str, references: tuple[tuple[str, str], ...]
) -> Publisher:
    return Publisher(reference, name, gender=gender, flow=flow, references=dict(references))


def _write(out: Path, content: bytes, counts: dict[str, int], advised: list[Advice]) -> None:
    path = write_file(out, content)
    advised = [replace(each, sentence=in_words(Sentence(each.sentence))) for each in advised]

    def print_advice() -> None:
        columns = {"severity": "Advice", "count": "Of", "rule": "Rule", "sentence": "What to know"}
        console.table([console.row_of(each) for each in advised], columns)
        console.stderr(
            f"{path} is written: {', '.join(f'{count} {what}' for what, count in counts.items())}."
        )

    console.emit({"file": str(path), **counts, "advice": advised}, print_advice)
