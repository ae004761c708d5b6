"""Approval: what a second person may approve, and messages for unproved, unpaid and outdated plans."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from allocation import NoPlan, Plan, PlanApproved, Scenario, approve_plan, make_plan
from allocation.plan.plan import Tier
from donors import DonorRegistered
from ledger import Book, Refused, get_entry, lines_of
from mdfm.books import create
from tests.support.event_lines import require_sound
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    agreement,
    allocation,
    clock,
    contribution,
    gift,
    money,
    tell,
)

LISTED = date(2025, 12, 1)


def scenario(**more: object) -> Scenario:
    message = {"id": "approval", "term": TERM, "on": DEC, "lists_on": LISTED}
    return Scenario.model_validate(message | more)


def planned(book: Book, **more: object) -> Plan:
    with book.reading() as books:
        return make_plan(books, scenario(**more), MAKER)


def approved(book: Book, plan: Plan, folder: Path, *, although_unproved: bool = False) -> int:
    place = folder / "plan.json"
    place.write_bytes(plan.to_bytes())
    with book.recording() as journal:
        return approve_plan(journal, place, CHECKER, although_unproved=although_unproved).seq


def payload(book: Book, seq: int) -> dict[str, object]:
    with book.reading() as books:
        message: dict[str, object] = json.loads(get_entry(books, seq).payload)
    return message


@pytest.fixture
def funded(book: Book) -> Book:
    """Money for two units."""
    tell(book, gift("U-1", 70_000_00), gift("U-2", 50_000_00))
    return book


# --- the file -----------------------------------------------------------------------------------------------


def test_a_plan_says_of_every_activity_why(funded: Book) -> None:
    plan = planned(funded, never_fund=["T-2"])
    assert [each.activity for each in plan.explanations] == ["T-1", "T-2", "T-3"]
    assert all(each.sentences for each in plan.explanations)
    assert {each.activity: each.units for each in plan.explanations} == {"T-1": 2, "T-2": 0, "T-3": 0}
    reasons = {each.activity: each.reason for each in plan.not_funded}
    assert "never-fund T-2" in reasons["T-2"]
    assert Plan.model_validate_json(plan.to_bytes()) == plan


def test_a_plan_is_made_without_explanations_where_they_take_too_long(funded: Book) -> None:
    with funded.reading() as books:
        plan = make_plan(books, scenario(), MAKER, explained=False)
    assert plan.explanations == ()
    assert {each.reason for each in plan.not_funded} == {"Not explained: ask why."}


def test_where_there_is_no_plan_its_repairs_are_reported(funded: Book) -> None:
    with pytest.raises(
        NoPlan, match="must-fund T-1 .* relax it or find eligible money. A plan is possible"
    ) as no:
        planned(funded, must_fund=["T-1"])
    assert [[each.rule for each in repair.relaxations] for repair in no.value.repairs] == [["must-fund T-1"]]


def test_the_rules_of_a_plan_tell_what_is_not_money_too(funded: Book) -> None:
    team = {"id": "team", "unit": "events", "most": 3, "uses": {"T-1": 2, "T-2": 1}}
    (rule,) = planned(funded, resources=[team]).rules
    assert (rule.sense, rule.bound, rule.reached, rule.in_cents) == ("ceiling", 3, 3, False)


# --- not proved ---------------------------------------------------------------------------------------------


def with_gap(plan: Plan, gap: int) -> Plan:
    """The same plan, as it is written when its limit was hit before the best was proved."""
    (value, *later) = plan.manifest.tiers
    open_tier = Tier(name="value", value=value.value, bound=value.value + gap, gap=gap, proved=False)
    manifest = plan.manifest.model_copy(update={"tiers": (open_tier, later[-1])})
    return plan.model_copy(update={"manifest": manifest})


def test_what_is_not_proved_is_approved_only_if_that_is_said(funded: Book, tmp_path: Path) -> None:
    plan = with_gap(planned(funded), 1_000_000)
    assert (plan.value, plan.bound) == (6_000_000, 7_000_000)
    sentence = (
        r"its value is 6,000,000 points and may be as good as 7,000,000 points "
        r"\(gap 1,000,000 points, 14\.29%\)"
    )
    with pytest.raises(Refused, match=sentence):
        approved(funded, plan, tmp_path)
    seq = approved(funded, plan, tmp_path, although_unproved=True)
    tier = {
        "bound": 7_000_000,
        "gap": 1_000_000,
        "gap_basis_points": 1429,
        "name": "value",
        "value": 6_000_000,
    }
    assert payload(funded, seq)["unproved"] == [tier]
    require_sound(funded)


def test_a_limit_that_is_hit_is_reported(funded: Book, tmp_path: Path) -> None:
    """Without any effort the value is known by its bound, but not which of the equal plans comes first."""
    with funded.reading() as books:
        plan = make_plan(books, scenario(), MAKER, limit=0.0)
    assert {tier.name for tier in plan.unproved} == {"tie-break"}
    with pytest.raises(Refused, match="not proved to be the best: its tie-break is"):
        approved(funded, plan, tmp_path)


def test_what_is_proved_says_nothing_of_it(funded: Book, tmp_path: Path) -> None:
    """So the entries of plans that were approved before there were other plans are the same byte for byte."""
    message = payload(funded, approved(funded, planned(funded), tmp_path, although_unproved=True))
    assert message.keys() == {"awards", "evidence", "lists_on", "on", "plan_sha256", "scenario", "term"}
    flow = message["awards"][0]["flows"][0]  # type: ignore[index]
    assert flow.keys() == {"agreement", "cents"}


# --- not there yet ------------------------------------------------------------------------------------------


def test_money_that_has_not_arrived_is_planned_and_not_allocated(book: Book, tmp_path: Path) -> None:
    tell(
        book,
        agreement("A1", amount=money("USD", 100_000_00)),
        contribution("D-1", "A1", "USD", 30_000_00),
        gift("U-1", 20_000_00),
    )
    plan = planned(book, money="signed", arrives={"A1": 2023})
    (award,) = plan.awards
    assert {flow.source for flow in award.flows} == {"A1", "A1@2023", "U-1"}
    assert sum(flow.cents for flow in award.flows) == award.cents == 100_000_00
    later = next(flow.cents for flow in award.flows if flow.arrives)
    with pytest.raises(
        Refused, match=rf"T-1 US\${later // 100:,}\.\d\d of agreement A1, which is expected in 2023"
    ):
        approved(book, plan, tmp_path)


# --- out of date --------------------------------------------------------------------------------------------


def test_what_does_not_touch_the_question_may_come_in(funded: Book, tmp_path: Path) -> None:
    plan = planned(funded)
    tell(funded, DonorRegistered(on=LATER, code="NEW", name="Another city", type="city", country="KEN"))
    seq = approved(funded, plan, tmp_path)
    assert seq == plan.manifest.head_seq + 2


def test_what_does_touch_it_is_named(funded: Book, tmp_path: Path) -> None:
    plan = planned(funded)
    came = tell(funded, *(gift(f"N-{number}", 1_00) for number in range(7)))
    named = ", ".join(rf"{each.seq} \(contribution received\)" for each in came[:5])
    with pytest.raises(Refused, match=rf"\(entries since: {named} and 2 more\): run the scenario again"):
        approved(funded, plan, tmp_path)


def test_a_plan_of_other_books_is_refused(funded: Book, tmp_path: Path) -> None:
    plan = planned(funded)
    other = create("sqlite://", clock())
    with pytest.raises(Refused, match="solved over other books: open its own book"):
        approved(other, plan, tmp_path)
    other.close()
    manifest = plan.manifest.model_copy(update={"head_hash": "0" * 64})
    with pytest.raises(Refused, match="solved over other books"):
        approved(funded, plan.model_copy(update={"manifest": manifest}), tmp_path)


def test_each_flow_is_a_line(funded: Book, tmp_path: Path) -> None:
    plan = planned(funded)
    seq = approved(funded, plan, tmp_path)
    with funded.reading() as books:
        lines = lines_of(books, seq)
    assert {
        (line.agreement, line.activity): -line.usd for line in lines if line.account == "2300"
    } == plan.flows
    assert approved(funded, plan, tmp_path) == seq


def test_an_event_that_was_recorded_before_there_were_revisions_is_still_read() -> None:
    message = allocation("a" * 64, {"T-1": {"U-1": 1}}, NOV).model_dump(mode="json")
    assert message.keys().isdisjoint({"revises", "unproved"})
    assert PlanApproved.model_validate(message).revises is False
