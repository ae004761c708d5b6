"""Imports: a spreadsheet of contributions, read, compared with the books and booked, beside booking alone.

Each way is measured in a process of its own, over a new book: half of the rows are gifts, half are money
under agreements, in three currencies.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks.table import Figures, seconds
from donors import (
    CONTRIBUTION_SHEET,
    AgreementSigned,
    BankAccountOpened,
    DonorRegistered,
    ImportPreview,
    preview_import,
    read_events,
    record_import,
)
from ledger import Amount, Book, Event, RatesPublished, TermOpened, approve_batch, attach, verify
from mdfm.books import create

CURRENCIES = ("USD", "EUR", "KRW")
STARTS, ENDS = date(2022, 1, 1), date(2023, 12, 31)
OFFICER, APPROVER = "officer", "approver"
RUNS = 3

Took = dict[str, float]
"""Seconds by what was done, and the largest memory of the process in MiB."""


def measure(rows: int, donors: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        sheet = Path(place) / "contributions.csv"
        write_sheet(sheet, rows, donors)
        # One way after the other in each run: a machine that is busy for a while is so for all of them.
        runs = [{way: _apart(way, sheet, donors) for way in WAYS} for _ in range(RUNS)]
    alone = _median(runs, "booked alone", "book")
    figures = Figures(f"{rows:,} contributions from {donors:,} donors, in a CSV file")
    for part, what in {
        "read": "read the file",
        "preview": "preview: hold all of it against the books",
        "book": "book: record_many",
    }.items():
        figures.add(what, f"{_median(runs, 'imported', part):.1f} s")
    took = statistics.median(_all_three(run) for run in runs)
    # Each run by itself: what keeps the machine busy for a while slows both sides of one.
    ratio = statistics.median(run["booked alone"]["book"] / _all_three(run) for run in runs)
    figures.add(
        "all three",
        f"{rows / took:,.0f} entries a second",
        f"record_many alone {rows / alone:,.0f}",
        f"{ratio:.0%} (target 60%)",
    )
    figures.add("... its largest memory", f"{_most(runs, 'imported'):.0f} MiB", "limit 500 MiB")
    for part, what in {"propose": "propose as one batch", "approve": "approve the batch"}.items():
        figures.add(f"four eyes: {what}", f"{_median(runs, 'approved', part):.1f} s")
    figures.add("... its largest memory", f"{_most(runs, 'approved'):.0f} MiB", "limit 500 MiB")
    figures.show()


def _median(runs: Sequence[dict[str, Took]], way: str, part: str) -> float:
    return statistics.median(run[way][part] for run in runs)


def _most(runs: Sequence[dict[str, Took]], way: str) -> float:
    return max(run[way]["mebibytes"] for run in runs)


def _all_three(run: dict[str, Took]) -> float:
    return sum(run["imported"][part] for part in ("read", "preview", "book"))


def _apart(way: str, sheet: Path, donors: int) -> Took:
    """Go one way in a process of its own, which reports its memory itself; its progress is on the screen."""
    command = [sys.executable, "-m", __name__, way, str(sheet), str(donors)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    took: Took = json.loads(printed)
    return took


def write_sheet(path: Path, rows: int, donors: int) -> None:
    """A spreadsheet of contributions, always the same: gifts and money under agreements in turn."""
    with path.open("w") as file:
        file.write("reference,bank_account,received_on,amount,currency,agreement,donor,term\n")
        for number in range(rows):
            donor = number * 7919 % donors
            currency = CURRENCIES[donor % 3]
            day = date(2022, 1 + 12 * number // rows, 1 + number % 28)
            amount = f"{number * 37 % 9000 + 1:,}" + ("" if currency == "KRW" else ".50")
            whose = f"A{donor},," if number % 2 else f",D{donor},T"
            file.write(f'R{number},{currency}1,{day},"{amount}",{currency},{whose}\n')


def _master_data(donors: int) -> Iterator[Event]:
    """A term, rates, bank accounts, donors, and an agreement of each that owes enough for every row."""
    yield TermOpened(on=STARTS, code="T", starts_on=STARTS, ends_on=ENDS)
    for month in range(1, 13):
        rates = {"EUR": f"0.{month + 80}", "KRW": f"{month + 1190}"}
        yield RatesPublished(on=date(2022, month, 1), rates=rates, source="benchmark")
    for currency in CURRENCIES:
        yield BankAccountOpened(on=STARTS, code=f"{currency}1", name=currency, currency=currency)
    for number in range(donors):
        yield DonorRegistered(on=STARTS, code=f"D{number}", name=f"Example {number}", type="city")
    for number in range(donors):
        yield AgreementSigned(
            on=STARTS,
            code=f"A{number}",
            donor=f"D{number}",
            term="T",
            amount=Amount(currency=CURRENCIES[number % 3], minor=10**12),
            starts_on=STARTS,
            ends_on=ENDS,
        )


class _Desk:
    """A new book, a spreadsheet for it, and how long each step with them takes."""

    def __init__(self, book: Book, sheet: Path) -> None:
        self.book = book
        self.sheet = sheet
        self.took: Took = {}
        self.found = ImportPreview([], 0, 0)

    def timed(self, name: str, step: Callable[[Callable[[int], None]], object]) -> None:
        """Do a step with a bar that shows how far it is."""
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(name, total=None)
            self.took[name] = seconds(lambda: step(lambda done: bar.update(task, completed=done)))

    def read(self, progress: Callable[[int], None]) -> None:
        self.found = ImportPreview(read_events(self.sheet, CONTRIBUTION_SHEET, progress), 0, 0)

    def preview(self, progress: Callable[[int], None]) -> None:
        with self.book.recording() as journal:
            self.found = preview_import(journal, self.sheet, self.found.new, OFFICER, progress)

    def record(self, progress: Callable[[int], None]) -> None:
        events = self.found.events
        with self.book.recording() as journal:
            new = journal.record_many(events, made_by=OFFICER, approved_by=APPROVER, progress=progress)
        if new != len(events):
            raise AssertionError(f"{new} of {len(events)} contributions were booked")

    def propose(self, progress: Callable[[int], None]) -> None:
        with self.book.recording() as journal:
            record_import(journal, self.found, OFFICER, progress)

    def approve(self, progress: Callable[[int], None]) -> None:
        with self.book.recording() as journal:
            approve_batch(journal, 1, APPROVER, progress)


def _booked_alone(desk: _Desk) -> None:
    desk.read(lambda _done: None)
    with desk.book.recording() as journal:
        attach(journal.books, desk.sheet)
    desk.timed("book", desk.record)


def _imported(desk: _Desk) -> None:
    desk.timed("read", desk.read)
    desk.timed("preview", desk.preview)
    desk.timed("book", desk.record)


def _approved(desk: _Desk) -> None:
    desk.read(lambda _done: None)
    desk.preview(lambda _done: None)
    desk.timed("propose", desk.propose)
    desk.found = ImportPreview([], 0, 0)  # another person approves, in a process of their own
    desk.timed("approve", desk.approve)


WAYS: dict[str, Callable[[_Desk], None]] = {
    "booked alone": _booked_alone,
    "imported": _imported,
    "approved": _approved,
}


def _go(way: str, sheet: Path, donors: int) -> Took:
    with tempfile.TemporaryDirectory() as place:
        book = create(f"{place}/import.book")
        with book.recording() as journal:
            journal.record_many(_master_data(donors), made_by=OFFICER, approved_by=APPROVER)
        desk = _Desk(book, sheet)
        WAYS[way](desk)
        memory: Any = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        if found := verify(book).findings:
            raise AssertionError(f"the book of the benchmark is not sound: {found[0]}")
        book.close()
    return {**desk.took, "mebibytes": int(memory[1]) / 1024}


if __name__ == "__main__":
    print(json.dumps(_go(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
