"""Whatever happens, in any order: the books say what a plain model says, and refuse what it refuses."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from allocation import (
    AdvanceReturned,
    AdvanceWrittenOff,
    AllocationMoved,
    AllocationReduced,
    CommitmentCancelled,
    ExpenditureIncurred,
    ExpenditurePaid,
)
from donors import (
    BankChargePaid,
    CurrencyChanged,
    PledgeWithdrawn,
    ReceiptIdentified,
    ReceivableWrittenOff,
    RefundAgreed,
    RefundPaid,
    UnidentifiedReceived,
)
from ledger import (
    CHART,
    AsOf,
    EntryReversed,
    Event,
    PeriodClosed,
    PeriodReopened,
    Refused,
    replay,
    trial_balance,
    verify,
)
from mdfm.books import open_at
from tests.engines import READY, Files, Server, Shelf
from tests.fund_model import Figures, Model, cents, in_the_books, shares
from tests.small_books import (
    ACTIVITY_CODES,
    DEC,
    LATER,
    NOV,
    TERM,
    agreement,
    allocation,
    clock,
    contribution,
    gift,
    grant,
    money,
    pledge,
    report,
    tell,
    tranche,
)

EXAMPLES, STEPS = {"sqlite": 16, "postgresql": 6}, 50
DAYS = st.sampled_from([NOV, DEC])
CURRENCIES = st.sampled_from(["USD", "EUR", "KRW"])
MINOR = st.integers(1, 10_000_00)
PART = st.integers(1, 110)
"""Per cent of what there is: sometimes too much."""
ACTIVITY = st.sampled_from(ACTIVITY_CODES)
PICK = st.integers(0, 99)
SELDOM = 30


def part_of(whole: int, per_cent: int) -> int:
    return max(1, whole * per_cent // 100)


Change = tuple[tuple[str, ...], int]


def these(*changes: Change) -> Figures:
    found: Figures = Counter()
    for key, by in changes:
        found[key] += by
    return found


class Fund(RuleBasedStateMachine):
    """A book and its model, told the same."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        self.location = shelf.fresh(READY)
        self.book = open_at(self.location, clock())
        self.model = Model()
        self.told: dict[str, int] = {}
        """The entry of each key: who tells the same again is answered with it."""
        self.number = 0

    def teardown(self) -> None:
        with closing(self.book):
            assert verify(self.book).findings == []
            assert replay(self.book).findings == []
        self.shelf.discard(self.location)

    # ---- telling both

    def code(self, sort: str) -> str:
        self.number += 1
        return f"{sort}-{self.number}"

    def some(self, sort: str, pick: int) -> str:
        codes = self.model.codes(sort)
        return codes[pick % len(codes)]

    def tell(self, event: Event, change: Figures | None, makes: tuple[str, str] | None = None) -> bool:
        """Tell the book; the model says beforehand whether it must take it."""
        if event.key in self.told:
            assert [sealed.seq for sealed in tell(self.book, event)] == [self.told[event.key]]
            return False
        expected = self.model.allows(event.on, change) and not self.model.is_built_on(event.reverses)
        try:
            (sealed,) = tell(self.book, event)
        except Refused as refusal:
            assert not expected, f"refused though allowed: {refusal}"
            return False
        assert expected, f"taken though not allowed: {event!r}"
        assert change is not None
        self.told[event.key] = sealed.seq
        self.model.keep(sealed.seq, change, named=event.payload)
        if makes:
            self.model.made[sealed.seq] = makes
        return True

    def has(self, sort: str) -> bool:
        return bool(self.model.codes(sort))

    @initialize(currency=CURRENCIES)
    def there_is_something_to_begin_with(self, currency: str) -> None:
        """Money of two donors, allocated to two activities, and a grant for each with an advance."""
        self.an_agreement_is_signed("EUR", 50_000_00)
        self.a_contribution_arrives(0, 50, DEC)
        self.a_gift_arrives("USD", 100_000_00, NOV)
        self.a_gift_arrives(currency, 10_000_00, DEC)
        for pick, activity in enumerate(ACTIVITY_CODES[:2]):
            self.a_plan_is_approved(activity, {0, 1}, 40)
            self.a_grant_is_committed(activity, 60, DEC)
            self.a_tranche_is_paid(pick, 50)

    # ---- money comes

    @rule(currency=CURRENCIES, minor=MINOR)
    def an_agreement_is_signed(self, currency: str, minor: int) -> None:
        code = self.code(f"A-{currency}")
        self.model.starts[code] = date(2021, 11, 1)
        change = these((("owed", code), minor))
        self.tell(agreement(code, amount=money(currency, minor)), change, ("agreement", code))

    @precondition(lambda self: self.has("agreement"))
    @rule(pick=PICK, per_cent=PART, on=DAYS)
    def a_contribution_arrives(self, pick: int, per_cent: int, on: date) -> None:
        code = self.some("agreement", pick)
        currency = code.split("-")[1]
        minor = part_of(self.model.figures["owed", code], per_cent)
        change = these(
            (("owed", code), -minor),
            (("cash", f"{currency}1"), minor),
            (("available", code), cents(minor, currency, on)),
        )
        self.tell(contribution(self.code("C"), code, currency, minor, on), change)

    @rule(currency=CURRENCIES, minor=MINOR, on=DAYS)
    def a_gift_arrives(self, currency: str, minor: int, on: date) -> None:
        code = self.code("U")
        self.model.starts[code] = on
        change = these((("cash", f"{currency}1"), minor), (("available", code), cents(minor, currency, on)))
        self.tell(gift(code, minor, currency, on), change, ("gift", code))

    @rule(currency=CURRENCIES, minor=MINOR, on=DAYS)
    def money_of_nobody_known_arrives(self, currency: str, minor: int, on: date) -> None:
        code, bank = self.code("N"), f"{currency}1"
        event = UnidentifiedReceived(
            on=on, reference=code, term=TERM, bank_account=bank, amount=money(currency, minor)
        )
        self.model.starts[code] = on
        change = these((("cash", bank), minor), (("unidentified", code, bank), minor))
        self.tell(event, change, ("receipt", code))

    @precondition(lambda self: self.has("receipt"))
    @rule(pick=PICK)
    def its_giver_is_found(self, pick: int) -> None:
        code = self.some("receipt", pick)
        arrived = self.model.starts[code]
        minor, bank = next(
            (figure, key[2])
            for key, figure in self.model.figures.items()
            if key[0] == "unidentified" and key[1] == code
        )
        change = these(
            (("unidentified", code, bank), -minor),
            (("available", code), cents(minor, bank[:3], arrived)),
        )
        self.tell(
            ReceiptIdentified(on=DEC, receipt=code, donor="FOUND"), change if minor else None, ("gift", code)
        )

    @precondition(lambda self: self.has("agreement"))
    @rule(pick=PICK, per_cent=PART)
    def a_receivable_is_written_off(self, pick: int, per_cent: int) -> None:
        code = self.some("agreement", pick)
        currency = code.split("-")[1]
        minor = part_of(self.model.figures["owed", code], per_cent)
        event = ReceivableWrittenOff(
            on=DEC, reference=self.code("L"), agreement=code, amount=money(currency, minor), reason="closed"
        )
        self.tell(event, these((("owed", code), -minor)))

    @rule(currency=CURRENCIES, minor=MINOR)
    def a_pledge_is_made(self, currency: str, minor: int) -> None:
        code = self.code("P")
        change = these((("pledged", code, "CITY", currency), minor))
        self.tell(pledge(code, minor, currency), change, ("pledge", code))

    @precondition(lambda self: self.has("pledge"))
    @rule(pick=PICK)
    def a_pledge_is_withdrawn(self, pick: int) -> None:
        code = self.some("pledge", pick)
        open_now = {key: figure for key, figure in self.model.figures.items() if key[:2] == ("pledged", code)}
        change = these(*((key, -figure) for key, figure in open_now.items()))
        self.tell(
            PledgeWithdrawn(on=DEC, pledge=code, reason="budget"), change if any(open_now.values()) else None
        )

    # ---- money is given a purpose

    def sources(self) -> list[str]:
        return sorted(code for code, figure in self.model.of("available").items() if figure)

    @precondition(lambda self: self.sources())
    @rule(activity=ACTIVITY, picks=st.sets(PICK, min_size=1, max_size=3), per_cent=PART)
    def a_plan_is_approved(self, activity: str, picks: set[int], per_cent: int) -> None:
        codes = {self.sources()[pick % len(self.sources())] for pick in picks}
        flows = {code: part_of(self.model.figures["available", code], per_cent) for code in sorted(codes)}
        change = these(
            *((("available", code), -given) for code, given in flows.items()),
            *((("allocated", code, activity), given) for code, given in flows.items()),
        )
        self.tell(allocation(self.code("plan"), {activity: flows}), change)

    @precondition(lambda self: any(self.model.of("allocated", None).values()))
    @rule(pick=PICK, activity=ACTIVITY, to=ACTIVITY, per_cent=PART)
    def an_allocation_is_reduced_or_moved(self, pick: int, activity: str, to: str, per_cent: int) -> None:
        codes = sorted(code for code, given in self.model.of("allocated", None).items() if given)
        code = codes[pick % len(codes)]
        given = part_of(self.model.free(activity, date.max).get(code, 0), per_cent)
        taken = (("allocated", code, activity), -given)
        told = {"reference": self.code("M"), "agreement": code, "activity": activity, "reason": "less needed"}
        if to == activity:
            reduced = AllocationReduced.make(on=DEC, cents=given, **told)
            self.tell(reduced, these(taken, (("available", code), given)))
        else:
            moved = AllocationMoved.make(on=DEC, cents=given, to=to, **told)
            self.tell(moved, these(taken, (("allocated", code, to), given)))

    @precondition(lambda self: any(self.model.of("allocated", None).values()))
    @rule(activity=ACTIVITY, per_cent=PART, on=DAYS)
    def a_grant_is_committed(self, activity: str, per_cent: int, on: date) -> None:
        code, free = self.code(f"G-{activity}"), self.model.free(activity, on)
        wanted = part_of(sum(free.values()), per_cent)
        parts = shares(wanted, free)
        change = (
            None
            if parts is None
            else these(*((("committed", each, activity, code), part) for each, part in parts.items()))
        )
        self.tell(grant(code, activity, wanted, on), change, ("grant", code))

    # ---- money is spent

    def granted(self, pick: int) -> tuple[str, str]:
        """A grant and its activity."""
        code = self.some("grant", pick)
        return code, code.removeprefix("G-")[:3]

    @precondition(lambda self: self.has("grant"))
    @rule(pick=PICK, per_cent=PART)
    def a_tranche_is_paid(self, pick: int, per_cent: int) -> None:
        code, activity = self.granted(pick)
        unpaid = self.model.unpaid(code)
        paid = part_of(sum(unpaid.values()), per_cent)
        parts = shares(paid, unpaid)
        change = (
            None
            if parts is None
            else these(
                *((("advanced", each, activity, code), part) for each, part in parts.items()),
                (("cash", "USD1"), -paid),
            )
        )
        self.tell(tranche(code, self.code("T"), paid), change)

    @precondition(lambda self: self.has("grant"))
    @rule(pick=PICK, per_cent=PART, how=st.sampled_from(["report", "loss", "return"]), on=DAYS)
    def an_advance_is_settled(self, pick: int, per_cent: int, how: str, on: date) -> None:
        code, activity = self.granted(pick)
        held = self.model.of("advanced", activity, code)
        settled = part_of(sum(held.values()), per_cent)
        parts = shares(settled, held) or {}
        moved: list[Change] = [(("advanced", each, activity, code), -part) for each, part in parts.items()]
        reference = self.code("S")
        if how == "return":
            moved.append((("cash", "USD1"), settled))
            event: Event = AdvanceReturned(
                on=on, grant=code, reference=reference, bank_account="USD1", cents=settled
            )
        else:
            moved += [(("committed", each, activity, code), -part) for each, part in parts.items()]
            moved += [(("used", each, activity), part) for each, part in parts.items()]
            event = (
                report(code, reference, on, travel=settled)
                if how == "report"
                else AdvanceWrittenOff(on=on, grant=code, reference=reference, cents=settled, reason="lost")
            )
        early = any(self.model.starts[each] > on for each, part in held.items() if part)
        impossible = not parts or (how == "report" and early)
        self.tell(event, None if impossible else these(*moved))

    @precondition(lambda self: self.has("grant"))
    @rule(pick=PICK)
    def a_commitment_is_cancelled(self, pick: int) -> None:
        code, activity = self.granted(pick)
        unpaid = {each: part for each, part in self.model.unpaid(code).items() if part}
        change = these(*((("committed", each, activity, code), -part) for each, part in unpaid.items()))
        event = CommitmentCancelled(on=DEC, grant=code, reference=self.code("N"), reason="done")
        self.tell(event, change if unpaid else None)

    @precondition(lambda self: any(self.model.of("allocated", None).values()))
    @rule(activity=ACTIVITY, per_cent=PART, on=DAYS)
    def an_expenditure_is_incurred(self, activity: str, per_cent: int, on: date) -> None:
        code, free = self.code("X"), self.model.free(activity, on)
        spent = part_of(sum(free.values()), per_cent)
        parts = shares(spent, free)
        event = ExpenditureIncurred.make(
            on=on, code=code, term=TERM, activity=activity, payee="Example printer", spent={"supplies": spent}
        )
        change = (
            None
            if parts is None
            else these(
                *((("used", each, activity), part) for each, part in parts.items()),
                (("payable", f"payable:{code}"), spent),
            )
        )
        self.tell(event, change, ("expenditure", code))

    @precondition(lambda self: self.has("expenditure"))
    @rule(pick=PICK, per_cent=PART)
    def an_expenditure_is_paid(self, pick: int, per_cent: int) -> None:
        code = self.some("expenditure", pick)
        paid = part_of(self.model.figures["payable", f"payable:{code}"], per_cent)
        event = ExpenditurePaid(
            on=DEC, expenditure=code, reference=self.code("B"), bank_account="USD1", cents=paid
        )
        self.tell(event, these((("payable", f"payable:{code}"), -paid), (("cash", "USD1"), -paid)))

    @rule(per_cent=st.integers(1, 5), on=DAYS)
    def the_bank_takes_its_charge(self, per_cent: int, on: date) -> None:
        left = {
            code: given for code, given in self.model.of("available").items() if self.model.starts[code] <= on
        }
        charge = part_of(self.model.figures["cash", "USD1"], per_cent)
        parts = shares(charge, left)
        change = (
            None
            if parts is None
            else these(
                *((("available", code), -part) for code, part in parts.items()), (("cash", "USD1"), -charge)
            )
        )
        event = BankChargePaid(
            on=on, reference=self.code("F"), term=TERM, bank_account="USD1", amount=money("USD", charge)
        )
        self.tell(event, change)

    @rule(sold=CURRENCIES, bought=CURRENCIES, per_cent=PART, got=MINOR, on=DAYS)
    def currency_is_changed(self, sold: str, bought: str, per_cent: int, got: int, on: date) -> None:
        if sold == bought:
            return
        given = part_of(self.model.figures["cash", f"{sold}1"], per_cent)
        event = CurrencyChanged(
            on=on,
            reference=self.code("W"),
            term=TERM,
            sold_from=f"{sold}1",
            sold=money(sold, given),
            bought_into=f"{bought}1",
            bought=money(bought, got),
        )
        self.tell(event, these((("cash", f"{sold}1"), -given), (("cash", f"{bought}1"), got)))

    # ---- money goes back

    @precondition(lambda self: self.sources())
    @rule(pick=PICK, per_cent=PART)
    def a_refund_is_agreed(self, pick: int, per_cent: int) -> None:
        source, code = self.sources()[pick % len(self.sources())], self.code("R")
        back = part_of(self.model.figures["available", source], per_cent)
        change = these((("available", source), -back), (("due", source, code), back))
        event = RefundAgreed(on=DEC, code=code, agreement=source, cents=back, reason="ended")
        self.tell(event, change, ("refund", code))

    @precondition(lambda self: self.has("refund"))
    @rule(pick=PICK)
    def a_refund_is_paid(self, pick: int) -> None:
        code = self.some("refund", pick)
        ((key, due),) = [
            (key, due) for key, due in self.model.figures.items() if key[0] == "due" and key[2] == code
        ]
        event = RefundPaid(on=DEC, refund=code, reference=self.code("B"), bank_account="USD1")
        self.tell(event, these((key, -due), (("cash", "USD1"), -due)) if due else None)

    # ---- what was told is taken back, and months are closed

    @precondition(lambda self: self.model.did)
    @rule(back=st.integers(0, 15))
    def an_entry_is_reversed(self, back: int) -> None:
        self.reverse(sorted(self.model.did)[-1 - back % len(self.model.did)])

    @precondition(lambda self: self.model.made)
    @rule(pick=PICK)
    def what_others_may_build_on_is_reversed(self, pick: int) -> None:
        self.reverse(sorted(self.model.made)[pick % len(self.model.made)])

    def reverse(self, seq: int) -> None:
        change = these(*((key, -figure) for key, figure in self.model.did[seq].items()))
        if self.tell(EntryReversed(on=LATER, entry=seq, reason="a mistake"), change):
            self.model.forget(seq)
            self.model.forget(max(self.model.did))  # a reversal is not reversed

    @rule(on=DAYS, pick=PICK)
    def a_month_is_closed(self, on: date, pick: int) -> None:
        if pick < SELDOM and not self.model.is_closed(on):
            times = self.month(on) // 2 + 1
            tell(self.book, PeriodClosed(on=LATER, period=f"{on:%Y-%m}", times=times))
            self.model.turned[f"{on:%Y-%m}"] += 1

    @precondition(lambda self: any(map(self.model.is_closed, (NOV, DEC))))
    @rule()
    def a_month_is_reopened(self) -> None:
        for on in filter(self.model.is_closed, (NOV, DEC)):
            times = self.month(on) // 2 + 1
            event = PeriodReopened(on=LATER, period=f"{on:%Y-%m}", times=times, reason="a late advice")
            tell(self.book, event)
            self.model.turned[f"{on:%Y-%m}"] += 1

    def month(self, on: date) -> int:
        return self.model.turned[f"{on:%Y-%m}"]

    # ---- what always holds

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        with self.book.reading() as books:
            assert in_the_books(books) == self.model.summed()

    @invariant()
    def what_there_is_is_owed_or_used(self) -> None:
        with self.book.reading() as books:
            totals = trial_balance(books, AsOf.now(books, LATER))
        sums: Counter[str] = Counter()
        for row in totals:
            sums[CHART[row.account].account_class] += row.usd
        assert sums["asset"] + sums["liability"] + sums["use"] == 0
        assert sums["memo"] == 0
        assert sum(row.usd for row in totals if row.account == "1900") == 0


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
            super().__init__(shelf)

    run_state_machine_as_test(OnShelf, settings=chosen)
