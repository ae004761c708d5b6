"""`mdfm contribution`: record and list contributions, in money and in kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
from sqlalchemy import Connection

from donors import (
    CONTRIBUTION_SHEET,
    Contribution,
    ContributionReceived,
    GoodsReceived,
    GoodsReturned,
    GoodsUsed,
    GoodsWrittenOff,
    LossReason,
    ServiceReceived,
    UnidentifiedReceived,
    contributions,
    goods_left,
    in_kind_gifts,
    unidentified_receipts,
    worth_on_arrival,
)
from ledger import RECEIVABLE, Amount, lines_of
from mdfm.api import clocks, receipt_identified
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.finance import contribution_trace, letter
from mdfm.cli.finance.sheet_import import import_of, template_of
from mdfm.cli.recording import reading, submit, submit_all

command = console.Noun("contribution")
command.add_command(import_of(CONTRIBUTION_SHEET))
command.add_command(template_of(CONTRIBUTION_SHEET))

_settles_amount = click.option(
    "--settles-amount",
    "settles",
    type=options.MONEY,
    help="What it settles of the receivable, if that is another amount, e.g. 'EUR 50,000' paid in dollars.",
)

_under_agreement = click.option(
    "--agreement", default="", metavar="AGREEMENT", help="The agreement under which it was given."
)


@command.command("receive")
@click.argument("reference", type=options.CODE)
@options.bank
@options.money
@_under_agreement
@options.gift_donor
@options.gift_term
@_settles_amount
@options.evidence
@options.recorded
def receive(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record money that arrived, under the bank's reference."""
    submit(by, ContributionReceived, files=files, **given)


@command.command("unidentified")
@options.reference
@options.term
@options.bank
@options.money
@options.evidence
@options.recorded
def unidentified(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record unidentified money: its sender or its purpose is not known yet."""
    submit(by, UnidentifiedReceived, files=files, **given)


@command.command("identify")
@click.argument("receipt")
@_under_agreement
@options.gift_donor
@_settles_amount
@options.evidence
@click.option(
    "--on",
    type=options.DAY,
    default=clocks.today,
    help="The day on which it was identified; today if not given.",
)
@options.by
def identify_(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record whose money an unidentified receipt is.

    It counts from the day it arrived or, if that period is closed, from the day on which it was identified.
    """
    submit_all(by, [receipt_identified(**given, evidence=files)])


def _in_kind(function: options.Callback) -> options.Callback:
    """The options that goods and services have in common, but for their value."""
    for option in (
        options.recorded,
        options.evidence,
        click.option("--basis", required=True, help="How the fair value was found."),
        options.description,
        options.agreement,
        click.argument("code", type=options.CODE),
    ):
        function = option(function)
    return function


@command.command("goods")
@_in_kind
@click.option("--value", type=options.MONEY, required=True, help="Fair value, e.g. 'EUR 10,000.00'.")
def goods(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record goods in kind, at fair value; needs evidence."""
    submit(by, GoodsReceived, files=files, **given)


@command.command("service")
@click.option(
    "--form",
    type=click.Choice(["hosting", "secondment", "service"]),
    required=True,
    help="What kind of service.",
)
@_in_kind
@click.option("--value", type=options.MONEY, help="Fair value, e.g. 'EUR 10,000.00'; not of a secondment.")
@click.option("--months", type=click.IntRange(min=1), help="Of a secondment: the number of months.")
@click.option("--monthly", type=options.MONEY, help="Of a secondment: the monthly cost, e.g. 'USD 7,500'.")
def service(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record a service, hosting or secondment in kind, which is disclosed; needs evidence.

    The value of a secondment is its months times the monthly cost.
    """
    fields = {name: value for name, value in given.items() if value is not None}
    submit(by, ServiceReceived, files=files, **fields)


@command.command("use-goods")
@click.argument("reference", type=options.CODE)
@click.option("--goods", required=True, metavar="CODE", help="The goods.")
@options.activity
@click.option("--value", type=options.DOLLARS, required=True, help="How much of their value, in US dollars.")
@options.recorded
def use_goods(by: str, **given: Any) -> None:
    """Record that goods in kind, or a part of them, were used for an activity."""
    submit(by, GoodsUsed, **given)


def _taken(function: options.Callback) -> options.Callback:
    """The options of goods that leave the fund unused."""
    for option in (
        options.recorded,
        options.evidence,
        click.option(
            "--value", type=options.DOLLARS, required=True, help="How much of their value, in US dollars."
        ),
        click.option("--goods", required=True, metavar="CODE", help="The goods."),
        options.reference,
    ):
        function = option(function)
    return function


@command.command("write-off-goods")
@_taken
@click.option(
    "--reason", type=click.Choice(get_args(LossReason)), required=True, help="What happened to them."
)
def write_off_goods(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Write off goods in kind that were lost, damaged, expired or given on; needs evidence."""
    submit(by, GoodsWrittenOff, files=files, **given)


@command.command("return-goods")
@_taken
def return_goods(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record that goods in kind, or a part of them, were returned to the donor."""
    submit(by, GoodsReturned, files=files, **given)


@command.command("list")
@options.only_agreement
def list_(agreement: str | None) -> None:
    """List contributions in money and in kind, in order of arrival."""
    only = None if agreement is None else [agreement]
    with reading() as books:
        require_known(books, agreement=agreement)
        rows: list[dict[str, object]] = [
            console.row_of(
                each, form="money", usd_cents=UsdCents(worth_on_arrival(books, each)), **_settled(books, each)
            )
            for each in contributions(books, agreements=only)
        ]
        rows += [
            console.row_of(each, reference=each.code, usd_cents=UsdCents(worth_on_arrival(books, each)))
            | ({"left_cents": UsdCents(goods_left(books, each))} if each.form == "goods" else {})
            for each in in_kind_gifts(books, agreements=only)
        ]
    columns = {
        "reference": "Contribution",
        "form": "Form",
        "agreement": "Agreement",
        "received_on": "Received",
        "amount": "Amount",
        "usd_cents": "US$",
        "settles": "Settles",
        "left_cents": "Left US$",
        "description": "What",
    }
    for seldom in ("settles", "left_cents"):
        if not any(seldom in row for row in rows):
            del columns[seldom]
    console.listing(rows, columns, nothing="Nothing has arrived yet.")


@command.command("unidentified-list")
def unidentified_list() -> None:
    """List unidentified money, the oldest first."""
    with reading() as books:
        rows = [
            console.row_of(each, usd_cents=UsdCents(worth_on_arrival(books, each)))
            for each in unidentified_receipts(books)
        ]
    columns = {
        "reference": "Receipt",
        "term": "Term",
        "bank_account": "Bank",
        "arrived_on": "Arrived",
        "amount": "Amount",
        "usd_cents": "US$",
    }
    console.listing(rows, columns, nothing="All money that arrived is identified.")


def _settled(books: Connection, given: Contribution) -> dict[str, Amount]:
    """The amount of the receivable that it settled, where that is not the amount that arrived."""
    owed = (line for line in lines_of(books, given.seq) if line.account == RECEIVABLE)
    settled = [Amount(currency=line.currency, minor=-line.amount) for line in owed]
    return {"settles": settled[0]} if settled and settled[0] != given.amount else {}


for _command in (contribution_trace.trace, letter.write, letter.list_, letter.print_again):
    command.add_command(_command)
