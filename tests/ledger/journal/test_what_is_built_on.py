"""What others build on is not taken back: a reversal waits until they are taken back themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from allocation import SupportCostAgreed
from donors import (
    BankChargePaid,
    InterestAttributed,
    InterestReceived,
    PledgeWithdrawn,
    ReceiptIdentified,
    RefundAgreed,
    RefundPaid,
    UnidentifiedReceived,
)
from ledger import Book, EntryReversed, Event, Refused
from tests.support.engines import READY, Shelf
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    allocation,
    gift,
    grant,
    money,
    pledge,
    tell,
    tranche,
)

FUNDED = (gift("U-1", 1_000_00), allocation("a" * 64, {"T-1": {"U-1": 500_00}}))


def refund(code: str) -> Event:
    return RefundAgreed(on=DEC, code=code, agreement="U-1", cents=10_00, reason="ended")


def unknown(code: str) -> Event:
    return UnidentifiedReceived(
        on=DEC, reference=code, term=TERM, bank_account="USD1", amount=money("USD", 60_00)
    )


def in_dollars(code: str, cents: int) -> dict[str, Any]:
    return {
        "on": DEC,
        "reference": code,
        "term": TERM,
        "bank_account": "USD1",
        "amount": money("USD", cents),
    }


INTEREST = InterestReceived(**in_dollars("I1", 5_00))
"""Of nobody until it is attributed."""

BUILT: dict[str, tuple[tuple[Event, ...], Event, Event]] = {
    "a grant with an advance": (FUNDED, grant("G1", "T-1", 300_00), tranche("G1", "T1", 100_00)),
    "a refund that was paid": (
        (*FUNDED, refund("R2")),
        refund("R1"),
        RefundPaid(on=DEC, refund="R1", reference="B1", bank_account="USD1"),
    ),
    "a pledge that was withdrawn": (
        (pledge("P2"),),
        pledge("P1"),
        PledgeWithdrawn(on=DEC, pledge="P1", reason="budget"),
    ),
    "a receipt that was identified": (
        (unknown("N2"),),
        unknown("N1"),
        ReceiptIdentified(on=LATER, receipt="N1", donor="CITY"),
    ),
    # These two name no agreement: their lines do.
    "a gift that earned interest": (
        (INTEREST,),
        gift("U-1", 1_000_00),
        InterestAttributed(on=DEC, reference="S1", term=TERM, starts_on=NOV, ends_on=DEC),
    ),
    "a gift that bore a bank charge": (
        (),
        gift("U-1", 1_000_00),
        BankChargePaid(**in_dollars("C1", 5_00)),
    ),
}
"""What was before, what is built on, and what builds on it; the money alone would allow the reversal."""


@pytest.mark.parametrize("case", BUILT)
def test_what_is_built_on_stays(shelf: Shelf, opened: Callable[[str], Book], case: str) -> None:
    before, below, above = BUILT[case]
    book = opened(shelf.fresh(READY))
    tell(book, *before)
    (lower,), (upper,) = tell(book, below), tell(book, above)
    back = EntryReversed(on=LATER, entry=lower.seq, reason="a mistake")
    with pytest.raises(
        Refused, match=f"while entry {upper.seq} \\({upper.kind}\\) builds on it: reverse that"
    ):
        tell(book, back)
    tell(book, EntryReversed(on=LATER, entry=upper.seq, reason="a mistake"))
    assert tell(book, back)[0].reverses == lower.seq


@pytest.mark.parametrize(
    "event",
    [
        PledgeWithdrawn(on=DEC, pledge="P1", reason="budget"),
        SupportCostAgreed(on=DEC, term=TERM, basis_points=700),
    ],
)
def test_what_has_no_reference_is_told_again_by_its_number(book: Book, event: Event) -> None:
    tell(book, pledge("P1"))
    (wrong,) = tell(book, event)
    tell(book, EntryReversed(on=LATER, entry=wrong.seq, reason="a mistake"))
    with pytest.raises(Refused, match="which occurrence"):
        tell(book, event)
    (again,) = tell(book, event.model_copy(update={"times": 2}))
    assert again.key == f"{wrong.key}:2"
