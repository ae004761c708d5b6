"""`mdfm evidence`: the files that prove entries and proposals, listed, shown, saved and zipped."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from ledger import HASH_DIGITS, EvidenceNaming, NotFound, SavedFile, StoredEvidence, Tampered, new_file
from mdfm.api import Fund
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo, GroupedNumber, Misused
from mdfm.cli.recording import opened

command = console.Noun("evidence")

_SPAN = re.compile(r"([1-9]\d{0,17})(?:-([1-9]\d{0,17}))?", re.ASCII)
_SAMPLE_MAX = 1_000_000

_entry = click.option(
    "--entry", type=options.NUMBER, metavar="ENTRY", help="Only files that this entry names."
)
_proposal = click.option(
    "--proposal",
    type=options.NUMBER,
    metavar="NUMBER",
    help="Of this proposal, and of those that are decided together with it.",
)


def _read_entries(text: str) -> tuple[range, ...]:
    spans = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        if not found:
            raise Misused(f"'{part}' is not an entry or a span of them: write such as 1-40,57.")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise Misused(f"'{part}' ends before it begins: write {last}-{first}.")
        spans.append(range(first, last + 1))
    return tuple(spans)


_ENTRIES = options.Typed("entries", _read_entries)


@command.command("list")
@_entry
@_proposal
@options.only_kind
@options.only_agreement
@click.option("--from", "starts_on", type=options.DAY, help="Of events on this day or later.")
@click.option("--to", "ends_on", type=options.DAY, help="Of events on this day or earlier.")
def list_(
    entry: int | None,
    proposal: int | None,
    kind: str | None,
    agreement: str | None,
    starts_on: date | None,
    ends_on: date | None,
) -> None:
    """List the evidence files, with the entries and proposals that name each."""
    with opened() as fund:
        found = fund.evidence.list(
            entry=entry,
            proposal=proposal,
            kind=kind,
            agreement=agreement,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    columns = {
        "digits": "SHA-256",
        "name": "Name",
        "bytes": "Bytes",
        "media_type": "Type",
        "owners": "Named by",
    }
    console.emit([_row(each) for each in found], lambda: _print(found, columns))


def _print(found: Sequence[StoredEvidence], columns: console.Headings) -> None:
    if not found:
        console.stderr("There is no such evidence.")
        return
    console.table(
        (
            _row(each)
            | {
                "digits": each.sha256[:HASH_DIGITS],
                "bytes": "missing" if each.size is None else GroupedNumber(each.size),
                "owners": _owners(each),
            }
            for each in found
        ),
        columns,
    )


def _row(file: StoredEvidence) -> dict[str, object]:
    return {
        "sha256": file.sha256,
        "name": file.name,
        "size": file.size,
        "media_type": file.media_type,
        "in_use": file.in_use,
        "named_by": [console.row_of(each) for each in file.named_by],
    }


def _owners(file: StoredEvidence) -> str:
    """The entries and proposals that name a file; of approved proposals their entries stand there already."""
    entries = [str(each.entry) for each in file.named_by if each.entry]
    words = [f"{'entry' if len(entries) == 1 else 'entries'} {_in_short(entries)}"] if entries else []
    for status in ("waiting", "rejected"):
        numbers = [str(each.proposal) for each in file.named_by if each.status == status]
        words += [f"proposal {_in_short(numbers)} ({status})"] if numbers else []
    return "; ".join(words) or "nothing any more"


def _in_short(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:8])
    return f"{shown} and {len(numbers) - 8:,} more" if len(numbers) > 8 else shown


@command.command("show")
@click.argument("sha256", metavar="SHA-256")
def show(sha256: str) -> None:
    """Show an evidence file: who names it, and whether its bytes have their hash.

    The first digits of the SHA-256 are enough, six at least, where no other file begins with them.
    """
    with opened() as fund:
        found = fund.evidence.find(sha256)
        fault = _fault(fund, found)
    answer = _row(found) | {"sound": not fault, "fault": fault}
    console.emit(answer, lambda: _print_one(found, fault))
    if fault:
        click.get_current_context().exit(1)
    console.stderr(f"Read it: mdfm evidence save {found.sha256[:HASH_DIGITS]} --out FOLDER")


def _fault(fund: Fund, file: StoredEvidence) -> str:
    try:
        fund.evidence.read(file.sha256)
    except Tampered as error:
        return str(error.sentence)
    return ""


def _print_one(file: StoredEvidence, fault: str) -> None:
    size = "not in the book" if file.size is None else f"{file.size:,} bytes"
    console.details(
        {
            "Name": file.name,
            "Type": file.media_type,
            "Size": size,
            "SHA-256": file.sha256,
            "Bytes": fault or "as they were given: they have this SHA-256",
        }
    )
    if file.named_by:
        columns = {"by": "Named by", "kind": "Kind", "on": "On", "name": "As"}
        console.table([_naming(each) for each in file.named_by], columns)
    else:
        console.line("No entry and no proposal names it.")


def _naming(by: EvidenceNaming) -> dict[str, object]:
    owner = f"entry {by.entry}" if by.entry else f"proposal {by.proposal} ({by.status})"
    return {"by": owner, "kind": by.kind, "on": by.on, "name": by.name}


@command.command("save")
@click.argument("sha256", metavar="[SHA-256...]", nargs=-1)
@_entry
@_proposal
@click.option(
    "--out",
    type=options.FOLDER,
    required=True,
    metavar="FOLDER",
    help="The folder for the files; made if it does not exist.",
)
def save(sha256: tuple[str, ...], entry: int | None, proposal: int | None, out: Path) -> None:
    """Write evidence files into a folder, each checked against its SHA-256.

    Nothing is written outside the folder or over a file: a name that is taken gets a number, and one that
    would be a path becomes a plain name.
    """
    if not sha256 and entry is None and proposal is None:
        raise click.UsageError("Say which: give a SHA-256, --entry or --proposal.")
    with opened() as fund, _checked():
        saved = fund.evidence.save(out, *sha256, entry=entry, proposal=proposal)
    owner = f"Entry {entry}" if entry is not None else f"Proposal {proposal}"
    nothing = f"{owner} has no evidence."
    rows = [{**each._asdict(), "path": str(each.path)} for each in saved]
    console.emit(rows, lambda: _print_saved(saved) if saved else console.stderr(nothing))


def _print_saved(saved: Sequence[SavedFile]) -> None:
    for each in saved:
        done = "is written" if each.is_new else "is there already, with the same bytes"
        renamed = "" if each.path.name == each.name else f" It was given as '{each.name}'."
        console.line(f"{each.path} {done}.{renamed}".replace("\n", " "))


@command.command("zip")
@click.option("--entries", type=_ENTRIES, metavar="LIST", help="Of these entries, e.g. 1-40,57.")
@click.option(
    "--sample", type=click.IntRange(1, _SAMPLE_MAX), help="Of so many entries with evidence, drawn at random."
)
@click.option("--seed", metavar="TEXT", help="Draws the sample; the hash of the head if not given.")
@options.only_agreement
@click.option(
    "--out",
    type=options.FILE,
    required=True,
    metavar="FILE.zip",
    help="The file to write; never over another.",
)
def zip_(
    entries: tuple[range, ...] | None, sample: int | None, seed: str | None, agreement: str | None, out: Path
) -> None:
    """Write the evidence of many entries as one zip file: a folder for each entry, and index.csv.

    The index names each entry's day, kind, amount, maker and approver, and each file with its SHA-256. The
    same entries give the same bytes.
    """
    if sum(each is not None for each in (entries, sample, agreement)) != 1:
        raise click.UsageError("Say which entries: give one of --entries, --sample and --agreement.")
    if seed is not None and sample is None:
        raise click.UsageError("A seed is for a sample: give --sample, too.")
    with opened() as fund, _checked(), console.progress("Writing") as progress:
        if sample is not None:
            seed = seed or fund.head().hash
            chosen: Sequence[int | range] = fund.evidence.sample(sample, seed)
        else:
            chosen = entries or fund.evidence.of_agreement(str(agreement))
        with new_file(out) as file:
            index = fund.evidence.write_zip(file, chosen, progress)
    files = sum(1 for row in index if row.path)
    many = len({row.entry for row in index})
    answer = {"file": str(out), "entries": sorted({row.entry for row in index}), "files": files, "seed": seed}
    console.emit(
        answer, lambda: console.line(f"{out}: {_counted(files, 'file')} of {_counted(many, 'entry')}.")
    )
    if sample is not None:
        again = f"--sample {sample} --seed {shlex.quote(str(seed))}"
        console.stderr(f"The same sample of this book is drawn with {again}")


def _counted(number: int, one: str) -> str:
    many = one.removesuffix("y") + "ies" if one.endswith("y") else f"{one}s"
    return f"{number:,} {one if number == 1 else many}"


@contextmanager
def _checked() -> Iterator[None]:
    """Answer no, with exit code 1, where a file was changed or lost: nothing is written then."""
    try:
        yield
    except Tampered as error:
        raise AnswerIsNo(error.sentence) from error
    except NotFound as error:
        if error.code != "no-evidence-to-zip":
            raise
        raise AnswerIsNo(error.sentence) from error
