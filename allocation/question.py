"""The question: a scenario over the books as they are, put as a problem that an optimiser can answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from allocation.eligibility import allows, membership, share_reaching
from allocation.problem import BASIS_POINTS, Candidate, MoneyRule, Problem, Rule, Source, UnitsRule
from allocation.programme import Activity, activities
from allocation.scenario import FUND_SOMETHING, Bound, Scenario
from allocation.year_end import YearEnded
from donors import Agreement, agreements
from ledger import AsOf, BadInput, Refused, available, by, canonical_json, get_term, posted


def ask(books: Connection, scenario: Scenario) -> Problem:
    """The scenario as a problem, over the books as they are now.

    What is allocated already is neither money nor wanted any more: a second plan of a term adds to the first.
    """
    wanted = _still_wanted(books, scenario.term)
    if not wanted:
        raise Refused(f"Everything in the programme of the term {scenario.term} is allocated already.")
    _require_known(scenario, wanted)
    return Problem(
        sources=tuple(_sources(books, scenario, [activity for activity, _ in wanted])),
        candidates=tuple(
            Candidate(each.code, each.unit_cents, units, _score(each, scenario)) for each, units in wanted
        ),
        rules=tuple(_rules(scenario, wanted)),
    )


def _still_wanted(books: Connection, term: str) -> list[tuple[Activity, int]]:
    allocated: dict[str, int] = {}
    for line in posted(books, AsOf.now(books, date.max), accounts=("2300",), term=term):
        # What a year's use was set against was allocated all the same.
        if line.kind != YearEnded.kind:
            allocated[line.activity] = allocated.get(line.activity, 0) - line.usd
    left = (
        (each, each.units - allocated.get(each.code, 0) // each.unit_cents)
        for each in activities(books, term)
    )
    return [(activity, units) for activity, units in left if units > 0]


def _require_known(scenario: Scenario, wanted: Iterable[tuple[Activity, int]]) -> None:
    found = [activity for activity, _ in wanted]
    codes = {activity.code for activity in found}
    clusters = {activity.cluster for activity in found}
    areas = {str(activity.work_area) for activity in found}
    bounds = (*scenario.floors, *scenario.ceilings)
    of = {
        group: [bound.of for bound in bounds if bound.group == group]
        for group in ("activity", "cluster", "work-area")
    }
    weights = scenario.weights
    for noun, named, offered in (
        (
            "activity",
            [*scenario.must_fund, *scenario.never_fund, *weights.activities, *of["activity"]],
            codes,
        ),
        ("cluster", [*weights.clusters, *of["cluster"]], clusters),
        ("work area", [*weights.work_areas, *of["work-area"]], areas),
    ):
        for name in named:
            if name not in offered:
                raise BadInput(
                    f"The scenario {scenario.id} names the {noun} '{name}', which is not open for funding "
                    f"in the programme of the term {scenario.term}."
                )


def _sources(books: Connection, scenario: Scenario, wanted: list[Activity]) -> Iterable[Source]:
    get_term(books, scenario.term)
    arrived = available(books, scenario.term)
    expected = by(books, "1200", "agreement", term=scenario.term) if scenario.money == "signed" else {}
    for signed in agreements(books, term=scenario.term):
        if not signed.starts_on <= scenario.on <= signed.ends_on:
            continue
        cents = arrived.get(signed.code, 0)
        cents += expected[signed.code].usd if signed.code in expected else 0
        cents -= cents * scenario.reserve // BASIS_POINTS
        if cents > 0:
            yield Source(signed.code, cents, _eligible(signed, wanted, scenario.lists_on))


def _eligible(signed: Agreement, wanted: list[Activity], lists_on: date) -> frozenset[str]:
    return frozenset(each.code for each in wanted if allows(signed.earmark, each, lists_on))


def _score(activity: Activity, scenario: Scenario) -> int:
    """Points of a unit: the demand for it, times the scenario's weights in percent."""
    weights = scenario.weights
    return (
        activity.demand
        * weights.work_areas.get(str(activity.work_area), 100)
        * weights.clusters.get(activity.cluster, 100)
        * weights.activities.get(activity.code, 100)
    )


def _rules(scenario: Scenario, open_units: list[tuple[Activity, int]]) -> Iterable[Rule]:
    units = {activity.code: left for activity, left in open_units}
    wanted = [activity for activity, _ in open_units]
    for sense, bounds in (("floor", scenario.floors), ("ceiling", scenario.ceilings)):
        for bound in bounds:
            weights = _weights(bound, wanted, scenario.lists_on)
            yield MoneyRule(bound.id, sense, weights, bound.share, bound.amount, bound.reason)  # type: ignore[arg-type]
    # Else funding nothing at all would meet every share, and clashing floors would never be told.
    everything = {activity.code: BASIS_POINTS for activity in wanted}
    always = "a plan funds at least one activity: it always holds"
    yield MoneyRule(FUND_SOMETHING, "floor", everything, cents=1, reason=always)
    for code in scenario.must_fund:
        yield UnitsRule(f"must-fund {code}", code, least=units[code], reason="the scenario's must_fund")
    for code in scenario.never_fund:
        yield UnitsRule(f"never-fund {code}", code, most=0, reason="the scenario's never_fund")


def _weights(bound: Bound, wanted: list[Activity], lists_on: date) -> dict[str, int]:
    """Which part of each activity's money counts for a bound, in basis points."""
    if bound.group in ("work-area", "cluster", "activity"):
        field = {"work-area": "work_area", "cluster": "cluster", "activity": "code"}[bound.group]
        return {each.code: BASIS_POINTS for each in wanted if str(getattr(each, field)) == bound.of}
    belongs = membership(bound.group, bound.of, bound.definition or "unesco", lists_on)  # type: ignore[arg-type]
    shares = {each.code: share_reaching(each, belongs) for each in wanted}
    return {code: share for code, share in shares.items() if share}


def problem_hash(problem: Problem) -> str:
    """SHA-256 of a problem in canonical form: equal questions have equal hashes."""
    sources = [
        [s.agreement, s.cents, sorted(s.eligible)] for s in sorted(problem.sources, key=lambda s: s.agreement)
    ]
    candidates = [
        [c.code, c.unit_cents, c.units, c.score] for c in sorted(problem.candidates, key=lambda c: c.code)
    ]
    rules = sorted(
        [rule.id, rule.sense, sorted(rule.weights.items()), rule.share, rule.cents]
        if isinstance(rule, MoneyRule)
        else [rule.id, rule.activity, rule.least, rule.most]
        for rule in problem.rules
    )
    return hashlib.sha256(canonical_json([sources, candidates, rules]).encode()).hexdigest()
