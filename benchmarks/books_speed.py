"""The books: recording, verifying and reading, beside programs that read the same entries from a text file.

The entries are write-offs of receivables: two lines each, over 200 accounts, in three currencies.
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from rich.progress import Progress

from benchmarks.table import Figures, console, median_seconds, seconds
from donors import AgreementSigned, DonorRegistered, ReceivableWrittenOff
from ledger import Amount, AsOf, Book, Event, RatesPublished, TermOpened, format_minor, trial_balance, verify
from mdfm.books import create, open_at

AGREEMENTS = 100
CURRENCIES = ("USD", "EUR", "KRW")
STARTS, ENDS = date(2022, 1, 1), date(2023, 12, 31)
LARGEST = 10_000_000
"""Of one entry, in minor units."""
RUNS = 3


def measure(entries: int, large: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        figures = Figures(f"{entries:,} two-line entries, {2 * AGREEMENTS} accounts, three currencies")
        _recording(figures, folder, entries)
        small = _reading(folder / "small.book")
        figures.add("trial balance now, at a month end", small)
        figures.show()
        if large:
            _large(folder, large)


def _recording(figures: Figures, folder: Path, entries: int) -> None:
    write_texts(folder, entries)
    recorded = statistics.median(_record(folder / f"{run}.book", entries) for run in range(RUNS))
    (folder / "0.book").rename(folder / "small.book")
    rivals = {
        "hledger": _rival("hledger", "-f", str(folder / "entries.journal"), "balance", "-N"),
        "beancount": _beancount(folder / "entries.beancount"),
        "ledger": _rival("ledger", "-f", str(folder / "entries.journal"), "balance"),
    }
    what = "record: validate, post, seal, balances"
    figures.compare(what, recorded, "hledger reads", rivals["hledger"])
    figures.compare(what, recorded, "beancount reads", rivals["beancount"])
    book = open_at(str(folder / "small.book"))
    verified = median_seconds(lambda: _require_sound(book), RUNS)
    book.close()
    figures.compare("audit verify: hash all, re-sum all", verified, "ledger reads", rivals["ledger"])


def _record(place: Path, entries: int) -> float:
    """Seconds to record the entries in a new book."""
    book = create(str(place))
    with book.recording() as journal:
        for event in master_data(entries):
            journal.record(event, made_by="officer", approved_by="approver")
    numbers = list(amounts(entries))  # what to record; making it up is not part of recording it
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("recording", total=entries)

        def run() -> None:
            with book.recording() as journal:
                journal.record_many(
                    write_offs(numbers),
                    made_by="officer",
                    approved_by="approver",
                    progress=lambda done: bar.update(task, completed=done),
                )

        took = seconds(run)
    book.close()
    return took


def master_data(entries: int) -> Iterator[Event]:
    """A term, rates, and agreements that owe enough for every write-off."""
    yield TermOpened(on=STARTS, code="T", starts_on=STARTS, ends_on=ENDS)
    yield RatesPublished(on=STARTS, rates={"EUR": "0.88", "KRW": "1190"}, source="benchmark")
    for number in range(AGREEMENTS):
        yield DonorRegistered.make(on=STARTS, code=f"D{number}", name=f"Example {number}", type="city")
        yield AgreementSigned(
            on=STARTS,
            code=f"A{number}",
            donor=f"D{number}",
            term="T",
            amount=Amount(currency=CURRENCIES[number % 3], minor=LARGEST * entries),
            starts_on=STARTS,
            ends_on=ENDS,
        )


def amounts(entries: int) -> Iterator[tuple[int, date, int, int]]:
    """Number, day, agreement and minor units of each entry; always the same."""
    dice = random.Random(1)
    for number in range(entries):
        day = date(2022, 1 + 12 * number // entries, 1 + number % 28)
        yield number, day, dice.randrange(AGREEMENTS), dice.randrange(1, LARGEST)


def write_offs(numbers: Iterable[tuple[int, date, int, int]]) -> Iterator[Event]:
    """The entries as events."""
    for number, day, agreement, minor in numbers:
        yield ReceivableWrittenOff(
            on=day,
            reference=f"W{number}",
            agreement=f"A{agreement}",
            amount=Amount(currency=CURRENCIES[agreement % 3], minor=minor),
            reason="benchmark",
        )


def write_texts(folder: Path, entries: int) -> None:
    """The same entries as a file for hledger and ledger, and one for beancount."""
    with (folder / "entries.journal").open("w") as plain, (folder / "entries.beancount").open("w") as bean:
        for number in range(AGREEMENTS):
            bean.write(
                f"2022-01-01 open Assets:Receivable:A{number}\n2022-01-01 open Liabilities:Owed:A{number}\n"
            )
        for number, day, agreement, minor in amounts(entries):
            currency = CURRENCIES[agreement % 3]
            amount = format_minor(minor, currency).replace(",", "")
            postings = (
                f"Liabilities:Owed:A{agreement}  {amount} {currency}",
                f"Assets:Receivable:A{agreement}  -{amount} {currency}",
            )
            plain.write(f"{day} write-off W{number}\n    {postings[0]}\n    {postings[1]}\n\n")
            bean.write(f'{day} * "write-off W{number}"\n  {postings[0]}\n  {postings[1]}\n\n')


def _rival(*command: str) -> float | None:
    """Seconds of a program from start to end, or None where it is missing."""
    if shutil.which(command[0]) is None:
        return None
    return median_seconds(lambda: subprocess.run(command, check=True, capture_output=True), RUNS)


def _beancount(path: Path) -> float | None:
    # Its own check of the file, beside this interpreter where it is a test dependency, without its cache.
    return _rival(str(Path(sys.executable).with_name("bean-check")), "--no-cache", str(path))


def _require_sound(book: Book) -> None:
    found = verify(book).findings
    if found:
        raise AssertionError(f"the book of the benchmark is not sound: {found[0]}")


def _reading(place: Path) -> str:
    """Milliseconds of a trial balance now, and at the end of a month in between."""
    book = open_at(str(place))
    with book.reading() as books:
        now, month = AsOf.now(books, ENDS), AsOf.now(books, date(2022, 6, 30))
        took = [median_seconds(lambda as_of=as_of: trial_balance(books, as_of), 21) for as_of in (now, month)]  # type: ignore[misc]
    book.close()
    return f"{took[0] * 1000:.1f} ms, {took[1] * 1000:.1f} ms"


def _large(folder: Path, entries: int) -> None:
    figures = Figures(f"{entries:,} entries")
    place = folder / "large.book"
    took = _record(place, entries)
    figures.add("record", f"{took:.1f} s", "", f"{entries / took:,.0f} a second")
    figures.add("trial balance now, at a month end", _reading(place))
    verified, mebibytes = _verified_apart(place)
    figures.add("audit verify", f"{verified:.1f} s", "", f"{entries / verified:,.0f} a second")
    figures.add("... its largest memory", f"{mebibytes:.0f} MiB", "limit 200 MiB")
    figures.show()


def _verified_apart(place: Path) -> tuple[float, float]:
    """Seconds and largest memory (MiB) of verifying a book in a process of its own.

    It tells its memory itself: what the system keeps for a parent is the largest of all its children.
    """
    program = (
        "import re, sys; from pathlib import Path; from mdfm.books import open_at; from ledger import verify;"
        "assert verify(open_at(sys.argv[1])).sound;"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1])"
    )
    printed: list[str] = []
    command = [sys.executable, "-c", program, str(place)]
    took = seconds(
        lambda: printed.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    )
    return took, int(printed[0]) / 1024
