"""Entries and proposals on the screen and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from ledger import CHART, Amount, Line, Proposal, Sealed, Tampered, Unlawful, files_in, read_payload
from mdfm.api import Approved, RecordedEntry
from mdfm.books import ALL_KINDS
from mdfm.cli import console
from mdfm.cli.console import UsdCents
from mdfm.cli.hints import in_words


def entry_row(entry: RecordedEntry) -> dict[str, object]:
    """An entry for JSON: with its event parsed, and its lines."""
    lines = [line._asdict() for line in entry.lines]
    return {**entry.sealed._asdict(), **_payload(entry.sealed), "lines": lines}


def proposal_row(proposal: Proposal) -> dict[str, object]:
    """A proposal for JSON: with its event parsed."""
    return {**proposal._asdict(), **_payload(proposal)}


def _payload(stored: Sealed | Proposal) -> dict[str, object]:
    """The payload of an event, parsed; as it is stored where it cannot be, and then with its fault."""
    wrong = payload_fault(stored)
    fault = {"fault": wrong} if wrong else {}
    try:
        return {"payload": read_payload(stored.payload), **fault}
    except Unlawful:
        return {"payload": stored.payload, **fault}


def payload_fault(stored: Sealed | Proposal) -> str:
    """What is wrong with the payload of a damaged event; empty for one that can be read."""
    try:
        ALL_KINDS.versioned(stored.kind, stored.version, stored.payload)
    except Tampered as error:
        return in_words(error)
    return ""


SubmitResult = RecordedEntry | Proposal | Approved
"""What a command prints of what it recorded."""


def print_results(results: Sequence[SubmitResult]) -> None:
    """Print entries that were made and proposals that wait: one as itself, several as a list."""
    rows = [_row(each) for each in results]
    console.emit(rows[0] if len(rows) == 1 else rows, lambda: [_print(each) for each in results])
    together = Counter(each.batch for each in results if isinstance(each, Proposal))
    for sentence in dict.fromkeys(_sentence(each, together) for each in results):
        console.stderr(sentence)


def _row(result: SubmitResult) -> dict[str, object]:
    match result:
        case RecordedEntry():
            return entry_row(result)
        case Proposal():
            return proposal_row(result)
        case Approved():
            return {**result._asdict(), "status": "approved"}


def _print(result: SubmitResult) -> bool:
    """Print the lines of an entry; return whether there are any."""
    if not isinstance(result, RecordedEntry) or not result.lines:
        return False
    print_lines(result.lines, f"Entry {result.sealed.seq}: {result.sealed.kind}")
    return True


def _sentence(result: SubmitResult, together: Counter[int]) -> str:
    match result:
        case RecordedEntry():
            return f"Entry {result.sealed.seq} is in the books: {result.sealed.kind}."
        case Approved():
            return f"Entries {result.first_entry} to {result.last_entry} are in the books: {result.kind}."
        case Proposal(batch=0):
            return (
                f"Proposal {result.id} waits for another person: mdfm proposal approve {result.id} --by NAME"
            )
        case Proposal(batch=batch):
            return (
                f"{together[batch]:,} proposals wait for another person, who decides on all of them "
                f"together: mdfm proposal approve {batch} --by NAME"
            )


def print_lines(lines: Sequence[Line], title: str) -> None:
    """Print the lines of an entry: account, side, amount, its value in US dollars, and for what."""
    console.table(
        [
            {
                "account": f"{line.account} {_account_name(line.account)}",
                "side": "Dr" if (line.amount or line.usd) > 0 else "Cr",
                "amount": _amount(line),
                "usd": UsdCents(abs(line.usd)),
                "marks": " ".join(mark for mark in line[1:7] if mark),
            }
            for line in lines
        ],
        {"account": "Account", "side": "", "amount": "Amount", "usd": "US$", "marks": "For"},
        title=title,
    )


def _account_name(code: str) -> str:
    return CHART[code].name if code in CHART else "(damaged)"


def _amount(line: Line) -> Amount | str:
    try:
        return Amount(currency=line.currency, minor=abs(line.amount))
    except ValidationError:
        return f"{abs(line.amount)} {line.currency} (damaged)"


def say_how_to_read(payload: str, owner: str) -> None:
    """Say how to get the evidence that an event names, if any; `owner` is such as `--entry 12`."""
    files = files_in(payload)
    if files:
        what = "its evidence" if len(files) == 1 else f"its {len(files)} files of evidence"
        console.stderr(f"Read {what}: mdfm evidence save {owner} --out FOLDER")
