"""`mdfm contribution trace`: one contribution from the bank's line to the lines of the donor's statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import click

from ledger import CHART
from mdfm.cli import console, options
from mdfm.cli.console import Cents
from mdfm.cli.entries import RecordedEntry, draw_lines, entry_row
from mdfm.cli.recording import reading

if TYPE_CHECKING:
    from reports import Booked, ContributionTrace, EvidenceFile, TraceStep


@click.command("trace", cls=console.Command)
@click.argument("reference")
@options.bank_of_reference
@options.two_clocks
def trace(reference: str, bank: str, to: date, known_at: int | None) -> None:
    """Follow a contribution from the bank's line to the lines of the donor's statement.

    An agreement's dollars are one pot: they are followed first in, first out.
    """
    from reports import trace_contribution  # noqa: PLC0415 - half a second

    with reading() as books:
        found = trace_contribution(books, reference, options.as_of(books, to, known_at), bank)
    console.emit(_row(found), lambda: _draw(found))


def _row(found: ContributionTrace) -> dict[str, object]:
    entries = [
        entry_row(RecordedEntry(each.sealed, list(each.lines))) | {"proposal": each.proposal}
        for each in found.entries
    ]
    return console.row_of(found, cents=found.cents, entries=entries)


def _draw(found: ContributionTrace) -> None:
    _draw_bank(found)
    for each in found.entries:
        _draw_entry(each)
    _draw_given(found)
    _draw_steps("4 Allocated", found.allocated)
    _draw_steps("5 Used", found.used)
    _draw_steps("6 Gone from the agreement", found.gone)
    _draw_whole(found)
    console.line(f"\n{_sum(found)}")
    _draw_statements(found)
    console.line(f"\n{found.convention}")


def _draw_bank(found: ContributionTrace) -> None:
    bank = found.bank
    console.line("1 At the bank")
    console.record(
        {
            "Arrived": bank.arrived_on,
            "Amount": f"{bank.amount}, worth US$ {console.format_value(Cents(bank.usd))} on that day",
            "Account": f"{bank.account} {bank.account_name}",
            "Reference": bank.reference,
        }
        | {f"File {number}": _proof(file) for number, file in enumerate(bank.files, start=1)}
    )


def _proof(file: EvidenceFile) -> str:
    told = f"{file.name} (SHA-256 {file.sha256})"
    if file.line is None:
        return told
    said = " ".join(filter(None, (file.line.counterparty, file.line.remittance)))
    return f"{told}, {file.line.place}: {said or 'no text'}"


def _draw_entry(booked: Booked) -> None:
    sealed = booked.sealed
    draw_lines(booked.lines, f"2 Entry {sealed.seq}: {sealed.kind}, effective on {sealed.effective_on}")
    asked = f", as proposal {booked.proposal}" if booked.proposal else ""
    people = {"Made by": f"{sealed.made_by}{asked}", "Approved by": sealed.approved_by}
    console.record(people | {"Seal": sealed.hash})


def _draw_given(found: ContributionTrace) -> None:
    given = found.given
    console.line("\n3 Given as a gift" if given.gift else "\n3 Given under an agreement")
    settled = [
        f"instalment {each.number} of {each.of}: {each.settled} of {each.amount}, due on {each.due_on}"
        for each in given.instalments
    ]
    console.record(
        {
            "Donor": f"{given.donor} {given.donor_name}",
            "Agreement": f"{given.agreement}, {given.amount}, {given.starts_on} to {given.ends_on}",
            "Earmark": f"{given.earmark_level}: {given.earmark}",
        }
        | ({"Settles": "; ".join(settled)} if settled else {})
    )


def _draw_steps(title: str, steps: Sequence[TraceStep]) -> None:
    if not steps:
        console.line(f"\n{title}: nothing yet.")
        return
    columns = {"entry": "Entry", "on": "On", "kind": "What", "activity": "Activity"}
    more = {"account": "Category", "grant": "Grant"} if any(step.account for step in steps) else {}
    console.table(
        [console.row_of(step, account=_category(step), cents=Cents(step.cents)) for step in steps],
        columns | more | {"cents": "US$"},
        title=title,
        total={"entry": "In all", "cents": Cents(sum(step.cents for step in steps))},
    )


def _category(step: TraceStep) -> str:
    return f"{step.account} {CHART[step.account].name.removeprefix('Use: ')}" if step.account else ""


def _draw_whole(found: ContributionTrace) -> None:
    """What became of it: the rows add up to the contribution."""
    console.table(
        [
            {"activity": each.activity}
            | {name: Cents(getattr(each, name)) for name in ("allocated", "used", "unspent", "committed")}
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
    told = " + ".join(f"{console.format_value(Cents(cents))} {name}" for name, cents in parts.items())
    return f"US$ {console.format_value(Cents(found.cents))} = {told}."


def _draw_statements(found: ContributionTrace) -> None:
    for statement, stated in groupby(found.statements, key=lambda each: each.statement):
        console.table(
            [console.row_of(each, of=Cents(each.of), cents=Cents(each.cents)) for each in stated],
            {"part": "Part", "figure": "Figure", "of": "It says", "cents": "Of this contribution"},
            title=f"8 In the donor's statement {statement}, US$",
        )
