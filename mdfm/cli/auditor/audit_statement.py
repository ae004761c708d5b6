"""`mdfm audit statement`: compare a donor's statement (PDF) with the books."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mdfm.cli import console, options
from mdfm.cli.recording import opened

if TYPE_CHECKING:
    from reports import CheckedStatement, SignatureFound


@click.command("statement", cls=console.JsonCommand)
@click.argument("file", type=options.FILE)
@click.option(
    "--trust",
    type=options.FILE,
    metavar="FILE",
    help="Certificates to which a signature must lead, PEM or DER.",
)
def statement(file: Path, trust: Path | None) -> None:
    """Compare a donor's statement (PDF) with the books, and name every figure that differs.

    The statement is rendered again as of what the books knew when it was issued; it is confirmed when it is
    the same, byte for byte, apart from signatures.
    """
    with opened() as fund, console.waiting("Checking"):
        checked = fund.statements.check(file, trust)
    console.emit(_row(checked), lambda: _print(checked))
    if not checked.confirmed:
        click.get_current_context().exit(1)


def _row(checked: CheckedStatement) -> dict[str, object]:
    return console.row_of(checked, code=checked.code.model_dump(by_alias=True, mode="json"))


def _print(checked: CheckedStatement) -> None:
    if checked.differences:
        titles = {"page": "Page", "after": "After", "paper": "The PDF says", "books": "The books say"}
        console.table([console.row_of(each) for each in checked.differences], titles)
        console.line("")
    for sentence in [*checked.reasons, *(_said(each) for each in checked.signatures)]:
        console.line(sentence)
    code = checked.code
    verdict = "confirmed, every figure" if checked.confirmed else "not confirmed"
    console.line(f"{code.id}, head {code.head}: {verdict}.")


def _said(signature: SignatureFound) -> str:
    return ", ".join(_qualities(signature)) + "."


def _qualities(signature: SignatureFound) -> Iterator[str]:
    yield f"Signed by {signature.by}"
    yield "sound" if signature.sound else "not sound"
    yield "over the whole file" if signature.whole_file else "not over the whole file"
    if signature.trusted is None:
        yield "its certificate not judged: give --trust CA.pem"
    else:
        yield "trusted" if signature.trusted else "not trusted"
