"""Rehearsals: what the books would refuse, told as recording would tell it, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

import donors
from donors import (
    DonorRegistered,
    PledgeWithdrawn,
    ReceiptIdentified,
    RefundAgreed,
    UnidentifiedReceived,
)
from ledger import (
    KINDS,
    Book,
    DryRun,
    EntryReversed,
    Event,
    Journal,
    Kind,
    Kinds,
    MdfmError,
    PeriodClosed,
    RatesPublished,
    Refused,
    RolesGiven,
    Sentence,
    dollars,
    dry_run,
    get_entry,
    head,
    lines_of,
    metadata,
    project,
    register,
    text,
    total,
    whole,
)
from ledger.money import LARGEST
from mdfm.books import open_at
from tests.support.effort import effort
from tests.support.engines import READY, Shelf
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    agreement,
    contribution,
    dump,
    file_of,
    gift,
    money,
    pledge,
    staff,
    tell,
    tranche,
)


def donor(code: str, name: str = "Example city") -> DonorRegistered:
    return DonorRegistered(on=NOV, code=code, name=name, type="city")


def unidentified(reference: str, minor: int = 500_00) -> UnidentifiedReceived:
    return UnidentifiedReceived(
        on=DEC, reference=reference, term=TERM, bank_account="USD1", amount=money("USD", minor)
    )


def rehearse(book: Book, *events: Event) -> DryRun:
    with book.recording() as journal:
        return dry_run(journal, events, made_by=MAKER)


# ---- beside recording


@contextmanager
def tried(journal: Journal) -> Iterator[None]:
    """Whatever is done is taken back."""
    trial = journal.books.begin_nested()
    try:
        yield
    finally:
        trial.rollback()


def one_by_one(journal: Journal, events: Sequence[Event]) -> DryRun:
    """What recording each event by itself comes to, those that are refused being left out."""
    refusals, known = [], []
    for index, event in enumerate(events):
        step = journal.books.begin_nested()
        try:
            if journal.is_recorded(event):
                known.append(index)
            journal.record(event, made_by=MAKER, approved_by=CHECKER)
            step.commit()
        except MdfmError as error:
            step.rollback()
            refusals.append((index, error.sentence))
    return DryRun(refusals, known)


def events_after(last: int) -> list[Event]:
    """Events in a book that ends with an entry, sound and not; some take back what they may have recorded."""
    return [
        # sound, or sound once
        contribution("E-7", "A1", "EUR", 30_000_00, DEC),
        contribution("E-8", "A1", "EUR", 30_000_00, DEC),
        contribution("K-7", "A2", "KRW", 30_000_000, DEC),
        gift("U-7", 100_00, on=DEC),
        gift("U-8", 50_00, "EUR", on=DEC),
        agreement("A7", on=DEC),
        agreement("A8", on=DEC, pledge="P3"),
        pledge("P3").model_copy(update={"on": DEC}),
        donor("NEW"),
        gift("U-6", 60_00, on=DEC).model_copy(update={"donor": "NEW"}),
        contribution("A-7", "A7", "USD", 9_000_00, LATER),
        contribution("A-7B", "A7", "USD", 9_000_00, LATER),
        unidentified("N-7"),
        ReceiptIdentified(on=LATER, receipt="N-7", donor="CITY"),
        ReceiptIdentified(on=LATER, receipt="N-7", agreement="A7"),
        RefundAgreed(on=LATER, code="RF-7", agreement="U-7", cents=60_00, reason="too much"),
        RefundAgreed(on=LATER, code="RF-8", agreement="U-7", cents=60_00, reason="too much"),
        tranche("G1", "T-7", 15_000_00, LATER),
        PledgeWithdrawn(on=LATER, pledge="P3", reason="budget cut"),
        RatesPublished(on=date(2022, 3, 1), rates={"EUR": "0.9"}, source="example"),
        gift("U-5", 70_00, "EUR", on=LATER),
        PeriodClosed(on=LATER, period="2021-12"),
        EntryReversed(on=LATER, entry=last + 1, reason="a mistake, recorded just before"),
        EntryReversed(on=LATER, entry=last + 2, reason="a mistake, recorded just before"),
        EntryReversed(on=LATER, entry=16, reason="a mistake"),
        # always wrong, or in the books already
        gift("U-7", 999_00, on=DEC),
        gift("U-1", 40_000_00),
        gift("U-1", 1_00),
        gift("U-9", 100_00),
        gift("A1", 100_00, on=DEC),
        gift("U-9", 100_00, on=DEC).model_copy(update={"donor": "NOBODY"}),
        gift("U-9", 100_00, on=date(2024, 1, 1)),
        contribution("E-9", "A1", "USD", 100, DEC),
        contribution("E-9", "NONE", "EUR", 100, DEC),
        agreement("A1", on=DEC),
        donor("CITY", "Another city"),
        tranche("G1", "T-9", 90_000_00, LATER),
        gift("U-4", LARGEST, on=DEC),
        gift("U-3", LARGEST, on=DEC),
        RolesGiven(on=LATER, number=1, roles={"A": ("administrator",), "B": ("administrator",)}),
    ]


@settings(max_examples=effort(60, 600))
@given(chosen=st.lists(st.integers(0, len(events_after(0)) - 1), max_size=25))
def test_a_rehearsal_refuses_what_recording_one_by_one_refuses(
    played_template: Path, chosen: list[int]
) -> None:
    book = open_at(str(played_template))
    before = dump(file_of(book))
    with pytest.raises(InterruptedError), book.recording() as journal:
        events = events_after(head(journal.books).seq)
        told = [events[index] for index in chosen]
        rehearsed = dry_run(journal, told, made_by=MAKER)
        with tried(journal):
            assert rehearsed == one_by_one(journal, told)
        gone = {index for index, _ in rehearsed.refusals}
        sound = [event for index, event in enumerate(told) if index not in gone]
        new = journal.record_many(sound, made_by=MAKER, approved_by=CHECKER)
        assert new == len(sound) - len(rehearsed.already_recorded)
        raise InterruptedError
    assert dump(file_of(book)) == before
    book.close()


def test_the_comparison_has_all_that_can_happen(played_once: Book) -> None:
    """Else it would compare nothing: events that are sound, refused, told before, and taken back."""
    with pytest.raises(InterruptedError), played_once.recording() as journal:
        events = events_after(head(journal.books).seq)
        found = one_by_one(journal, events)
        assert (len(found.refusals), len(found.already_recorded)) == (20, 1)
        sound = [event for index, event in enumerate(events) if index not in dict(found.refusals)]
        assert {event.kind for event in sound} >= {"entry reversed", "period closed", "receipt identified"}
        raise InterruptedError


# ---- one by one


def test_a_rehearsal_records_nothing_and_says_how_far_it_is(played: Book) -> None:
    before = dump(file_of(played))
    done: list[int] = []
    with played.recording() as journal:
        events = [gift(f"U-{number}", 100, on=DEC) for number in range(100, 2600)]
        found = dry_run(journal, iter([*events, donor("NEW")]), made_by=MAKER, progress=done.append)
    assert (found, done) == (DryRun([], []), [1000, 2000, 2501])
    assert dump(file_of(played)) == before


def test_a_rehearsal_that_breaks_off_leaves_nothing_behind(played: Book) -> None:
    before = dump(file_of(played))

    def told() -> Iterator[Event]:
        yield donor("NEW")
        yield gift("U-7", 100, on=DEC)
        raise InterruptedError

    with played.recording() as journal:
        with pytest.raises(InterruptedError):
            dry_run(journal, told(), made_by=MAKER)
        journal.record(gift("U-7", 200, on=DEC), made_by=MAKER, approved_by=CHECKER)
    after = dump(file_of(played))
    assert len(after["entry"]) == len(before["entry"]) + 1
    assert after["donor"] == before["donor"]


def test_each_event_is_judged_after_those_before_it(book: Book) -> None:
    new = gift("U-6", 100).model_copy(update={"donor": "NEW"})
    assert rehearse(book, new, donor("NEW"), new).refusals == [
        (0, Sentence("There is no donor 'NEW' in this book."))
    ]
    owed = agreement("A1", amount=money("USD", 100))
    parts = [contribution(f"C-{number}", "A1", "USD", 60) for number in (1, 2)]
    assert [index for index, _ in rehearse(book, owed, *parts).refusals] == [2]
    smaller = contribution("C-3", "A1", "USD", 40)
    assert [index for index, _ in rehearse(book, owed, *parts, smaller).refusals] == [2]


def test_what_is_in_the_books_or_told_twice_is_no_refusal(book: Book) -> None:
    tell(book, gift("U-1", 100))
    found = rehearse(book, gift("U-1", 100), gift("U-2", 100), gift("U-2", 100), gift("U-2", 101))
    assert found.already_recorded == [0, 2]
    ((index, refusal),) = found.refusals
    assert (index, "is in the books already, as entry 11, with other content" in refusal) == (3, True)


def test_who_may_not_record_is_refused(played: Book) -> None:
    tell(played, *staff())
    with played.recording() as journal:
        found = dry_run(journal, [gift("U-7", 100, on=DEC)], made_by="Nobody")
    assert "Nobody may not record the contribution received" in found.refusals[0][1]
    assert rehearse(played, gift("U-7", 100, on=DEC)) == DryRun([], [])


# ---- what asks the database


class Counted(Event):
    """An event that looks at the journal while registers learn from it."""

    kind: ClassVar[str] = "counted"

    number: int

    @property
    def key(self) -> str:
        return f"counted:{self.number}"


counted = register("counted", text("code"), whole("entries"))
metadata.remove(counted)  # no book has it but the one below


def _apply_counted(books: Connection, seq: int, event: Counted) -> None:
    project(books, counted, seq, code=f"N{event.number}", entries=0)
    last = head(books)
    assert (last.seq, len(lines_of(books, seq))) == (seq, 2)
    assert books.execute(select(counted.c.code).where(counted.c.seq == seq)).scalar() == f"N{event.number}"
    if event.number % 2:
        raise Refused(
            "odd", "{number} is odd, after {key}.", number=event.number, key=get_entry(books, seq - 1).key
        )


COUNTED = Kind(
    Counted,
    post=lambda event, books: [
        dollars("1100", TERM, event.number, bank_account="USD1"),
        dollars("2900", TERM, -event.number, bank_account="USD1"),
    ],
    apply=_apply_counted,
    registers=(counted,),
)


def test_an_event_that_reads_the_journal_finds_there_what_was_told_before_it(book: Book) -> None:
    with book.recording() as journal:
        counted.create(journal.books)
        knowing = Journal(journal.books, Kinds((*KINDS, *donors.KINDS, COUNTED)))
        numbers = [Counted(on=NOV, number=number) for number in (2, 3, 5, 4)]
        found = dry_run(knowing, [gift("U-1", 100), *numbers, gift("U-1", 1)], made_by=MAKER)
        assert found.refusals[:2] == [
            (2, Sentence("3 is odd, after counted:2.")),
            (3, Sentence("5 is odd, after counted:2.")),
        ]
        assert [index for index, _ in found.refusals] == [2, 3, 5]
        assert head(journal.books).seq == 9
        assert total(journal.books, "1100").usd == 0


# ---- on either engine


def test_a_rehearsal_is_the_same_on_a_server(shelf: Shelf, opened: Callable[[str], Book]) -> None:
    """Also where the database refuses what was tried: a server then wants the savepoint back."""
    book = opened(shelf.fresh(READY))
    events = [donor("NEW"), donor("CITY", "Another"), gift("U-1", 100), gift("U-1", 1), *GONE]
    with book.recording() as journal:
        found = dry_run(journal, events, made_by=MAKER)
        with tried(journal):
            assert found == one_by_one(journal, events)
        assert [index for index, _ in found.refusals] == [1, 3, 5]
        assert journal.record(gift("U-2", 5), made_by=MAKER, approved_by=CHECKER).seq == 10


GONE = [PeriodClosed(on=DEC, period="2021-11"), gift("U-3", 100), gift("U-2", 5, on=DEC)]
