"""`mdfm proposal`: list, show, approve and reject proposals."""

from __future__ import annotations

import click

from ledger import (
    NOW,
    Journal,
    Line,
    MdfmError,
    Proposal,
    Refused,
    approve,
    approve_batch,
    decided_together,
    dry_run,
    proposals,
    reject,
)
from mdfm.cli import console, options
from mdfm.cli.entries import (
    Approved,
    RecordedEntry,
    event_fields,
    print_lines,
    print_results,
    proposal_row,
    with_lines,
)
from mdfm.cli.proposal_batches import ProposalBatch, batch_row, batches, kinds_of, worth_of
from mdfm.cli.recording import reading, recording

command = console.Noun("proposal")

_NUMBER = click.IntRange(1, NOW)
_SHOWN = 10
"""How many proposals of a batch are shown, unless all are asked for."""


@command.command("list")
@click.option("--all", "decided", is_flag=True, help="Include those that were decided.")
def list_(decided: bool) -> None:
    """List waiting proposals; those that are decided together are one row."""
    with reading() as books:
        rows = [_listed(each) for each in batches(proposals(books, None if decided else "waiting"))]
    columns = {"id": "No", "kind": "Kind", "made_by": "Made by", "made_on": "Made on", "what": "What"}
    columns |= {"status": "Status", "decided_by": "By"} if decided else {}
    console.listing(rows, columns, nothing="No proposal waits.")


def _listed(batch: ProposalBatch) -> dict[str, object]:
    first = batch[0]
    if len(batch) == 1:
        row, what = proposal_row(first), "; ".join(_fields_in_words(first))
    else:
        row, what = batch_row(batch), "; ".join(map(str, worth_of(batch)))
    return {**row, "what": what, "made_on": first.made_at[:10]}


@command.command("show")
@click.argument("number", type=_NUMBER)
@click.option("--all", "every", is_flag=True, help="Show each of the proposals that are decided together.")
def show(number: int, every: bool) -> None:
    """Show a proposal in full, and the lines that it would post if it were approved now.

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
    if refusal:
        console.stderr(f"It cannot be approved as the books are now: {refusal}")


def _print_or_emit_batch(found: ProposalBatch, part: ProposalBatch) -> None:
    refusals = _would_be_refused(found) if found[0].status == "waiting" else []
    row = batch_row(found) | {"rows": [proposal_row(each) for each in part], "refusals": refusals}
    console.emit(row, lambda: _print_batch(found, part))
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
    with recording() as journal:
        named = {
            found[0].id: found for found in (decided_together(journal.books, number) for number in numbers)
        }
        results = [_approved(journal, found, by) for found in named.values()]
    for number in numbers:
        _report_batch(number, next(found for found in named.values() if _has(found, number)), "approved")
    print_results(results)


def _has(batch: ProposalBatch, number: int) -> bool:
    return batch[0].id <= number <= batch[-1].id


def _approved(journal: Journal, found: ProposalBatch, by: str) -> RecordedEntry | Approved:
    number = found[0].id
    if len(found) == 1:
        return with_lines(journal.books, approve(journal, number, by))
    with console.progress("Recording") as bar:
        made = approve_batch(journal, number, by, lambda done: bar(done, len(found)))
    return Approved(number, len(found), kinds_of(found), by, made[0], made[-1])


@command.command("reject")
@click.argument("number", type=_NUMBER)
@options.by
def reject_(number: int, by: str) -> None:
    """Reject a proposal for good; its maker withdraws it in the same way.

    Proposals that are decided together are all rejected by the number of any one.
    """
    with recording() as journal:
        found = decided_together(journal.books, number)
        reject(journal, number, by)
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


def _fields_in_words(proposal: Proposal) -> list[str]:
    return [f"{name} {value}" for name, value in event_fields(proposal.payload).items()]


_RECORDED = "what it asks for is recorded already; reject it."


def _tried(proposal: Proposal) -> tuple[list[Line], str]:
    """The lines that a waiting proposal would post now, or why the books would refuse it."""
    try:
        with recording() as journal:
            event = journal.kinds.read(proposal.kind, proposal.version, proposal.payload)
            if journal.is_recorded(event):
                raise Refused(_RECORDED)
            return journal.preview(event, proposal.made_by), ""
    except MdfmError as error:
        return [], str(error)


def _would_be_refused(batch: ProposalBatch) -> list[tuple[int, str]]:
    """The proposals of a batch that the books would refuse now, and why."""
    with recording() as journal, console.progress("Checking against the books") as bar:
        events = [journal.kinds.read(each.kind, each.version, each.payload) for each in batch]
        found = dry_run(
            journal, events, made_by=batch[0].made_by, progress=lambda done: bar(done, len(batch))
        )
    refusals = [*found.refusals, *((index, _RECORDED) for index in found.already_recorded)]
    return [(batch[index].id, refusal) for index, refusal in sorted(refusals)]


def _print(proposal: Proposal, lines: list[Line]) -> None:
    console.details(_fields(proposal))
    if lines:
        print_lines(lines, "Lines, if it is approved now")


def _fields(proposal: Proposal) -> dict[str, object]:
    entry = f", entry {proposal.entry}" if proposal.entry else ""
    return {
        "Proposal": proposal.id,
        "Kind": proposal.kind,
        "Made by": f"{proposal.made_by} at {proposal.made_at}",
        "Status": _status(proposal) + entry,
    } | {f"  {name}": value for name, value in event_fields(proposal.payload).items()}


def _status(proposal: Proposal) -> str:
    return f"{proposal.status} by {proposal.decided_by}" if proposal.decided_by else proposal.status


def _print_batch(found: ProposalBatch, part: ProposalBatch) -> None:
    first, last = found[0], found[-1]
    entries = f", entries {first.entry} to {last.entry}" if first.entry else ""
    fields = {
        "Proposals": f"{first.id} to {last.id}, decided together",
        "Kind": kinds_of(found),
        "Worth": "; ".join(map(str, worth_of(found))),
        "Made by": f"{first.made_by} at {first.made_at}",
        "Status": _status(first) + entries,
    }
    console.details({name: value for name, value in fields.items() if value})
    rows = [{"id": each.id, "kind": each.kind, "what": "; ".join(_fields_in_words(each))} for each in part]
    console.table(rows, {"id": "No", "kind": "Kind", "what": "What"}, title="What they ask for")
