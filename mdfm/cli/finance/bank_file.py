"""`mdfm bank read` and `mdfm bank reconcile`: bank files, matched and compared with the books."""

from __future__ import annotations

from pathlib import Path

import click

from donors import Match, Reading, Reconciliation
from ledger import Amount, format_minor
from mdfm.api import BankFiles
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo, Misused
from mdfm.cli.entries import print_results
from mdfm.cli.recording import opened


def _of_files(function: options.Callback) -> options.Callback:
    """The options of commands that read bank files."""
    for option in (
        click.option(
            "--iban",
            default="",
            metavar="IBAN",
            help="The bank's account, where the files are about several.",
        ),
        click.option(
            "--map",
            "columns",
            type=options.FILE,
            metavar="FILE",
            help="For CSV: the map of its columns, a TOML file.",
        ),
        options.bank,
        click.argument("files", nargs=-1, required=True, type=options.FILE),
    ):
        function = option(function)
    return function


@click.command("read", cls=console.JsonCommand)
@_of_files
@options.record
@click.option("--rest-unidentified", is_flag=True, help="Record the other money that came as unidentified.")
@click.option(
    "--term",
    default="",
    metavar="TERM",
    help="With --rest-unidentified: the term of that money.",
)
@click.option(
    "--leave-out",
    multiple=True,
    metavar="REFERENCE",
    help="A line to skip, by its reference; may be repeated.",
)
@click.option("--by", type=options.NAME, envvar="MDFM_BY", show_envvar=True, help="The person who does this.")
def read(
    *,
    files: tuple[Path, ...],
    bank_account: str,
    columns: Path | None,
    iban: str,
    record: bool,
    rest_unidentified: bool,
    term: str,
    leave_out: tuple[str, ...],
    by: str | None,
) -> None:
    """Read bank files (camt.053, MT940 or CSV), and match the money received with agreements."""
    if rest_unidentified != bool(term):
        raise Misused("--rest-unidentified and --term go together: give both, or none.")
    if record and not by:
        raise Misused("Give the person who records this: --by NAME.")
    given = BankFiles(bank_account, files, columns, iban)
    with opened() as fund:
        found = fund.bank.read(given)
        if not record:
            console.emit(found, lambda: _print(found))
            console.stderr(_in_short(found))
            return
        results = fund.bank.record(found, given, by=by or "", rest_into=term, leave_out=leave_out)
    print_results(results)
    for each in found.matches:
        if each.verdict == "sure" and each.waits_for:
            console.stderr(f"{each.line.reference}: {each.reason}")
    console.stderr(_in_short(found))


@click.command("reconcile", cls=console.JsonCommand)
@_of_files
def reconcile_(files: tuple[Path, ...], bank_account: str, columns: Path | None, iban: str) -> None:
    """Reconcile the bank's balance and lines with the books, to the cent; exit code 1 where they differ."""
    with opened() as fund:
        found = fund.bank.reconcile(BankFiles(bank_account, files, columns, iban))
    row = console.row_of(found, difference=found.difference, opening_difference=found.opening_difference)
    console.emit(row, lambda: _print_reconciliation(found))
    if found.difference or found.opening_difference or found.only_in_file or found.only_in_books:
        raise AnswerIsNo(_differs(found))
    console.stderr(f"The bank and the books agree on {bank_account} on {found.closed_on}.")


def _print(found: Reading) -> None:
    columns = {
        "on": "Booked",
        "amount": "Amount",
        "who": "Who",
        "reference": "Reference",
        "verdict": "Verdict",
        "agreement": "Agreement",
        "score": "Score",
    }
    console.table([_row(each, found.statement.currency) for each in found.matches], columns)
    for each in found.matches:
        console.line(f"{each.line.reference}: {each.reason}")


def _row(match: Match, currency: str) -> dict[str, object]:
    line = match.line
    return {
        "on": line.booked_on,
        "amount": Amount(currency=currency, minor=line.minor),
        "who": line.counterparty or line.remittance,
        "reference": line.reference,
        "verdict": match.verdict,
        "agreement": match.agreement,
        "score": match.score,
    }


def _in_short(found: Reading) -> str:
    """How many lines have each verdict, and whether there is anything to record."""
    if not found.matches:
        return "The file has no lines: nothing moved."
    count = found.count()
    parts = [f"{many} {verdict}" for verdict, many in sorted(count.items())]
    in_short = f"Lines: {', '.join(parts)}."
    recorded = count["booked"] + count["proposed"]
    by_hand = count["payment out"] + count["comes back"]
    if not recorded or recorded + by_hand < len(found.matches):
        return in_short
    lines = ("line" if recorded == 1 else "lines") + (" with money that came" if by_hand else "")
    every = f"The {lines} is" if recorded == 1 else f"All {recorded} {lines} are"
    how = "booked or proposed" if count["proposed"] else "booked"
    return f"{in_short} {every} already {how}: nothing is recorded."


def _print_reconciliation(found: Reconciliation) -> None:
    def amount(minor: int) -> Amount:
        return Amount(currency=found.currency, minor=minor)

    columns = {"what": found.account, "bank": "Bank", "books": "Books", "difference": "Difference"}
    balances = (
        (f"before {found.starts_on}", found.file_opening, found.books_opening, found.opening_difference),
        (f"on {found.closed_on}", found.file_closing, found.books_closing, found.difference),
    )
    rows = [
        {"what": what, "bank": amount(bank), "books": amount(books), "difference": amount(difference)}
        for what, bank, books, difference in balances
    ]
    console.table(rows, columns)
    if found.only_in_file:
        rows = [
            {
                "on": line.booked_on,
                "reference": line.reference,
                "amount": amount(line.minor),
                "who": line.counterparty,
            }
            for line in found.only_in_file
        ]
        titles = {"on": "Booked", "reference": "Reference", "amount": "Amount", "who": "Who"}
        console.table(rows, titles, title="In the file and not in the books")
    if found.only_in_books:
        rows = [console.row_of(each, amount=amount(each.minor)) for each in found.only_in_books]
        titles = {"on": "On", "reference": "Reference", "amount": "Amount", "entry": "Entry", "kind": "What"}
        console.table(rows, titles, title="In the books and not in the file")


def _differs(found: Reconciliation) -> str:
    difference = f"{format_minor(found.difference, found.currency)} {found.currency}"
    return (
        f"The books less the bank: {difference} on {found.closed_on}; lines that are not in the books: "
        f"{len(found.only_in_file)}, entries that are not in the file: {len(found.only_in_books)}."
    )
