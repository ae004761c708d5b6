"""`mdfm contribution trace`: follow a contribution from the bank's file to the donor's statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import click

from ledger import CHART
from mdfm.api import RecordedEntry
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.entries import entry_row, print_lines
from mdfm.cli.recording import opened

if TYPE_CHECKING:
    from reports import Booked, ContributionTrace, EvidenceFile, TraceStep


@click.command("trace", cls=console.JsonCommand)
@click.argument("reference")
@options.bank_of_reference
@options.two_clocks
def trace(reference: str, bank: str, to: date, known_at: int | None) -> None:
    """Trace a contribution from the bank's line to the lines of the donor's statement.

    The dollars of an agreement are one pot, followed first in, first out.
    """
    with opened() as fund:
        found = fund.statements.trace(reference, to, known_at=known_at, bank_account=bank)
    console.emit(_row(found), lambda: _print(found))


def _row(found: ContributionTrace) -> dict[str, object]:
    entries = [
        entry_row(RecordedEntry(each.sealed, list(each.lines))) | {"proposal": each.proposal}
        for each in found.entries
    ]
    return console.row_of(found, cents=found.cents, entries=entries)


def _print(found: ContributionTrace) -> None:
    _print_bank(found)
    for each in found.entries:
        _print_entry(each)
    _print_given(found)
    _print_steps("4 Allocated", found.allocated)
    _print_steps("5 Used", found.used)
    _print_steps("6 Gone from the agreement", found.gone)
    _print_whole(found)
    console.line(f"\n{_sum(found)}")
    _print_statements(found)
    console.line(f"\n{found.convention}")


def _print_bank(found: ContributionTrace) -> None:
    bank = found.bank
    console.line("1 At the bank")
    console.details(
        {
            "Arrived": bank.arrived_on,
            "Amount": f"{bank.amount}, worth US$ {console.format_value(UsdCents(bank.usd))} on that day",
            "Account": f"{bank.account} {bank.account_name}",
            "Reference": bank.reference,
        }
        | {f"File {number}": _proof(file) for number, file in enumerate(bank.files, start=1)}
    )


def _proof(file: EvidenceFile) -> str:
    name = f"{file.name} (SHA-256 {file.sha256})"
    if file.line is None:
        return name
    text = " ".join(filter(None, (file.line.counterparty, file.line.remittance)))
    return f"{name}, {file.line.place}: {text or 'no text'}"


def _print_entry(booked: Booked) -> None:
    sealed = booked.sealed
    print_lines(booked.lines, f"2 Entry {sealed.seq}: {sealed.kind}, effective on {sealed.effective_on}")
    asked = f", as proposal {booked.proposal}" if booked.proposal else ""
    people = {"Made by": f"{sealed.made_by}{asked}", "Approved by": sealed.approved_by}
    console.details(people | {"Seal": sealed.hash})


def _print_given(found: ContributionTrace) -> None:
    given = found.given
    console.line("\n3 Given as a gift" if given.gift else "\n3 Given under an agreement")
    settled = [
        f"instalment {each.number} of {each.of}: {each.settled} of {each.amount}, due on {each.due_on}"
        for each in given.instalments
    ]
    console.details(
        {
            "Donor": f"{given.donor} {given.donor_name}",
            "Agreement": f"{given.agreement}, {given.amount}, {given.starts_on} to {given.ends_on}",
            "Earmark": f"{given.earmark_level}: {given.earmark}",
        }
        | ({"Settles": "; ".join(settled)} if settled else {})
    )


def _print_steps(title: str, steps: Sequence[TraceStep]) -> None:
    if not steps:
        console.line(f"\n{title}: nothing yet.")
        return
    columns = {"entry": "Entry", "on": "On", "kind": "What", "activity": "Activity"}
    more = {"account": "Category", "grant": "Grant"} if any(step.account for step in steps) else {}
    console.table(
        [console.row_of(step, account=_category(step), cents=UsdCents(step.cents)) for step in steps],
        columns | more | {"cents": "US$"},
        title=title,
        total={"entry": "In all", "cents": UsdCents(sum(step.cents for step in steps))},
    )


def _category(step: TraceStep) -> str:
    return f"{step.account} {CHART[step.account].name.removeprefix('Use: ')}" if step.account else ""


def _print_whole(found: ContributionTrace) -> None:
    """The contribution by activity; the rows add up to it."""
    console.table(
        [
            {"activity": each.activity}
            | {name: UsdCents(getattr(each, name)) for name in ("allocated", "used", "unspent", "committed")}
            for each in found.activities
        ],
        {
            "activity": "Activity",
            "allocated": "Allocated",
            "used": "Used",
            "unspent": "Unspent",
            "committed": "Of it committed",
        },
        title="7 What became of it, by activity, US$",
    )


def _sum(found: ContributionTrace) -> str:
    parts = {
        "used": sum(step.cents for step in found.used),
        "allocated and unspent": sum(each.unspent for each in found.activities),
        "gone": sum(step.cents for step in found.gone),
        "available": found.available,
    }
    sum_of_parts = " + ".join(
        f"{console.format_value(UsdCents(cents))} {name}" for name, cents in parts.items()
    )
    return f"US$ {console.format_value(UsdCents(found.cents))} = {sum_of_parts}."


def _print_statements(found: ContributionTrace) -> None:
    for statement, stated in groupby(found.statements, key=lambda each: each.statement):
        console.table(
            [console.row_of(each, of=UsdCents(each.of), cents=UsdCents(each.cents)) for each in stated],
            {"part": "Part", "figure": "Figure", "of": "It says", "cents": "Of this contribution"},
            title=f"8 In the donor's statement {statement}, US$",
        )
