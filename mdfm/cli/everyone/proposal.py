"""`mdfm proposal`: list, show, approve and reject proposals."""

from __future__ import annotations

import click
from sqlalchemy import Connection

from ledger import NOW, Line, Proposal, decided_together, lines_of, proposals
from mdfm.api.proposals import ProposalBatch, kinds_of
from mdfm.cli import console, options
from mdfm.cli.descriptions import (
    Shown,
    fields_of,
    print_names,
    print_tables,
    sentence_of,
    shown,
    worth,
)
from mdfm.cli.entries import print_lines, print_results, proposal_row, say_how_to_read
from mdfm.cli.hints import in_words
from mdfm.cli.proposal_batches import batch_row, batches, recorded, worth_of
from mdfm.cli.recording import opened, reading

command = console.Noun("proposal")

_NUMBER = click.IntRange(1, NOW)
_SHOWN = 10
"""How many proposals of a batch are shown, unless all are asked for."""


@command.command("list")
@click.option("--all", "decided", is_flag=True, help="Include those that were decided.")
def list_(decided: bool) -> None:
    """List waiting proposals; those that are decided together are one row."""
    with reading() as books:
        found = batches(proposals(books, None if decided else "waiting"))
        rows = [_listed(books, each) for each in found]
    columns = {"id": "No", "kind": "Kind", "made_by": "Made by", "made_on": "Made on", "what": "What"}
    columns |= {"status": "Status", "decided_by": "By"} if decided else {}
    console.listing(rows, columns, nothing="No proposal waits.")


def _listed(books: Connection, batch: ProposalBatch) -> dict[str, object]:
    first = batch[0]
    if len(batch) == 1:
        row, what = proposal_row(first), sentence_of(books, recorded(first))
    else:
        row, what = batch_row(batch), "; ".join(map(str, worth_of(batch)))
    return {**row, "what": what, "made_on": first.made_at[:10]}


@command.command("show")
@click.argument("number", type=_NUMBER)
@click.option("--all", "every", is_flag=True, help="Show each of the proposals that are decided together.")
def show(number: int, every: bool) -> None:
    """Show what a proposal asks for, and the lines that it would post if it were approved now.

    Of proposals that are decided together: how many there are, their sum, and the first of them.
    """
    with reading() as books:
        found = decided_together(books, number)
    if len(found) > 1:
        _report_batch(number, found, "shown")
        _print_or_emit_batch(found, found if every else found[:_SHOWN])
    else:
        _print_or_emit_one(found[0])


def _print_or_emit_one(found: Proposal) -> None:
    lines, refusal = _tried(found) if found.status == "waiting" else ([], "")
    row = {**proposal_row(found), "lines": [line._asdict() for line in lines], "refusal": refusal}
    console.emit(row, lambda: _print(found, lines))
    say_how_to_read(found.payload, f"--proposal {found.id}")
    if refusal:
        console.stderr(f"It cannot be approved as the books are now: {refusal}")


def _print_or_emit_batch(found: ProposalBatch, part: ProposalBatch) -> None:
    refusals = _would_be_refused(found) if found[0].status == "waiting" else []
    with reading() as books:
        asked = [_asked(books, each) for each in part]
    row = batch_row(found) | {"rows": [proposal_row(each) for each in part], "refusals": refusals}
    console.emit(row, lambda: _print_batch(found, asked))
    say_how_to_read(found[0].payload, f"--proposal {found[0].id}")
    if len(part) < len(found):
        console.stderr(f"The first {len(part)} of {len(found):,} are shown: see all of them with --all.")
    for refusal in refusals[:_SHOWN]:
        console.stderr(f"They cannot be approved as the books are now. Proposal {refusal[0]}: {refusal[1]}")
    if len(refusals) > _SHOWN:
        console.stderr(f"{len(refusals) - _SHOWN:,} more of them would be refused.")


@command.command("approve")
@click.argument("numbers", type=_NUMBER, nargs=-1, required=True, metavar="NUMBER...")
@options.by
def approve_(numbers: tuple[int, ...], by: str) -> None:
    """Approve proposals of another person: all of them are recorded, or none.

    Proposals that are decided together are all approved by the number of any one.
    """
    with opened() as fund:
        together = {number: fund.proposals.together(number) for number in numbers}
        with console.progress("Recording") as bar:
            results = fund.proposals.approve(*numbers, by=by, progress=bar)
    for number, found in together.items():
        _report_batch(number, found, "approved")
    print_results(results)


@command.command("reject")
@click.argument("number", type=_NUMBER)
@options.by
def reject_(number: int, by: str) -> None:
    """Reject a proposal for good; its maker withdraws it in the same way.

    Proposals that are decided together are all rejected by the number of any one.
    """
    with opened() as fund:
        found = fund.proposals.reject(number, by=by)
    first, last = found[0].id, found[-1].id
    rejected: dict[str, object] = {"proposal": first, "status": "rejected", "decided_by": by}
    if first == last:
        console.emit(rejected, lambda: console.line(f"Proposal {first} is rejected."))
        return
    _report_batch(number, found, "rejected")
    rejected["proposals"] = len(found)
    console.emit(rejected, lambda: console.line(f"Proposals {first} to {last} are rejected."))


def _report_batch(number: int, found: ProposalBatch, done: str) -> None:
    """Print that more is done than was named, where a number stands for a whole batch."""
    if number != found[0].id:
        console.stderr(
            f"Proposal {number} is decided together with proposals {found[0].id} to {found[-1].id}: "
            f"all {len(found):,} are {done}."
        )


def _tried(proposal: Proposal) -> tuple[list[Line], str]:
    """The lines that a waiting proposal would post now, or why the books would refuse it."""
    with opened() as fund:
        lines, refusal = fund.proposals.preview(proposal.id)
    return lines, in_words(refusal)


def _would_be_refused(batch: ProposalBatch) -> list[tuple[int, str]]:
    """The proposals of a batch that the books would refuse now, and why."""
    with opened() as fund, console.progress("Checking against the books") as bar:
        return [(number, in_words(why)) for number, why in fund.proposals.refusals(batch, bar)]


def _print(proposal: Proposal, lines: list[Line]) -> None:
    """Print what a proposal asks for, with the lines that it would post, or those that it did."""
    with reading() as books:
        lines = lines_of(books, proposal.entry) if proposal.entry else lines
        event = shown(books, recorded(proposal), lines)
    console.details(_fields(proposal, event))
    print_tables(event)
    if lines:
        print_lines(lines, f"Lines of entry {proposal.entry}" if proposal.entry else _IF_APPROVED)
    print_names(event)


_IF_APPROVED = "Lines, if it is approved now"


def _fields(proposal: Proposal, event: Shown) -> dict[str, object]:
    entry = f", entry {proposal.entry}" if proposal.entry else ""
    return {
        "Proposal": proposal.id,
        "Kind": proposal.kind,
        "What happens": event.description.sentence,
        "Made by": f"{proposal.made_by}, {_minute(proposal.made_at)}",
        "Status": _status(proposal) + entry,
    } | fields_of(event)


def _status(proposal: Proposal) -> str:
    return f"{proposal.status} by {proposal.decided_by}" if proposal.decided_by else proposal.status


def _asked(books: Connection, proposal: Proposal) -> dict[str, object]:
    """A proposal of a batch as a row: what it asks for, and the amount that it is about."""
    event = recorded(proposal)
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "what": sentence_of(books, event),
        "worth": worth(event),
    }


def _print_batch(found: ProposalBatch, asked: list[dict[str, object]]) -> None:
    first, last = found[0], found[-1]
    entries = f", entries {first.entry} to {last.entry}" if first.entry else ""
    worth = "; ".join(map(str, worth_of(found)))
    fields = {
        "Proposals": f"{first.id} to {last.id}, decided together",
        "Kind": kinds_of(found),
        "Worth": worth,
        "Made by": f"{first.made_by}, {_minute(first.made_at)}",
        "Status": _status(first) + entries,
    }
    console.details({name: value for name, value in fields.items() if value})
    one_kind = len({each.kind for each in found}) == 1
    columns = {"id": "No", "kind": "Kind", "what": "What", "worth": "Amount"}
    shown = {name: heading for name, heading in columns.items() if name != "kind" or not one_kind}
    total = {"what": f"All {len(found):,} together", "worth": worth} if worth else None
    console.table(asked, shown, title="What they ask for", total=total)


def _minute(made_at: str) -> str:
    """A moment as a person reads it: `2026-12-01 13:44 UTC`; proposals keep their moments in UTC."""
    return f"{made_at[:10]} {made_at[11:16]} UTC"
