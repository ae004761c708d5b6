"""Revised plans: solved as if only committed work were allocated, and booked as the difference."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import Plan, PlanApproved, Scenario, approve_plan, make_plan
from allocation.scenario.committed_work import committed_work
from ledger import AsOf, Book, Refused, allotments, available, lines_of, posted
from mdfm.books import create
from tests.support.effort import effort
from tests.support.event_lines import require_sound
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    TERM,
    agreement,
    allocation,
    clock,
    contribution,
    gift,
    grant,
    master_data,
    money,
    report,
    tell,
    tranche,
)

UNIT = 50_000_00
LISTED = date(2025, 12, 1)
FIRST = {"T-1": 300}
"""Weights with which T-1 comes first."""
SECOND = {"T-2": 300, "T-3": 200}


def scenario(weights: dict[str, int], **more: object) -> Scenario:
    message = {
        "id": "revised",
        "term": TERM,
        "on": DEC,
        "lists_on": LISTED,
        "weights": {"activities": weights},
    }
    return Scenario.model_validate(message | more)


def planned(book: Book, asked: Scenario, *, revises: bool = False) -> Plan:
    with book.reading() as books:
        return make_plan(books, asked, MAKER, revises=revises, explained=False)


def approved(book: Book, plan: Plan, folder: Path) -> int:
    """Approve a plan; the number of its entry."""
    place = folder / "plan.json"
    place.write_bytes(plan.to_bytes())
    with book.recording() as journal:
        return approve_plan(journal, place, CHECKER).seq


def allotted(book: Book) -> dict[tuple[str, str], int]:
    with book.reading() as books:
        return {
            (each.agreement, each.activity): each.allocated
            for each in allotments(books, TERM)
            if each.allocated
        }


def flows_of(plan: Plan) -> dict[tuple[str, str], int]:
    return {(flow.agreement, award.activity): flow.cents for award in plan.awards for flow in award.flows}


@pytest.fixture
def funded(book: Book) -> Book:
    """Money for three units and a half, from two agreements and a gift."""
    tell(
        book,
        agreement("A1", amount=money("USD", 80_000_00)),
        contribution("D-1", "A1", "USD", 80_000_00),
        agreement("A2", amount=money("USD", 45_000_00)),
        contribution("D-2", "A2", "USD", 45_000_00),
        gift("U-1", 50_000_00),
    )
    return book


# --- nothing is begun ---------------------------------------------------------------------------------------


def test_a_revised_plan_takes_the_place_of_the_first(funded: Book, tmp_path: Path) -> None:
    first = planned(funded, scenario(FIRST))
    assert first.units == {"T-1": 3}
    approved(funded, first, tmp_path)
    second = planned(funded, scenario(SECOND), revises=True)
    assert second.units == {"T-2": 3}
    assert second.available == first.available
    seq = approved(funded, second, tmp_path)
    assert allotted(funded) == flows_of(second)
    with funded.reading() as books:
        lines = lines_of(books, seq)
    # The same agreements pay as much as before: what they have available does not move.
    assert {line.account for line in lines} == {"2300"}
    assert {(line.agreement, line.activity): -line.usd for line in lines} == {
        (each.agreement, each.activity): each.cents for each in second.changes
    }
    require_sound(funded)


def test_the_answer_is_that_of_the_second_question_alone(funded: Book, tmp_path: Path) -> None:
    """Where points decide, it does not matter what was allocated before."""
    asked = scenario(
        SECOND, ceilings=[{"id": "most", "group": "activity", "of": "T-2", "amount": 100_000_00}]
    )
    alone = planned(funded, asked)
    approved(funded, planned(funded, scenario(FIRST)), tmp_path)
    revised = planned(funded, asked, revises=True)
    assert (revised.awards, revised.value) == (alone.awards, alone.value)
    assert alone.units == {"T-2": 2, "T-3": 1}


def test_as_little_as_can_be_moves_among_equal_plans(funded: Book) -> None:
    """All activities are worth as much: the first by code would be T-1."""
    tell(funded, allocation("a" * 64, {"T-3": {"A1": 80_000_00, "A2": 45_000_00, "U-1": 25_000_00}}))
    assert planned(funded, scenario({}), revises=True).units == {"T-3": 3}


def test_what_is_allocated_already_is_not_booked_again(funded: Book, tmp_path: Path) -> None:
    approved(funded, planned(funded, scenario(FIRST)), tmp_path)
    again = planned(funded, scenario(FIRST), revises=True)
    assert again.changes == ()
    with pytest.raises(Refused, match="is what is allocated already: there is nothing to book"):
        approved(funded, again, tmp_path)


flows = st.dictionaries(
    st.tuples(st.sampled_from(["U-1", "U-2"]), st.sampled_from(["T-1", "T-2", "T-3"])),
    st.integers(1, 30_000),
    min_size=1,
)


def by_hand(sha256: str, given_: dict[tuple[str, str], int], *, revises: bool = False) -> PlanApproved:
    awards: dict[str, dict[str, int]] = {}
    for (code, activity), cents in given_.items():
        awards.setdefault(activity, {})[code] = cents
    return allocation(sha256 * 64, awards).model_copy(update={"revises": revises})


@settings(max_examples=effort(10, 400))
@given(st.lists(flows, min_size=2, max_size=4))
def test_revisions_leave_what_the_last_plan_alone_would(plans: list[dict[tuple[str, str], int]]) -> None:
    """However often it is revised: allotments, and what is available, are as if the last were the first."""
    after = create("sqlite://", clock())
    tell(after, *master_data(), gift("U-1", 90_000), gift("U-2", 90_000))
    tell(after, by_hand("0", plans[0]))
    for number, plan in enumerate(plans[1:], 1):
        if allotted(after) != plan:
            tell(after, by_hand(str(number), plan, revises=True))
    given_: Counter[str] = Counter()
    for (code, _), cents in plans[-1].items():
        given_[code] += cents
    assert allotted(after) == plans[-1]
    with after.reading() as books:
        assert available(books, TERM) == {code: 90_000 - given_[code] for code in ("U-1", "U-2")}
    require_sound(after)
    after.close()


# --- something is begun -------------------------------------------------------------------------------------


@pytest.fixture
def running(funded: Book, tmp_path: Path) -> Book:
    """Of three units of T-1, one and a bit is committed or used."""
    approved(funded, planned(funded, scenario(FIRST)), tmp_path)
    tell(
        funded,
        grant("G1", "T-1", 60_000_00),
        tranche("G1", "T-1", 20_000_00),
        report("G1", "R-1", staff=5_00),
    )
    return funded


def test_committed_work_stays_with_those_who_pay_for_it(running: Book, tmp_path: Path) -> None:
    before = allotted(running)
    with running.reading() as books:
        kept = committed_work(books, TERM, {"T-1": UNIT})["T-1"]
        taken = {each.agreement: each.used + each.committed for each in allotments(books, TERM)}
    assert (kept.units, kept.cents) == (2, 2 * UNIT)
    assert all(taken[code] <= kept.paid[code] <= before[code, "T-1"] for code in taken)
    plan = planned(running, scenario(SECOND, never_fund=["T-1"]), revises=True)
    assert plan.units == {"T-1": 2, "T-2": 1}
    approved(running, plan, tmp_path)
    after = allotted(running)
    assert {code: cents for (code, activity), cents in after.items() if activity == "T-1"} == kept.paid
    assert after == flows_of(plan)
    require_sound(running)


def test_rules_count_committed_work(running: Book) -> None:
    """Two units of T-1 cannot be given up: a share of all money that allows one only cannot be kept."""
    most = {"id": "half", "group": "activity", "of": "T-1", "share": "50%"}
    tell(running, gift("U-2", 25_000_00))
    assert planned(running, scenario(SECOND, ceilings=[most]), revises=True).units == {"T-1": 2, "T-2": 2}
    with pytest.raises(Exception, match="T-1 begun.*half|half.*T-1 begun"):
        planned(running, scenario(SECOND, ceilings=[most | {"share": "40%"}]), revises=True)


def test_what_is_committed_after_the_plan_was_solved_is_not_taken_back(running: Book, tmp_path: Path) -> None:
    plan = planned(running, scenario(SECOND), revises=True)
    (late,) = tell(running, grant("G2", "T-1", 60_000_00))
    with pytest.raises(Refused, match=rf"entries since: {late.seq} \(grant committed\)\): run the scenario"):
        approved(running, plan, tmp_path)


def test_the_books_themselves_refuse_to_take_back_what_is_used(running: Book) -> None:
    """Even an event that no plan stands behind: 60,000 dollars are begun, a third and more of them A1's."""
    event = by_hand("f", {("U-1", "T-2"): 1_00}, revises=True)
    with pytest.raises(
        Refused, match=r"takes US\$68,571\.43 of agreement A1 from T-1, where only US\$41,142\.86"
    ):
        tell(running, event)


def test_money_of_an_agreement_that_has_ended_may_only_go_back(book: Book) -> None:
    tell(book, agreement("A9", ends_on=DEC), contribution("D-1", "A9", "USD", 100_00), gift("U-1", 100_00))
    tell(book, by_hand("a", {("A9", "T-1"): 60_00}))
    back = by_hand("b", {("U-1", "T-1"): 60_00}, revises=True).model_copy(update={"on": LATER})
    more = by_hand("c", {("A9", "T-1"): 60_01}, revises=True).model_copy(update={"on": LATER})
    with pytest.raises(Refused, match="outside the dates of agreement A9"):
        tell(book, more)
    tell(book, back)
    with book.reading() as books:
        assert available(books, TERM) == {"A9": 100_00, "U-1": 40_00}
        moved = [line for line in posted(books, AsOf.now(books, LATER), accounts=("2200",)) if line.usd > 0]
    assert [(line.agreement, line.usd) for line in moved] == [("A9", 60_00), ("U-1", 60_00)]
