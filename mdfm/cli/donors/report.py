"""`mdfm report`: reports on the whole fund, on the screen, as PDF, XLSX or CSV."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from ledger import CHART, Amount
from mdfm.api import Report
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo, Misused, UsdCents
from mdfm.cli.donors.report_progress import progress
from mdfm.cli.recording import opened
from mdfm.cli.report_console import format_seal, print_report
from reports import Overview


def report_output(command: options.Callback) -> options.Callback:
    """The options of every report: its language, and the file that it is written to."""
    out = click.option(
        "--out",
        type=options.FILE,
        metavar="FILE",
        help="Write a .pdf, .xlsx or .csv instead of printing; several tables as CSV go to a folder.",
    )
    return options.language(out(command))


@click.group(cls=console.Noun)
def command() -> None:
    """Reports on the whole fund."""


command.add_command(progress)


@command.command()
@options.term
@options.period("the term's last")
@options.known_at
@report_output
def annual(
    *,
    term: str,
    year: int | None,
    starts_on: date | None,
    ends_on: date | None,
    known_at: int | None,
    language: str,
    out: Path | None,
) -> None:
    """The annual financial report, or one of a span: sources and uses by donor, activity and category."""
    if year is not None and (starts_on or ends_on):
        raise Misused("Give --year, or --from and --to, not both.")
    with opened() as fund:
        report = fund.reports.annual(
            term, year=year, starts_on=starts_on, ends_on=ends_on, known_at=known_at, language=language
        )
    _write_or_print(report, out)


@command.command("term")
@options.term_and_clocks
@report_output
def of_term(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """The term report to the conference: progress to the target, donors and beneficiaries."""
    with opened() as fund:
        report = fund.reports.term(term, to, known_at=known_at, language=language)
    _write_or_print(report, out)


@command.command()
@options.term_and_clocks
@report_output
def ageing(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """Pledges, receivables and commitments that are outstanding, by days overdue."""
    with opened() as fund:
        report = fund.reports.ageing(term, to, known_at=known_at, language=language)
    _write_or_print(report, out)


@command.command()
@click.option("--term", default="", metavar="TERM", help="Of this term only.")
@options.two_clocks
@report_output
def cash(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """Cash by bank account and currency, and its value in US dollars on the day."""
    with opened() as fund:
        report = fund.reports.cash(to, term=term, known_at=known_at, language=language)
    _write_or_print(report, out)


@command.command()
@options.term_and_clocks
@report_output
def earmarking(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """Money received and receivable, by how far donors have bound its use."""
    with opened() as fund:
        report = fund.reports.earmarking(term, to, known_at=known_at, language=language)
    _write_or_print(report, out)


@command.command()
@options.term_and_clocks
@report_output
def overview(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """The fund in short: who gave, what it did, and progress to the target."""
    with opened() as fund:
        report = fund.reports.overview(term, to, known_at=known_at, language=language)
    if out:
        _write(report, out)
    else:
        console.emit(report.data, lambda: _print(report.data))


def _print(seen: Overview) -> None:
    fund = seen.fund
    amounts = {
        "Received": fund.received,
        "Signed, not yet received": fund.receivable,
        "Pledged": fund.pledged,
        "In kind (beside the target)": fund.in_kind,
        "Used": fund.used,
        "Allocated, not yet used": fund.allocated,
        "... of it committed": fund.committed,
        "Available": fund.available,
        "Target": fund.target,
    }
    rows = [{"what": what, "usd": UsdCents(cents)} for what, cents in amounts.items()]
    console.table(rows, {"what": f"Term {fund.term}", "usd": "US$"})
    console.line(
        f"{_percent(fund.progress)} of the target received; {_percent(fund.delivery_rate)} of that used."
    )
    console.line(format_seal(seen.seal))


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d} %"


@command.command("trial-balance")
@options.term_and_clocks
@report_output
def trial_balance(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """The trial balance: every account, and assets = liabilities - use."""
    with opened() as fund:
        report = fund.reports.trial_balance(term, to, known_at=known_at, language=language)
    balance = report.data
    if out:
        _write(report, out)
    else:
        rows: list[console.TableRow] = [
            {
                "account": f"{row.account} {CHART[row.account].name}",
                "amount": Amount(currency=row.currency, minor=row.amount),
                "debit": UsdCents(row.usd) if row.usd > 0 else None,
                "credit": UsdCents(-row.usd) if row.usd < 0 else None,
            }
            for row in balance.rows
        ]
        columns = {"account": "Account", "amount": "Amount", "debit": "Debit US$", "credit": "Credit US$"}
        console.listing(rows, columns, nothing="Nothing is booked yet.")
        sums = [
            console.format_value(UsdCents(abs(balance.total(part)))) for part in ("asset", "liability", "use")
        ]
        console.stderr(
            f"Assets {sums[0]} = liabilities {sums[1]} - use {sums[2]}; there is no revenue account."
        )
        console.stderr(format_seal(balance.seal))
    if not balance.holds:
        raise AnswerIsNo("The trial balance does not hold: run `mdfm audit verify`.")


def _write_or_print(report: Report[Any], out: Path | None) -> None:
    """Write the report, or print its tables, or with --json its data."""
    if report.tables.remark:
        console.stderr(report.tables.remark)
    if out:
        _write(report, out)
    else:
        console.emit(report.data, lambda: print_report(report.tables))


def _write(report: Report[Any], out: Path) -> None:
    files = report.save(out)
    if len(files) == 1:
        console.stderr(f"{files[0]} is written.")
    else:
        console.stderr(f"{len(files)} tables are in {files[0].parent}.")
