"""`mdfm agreement`: list and show agreements, and write off receivables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from allocation import EarmarkReach, Position, position, reach_of_earmark
from donors import (
    AGREEMENT_SHEET,
    Agreement,
    Contribution,
    Due,
    Earmark,
    InKindGift,
    ReceivableWrittenOff,
    agreements,
    conditions_met,
    contributions,
    dues_of,
    get_agreement,
    in_kind_gifts,
)
from ledger import RECEIVABLE, BadInput, available, total, usd
from mdfm.api import clocks
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.finance import agreement_closing, agreement_due, agreement_terms
from mdfm.cli.finance.agreement_due import instalment_row, instalment_state
from mdfm.cli.finance.sheet_import import import_of, template_of
from mdfm.cli.hints import in_words
from mdfm.cli.recording import reading, submit

command = console.Noun("agreement")
command.add_command(import_of(AGREEMENT_SHEET))
command.add_command(template_of(AGREEMENT_SHEET))
for _command in (
    agreement_terms.sign,
    agreement_terms.amend,
    agreement_terms.condition_met,
    agreement_due.due,
    agreement_closing.transfer,
    agreement_closing.closing,
    agreement_closing.close,
):
    command.add_command(_command)


@command.command("write-off")
@click.argument("agreement")
@options.reference
@options.money
@options.reason
@options.evidence
@options.recorded
def write_off(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Write off a receivable: what is still owed under an agreement and will not come."""
    submit(by, ReceivableWrittenOff, files=files, **given)


@command.command("list")
@options.only_donor
@options.only_term
def list_(donor: str | None, term: str | None) -> None:
    """List agreements, and gifts that came without one."""
    with reading() as books:
        require_known(books, donor=donor, term=term)
        found = agreements(books, donor=donor, term=term)
        left = {term: available(books, term) for term in {signed.term for signed in found}}
    rows = [
        console.row_of(
            signed,
            level=signed.earmark.level,
            available_cents=UsdCents(left[signed.term].get(signed.code, 0)),
        )
        for signed in found
    ]
    columns = {
        "code": "Agreement",
        "donor": "Donor",
        "term": "Term",
        "amount": "Amount",
        "available_cents": "Available US$",
        "ends_on": "Until",
        "level": "Earmark",
    }
    console.listing(rows, columns, nothing="There is no such agreement.")


@command.command("show")
@click.argument("code", metavar="AGREEMENT")
def show(code: str) -> None:
    """Show an agreement: terms, earmark, instalments, contributions and balances."""
    today = clocks.today()
    with reading() as books:
        signed = get_agreement(books, code)
        stands = position(books, signed)
        owed = total(books, RECEIVABLE, agreement=code)
        parts = dues_of(signed, owed, conditions_met(books), today)
        arrived = contributions(books, agreements=[code])
        in_kind = in_kind_gifts(books, agreements=[code])
        reached = _reach(books, signed, today)
    meaning = _meaning(signed.earmark)
    found = console.row_of(
        signed,
        level=signed.earmark.level,
        earmark_means=meaning,
        reach=None if isinstance(reached, str) else reached,
        **console.row_of(stands),
        instalments=[instalment_row(each) for each in parts],
        contributions=arrived,
        in_kind=in_kind,
    )

    def print_all() -> None:
        _print(signed, stands, f"{signed.earmark.level}: {meaning}", _in_words(reached))
        _print_instalments(parts, today)
        _print_received(arrived, in_kind)

    console.emit(found, print_all)


def _meaning(earmark: Earmark) -> str:
    # Imported here: other commands need not wait for the packages that render PDFs.
    from reports import earmark_sentence, words_in  # noqa: PLC0415

    return earmark_sentence(earmark, words_in("en"))


def _reach(books: Connection, signed: Agreement, on: date) -> EarmarkReach | str:
    """How much of the programme the money can pay for, or why that is unknown."""
    try:
        return reach_of_earmark(books, signed, on) or f"The term {signed.term} has no programme yet."
    except BadInput as error:
        return in_words(error)


def _in_words(reached: EarmarkReach | str) -> str:
    if isinstance(reached, str):
        return reached
    return (
        f"It can pay for {reached.activities} of {reached.of_activities} activities, {usd(reached.cents)} of "
        f"{usd(reached.of_cents)}."
    )


def _print(signed: Agreement, stands: Position, earmark: str, reached: str) -> None:
    closed = f", closed on {signed.closed_on}" if signed.closed_on else ""
    charged = {"Bank charges US$": UsdCents(stands.charged_cents)} if stands.charged_cents else {}
    console.details(
        {
            "Agreement": f"{signed.code} (a gift without an agreement)" if signed.gift else signed.code,
            "Donor": signed.donor,
            "Term": signed.term,
            "Amount": signed.amount,
            "Signed": _signed(signed),
            "Runs": f"from {signed.starts_on} to {signed.ends_on}{closed}",
            "Earmark": earmark,
            "Reach": reached,
            "Receivable": stands.receivable,
            "Available US$": UsdCents(stands.available_cents),
            "Allocated US$": UsdCents(stands.allocated_cents),
            "  of it committed": UsdCents(stands.committed_cents),
            "  of it used": UsdCents(stands.used_cents),
            **charged,
        }
    )


def _signed(signed: Agreement) -> str:
    """When it was signed, amended and closed."""
    changed = f"; amended on {signed.amended_on}" if signed.amended_on != signed.signed_on else ""
    closed = f"; closed on {signed.closed_on}" if signed.closed_on else ""
    return f"{signed.signed_on}{changed}, entry {signed.seq}{closed}"


def _print_instalments(parts: list[Due], on: date) -> None:
    if parts:
        columns = {
            "number": "No.",
            "due_on": "Due",
            "amount": "Amount",
            "outstanding": "Outstanding",
            "cents": "US$",
            "state": "State",
        }
        rows = [instalment_row(each) | {"state": instalment_state(each, on)} for each in parts]
        console.table(rows, columns, title="Instalments")


def _print_received(arrived: list[Contribution], in_kind: list[InKindGift]) -> None:
    if arrived:
        columns = {
            "reference": "Contribution",
            "received_on": "Received",
            "bank_account": "Bank",
            "amount": "Amount",
        }
        console.table([console.row_of(each) for each in arrived], columns, title="Contributions")
    if in_kind:
        columns = {
            "code": "Code",
            "form": "Form",
            "received_on": "Received",
            "description": "What",
            "basis": "Basis",
        }
        console.table([console.row_of(each) for each in in_kind], columns, title="In kind")
