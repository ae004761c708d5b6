"""Screening: whose money may be taken, on which day, and on what it then rests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as database

from donors import (
    AgreementAmended,
    ContributionReceived,
    DonorRegistered,
    DonorScreened,
    ReceiptIdentified,
    UnidentifiedReceived,
    agreements,
)
from ledger import BadInput, Book, EntryReversed, Event, Evidence, NotFound, Refused
from tests.support.event_lines import require_sound
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    advice,
    agreement,
    gift,
    money,
    tell,
)

FIRM = DonorRegistered(on=NOV, code="FIRM", name="Example company", type="private", subtype="company")
UNTIL = date(2022, 1, 31)


@pytest.fixture
def proof(book: Book, tmp_path: Path) -> tuple[Evidence, ...]:
    """The file of a screening, in a book that knows a company."""
    tell(book, FIRM)
    return advice(book, tmp_path)


def screened(proof: tuple[Evidence, ...], on: date = NOV, **given: Any) -> DonorScreened:
    """A screening that cleared the company, but for what is given."""
    usual = {"donor": "FIRM", "outcome": "cleared", "valid_until": UNTIL, "evidence": proof}
    return DonorScreened.make(on=on, **usual | given)


def excluded(proof: tuple[Evidence, ...], on: date = NOV) -> DonorScreened:
    return screened(proof, on, outcome="excluded", found=("weapons", "tobacco"))


def signed(code: str = "A9", on: date = NOV, **given: Any) -> Event:
    return agreement(code, donor="FIRM", on=on, **given)


def given(code: str = "U-9", on: date = NOV) -> ContributionReceived:
    return gift(code, 100_00, on=on).model_copy(update={"donor": "FIRM"})


def unidentified(on: date) -> UnidentifiedReceived:
    return UnidentifiedReceived(
        on=on, reference="N-9", term=TERM, bank_account="USD1", amount=money("USD", 100_00)
    )


def identified(on: date = NOV) -> ReceiptIdentified:
    """Whose money is known on a day, that arrived on the first of those played here."""
    return ReceiptIdentified(on=NOV, identified_on=on, receipt="N-9", donor="FIRM")


def take_back(book: Book, seq: int) -> None:
    tell(book, EntryReversed(on=LATER, entry=seq, reason="example"))


# ---- what needs a screening


@pytest.mark.parametrize("taking", [signed, given, identified])
def test_of_a_private_donor_nothing_is_taken_before_it_is_cleared(
    book: Book, proof: tuple[Evidence, ...], taking: Callable[[], Event]
) -> None:
    tell(book, unidentified(NOV))
    with pytest.raises(Refused, match=f"FIRM was not screened by {NOV}.*record the outcome first"):
        tell(book, taking())
    tell(book, screened(proof), taking())
    require_sound(book)


@pytest.mark.parametrize("donor", ["CITY", "FOUND"])
def test_other_donors_need_none(book: Book, donor: str) -> None:
    tell(book, agreement("A9", donor=donor), gift("U-9", 100_00).model_copy(update={"donor": donor}))
    with book.reading() as books:
        assert [each.code for each in agreements(books, donor=donor)] == ["A9", "U-9"]


def test_an_outcome_holds_from_its_day_to_its_last(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, screened(proof, DEC), signed("A1", DEC), signed("A2", UNTIL))
    with pytest.raises(Refused, match=f"not screened by {DEC - timedelta(1)}"):
        tell(book, signed("A3", DEC - timedelta(1)))
    with pytest.raises(Refused, match=f"expired on {UNTIL}: screen the donor again"):
        tell(book, signed("A4", UNTIL + timedelta(1)))


def test_the_refusal_of_an_excluded_donor_names_the_grounds(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, excluded(proof))
    with pytest.raises(Refused, match=rf"excluded on {NOV} \(weapons, tobacco\)"):
        tell(book, signed())


def test_the_newest_outcome_counts_also_when_it_is_recorded_first(
    book: Book, proof: tuple[Evidence, ...]
) -> None:
    tell(book, excluded(proof, DEC), screened(proof, NOV), signed("A1", NOV))
    with pytest.raises(Refused, match=f"excluded on {DEC}"):
        tell(book, signed("A2", DEC))
    tell(book, screened(proof, DEC + timedelta(1)), signed("A3", DEC + timedelta(1)))


def test_who_was_excluded_stays_so_until_cleared(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, excluded(proof))
    with pytest.raises(Refused, match="excluded on"):
        tell(book, signed(on=UNTIL + timedelta(1)))


def test_more_money_needs_a_screening_of_its_day_and_less_does_not(
    book: Book, proof: tuple[Evidence, ...]
) -> None:
    def amended(number: int, minor: int) -> AgreementAmended:
        return AgreementAmended(
            on=LATER,
            agreement="A9",
            number=number,
            amount=money("USD", minor),
            reason="example",
            evidence=proof,
        )

    tell(book, screened(proof), signed(amount=money("USD", 100_00)))
    with pytest.raises(Refused, match="expired"):
        tell(book, amended(1, 100_01))
    tell(book, amended(1, 99_99))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"outcome": "excluded"}, "name the grounds found of an excluded donor"),
        ({"found": ("weapons",)}, "and none of one that is cleared"),
        ({"valid_until": NOV - timedelta(1)}, "must not expire before the day of the screening"),
        ({"evidence": ()}, "a screening needs evidence"),
        ({"found": ("fashion",), "outcome": "excluded"}, "found.0: Input should be 'sanctions'"),
    ],
)
def test_a_screening_that_says_nothing_is_refused(
    proof: tuple[Evidence, ...], given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadInput, match=reason):
        screened(proof, **given)


def test_only_a_donor_is_screened(book: Book, proof: tuple[Evidence, ...]) -> None:
    with pytest.raises(NotFound, match="There is no donor 'NOBODY'"):
        tell(book, screened(proof, donor="NOBODY"))


# ---- in a batch


def record_many(book: Book, events: list[Event]) -> list[str]:
    """Record a batch, and give the queries that read screenings."""
    asked: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM screening" in statement:
            asked.append(statement)

    database.listen(book.engine, "before_cursor_execute", listen)
    try:
        with book.recording() as journal:
            journal.record_many(events, made_by=MAKER, approved_by=CHECKER)
    finally:
        database.remove(book.engine, "before_cursor_execute", listen)
    return asked


def test_a_batch_reads_the_screenings_of_a_donor_once(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, screened(proof))
    assert len(record_many(book, [given(f"U-{number}") for number in range(50)])) == 1
    require_sound(book)


def test_a_batch_knows_the_screenings_that_are_in_it(book: Book, proof: tuple[Evidence, ...]) -> None:
    with pytest.raises(Refused, match="excluded"):
        record_many(book, [screened(proof), given("U-1"), excluded(proof, DEC), given("U-2", DEC)])
    cleared, wrong = tell(book, screened(proof), excluded(proof, DEC))
    back = EntryReversed(on=LATER, entry=wrong.seq, reason="example")
    record_many(book, [given("U-1"), back, given("U-2", DEC)])
    with pytest.raises(Refused, match="rests on it"):
        take_back(book, cleared.seq)
    require_sound(book)


# ---- taking one back


@pytest.mark.parametrize("taking", [signed, given, identified])
def test_a_screening_on_which_something_rests_stays(
    book: Book, proof: tuple[Evidence, ...], taking: Callable[[], Event]
) -> None:
    tell(book, unidentified(NOV))
    made, taken = tell(book, screened(proof), taking())
    with pytest.raises(Refused, match=rf"rests on it \(entry {taken.seq}\): record another that holds"):
        take_back(book, made.seq)
    take_back(book, taken.seq)
    take_back(book, made.seq)
    require_sound(book)
    with pytest.raises(Refused, match="was not screened"):
        tell(book, signed("A8"))


def test_a_screening_gives_way_to_another_of_the_same_day(book: Book, proof: tuple[Evidence, ...]) -> None:
    made, _ = tell(book, screened(proof), signed())
    tell(book, screened(proof, valid_until=LATER, times=2))
    take_back(book, made.seq)
    require_sound(book)
    tell(book, signed("A8", LATER))


def test_what_another_screening_bears_does_not_hold_a_later_one(
    book: Book, proof: tuple[Evidence, ...]
) -> None:
    _, _, later = tell(book, screened(proof), signed(), screened(proof, DEC))
    take_back(book, later.seq)
    require_sound(book)


def test_what_is_settled_later_does_not_rest_on_an_exclusion(book: Book, proof: tuple[Evidence, ...]) -> None:
    _, _, wrong = tell(book, screened(proof, valid_until=LATER), signed(), excluded(proof, DEC))
    less = AgreementAmended(
        on=DEC, agreement="A9", number=1, amount=money("USD", 1_00), reason="example", evidence=proof
    )
    tell(book, less)
    take_back(book, wrong.seq)
    tell(book, signed("A8", DEC))
    require_sound(book)


def test_a_receipt_rests_on_the_screening_of_the_day_it_was_identified(
    book: Book, proof: tuple[Evidence, ...]
) -> None:
    tell(book, unidentified(NOV))
    made, _, newer = tell(book, screened(proof, DEC), identified(DEC), screened(proof, DEC + timedelta(1)))
    take_back(book, newer.seq)
    with pytest.raises(Refused, match="rests on it"):
        take_back(book, made.seq)
