"""`mdfm backup`: write a backup of the book, while others work in it."""

from __future__ import annotations

from pathlib import Path

import click

from ledger import BackupMark, Tampered
from mdfm.api import back_up_fund
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo


@click.command("backup", cls=console.JsonCommand)
@click.argument("file", type=options.FILE)
@click.option(
    "--although-unsound",
    is_flag=True,
    help="Keep a copy of a book that does not verify, too; the backup has the findings.",
)
@click.pass_context
def command(context: click.Context, file: Path, although_unsound: bool) -> None:
    """Write a backup of the whole book into a new FILE, verify it, and name its head.

    Others may record meanwhile. The backup has everything, also proposals and contacts, whatever engine keeps
    the book.
    """
    with console.progress("Backing up") as progress:
        try:
            mark = back_up_fund(context.obj, file, progress, although_unsound=although_unsound)
        except Tampered as error:
            raise AnswerIsNo(error.sentence) from error
    console.emit({"backup": str(file), **mark._asdict()}, lambda: _print(file, mark))


def _print(file: Path, mark: BackupMark) -> None:
    for finding in mark.findings.splitlines():
        console.line(finding)
    verdict = "it does not verify, as the book does not" if mark.findings else "verified"
    console.line(f"{file}: head {mark.seq} {mark.hash}, {verdict}.")
