"""`mdfm agreement sign`, `amend` and `condition-met`: record the terms of an agreement and their changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy import Connection

from allocation import reach_of_earmark
from donors import Agreement, AgreementAmended, AgreementSigned, ConditionMet, Earmark, get_agreement
from ledger import Amount, BadInput, read_amount
from mdfm.api import clocks
from mdfm.cli import console, options
from mdfm.cli.console import Misused
from mdfm.cli.recording import reading, submit

_INSTALMENT = re.compile(r"(?P<due_on>\d{4}-\d{2}-\d{2})\s+(?P<amount>.+?)(\s+if\s+(?P<condition>.+))?")


class _Part(NamedTuple):
    """An instalment as it was typed: its amount is in the agreement's currency, known later."""

    due_on: date
    amount: str
    condition: str


def _read_part(text: str) -> _Part:
    match = _INSTALMENT.fullmatch(text)
    if match is None:
        raise Misused(
            f"'{text}' is not an instalment: write it like '2022-03-31 5,000.00' or "
            f"'2022-03-31 5,000.00 if the first report is accepted'."
        )
    return _Part(options.DAY.convert(match["due_on"], None, None), match["amount"], match["condition"] or "")


def _schedule(parts: Iterable[_Part], currency: str) -> list[dict[str, object]]:
    """Instalments as fields of an event."""
    return [
        {
            "due_on": part.due_on,
            "minor": read_amount(part.amount, currency).minor,
            "condition": part.condition,
        }
        for part in parts
    ]


_instalments = click.option(
    "--instalment",
    "parts",
    type=options.Typed("YYYY-MM-DD AMOUNT [if CONDITION]", _read_part),
    multiple=True,
    help="In the agreement's currency; may be repeated, the earliest first.",
)


def _earmark(command: options.Callback) -> options.Callback:
    """The options of an earmark: all kinds that are given must hold, of one kind any of its values."""
    for option in (
        click.option("--earmark-ldc", "ldc", is_flag=True, help="Least developed countries only."),
        click.option("--earmark-low-income", "low_income", is_flag=True, help="Low-income countries only."),
        click.option(
            "--earmark-country", "countries", multiple=True, metavar="ISO3", help="A country, e.g. KEN."
        ),
        click.option(
            "--earmark-region",
            "regions",
            multiple=True,
            metavar="REGION",
            help="A UNESCO region, e.g. Africa.",
        ),
        click.option(
            "--earmark-activity", "activities", multiple=True, metavar="ACTIVITY", help="An activity."
        ),
        click.option(
            "--earmark-cluster",
            "clusters",
            multiple=True,
            metavar="CLUSTER",
            help="A thematic cluster, e.g. INC.",
        ),
        click.option(
            "--earmark-work-area",
            "work_areas",
            type=int,
            multiple=True,
            help="A work area, e.g. 2; may be repeated, like all earmarks.",
        ),
    ):
        command = option(command)
    return command


def _rule(low_income: bool, earmark: Mapping[str, Any]) -> dict[str, Any]:
    """An earmark as fields of an event."""
    return {**earmark, "income_groups": ("low-income",) if low_income else ()}


@click.command("sign", cls=console.JsonCommand)
@click.argument("code", type=options.CODE)
@options.donor
@options.term
@click.option(
    "--amount", type=options.MONEY, required=True, help="E.g. 'EUR 10,000.00'; 'USD 0' if in kind only."
)
@options.span
@_instalments
@click.option("--pledge", default="", metavar="PLEDGE", help="The pledge that the agreement replaces.")
@click.option(
    "--offer",
    "offers",
    multiple=True,
    metavar="OFFER",
    help="An offer that the agreement accepts; may be repeated.",
)
@_earmark
@options.evidence
@options.recorded
def sign(
    *,
    code: str,
    donor: str,
    term: str,
    amount: Amount,
    starts_on: date,
    ends_on: date,
    parts: tuple[_Part, ...],
    pledge: str,
    offers: tuple[str, ...],
    low_income: bool,
    files: tuple[Path, ...],
    on: date,
    by: str,
    **earmark: Any,
) -> None:
    """Record a signed agreement.

    Without instalments the whole amount is due on the first day. All kinds of earmark that are given must
    hold; of one kind, any of its values.
    """
    fields: dict[str, Any] = {
        "on": on,
        "code": code,
        "donor": donor,
        "term": term,
        "amount": amount,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "earmark": _rule(low_income, earmark),
        "pledge": pledge,
        "offers": offers,
        "instalments": _schedule(parts, amount.currency),
    }
    submit(by, AgreementSigned, files=files, **fields)
    with reading() as books:
        _warn_if_useless(books, AgreementSigned.make(**fields))


def _warn_if_useless(books: Connection, signed: Agreement | AgreementSigned) -> None:
    """Warn where no activity can have the money, e.g. because of a typing error in an earmark."""
    with suppress(BadInput):  # the lists that the earmark asks for are not recorded for today
        reached = reach_of_earmark(books, signed, clocks.today())
        if reached and not reached.activities:
            console.stderr(
                f"By its earmark and its dates {signed.code} can pay for none of the "
                f"{reached.of_activities} activities in the programme of {signed.term}: check both."
            )


@click.command("amend", cls=console.JsonCommand)
@click.argument("agreement")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--amount", type=options.MONEY, help="The new amount in all, e.g. 'EUR 10,000.00'.")
@click.option("--to", "ends_on", type=options.DAY, help="The new last day.")
@_instalments
@_earmark
@click.option("--unearmarked", is_flag=True, help="Remove the earmark: the money may be used for anything.")
@options.reason
@options.evidence
@options.occurrence
@options.recorded
def amend(
    *,
    agreement: str,
    parts: tuple[_Part, ...],
    low_income: bool,
    ldc: bool,
    unearmarked: bool,
    files: tuple[Path, ...],
    by: str,
    **given: Any,
) -> None:
    """Record amendment NUMBER of an agreement; what is not given stays as it is.

    Give all instalments, also those that stay, and all kinds of an earmark.
    """
    kinds = ("work_areas", "clusters", "activities", "regions", "countries")
    earmark = _rule(low_income, {"ldc": ldc} | {kind: given.pop(kind) for kind in kinds})
    narrowed = any(earmark.values())
    if narrowed and unearmarked:
        raise click.UsageError("Give the new earmark, or --unearmarked, not both.")
    with reading() as books:
        before = get_agreement(books, agreement)
    submit(
        by,
        AgreementAmended,
        files=files,
        agreement=agreement,
        earmark=earmark if narrowed or unearmarked else None,
        instalments=_schedule(parts, before.amount.currency),
        **given,
    )
    if narrowed:
        with reading() as books:
            _warn_if_useless(books, replace(before, earmark=Earmark.model_validate(earmark)))


@click.command("condition-met", cls=console.JsonCommand)
@click.argument("agreement")
@click.argument("instalment", type=click.IntRange(min=1), metavar="NUMBER")
@options.occurrence
@options.evidence
@options.recorded
def condition_met(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record that the condition of instalment NUMBER is met."""
    submit(by, ConditionMet, files=files, **given)
