"""Statements: everybody's, in every language, on two cores, and whether a larger book makes them slower.

The fund is the same in every book: 230 donors with contributions, allocations and grants. What grows is what
has happened beside them: claims of the donors' earlier term that were written off, and interest of this one.
The limit is reportlab setting the words of as many equal pages, line by line, and nothing else.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas
from rich.progress import Progress

from allocation import (
    ExpenditureReported,
    GrantCommitted,
    PlanApproved,
    ProgrammeAdopted,
    TranchePaid,
    side_by_side,
)
from benchmarks.table import Figures, console, median_seconds, seconds
from donors import (
    LANGUAGES,
    AgreementSigned,
    BankAccountOpened,
    ContributionReceived,
    DonorRegistered,
    InterestReceived,
    ReceivableWrittenOff,
)
from ledger import Amount, AsOf, Book, Event, TermOpened
from mdfm.books import create, open_at
from reports import StatementBatch, build_statement, write_statements
from reports.render.typeface import REGULAR, covered

RUNS = 3
CORES = 2
DONORS, ACTIVITIES, GIVEN_TO = 230, 24, 8
CONTRIBUTIONS = 6
EARLIER, TERM = "2019-2021", "2021-2023"
BEGAN, STARTS, ENDS = date(2019, 11, 1), date(2021, 11, 1), date(2023, 10, 31)
PART = 5_000_00
"""What a donor gives to an activity, USD cents."""


Pages = tuple[tuple[str, ...], ...]
"""The lines of each page of a paper."""


def measure(sizes: Sequence[int]) -> None:
    """Measure and print, for books of so many entries."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        books = {entries: _made(folder / f"{entries}.book", entries) for entries in sizes}
        pages = _pages(books[sizes[0]], folder)
        took: dict[int, list[float]] = {entries: [] for entries in sizes}
        alone = []
        # In turns: the machine may be busy with something else for a while.
        for _ in range(RUNS):
            alone.append(seconds(lambda: _set_alone(pages)))
            for entries, book in books.items():
                took[entries].append(_written(book, folder / "out"))
        _tell(
            len(pages), statistics.median(alone), {size: statistics.median(of) for size, of in took.items()}
        )
        _tell_one(books)
        for book in books.values():
            book.close()


def _tell(pages: int, alone: float, took: dict[int, float]) -> None:
    papers = DONORS * len(LANGUAGES)
    figures = Figures(
        f"Statements of {DONORS} donors in {len(LANGUAGES)} languages, {pages} pages each, on {CORES} cores"
    )
    for entries, ours in took.items():
        figures.compare(f"all, in a book of {entries:,} entries", ours, "reportlab alone", alone)
        figures.add("... statements a second", f"{papers / ours:.1f}", f"{papers / alone:.1f}")
    (small, first), *larger = took.items()
    for entries, ours in larger:
        figures.add(
            f"growth from {small:,} to {entries:,} entries", f"{ours / first:.2f} x", "flat is 1.00 x"
        )
    figures.show()


def _tell_one(books: dict[int, Book]) -> None:
    """What drawing a single statement costs, with all that others would share."""
    figures = Figures("One statement drawn by itself, not set")
    for entries, book in books.items():
        with book.reading() as connection:
            as_of = AsOf.now(connection, ENDS)
            took = median_seconds(lambda: build_statement(connection, "CITY-007", TERM, as_of), 7)  # noqa: B023
        figures.add(f"in a book of {entries:,} entries", f"{took * 1000:.0f} ms")
    figures.show()


def _made(place: Path, entries: int) -> Book:
    book = create(str(place))
    with Progress(console=console, transient=True) as bar, book.recording() as journal:
        task = bar.add_task(f"recording {entries:,} entries", total=entries)
        done = journal.record_many(fund(), made_by="officer", approved_by="approver")
        journal.record_many(
            history(entries - done),
            made_by="officer",
            approved_by="approver",
            progress=lambda more: bar.update(task, completed=done + more),
        )
    book.close()
    return open_at(str(place))


def _written(book: Book, folder: Path) -> float:
    """Seconds to write everybody's statements."""
    with book.reading() as books:
        asked = StatementBatch(TERM, AsOf.now(books, ENDS), languages=tuple(LANGUAGES))
    took = seconds(lambda: write_statements(book, asked, folder, jobs=CORES))
    shutil.rmtree(folder)
    return took


def _pages(book: Book, folder: Path) -> Pages:
    """The words of a statement, by page and line."""
    with book.reading() as books:
        asked = StatementBatch(TERM, AsOf.now(books, ENDS), only=("CITY-007",))
    (paper,) = write_statements(book, asked, folder / "one")
    return tuple(tuple(page.extract_text().splitlines()) for page in PdfReader(paper.path).pages)


def _set_alone(pages: Pages) -> None:
    for _ in side_by_side(set_pages, [pages] * (DONORS * len(LANGUAGES)), CORES):
        pass


def set_pages(pages: Pages) -> int:
    """Set pages of plain lines in the typeface of a statement; the size of the PDF."""
    covered()
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    for lines in pages:
        canvas.setFont(REGULAR, 8)
        for number, line in enumerate(lines):
            canvas.drawString(54, 780 - 9 * number, line)
        canvas.showPage()
    canvas.save()
    return len(file.getvalue())


def fund() -> Iterator[Event]:
    """The fund: the same in every book."""
    yield TermOpened(on=BEGAN, code=EARLIER, starts_on=BEGAN, ends_on=STARTS - timedelta(days=1))
    yield TermOpened(on=STARTS, code=TERM, starts_on=STARTS, ends_on=ENDS)
    yield BankAccountOpened(on=BEGAN, code="BANK", name="Example bank", currency="USD")
    yield _programme()
    for number in range(DONORS):
        yield from _donor(number)
    yield _plan()
    for number in range(ACTIVITIES):
        yield from _grant(number)


def _programme() -> ProgrammeAdopted:
    cities = [{"name": f"City {n}", "country": "KEN", "region": "Africa"} for n in range(12)]
    return ProgrammeAdopted.make(
        on=STARTS,
        term=TERM,
        edition="example",
        cities=cities,
        activities=[
            {
                "code": f"ACT-{number:02}",
                "work_area": 1,
                "cluster": "",
                "titles": dict.fromkeys(("en", "fr", "es"), f"Workshop {number} for policy-makers"),
                "unit_cents": PART * DONORS,
                "units": 1,
                "demand": 1,
                "cities": [each["name"] for each in cities],
            }
            for number in range(ACTIVITIES)
        ],
    )


def _donor(number: int) -> Iterator[Event]:
    code = f"CITY-{number:03}"
    yield DonorRegistered.make(on=BEGAN, code=code, name=f"Example city {number}", type="city", country="KOR")
    for term, begins, ends, gives in (
        (EARLIER, BEGAN, STARTS - timedelta(days=1), 10**12),
        (TERM, STARTS, ENDS, PART * 2 * GIVEN_TO),
    ):
        yield AgreementSigned(
            on=begins,
            code=f"A-{begins.year}-{number:03}",
            donor=code,
            term=term,
            amount=Amount(currency="USD", minor=gives),
            starts_on=begins,
            ends_on=ends,
        )
    for month in range(CONTRIBUTIONS):
        yield ContributionReceived(
            on=STARTS + timedelta(days=28 * month),
            reference=f"R-{number:03}-{month}",
            bank_account="BANK",
            amount=Amount(currency="USD", minor=PART * 2 * GIVEN_TO // (CONTRIBUTIONS + 1)),
            agreement=f"A-{STARTS.year}-{number:03}",
        )


def _givers(activity: int) -> list[int]:
    return [n for n in range(DONORS) if (activity - n) % ACTIVITIES < GIVEN_TO]


def _plan() -> PlanApproved:
    return PlanApproved.make(
        on=date(2022, 5, 1),
        plan_sha256="0" * 64,
        term=TERM,
        scenario="example",
        lists_on=date(2026, 1, 1),
        awards=[
            {
                "activity": f"ACT-{activity:02}",
                "units": 1,
                "cents": PART * len(_givers(activity)),
                "flows": [
                    {"agreement": f"A-{STARTS.year}-{number:03}", "cents": PART}
                    for number in _givers(activity)
                ],
            }
            for activity in range(ACTIVITIES)
        ],
        evidence=(),
    )


def _grant(number: int) -> Iterator[Event]:
    cents, code = PART * len(_givers(number)), f"G-{number:02}"
    yield GrantCommitted(
        on=date(2022, 6, 1),
        code=code,
        term=TERM,
        activity=f"ACT-{number:02}",
        partner="Example institute",
        cents=cents,
        ends_on=ENDS,
    )
    yield TranchePaid(
        on=date(2022, 6, 2), grant=code, reference=f"B-{number}", bank_account="BANK", cents=cents // 2
    )
    for quarter in range(4):
        yield ExpenditureReported.make(
            on=date(2022, 7, 1) + timedelta(days=40 * quarter),
            grant=code,
            reference=f"E-{number}-{quarter}",
            spent={"staff": cents // 24, "travel": cents // 24},
            results=(f"Workshop {quarter + 1} was held; twelve cities took part.",),
        )


def history(entries: int) -> Iterator[Event]:
    """What has happened beside the fund, entry by entry."""
    days = (ENDS - STARTS).days
    for number in range(entries):
        since = timedelta(days=days * number // entries)
        if number % 2:
            yield InterestReceived(
                on=STARTS + since,
                reference=f"I-{number}",
                term=TERM,
                bank_account="BANK",
                amount=Amount(currency="USD", minor=1 + number % 99),
            )
        else:
            yield ReceivableWrittenOff(
                on=BEGAN + since,
                reference=f"W-{number}",
                agreement=f"A-{BEGAN.year}-{number % DONORS:03}",
                amount=Amount(currency="USD", minor=1 + number % 99),
                reason="example",
            )
