"""First in, first out: which dollars of an agreement went where, and that none is lost or told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import AllocationMoved, AllocationReduced, ExpenditureIncurred
from donors import BankChargePaid, FundsTransferred, RefundAgreed, contributions
from ledger import USE_OF_MONEY, AsOf, Book, EntryReversed, Event, Evidence, PostedLine, Refused, head, posted
from reports import trace_contribution
from reports.figures.fifo import IN_AVAILABLE, FifoTrace, Pot, fifo
from reports.figures.figures import allocated_funds, available_funds, debit, of_kind, on
from tests.support.effort import effort
from tests.support.small_books import (
    ACTIVITY_CODES,
    DEC,
    LATER,
    NOV,
    TERM,
    agreement,
    allocation,
    contribution,
    copy_of,
    grant,
    money,
    tell,
)

END = date(2023, 10, 31)
LISTS = date(2026, 1, 1)
"""A day on which all lists of countries are recorded."""


def plan(number: int, flows: dict[str, dict[str, int]], on: date = DEC) -> Event:
    return allocation(f"{number:064x}", flows, on).model_copy(update={"lists_on": LISTS})


def spent(code: str, activity: str, cents: int, on: date = DEC) -> Event:
    return ExpenditureIncurred.make(
        on=on, code=code, term=TERM, activity=activity, payee="Example printer", spent={"supplies": cents}
    )


def reduced(code: str, activity: str, cents: int, agreement: str = "A1") -> Event:
    return AllocationReduced(
        on=DEC, reference=code, agreement=agreement, activity=activity, cents=cents, reason="less"
    )


def moved(code: str, activity: str, to: str, cents: int, agreement: str = "A1") -> Event:
    return AllocationMoved(
        on=DEC, reference=code, agreement=agreement, activity=activity, cents=cents, reason="other", to=to
    )


def followed(book: Book, code: str, until: date = END) -> tuple[FifoTrace, list[PostedLine]]:
    with book.reading() as books:
        lines = list(posted(books, AsOf.now(books, until), agreements=[code]))
    return fifo(lines), lines


def where(book: Book, until: date = END) -> list[dict[str, int]]:
    """Of each layer of A1, what is in which pot."""
    found, _ = followed(book, "A1", until)
    return [
        {f"{pot.sort} {pot.activity or pot.kind}".strip(): cents for pot, cents in found.of(layer).items()}
        for layer in range(len(found.layers))
    ]


@pytest.fixture
def two(book: Book) -> Book:
    """An agreement to which 100 and then 60 dollars came."""
    given = (contribution("C1", "A1", "USD", 100_00), contribution("C2", "A1", "USD", 60_00))
    tell(book, agreement("A1"), *given)
    return book


def test_what_came_first_is_allocated_first_and_used_first(two: Book) -> None:
    tell(two, plan(1, {"T-1": {"A1": 70_00}}), plan(2, {"T-2": {"A1": 50_00}}), spent("X1", "T-2", 35_00))
    assert where(two) == [
        {"allocated T-1": 70_00, "used T-2": 30_00},
        {"allocated T-2": 15_00, "available": 40_00, "used T-2": 5_00},
    ]


def test_what_comes_back_is_what_left_last(two: Book) -> None:
    tell(two, plan(1, {"T-1": {"A1": 130_00}}), reduced("R1", "T-1", 40_00), moved("M1", "T-1", "T-3", 20_00))
    assert where(two) == [
        {"allocated T-1": 70_00, "allocated T-3": 20_00, "available": 10_00},
        {"available": 60_00},
    ]


def test_use_that_is_reversed_returns_to_its_activity(two: Book) -> None:
    *_, wrong = tell(
        two, plan(1, {"T-1": {"A1": 130_00}}), spent("X1", "T-1", 90_00), spent("X2", "T-1", 30_00)
    )
    tell(two, EntryReversed(on=LATER, entry=wrong.seq, reason="twice"))
    assert where(two) == [
        {"allocated T-1": 10_00, "used T-1": 90_00},
        {"allocated T-1": 30_00, "available": 30_00},
    ]


def test_a_contribution_that_is_reversed_leaves_its_place_to_the_next(two: Book) -> None:
    tell(two, plan(1, {"T-1": {"A1": 30_00}}))
    with two.reading() as books:
        wrong = next(each.seq for each in contributions(books) if each.reference == "C1")
    tell(two, EntryReversed(on=LATER, entry=wrong, reason="not ours"))
    assert where(two) == [{"allocated T-1": 30_00, "available": 30_00}]
    assert where(two, DEC) == [{"allocated T-1": 30_00, "available": 70_00}, {"available": 60_00}]


def test_a_later_entry_never_changes_the_result_for_an_earlier_one(two: Book) -> None:
    tell(two, plan(1, {"T-1": {"A1": 130_00}}), spent("X1", "T-1", 110_00))
    before = where(two)
    tell(two, contribution("C0", "A1", "USD", 500_00, NOV))
    assert where(two) == [*before, {"available": 500_00}]


def test_what_left_before_it_came_is_nobodys(two: Book) -> None:
    late = contribution("C3", "A1", "USD", 40_00, LATER)
    tell(two, late, plan(1, {"T-1": {"A1": 200_00}}, DEC))
    found, lines = followed(two, "A1", DEC)
    assert [found.of(layer) for layer in range(3)] == [
        {Pot("allocated", "T-1"): 100_00},
        {Pot("allocated", "T-1"): 60_00},
        {Pot("allocated", "T-1"): 40_00, IN_AVAILABLE: -40_00},
    ]
    assert len(found.layers) == 2
    assert available_funds(lines).cents == -40_00


# ---- whatever happens, everything adds up

STEPS = st.tuples(
    st.sampled_from(
        ["give", "give", "allocate", "allocate", "spend", "spend", "commit", "reduce", "move", "refund",
         "transfer", "charge", "take back"]
    ),
    st.sampled_from(["A1", "A2"]),
    st.sampled_from(ACTIVITY_CODES),
    st.integers(1, 90_01),
)  # fmt: skip
CONSENT = (Evidence(sha256="0" * 64, name="consent.txt", media_type="text/plain"),)


def event(step: tuple[str, str, str, int], number: int, last: int) -> Event:
    """What a step tells the book."""
    what, code, activity, cents = step
    other, name = "A2" if code == "A1" else "A1", f"N-{number}"
    to = "T-1" if activity != "T-1" else "T-2"
    make: dict[str, Callable[[], Event]] = {
        "give": lambda: contribution(name, code, "USD", cents),
        "allocate": lambda: plan(number, {activity: {code: cents}}),
        "spend": lambda: spent(name, activity, cents),
        "commit": lambda: grant(name, activity, cents),
        "reduce": lambda: reduced(name, activity, cents, code),
        "move": lambda: moved(name, activity, to, cents, code),
        "refund": lambda: RefundAgreed(on=DEC, code=name, agreement=code, cents=cents, reason="too much"),
        "transfer": lambda: FundsTransferred(
            on=DEC, code=name, source=code, target=other, cents=cents, reason="as asked", evidence=CONSENT
        ),
        "charge": lambda: BankChargePaid(
            on=DEC, reference=name, term=TERM, bank_account="USD1", amount=money("USD", cents)
        ),
        "take back": lambda: EntryReversed(on=DEC, entry=last - cents % 8, reason="wrong"),
    }
    return make[what]()


@settings(max_examples=effort(12, 250))
@given(st.lists(STEPS, min_size=4, max_size=24))
def test_whatever_happens_all_layers_add_up_to_the_agreement(
    ready_template: Path, steps: list[tuple[str, str, str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        book = copy_of(ready_template, Path(folder))
        tell(book, agreement("A1"), agreement("A2"), contribution("FIRST", "A1", "USD", 50_00))
        with book.reading() as books:
            begun = head(books).seq
        for number, step in enumerate(steps):
            with book.reading() as books:
                last = head(books).seq
            happens = event(step, number, last)
            if 0 < happens.reverses <= begun:
                continue  # an agreement that is reversed has nothing to trace
            with suppress(Refused):
                tell(book, happens)
        for code in ("A1", "A2"):
            assert_adds_up(*followed(book, code))
        assert_traces_add_up(book)
        book.close()


def assert_adds_up(found: FifoTrace, lines: list[PostedLine]) -> None:
    layers = range(len(found.layers))
    assert [sum(found.of(layer).values()) for layer in layers] == [layer.cents for layer in found.layers]
    assert found.of(len(found.layers)) == {}
    assert all(cents > 0 for layer in layers for cents in found.of(layer).values())
    pots = Counter[str]()
    for layer in layers:
        for pot, cents in found.of(layer).items():
            pots[f"{pot.sort} {pot.activity} {pot.account} {pot.kind}"] += cents
    assert (
        sum(cents for pot, cents in pots.items() if pot.startswith("available"))
        == available_funds(lines).cents
    )
    assert (
        sum(cents for pot, cents in pots.items() if pot.startswith("allocated"))
        == allocated_funds(lines).cents
    )
    assert (
        sum(cents for pot, cents in pots.items() if pot.startswith("used"))
        == debit(on(lines, *USE_OF_MONEY)).cents
    )
    refunds = debit(of_kind(on(lines, "2200"), RefundAgreed.kind)).cents
    assert pots[f"gone   {RefundAgreed.kind}"] == refunds
    for line in on(lines, "2200", "2300", *USE_OF_MONEY):
        parts = found.parts[line.entry, line.no]
        assert sum(parts.values()) in {line.usd, 0}  # nothing of what was taken back with its arrival


def assert_traces_add_up(book: Book) -> None:
    """Each trace adds up to its contribution, and the traces to the statement where nothing else came."""
    with book.reading() as books:
        as_of = AsOf.now(books, END)
        lines = list(posted(books, as_of, accounts=("2200",)))
        traces = [trace_contribution(books, each.reference, as_of) for each in contributions(books)]
    told: Counter[tuple[str, str]] = Counter()
    says = {}
    for each in traces:
        unspent = sum(standing.unspent for standing in each.activities)
        used, gone = (sum(step.cents for step in steps) for steps in (each.used, each.gone))
        assert each.cents == used + unspent + gone + each.available
        assert sum(step.cents for step in each.allocated) == sum(each.allocated for each in each.activities)
        for stated in each.statements:
            told[stated.part, stated.figure] += stated.cents
            says[stated.part, stated.figure] = stated.of
    if not of_kind(lines, FundsTransferred.kind):
        assert told == says
