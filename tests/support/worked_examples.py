"""Worked examples: pages of `docs/events`, each with events as Python and the lines they leave as text.

The common book is the Python of `docs/events/README.md`; every page starts from it. After an intended
change, `python -m tests.support.worked_examples` writes the new output into the pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import allocation
import donors
import ledger
from ledger import CHART, Book, Event, Evidence, Line, MdfmError, attach, format_minor, lines_of
from mdfm.books import create
from mdfm.cli.hints import in_words
from tests.support.place import ROOT

DIMENSIONS = ("term", "agreement", "activity", "grant_code", "bank_account", "donor")
PAGES = ROOT / "docs" / "events"
STAGE = PAGES / "README.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MAKER, CHECKER = "finance officer", "approver"


def pages() -> list[Path]:
    """Every page with an example, by name."""
    return sorted(path for path in PAGES.glob("*.md") if path != STAGE)


class Player:
    """A book on which a page is played, and what it has printed since it was last asked."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._printed: list[str] = []
        public = (ledger, donors, allocation)
        self._names: dict[str, Any] = {
            name: getattr(package, name) for package in public for name in package.__all__
        }
        given = (self.record, self.refused, self.proof, money)
        self._names |= {"date": date} | {function.__name__: function for function in given}

    def play(self, code: str) -> str:
        """Run a block of Python; what it recorded and what was refused."""
        self._printed = []
        exec(compile(code, "example", "exec"), self._names)
        return "\n\n".join(self._printed) + "\n"

    def record(self, event: Event) -> None:
        """Record an event and print its lines."""
        with self._book.recording() as journal:
            sealed = journal.record(event, made_by=MAKER, approved_by=CHECKER)
            lines = lines_of(journal.books, sealed.seq)
        first = DIMENSIONS.index("term" if len({line.term for line in lines}) > 1 else "agreement")
        rows = [f"{sealed.effective_on} {sealed.kind}", *(_row(line, DIMENSIONS[first:]) for line in lines)]
        self._printed.append("\n".join(rows if lines else [*rows, "no lines"]))

    def refused(self, event: Event) -> None:
        """Print why an event is refused."""
        try:
            with self._book.recording() as journal:
                journal.record(event, made_by=MAKER, approved_by=CHECKER)
        except MdfmError as error:
            self._printed.append(f"refused: {in_words(error)}")
            return
        raise AssertionError(f"the {event.kind} was not refused")

    def proof(self, name: str, text: str) -> Evidence:
        """A file of evidence with this content, kept in the book."""
        with TemporaryDirectory() as folder, self._book.recording() as journal:
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            return attach(journal.books, path)


def money(currency: str, text: str) -> ledger.Amount:
    """An amount as it is written, e.g. `money("EUR", "1,000.00")`."""
    return ledger.read_amount(text, currency)


def _row(line: Line, dimensions: Sequence[str]) -> str:
    side = "Dr" if (line.amount or line.usd) > 0 else "Cr"
    account = f"{line.account} {CHART[line.account].name}"
    amount = f"{format_minor(abs(line.amount), line.currency)} {line.currency}"
    value = "" if line.currency == "USD" else f"= {format_minor(abs(line.usd), 'USD')} USD"
    marks = " ".join(mark for name in dimensions if (mark := getattr(line, name)))
    return f"{side} {account:<51} {amount:>13} {value:<14} {marks}".rstrip()


def on_stage(book: Book) -> Player:
    """A player on whose book the stage is set."""
    player = Player(book)
    for code in PYTHON.findall(STAGE.read_text(encoding="utf-8")):
        player.play(code)
    return player


def examples(page: Path) -> list[tuple[str, str]]:
    """The examples of a page: Python, and the output that is shown below it."""
    found: list[tuple[str, str]] = EXAMPLE.findall(page.read_text(encoding="utf-8"))
    return found


def rewritten(page: Path, book: Book) -> str:
    """A page with the output that its examples have now."""
    player = on_stage(book)

    def example(match: re.Match[str]) -> str:
        return f"```python\n{match[1]}```\n\n```text\n{player.play(match[1])}```"

    return EXAMPLE.sub(example, page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for each in pages():
        book = create("sqlite://")
        each.write_text(rewritten(each, book), encoding="utf-8")
        book.close()
