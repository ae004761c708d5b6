"""`mdfm restore`: make a book of a backup, in a new place."""

from __future__ import annotations

from pathlib import Path

import click

from ledger import BackupMark, Tampered, newest_migration, without_password
from mdfm.api import restore_fund
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo


@click.command("restore", cls=console.JsonCommand)
@click.argument("file", type=options.FILE)
@click.option("--although-unsound", is_flag=True, help="Restore a backup that does not verify, too.")
@click.pass_context
def command(context: click.Context, file: Path, although_unsound: bool) -> None:
    """Make a book of the backup FILE in the new place that --book names, and verify it.

    The place is a path where no file is, or the URL of an empty database, which its owner fills.
    """
    with console.progress("Restoring") as progress:
        try:
            mark = restore_fund(file, context.obj, progress, although_unsound=although_unsound)
        except Tampered as error:
            raise AnswerIsNo(error.sentence) from error
    place = without_password(context.obj)
    console.emit({"book": place, **mark._asdict()}, lambda: _print(place, mark))


def _print(place: str, mark: BackupMark) -> None:
    console.line(f"{place}: head {mark.seq} {mark.hash}, as in the backup of {mark.made_at}.")
    if mark.migration != newest_migration():
        console.line(f"It was of an earlier version (migration {mark.migration}), and is up to date now.")
    console.stderr(
        "If contacts were erased after that backup, they are in this book again: erase them again, see "
        "docs/backups.md. Now take a backup of this book."
    )
