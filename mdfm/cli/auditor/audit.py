"""`mdfm audit`: verification, replay, consistency checks, exports and checkpoints."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import click

from ledger import (
    EXPORTS,
    BackupMark,
    Checkpoint,
    CheckResult,
    Progress,
    Sentence,
    Tampered,
    Verification,
    make_key,
    new_file,
)
from mdfm.api import read_backup, rebuild_fund
from mdfm.cli import console, options
from mdfm.cli.auditor import audit_statement
from mdfm.cli.console import AnswerIsNo, GroupedNumber
from mdfm.cli.hints import in_words
from mdfm.cli.recording import opened

command = console.Noun("audit")
command.add_command(audit_statement.statement)

_MOST_SHOWN = 20
_Verifier = Callable[[Progress], Verification]


@command.command("verify")
@click.option(
    "--checkpoint", type=options.FILE, metavar="FILE", help="Also compare the book with this checkpoint."
)
@click.option(
    "--public-key", type=options.FILE, metavar="FILE", help="The key that must have signed the checkpoint."
)
@click.option(
    "--backup",
    type=options.FILE,
    metavar="FILE",
    help="Also compare the book with the entries of this backup.",
)
def verify_(checkpoint: Path | None, public_key: Path | None, backup: Path | None) -> None:
    """Verify every hash, sum, balance, register and evidence file of the book."""
    if checkpoint is None and public_key:
        raise click.UsageError("A public key is for a checkpoint: give --checkpoint, too.")
    with opened() as fund:
        signed = fund.audit.read_checkpoint(checkpoint) if checkpoint else None
        kept = _read_backup(backup) if backup else None
        result = _done(fund.audit.verify, "Verifying")
        if signed is not None:
            result.findings += fund.audit.compare(signed, public_key)
            _say_who_signed(signed, public_key)
        if backup is not None:
            result.findings += fund.audit.compare_with_backup(backup)
    seen = sorted({each.seq for each in (signed, kept) if each is not None})
    as_before = f", and as it was at entry {' and at entry '.join(map(str, seen))}" if seen else ""
    _answer(result, f"is sound{as_before}")


def _read_backup(file: Path) -> BackupMark:
    try:
        return read_backup(file)
    except Tampered as error:
        raise AnswerIsNo(error.sentence) from error


def _say_who_signed(signed: Checkpoint, public_key: Path | None) -> None:
    if public_key is None:
        console.stderr(
            f"The checkpoint names the key {signed.public_key}: "
            f"compare it with the one that you know, or give --public-key."
        )


@command.command("replay")
def replay_() -> None:
    """Derive the book again from its events alone, and compare every line, hash and register."""
    with opened() as fund:
        result = _done(fund.audit.replay, "Replaying")
    _answer(result, "comes out of its events alone")


@command.command("check")
def check() -> None:
    """Run every consistency check: SQL queries that return the rows that offend."""
    with opened() as fund, console.waiting("Checking"):
        answers = fund.audit.checks()
    answer = [console.row_of(each.check, found=GroupedNumber(each.found), rows=each.rows) for each in answers]
    console.emit(answer, lambda: _print_checks(answers))
    if any(each.found for each in answers):
        click.get_current_context().exit(1)


@command.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(EXPORTS)),
    default="jsonl",
    show_default=True,
    help="The format.",
)
@click.option(
    "--out", type=options.FILE, metavar="FILE", help="The file to write; standard output if not given."
)
@click.option(
    "--with-contacts",
    is_flag=True,
    help="Add contact persons and the letters sent to them, which are personal data.",
)
def export(form: str, out: Path | None, with_contacts: bool) -> None:
    """Export the whole journal for other programs.

    jsonl is complete: its entries and proposals can be judged without this program, and a book can be rebuilt
    from it (audit rebuild). beancount and hledger compute the same balances by themselves.
    """
    written = new_file(out, private=with_contacts) if out else nullcontext(sys.stdout.buffer)
    with (
        opened() as fund,
        fund.audit.exporting(form, with_contacts=with_contacts) as pieces,
        written as file,
        console.waiting("Exporting"),
    ):
        try:
            for piece in pieces:
                file.write(piece)
        except Tampered as error:
            raise AnswerIsNo(error.sentence) from error
    if out:
        console.stderr(f"{out} is written.")
    if with_contacts:
        console.stderr(
            f"{out or 'The output'} holds personal data: the contact persons of donors, and letters to them. "
            f"Erasing a contact from the book does not reach it."
        )


@command.command("rebuild")
@click.argument("file", type=options.FILE)
def rebuild(file: Path) -> None:
    """Rebuild a book from an export in jsonl, in a new place (--book): the same journal, bit for bit.

    Its proposals and evidence files come back, too, and contacts and letters if the export has them.
    """
    place: str = click.get_current_context().obj
    with console.progress("Rebuilding") as progress:
        head = rebuild_fund(place, file, progress)
    console.emit(
        {"book": place, "head": head}, lambda: console.line(f"{place}: head {head.seq} {head.hash}.")
    )


@command.command("keygen")
@click.option(
    "--out",
    type=options.FILE,
    metavar="KEY.pem",
    required=True,
    help="The file to write: the private key.",
)
def keygen(out: Path) -> None:
    """Make a key pair for signing checkpoints; the public key, for the auditor, is written to KEY.pem.pub."""
    public = make_key(out)
    answer = {"private_key": str(out), "public_key": str(public)}
    console.emit(answer, lambda: console.line(f"{out} is for the signer alone; {public} is for everybody."))


@command.command("checkpoint")
@click.option("--key", type=options.FILE, metavar="KEY.pem", required=True, help="The signer's private key.")
@click.option(
    "--out",
    type=options.FILE,
    metavar="FILE",
    required=True,
    help="The file to write, never over another: the checkpoint.",
)
def checkpoint(key: Path, out: Path) -> None:
    """Sign the head of the journal, for an auditor to keep outside the book."""
    with opened() as fund:
        signed = fund.audit.checkpoint(key)
        with new_file(out) as file:
            file.write(signed.text.encode())
        fund.audit.note_checkpoint(signed, out.name)
    console.emit(
        signed,
        lambda: console.line(f"{out}: head {signed.seq} {signed.hash}, signed by {signed.public_key}."),
    )


def _done(check: _Verifier, doing: str) -> Verification:
    with console.progress(doing) as progress:
        try:
            return check(progress)
        except Tampered as error:
            raise AnswerIsNo(error.sentence) from error


def _answer(result: Verification, sound: str) -> None:
    findings = [{"entry": each.entry, "what": in_words(Sentence(each.what))} for each in result.findings]
    answer = console.row_of(result, sound=result.sound, findings=findings)
    console.emit(answer, lambda: _print(result, sound))
    if not result.sound:
        click.get_current_context().exit(1)


def _print(result: Verification, sound: str) -> None:
    for finding in result.findings[:_MOST_SHOWN]:
        console.line(in_words(finding.sentence))
    read = [_counted(result.entries, "entry", "entries"), _counted(result.lines, "line", "lines")]
    read += [_counted(result.evidence, "evidence file", "evidence files")] if result.evidence else []
    verdict = (
        f"{_counted(len(result.findings), 'finding', 'findings')}" if result.findings else f"the book {sound}"
    )
    console.line(f"{', '.join(read)}; head {result.head.seq} {result.head.hash}: {verdict}.")


def _print_checks(answers: list[CheckResult]) -> None:
    titles = {"title": "What must hold", "found": "Rows against it"}
    console.table(
        ({"title": each.check.title, "found": GroupedNumber(each.found)} for each in answers), titles
    )
    for each in answers:
        if each.found:
            console.line(f"\nNot so: {each.check.title}.\nWhy it matters: {each.check.why}\n")
            console.table(each.rows[:_MOST_SHOWN], {name: name for name in each.rows[0]})


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
