"""Events by which allocated money is spent, moved, set off at a year's end and carried to the next term."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from allocation import (
    AdvanceWrittenOff,
    AllocationMoved,
    AllocationReduced,
    CommitmentCancelled,
    ExpenditureIncurred,
    ExpenditurePaid,
    Scenario,
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
from allocation.scenario.problem_builder import build_problem
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
    Evidence,
    MdfmError,
    NotFound,
    RatesPublished,
    Refused,
    TermOpened,
    allotments,
    attach,
    available,
    open_balances,
)
from reports import build_fund_summary, build_statement, build_trial_balance, render_statement
from tests.support.event_lines import posted_by, require_reversible, require_sound
from tests.support.small_books import (
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
LISTED = date(2025, 12, 1)
"""A day that the recorded lists of countries cover."""
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


def planned(flows: dict[str, dict[str, int]]) -> Event:
    return allocation("a" * 64, flows).model_copy(update={"lists_on": LISTED})


@pytest.fixture
def funded(book: Book) -> Book:
    """T-1 has 200.00 of U-1 and 100.00 of A9; U-1 has another 100.00 available, A9 another 50.00."""
    tell(
        book,
        gift("U-1", 300_00),
        agreement("A9", amount=money("USD", 150_00)),
        contribution("D-1", "A9", "USD", 150_00),
        planned({"T-1": {"U-1": 200_00, "A9": 100_00}}),
    )
    return book


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
        (
            incurred(travel=290_01),
            r"US\$290\.01 is more than is allocated to T-1 and free on .*: US\$290\.00",
        ),
        (incurred(activity="T-2", travel=1), r"allocated to T-2 and free on 2022-03-01: US\$0\.00"),
        (incurred(activity="T-9", travel=1), "no activity 'T-9' in the programme"),
        (incurred(on=date(2023, 11, 1), travel=1), "outside the term"),
        (paid("X-9", 10_01), r"US\$10\.01 is more than is owed for X-9: US\$10\.00"),
    ],
)
def test_no_more_is_spent_than_there_is(funded: Book, event: Event, because: str) -> None:
    tell(funded, incurred("X-9", travel=10_00))
    with pytest.raises(MdfmError, match=because):
        tell(funded, event)


def test_money_of_an_agreement_that_has_ended_is_not_spent(book: Book) -> None:
    tell(book, agreement("A9", ends_on=DEC), contribution("D-1", "A9", "USD", 150_00))
    tell(book, planned({"T-1": {"A9": 100_00}}))
    with pytest.raises(Refused, match=r"free on 2022-03-01: US\$0\.00"):
        tell(book, incurred(travel=1))
    tell(book, incurred(on=DEC, travel=1))


def test_an_expenditure_is_more_than_nothing() -> None:
    with pytest.raises(BadInput, match="spent.travel: Input should be greater than 0"):
        incurred(travel=0)


# ---- losses


def test_an_advance_that_is_lost_is_used_and_no_longer_committed(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 150_00), tranche("G1", "T-A", 90_00))
    assert posted_by(funded, lost(30_00)) == [
        "3900 A9 T-1 G1 +1000 USD",
        "3900 U-1 T-1 G1 +2000 USD",
        "1300 A9 T-1 G1 -1000 USD",
        "1300 U-1 T-1 G1 -2000 USD",
        "9200 A9 T-1 G1 -1000 USD",
        "9290 A9 T-1 G1 +1000 USD",
        "9200 U-1 T-1 G1 -2000 USD",
        "9290 U-1 T-1 G1 +2000 USD",
    ]
    with pytest.raises(Refused, match=r"US\$60\.01 is more than the partner of G1 holds"):
        tell(funded, lost(60_01, "L-2"))
    with pytest.raises(Refused, match=r"allocated to T-1 and free on .*: US\$150\.00"):
        tell(funded, incurred(travel=150_01))
    with funded.reading() as books:
        drawn = build_statement(books, "FOUND", TERM, AsOf.now(books, YEAR_END), "en")
    assert (drawn.used.cents, drawn.balance.allocated.cents) == (20_00, 180_00)
    assert [(use.category, use.usd.cents) for use in drawn.uses] == [("3900", 20_00)]
    assert render_statement(drawn).startswith(b"%PDF")
    require_sound(funded)


# ---- reallocation


def test_an_allocation_is_reduced_or_moved(funded: Book) -> None:
    assert posted_by(funded, reduced(50_00)) == ["2300 U-1 T-1 +5000 USD", "2200 U-1 -5000 USD"]
    assert posted_by(funded, moved(20_00)) == ["2300 U-1 T-1 +2000 USD", "2300 U-1 T-2 -2000 USD"]
    with funded.reading() as books:
        assert available(books, TERM) == {"A9": 50_00, "U-1": 150_00}
        assert [each[:3] for each in allotments(books, TERM)] == [
            ("A9", "T-1", 100_00),
            ("U-1", "T-1", 130_00),
            ("U-1", "T-2", 20_00),
        ]
    require_sound(funded)


def test_only_what_is_free_is_taken_away(funded: Book) -> None:
    tell(funded, grant("G1", "T-1", 90_00), incurred(travel=30_00))
    for event in (reduced(120_01), moved(120_01)):
        with pytest.raises(Refused, match=r"of agreement U-1 only US\$120\.00 is neither used nor committed"):
            tell(funded, event)
    tell(funded, reduced(120_00))


def test_money_moves_only_where_its_earmark_allows(book: Book) -> None:
    tell(book, agreement("A9", earmark=Earmark(activities=("T-1", "T-3")), ends_on=date(2022, 6, 30)))
    tell(book, contribution("D-1", "A9", "USD", 150_00), planned({"T-1": {"A9": 100_00}}))
    with pytest.raises(Refused, match="earmark of agreement A9 does not allow T-2"):
        tell(book, moved(10_00, of="A9"))
    tell(book, moved(10_00, "T-3", of="A9"))
    with pytest.raises(Refused, match="A reallocation on 2022-07-01 is outside the dates"):
        tell(book, moved(1, "T-3", "M-2", "A9").model_copy(update={"on": date(2022, 7, 1)}))
    with pytest.raises(NotFound, match="no activity 'T-9'"):
        tell(book, moved(1, "T-9", "M-3", "A9"))
    with pytest.raises(BadInput, match="must go to another activity"):
        moved(1, "T-1")


# ---- programme support cost


def test_there_is_no_support_cost_until_a_rate_is_agreed(funded: Book) -> None:
    tell(funded, incurred(travel=30_00))
    with pytest.raises(Refused, match="No support cost is due"):
        tell(funded, charged("S-1"))


def test_support_cost_follows_the_rate_of_each_day(funded: Book) -> None:
    """A third of every expenditure is A9's: 10.00 at 7 % and 20.00 at 10 %, and twice that of U-1."""
    tell(funded, rate(DEC, 700), rate(LATER, 1000))
    tell(funded, incurred("X-1", date(2022, 2, 28), travel=30_00), incurred("X-2", LATER, travel=60_00))
    assert posted_by(funded, charged("S-1")) == [
        "3180 A9 T-1 +270 USD",
        "3180 U-1 T-1 +540 USD",
        "2600 -810 USD",
    ]
    paid_out = SupportCostPaid(on=LATER, reference="B-1", term=TERM, bank_account="USD1", cents=8_00)
    assert posted_by(funded, paid_out) == ["2600 +800 USD", "1100 USD1 -800 USD"]
    with pytest.raises(Refused, match=r"US\$0\.11 is more support cost than was charged and not paid"):
        tell(funded, paid_out.model_copy(update={"reference": "B-2", "cents": 11}))
    with funded.reading() as books:
        assert support_cost_rates(books, TERM) == [(DEC, 700), (LATER, 1000)]
        drawn = build_statement(books, "FOUND", TERM, AsOf.now(books, YEAR_END), "en")
    assert (drawn.support_cost.cents, drawn.used.cents) == (5_40, 65_40)
    assert render_statement(drawn).startswith(b"%PDF")
    require_sound(funded)


def test_support_cost_is_charged_once_and_given_back_with_its_expenditure(funded: Book) -> None:
    tell(funded, rate(DEC, 1000))
    (wrong,) = tell(funded, incurred("X-1", travel=30_00))
    tell(funded, charged("S-1"))
    with pytest.raises(Refused, match="No support cost is due"):
        tell(funded, charged("S-2"))
    tell(funded, EntryReversed(on=LATER, entry=wrong.seq, reason="not ours"))
    assert posted_by(funded, charged("S-3")) == [
        "3180 A9 T-1 -100 USD",
        "3180 U-1 T-1 -200 USD",
        "2600 +300 USD",
    ]
    require_sound(funded)


def test_support_cost_stays_within_the_allotment(funded: Book) -> None:
    tell(funded, rate(DEC, 1000), incurred(travel=290_00))
    with pytest.raises(Refused, match="more than is allocated and free of agreement A9 for activity T-1"):
        tell(funded, charged("S-1"))


# ---- year end


def test_use_is_set_against_what_is_owed(book: Book, tmp_path: Path) -> None:
    advice = tmp_path / "advice.txt"
    advice.write_text("valuation")
    with book.recording() as journal:
        proof = (attach(journal.books, advice),)
    tell(book, gift("U-1", 300_00), goods("GOODS", proof, "U-1"))
    tell(book, GoodsUsed(on=LATER, reference="U", goods="GOODS", activity="T-1", value=40_00))
    tell(book, planned({"T-1": {"U-1": 200_00}}), grant("G1", "T-1", 100_00))
    tell(book, tranche("G1", "T-A", 90_00), report("G1", "R-1", LATER, travel=20_00), lost(5_00))
    tell(book, incurred(travel=30_00), charge(1_00), incurred("X-2", date(2023, 1, 5), travel=7_00))
    assert posted_by(book, year_ended()) == [
        "2200 U-1 +100 USD",
        "2300 U-1 T-1 +5500 USD",
        "2400 U-1 +4000 USD",
        "3150 U-1 T-1 G1 -2000 USD",
        "3150 U-1 T-1 payable:X-1 -3000 USD",
        "3170 U-1 -100 USD",
        "3300 U-1 T-1 -4000 USD",
        "3900 U-1 T-1 G1 -500 USD",
    ]
    with book.reading() as books:
        assert [each[2:] for each in allotments(books, TERM)] == [(145_00, 7_00, 75_00)]
        assert available(books, TERM) == {"U-1": 99_00}
    with pytest.raises(Refused, match="waits to be set against what is owed"):
        tell(book, year_ended("Y-2"))
    require_sound(book)


def charge(minor: int) -> BankChargePaid:
    return BankChargePaid(
        on=LATER, reference="C-1", term=TERM, bank_account="USD1", amount=money("USD", minor)
    )


def test_what_was_taken_back_since_is_no_use_of_the_year(funded: Book) -> None:
    tell(
        funded,
        grant("G1", "T-1", 90_00),
        tranche("G1", "T-A", 90_00),
        report("G1", "R-1", LATER, travel=30_00),
    )
    (wrong,) = tell(funded, report("G1", "R-2", LATER, travel=45_00))
    tell(funded, EntryReversed(on=date(2023, 1, 5), entry=wrong.seq, reason="twice"))
    assert posted_by(funded, year_ended()) == [
        "2300 A9 T-1 +1000 USD",
        "2300 U-1 T-1 +2000 USD",
        "3150 A9 T-1 G1 -1000 USD",
        "3150 U-1 T-1 G1 -2000 USD",
    ]
    require_sound(funded)


def test_what_was_allocated_stays_so_for_the_next_plan(book: Book) -> None:
    """Two of the four units of T-1 are allocated; a year end must not make them wanted again."""
    tell(book, gift("U-1", 250_000_00), planned({"T-1": {"U-1": 100_000_00}}))
    tell(book, incurred(travel=60_000_00), charge(1_00), year_ended())
    with book.reading() as books:
        problem = build_problem(books, Scenario(id="next", term=TERM, on=date(2023, 1, 5), lists_on=LISTED))
    assert {each.code: each.units for each in problem.candidates} == {"T-1": 2, "T-2": 4, "T-3": 4}
    assert [(each.agreement, each.cents) for each in problem.sources] == [("U-1", 149_999_00)]


def test_a_statement_says_the_same_before_and_after_a_year_end(funded: Book) -> None:
    tell(funded, incurred(travel=30_00), charge(1_00))
    with funded.reading() as books:
        before = build_statement(books, "FOUND", TERM, AsOf.now(books, YEAR_END), "en")
    tell(funded, year_ended())
    with funded.reading() as books:
        after = build_statement(books, "FOUND", TERM, AsOf.now(books, YEAR_END), "en")
        later = build_statement(
            books, "FOUND", TERM, AsOf.now(books, LATER.replace(year=2023)), "en", YEAR_END
        )
    assert replace(after, seal=before.seal, id="", verification="") == replace(before, id="", verification="")
    assert later.opening.cents == before.balance.available.cents + before.balance.allocated.cents
    assert (later.used.cents, later.fund.used) == (0, 31_00)
    assert render_statement(later).startswith(b"%PDF")


# ---- term close


def test_a_term_is_closed_only_when_it_is_ready(funded: Book) -> None:
    tell(funded, next_term(), incurred(travel=30_00))
    for event, because in (
        (closed(TERM_END - timedelta(days=1)), "ends on 2023-10-31: close it on that day or later"),
        (closed(), "not yet set against what is owed: record its year end first"),
        (closed(into="2025-2027"), "no term '2025-2027'"),
    ):
        with pytest.raises(MdfmError, match=because):
            tell(funded, event)
    tell(funded, year_ended(), paid("X-1", 1_00, on=date(2023, 11, 3)))
    with pytest.raises(Refused, match="has entries up to 2023-11-03: close it on that day or later"):
        tell(funded, closed())
    tell(funded, closed(date(2023, 11, 3)))
    with funded.reading() as books:
        drawn = build_statement(books, "FOUND", NEXT, AsOf.now(books, date(2023, 11, 30)), "en")
    assert (drawn.opening.cents, drawn.carried.cents, drawn.received.cents) == (0, 280_00, 0)
    assert drawn.balance.allocated.cents == 180_00
    assert render_statement(drawn).startswith(b"%PDF")
    with pytest.raises(Refused, match="is closed: use the term 2023-2025"):
        tell(funded, gift("U-2", 1_00, on=TERM_END))
    with pytest.raises(Refused, match="is closed: use the term 2023-2025"):
        tell(funded, closed(date(2023, 11, 3), reference="Z-2"))
    with pytest.raises(BadInput, match="carried over to another term"):
        TermClosed.make(on=TERM_END, reference="Z-3", term=TERM, into=TERM)


def test_a_term_is_carried_over_agreement_by_agreement(funded: Book) -> None:
    tell(funded, next_term(), grant("G1", "T-1", 90_00), tranche("G1", "T-A", 60_00))
    assert posted_by(funded, closed()) == [
        "1100 USD1 -39000 USD",
        "1300 A9 T-1 G1 -2000 USD",
        "1300 U-1 T-1 G1 -4000 USD",
        "2200 A9 +5000 USD",
        "2200 U-1 +10000 USD",
        "2300 A9 T-1 +10000 USD",
        "2300 U-1 T-1 +20000 USD",
        "9200 A9 T-1 G1 -3000 USD",
        "9200 U-1 T-1 G1 -6000 USD",
        "9290 A9 T-1 G1 +3000 USD",
        "9290 U-1 T-1 G1 +6000 USD",
        "1100 USD1 +39000 USD",
        "1300 A9 T-1 G1 +2000 USD",
        "1300 U-1 T-1 G1 +4000 USD",
        "2200 A9 -5000 USD",
        "2200 U-1 -10000 USD",
        "2300 A9 T-1 -10000 USD",
        "2300 U-1 T-1 -20000 USD",
        "9200 A9 T-1 G1 +3000 USD",
        "9200 U-1 T-1 G1 +6000 USD",
        "9290 A9 T-1 G1 -3000 USD",
        "9290 U-1 T-1 G1 -6000 USD",
    ]
    with funded.reading() as books:
        assert open_balances(books, TERM) == []
        assert (get_agreement(books, "A9").term, get_grant(books, "G1").term) == (NEXT, NEXT)
        assert get_agreement(books, "U-1").ends_on == date(2025, 10, 31)
        assert get_agreement(books, "A9").ends_on == TERM_END
        assert get_activity(books, NEXT, "T-1").code == "T-1"
    require_sound(funded)


# ---- all of them


REVERSIBLE: list[Event] = [
    incurred(travel=30_00),
    paid("X-9", 5_00),
    lost(10_00),
    reduced(1_00),
    moved(1_00),
    charged("S-1"),
    SupportCostPaid(on=LATER, reference="B-1", term=TERM, bank_account="USD1", cents=1),
    year_ended(),
]


@pytest.mark.parametrize("event", REVERSIBLE, ids=lambda event: event.kind)
def test_every_event_can_be_taken_back(funded: Book, event: Event) -> None:
    tell(funded, grant("G1", "T-1", 90_00), tranche("G1", "T-A", 60_00), rate(DEC, 1000))
    tell(funded, incurred("X-9", travel=10_00), charged("S-9", LATER), incurred("X-8", travel=10_00))
    require_reversible(funded, event)


def test_a_close_can_be_taken_back(funded: Book) -> None:
    tell(funded, next_term())
    require_reversible(funded, closed())
    with funded.reading() as books:
        assert get_agreement(books, "A9").term == TERM
        drawn = build_statement(books, "FOUND", TERM, AsOf.now(books, TERM_END), "en")
    assert render_statement(drawn).startswith(b"%PDF")


def test_a_support_cost_rate_that_was_taken_back_does_not_apply(funded: Book) -> None:
    (wrong,) = tell(funded, rate(DEC, 700))
    tell(funded, EntryReversed(on=LATER, entry=wrong.seq, reason="not agreed"), incurred(travel=30_00))
    with pytest.raises(Refused, match="No support cost is due"):
        tell(funded, charged("S-1"))


# ---- two terms on one book


def first_term(proof: tuple[Evidence, ...]) -> list[Event]:
    """Everything that can stand open at the end of a term does."""
    return [
        *(
            RatesPublished(on=on, rates={"EUR": eur, "KRW": "1250"}, source="example")
            for on, eur in (
                (date(2022, 12, 1), "0.95"),
                (date(2023, 10, 1), "0.91"),
                (date(2023, 12, 1), "0.90"),
            )
        ),
        next_term(),
        pledge("P1"),
        agreement("A1", amount=money("EUR", 100_000_00), ends_on=date(2025, 10, 31), evidence=proof),
        agreement("A2", amount=money("KRW", 60_000_000)),
        contribution("E-1", "A1", "EUR", 50_000_00),
        contribution("K-1", "A2", "KRW", 30_000_000, DEC),
        gift("U-1", 40_000_00),
        UnidentifiedReceived(
            on=DEC, reference="N-1", term=TERM, bank_account="EUR1", amount=money("EUR", 1_000_00)
        ),
        goods("GOODS", proof),
        service("SERVICE", proof),
        GoodsUsed(on=DEC, reference="GU-1", goods="GOODS", activity="T-1", value=4_000_00),
        CurrencyChanged(
            on=DEC,
            reference="X-1",
            term=TERM,
            sold_from="EUR1",
            sold=money("EUR", 20_000_00),
            bought_into="USD1",
            bought=money("USD", 22_500_00),
        ),
        planned({"T-1": {"A1": 30_000_00, "U-1": 10_000_01}, "T-2": {"A2": 10_000_00}}),
        rate(DEC, 700),
        grant("G1", "T-1", 20_000_00),
        tranche("G1", "T-A", 15_000_01),
        report("G1", "R-1", LATER, staff=7_777_77, travel=1_333_33),
        incurred("X-2", LATER, contractual=3_000_03),
        paid("X-2", 2_000_00),
        lost(500_00),
        charge(99_99),
        charged("S-1", YEAR_END),
        InterestReceived(
            on=date(2022, 12, 15),
            reference="I-1",
            term=TERM,
            bank_account="USD1",
            amount=money("USD", 777_77),
        ),
        BalancesRevalued(on=YEAR_END, term=TERM),
        InterestAttributed(on=YEAR_END, reference="IA-1", term=TERM, starts_on=NOV, ends_on=YEAR_END),
        DifferencesAttributed(on=YEAR_END, reference="EA-1", term=TERM, starts_on=NOV, ends_on=YEAR_END),
        year_ended("Y-2022", YEAR_END),
        report("G1", "R-2", date(2023, 5, 5), supplies=1_000_00),
        ReceivableWrittenOff(
            on=date(2023, 6, 1), reference="W-1", agreement="A2", amount=money("KRW", 1_000_000), reason="cut"
        ),
        RefundAgreed(on=date(2023, 9, 1), code="RF-1", agreement="U-1", cents=1_000_00, reason="unspent"),
        charged("S-2", TERM_END),
        BalancesRevalued(on=TERM_END, term=TERM),
        year_ended("Y-2023", TERM_END),
    ]


def second_term() -> list[Event]:
    """What stood open goes on in the term that it was carried over to."""
    december = date(2023, 12, 5)
    return [
        report("G1", "R-3", december, travel=2_000_00),
        CommitmentCancelled(on=december, grant="G1", reference="N-1", reason="done"),
        paid("X-2", 1_000_03, "B-2", december),
        contribution("E-2", "A1", "EUR", 50_000_00, december),
        ReceiptIdentified(on=december, receipt="N-1", donor="FOUND"),
        GoodsUsed(on=december, reference="GU-2", goods="GOODS", activity="T-1", value=1_000_00),
        PledgeWithdrawn(on=december, pledge="P1", reason="budget cut"),
        RefundPaid(on=december, refund="RF-1", reference="B-9", bank_account="USD1"),
        SupportCostPaid(on=december, reference="B-8", term=NEXT, bank_account="USD1", cents=100_00),
        BalancesRevalued(on=date(2023, 12, 31), term=NEXT),
        YearEnded(on=date(2023, 12, 31), reference="Y-2023b", term=NEXT),
    ]


def require_statements(book: Book, term: str, on: date, starts_on: date | None = None) -> None:
    """Every donor's statement adds up, and together they are the fund's."""
    with book.reading() as books:
        as_of = AsOf.now(books, on)
        drawn = [build_statement(books, donor, term, as_of, "en", starts_on) for donor in ("CITY", "FOUND")]
        fund = build_fund_summary(books, term, as_of)
        assert build_trial_balance(books, as_of, term).holds
        assert build_trial_balance(books, as_of).holds
    for statement in drawn:
        assert render_statement(statement).startswith(b"%PDF")
    if starts_on is None:
        assert sum(each.used.cents for each in drawn) == fund.used
        assert sum(each.received.cents for each in drawn) == fund.received
        assert sum(each.balance.available.cents for each in drawn) == fund.available


def test_two_terms_on_one_book(book: Book, tmp_path: Path) -> None:
    advice = tmp_path / "advice.txt"
    advice.write_text("valuation")
    with book.recording() as journal:
        proof = (attach(journal.books, advice),)
    tell(book, *first_term(proof))
    require_statements(book, TERM, YEAR_END)
    with book.reading() as books:
        before = build_statement(books, "CITY", TERM, AsOf.now(books, TERM_END), "en")

    tell(book, closed())
    with book.reading() as books:
        as_of = AsOf.now(books, TERM_END)
        assert open_balances(books, TERM) == []
        assert build_trial_balance(books, as_of, TERM).rows == ()
        accounts = {line.account for line in open_balances(books, NEXT)}
        after = build_statement(books, "CITY", TERM, as_of, "en")
        opening = build_statement(books, "CITY", NEXT, AsOf.now(books, date(2023, 11, 1)), "en")
    assert accounts == {
        *("1100", "1200", "1300", "1400", "1900", "2100", "2200", "2300", "2400", "2500", "2600", "2700"),
        *("2810", "2900", "9100", "9190", "9200", "9290"),
    }
    assert replace(after, seal=before.seal, id="", verification="") == replace(before, id="", verification="")
    assert opening.opening.cents == before.balance.available.cents + before.balance.allocated.cents
    assert [each.code for each in opening.agreements] == ["A1", "A2"]
    require_statements(book, TERM, TERM_END)
    require_statements(book, TERM, TERM_END, date(2023, 1, 1))

    tell(book, *second_term())
    require_statements(book, NEXT, date(2023, 12, 31))
    require_statements(book, TERM, date(2023, 12, 31))
    with book.reading() as books:
        assert open_balances(books, TERM) == []
        city = build_statement(books, "CITY", NEXT, AsOf.now(books, date(2023, 12, 31)), "en")
        found = build_statement(books, "FOUND", NEXT, AsOf.now(books, date(2023, 12, 31)), "en")
    assert [(gift.code, gift.used.cents) for gift in city.in_kind] == [("GOODS", 1_000_00)]
    assert [(each.reference, each.received_on) for each in found.receipts] == [("N-1", DEC)]
    require_sound(book)
