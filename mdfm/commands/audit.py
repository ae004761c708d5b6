"""`mdfm audit`: do the books still say what was sealed into them?"""

from __future__ import annotations

from collections.abc import Callable

import click

from ledger import Book, Tampered, Verification, replay, verify
from mdfm import screen
from mdfm.recording import opened
from mdfm.screen import AnswerIsNo

command = screen.Noun("audit")

_MOST_SHOWN = 20

Check = Callable[[Book, Callable[[int, int], None]], Verification]


@command.command("verify")
def verify_() -> None:
    """Check every seal, sum, balance, register and evidence file of the book as it stands."""
    _answer(_done(verify, "Verifying"), "is sound")


@command.command("replay")
def replay_() -> None:
    """Rebuild the book from its events alone, and compare every line, hash and register."""
    _answer(_done(replay, "Replaying"), "comes out of its events alone")


def _done(check: Check, doing: str) -> Verification:
    with opened() as book, screen.progress(doing) as progress:
        try:
            return check(book, progress)
        except Tampered as error:
            raise AnswerIsNo(str(error)) from error


def _answer(result: Verification, sound: str) -> None:
    told = screen.row_of(result, sound=result.sound, findings=result.findings)
    screen.answer(told, lambda: _draw(result, sound))
    if not result.sound:
        click.get_current_context().exit(1)


def _draw(result: Verification, sound: str) -> None:
    for finding in result.findings[:_MOST_SHOWN]:
        screen.line(str(finding))
    read = [_counted(result.entries, "entry", "entries"), _counted(result.lines, "line", "lines")]
    read += [_counted(result.evidence, "evidence file", "evidence files")] if result.evidence else []
    verdict = (
        f"{_counted(len(result.findings), 'finding', 'findings')}" if result.findings else f"the book {sound}"
    )
    screen.line(f"{', '.join(read)}; head {result.head.seq} {result.head.hash}: {verdict}.")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
