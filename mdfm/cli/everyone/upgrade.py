"""`mdfm upgrade`: bring a book of an earlier version to the tables of this one."""

from __future__ import annotations

from pathlib import Path

import click

from ledger import Upgrade
from mdfm.api import upgrade_fund
from mdfm.cli import console, options


@click.command("upgrade", cls=console.JsonCommand)
@click.option("--dry-run", is_flag=True, help="Only list what would run; nothing is changed.")
@click.option(
    "--backup",
    type=options.FILE,
    metavar="FILE",
    help="The file for the backup; if not given, beside the book's file. A book on a server needs it.",
)
@click.option(
    "--although-unsound",
    is_flag=True,
    help="Upgrade a book that does not verify, too; what is wrong with it stays.",
)
@click.pass_context
def command(context: click.Context, dry_run: bool, backup: Path | None, although_unsound: bool) -> None:
    """Run the migrations that the book lacks, after a backup that is verified.

    Entries, their hashes and all figures stay as they are. All migrations are run, or none: a book whose
    upgrade fails is as it was. On a server, the owner of the book runs it.
    """
    with console.progress("Upgrading") as progress:
        done = upgrade_fund(
            str(context.obj),
            backup=backup,
            dry_run=dry_run,
            although_unsound=although_unsound,
            progress=progress,
        )
    saved = None if done.backup is None else str(done.backup)
    console.emit(console.row_of(done) | {"backup": saved}, lambda: _print(done))


def _print(done: Upgrade) -> None:
    if not done.migrations:
        console.line(f"The book {done.book} is up to date (migration {done.before}): nothing is to be done.")
        return
    if done.dry_run:
        console.line(f"The book {done.book} has the tables of migration {done.before}. These would be run:")
    else:
        console.line(f"The backup {done.backup} is written and verified. These were run:")
    for migration in done.migrations:
        console.line(f"  {migration.number}  {migration.title}")
    if done.dry_run:
        console.line("Nothing was changed.")
    else:
        console.line(
            f"The book {done.book} is up to date; its head is as before: {done.head.seq} {done.head.hash}."
        )
