"""`mdfm contribution`: what has arrived, in money and in kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from donors import (
    ContributionReceived,
    GoodsReceived,
    GoodsUsed,
    ReceiptIdentified,
    ServiceReceived,
    UnidentifiedReceived,
    contributions,
    in_kind_gifts,
    unidentified_receipts,
)
from ledger import lines_of
from mdfm import options, screen
from mdfm.recording import reading, submit
from mdfm.screen import Cents

command = screen.Noun("contribution")

F = TypeVar("F", bound=Callable[..., Any])


@command.command("receive")
@click.argument("reference", type=options.CODE)
@click.option("--bank", required=True, metavar="ACCOUNT", help="The bank account on which it arrived.")
@click.option("--amount", type=options.MONEY, required=True, help="E.g. 'EUR 10,000.00'.")
@click.option("--agreement", default="", help="The agreement under which it was given.")
@click.option("--donor", default="", help="For a gift without an agreement: who gave it.")
@click.option("--term", default="", help="For a gift without an agreement: the term it is meant for.")
@options.evidence
@options.recorded
def receive(reference: str, bank: str, files: tuple[Path, ...], on: date, by: str, **given: Any) -> None:
    """Record money that arrived, under the bank's reference."""
    submit(by, ContributionReceived, files=files, on=on, reference=reference, bank_account=bank, **given)


@command.command("unidentified")
@options.reference
@click.option("--term", required=True)
@options.bank
@options.money
@options.evidence
@options.recorded
def unidentified(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record money that arrived from somebody, or for a purpose, that nobody knows yet."""
    submit(by, UnidentifiedReceived, files=files, **given)


@command.command("identify")
@click.argument("receipt")
@click.option("--agreement", default="", help="The agreement that the money belongs to.")
@click.option("--donor", default="", help="For a gift without an agreement: who gave it.")
@options.evidence
@options.recorded
def identify(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record whose the money is that arrived unidentified; it counts from the day it arrived."""
    submit(by, ReceiptIdentified, files=files, **given)


def _in_kind(function: F) -> F:
    """The options that goods and services have in common."""
    for option in (
        options.recorded,
        options.evidence,
        click.option("--basis", required=True, help="How the fair value was found."),
        click.option("--value", type=options.MONEY, required=True, help="Fair value, e.g. 'EUR 10,000.00'."),
        click.option("--description", required=True),
        click.option("--agreement", required=True),
        click.argument("code", type=options.CODE),
    ):
        function = option(function)
    return function


@command.command("goods")
@_in_kind
def goods(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record goods in kind, at fair value; evidence is needed."""
    submit(by, GoodsReceived, files=files, **given)


@command.command("service")
@click.option("--form", type=click.Choice(["hosting", "secondment", "service"]), required=True)
@_in_kind
def service(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record a service, hosting or secondment, which the accounts disclose; evidence is needed."""
    submit(by, ServiceReceived, files=files, **given)


@command.command("use-goods")
@click.argument("reference", type=options.CODE)
@click.option("--goods", required=True, metavar="CODE", help="The goods that are used.")
@click.option("--activity", required=True)
@click.option("--value", type=options.DOLLARS, required=True, help="US dollars of their value.")
@options.recorded
def use_goods(by: str, **given: Any) -> None:
    """Record that goods in kind, or a part of them, were used for an activity."""
    submit(by, GoodsUsed, **given)


@command.command("list")
@click.option("--agreement", help="Under this agreement only.")
def list_(agreement: str | None) -> None:
    """List contributions in money and in kind, in the order they arrived."""
    only = None if agreement is None else [agreement]
    with reading() as books:
        rows: list[dict[str, object]] = [
            screen.row_of(each, form="money", usd_cents=_value(books, each.seq))
            for each in contributions(books, agreements=only)
        ]
        rows += [
            screen.row_of(each, reference=each.code, usd_cents=_value(books, each.seq))
            for each in in_kind_gifts(books, agreements=only)
        ]
    columns = {
        "reference": "Contribution",
        "form": "Form",
        "agreement": "Agreement",
        "received_on": "Received",
        "amount": "Amount",
        "usd_cents": "US$",
        "description": "What",
    }
    screen.listing(rows, columns, nothing="Nothing has arrived yet.")


@command.command("unidentified-list")
def unidentified_list() -> None:
    """List money that is not identified yet, the oldest first."""
    with reading() as books:
        rows = [
            screen.row_of(each, usd_cents=_value(books, each.seq)) for each in unidentified_receipts(books)
        ]
    columns = {
        "reference": "Receipt",
        "term": "Term",
        "bank_account": "Bank",
        "arrived_on": "Arrived",
        "amount": "Amount",
        "usd_cents": "US$",
    }
    screen.listing(rows, columns, nothing="All money that arrived is identified.")


def _value(books: Connection, seq: int) -> Cents:
    """What a contribution was worth on the day it arrived: its line on cash, goods or services."""
    return Cents(sum(line.usd for line in lines_of(books, seq) if line.account in {"1100", "1400", "9300"}))
