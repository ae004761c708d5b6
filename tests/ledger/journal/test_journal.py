"""The journal: one door, once only, two people, all or nothing, one chain."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import text

from donors import (
    DonorRegistered,
    agreements,
    contributions,
    donors,
    get_donor,
    open_pledges,
)
from ledger import (
    GENESIS,
    NOW,
    BadInput,
    Book,
    EntryReversed,
    Head,
    Journal,
    NotFound,
    PeriodClosed,
    Refused,
    ThresholdSet,
    get_entry,
    head,
    head_at,
    line_text,
    lines_of,
    propose_many,
    replay,
    total,
    verify,
)
from mdfm.books import ALL_KINDS, create, open_at
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    advice,
    agreement,
    allocation,
    clock,
    contribution,
    copy_of,
    dump,
    file_of,
    gift,
    grant,
    master_data,
    money,
    pledge,
    report,
    story,
    tell,
    tranche,
)

EXPENDITURE = 25
"""The entry of the played book's expenditure report."""


def someone(code: str, name: str = "Example city") -> DonorRegistered:
    return DonorRegistered(on=NOV, code=code, name=name, type="city")


def told(book: Book) -> int:
    with book.reading() as books:
        return head(books).seq


# ---- the chain


def test_an_empty_journal_begins_with_zeros(empty_book: Book) -> None:
    with empty_book.reading() as books:
        assert head(books) == Head(0, GENESIS) == head_at(books, 0)


def test_each_entry_names_the_one_before_it(played_once: Book) -> None:
    with played_once.reading() as books:
        before = Head(0, GENESIS)
        for seq in range(1, head(books).seq + 1):
            sealed = get_entry(books, seq)
            assert (sealed.seq, sealed.prev) == (before.seq + 1, before.hash)
            before = head_at(books, seq)
        assert before == head(books)


def test_an_entry_that_is_not_there_is_named(played_once: Book) -> None:
    with played_once.reading() as books:
        ends = head(books).seq
        with pytest.raises(NotFound, match=f"no entry 99: the journal ends with entry {ends}"):
            get_entry(books, 99)


def test_an_entry_says_who_and_when(book: Book) -> None:
    (sealed,) = tell(book, gift("U-9", 100))
    assert (sealed.made_by, sealed.approved_by, sealed.effective_on) == (MAKER, CHECKER, NOV.isoformat())
    assert sealed.recorded_at == f"2022-01-01T00:00:{sealed.seq - 1:02}.000000+00:00", "a tick an entry"
    assert sealed.line_count == 2


def test_lines_are_written_as_an_accountant_would(played_once: Book) -> None:
    with played_once.reading() as books:
        assert [line_text(each) for each in lines_of(books, 15)][:2] == [
            "Dr 1100 50,000.00 EUR EUR1",
            "Cr 1200 50,000.00 EUR A1",
        ]


# ---- once only


def test_the_same_event_told_again_is_the_same_entry(played: Book) -> None:
    ends = told(played)
    (again,) = tell(played, gift("U-1", 40_000_00))
    assert (again.seq, again.kind) == (17, "contribution received")
    assert told(played) == ends


def test_another_event_under_the_same_key_is_refused(played: Book) -> None:
    before = dump(file_of(played))
    with pytest.raises(Refused, match="in the books already, as entry 17, with other content"):
        tell(played, gift("U-1", 40_000_01))
    assert dump(file_of(played)) == before


def test_a_key_outlives_the_reversal_of_its_entry(played: Book) -> None:
    with pytest.raises(Refused, match="in the books as entry 28, which entry 29 reversed"):
        tell(played, report("G1", "R-2", operating=55_55))


def test_in_a_batch_too_what_was_taken_back_is_refused_when_told_again(played: Book) -> None:
    """Passed over in silence, the money would seem to be in the books."""
    again = gift("U-77", 100, on=LATER)
    before = told(played)
    back = EntryReversed(on=LATER, entry=before + 1, reason="a mistake")
    with pytest.raises(Refused, match="which entry .* reversed"), played.recording() as journal:
        journal.record_many([again, back, again], made_by=MAKER, approved_by=CHECKER)
    assert told(played) == before


# ---- two people


@pytest.mark.parametrize(
    ("made_by", "approved_by", "reason"),
    [
        ("", CHECKER, "needs the name of the person who records it"),
        (MAKER, "", "must be approved by a second person"),
        (MAKER, MAKER, "cannot approve this too"),
        (MAKER, MAKER.title(), "cannot approve this too"),
    ],
)
def test_money_needs_two_people(book: Book, made_by: str, approved_by: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason), book.recording() as journal:
        journal.record(gift("U-9", 100), made_by=made_by, approved_by=approved_by)


@pytest.mark.parametrize("number", [2**63, 10**4000], ids=["larger", "huge"])
def test_a_number_that_no_export_may_have_is_in_no_event(played: Book, number: int) -> None:
    closed = PeriodClosed(on=LATER, period="2021-12").model_copy(update={"times": number})
    roles = ThresholdSet(on=LATER, number=1, of="refund agreed", cents=number)
    for event in (closed, roles):
        with pytest.raises(Refused, match=f"The {event.kind} has a number that is larger"):
            tell(played, event)
        with played.recording() as journal, pytest.raises(Refused, match="larger than a book can hold"):
            propose_many(journal, [event], MAKER)


def test_a_donor_is_registered_by_one_person(book: Book) -> None:
    with book.recording() as journal:
        assert journal.record(someone("NEW"), made_by=MAKER).approved_by == ""
    with pytest.raises(Refused, match="cannot approve this too"), book.recording() as journal:
        journal.record(someone("OTHER"), made_by=MAKER, approved_by=MAKER)


# ---- all or nothing


def test_what_fails_halfway_leaves_nothing(played: Book) -> None:
    before = dump(file_of(played))

    def fail_after(journal: Journal) -> None:
        journal.record(someone("NEW"), made_by=MAKER)
        journal.record(gift("U-9", 100, on=DEC), made_by=MAKER, approved_by=CHECKER)
        assert total(journal.books, "2200", agreement="U-9").usd == -100
        raise KeyError("a fault of the caller")

    with pytest.raises(KeyError, match="a fault"), played.recording() as journal:
        fail_after(journal)
    assert dump(file_of(played)) == before
    assert verify(played).sound


def test_a_refusal_takes_the_whole_transaction_back(played: Book) -> None:
    """Some of the fund's money is still in euro: more is committed than the dollar account holds."""
    before = dump(file_of(played))
    plan = allocation("b" * 64, {"T-3": {"A1": 28_000_00, "U-1": 29_000_00}})
    with pytest.raises(Refused, match=r"too little on 1100 Cash at bank \(USD1\)"):
        tell(
            played,
            plan,
            grant("G9", "T-3", 57_000_00),
            tranche("G9", "1", 2_000_00),
            tranche("G9", "2", 55_000_00),
        )
    assert dump(file_of(played)) == before


# ---- taking back


def test_a_reversal_is_the_mirror_and_marks_what_was_learnt(played: Book) -> None:
    with played.reading() as books:
        before = {code: total(books, code) for code in ("1300", "3110", "9200")}
    (mirror,) = tell(played, EntryReversed(on=LATER, entry=EXPENDITURE, reason="wrong grant"))
    with played.reading() as books:
        lines, mirrored = lines_of(books, EXPENDITURE), lines_of(books, mirror.seq)
        assert [(-each.amount, -each.usd) for each in lines] == [(each.amount, each.usd) for each in mirrored]
        assert [each[:8] for each in lines] == [each[:8] for each in mirrored]
        assert mirror.reverses == EXPENDITURE
        assert total(books, "3110").usd == before["3110"].usd - 7_777_77 == 0
        assert total(books, "1300").usd == before["1300"].usd + 11_111_10
        assert total(books, "9200").usd == before["9200"].usd + 11_111_10
        assert books.execute(text("SELECT reversed_by FROM result WHERE seq = 25")).scalar() == mirror.seq


def test_what_was_known_before_a_reversal_is_known_as_of_then(book: Book) -> None:
    received, reversal = (
        *tell(book, gift("U-9", 100)),
        *tell(book, EntryReversed(on=LATER, entry=told(book), reason="not ours")),
    )
    with book.reading() as books:
        assert contributions(books) == []
        assert [each.reference for each in contributions(books, known_at=received.seq)] == ["U-9"]
        assert agreements(books, donor="FOUND", known_at=reversal.seq) == []
        assert agreements(books, donor="FOUND", known_at=received.seq)[0].gift


def test_an_entry_is_taken_back_once(played: Book) -> None:
    tell(played, EntryReversed(on=LATER, entry=EXPENDITURE, reason="wrong grant"))
    with pytest.raises(Refused, match="in the books already"):
        tell(played, EntryReversed(on=LATER, entry=EXPENDITURE, reason="still wrong"))
    (again,) = tell(played, EntryReversed(on=LATER, entry=EXPENDITURE, reason="wrong grant"))
    assert again.seq == told(played)


def test_the_reversal_of_a_reversal_is_refused(played: Book) -> None:
    with pytest.raises(Refused, match=r"Entry 29 \(entry reversed\) cannot be reversed"):
        tell(played, EntryReversed(on=LATER, entry=29, reason="it was right"))


@pytest.mark.parametrize(
    ("entry", "kind"), [(1, "term opened"), (2, "rates published"), (30, "period closed")]
)
def test_some_kinds_are_not_taken_back(played: Book, entry: int, kind: str) -> None:
    with pytest.raises(Refused, match=rf"Entry {entry} \({kind}\) cannot be reversed"):
        tell(played, EntryReversed(on=LATER, entry=entry, reason="?"))


def test_what_is_not_there_is_not_taken_back(book: Book) -> None:
    with pytest.raises(NotFound, match="no entry 99"):
        tell(book, EntryReversed(on=LATER, entry=99, reason="?"))


def test_a_reversal_falls_into_an_open_period(book: Book) -> None:
    (received,) = tell(book, gift("U-9", 100))
    tell(book, PeriodClosed(on=LATER, period="2021-11"))
    with pytest.raises(Refused, match="closed period 2021-11"):
        tell(book, EntryReversed(on=NOV, entry=received.seq, reason="not ours"))
    (mirror,) = tell(book, EntryReversed(on=LATER, entry=received.seq, reason="not ours"))
    assert mirror.effective_on == LATER.isoformat()


@pytest.mark.parametrize("entry", [13, 15, 17, 22, 23, 24])
def test_what_later_entries_build_on_is_not_taken_back(played: Book, entry: int) -> None:
    """An agreement under which money came, money that was allocated or advanced, an allocation committed."""
    before = dump(file_of(played))
    with pytest.raises(Refused):
        tell(played, EntryReversed(on=LATER, entry=entry, reason="too late"))
    assert dump(file_of(played)) == before


def test_taken_back_in_turn_nothing_is_left(played: Book) -> None:
    """From the newest entry to the oldest, whatever moved money or taught a register can be taken back.

    But for the donor to whom a statement was issued: what was given cannot be taken back.
    """
    with played.reading() as books:
        told = [get_entry(books, seq) for seq in range(1, head(books).seq + 1)]
    taken_back = {sealed.reverses for sealed in told}
    for sealed in reversed(told):
        if sealed.key == "donor:CITY":
            continue
        if ALL_KINDS.named(sealed.kind, sealed.version).reversible and sealed.seq not in taken_back:
            tell(played, EntryReversed(on=LATER, entry=sealed.seq, reason="all a mistake"))
    with played.reading() as books:
        assert books.execute(text("SELECT count(*) FROM balance WHERE amount <> 0 OR usd <> 0")).scalar() == 0
        assert [each.code for each in donors(books)] == ["CITY"]
        assert (agreements(books), contributions(books), open_pledges(books)) == ([], [], [])
    assert verify(played).sound
    assert replay(played).sound


# ---- many at once


def test_many_events_make_the_same_book_as_one_by_one(ready_template: Path, tmp_path: Path) -> None:
    books = []
    for name in ("one", "many"):
        (tmp_path / name).mkdir()
        books.append(copy_of(ready_template, tmp_path / name))
    one, many = books
    (events, again) = (story(advice(each, tmp_path)) for each in books)
    assert events == again
    tell(one, *events)
    with many.recording() as journal:
        new = journal.record_many([*events, events[0]], made_by=MAKER, approved_by=CHECKER)
    assert new == len(events)
    assert dump(file_of(many)) == dump(file_of(one))
    with pytest.raises(Refused, match="with other content"), many.recording() as journal:
        journal.record_many([gift("U-9", 1), gift("U-1", 1)], made_by=MAKER, approved_by=CHECKER)
    assert dump(file_of(many)) == dump(file_of(one))
    for each in books:
        each.close()


def record_donors(location: str, prefix: str) -> int:
    """What one of several writers does: ten transactions of its own."""
    book = open_at(location)
    for number in range(10):
        with book.recording() as journal:
            journal.record(someone(f"{prefix}-{number}"), made_by=MAKER)
    book.close()
    return 10


def test_threads_that_record_at_once_make_one_chain(empty_book: Book) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(record_donors, [file_of(empty_book)] * 3, "ABC"))
    assert told(empty_book) == 30
    assert verify(empty_book).sound


def test_processes_that_record_at_once_make_one_chain(empty_book: Book) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert sum(pool.map(record_donors, [file_of(empty_book)] * 2, "AB")) == 20
    assert told(empty_book) == 20
    assert verify(empty_book).sound


def test_a_reader_sees_one_state_while_another_records(book: Book) -> None:
    with book.reading() as books:
        before = head(books)
        tell(book, gift("U-9", 100))
        assert head(books) == before
        with pytest.raises(NotFound):
            get_entry(books, before.seq + 1)
    assert told(book) == before.seq + 1


# ---- books


def test_equal_stories_make_equal_books(tmp_path: Path) -> None:
    dumps = []
    for name in ("a", "b"):
        book = create(str(tmp_path / name), clock())
        tell(book, *master_data(), pledge("P1"), agreement("A1", amount=money("EUR", 100)))
        tell(book, contribution("E-1", "A1", "EUR", 100, DEC))
        book.close()
        dumps.append(dump(str(tmp_path / name)))
    assert dumps[0] == dumps[1]


def test_a_book_is_created_once(empty_book: Book, tmp_path: Path) -> None:
    before = dump(file_of(empty_book))
    with pytest.raises(Refused, match="is there already, and nothing is written over it"):
        create(file_of(empty_book))
    assert dump(file_of(empty_book)) == before
    with pytest.raises(BadInput, match="does not exist"):
        create(str(tmp_path / "nowhere" / "new.book"))
    with pytest.raises(BadInput, match="There is no book at"):
        open_at(str(tmp_path / "none.book"))


def test_registers_can_be_read_as_they_were_known(played_once: Book) -> None:
    with played_once.reading() as books:
        assert [each.code for each in donors(books, known_at=7)] == ["CITY"]
        assert [each.code for each in donors(books, known_at=NOW)] == ["CITY", "FIRM", "FOUND"]
        with pytest.raises(NotFound, match="no donor 'FOUND'"):
            get_donor(books, "FOUND", known_at=7)
