"""`mdfm entry`: list and show entries of the journal, and reverse one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import islice

import click
from sqlalchemy import Connection

from donors import get_agreement
from ledger import HASH_DIGITS, AsOf, EntryReversed, find_entry, get_entry, head, posted
from mdfm.api import RecordedEntry
from mdfm.api.recording import with_lines
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.descriptions import Recorded, Shown, fields_of, print_names, print_tables, shown
from mdfm.cli.entries import entry_row, payload_fault, print_lines, say_how_to_read
from mdfm.cli.recording import reading, submit

command = console.Noun("entry")


@command.command("reverse")
@click.argument("entry", type=options.NUMBER, metavar="ENTRY")
@options.reason
@options.recorded
def reverse(entry: int, reason: str, on: date, by: str) -> None:
    """Reverse an entry: a new entry mirrors it, in an open period."""
    submit(by, EntryReversed, on=on, entry=entry, reason=reason)


@command.command("show")
@click.argument("seq", type=options.NUMBER, metavar="ENTRY")
def show(seq: int) -> None:
    """Show an entry: its event, lines, maker, approver and seal."""
    with reading() as books:
        entry = with_lines(books, get_entry(books, seq))
        event = shown(books, _recorded(entry), entry.lines)
    console.emit(entry_row(entry), lambda: _print(entry, event))
    say_how_to_read(entry.sealed.payload, f"--entry {seq}")
    fault = payload_fault(entry.sealed)
    if fault:
        console.stderr(f"Entry {seq} is damaged: {fault.removesuffix('.')}.")
        console.stderr(_VERIFY)


@command.command("list")
@options.only_kind
@options.only_agreement
@click.option(
    "--last",
    type=click.IntRange(1, 1_000_000),
    default=20,
    show_default=True,
    help="How many, counted from the end.",
)
def list_(kind: str | None, agreement: str | None, last: int) -> None:
    """List entries of the journal, the newest last."""
    with reading() as books:
        rows = [_row(entry) for entry in _chosen(books, kind, agreement, last)]
    damaged = [row for row in rows if "fault" in row]
    columns = {
        "seq": "Entry",
        "effective_on": "On",
        "kind": "Kind",
        "made_by": "Made by",
        "approved_by": "Approved by",
        "line_count": "Lines",
        "debits_cents": "Debits US$",
    } | ({"fault": "Fault"} if damaged else {})
    console.listing(
        rows, columns, nothing="There is no such entry." if kind or agreement else "No entry is recorded yet."
    )
    for row in damaged:
        console.stderr(f"Entry {row['seq']} is damaged: see it with mdfm entry show {row['seq']}")
    if damaged:
        console.stderr(_VERIFY)


_VERIFY = "Find every damage with: mdfm audit verify"


def _chosen(books: Connection, kind: str | None, agreement: str | None, last: int) -> list[RecordedEntry]:
    numbers: Iterable[int] = range(head(books).seq, 0, -1)
    if agreement is not None:
        of_agreement = posted(
            books, AsOf.now(books, date.max), agreements=[get_agreement(books, agreement).code]
        )
        numbers = sorted({line.entry for line in of_agreement}, reverse=True)
    # In a damaged book a number may be missing: the others are listed all the same.
    entries = (find_entry(books, number) for number in numbers)
    wanted = islice((entry for entry in entries if entry and kind in (None, entry.kind)), last)
    return [with_lines(books, entry) for entry in wanted][::-1]


def _row(entry: RecordedEntry) -> console.TableRow:
    return entry_row(entry) | {
        "debits_cents": UsdCents(sum(line.usd for line in entry.lines if line.usd > 0))
    }


def _shortened(text: str) -> str:
    """A text with the first digits of each hash only: enough to tell one from another."""
    return _HASH.sub(lambda found: f"{found[0][:HASH_DIGITS]}\N{HORIZONTAL ELLIPSIS}", text)


_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def _recorded(entry: RecordedEntry) -> Recorded:
    return Recorded(entry.sealed.kind, entry.sealed.version, entry.sealed.payload)


def _print(entry: RecordedEntry, event: Shown) -> None:
    sealed = entry.sealed
    console.details(
        {
            "Entry": sealed.seq,
            "Kind": f"{sealed.kind} (version {sealed.version})",
            "What happens": event.description.sentence,
            "Effective on": sealed.effective_on,
            "Recorded at": sealed.recorded_at,
            "Made by": sealed.made_by,
            "Approved by": sealed.approved_by or "nobody: this kind needs no second person",
            "Reverses": f"entry {sealed.reverses}" if sealed.reverses else "nothing",
            "Key": _shortened(sealed.key),
            "Input hash": _shortened(sealed.input_hash),
            "Previous": sealed.prev,
            "Hash": sealed.hash,
        }
        | fields_of(event, leave_out="on")
    )
    print_tables(event)
    if entry.lines:
        print_lines(entry.lines, "Lines")
    print_names(event)
