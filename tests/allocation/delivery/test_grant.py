"""Grants: from commitment to expenditure report, every cent traced to the agreement whose money it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import (
    AdvanceReturned,
    CommitmentCancelled,
    ExpenditureReported,
    GrantCommitted,
    get_grant,
    grant_balance,
    grants,
    results_of,
)
from ledger import (
    HARMONISED_CATEGORIES,
    BadInput,
    Book,
    EntryReversed,
    Event,
    NotFound,
    Refused,
    allotments,
    balances_by,
    split,
    total,
)
from mdfm.books import create
from tests.support.effort import effort
from tests.support.event_lines import posted_by, require_sound
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    agreement,
    allocation,
    clock,
    contribution,
    dump,
    file_of,
    gift,
    grant,
    master_data,
    report,
    taken_back,
    tell,
    tranche,
)

SHORT = date(2022, 2, 28)
"""The day on which agreement A1 of these tests ends."""
ALLOCATION = allocation("a" * 64, {"T-1": {"A1": 5_000_00, "A2": 3_000_00, "U-1": 2_000_00}})


@pytest.fixture
def funded(book: Book) -> Book:
    """Two agreements and a gift gave 10,000 dollars to T-1: 50, 30 and 20 per cent of it."""
    tell(
        book,
        agreement("A1", ends_on=SHORT),
        agreement("A2"),
        contribution("D-1", "A1", "USD", 10_000_00),
        contribution("D-2", "A2", "USD", 10_000_00),
        gift("U-1", 10_000_00),
        ALLOCATION,
    )
    return book


def refused(book: Book, event: Event, because: str) -> None:
    before = dump(file_of(book))
    with pytest.raises((Refused, NotFound), match=because):
        tell(book, event)
    assert dump(file_of(book)) == before


def returned(cents: int, reference: str = "B-1") -> AdvanceReturned:
    return AdvanceReturned(on=DEC, grant="G1", reference=reference, bank_account="USD1", cents=cents)


def cancelled(reference: str = "N-1") -> CommitmentCancelled:
    return CommitmentCancelled(on=DEC, grant="G1", reference=reference, reason="the workshop was cancelled")


# ---- each step, to the cent


def test_a_commitment_takes_from_each_agreement_pro_rata(funded: Book) -> None:
    assert posted_by(funded, grant("G1", "T-1", 99)) == [
        "9200 A1 T-1 G1 +49 USD",
        "9290 A1 T-1 G1 -49 USD",
        "9200 A2 T-1 G1 +30 USD",
        "9290 A2 T-1 G1 -30 USD",
        "9200 U-1 T-1 G1 +20 USD",
        "9290 U-1 T-1 G1 -20 USD",
    ]
    with funded.reading() as books:
        assert [each.free for each in allotments(books, TERM, "T-1")] == [499_951, 299_970, 199_980]


def test_a_tranche_is_an_advance_of_what_was_committed(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 1_000_00))
    assert posted_by(funded, tranche("G1", "T-1", 333_33)) == [
        "1300 A1 T-1 G1 +16666 USD",
        "1300 A2 T-1 G1 +10000 USD",
        "1300 U-1 T-1 G1 +6667 USD",
        "1100 USD1 -33333 USD",
    ]
    with funded.reading() as books:
        assert (grant_balance(books, "G1").committed, grant_balance(books, "G1").advanced) == (
            1_000_00,
            333_33,
        )


def test_what_is_spent_is_used_by_source_and_category(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 1_000_00), tranche("G1", "T-1", 1_000_00))
    assert posted_by(funded, report("G1", "R-1", travel=100_01, staff=33)) == [
        "3110 A1 T-1 G1 +16 USD",
        "3110 A2 T-1 G1 +10 USD",
        "3110 U-1 T-1 G1 +7 USD",
        "3150 A1 T-1 G1 +5001 USD",
        "3150 A2 T-1 G1 +3000 USD",
        "3150 U-1 T-1 G1 +2000 USD",
        "1300 A1 T-1 G1 -5017 USD",
        "1300 A2 T-1 G1 -3010 USD",
        "1300 U-1 T-1 G1 -2007 USD",
        "9200 A1 T-1 G1 -5017 USD",
        "9290 A1 T-1 G1 +5017 USD",
        "9200 A2 T-1 G1 -3010 USD",
        "9290 A2 T-1 G1 +3010 USD",
        "9200 U-1 T-1 G1 -2007 USD",
        "9290 U-1 T-1 G1 +2007 USD",
    ]
    require_sound(funded)


def test_each_harmonised_category_has_its_account(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 1_000_00), tranche("G1", "T-1", 1_000_00))
    spent = {category: number for number, category in enumerate(HARMONISED_CATEGORIES, start=101)}
    tell(funded, report("G1", "R-1", DEC, **spent))
    with funded.reading() as books:
        for category, account in HARMONISED_CATEGORIES.items():
            assert total(books, account, grant_code="G1").usd == spent[category]


def test_what_is_returned_can_be_advanced_again(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 1_000_00), tranche("G1", "T-1", 1_000_00))
    assert posted_by(funded, returned(100_00)) == [
        "1100 USD1 +10000 USD",
        "1300 A1 T-1 G1 -5000 USD",
        "1300 A2 T-1 G1 -3000 USD",
        "1300 U-1 T-1 G1 -2000 USD",
    ]
    tell(funded, tranche("G1", "T-2", 100_00))
    with funded.reading() as books:
        assert grant_balance(books, "G1").advanced == 1_000_00


def test_what_is_cancelled_is_free_again(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 10_000_00))
    refused(funded, grant("G2", "T-1", 1), r"US\$0\.01 is more than is allocated to T-1 and free")
    tell(funded, tranche("G1", "T-1", 4_000_00), cancelled())
    with funded.reading() as books:
        assert (grant_balance(books, "G1").committed, grant_balance(books, "G1").advanced) == (
            4_000_00,
            4_000_00,
        )
    refused(funded, cancelled("N-2"), "Nothing of the grant G1 is committed and not yet paid")
    tell(funded, grant("G2", "T-1", 6_000_00))


def test_an_agreement_that_has_ended_is_not_committed(funded: Book) -> None:
    lines = posted_by(funded, grant("G1", "T-1", 100_00, on=LATER))
    assert lines == [
        "9200 A2 T-1 G1 +6000 USD",
        "9290 A2 T-1 G1 -6000 USD",
        "9200 U-1 T-1 G1 +4000 USD",
        "9290 U-1 T-1 G1 -4000 USD",
    ]


# ---- what is refused


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (
            grant("G2", "T-1", 9_000_01),
            r"US\$9,000\.01 is more than is allocated to T-1 and free .*: US\$9,000\.00",
        ),
        (grant("G2", "T-2", 1), r"allocated to T-2 and free on 2021-12-10: US\$0\.00"),
        (grant("G2", "T-9", 1), "no activity 'T-9'"),
        (grant("G2", "T-1", 1, on=date(2023, 11, 1)), "A grant on 2023-11-01 is outside the term"),
        (grant("G1", "T-1", 1), "'grant:G1' is in the books already"),
        (tranche("G9", "T-1", 1), "no grant 'G9'"),
        (tranche("G1", "T-2", 400_01), r"committed to G1 and not yet paid: US\$400\.00"),
        (tranche("G1", "T-2", 1).model_copy(update={"bank_account": "EUR1"}), "EUR1 holds EUR, not USD"),
        (report("G1", "R-1", staff=600_01), r"US\$600\.01 is more than the partner of G1 holds: US\$600\.00"),
        (
            report("G1", "R-1", staff=600_00, travel=1),
            r"US\$0\.01 is more than the partner of G1 holds: US\$0\.00",
        ),
        (report("G1", "R-1", on=LATER, staff=1), "on 2022-03-01 is outside the dates of agreement A1"),
        (report("G1", "R-1", on=date(2021, 10, 1), staff=1), "outside the dates of agreement"),
        (returned(600_01), r"more than the partner of G1 holds: US\$600\.00"),
    ],
)
def test_a_step_too_far_is_refused(funded: Book, event: Event, because: str) -> None:
    tell(funded, grant("G1", "T-1", 1_000_00), tranche("G1", "T-1", 600_00))
    refused(funded, event, because)


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        (ExpenditureReported, {"spent": {}}, "spent: Dictionary should have at least 1"),
        (ExpenditureReported, {"spent": {"holidays": 1}}, "spent.holidays.*: Input should be 'staff'"),
        (ExpenditureReported, {"spent": {"staff": 1.5}}, "spent.staff: "),
        (GrantCommitted, {"cents": 0}, "cents: Input should be greater than 0"),
        (GrantCommitted, {"partner": ""}, "partner: String should have at least 1"),
        (AdvanceReturned, {"cents": -1}, "cents: Input should be greater than 0"),
    ],
)
def test_what_is_no_step_at_all(kind: type[Event], given: dict[str, Any], reason: str) -> None:
    usual: dict[type[Event], dict[str, Any]] = {
        ExpenditureReported: report("G1", "R-1", staff=1).model_dump(),
        GrantCommitted: grant("G1", "T-1", 1).model_dump(),
        AdvanceReturned: returned(1).model_dump(),
    }
    with pytest.raises(BadInput, match=reason):
        kind.make(**usual[kind] | given)


def test_an_allocation_takes_no_more_than_was_received(funded: Book) -> None:
    plan = allocation("b" * 64, {"T-2": {"A1": 5_000_01}})
    refused(funded, plan, r"0\.01 USD too little on 2200 Funds held in trust: available \(A1\)")
    refused(funded, allocation("c" * 64, {"T-2": {"A1": 1}}, on=LATER), "outside the dates of agreement A1")
    refused(funded, allocation("d" * 64, {"T-2": {"NONE": 1}}), "no agreement 'NONE'")


def test_what_later_steps_build_on_is_not_taken_back(funded: Book) -> None:
    """An allocation once it is committed, a commitment once it is advanced, an advance once it is spent."""
    (allocated,) = tell(funded, ALLOCATION)
    (committed,) = tell(funded, grant("G1", "T-1", 10_000_00))
    refused(funded, taken_back(allocated), r"US\$5,000\.00 more than is allocated and free of agreement A1")
    (advanced,) = tell(funded, tranche("G1", "T-1", 6_000_00))
    refused(funded, taken_back(committed), r"while entry \d+ \(tranche paid\) builds on it")
    tell(funded, report("G1", "R-1", staff=5_000_00))
    refused(funded, taken_back(advanced), r"too little on 1300 Advances to implementing partners")


def test_a_return_stands_while_what_it_freed_is_committed_no_more(funded: Book) -> None:
    """Else the partner would hold money that nobody has committed to it."""
    tell(funded, grant("G1", "T-1", 1_000_00), tranche("G1", "T-1", 200_00))
    (given_back,) = tell(funded, returned(100_00))
    (released,) = tell(funded, cancelled())
    refused(funded, taken_back(given_back), "would hold more than is committed to it")
    tell(funded, taken_back(released), taken_back(given_back))
    with funded.reading() as books:
        found = grant_balance(books, "G1")
    assert (found.committed, found.advanced) == (1_000_00, 200_00)


# ---- reading


def test_grants_and_their_results_are_read_back(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 1_000_00), tranche("G1", "T-1", 600_00))
    (wrong,) = tell(funded, report("G1", "R-1", staff=1_00))
    tell(funded, report("G1", "R-2", on=date(2022, 1, 5), staff=2_00))
    with funded.reading() as books:
        held = get_grant(books, "G1")
        assert grants(books, TERM) == grants(books) == [held]
        assert (held.partner, held.cents, held.committed_on) == ("Example institute", 1_000_00, DEC)
        assert results_of(books, "T-1", NOV) == []
        assert results_of(books, "T-1", DEC) == ["Result of R-1."]
        assert results_of(books, "T-1", LATER) == ["Result of R-1.", "Result of R-2."]
    tell(funded, EntryReversed(on=DEC, entry=wrong.seq, reason="another grant's"))
    with funded.reading() as books:
        assert results_of(books, "T-1", LATER) == ["Result of R-2."]
        assert results_of(books, "T-1", LATER, known_at=wrong.seq) == ["Result of R-1."]


# ---- in general


@settings(max_examples=effort(12, 250))
@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
    st.lists(st.integers(1, 100), min_size=1, max_size=4),
    st.data(),
)
def test_every_cent_that_is_used_is_one_agreements(
    given_: list[int], steps: list[int], data: st.DataObject
) -> None:
    """However the money is spent, each agreement pays its share of what is left, by the largest remainder."""
    book = create("sqlite://", clock())
    sources = {f"U-{number}": cents for number, cents in enumerate(given_)}
    whole = sum(given_)
    tell(book, *master_data(), *(gift(code, cents) for code, cents in sources.items()))
    tell(book, allocation("a" * 64, {"T-1": sources}), grant("G1", "T-1", whole), tranche("G1", "1", whole))
    left = dict(sources)
    for number, percent in enumerate(steps):
        cents = sum(left.values()) * percent // 100
        if cents:
            category = data.draw(st.sampled_from(sorted(HARMONISED_CATEGORIES)))
            tell(book, report("G1", f"R-{number}", DEC, **{category: cents}))
            left = {code: left[code] - part for code, part in split(cents, left).items()}
    with book.reading() as books:
        used = {each.agreement: each.used for each in allotments(books, TERM, "T-1")}
        assert used == {code: sources[code] - left[code] for code in sources}
        advanced = balances_by(books, "1300", "agreement")
        assert {code: advanced[code].usd if code in advanced else 0 for code in sources} == left
        assert total(books, "9200").usd == sum(left.values())
    book.close()
