"""The fund in short is found without reading its lines, and is what they add up to, at any two clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from allocation import TermClosed, YearEnded, lines_of_term
from donors import BankChargePaid, GoodsReceived, agreements
from ledger import USE_OF_MONEY, AsOf, Book, EntryReversed, NotFound, TermOpened, get_term, terms
from mdfm.books import open_at
from reports import build_fund_summary
from reports.figures.figures import ARRIVALS, allocated_funds, available_funds, credit, debit, of_kind, on
from reports.fund.overview import FundSummary
from tests.support.engines import PLAYED, Shelf
from tests.support.example_demo import Demo
from tests.support.small_books import DEC, LATER, TERM, money, tell

END = date(2023, 10, 31)
NEXT = "2023-2025"


def added_up(books: Connection, term: str, as_of: AsOf) -> dict[str, object]:
    """Every amount of a summary, from all lines of the term."""
    lines = list(lines_of_term(books, as_of, term))
    received = of_kind(on(lines, "2200"), *ARRIVALS)
    owner = {each.code: each.donor for each in agreements(books, known_at=as_of.known_at)}
    given: Counter[str] = Counter()
    for line in received:
        if line.agreement in owner:
            given[owner[line.agreement]] -= line.usd
    brought = credit(of_kind(on(lines, "2200", "2300"), TermClosed.kind)).cents
    total, used = credit(received).cents, debit(on(lines, *USE_OF_MONEY)).cents
    return {
        "target": get_term(books, term, as_of.known_at).target,
        "pledged": debit(on(lines, "9100")).cents,
        "receivable": debit(on(lines, "1200")).cents,
        "received": total,
        "in_kind": credit(of_kind(on(lines, "2400"), GoodsReceived.kind)).cents
        + debit(on(lines, "9300")).cents,
        "allocated": allocated_funds(lines).cents,
        "used": used,
        "committed": debit(on(lines, "9200")).cents,
        "available": available_funds(lines).cents,
        "delivery_rate": used * 10_000 // (total + brought) if total + brought else 0,
        "donors": sum(1 for cents in given.values() if cents),
    }


def told(summary: FundSummary, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(summary, name) for name in names}


def hold_to_lines(book: Book, days: tuple[date, ...], every: int = 1) -> set[int]:
    """Compare at every so many entries; says what was found to be used, which must not be nothing alone."""
    used = set()
    with book.reading() as books:
        for known_at in range(1, AsOf.now(books, END).known_at + 1, every):
            for term in terms(books):
                with suppress(NotFound):  # the term is not open yet
                    for as_of in (AsOf(day, known_at) for day in days):
                        summary = build_fund_summary(books, term.code, as_of)
                        sums = added_up(books, term.code, as_of)
                        assert told(summary, sums) == sums, (term.code, as_of)
                        used.add(summary.used)
    return used


def test_the_demo_at_many_clocks(demo: Demo, tmp_path: Path) -> None:
    book = open_at(str(demo.copy(tmp_path / "copy.book")))
    days = (date(2021, 12, 31), date(2022, 6, 15), date(2022, 12, 31))
    assert len(hold_to_lines(book, days, every=7)) > 3
    book.close()


def test_everything_with_years_ended_and_terms_closed_and_reversed(
    shelf: Shelf, opened: Callable[[str], Book]
) -> None:
    book = opened(shelf.fresh(PLAYED))
    tell(
        book,
        BankChargePaid(on=LATER, reference="C-9", term=TERM, bank_account="USD1", amount=money("USD", 9_99)),
    )
    first, _ = tell(
        book,
        YearEnded(on=date(2022, 12, 31), reference="Y-1", term=TERM),
        TermOpened(on=END, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
    )
    tell(book, EntryReversed(on=END, entry=first.seq, reason="too early"))
    closed = tell(
        book,
        YearEnded(on=END, reference="Y-2", term=TERM),
        TermClosed(on=END, reference="Z-1", term=TERM, into=NEXT),
    )[-1]
    tell(book, EntryReversed(on=END, entry=closed.seq, reason="too early"))
    assert len(hold_to_lines(book, (DEC, LATER, END), every=3)) > 2
