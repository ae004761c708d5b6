"""The clock: time in the books goes forward, and nothing is recorded by a clock that was set back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from donors import DonorRegistered
from ledger import (
    BadInput,
    Book,
    Journal,
    MdfmError,
    Refused,
    approve,
    dry_run,
    head,
    proposals,
    propose,
    propose_many,
    reject,
    verify,
)
from ledger.entry.canonical import written_time
from ledger.journal.journal import CLOCK_TOLERANCE
from mdfm.books import open_at
from tests.ledger.audit.test_time_check import rewrite, times
from tests.support.effort import effort
from tests.support.engines import READY, Server, Shelf
from tests.support.small_books import CHECKER, MAKER, NOV, gift, tell

NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PAIR = [gift("A", 1_00), gift("B", 1_00)]

Act = Callable[[Journal], object]


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def noon(shelf: Shelf, hand: Hand) -> Iterator[Book]:
    """A book whose last entry was recorded at noon, and whose clock is set by hand."""
    book = open_at(shelf.fresh(READY), hand)
    tell(book, gift("NOON", 1_00))
    yield book
    book.close()


def recorded(book: Book, reference: str) -> str:
    (sealed,) = tell(book, gift(reference, 1_00))
    return sealed.recorded_at


def state(book: Book) -> tuple[object, object]:
    with book.reading() as books:
        return head(books), proposals(books, None)


DOORS: dict[str, Act] = {
    "record": lambda journal: journal.record(PAIR[0], made_by=MAKER, approved_by=CHECKER),
    "record a fact": lambda journal: journal.record(
        DonorRegistered(on=NOV, code="NEW", name="New city", type="city"), made_by=MAKER, approved_by=CHECKER
    ),
    "record many": lambda journal: journal.record_many(PAIR, made_by=MAKER, approved_by=CHECKER),
    "preview": lambda journal: journal.preview(PAIR[0], MAKER),
    "dry run": lambda journal: dry_run(journal, PAIR, made_by=MAKER),
    "propose": lambda journal: propose(journal, PAIR[0], MAKER),
    "propose many": lambda journal: propose_many(journal, PAIR, MAKER),
    "propose what was tried": lambda journal: propose_many(journal, PAIR, MAKER, dry_run_done=True),
    "approve": lambda journal: approve(journal, 1, CHECKER),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_takes_anything_while_the_clock_is_set_back(noon: Book, hand: Hand, door: str) -> None:
    with noon.recording() as journal:
        propose(journal, gift("WAITS", 1_00), MAKER)
    before = state(noon)
    hand.time = NOON - CLOCK_TOLERANCE - SECOND
    with pytest.raises(Refused) as refused, noon.recording() as journal:
        DOORS[door](journal)
    assert str(refused.value) == (
        "The clock of this machine says 2022-03-01 11:54:59 UTC, but the last entry was recorded at "
        "2022-03-01 12:00:00 UTC, and time in the books never goes back: set the clock right; if it is "
        "right, wait until then, or restore a backup from before that entry."
    )
    assert refused.value.code == "clock-set-back"
    assert state(noon) == before


@pytest.mark.parametrize("door", DOORS)
def test_every_door_is_open_while_the_clock_is_a_little_behind(noon: Book, hand: Hand, door: str) -> None:
    with noon.recording() as journal:
        propose(journal, gift("WAITS", 1_00), MAKER)
    hand.time = NOON - CLOCK_TOLERANCE
    with noon.recording() as journal:
        DOORS[door](journal)
    hand.time = NOON + SECOND
    assert recorded(noon, "LATER") == written_time(NOON + SECOND)
    assert set(times(noon).values()) >= {written_time(NOON)}
    assert verify(noon).findings == []


def test_a_dry_run_over_a_connection_that_only_reads_looks_at_the_clock_too(noon: Book, hand: Hand) -> None:
    hand.time = NOON - timedelta(days=1)
    with noon.dry_running() as journal, pytest.raises(Refused, match="never goes back"):
        dry_run(journal, PAIR, made_by=MAKER, cached_only=True)


def test_what_waits_can_be_rejected_at_any_time(noon: Book, hand: Hand) -> None:
    """A decision that makes no entry has no time."""
    with noon.recording() as journal:
        propose(journal, gift("WAITS", 1_00), MAKER)
    hand.time = NOON - timedelta(days=1)
    with noon.recording() as journal:
        reject(journal, 1, CHECKER)


def test_a_clock_that_goes_back_within_a_transaction(noon: Book, hand: Hand) -> None:
    with noon.recording() as journal:
        first = journal.record(PAIR[0], made_by=MAKER, approved_by=CHECKER)
        hand.time -= SECOND
        second = journal.record(PAIR[1], made_by=MAKER, approved_by=CHECKER)
    assert second.recorded_at == first.recorded_at


def test_after_what_was_only_tried_the_time_is_not_before_the_last_entry(noon: Book, hand: Hand) -> None:
    with noon.recording() as journal:
        hand.time = NOON + 60 * SECOND
        journal.preview(PAIR[0], MAKER)
        hand.time = NOON - 60 * SECOND
        sealed = journal.record(PAIR[0], made_by=MAKER, approved_by=CHECKER)
    assert written_time(NOON) <= sealed.recorded_at <= written_time(NOON + 60 * SECOND)


def test_the_clock_is_read_in_whatever_zone_it_says(noon: Book, hand: Hand) -> None:
    hand.time = datetime(2022, 3, 1, 17, 45, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert recorded(noon, "A") == "2022-03-01T12:15:00.000000+00:00"
    hand.time = datetime(2022, 3, 1, 12, 30)  # noqa: DTZ001 - which is what is tested
    with pytest.raises(BadInput, match="says 2022-03-01 12:30:00 without a time zone"):
        recorded(noon, "B")


def test_the_last_time_is_asked_once_a_transaction(noon: Book) -> None:
    asked: list[str] = []

    def listen(*given: Any) -> None:
        asked.append(given[2])

    event.listen(noon.engine, "before_cursor_execute", listen)
    many = [gift(f"M-{number}", 1_00) for number in range(50)]
    with noon.recording() as journal:
        journal.record_many(many[:25], made_by=MAKER, approved_by=CHECKER)
        for each in many[25:]:
            journal.record(each, made_by=MAKER, approved_by=CHECKER)
    assert (
        sum("entry.recorded_at" in query and "LIMIT" in query and "hash" not in query for query in asked) == 1
    )


def test_a_book_whose_last_time_is_none_goes_on(shelf: Shelf, hand: Hand) -> None:
    """An older database took any text, which no time is before or after."""
    for said in ("last week", "9999-99-99T99:99:99.999999+00:00"):
        location = shelf.fresh(READY)
        book = open_at(location, hand)
        newest = max(times(book))
        rewrite(location, {newest: {"recorded_at": said}})
        assert recorded(book, "NEXT") == written_time(NOON)
        assert [finding.entry for finding in verify(book).findings] == [newest]
        book.close()


def test_a_clock_that_is_ahead_of_the_server_is_refused(postgresql: Server, hand: Hand) -> None:
    book = open_at(postgresql.fresh(READY), hand)
    hand.time = datetime.now(UTC) + 2 * CLOCK_TOLERANCE
    with pytest.raises(
        Refused, match="and that of the database server 2.* UTC: set right the one that is wrong"
    ):
        recorded(book, "AHEAD")
    hand.time = datetime.now(UTC) + CLOCK_TOLERANCE / 2
    assert recorded(book, "DRIFT") == written_time(hand.time)
    book.close()


@settings(
    max_examples=effort(25, 1_000),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.integers(-400, 400), min_size=1, max_size=8))
def test_whatever_the_clock_does_time_goes_forward(noon: Book, hand: Hand, steps: list[int]) -> None:
    for step in steps:
        hand.time += step * SECOND
        number = len(times(noon))
        try:
            recorded(noon, f"N-{number}")
        except MdfmError as refused:
            assert refused.code == "clock-set-back"
            hand.time -= step * SECOND
    stand = list(times(noon).values())
    assert stand == sorted(stand)
