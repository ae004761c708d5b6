"""Books outlive versions of events: what is stored stays as it is, and is read as an event of today."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from donors import StatementIssued
from ledger import (
    Book,
    Document,
    EntryReversed,
    Event,
    Kinds,
    NamesInBooks,
    Refused,
    Sealed,
    Tampered,
    VersionedEvent,
    approve,
    approve_batch,
    as_jsonl,
    decided_together,
    describe,
    dry_run,
    entries,
    lines_of,
    periods,
    propose,
    propose_many,
    read_event,
    rebuild_book,
    reject,
    replay,
    verify,
)
from ledger.journal.journal import Stamp
from tests.support.place import ROOT
from tests.support.small_books import CHECKER, LATER, MAKER, NOV, agreement, money, taken_back, tell
from tests.support.versions.generations import (
    FIRST,
    SECOND,
    THIRD,
    CheckedFirst,
    CheckedToday,
    CountedFirst,
    CountedSecond,
    CountedThird,
    KeptFirst,
    LockedFirst,
    LockedToday,
    known_to,
)

BOX_1 = CountedFirst(on=NOV, box="B-1", cents=100_00)
BOX_2 = CountedSecond(on=NOV, box="B-2", amount=money("USD", 100_00))
BOX_3 = CountedThird(on=NOV, box="B-3", amount=money("USD", 100_00), counted_by="Ana")
BOX_1_TODAY = CountedThird(on=NOV, box="B-1", amount=money("USD", 100_00), counted_by="somebody")
HALF, ALL = 50_00, 100_00


@pytest.fixture
def grown(book: Book) -> Iterator[Book]:
    """A book in which each of the three generations has counted a box, opened by the last."""
    for kinds, event in ((FIRST, BOX_1), (SECOND, BOX_2)):
        older = known_to(kinds, book)
        tell(older, event)
        older.close()
    newest = known_to(THIRD, book)
    tell(newest, BOX_3)
    yield newest
    newest.close()


def last(book: Book, many: int = 1) -> list[Sealed]:
    with book.reading() as books:
        return [sealed for sealed, _ in entries(books)][-many:]


def posted_by(book: Book, sealed: Sealed) -> int:
    """The debit of an entry in cents."""
    with book.reading() as books:
        return max(line.usd for line in lines_of(books, sealed.seq))


def sound(book: Book) -> bool:
    return verify(book).findings == replay(book).findings == []


# ---- what was posted stays


def test_each_entry_keeps_its_form_and_derives_with_the_posting_of_its_version(grown: Book) -> None:
    one, two, three = last(grown, 3)
    assert [each.version for each in (one, two, three)] == [1, 2, 3]
    assert [each.payload for each in (one, two, three)] == [BOX_1.payload, BOX_2.payload, BOX_3.payload]
    assert [posted_by(grown, each) for each in (one, two, three)] == [HALF, ALL, ALL]
    assert sound(grown)


def test_a_book_is_rebuilt_with_the_same_hashes(grown: Book, tmp_path: Path) -> None:
    with grown.reading() as books:
        export = Document("export.jsonl", "".join(as_jsonl(books, THIRD)).encode())
    head = rebuild_book(str(tmp_path / "again.book"), THIRD, export)
    assert head.hash == last(grown)[0].hash


def test_an_old_entry_and_a_new_one_are_reversed_with_their_own_lines(grown: Book) -> None:
    one, _, three = last(grown, 3)
    assert [posted_by(grown, each) for each in tell(grown, taken_back(one), taken_back(three))] == [HALF, ALL]
    assert sound(grown)


def test_an_old_event_is_shown_as_one_of_today(grown: Book) -> None:
    with grown.reading() as books:
        event = read_event(books, last(grown, 3)[0], CountedThird)
        assert event == BOX_1_TODAY
        said = describe(event, NamesInBooks(books, THIRD))
    assert said.sentence == "Coins of the box B-1 are counted."
    assert said.worth == money("USD", 100_00)


def test_a_projection_that_was_corrected_leaves_the_rows_of_old_entries(book: Book) -> None:
    older = known_to(FIRST, book)
    (one,) = tell(older, LockedFirst(on=LATER, period="2021-11"))
    older.close()
    newer = known_to(THIRD, book)
    (two,) = tell(newer, LockedToday(on=LATER, period="2021-12"))
    with newer.reading() as books:
        assert periods(books) == [("2021-11", "open"), ("2021-12", "closed")]
    assert [one.version, two.version] == [1, 2]
    assert sound(newer)
    newer.close()


def test_what_an_old_entry_builds_on_is_not_reversed_under_it(book: Book) -> None:
    (signed,) = tell(book, agreement("A9"))
    older = known_to(FIRST, book)
    (kept,) = tell(older, KeptFirst(on=LATER, under="A9"))
    older.close()
    newer = known_to(THIRD, book)
    with pytest.raises(Refused, match=f"while entry {kept.seq} \\(box kept\\) builds on it"):
        tell(newer, EntryReversed(on=LATER, entry=signed.seq, reason="a mistake"))
    newer.close()


# ---- the same event


def test_recorded_again_in_the_form_of_today_it_is_the_same(grown: Book) -> None:
    one, two, _ = last(grown, 3)
    two_today = CountedThird(on=NOV, box="B-2", amount=money("USD", 100_00), counted_by="somebody")
    assert tell(grown, BOX_1_TODAY, two_today) == [one, two]
    with grown.recording() as journal:
        assert journal.is_recorded(BOX_1_TODAY)
        assert journal.record_many([BOX_1_TODAY, BOX_3], made_by=MAKER, approved_by=CHECKER) == 0
        assert dry_run(journal, [BOX_1_TODAY, BOX_3], made_by=MAKER).already_recorded == [0, 1]
        assert propose_many(journal, [BOX_1_TODAY], MAKER).new == 0


def test_with_other_content_it_is_refused_as_ever(grown: Book) -> None:
    other = BOX_1_TODAY.model_copy(update={"counted_by": "Ben"})
    with pytest.raises(Refused, match="with other content"):
        tell(grown, other)
    with grown.recording() as journal:
        with pytest.raises(Refused, match="with other content"):
            journal.record_many([other], made_by=MAKER, approved_by=CHECKER)
        ((index, why),) = dry_run(journal, [other], made_by=MAKER).refusals
    assert (index, "with other content" in str(why)) == (0, True)


def test_an_optional_field_more_makes_no_other_event(book: Book) -> None:
    older = known_to(FIRST, book)
    (first,) = tell(older, CheckedFirst(on=NOV, box="B-1"))
    older.close()
    newer = known_to(THIRD, book)
    same, other = CheckedToday(on=NOV, box="B-1"), CheckedToday(on=NOV, box="B-1", note="short by one")
    assert same.payload != first.payload
    assert tell(newer, same) == [first]
    with pytest.raises(Refused, match="with other content"):
        tell(newer, other)
    tell(newer, CheckedToday(on=NOV, box="B-2", note="right"))
    assert sound(newer)
    newer.close()


def test_two_rows_of_one_dry_run_are_the_same_or_not(grown: Book) -> None:
    fresh = CountedThird(on=NOV, box="B-9", amount=money("USD", 1_00), counted_by="Ana")
    other = fresh.model_copy(update={"counted_by": "Ben"})
    with grown.recording() as journal:
        found = dry_run(journal, [fresh, fresh, other], made_by=MAKER)
    assert found.already_recorded == [1]
    assert [index for index, _ in found.refusals] == [2]


# ---- what waits


def proposed(book: Book, kinds: Kinds, *events: Event) -> int:
    """The number of a proposal, or of several together, made by the program of a generation."""
    with known_to(kinds, book).recording() as journal:
        if len(events) == 1:
            return propose(journal, events[0], MAKER).id
        return propose_many(journal, events, MAKER).number


def test_what_waits_is_approved_as_it_was_proposed(book: Book) -> None:
    number = proposed(book, SECOND, BOX_2)
    newer = known_to(THIRD, book)
    with newer.recording() as journal:
        sealed = approve(journal, number, CHECKER)
        (decided,) = decided_together(journal.books, number)
    assert (sealed.version, sealed.payload) == (decided.version, decided.payload) == (2, BOX_2.payload)
    assert sound(newer)
    newer.close()


def test_together_too(book: Book) -> None:
    also = BOX_2.model_copy(update={"box": "B-4"})
    number = proposed(book, SECOND, BOX_2, also)
    newer = known_to(THIRD, book)
    with newer.recording() as journal:
        assert len(approve_batch(journal, number, CHECKER)) == 2
    assert [(each.version, each.payload) for each in last(newer, 2)] == [
        (2, BOX_2.payload),
        (2, also.payload),
    ]
    assert sound(newer)
    newer.close()


def test_what_waits_is_not_proposed_twice_in_another_form(book: Book) -> None:
    number = proposed(book, SECOND, BOX_2)
    again = CountedThird(on=NOV, box="B-2", amount=money("USD", 100_00), counted_by="somebody")
    newer = known_to(THIRD, book)
    with newer.recording() as journal:
        assert propose(journal, again, MAKER).id == number
        more = propose_many(journal, [again, BOX_3], MAKER)
        assert more.new == 1
        with pytest.raises(Refused, match="waits for approval with other content"):
            propose(journal, again.model_copy(update={"counted_by": "Ben"}), MAKER)
    newer.close()


@pytest.mark.parametrize("many", [1, 2])
def test_what_waits_with_a_posting_that_was_corrected_is_proposed_again(book: Book, many: int) -> None:
    events = [BOX_1, BOX_1.model_copy(update={"box": "B-5"})][:many]
    number = proposed(book, FIRST, *events)
    newer = known_to(THIRD, book)
    decide: Callable[..., object] = approve if many == 1 else approve_batch
    with (
        pytest.raises(
            Refused, match="Proposal 1 was made before the posting of the coins counted was corrected"
        ),
        newer.recording() as journal,
    ):
        decide(journal, number, CHECKER)
    with newer.recording() as journal:
        reject(journal, number, CHECKER)
        approve(journal, propose(journal, BOX_1_TODAY, MAKER).id, CHECKER)
    assert posted_by(newer, last(newer)[0]) == ALL
    assert sound(newer)
    newer.close()


# ---- newer programs, damage


def test_what_a_newer_program_made_is_named_as_such(grown: Book) -> None:
    older = known_to(SECOND, grown)
    (finding, *_) = verify(older).findings
    assert finding.entry == last(grown)[0].seq
    assert "'coins counted' version 3 is not a kind of event that this program knows" in finding.what
    assert "a newer program made it" in finding.what
    older.close()


def test_a_version_before_the_first_is_no_version() -> None:
    with pytest.raises(Tampered, match="there never was such a version"):
        THIRD.named("coins counted", 0)


def test_a_payload_in_another_form_of_json_is_no_payload(grown: Book) -> None:
    """A seal is over bytes: there is one form, and replay finds another one, whoever sealed it."""
    one = last(grown, 3)[0]
    spaced = json.dumps(json.loads(one.payload))
    assert THIRD.read(one.kind, one.version, spaced) == BOX_1_TODAY
    with pytest.raises(Tampered, match="not canonical"):
        THIRD.versioned(one.kind, one.version, spaced)
    with grown.recording() as journal:
        fresh = BOX_3.model_copy(update={"box": "B-7"})
        spaced = json.dumps(json.loads(fresh.payload))
        journal.append(VersionedEvent(fresh, 3, spaced), Stamp(MAKER, CHECKER, journal.now()))
    assert [str(each) for each in replay(grown).findings] == [
        f"entry {last(grown)[0].seq}: its event cannot be replayed: the payload is not canonical JSON"
    ]


def test_no_code_parses_a_stored_payload_past_the_versions() -> None:
    """Whoever does reads only the version of the day on which that line was written."""
    found = {
        str(path.relative_to(ROOT))
        for package in ("ledger", "donors", "allocation", "reports", "mdfm")
        for path in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).endswith(("loads", "validate_json", "validate_python", "model_validate"))
        and any("payload" in ast.unparse(argument) for argument in call.args)
    }
    assert found == {
        "ledger/entry/event.py",  # which knows them
        "ledger/storage/evidence.py",  # the files, which every version names alike
        "ledger/audit/evidence_files.py",  # the day, too; damaged payloads are listed as well
    }


# ---- the versions that the program really has


def test_a_statement_of_version_1_is_one_without_its_file(played: Book) -> None:
    with played.reading() as books:
        (sealed,) = [each for each, _ in entries(books) if each.kind == StatementIssued.kind]
        event = read_event(books, sealed, StatementIssued)
    older = {name: value for name, value in json.loads(sealed.payload).items() if name != "evidence"}
    assert event.version == 2
    assert THIRD.read(sealed.kind, 1, json.dumps(older)) == event.model_copy(update={"evidence": ()})
