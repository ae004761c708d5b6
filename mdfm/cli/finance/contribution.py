"""`mdfm contribution`: record and list contributions, in money and in kind; their receipt letters."""

from __future__ import annotations

from datetime import date
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
    IssuedLetter,
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
from mdfm.cli.finance import contribution_trace
from mdfm.cli.finance.sheet_import import import_of, template_of
from mdfm.cli.recording import opened, reading, submit, submit_all
from mdfm.cli.signing import signature, signing

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


# ---- receipt letters


_letter_out = click.option(
    "--out",
    type=options.FILE,
    metavar="FILE",
    help="The PDF to write; letter-REFERENCE-LANGUAGE.pdf if not given.",
)


@command.command("letter")
@click.argument("reference")
@options.bank_of_reference
@options.donors_language
@click.option("--contact", default="", metavar="NAME", help="The person that it is addressed to.")
@_letter_out
@options.known_at
@click.option("--issue", is_flag=True, help="Record that it is sent, and keep the file; needs --by.")
@click.option("--on", type=options.DAY, default=clocks.today, help="The day of issue; today if not given.")
@click.option("--by", type=options.NAME, envvar="MDFM_BY", show_envvar=True, help="The person who does this.")
@signing
def letter(
    *,
    reference: str,
    bank: str,
    language: str | None,
    contact: str,
    out: Path | None,
    known_at: int | None,
    issue: bool,
    on: date,
    by: str | None,
    sign: Path | None,
    key: Path | None,
    cert: Path | None,
) -> None:
    """Write the receipt letter of a contribution as a PDF; in kind, REFERENCE is its code.

    With --issue the books record that it was sent, and keep the file until the person that it names is
    erased. One that was issued to the same person already and says the same is not recorded twice:
    what is written is the file that was issued, byte for byte.
    """
    from reports import write_file  # noqa: PLC0415 - half a second

    if issue and not by:
        raise click.UsageError("To record that it is sent, give the person who does it: --by NAME.")
    signed = signature(sign, key, cert)
    with opened() as fund:
        made, paper = fund.statements.letter(
            reference, bank_account=bank, language=language, contact=contact, known_at=known_at
        )
        path = out or Path(paper.name)
        written = {"file": str(path), "id": made.id, "verification": made.verification}
        outcome = ""
        if issue:
            sent = fund.statements.issue_letter_to(path, made, by=by or "", on=on, sign=signed)
            written |= {"id": sent.issued.letter, "verification": sent.issued.verification}
            outcome = _letter_outcome(sent.issued, sent.new)
        else:
            write_file(path, signed(paper.content) if signed else paper.content)
    console.emit(written, lambda: console.details(written))
    if outcome:
        console.stderr(outcome)


def _letter_outcome(letter: IssuedLetter, new: bool) -> str:
    if new:
        return f"It is now recorded as issued to {letter.donor} (entry {letter.seq})."
    return (
        f"It was issued to {letter.donor} by entry {letter.seq} already: what is written is the file that "
        f"was issued then, byte for byte."
    )


@command.command("letters")
@options.only_donor
def letters(donor: str | None) -> None:
    """List issued receipt letters: to whom, when, the SHA-256 of the file, and whether the book keeps it."""
    with opened() as fund:
        found = fund.statements.letters(donor=donor)
    columns = {
        "seq": "Entry",
        "on": "Issued",
        "letter": "Letter",
        "donor": "Donor",
        "contact": "To",
        "language": "In",
        "file_sha256": "SHA-256",
        "kept": "Kept",
    }
    rows = [
        console.row_of(each, file_sha256=each.file_sha256[:8], kept="yes" if each.kept else "no: erased")
        for each in found
    ]
    nothing = "No letter was issued yet: mdfm contribution letter REFERENCE --issue --by NAME"
    console.emit(found, lambda: console.listing(rows, columns, nothing=nothing))


@command.command("reprint-letter")
@click.argument("name", metavar="LETTER")
@click.option("--language", type=options.LANGUAGE, help="Which one, where it was issued in several.")
@_letter_out
def reprint_letter(name: str, language: str | None, out: Path | None) -> None:
    """Reprint an issued receipt letter: byte for byte the file that was issued.

    LETTER is its number, the reference, its short code, the SHA-256 of the file (8 digits or more) or the
    entry that issued it. The file of a letter is gone when the person that it names was erased.
    """
    from reports import write_file  # noqa: PLC0415 - half a second

    with opened() as fund:
        found, paper = fund.statements.reprint_letter(name, language)
    path = write_file(out or Path(paper.name), paper.content)
    answer = {
        "file": str(path),
        "id": found.issued.letter,
        "issued on": found.issued.on,
        "sha256": found.issued.file_sha256,
    }
    console.emit(answer, lambda: console.details(answer))


def _settled(books: Connection, given: Contribution) -> dict[str, Amount]:
    """The amount of the receivable that it settled, where that is not the amount that arrived."""
    owed = (line for line in lines_of(books, given.seq) if line.account == RECEIVABLE)
    settled = [Amount(currency=line.currency, minor=-line.amount) for line in owed]
    return {"settles": settled[0]} if settled and settled[0] != given.amount else {}


command.add_command(contribution_trace.trace)
