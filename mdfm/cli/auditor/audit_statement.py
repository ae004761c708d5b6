"""`mdfm audit statement`: whether a donor's statement or letter (PDF) is what the books issued."""

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
    """Whether a PDF is a statement or a letter that was issued; if not, every figure that differs is named.

    The file is looked up by its SHA-256; one that was signed since, or saved again, is compared with the file
    that was issued. Where the book has none, the statement is drawn again as of what the books knew then.
    """
    with opened() as fund, console.waiting("Checking"):
        checked = fund.statements.check(file, trust)
    console.emit(_row(checked), lambda: _print(checked))
    if not checked.confirmed:
        click.get_current_context().exit(1)


def _row(checked: CheckedStatement) -> dict[str, object]:
    code = checked.code and checked.code.model_dump(by_alias=True, mode="json")
    return console.row_of(checked, code=code)


def _print(checked: CheckedStatement) -> None:
    if checked.differences:
        titles = {"page": "Page", "after": "After", "paper": "The PDF says", "books": "The books say"}
        console.table([console.row_of(each) for each in checked.differences], titles)
        console.line("")
    signed = (_said(each) for each in checked.signatures)
    for sentence in [*checked.notes, *checked.reasons, *signed]:
        console.line(sentence)
    console.line(f"{_named(checked)}: {_verdict(checked)}.")


def _named(checked: CheckedStatement) -> str:
    code, letter = checked.code, checked.letter
    if code is not None:
        return f"{code.id}, head {code.head}"
    return f"Letter {letter.letter}" if letter is not None else "The file"


def _verdict(checked: CheckedStatement) -> str:
    if checked.confirmed:
        return "confirmed, every figure"
    return "not confirmed, though every figure agrees" if checked.figures_agree else "not confirmed"


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
