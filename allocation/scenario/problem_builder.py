"""The problem builder: turns a scenario and the books as they are into a problem for the engine."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from allocation.engine.problem import (
    BASIS_POINTS,
    LARGEST_SUM,
    Candidate,
    Fairness,
    Problem,
    canonical,
    plain,
)
from allocation.engine.rules.links import LinkRule
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.rule import Rule
from allocation.engine.rules.units import UnitsRule
from allocation.programme.programme import Activity, activities
from allocation.scenario.committed_work import (
    CommittedWork,
    allocated_amounts,
    committed_sources,
    committed_work,
    released_amounts,
    with_committed_work,
)
from allocation.scenario.cover import unit_costs
from allocation.scenario.funding_sources import FundingSource, funding_sources
from allocation.scenario.rules.groups import parts_of
from allocation.scenario.rules.registry import RULE_TABLES
from allocation.scenario.rules.table import RuleFacts
from allocation.scenario.scenario import NONEMPTY_PLAN_RULE, Scenario
from allocation.scenario.scenario_validation import validate_scenario
from donors import donors, get_agreement
from ledger import BadInput, Refused, canonical_json


@dataclass(frozen=True)
class _OpenActivity:
    """An activity with the units that are settled already: allocated or, for a revised plan, committed."""

    activity: Activity
    unit_cents: int
    """The cost of a unit to the fund in USD cents, less what is covered in kind."""
    settled: int
    """Units that are settled already."""

    @property
    def units(self) -> int:
        return self.activity.units - self.settled

    @property
    def least(self) -> int:
        """The fewest further units worth funding; settled units count towards the minimum."""
        return max(1, self.activity.least - self.settled)


def build_problem(books: Connection, scenario: Scenario, *, revises: bool = False) -> Problem:
    """Build the problem of a scenario from the books as they are now.

    Money and units that are allocated already are left out: a second plan of a term adds to the first. A plan
    that `revises` replaces the allocation, except committed work (`allocation.scenario.committed_work`).
    BadInput for names that the programme does not have, and for demands that contradict each other.
    """
    programme = activities(books, scenario.term)
    kept = work_to_keep(books, scenario) if revises else {}
    standing = {
        each.activity.code: each for each in _open_activities(books, scenario, programme, revises, kept)
    }
    opened = [each for each in standing.values() if each.units > 0 or each.activity.code in kept]
    if not opened:
        raise Refused(
            "programme-allocated-already",
            "Everything in the programme of the term {term} is allocated already.",
            term=scenario.term,
        )
    wanted = [each.activity for each in opened]
    validate_scenario(scenario, programme, wanted)
    back = released_amounts(books, scenario.term, kept, {each.code for each in programme}) if revises else {}
    funding = funding_sources(books, scenario, wanted, back)
    facts = RuleFacts(wanted, scenario.lists_on, _donor_types(books, funding, kept))
    tiers = scenario.tiers
    before = _before(books, scenario, standing) if revises else tiers.stability or {}
    problem = Problem(
        sources=(*(each.source for each in funding), *committed_sources(kept)),
        candidates=tuple(
            Candidate(
                each.activity.code,
                each.unit_cents,
                max(0, each.units),
                _score(each.activity, scenario),
                each.least,
            )
            for each in opened
        ),
        rules=(
            *(RULE_TABLES[key](table, facts) for key, table in scenario.rule_tables),
            _funds_something(wanted),
            *_demands(scenario, opened),
            *_links(standing, kept),
        ),
        by_value=tiers.value,
        fairness=_fairness(scenario, wanted),
        previous={
            each.activity.code: min(units, each.units)
            for each in opened
            if (units := before.get(each.activity.code, 0)) and each.units > 0
        },
    )
    if kept:
        problem = with_committed_work(problem, kept)
    _require_exact(problem)
    return problem


def work_to_keep(books: Connection, scenario: Scenario) -> dict[str, CommittedWork]:
    """The committed work that a revised plan must keep, by activity."""
    programme = activities(books, scenario.term)
    return committed_work(books, scenario.term, unit_costs(books, scenario, programme))


def _open_activities(
    books: Connection,
    scenario: Scenario,
    programme: list[Activity],
    revises: bool,
    kept: Mapping[str, CommittedWork],
) -> Iterator[_OpenActivity]:
    """The programme with its settled units: allocated ones or, for a revised plan, committed ones."""
    given = {} if revises else _allocated(books, scenario.term)
    costs = unit_costs(books, scenario, programme)
    for each in programme:
        cost = costs[each.code]
        units = kept[each.code].units if each.code in kept else given.get(each.code, 0) // cost if cost else 0
        yield _OpenActivity(each, cost, units)


def _allocated(books: Connection, term: str) -> Counter[str]:
    """The allocation of each activity in a term, in USD cents."""
    given: Counter[str] = Counter()
    for (_, activity), cents in allocated_amounts(books, term).items():
        given[activity] += cents
    return given


def _before(books: Connection, scenario: Scenario, standing: Mapping[str, _OpenActivity]) -> dict[str, int]:
    """The units of the plan that a revised one should stay close to, beyond committed work."""
    given = _allocated(books, scenario.term)
    now = {code: given[code] // each.unit_cents if each.unit_cents else 0 for code, each in standing.items()}
    asked = now if scenario.tiers.stability is None else scenario.tiers.stability
    return {code: max(0, units - standing[code].settled) for code, units in asked.items() if code in standing}


def _score(activity: Activity, scenario: Scenario) -> int:
    """The points of a unit: its demand times the scenario's weights in percent.

    The units of a scalable activity share its points, rounded down; an activity of several clusters has the
    mean of their weights by its shares, rounded down.
    """
    weights = scenario.weights
    shares = activity.cluster_shares
    of_clusters = sum(share * weights.clusters.get(cluster, 100) for cluster, share in shares.items())
    points = (
        activity.demand
        * weights.work_areas.get(str(activity.work_area), 100)
        * (of_clusters // BASIS_POINTS if shares else 100)
        * weights.activities.get(activity.code, 100)
    )
    return points // activity.units if activity.scalable else points


def _donor_types(
    books: Connection, funding: list[FundingSource], kept: Mapping[str, CommittedWork]
) -> dict[str, str]:
    """The type of donor of each agreement that may pay."""
    types: dict[str, str] = {donor.code: donor.type for donor in donors(books)}
    payers = {each.source.agreement: types[each.donor] for each in funding}
    for source in committed_sources(kept):
        payers[source.agreement] = types[get_agreement(books, source.agreement).donor]
    return payers


def _funds_something(wanted: list[Activity]) -> Rule:
    """Otherwise an empty plan would keep every share, and contradictory floors would go unnoticed."""
    everything = {activity.code: BASIS_POINTS for activity in wanted}
    always = "a plan funds at least one activity: it always holds"
    return MoneyRule(NONEMPTY_PLAN_RULE, "floor", everything, cents=1, reason=always)


def _demands(scenario: Scenario, opened: Iterable[_OpenActivity]) -> Iterator[Rule]:
    units = {each.activity.code: max(0, each.units) for each in opened}
    for code in scenario.must_fund:
        yield UnitsRule(f"must-fund {code}", code, least=units[code], reason="the scenario's must_fund")
    for code in scenario.never_fund:
        yield UnitsRule(f"never-fund {code}", code, most=0, reason="the scenario's never_fund")


def _links(standing: Mapping[str, _OpenActivity], kept: Mapping[str, CommittedWork]) -> Iterator[Rule]:
    """The programme's requirements and exclusions, except those that are settled already."""
    excluded = {
        tuple(sorted((code, other))) for code, each in standing.items() for other in each.activity.excludes
    }
    for code, each in standing.items():
        for other in each.activity.requires:
            if (each.units > 0 or code in kept) and not standing[other].settled:
                yield LinkRule(f"{code} requires {other}", "requires", code, other, "the programme")
    for one, other in sorted(excluded):
        id, both = f"{one} excludes {other}", (standing[one], standing[other])
        taken = [each for each in both if each.settled]
        if not taken:
            yield LinkRule(id, "excludes", one, other, "the programme")
        elif len(taken) == 1:
            (late,) = (each.activity.code for each in both if not each.settled)
            yield UnitsRule(id, late, most=0, reason=f"{taken[0].activity.code} is allocated already")


def _fairness(scenario: Scenario, wanted: list[Activity]) -> Fairness | None:
    asked = scenario.tiers.fairness
    if asked is None:
        return None
    groups: dict[str, dict[str, int]] = {}
    for each in wanted:
        for group, share in parts_of(each, asked.over).items():
            groups.setdefault(group, {})[each.code] = share
    if not groups:
        raise BadInput(
            "scenario-fairness-without-groups",
            "The scenario {id} asks for fairness over each {over}, and nothing that is open for "
            "funding has one.",
            id=scenario.id,
            over=asked.over,
        )
    return Fairness(dict(sorted(groups.items())), asked.give_up)


def _require_exact(problem: Problem) -> None:
    """Raise BadInput if a sum is larger than solvers hold exactly."""
    for what, figures in (
        ("The cents", [source.cents for source in problem.sources]),
        ("The costs", [each.unit_cents * each.units for each in problem.candidates]),
        ("The points", [each.score * each.units for each in problem.candidates]),
    ):
        if sum(figures) > LARGEST_SUM:
            raise BadInput(
                "scenario-sum-too-large",
                "{what} of the scenario add up to more than {sum_max:,}, which no solver adds "
                "exactly: look for a figure that is too large.",
                what=what,
                sum_max=LARGEST_SUM,
            )


def problem_hash(problem: Problem) -> str:
    """SHA-256 of a problem in canonical form: equal problems have equal hashes, whatever their order."""
    earmarks = sorted({source.eligible for source in problem.sources}, key=sorted)
    number = {eligible: place for place, eligible in enumerate(earmarks)}  # thousands share a few
    sources = sorted(problem.sources, key=lambda each: each.id)
    parts = {
        "sources": [canonical(each, eligible=number[each.eligible]) for each in sources],
        "eligible": plain(earmarks),
        "candidates": [canonical(each) for each in sorted(problem.candidates, key=lambda each: each.code)],
        "rules": [rule.canonical() for rule in sorted(problem.rules, key=lambda rule: rule.id)],
        "by_value": problem.by_value,
        "fairness": problem.fairness and canonical(problem.fairness),
        "previous": plain(problem.previous),
    }
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()
