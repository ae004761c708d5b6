"""`mdfm proposal`: what one person wants recorded and another must approve."""

from __future__ import annotations

import click

from ledger import NOW, Line, MdfmError, NotFound, Proposal, Refused, approve, proposals, reject
from mdfm import options, screen
from mdfm.entries import draw_lines, event_fields, proposal_row, show_results, told
from mdfm.recording import reading, recording

command = screen.Noun("proposal")

_NUMBER = click.IntRange(1, NOW)


@command.command("list")
@click.option("--all", "decided", is_flag=True, help="Also those that were decided.")
def list_(decided: bool) -> None:
    """List the proposals that wait."""
    with reading() as books:
        rows = [
            {**proposal_row(each), "what": "; ".join(_told(each)), "made_on": each.made_at[:10]}
            for each in proposals(books, None if decided else "waiting")
        ]
    columns = {"id": "No", "kind": "Kind", "made_by": "Made by", "made_on": "Made on", "what": "What"}
    columns |= {"status": "Status", "decided_by": "By"} if decided else {}
    screen.listing(rows, columns, nothing="No proposal waits.")


@command.command("show")
@click.argument("number", type=_NUMBER)
def show(number: int) -> None:
    """Show a proposal in full, and the lines that it would post if it were approved now."""
    with reading() as books:
        found = next((each for each in proposals(books, None) if each.id == number), None)
    if found is None:
        raise NotFound(f"There is no proposal {number}: see `mdfm proposal list`.")
    lines, refusal = _tried(found) if found.status == "waiting" else ([], "")
    row = {**proposal_row(found), "lines": [line._asdict() for line in lines], "refusal": refusal}
    screen.answer(row, lambda: _draw(found, lines))
    if refusal:
        screen.say(f"It cannot be approved as the books are now: {refusal}")


@command.command("approve")
@click.argument("numbers", type=_NUMBER, nargs=-1, required=True, metavar="NUMBER...")
@options.by
def approve_(numbers: tuple[int, ...], by: str) -> None:
    """Approve proposals of another person: all of them are recorded, or none."""
    with recording() as journal:
        entries = [told(journal.books, approve(journal, number, by)) for number in numbers]
    show_results(entries)


@command.command("reject")
@click.argument("number", type=_NUMBER)
@options.by
def reject_(number: int, by: str) -> None:
    """Put a proposal away for good; its maker withdraws it in the same manner."""
    with recording() as journal:
        reject(journal, number, by)
    rejected = {"proposal": number, "status": "rejected", "decided_by": by}
    screen.answer(rejected, lambda: screen.line(f"Proposal {number} is rejected."))


def _told(proposal: Proposal) -> list[str]:
    return [f"{name} {value}" for name, value in event_fields(proposal.payload).items()]


def _tried(proposal: Proposal) -> tuple[list[Line], str]:
    """The lines that a waiting proposal would post now, or why the books would refuse it."""
    try:
        with recording() as journal:
            event = journal.kinds.read(proposal.kind, proposal.version, proposal.payload)
            if journal.is_recorded(event):
                raise Refused("what it asks for is recorded already; reject it.")
            return journal.preview(event, proposal.made_by), ""
    except MdfmError as error:
        return [], str(error)


def _draw(proposal: Proposal, lines: list[Line]) -> None:
    screen.record(_fields(proposal))
    if lines:
        draw_lines(lines, "Lines, if it is approved now")


def _fields(proposal: Proposal) -> dict[str, object]:
    decided = f"{proposal.status} by {proposal.decided_by}" if proposal.decided_by else proposal.status
    entry = f", entry {proposal.entry}" if proposal.entry else ""
    return {
        "Proposal": proposal.id,
        "Kind": proposal.kind,
        "Made by": f"{proposal.made_by} at {proposal.made_at}",
        "Status": decided + entry,
    } | {f"  {name}": value for name, value in event_fields(proposal.payload).items()}
