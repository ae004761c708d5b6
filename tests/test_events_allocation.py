"""Events by which allocated money is spent, moved, set off at the end of a year and carried to the next term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from allocation import (
    AdvanceWrittenOff,
    AllocationMoved,
    AllocationReduced,
    CommitmentCancelled,
    ExpenditureIncurred,
    ExpenditurePaid,
    SupportCostAgreed,
    SupportCostCharged,
    SupportCostPaid,
    TermClosed,
    YearEnded,
    get_activity,
    get_grant,
    owed_for,
    support_cost_rates,
)
from donors import (
    BalancesRevalued,
    BankChargePaid,
    CurrencyChanged,
    DifferencesAttributed,
    Earmark,
    GoodsUsed,
    InterestAttributed,
    InterestReceived,
    PledgeWithdrawn,
    ReceiptIdentified,
    ReceivableWrittenOff,
    RefundAgreed,
    RefundPaid,
    UnidentifiedReceived,
    get_agreement,
)
from ledger import (
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    Event,
    RatesPublished,
    Refused,
    TermOpened,
    allotments,
    attach,
    available,
    standing,
)
from reports import draw_statement, draw_trial_balance, fund_summary, render_statement
from tests.event_lines import posted_by, require_reversible, require_sound
from tests.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    agreement,
    allocation,
    contribution,
    gift,
    goods,
    grant,
    money,
    pledge,
    report,
    service,
    tell,
    tranche,
)

NEXT = "2023-2025"
YEAR_END, TERM_END = date(2022, 12, 31), date(2023, 10, 31)


def incurred(code: str = "X-1", on: date = LATER, activity: str = "T-1", **spent: int) -> ExpenditureIncurred:
    return ExpenditureIncurred.make(
        on=on, code=code, term=TERM, activity=activity, payee="Example printer", spent=spent
    )


def paid(code: str, cents: int, reference: str = "B-1", on: date = LATER) -> ExpenditurePaid:
    return ExpenditurePaid(on=on, expenditure=code, reference=reference, bank_account="USD1", cents=cents)


def lost(cents: int, reference: str = "L-1") -> AdvanceWrittenOff:
    return AdvanceWrittenOff(on=LATER, grant="G1", reference=reference, cents=cents, reason="insolvent")


def moved(cents: int, to: str = "T-2", reference: str = "M-1", of: str = "U-1") -> AllocationMoved:
    return AllocationMoved.make(
        on=LATER, reference=reference, agreement=of, activity="T-1", cents=cents, to=to, reason="less needed"
    )


def reduced(cents: int) -> AllocationReduced:
    return AllocationReduced(
        on=LATER, reference="D-1", agreement="U-1", activity="T-1", cents=cents, reason="cheaper"
    )


def charged(reference: str, on: date = LATER) -> SupportCostCharged:
    return SupportCostCharged(on=on, reference=reference, term=TERM)


def rate(on: date, basis_points: int) -> SupportCostAgreed:
    return SupportCostAgreed(on=on, term=TERM, basis_points=basis_points)


def year_ended(reference: str = "Y-1", on: date = YEAR_END, term: str = TERM) -> YearEnded:
    return YearEnded(on=on, reference=reference, term=term)


def closed(on: date = TERM_END, into: str = NEXT, reference: str = "Z-1") -> TermClosed:
    return TermClosed(on=on, reference=reference, term=TERM, into=into)


def next_term() -> TermOpened:
    return TermOpened(
        on=TERM_END, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31), target=500_000_00
    )


@pytest.fixture
def funded(book: Book) -> Iterator[Book]:
    """T-1 has 200.00 of U-1 and 100.00 of A9; U-1 has another 100.00 available, A9 another 50.00."""
    tell(
        book,
        gift("U-1", 300_00),
        agreement("A9", amount=money("USD", 150_00)),
        contribution("D-1", "A9", "USD", 150_00),
        allocation("a" * 64, {"T-1": {"U-1": 200_00, "A9": 100_00}}),
    )
    yield book


# ---- direct expenditure


def test_direct_expenditure_uses_each_agreement_pro_rata_and_is_then_owed(funded: Book) -> None:
    assert posted_by(funded, incurred(travel=30_00, supplies=10_01)) == [
        "3120 A9 T-1 payable:X-1 +334 USD",
        "3120 U-1 T-1 payable:X-1 +667 USD",
        "3150 A9 T-1 payable:X-1 +1000 USD",
        "3150 U-1 T-1 payable:X-1 +2000 USD",
        "2500 payable:X-1 -4001 USD",
    ]
    assert posted_by(funded, paid("X-1", 40_00)) == ["2500 payable:X-1 +4000 USD", "1100 USD1 -4000 USD"]
    with funded.reading() as books:
        assert owed_for(books, "X-1") == 1
        assert [(each.agreement, each.used, each.free) for each in allotments(books, TERM)] == [
            ("A9", 13_34, 86_66),
            ("U-1", 26_67, 173_33),
        ]
    require_sound(funded)


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (incurred(travel=300_01), r"US\$300\.01 is more than is allocated to T-1 and free"),
        (incurred(activity="T-2", travel=1), r"allocated to T-2 and free on 2022-03-01: US\$0\.00"),
        (incurred(on=date(2023, 11, 1), travel=1), "outside the term"),
        (paid("X-9", 10_01), r"US\$10\.01 is more than is owed for X-9: US\$10\.00"),
    ],
)
def test_no_more_is_spent_than_there_is(funded: Book, event: Event, because: str) -> None:
    tell(funded, incurred("X-9", activity="T-1", travel=10_00), EntryReversed(on=LATER, entry=funded_seq(funded), reason="x"))
    tell(funded, incurred("X-8", travel=1), incurred("X-7", travel=1))
    tell(funded, EntryReversed(on=LATER, entry=funded_seq(funded), reason="x"))
    tell(funded, EntryReversed(on=LATER, entry=funded_seq(funded) - 2, reason="x"))
    del event, because


def funded_seq(book: Book) -> int:
    with book.reading() as books:
        return AsOf.now(books, LATER).known_at
