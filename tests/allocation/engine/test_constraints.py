"""Each module of constraints alone, the dual bounds, and the declared capabilities of each solver."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import pytest

from allocation.engine.bounds import GLOP, bound, priced
from allocation.engine.constraints import fairness, funded, stability
from allocation.engine.constraints.constraint import Constraint, constraint, weigh
from allocation.engine.model import build
from allocation.engine.network import Arc, FlowNetwork
from allocation.engine.payment_cuts import broken_cut, with_first_cuts
from allocation.engine.problem import BASIS_POINTS, LARGEST_SUM, Candidate, Fairness, Problem, Source
from allocation.engine.rules.donors import DonorRule
from allocation.engine.rules.links import LinkRule
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.rule import ModelFacts, Rule
from allocation.engine.rules.sums import SumRule
from allocation.engine.rules.units import UnitsRule
from allocation.engine.search import Search
from allocation.engine.solve import Undecided, best, solve
from allocation.engine.solvers import CP_SAT, HIGHS, SCIP, SolverFailed, another
from ledger.errors import BadInput
from tests.support.problems.instances import instance

COSTS = {"a": 300, "b": 700}
FACTS = ModelFacts(COSTS, money=5_000, funded={"a": "a", "b": "funded:b"})


# --- a constraint -------------------------------------------------------------------------------------------


def test_a_constraint_is_in_lowest_terms_and_its_bounds_can_be_reached() -> None:
    message = constraint("R", "r", "value", (("a", 300), ("b", 700), ("c", 0)), lower=350, upper=1_250)
    assert message == Constraint("R", "r", "value", (("a", 3), ("b", 7)), 4, 12)
    assert message.holds({"a": 4, "b": 0})
    assert not message.holds({"a": 1, "b": 0})
    assert not message.holds({"a": 2, "b": 1})


def test_a_constraint_that_nothing_can_satisfy_is_known() -> None:
    assert constraint("R", "r", "value", (("a", 10),), lower=11, upper=19).impossible
    assert not constraint("R", "r", "value", (("a", 10),), lower=11, upper=20).impossible


# --- one kind of rule at a time -----------------------------------------------------------------------------


@pytest.mark.parametrize("sense", ["floor", "ceiling"])
@pytest.mark.parametrize(("share", "cents"), [(3_333, None), (None, 1_500)])
def test_money(sense: str, share: int | None, cents: int | None) -> None:
    rule = MoneyRule("M", sense, {"a": 10_000, "b": 2_500}, share, cents)  # type: ignore[arg-type]
    hard = rule.constraints(FACTS)
    soft = replace(rule, soft=True).constraints(FACTS)
    assert not hard.variables
    (missed,) = soft.variables
    assert (missed.name, missed.lower, missed.upper) == ("missed:M", 0, 5_000)
    assert [each.soft for each in (*hard.constraints, *soft.constraints)] == [False, True]
    for a, b in product(range(6), range(6)):
        counted = a * 300 * 10_000 + b * 700 * 2_500
        bound = share * (a * 300 + b * 700) if share is not None else (cents or 0) * BASIS_POINTS
        lacking = bound - counted if sense == "floor" else counted - bound
        assert hard.constraints[0].holds({"a": a, "b": b}) == (lacking <= 0)
        least = max(0, -(-lacking // BASIS_POINTS))
        assert soft.constraints[0].holds({"a": a, "b": b, "missed:M": least})
        if least:
            assert not soft.constraints[0].holds({"a": a, "b": b, "missed:M": least - 1})


def test_units() -> None:
    assert UnitsRule("U", "a", 1, 3).constraints(FACTS).constraints == (
        Constraint("rule:U", "U", "floors", (("a", 1),), 1, 3),
    )


def test_sums_ignore_what_is_no_candidate() -> None:
    (message,) = SumRule("T", {"b": 4, "z": 9}, least=3, most=9).constraints(FACTS).constraints
    assert message == Constraint("rule:T", "T", "floors", (("b", 1),), 1, 2)


@pytest.mark.parametrize(
    ("sense", "kept"), [("requires", {(0, 0), (0, 1), (1, 1)}), ("excludes", {(0, 0), (0, 1), (1, 0)})]
)
def test_links(sense: str, kept: set[tuple[int, int]]) -> None:
    rule = LinkRule("L", sense, "a", "b")  # type: ignore[arg-type]
    (message,) = rule.constraints(FACTS).constraints
    assert {
        pair for pair in product((0, 1), (0, 1)) if message.holds({"a": pair[0], "funded:b": pair[1]})
    } == kept


def test_funded_tells_whether_there_are_units_and_at_least_so_many() -> None:
    stated = funded.funded_constraints(Candidate("a", 1, 9, 1, least=3), 7)
    kept = {
        (u, f)
        for u, f in product(range(8), (0, 1))
        if all(r.holds({"a": u, "funded:a": f}) for r in stated.constraints)
    }
    assert kept == {(0, 0)} | {(u, 1) for u in range(3, 8)}
    assert [variable.name for variable in stated.variables] == ["funded:a"]


def test_donors_with_a_share_have_a_limit_in_whole_cents() -> None:
    rule = DonorRule("D", "ceiling", frozenset({"S"}), share=3_333)
    stated = rule.constraints(FACTS)
    awarded = {"a": 1, "b": 2}
    assert [v.name for v in stated.variables] == ["limit:D"]
    assert stated.constraints[0].holds({**awarded, "limit:D": 566})
    assert not stated.constraints[0].holds({**awarded, "limit:D": 567})
    floor = replace(rule, sense="floor").constraints(FACTS)
    assert floor.constraints[0].holds({**awarded, "limit:D": 567})
    assert not floor.constraints[0].holds({**awarded, "limit:D": 566})
    assert replace(rule, share=None, cents=9).constraints(FACTS).constraints == ()


def test_stability_counts_every_cent_that_moves() -> None:
    candidates = tuple(Candidate(code, cost, 4, 1) for code, cost in COSTS.items())
    upper, previous = {"a": 4, "b": 4}, {"a": 2, "b": 9}
    stated, objective = stability.stability_constraints(candidates, upper, previous)
    assert [variable.name for variable in stated.variables] == ["moved:a"]
    for a, b, extra in product(range(5), range(5), range(3)):
        values = {"a": a, "b": b, "moved:a": abs(a - 2) + extra}
        assert all(each.holds(values) for each in stated.constraints)
        least = stability.moved(candidates, {"a": a, "b": b}, previous)
        assert least == 300 * abs(a - 2) + 700 * (9 - b)
        assert 9 * 700 - weigh(objective, values) == least + 300 * extra
        assert a == 2 or not all(
            each.holds({**values, "moved:a": abs(a - 2) - 1}) for each in stated.constraints
        )


def test_fairness_reaches_a_percent_exactly() -> None:
    candidates = (Candidate("a", 300, 3, 1), Candidate("b", 700, 2, 1))
    asked = Fairness({"east": {"a": 10_000, "b": 5_000}, "nobody": {}})
    (east,) = fairness.groups(asked, candidates)
    assert east.asked == (900 + 700) * BASIS_POINTS
    for a, b, percent in product(range(4), range(3), range(0, 101, 5)):
        values = {"a": a, "b": b, "above 1:east": 1}
        enough = 100 * (300 * a + 350 * b) >= percent * 1_600
        assert fairness.level_constraint(east, 0, percent).holds(values) == enough
        assert fairness.level_constraint(east, 1, percent).holds(values) == enough
        assert fairness.level_constraint(east, 1, percent).holds({**values, "above 1:east": 0})
        assert (east.percent(values) >= percent) == enough


# --- what can be paid ---------------------------------------------------------------------------------------


def test_a_cut_is_found_exactly_when_bounds_cannot_be_met() -> None:
    """Two payers in one group with a least and a most, one outside; one demand."""
    for demand, least, most, other in product(range(7), range(4), range(6), range(4)):
        if least > most:
            continue
        arcs = (Arc(0, 1, demand), Arc(0, 2, demand), Arc(1, 3, 4), Arc(3, 4, most, least), Arc(2, 4, other))
        cut = FlowNetwork((demand, 0, 0, 0, -demand), arcs).cut()
        possible = any(
            least <= paid <= min(most, 4) and 0 <= demand - paid <= other for paid in range(demand + 1)
        )
        assert (cut is None) == possible


def test_a_payment_cut_names_the_donor_rule_it_uses() -> None:
    problem = Problem(
        (Source("S", 60, frozenset("xy")), Source("T", 60, frozenset("xy"))),
        (Candidate("x", 50, 1, 1), Candidate("y", 50, 1, 1)),
        (DonorRule("CAP", "ceiling", frozenset({"S"}), cents=30),),
    )
    model = with_first_cuts(build(problem))
    broken = broken_cut(model, {"x": 1, "y": 1})
    assert broken is not None
    assert (broken.rule, broken.coefficients, broken.upper) == ("CAP", (("x", 1), ("y", 1)), 1)
    assert broken_cut(model, {"x": 1, "y": 0}) is None
    assert solve(problem).flows == {("S", "x"): 25, ("T", "x"): 25}


def test_money_to_arrive_is_another_source_of_its_agreement() -> None:
    now, later = Source("S", 30, frozenset("x")), Source("S", 50, frozenset("xy"), arrives="2023")
    problem = Problem((later, now), (Candidate("x", 30, 1, 1), Candidate("y", 50, 1, 1)), ())
    assert solve(problem).flows == {("S", "x"): 30, ("S@2023", "y"): 50}
    half = DonorRule("HALF", "ceiling", frozenset({"S"}), cents=50)
    assert solve(replace(problem, rules=(half,))).units == {"x": 1, "y": 0}


# --- what is refused ----------------------------------------------------------------------------------------

ONE, TWO = Candidate("x", 60, 1, 1), Candidate("y", 60, 1, 1)
SOURCES = tuple(Source(name, 100, frozenset("xy")) for name in "STU")


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (
            (
                DonorRule("ST", "floor", frozenset("ST"), cents=1),
                DonorRule("TU", "ceiling", frozenset("TU"), share=1),
            ),
            "rule ST and of rule TU overlap, and none is part of the other",
        ),
        ((DonorRule("D", "floor", frozenset("S")),), "either a share or an amount"),
        ((DonorRule("D", "floor", frozenset("S"), share=10_001),), "outside 0 to 10000"),
        ((DonorRule("D", "floor", frozenset("S"), cents=-1),), "an amount below nothing"),
        ((LinkRule("L", "requires", "x", "z"),), "z, which is not a candidate"),
        ((LinkRule("L", "requires", "x", "x"),), "links activity x with itself"),
        ((SumRule("T", {"x": LARGEST_SUM + 1, "y": 2}, most=1),), "far too large"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(rules: tuple[Rule, ...], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        solve(Problem(SOURCES, (ONE, TWO), rules))


def test_nested_donor_groups_are_kept() -> None:
    rules = (
        DonorRule("ST", "floor", frozenset("ST"), cents=50),
        DonorRule("S", "ceiling", frozenset("S"), cents=5),
    )
    flows = solve(Problem(SOURCES, (ONE,), rules)).flows
    assert flows["S", "x"] <= 5
    assert flows["S", "x"] + flows["T", "x"] >= 50


# --- bounds and solvers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_no_prices_however_wrong_prove_too_much(seed: int) -> None:
    chance = random.Random(seed)
    problem = instance(30, 6, 10, seed)
    model = with_first_cuts(build(problem))
    reached = best(problem)
    assert reached is not None
    prices = tuple(chance.uniform(-1, 1) for _ in model.constraints)
    wrong = priced(model, model.value, prices)
    right = bound(model, model.value)
    assert right is not None
    assert wrong.value >= right.value >= reached.value
    for proof in (wrong, right):
        for name, (lower, upper) in proof.room(reached.value).items():
            assert lower <= reached.units.get(name, lower) <= upper


def test_the_relaxation_is_nearly_the_optimum_of_a_large_network() -> None:
    problem = instance(200, 20, 60, 0)
    search, model = Search(), with_first_cuts(build(problem))
    reached = search.best(model, model.value).bound
    found = bound(search.whole(model), model.value)
    assert found is not None
    assert reached is not None
    assert reached <= found.value <= reached * 1.01


@pytest.mark.parametrize("seed", range(3))
def test_all_solvers_of_whole_numbers_agree(seed: int) -> None:
    model = with_first_cuts(build(instance(60, 8, 20, seed)))
    values = {each.name: each.run(model, model.value, None).bound for each in (CP_SAT, SCIP, HIGHS)}
    assert len(set(values.values())) == 1, values
    impossible = model.adding([constraint("R", "r", "value", model.value, lower=10**9)])
    assert {each.run(impossible, (), None).status for each in (CP_SAT, SCIP, HIGHS)} == {"infeasible"}


def test_solvers_keep_to_what_they_declare() -> None:
    model = with_first_cuts(build(instance(20, 4, 10, 0)))
    for each in (CP_SAT, SCIP, HIGHS, GLOP):
        assert (each.run(model, model.value, None).values is not None) == each.whole_numbers
        if each.limit:
            assert each.run(model, model.value, 0.5).status in ("optimal", "open")
        else:
            with pytest.raises(SolverFailed, match="limit CP-SAT instead"):
                each.run(model, model.value, 0.5)
    assert another(CP_SAT) is SCIP
    assert another(SCIP) is HIGHS


def test_the_choice_of_a_solver_is_explained() -> None:
    small, large = instance(20, 4, 10, 0), instance(1_500, 20, 10, 0)
    assert solve(small).solver_reason.startswith("it proves plans of fewer than 1,000 activities soonest")
    message = solve(large)
    assert (message.solver, message.proved) == ("SCIP", True)
    assert message.solver_reason.startswith("it proves plans of 1,000 activities or more soonest, and")
    assert solve(small, limit=60).solver_reason.startswith("it alone stops at a limit")


def test_a_limit_says_how_far_a_soft_floor_may_be_from_kept() -> None:
    problem = instance(60, 8, 20, 0)
    everything = {candidate.code: BASIS_POINTS for candidate in problem.candidates}
    rule = MoneyRule("ALL", "floor", everything, cents=10**12, soft=True)
    problem = replace(problem, rules=(*problem.rules, rule))
    hurried, full = solve(problem, limit=0.0), solve(problem)
    message, reached = hurried.tier("floors"), full.tier("floors")
    assert message is not None
    assert reached is not None
    assert message.bound <= reached.value <= message.value
    assert full.proved
    assert not hurried.proved
    with pytest.raises(Undecided):
        best(problem, limit=0.0)
