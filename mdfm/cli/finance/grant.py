"""`mdfm grant`: commitments, tranches and reports of grants to partners."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from allocation import (
    AdvanceReturned,
    AdvanceWrittenOff,
    CommitmentCancelled,
    ExpenditureReported,
    GrantCommitted,
    TranchePaid,
    grants,
)
from ledger import ADVANCES, COMMITMENTS, HARMONISED_CATEGORIES, balances_by
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.recording import reading, submit

command = console.Noun("grant")

_of_grant = click.argument("grant")


@command.command("commit")
@click.argument("code", type=options.CODE)
@options.term
@options.activity
@click.option("--partner", required=True, help="Who carries it out.")
@options.dollars
@options.ends_on
@options.evidence
@options.recorded
def commit(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Commit money of an activity to a partner."""
    submit(by, GrantCommitted, files=files, **given)


@command.command("pay")
@_of_grant
@options.reference
@options.bank
@options.dollars
@options.recorded
def pay(by: str, **given: Any) -> None:
    """Pay a tranche to the partner."""
    submit(by, TranchePaid, **given)


@command.command("report")
@_of_grant
@options.reference
@options.spent
@click.option(
    "--result", "results", multiple=True, metavar="TEXT", help="A result, in words; may be repeated."
)
@options.evidence
@options.recorded
def report(by: str, spent: tuple[tuple[str, int], ...], files: tuple[Path, ...], **given: Any) -> None:
    """Record the expenditure that the partner reports, by UN harmonised category."""
    submit(by, ExpenditureReported, files=files, spent=options.each_once(spent, "category"), **given)


@command.command("return")
@_of_grant
@options.reference
@options.bank
@options.dollars
@options.recorded
def return_(by: str, **given: Any) -> None:
    """Record unspent money that the partner returns."""
    submit(by, AdvanceReturned, **given)


@command.command("write-off")
@_of_grant
@options.reference
@options.dollars
@options.reason
@options.evidence
@options.recorded
def write_off(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Write off an advance that the partner will neither use nor return."""
    submit(by, AdvanceWrittenOff, files=files, **given)


@command.command("cancel")
@_of_grant
@options.reference
@options.reason
@options.recorded
def cancel(by: str, **given: Any) -> None:
    """Cancel the part of a commitment that is neither paid nor spent."""
    submit(by, CommitmentCancelled, **given)


@command.command("list")
@options.only_term
def list_(term: str | None) -> None:
    """List grants: amount, still committed, advanced to the partner, and spent."""
    with reading() as books:
        require_known(books, term=term)
        committed = _of_grants(books, COMMITMENTS)
        advanced = _of_grants(books, ADVANCES)
        spent = _of_grants(books, *HARMONISED_CATEGORIES.values())
        figures = {
            each: (each.cents, *(stands.get(each.code, 0) for stands in (committed, advanced, spent)))
            for each in grants(books, term)
        }
    rows = [console.row_of(each, **_named(cents)) for each, cents in figures.items()]
    sums = tuple(sum(column) for column in zip(*figures.values(), strict=True))
    columns = {
        "code": "Grant",
        "activity": "Activity",
        "partner": "Partner",
        "ends_on": "Ends",
        "amount_cents": "Amount US$",
        "committed_cents": "Committed",
        "advanced_cents": "Advanced",
        "spent_cents": "Spent",
    }
    total = {"code": "Total", **_named(sums)}
    console.listing(rows, columns, nothing="There is no grant yet.", total=total)


def _named(cents: Iterable[int]) -> dict[str, UsdCents]:
    names = ("amount_cents", "committed_cents", "advanced_cents", "spent_cents")
    return dict(zip(names, map(UsdCents, cents), strict=False))


def _of_grants(books: Connection, *accounts: str) -> dict[str, int]:
    """The balances of accounts by grant, in USD cents."""
    found: dict[str, int] = {}
    for account in accounts:
        for code, balance in balances_by(books, account, "grant_code").items():
            found[code] = found.get(code, 0) + balance.usd
    return found
