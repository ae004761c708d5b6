"""`mdfm agreement`: what donors have signed, under which earmark, and where the money stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from donors import (
    Agreement,
    AgreementSigned,
    Contribution,
    Earmark,
    InKindGift,
    ReceivableWrittenOff,
    agreements,
    contributions,
    get_agreement,
    in_kind_gifts,
)
from ledger import Amount, allotments, total
from mdfm import options, screen
from mdfm.recording import reading, submit
from mdfm.screen import Cents

command = screen.Noun("agreement")


@command.command("sign")
@click.argument("code", type=options.CODE)
@click.option("--donor", required=True)
@click.option("--term", required=True)
@click.option(
    "--amount", type=options.MONEY, required=True, help="E.g. 'EUR 10,000.00'; 'USD 0' if in kind only."
)
@click.option("--from", "starts_on", type=options.DAY, required=True, help="First day.")
@click.option("--to", "ends_on", type=options.DAY, required=True, help="Last day.")
@click.option("--pledge", default="", help="The pledge that the agreement keeps.")
@click.option(
    "--earmark-work-area", "work_areas", type=int, multiple=True, help="May be repeated, like all earmarks."
)
@click.option("--earmark-cluster", "clusters", multiple=True)
@click.option("--earmark-activity", "activities", multiple=True)
@click.option("--earmark-region", "regions", multiple=True, help="A UNESCO region, e.g. Africa.")
@click.option("--earmark-country", "countries", multiple=True, metavar="ISO3")
@click.option("--earmark-low-income", "low_income", is_flag=True, help="Low-income countries only.")
@click.option("--earmark-ldc", "ldc", is_flag=True, help="Least developed countries only.")
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
    pledge: str,
    low_income: bool,
    files: tuple[Path, ...],
    on: date,
    by: str,
    **earmark: Any,
) -> None:
    """Record a signed agreement.

    Each kind of earmark that is given must hold; of one kind any of the values may.
    """
    submit(
        by,
        AgreementSigned,
        files=files,
        on=on,
        code=code,
        donor=donor,
        term=term,
        amount=amount,
        starts_on=starts_on,
        ends_on=ends_on,
        earmark=earmark | {"income_groups": ("low-income",) if low_income else ()},
        pledge=pledge,
    )


@command.command("write-off")
@click.argument("agreement")
@options.reference
@options.money
@options.reason
@options.evidence
@options.recorded
def write_off(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Write off what an agreement still owes and will not come."""
    submit(by, ReceivableWrittenOff, files=files, **given)


@command.command("list")
@click.option("--donor", help="Of this donor only.")
@click.option("--term", help="Of this term only.")
def list_(donor: str | None, term: str | None) -> None:
    """List agreements, and gifts that came without one."""
    with reading() as books:
        rows = [
            screen.row_of(
                signed, level=signed.earmark.level, available_cents=Cents(-_stands(books, signed, "2200"))
            )
            for signed in agreements(books, donor=donor, term=term)
        ]
    columns = {
        "code": "Agreement",
        "donor": "Donor",
        "term": "Term",
        "amount": "Amount",
        "available_cents": "Available US$",
        "starts_on": "From",
        "ends_on": "To",
        "level": "Earmark",
    }
    screen.listing(rows, columns, nothing="There is no such agreement.")


@command.command("show")
@click.argument("code")
def show(code: str) -> None:
    """Show an agreement: its terms, its earmark, and where its money stands."""
    with reading() as books:
        signed = get_agreement(books, code)
        stands = _standing(books, signed)
        arrived = contributions(books, agreements=[code])
        in_kind = in_kind_gifts(books, agreements=[code])
    found = screen.row_of(
        signed, level=signed.earmark.level, **stands, contributions=arrived, in_kind=in_kind
    )
    screen.answer(found, lambda: _draw(signed, stands, arrived, in_kind))


def _stands(books: Connection, signed: Agreement, account: str) -> int:
    return total(books, account, agreement=signed.code).usd


def _standing(books: Connection, signed: Agreement) -> dict[str, object]:
    own = [each for each in allotments(books, signed.term) if each.agreement == signed.code]
    return {
        "receivable": Amount(
            currency=signed.amount.currency, minor=total(books, "1200", agreement=signed.code).amount
        ),
        "available_cents": Cents(-_stands(books, signed, "2200")),
        "allocated_cents": Cents(sum(each.allocated for each in own)),
        "committed_cents": Cents(sum(each.committed for each in own)),
        "used_cents": Cents(sum(each.used for each in own)),
    }


def _draw(
    signed: Agreement, stands: dict[str, object], arrived: list[Contribution], in_kind: list[InKindGift]
) -> None:
    screen.record(
        {
            "Agreement": f"{signed.code} (a gift without an agreement)" if signed.gift else signed.code,
            "Donor": signed.donor,
            "Term": signed.term,
            "Amount": signed.amount,
            "Signed": f"{signed.signed_on}, entry {signed.seq}",
            "Runs": f"from {signed.starts_on} to {signed.ends_on}",
            "Earmark": _in_words(signed.earmark),
            "Receivable": stands["receivable"],
            "Available US$": stands["available_cents"],
            "Allocated US$": stands["allocated_cents"],
            "  of it committed": stands["committed_cents"],
            "  of it used": stands["used_cents"],
        }
    )
    if arrived:
        columns = {
            "reference": "Contribution",
            "received_on": "Received",
            "bank_account": "Bank",
            "amount": "Amount",
        }
        screen.table([screen.row_of(each) for each in arrived], columns, title="Contributions")
    if in_kind:
        columns = {
            "code": "Code",
            "form": "Form",
            "received_on": "Received",
            "description": "What",
            "basis": "Basis",
        }
        screen.table([screen.row_of(each) for each in in_kind], columns, title="In kind")


def _in_words(earmark: Earmark) -> str:
    told = {name: value for name, value in earmark.model_dump().items() if value}
    parts = [
        f"{name.replace('_', ' ')} {screen.shown(value)}" for name, value in told.items() if name != "ldc"
    ]
    parts += ["least developed countries"] if earmark.ldc else []
    return f"{earmark.level}: {'; '.join(parts)}" if parts else earmark.level
