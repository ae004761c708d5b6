"""The problem builder: which units are still wanted, and which rules apply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allocation import NoPlan, PlanApproved, ProgrammeAdopted, Scenario, compare_plans, make_plan
from allocation.engine.problem import Candidate, Fairness, Problem, Source
from allocation.engine.rules.concentration import ConcentrationRule
from allocation.engine.rules.counts import ActivityCountRule
from allocation.engine.rules.donors import DonorRule
from allocation.engine.rules.links import LinkRule
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.rule import Rule
from allocation.engine.rules.sums import SumRule
from allocation.engine.rules.units import UnitsRule
from allocation.scenario.problem_builder import build_problem, problem_hash
from donors import ContributionReceived, PledgeWithdrawn
from ledger import Amount, BadInput, Book, Refused
from mdfm.books import open_at
from tests.support.example_demo import Demo
from tests.support.small_books import (
    NOV,
    TERM,
    agreement,
    allocation,
    contribution,
    gift,
    master_data,
    pledge,
    tell,
)

HALF_FUNDED = "HEALTH-2.1"
"""Two workshops are wanted; the demo funds one."""


@pytest.fixture
def richer(demo: Demo, tmp_path: Path) -> Iterator[Book]:
    """The demo's book after another gift."""
    book = open_at(str(demo.copy(tmp_path / "demo.book")))
    gift = ContributionReceived(
        on=date(2023, 1, 16),
        reference="G-LATE",
        bank_account="BANK-USD",
        amount=Amount(currency="USD", minor=60_000_00),
        donor="CORP-A",
        term="2021-2023",
    )
    with book.recording() as journal:
        journal.record(gift, made_by="officer", approved_by="approver")
    yield book
    book.close()


def scenario(**more: object) -> Scenario:
    message = {"id": "more", "term": "2021-2023", "on": date(2023, 1, 20), "lists_on": date(2025, 12, 31)}
    return Scenario.model_validate(message | more)


def test_what_must_be_funded_is_what_is_still_wanted_of_it(richer: Book) -> None:
    with richer.reading() as books:
        asked = scenario(must_fund=(HALF_FUNDED,))
        rule = next(rule for rule in build_problem(books, asked).rules if isinstance(rule, UnitsRule))
        assert (rule.activity, rule.least) == (HALF_FUNDED, 1)
        (award,) = make_plan(books, asked, "planner").awards
    assert (award.activity, award.units) == (HALF_FUNDED, 1)


def test_a_plan_adds_to_what_is_allocated_already(richer: Book) -> None:
    with richer.reading() as books:
        wanted = {each.code: each.units for each in build_problem(books, scenario()).candidates}
    assert wanted[HALF_FUNDED] == 1
    assert "MDFM-1.2" not in wanted


def test_without_money_for_what_is_open_nothing_is_asked(demo: Demo) -> None:
    book = open_at(str(demo.book))
    with book.reading() as books, pytest.raises(Refused, match="no money that scenario more may give"):
        make_plan(books, scenario(), "planner")
    book.close()


# ---- a programme with everything in it


def planned(code: str, **more: object) -> dict[str, object]:
    usual = {"work_area": 1, "cluster": "ESD", "titles": {}, "unit_cents": 1_000_00, "units": 1, "demand": 10}
    return usual | {"code": code, "cities": ("North", "South")} | more


def programme(*message: dict[str, object]) -> ProgrammeAdopted:
    cities = [
        {"name": "North", "country": "KEN", "region": "Africa"},
        {"name": "South", "country": "KOR", "region": "Asia and the Pacific"},
    ]
    return ProgrammeAdopted.make(on=NOV, term=TERM, edition="own", cities=cities, activities=message)


RICH = (
    planned("STUDY", year=2021, cluster=""),
    planned("MEETING", year=2022, units=3, least=2, person_days=20, requires=("STUDY",)),
    planned(
        "FORUM",
        year=2023,
        clusters={"ESD": 7_500, "INC": 2_500},
        shares=(9_000, 1_000),
        excludes=("MEETING",),
    ),
    planned("GRANTS", unit_cents=100, units=300, least=50, scalable=True, work_area=4, cities=("South",)),
)


@pytest.fixture
def own(empty_book: Book) -> Book:
    """A book with a programme of its own, an agreement of which half has arrived, one to come, and a gift."""
    without = (event for event in master_data() if event.kind != ProgrammeAdopted.kind)
    tell(
        empty_book,
        *without,
        programme(*RICH),
        agreement("AG-1"),
        agreement("AG-2", donor="FOUND", earmark={"clusters": ("ESD",)}, ends_on=date(2022, 12, 31)),
        contribution("R-1", "AG-1", "USD", 6_000_00),
        gift("GIFT", 500_00),
        pledge("PL-1", 1_000_01, "USD"),
        pledge("PL-2", 10_00, "USD"),
    )
    return empty_book


def planned_flows(cents: dict[str, int]) -> PlanApproved:
    """What AG-1 gives, by activity."""
    return allocation("a" * 64, {code: {"AG-1": given} for code, given in cents.items()})


def asked(book: Book, **more: object) -> Problem:
    message = {"id": "q", "term": TERM, "on": date(2022, 3, 31), "lists_on": date(2025, 12, 31)}
    with book.reading() as books:
        return build_problem(books, Scenario.model_validate(message | more))


def rules(problem: Problem) -> dict[str, Rule]:
    return {rule.id: rule for rule in problem.rules}


def sources(problem: Problem) -> dict[str, tuple[int, set[str]]]:
    return {source.id: (source.cents, set(source.eligible)) for source in problem.sources}


def test_what_has_arrived_pays_for_every_year_in_which_its_agreement_runs(own: Book) -> None:
    anything = {"STUDY", "MEETING", "FORUM", "GRANTS"}
    assert sources(asked(own)) == {"AG-1": (6_000_00, anything), "GIFT": (500_00, anything)}


def test_what_is_signed_for_arrives_in_the_last_year_unless_it_is_said(own: Book) -> None:
    signed = sources(asked(own, money="signed"))
    assert signed["AG-1@2023"] == (4_000_00, {"FORUM", "GRANTS"})
    assert signed["AG-2@2022"] == (10_000_00, {"MEETING", "GRANTS"})  # its agreement ends then
    earlier = sources(asked(own, money="signed", arrives={"AG-2": 2023, "AG-1": 2021}, reserve=1_000))
    assert earlier["AG-2@2023"] == (9_000_00, {"GRANTS"})
    assert earlier["AG-1@2021"] == (3_600_00, {"STUDY", "MEETING", "FORUM", "GRANTS"})


def test_without_years_what_is_signed_for_counts_as_if_it_were_there(book: Book) -> None:
    tell(book, agreement("AG-1"), contribution("R-1", "AG-1", "USD", 6_000_00))
    codes = {"T-1", "T-2", "T-3"}
    assert sources(asked(book, money="signed")) == {"AG-1": (10_000_00, codes)}
    message = sources(asked(book, money="signed", arrives={"AG-1": 2023}))
    assert message == {"AG-1": (6_000_00, codes), "AG-1@2023": (4_000_00, codes)}


def test_pledges_count_as_far_as_they_are_likely(own: Book) -> None:
    message = sources(asked(own, money="pledged", pledge_probability=5_000, probability={"PL-2": 0}))
    assert message["pledge PL-1@2022"] == (500_00, {"MEETING", "FORUM", "GRANTS"})
    assert not {name for name in message if "PL-2" in name}
    assert message["AG-1@2023"][0] == 4_000_00
    with pytest.raises(BadInput, match="for PL-2 alone under probability"):
        asked(own, money="pledged", probability={"PL-1": 5_000})


def test_a_pledge_that_is_withdrawn_counts_no_more(own: Book) -> None:
    tell(own, PledgeWithdrawn(on=NOV, pledge="PL-1", reason="budget cut"))
    message = asked(own, money="pledged", pledge_probability=10_000)
    assert [source.agreement for source in message.sources] == ["AG-1", "AG-1", "AG-2", "GIFT", "pledge PL-2"]


def test_candidates_are_what_the_programme_says_less_what_is_in_kind(own: Book) -> None:
    problem = asked(
        own,
        cover={"STUDY": 1_000_00, "MEETING": 250_00},
        weights={"clusters": {"INC": 50, "ESD": 200}, "work_areas": {"4": 50}},
    )
    assert {each.code: each for each in problem.candidates} == {
        "STUDY": Candidate("STUDY", 0, 1, 10_000_000),
        "MEETING": Candidate("MEETING", 750_00, 3, 20_000_000, 2),
        "FORUM": Candidate("FORUM", 1_000_00, 1, 10 * 100 * 162 * 100),
        "GRANTS": Candidate("GRANTS", 100, 300, 10 * 50 * 200 * 100 // 300, 50),
    }
    with pytest.raises(BadInput, match=r"covers US\$1,000.01 of a unit of STUDY in kind, and it costs only"):
        asked(own, cover={"STUDY": 1_000_01})


def test_what_is_allocated_counts_in_units_at_the_cost_that_is_left(own: Book) -> None:
    tell(own, planned_flows({"GRANTS": 30_00, "STUDY": 1_000_00, "MEETING": 750_00}))
    wanted = {
        each.code: (each.units, each.least) for each in asked(own, cover={"MEETING": 250_00}).candidates
    }
    assert wanted == {"MEETING": (2, 1), "FORUM": (1, 1), "GRANTS": (270, 20)}
    assert {each.code: each.units for each in asked(own).candidates}["MEETING"] == 3


def test_links_hold_until_what_is_allocated_has_settled_them(own: Book) -> None:
    message = rules(asked(own))
    assert message["MEETING requires STUDY"] == LinkRule(
        "MEETING requires STUDY", "requires", "MEETING", "STUDY", "the programme"
    )
    assert message["FORUM excludes MEETING"] == LinkRule(
        "FORUM excludes MEETING", "excludes", "FORUM", "MEETING", "the programme"
    )
    tell(own, planned_flows({"STUDY": 1_000_00, "MEETING": 1_000_00}))
    message = rules(asked(own))
    assert "MEETING requires STUDY" not in message
    assert message["FORUM excludes MEETING"] == UnitsRule(
        "FORUM excludes MEETING", "FORUM", most=0, reason="MEETING is allocated already"
    )


def test_rules_count_shares_of_clusters_and_cities(own: Book) -> None:
    groups = {
        "inclusion": {"group": "cluster", "of": "INC"},
        "kenya": {"group": "country", "of": "KEN"},
        "asia": {"group": "region", "of": "Asia and the Pacific"},
        "forum": {"group": "activity", "of": "FORUM"},
        "outreach": {"group": "work-area", "of": "4"},
    }
    message = rules(asked(own, floors=[{"id": id, "amount": 5, **of} for id, of in groups.items()]))
    half = 5_000
    weights = {
        "inclusion": {"FORUM": 2_500},
        "kenya": {"STUDY": half, "MEETING": half, "FORUM": 9_000},
        "asia": {"STUDY": half, "MEETING": half, "FORUM": 1_000, "GRANTS": 10_000},
        "forum": {"FORUM": 10_000},
        "outreach": {"GRANTS": 10_000},
    }
    for id, expected in weights.items():
        assert message[id] == MoneyRule(id, "floor", expected, cents=5)


def test_a_count_is_about_activities_of_which_any_part_is_in_the_group(own: Book) -> None:
    groups: dict[str, tuple[dict[str, object], set[str]]] = {
        "everything": ({"group": "all"}, {"STUDY", "MEETING", "FORUM", "GRANTS"}),
        "listed": ({"group": "activities", "activities": ["STUDY", "FORUM"]}, {"STUDY", "FORUM"}),
        "kenya": ({"group": "country", "of": "KEN"}, {"STUDY", "MEETING", "FORUM"}),
        "asia": ({"group": "region", "of": "Asia and the Pacific"}, {"STUDY", "MEETING", "FORUM", "GRANTS"}),
        "inclusion": ({"group": "cluster", "of": "INC"}, {"FORUM"}),
        "outreach": ({"group": "work-area", "of": "4"}, {"GRANTS"}),
        "forum": ({"group": "activity", "of": "FORUM"}, {"FORUM"}),
    }
    found = rules(
        asked(own, counts=[{"id": id, "least": 1, "most": 1, **of} for id, (of, _) in groups.items()])
    )
    for id, (_, codes) in groups.items():
        assert found[id] == ActivityCountRule(id, frozenset(codes), 1, 1)


@pytest.mark.parametrize(
    ("count", "message"),
    [
        ({"group": "cluster", "of": "INC", "least": 2}, "at least 2 activities, and only 1 of its group"),
        ({"group": "cluster", "of": "XXX", "most": 2}, "names the cluster 'XXX', which is not open"),
        ({"group": "activities", "activities": ["FORM"], "most": 1}, "'FORM', which is not open"),
    ],
)
def test_a_count_of_what_is_not_there_is_refused(own: Book, count: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        asked(own, counts=[{"id": "c", **count}])


@pytest.mark.parametrize(
    ("each", "groups"),
    [
        (
            "country",
            {
                "KEN": {"STUDY": 5_000, "MEETING": 5_000, "FORUM": 9_000},
                "KOR": {"STUDY": 5_000, "MEETING": 5_000, "FORUM": 1_000, "GRANTS": 10_000},
            },
        ),
        ("cluster", {"ESD": {"MEETING": 10_000, "FORUM": 7_500, "GRANTS": 10_000}, "INC": {"FORUM": 2_500}}),
        ("work-area", {"1": dict.fromkeys(("STUDY", "MEETING", "FORUM"), 10_000), "4": {"GRANTS": 10_000}}),
        ("activity", {code: {code: 10_000} for code in ("FORUM", "GRANTS", "MEETING", "STUDY")}),
    ],
)
def test_a_concentration_limit_is_one_rule_for_all_that_occur(
    own: Book, each: str, groups: dict[str, dict[str, int]]
) -> None:
    found = rules(asked(own, concentration_limits=[{"id": "one", "each": each, "share": 6_000}]))
    assert found["one"] == ConcentrationRule("one", groups, share=6_000)


USUAL: dict[str, Any] = {
    "id": "q", "term": TERM, "on": date(2022, 3, 31), "lists_on": date(2025, 12, 31),
}  # fmt: skip


def test_scenarios_with_counts_and_limits_are_compared_explained_and_repaired(own: Book) -> None:
    """What a planner asks about a plan knows the rules, and which of several groups each is about."""
    few: dict[str, Any] = {"id": "few", "group": "all", "most": 1}
    one: dict[str, Any] = {"id": "one", "each": "country", "share": 5_000}
    plain = Scenario.model_validate(USUAL)
    ruled = Scenario.model_validate(USUAL | {"counts": [few], "concentration_limits": [one]})
    many = Scenario.model_validate(USUAL | {"counts": [{**few, "least": 4, "most": None}]})
    narrow = Scenario.model_validate(
        USUAL | {"concentration_limits": [{**one, "share": 4_000}], "never_fund": ["GRANTS"]}
    )
    with own.reading() as books:
        compared = compare_plans(books, plain, ruled)
        assert [(change.id, change.after) for change in compared.changes] == [
            ("counts few", "group all, most 1"),
            ("concentration_limits one", "each country, share 50%"),
        ]
        plan = make_plan(books, ruled, "planner")
        assert [(rule.id, rule.bound, rule.reached, rule.in_cents) for rule in plan.rules] == [
            ("few", 1, 1, False),
            ("one (KEN)", 500_00, 500_00, True),
            ("one (KOR)", 500_00, 500_00, True),
        ]
        binds = {each.activity: each.binds for each in plan.explanations}
        assert binds["FORUM"] == ("few", "one (KEN)")
        with pytest.raises(NoPlan, match=r"A plan is possible with .*the rule few at 3 instead of 4"):
            make_plan(books, many, "planner")
        with pytest.raises(NoPlan, match=r"\(2\) the rule one at 50% instead of 40% \(US\$100.00\)"):
            make_plan(books, narrow, "planner")


def test_plan_files_without_these_rules_do_not_name_them() -> None:
    keys = Scenario.model_validate(USUAL).model_dump().keys()
    assert not {"counts", "concentration_limits"} & keys
    assert {"floors", "ceilings", "resources"} <= keys


def test_a_floor_may_be_soft(own: Book) -> None:
    soft = rules(asked(own, floors=[{"id": "ldc", "group": "ldc", "share": 100, "soft": True}]))["ldc"]
    assert isinstance(soft, MoneyRule)
    assert soft.soft


def test_a_rule_about_who_pays_names_their_agreements_and_pledges(own: Book) -> None:
    bound = {"id": "c", "group": "donor-type", "share": 2_500, "reason": "why"}
    message = [{**bound, "of": "city"}, {**bound, "id": "m", "of": "multilateral"}]
    problem = asked(own, money="pledged", pledge_probability=5_000, ceilings=message)
    cities = frozenset({"AG-1", "pledge PL-1", "pledge PL-2"})
    assert rules(problem)["c"] == DonorRule("c", "ceiling", cities, share=2_500, reason="why")
    assert rules(problem)["m"] == DonorRule("m", "ceiling", frozenset(), share=2_500, reason="why")


def test_resources_count_what_the_programme_says_unless_the_scenario_does(own: Book) -> None:
    message = [
        {"id": "team", "most": 30},
        {"id": "more", "most": 30, "uses": {"FORUM": 4, "MEETING": 0}, "reason": "why"},
        {"id": "rooms", "unit": "room-days", "most": 9, "uses": {"FORUM": 2}},
    ]
    found = rules(asked(own, resources=message))
    assert found["team"] == SumRule("team", {"MEETING": 20}, most=30, reason="30 person-days")
    assert found["more"] == SumRule("more", {"FORUM": 4}, most=30, reason="why")
    assert found["rooms"] == SumRule("rooms", {"FORUM": 2}, most=9, reason="9 room-days")
    with pytest.raises(BadInput, match="does not say what uses the resource rooms"):
        asked(own, resources=[{"id": "rooms", "unit": "room-days", "most": 9}])


def test_tiers_are_asked_for_as_the_scenario_says(own: Book) -> None:
    plain = asked(own)
    assert (plain.by_value, plain.fairness, plain.previous) == (True, None, {})
    tiers = {
        "value": False,
        "fairness": {"over": "cluster", "give_up": 100},
        "stability": {"MEETING": 9, "X": 1},
    }
    problem = asked(own, tiers=tiers)
    everything = {"MEETING": 10_000, "FORUM": 7_500, "GRANTS": 10_000}
    assert problem.fairness == Fairness({"ESD": everything, "INC": {"FORUM": 2_500}}, 100)
    assert (problem.by_value, problem.previous) == (False, {"MEETING": 3})
    by_region = asked(own, tiers={"fairness": {"over": "region"}}).fairness
    assert by_region is not None
    assert by_region.groups["Africa"] == {"STUDY": 5_000, "MEETING": 5_000, "FORUM": 9_000}


def test_fairness_needs_groups(empty_book: Book) -> None:
    without = (event for event in master_data() if event.kind != ProgrammeAdopted.kind)
    tell(empty_book, *without, programme(planned("STUDY", cluster="")), gift("GIFT", 500_00))
    with pytest.raises(BadInput, match="asks for fairness over each cluster, and nothing that is open"):
        asked(empty_book, tiers={"fairness": {"over": "cluster"}})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"must_fund": ("STUDIES",)}, "names the activity 'STUDIES', which is not open"),
        ({"never_fund": ("STUDI",)}, r"term 2021-2023 \(did you mean 'STUDY'\?\)\."),
        ({"cover": {"X": 1}}, "names the activity 'X'"),
        ({"weights": {"clusters": {"INK": 1}}}, r"the cluster 'INK', .* \(did you mean 'INC'\?\)"),
        ({"weights": {"work_areas": {"3": 1}}}, "the work area '3', which is not open"),
        ({"weights": {"activities": {"esd": 1}}}, "the activity 'esd', which is not open"),
        ({"resources": [{"id": "a", "most": 1, "uses": {"forums": 1}}]}, r"'forums', .* mean 'FORUM'\?\)"),
        ({"floors": [{"id": "a", "group": "cluster", "of": "IN", "share": 1}]}, r"the cluster 'IN', .*'INC'"),
        ({"floors": [{"id": "a", "group": "work-area", "of": "9", "share": 1}]}, "the work area '9', which"),
        ({"ceilings": [{"id": "a", "group": "activity", "of": "9", "share": 1}]}, "the activity '9', which"),
        ({"arrives": {"AG1": 2022}}, r"the agreement 'AG1' under arrives, .* mean 'AG-1'\?\)\."),
        ({"probability": {"PL1": 5}}, r"the open pledge 'PL1' under probability, .* mean 'PL-1'\?\)\."),
        ({"must_fund": ("MEETING", "FORUM")}, "must fund both FORUM and MEETING, but FORUM excludes MEETING"),
        ({"must_fund": ("MEETING",), "never_fund": ("STUDY",)}, "MEETING, which requires STUDY, and"),
    ],
)  # fmt: skip
def test_names_and_demands_that_cannot_be_are_refused(
    own: Book, more: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        asked(own, **more)


def test_what_is_allocated_wholly_is_reported_as_such(own: Book) -> None:
    tell(own, planned_flows({"STUDY": 1_000_00}))
    with pytest.raises(BadInput, match=r"'STUDY', which is not open .*: it is allocated already\."):
        asked(own, must_fund=("STUDY",))
    assert "MEETING requires STUDY" not in rules(asked(own, must_fund=("MEETING",)))


def test_money_for_several_clusters_pays_for_what_is_only_theirs(own: Book) -> None:
    message = {"AG-3": ("ESD",), "AG-4": ("ESD", "INC"), "AG-5": ("INC",)}
    for code, of in message.items():
        tell(own, agreement(code, earmark={"clusters": of}), contribution(f"R-{code}", code, "USD", 1_00))
    found = sources(asked(own))
    assert found["AG-3"][1] == {"MEETING", "GRANTS"}
    assert found["AG-4"][1] == {"MEETING", "GRANTS", "FORUM"}
    assert found["AG-5"][1] == set()


def test_sums_that_no_solver_holds_are_refused(own: Book) -> None:
    most = 1_000_000
    weights = {
        "activities": {"FORUM": most},
        "clusters": {"ESD": most, "INC": most},
        "work_areas": {"1": most},
    }
    with pytest.raises(
        BadInput, match=r"^The points of the scenario add up to more than 9,007,199,254,740,992"
    ):
        asked(own, weights=weights)


def test_ten_thousand_activities_can_be_asked_about(empty_book: Book) -> None:
    """Earmarks that are alike share one set of activities, or memory would run out before time does."""
    many = [
        planned(f"X-{number}", requires=(f"X-{number - 1}",) * (number % 5 > 0)) for number in range(10_000)
    ]
    tell(
        empty_book,
        *(event for event in master_data() if event.kind != ProgrammeAdopted.kind),
        programme(*many),
    )
    for code in ("AG-1", "AG-2"):
        tell(empty_book, agreement(code), contribution(f"R-{code}", code, "USD", 1_00))
    problem = asked(empty_book, floors=[{"id": "l", "group": "ldc", "share": 100}])
    assert len(problem.candidates) == 10_000
    assert sum(isinstance(rule, LinkRule) for rule in problem.rules) == 8_000
    first, second = problem.sources
    assert first.eligible is second.eligible


# ---- equal questions have equal hashes

WHOLE = Problem(
    (Source("A", 5, frozenset({"x", "y"})), Source("B", 5, frozenset({"x"}), "2023")),
    (Candidate("x", 2, 3, 4), Candidate("y", 1, 1, 1)),
    (
        MoneyRule("m", "floor", {"x": 5, "y": 6}, share=7),
        DonorRule("d", "ceiling", frozenset({"A"}), cents=9),
        UnitsRule("u", "x", 1, 2),
        SumRule("s", {"x": 1}, 0, 8),
        LinkRule("l", "requires", "x", "y"),
    ),
    fairness=Fairness({"g": {"x": 5}}, 6),
    previous={"x": 1},
)


def other_than(value: object) -> object:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}2"
        case frozenset():
            return value | {"z"}
        case Mapping():
            return {**value, "z": {} if "g" in value else 1}
        case _:
            assert value is None or isinstance(value, int)
            return (value or 0) + 1


def differing(part: Any) -> Iterator[Any]:
    """The part with one of its fields changed, for every field that changes the question."""
    for field in fields(part):
        if field.name != "reason":
            yield replace(part, **{field.name: other_than(getattr(part, field.name))})


def others() -> Iterator[Problem]:
    """The whole problem with one thing changed."""
    parts: dict[str, tuple[Any, ...]] = {
        "sources": WHOLE.sources, "candidates": WHOLE.candidates, "rules": WHOLE.rules,
    }  # fmt: skip
    for name, those in parts.items():
        for place, part in enumerate(those):
            changes: list[Any] = [(other,) for other in differing(part)]
            for change in [*changes, ()]:
                message: dict[str, Any] = {name: (*those[:place], *change, *those[place + 1 :])}
                yield replace(WHOLE, **message)
    yield from (replace(WHOLE, fairness=other) for other in differing(WHOLE.fairness))
    yield replace(WHOLE, fairness=None)
    yield replace(WHOLE, by_value=False)
    yield replace(WHOLE, previous={})


def test_every_part_of_a_question_is_in_its_hash() -> None:
    hashes = [problem_hash(problem) for problem in (WHOLE, *others())]
    assert len(set(hashes)) == len(hashes) > 40


def test_order_and_reasons_change_no_question() -> None:
    rules = tuple(replace(rule, reason="because") for rule in WHOLE.rules[::-1])
    turned = replace(WHOLE, sources=WHOLE.sources[::-1], candidates=WHOLE.candidates[::-1], rules=rules)
    assert problem_hash(turned) == problem_hash(WHOLE)


def test_the_hash_of_a_question_stays() -> None:
    """Plans hold it: a change makes every plan that waits for approval out of date."""
    assert problem_hash(WHOLE) == "c4a39925195eaf9e98f854b4f64bc03cf0204317b0af5035d3ed4ac8c317dd7a"


def test_a_plan_is_found_for_everything_at_once(own: Book) -> None:
    """The meetings bring the study that they require, and keep out the forum, which excludes them."""
    message = {
        "id": "all",
        "term": TERM,
        "on": date(2022, 3, 31),
        "lists_on": date(2025, 12, 31),
        "money": "signed",
        "cover": {"MEETING": 250_00},
        "must_fund": ("MEETING",),
        "floors": [
            {"id": "city", "group": "donor-type", "of": "city", "share": 5_000},
            {"id": "ldc", "group": "ldc", "amount": 100_00, "soft": True},
        ],
        "resources": [{"id": "team", "most": 60}],
        "tiers": {"fairness": {"over": "region", "give_up": 100}, "stability": {"GRANTS": 120}},
    }
    with own.reading() as books:
        plan = make_plan(books, Scenario.model_validate(message), "planner")
    awards = {award.activity: (award.units, award.cents) for award in plan.awards}
    assert awards["STUDY"] == (1, 1_000_00)
    assert awards["MEETING"] == (3, 3 * 750_00)
    assert "FORUM" not in awards
    assert awards["GRANTS"][0] >= 50
