"""Whatever happens, in any order: the books say what a plain model says, and refuse what it refuses."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

import allocation
import donors
import ledger
from allocation import SupportCostAgreed
from donors import ConditionMet, DonorAmended, DonorScreened, OfferDeclined, OfferReceived
from ledger import (
    CHART,
    AsOf,
    EntryReversed,
    Kind,
    PeriodClosed,
    PeriodReopened,
    replay,
    trial_balance,
    verify,
)
from tests.support.effort import effort
from tests.support.engines import Files, Server
from tests.support.fund_model import ENDS, NEXT, in_the_books
from tests.support.machine.agreements import AgreementRules
from tests.support.machine.allocation import AllocationRules
from tests.support.machine.base import CURRENCIES
from tests.support.machine.closing import CloseRules
from tests.support.machine.donors import DonorRules
from tests.support.small_books import ACTIVITY_CODES, DEC, NOV

EXAMPLES, STEPS = {"sqlite": effort(8, 200), "postgresql": effort(4, 60)}, 40


class Fund(DonorRules, AgreementRules, AllocationRules, CloseRules):
    """A book and its model, and all that may happen to both."""

    def teardown(self) -> None:
        with closing(self.book):
            assert verify(self.book).findings == []
            assert replay(self.book).findings == []
        self.shelf.discard(self.location)

    @initialize(currency=CURRENCIES)
    def there_is_something_to_begin_with(self, currency: str) -> None:
        """Money and goods of donors, and two activities: allocated to, with a grant and its advance."""
        self.an_agreement_is_signed("EUR", 50_000_00, ENDS[NEXT])
        self.a_contribution_arrives(0, 50, DEC)
        self.a_gift_arrives("USD", 100_000_00, NOV)
        self.a_gift_arrives(currency, 10_000_00, DEC)
        for pick, activity in enumerate(ACTIVITY_CODES[:2]):
            self.a_plan_is_approved(activity, {0, 1}, 40)
            self.a_grant_is_committed(activity, 60, DEC)
            self.a_tranche_is_paid(pick, 50)
        self.goods_or_a_service_are_given(0, True, "EUR", 700_00, NOV)
        self.interest_arrives("USD", 100_00, NOV)
        self.support_cost_is_agreed(NOV, 700)

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        with self.book.reading() as books:
            assert in_the_books(books, self.model.term) == self.model.summed()

    @invariant()
    def what_there_is_is_owed_or_used(self) -> None:
        with self.book.reading() as books:
            totals = trial_balance(books, AsOf.now(books, max(ENDS.values())))
        sums: Counter[str] = Counter()
        for row in totals:
            sums[CHART[row.account].account_class] += row.usd
        assert sums["asset"] + sums["liability"] + sums["use"] == 0
        assert sums["memo"] == 0
        assert sum(row.usd for row in totals if row.account == "1900") == 0


LIFE: tuple[tuple[Any, ...], ...] = (
    (Fund.a_donor_is_amended, NOV),
    (Fund.a_donor_is_screened, NOV),
    (Fund.a_private_donor_gives, 40_000_00, DEC),
    (Fund.an_agreement_comes_to_its_end, 3),
    (Fund.something_is_offered, NOV),
    (Fund.something_is_offered, NOV),
    (Fund.an_offer_is_declined, 0),
    (Fund.an_agreement_in_instalments_is_signed, "KRW", 2_000_000, 1),
    (Fund.a_condition_is_met, 1, DEC),
    (Fund.an_agreement_is_amended, 0, "EUR", 60_000_00, ENDS[NEXT], False, DEC),
    (Fund.staff_is_seconded, 0, "EUR", 3, 4_000_00),
    (Fund.money_is_transferred, 0, 40, 20, DEC),
    (Fund.a_pledge_is_made, "EUR", 50_00),
    (Fund.a_pledge_is_withdrawn, 0),
    (Fund.money_of_nobody_known_arrives, "KRW", 900_000, NOV),
    (Fund.its_giver_is_found, 0),
    (Fund.a_receivable_is_written_off, 0, 30),
    (Fund.goods_or_a_service_are_given, 0, False, "KRW", 800_000, DEC),
    (Fund.goods_are_used, 0, 60, "T-1", DEC),
    (Fund.goods_go_without_use, 0, 50, True, DEC),
    (Fund.goods_go_without_use, 0, 50, False, DEC),
    (Fund.balances_are_revalued, DEC),
    (Fund.currency_is_changed, "EUR", "USD", 40, 9_500_00, DEC),
    (Fund.the_bank_takes_its_charge, "EUR", 1, DEC),
    (Fund.interest_arrives, "EUR", 50_00, NOV),
    (Fund.an_entry_is_reversed, 0),
    (Fund.interest_arrives, "EUR", 30_00, DEC),
    (Fund.a_gift_arrives, "USD", 70_000_00, NOV),
    (Fund.an_entry_is_reversed, 0),
    (Fund.what_was_earned_or_lost_is_attributed, "interest", NOV, NOV),
    (Fund.what_was_earned_or_lost_is_attributed, "interest", NOV, DEC),
    (Fund.what_was_earned_or_lost_is_attributed, "realised", NOV, DEC),
    (Fund.an_allocation_is_reduced_or_moved, 0, "T-1", "T-1", 10),
    (Fund.an_allocation_is_reduced_or_moved, 0, "T-1", "T-3", 10),
    (Fund.support_cost_is_agreed, DEC, 1_300),
    (Fund.an_advance_is_settled, 0, 50, "report", NOV),
    (Fund.an_entry_is_reversed, 0),
    (Fund.an_advance_is_settled, 0, 50, "report", DEC),
    (Fund.a_year_ends, NOV),
    (Fund.an_advance_is_settled, 0, 50, "loss", DEC),
    (Fund.an_advance_is_settled, 0, 50, "return", DEC),
    (Fund.a_commitment_is_cancelled, 0),
    (Fund.an_expenditure_is_incurred, "T-2", 30, DEC),
    (Fund.an_expenditure_is_paid, 0, 70),
    (Fund.support_cost_is_charged, DEC),
    (Fund.support_cost_is_charged, NOV),
    (Fund.support_cost_is_paid, 80),
    (Fund.a_refund_is_agreed, 0, 5),
    (Fund.a_refund_is_paid, 0, "EUR", 103),
    (Fund.a_month_is_closed, NOV, 0),
    (Fund.a_gift_arrives, "USD", 1_00, NOV),
    (Fund.a_month_is_reopened,),
    (Fund.a_gift_arrives, "USD", 2_00, NOV),
    (Fund.an_entry_is_reversed, 0),
    (Fund.a_year_ends, DEC),
    (Fund.the_term_ends, 0),
    (Fund.an_entry_is_reversed, 0),
    (Fund.the_term_ends, 0),
    (Fund.a_plan_is_approved, "T-1", {0, 1}, 20),
    (Fund.a_grant_is_committed, "T-1", 50, DEC),
    (Fund.an_agreement_is_amended, 0, "KRW", 3_000_000, ENDS[NEXT], True, DEC),
)
"""Rules with their arguments: every kind of event is recorded at least once."""


WITHOUT_LINES = {
    EntryReversed.kind,
    PeriodClosed.kind,
    PeriodReopened.kind,
    DonorScreened.kind,
    DonorAmended.kind,
    OfferReceived.kind,
    OfferDeclined.kind,
    ConditionMet.kind,
    SupportCostAgreed.kind,
}
"""What posts nothing of its own and decides what others may."""


def kinds_to_play() -> set[str]:
    """Every kind with a posting, and what decides what may be posted."""
    kinds = (*ledger.KINDS, *donors.KINDS, *allocation.KINDS)
    no_lines = Kind(EntryReversed).post
    return WITHOUT_LINES | {kind.event.kind for kind in kinds if kind.post is not no_lines}


def test_every_kind_of_event_is_played(shelf: Files | Server) -> None:
    fund = Fund(shelf, Counter())
    fund.there_is_something_to_begin_with("EUR")
    for play, *told in LIFE:
        play(fund, *told)
        fund.the_books_say_what_the_model_says()
        fund.what_there_is_is_owed_or_used()
    fund.teardown()
    assert kinds_to_play() - set(fund.taken) == set()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_whatever_happens(request: pytest.FixtureRequest, engine: str) -> None:
    shelf: Files | Server = request.getfixturevalue({"sqlite": "files"}.get(engine, engine))
    chosen = settings(
        max_examples=EXAMPLES[engine],
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to make a failure smaller would take minutes
    )

    class OnShelf(Fund):
        def __init__(self) -> None:
            super().__init__(shelf, Counter())

    run_state_machine_as_test(OnShelf, settings=chosen)
