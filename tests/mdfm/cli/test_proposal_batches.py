"""What proposals that are decided together come to, by the fields in which events hold their money."""

from __future__ import annotations

import pytest

from ledger import Event, Evidence, Proposal
from mdfm.api.proposals import kinds_of
from mdfm.cli.proposal_batches import batches, worth_of
from tests.support.small_books import (
    MAKER,
    agreement,
    contribution,
    gift,
    goods,
    grant,
    pledge,
    promises,
    service,
)


def waiting(*events: Event, batch: int = 1) -> list[Proposal]:
    """Proposals of events, numbered from 1 on."""
    return [
        Proposal(number, each.kind, each.version, each.payload, MAKER, "2022-01-01", "waiting", "", 0, batch)
        for number, each in enumerate(events, start=1)
    ]


PAPER = (Evidence(sha256="5" * 64, name="invoice.pdf", media_type="application/pdf"),)
OFFERED = next(event for event in promises(PAPER) if event.kind == "offer received")


@pytest.mark.parametrize(
    ("events", "worth"),
    [
        ((gift("G-1", 100), gift("G-2", 250)), ["3.50 USD"]),
        ((gift("G-1", 100), contribution("E-1", "A1", "EUR", 7)), ["0.07 EUR", "1.00 USD"]),
        ((agreement("A1"), agreement("A2"), pledge("P1", 500)), ["5.00 EUR", "20,000.00 USD"]),
        # In kind and offered: a value, in the currency in which it was assessed.
        ((OFFERED,), ["500.00 USD"]),
        ((OFFERED, OFFERED, gift("G-1", 100)), ["1,001.00 USD"]),
        # A grant: cents of the fund's own currency.
        ((grant("G1", "T-1", 300), grant("G2", "T-1", 25)), ["3.25 USD"]),
        ((grant("G1", "T-1", 300), OFFERED, gift("G-1", 100)), ["504.00 USD"]),
    ],
)
def test_a_batch_is_worth_the_sum_of_its_events(events: tuple[Event, ...], worth: list[str]) -> None:
    assert [str(each) for each in worth_of(waiting(*events))] == worth


def test_goods_and_services_are_worth_what_they_were_valued_at() -> None:
    found = waiting(goods("GOODS", PAPER), service("SERVICE", PAPER), goods("MORE", PAPER))
    assert [str(each) for each in worth_of(found)] == ["17,600.00 EUR", "11,800,000 KRW"]
    assert kinds_of(found) == "goods received x 2, service in kind received x 1"


def test_proposals_are_parted_by_what_is_decided_together() -> None:
    alone, together = waiting(gift("G-1", 1), gift("G-2", 2), batch=0), waiting(gift("G-3", 3), batch=7)
    assert batches([*alone, *together]) == [[alone[0]], [alone[1]], together]
