"""The engine against brute force, a second solver, and solutions corrupted on purpose."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.engine.attribution import largest_remainder
from allocation.engine.certify import CertificateError, Claim, certify
from allocation.engine.greedy import greedy
from allocation.engine.iis import Infeasible
from allocation.engine.model import build
from allocation.engine.payment_cuts import with_first_cuts
from allocation.engine.problem import BASIS_POINTS, LARGEST_SUM, Candidate, Fairness, Problem, Source
from allocation.engine.rules.concentration import ConcentrationRule
from allocation.engine.rules.counts import ActivityCountRule
from allocation.engine.rules.donors import DonorRule
from allocation.engine.rules.links import LinkRule
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.rule import Rule
from allocation.engine.rules.sums import SumRule
from allocation.engine.rules.units import UnitsRule
from allocation.engine.solve import Solution, Undecided, second_opinion, solve
from ledger.errors import BadInput
from tests.support.effort import effort
from tests.support.problems.tiny import worth

CODES = ("a", "b", "c", "d")


def claim_of(solution: Solution) -> Claim:
    return Claim(solution.units, solution.flows, solution.value, solution.bound, solution.tiers[0].proved)


# --- tiny problems, answered by enumeration -----------------------------------------------------------------


@st.composite
def money_rules(draw: st.DrawFn, number: int) -> MoneyRule:
    weights = draw(st.dictionaries(st.sampled_from(CODES), st.sampled_from([0, 2_500, 10_000]), max_size=4))
    share = draw(st.none() | st.sampled_from([0, 3_333, 5_000, 10_000]))
    cents = draw(st.integers(0, 12)) if share is None else None
    return MoneyRule(f"M{number}", draw(st.sampled_from(["floor", "ceiling"])), weights, share, cents)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    codes = CODES[: draw(st.integers(1, 4))]
    sources = tuple(
        Source(f"S{i}", draw(st.integers(0, 9)), frozenset(draw(st.sets(st.sampled_from(codes)))))
        for i in range(draw(st.integers(0, 4)))
    )
    candidates = tuple(
        Candidate(code, draw(st.integers(0, 5)), draw(st.integers(0, 2)), draw(st.integers(0, 4)))
        for code in codes
    )
    rules: list[Rule] = [draw(money_rules(number)) for number in range(draw(st.integers(0, 2)))]
    for number in range(draw(st.integers(0, 2))):
        code, least = draw(st.sampled_from(codes)), draw(st.integers(0, 2))
        rules.append(UnitsRule(f"U{number}", code, least, draw(st.none() | st.integers(0, 2))))
    return Problem(sources, candidates, tuple(rules))


def payable(problem: Problem, costs: Mapping[str, int]) -> bool:
    """Hall's condition: no set of activities costs more than everybody who may pay for any of them has."""
    for size in range(1, len(costs) + 1):
        for chosen in combinations(costs, size):
            money = sum(source.cents for source in problem.sources if source.eligible & set(chosen))
            if sum(costs[code] for code in chosen) > money:
                return False
    return True


def keeps(rule: Rule, units: Mapping[str, int], costs: Mapping[str, int]) -> bool:
    if isinstance(rule, UnitsRule):
        return units[rule.activity] in range(rule.least, 99 if rule.most is None else rule.most + 1)
    assert isinstance(rule, MoneyRule)  # the other kinds: test_allocation_tiers.py
    counted = sum(rule.weights.get(code, 0) * cost for code, cost in costs.items())
    bound = BASIS_POINTS * rule.cents if rule.cents is not None else (rule.share or 0) * sum(costs.values())
    return counted >= bound if rule.sense == "floor" else counted <= bound


def all_plans(problem: Problem) -> Iterator[dict[str, int]]:
    for amounts in product(*(range(candidate.units + 1) for candidate in problem.candidates)):
        units = {candidate.code: n for candidate, n in zip(problem.candidates, amounts, strict=True)}
        costs = {
            candidate.code: candidate.unit_cents * units[candidate.code] for candidate in problem.candidates
        }
        if all(keeps(rule, units, costs) for rule in problem.rules) and payable(problem, costs):
            yield units


def best_plan(problem: Problem) -> dict[str, int] | None:
    """Most points, then most units of the first code, of the second..."""
    plans = all_plans(problem)
    return max(
        plans,
        key=lambda units: (worth(problem, units), [units[c] for c in CODES if c in units]),
        default=None,
    )


@settings(max_examples=effort(250, 10000))
@given(problems())
def test_the_plan_is_the_one_that_enumeration_finds(problem: Problem) -> None:
    best = best_plan(problem)
    if best is None:
        with pytest.raises(Infeasible) as refusal:
            solve(problem)
        assert best_plan(replace(problem, rules=refusal.value.rules)) is None
        for rule in refusal.value.rules:
            others = tuple(other for other in refusal.value.rules if other is not rule)
            assert best_plan(replace(problem, rules=others)) is not None
        assert greedy(problem) is None
    else:
        solution = solve(problem)
        assert solution.units == best
        assert solution.proved
        assert all(tier.gap == 0 for tier in solution.tiers)
        certify(problem, claim_of(solution))


@settings(max_examples=effort(75, 3000))
@given(problems())
def test_the_second_solver_agrees_with_enumeration(problem: Problem) -> None:
    best = best_plan(problem)
    if best is None:
        with pytest.raises(Infeasible):
            second_opinion(problem)
    else:
        assert second_opinion(problem) == worth(problem, best)


@settings(max_examples=effort(125, 5000))
@given(problems())
def test_a_greedy_plan_keeps_every_rule(problem: Problem) -> None:
    units = greedy(problem)
    if units is not None:
        assert units in list(all_plans(problem))


@settings(max_examples=effort(50, 2000))
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(problem: Problem, chance: random.Random) -> None:
    shuffled = Problem(
        tuple(chance.sample(problem.sources, len(problem.sources))),
        tuple(chance.sample(problem.candidates, len(problem.candidates))),
        tuple(chance.sample(problem.rules, len(problem.rules))),
    )
    if best_plan(problem) is None:
        with pytest.raises(Infeasible) as first:
            solve(problem)
        with pytest.raises(Infeasible) as second:
            solve(shuffled)
        assert str(first.value) == str(second.value)
    else:
        assert solve(problem) == solve(shuffled) == solve(problem)
        assert list(solve(problem).flows) == list(solve(shuffled).flows)


# --- whose money --------------------------------------------------------------------------------------------


def all_flows(sources: Sequence[Source], costs: Mapping[str, int]) -> Iterator[dict[tuple[str, str], int]]:
    """Every way to pay these costs to the cent."""
    cells = [(s, code) for code in costs for s in sources if code in s.eligible]
    for amounts in product(*(range(min(s.cents, costs[code]) + 1) for s, code in cells)):
        flows = {(s.agreement, code): cents for (s, code), cents in zip(cells, amounts, strict=True)}
        exact = all(
            sum(n for (_, c), n in flows.items() if c == code) == cost for code, cost in costs.items()
        )
        within = all(sum(n for (a, _), n in flows.items() if a == s.agreement) <= s.cents for s in sources)
        if exact and within:
            yield flows


def distance(
    sources: Sequence[Source], costs: Mapping[str, int], flows: Mapping[tuple[str, str], int]
) -> tuple[int, int]:
    """The largest distance of a payment from pro rata, and the sum of all."""
    apart = [0]
    for code, cost in costs.items():
        payers = [s for s in sources if code in s.eligible]
        for payer, share in zip(payers, largest_remainder(cost, [s.cents for s in payers]), strict=True):
            apart.append(abs(flows.get((payer.agreement, code), 0) - share))
    return max(apart), sum(apart)


@settings(max_examples=effort(75, 3000))
@given(
    st.lists(st.integers(1, 7), min_size=3, max_size=3),
    st.permutations([{"a"}, {"b", "c"}, {"a", "b", "c"}]),
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)),
)
def test_no_flows_are_closer_to_pro_rata(
    money: list[int], earmarks: list[set[str]], asked: tuple[int, int, int]
) -> None:
    sources = tuple(Source(f"S{i}", money[i], frozenset(earmarks[i])) for i in range(3))
    candidates = tuple(Candidate(code, cost, 1, 1) for code, cost in zip("abc", asked, strict=True))
    solution = solve(Problem(sources, candidates, ()))
    costs = {c.code: c.unit_cents for c in candidates if solution.units[c.code]}
    reached = distance(sources, costs, solution.flows)
    assert reached[0] == solution.tiers[-1].value
    assert reached == min(distance(sources, costs, flows) for flows in all_flows(sources, costs))


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=8),
    st.lists(st.integers(0, 10**7), min_size=1, max_size=6),
)
@settings(max_examples=effort(50, 2000))
def test_agreements_with_one_earmark_pay_alike_to_the_cent(money: list[int], costs: list[int]) -> None:
    codes = [f"a{i}" for i in range(len(costs))]
    sources = tuple(Source(f"S{i}", cents, frozenset(codes)) for i, cents in enumerate(money))
    candidates = tuple(Candidate(code, cost, 1, 1) for code, cost in zip(codes, costs, strict=True))
    problem = Problem(sources, candidates, ())
    solution = solve(problem)
    certify(problem, claim_of(solution))
    for candidate in candidates:
        award = candidate.unit_cents * solution.units[candidate.code]
        for source in sources:
            paid = solution.flows.get((source.agreement, candidate.code), 0)
            assert abs(paid * sum(money) - award * source.cents) < sum(money)


def test_tightly_earmarked_money_leaves_the_free_money_to_others() -> None:
    sources = (Source("FREE", 950, frozenset("xy")), Source("TIGHT", 50, frozenset("x")))
    solution = solve(Problem(sources, (Candidate("x", 50, 1, 1), Candidate("y", 950, 1, 1)), ()))
    assert solution.flows == {("FREE", "y"): 950, ("TIGHT", "x"): 50}
    # pro rata would have been 47.5 and 2.5, rounded by largest remainder, the first id favoured
    assert solution.tiers[-1].value == 48


# --- the solver's traps -------------------------------------------------------------------------------------


def false_optimum(size: int) -> Problem:
    """Amounts that pass 32 bits when added, under a binding ceiling: the shape of google/or-tools #5293."""
    chance = random.Random(size)
    codes = [f"{i:04}" for i in range(size)]
    candidates = tuple(
        Candidate(code, chance.randint(200_000, 10_000_000), 1, chance.randint(1, 1_000)) for code in codes
    )
    ceiling = MoneyRule("CEILING", "ceiling", dict.fromkeys(codes, BASIS_POINTS), cents=60_000_000)
    return Problem((Source("S", 100_000_000, frozenset(codes)),), candidates, (ceiling,))


def test_large_amounts_do_not_fool_the_solver() -> None:
    problem = false_optimum(500)
    solution = solve(problem)
    assert solution.proved
    assert solution.value == second_opinion(problem)
    certify(problem, claim_of(solution))


def network(activities: int, agreements: int) -> Problem:
    """A fund of the strategy's shape: clusters, work areas, a floor for Africa, many earmarks."""
    chance = random.Random(activities)
    codes = [f"{i:04}" for i in range(activities)]
    dollars = [10_000, 20_000, 50_000, 50_000, 80_000, 100_000, 200_000]
    candidates = tuple(
        Candidate(code, chance.choice(dollars) * 100, chance.choice([1, 1, 2]), chance.randint(1, 120))
        for code in codes
    )
    earmarks = [codes, *(codes[k::7] for k in range(7)), *(codes[k::4] for k in range(4))]
    sources = tuple(
        Source(f"S{i:02}", chance.randint(10**6, 2 * 10**8 // agreements), frozenset(chance.choice(earmarks)))
        for i in range(agreements)
    )
    africa = MoneyRule("AFRICA", "floor", dict.fromkeys(codes[::3], BASIS_POINTS), share=4_500)
    return Problem(sources, candidates, (africa,))


@pytest.mark.parametrize(("activities", "agreements"), [(47, 12), (200, 30)])
def test_both_solvers_agree_on_a_whole_network(activities: int, agreements: int) -> None:
    problem = network(activities, agreements)
    solution = solve(problem)
    assert solution.proved
    assert solution.value == second_opinion(problem)
    certify(problem, claim_of(solution))


def test_a_limit_gives_a_certified_plan_that_is_not_called_optimal() -> None:
    problem = network(47, 12)
    best = solve(problem).value
    for limit in (0.0, 0.0001, 0.001):
        solution = solve(problem, limit=limit)
        certify(problem, claim_of(solution))
        assert solution == solve(problem, limit=limit)
        assert solution.value <= best <= solution.bound
    hurried = solve(problem, limit=0.0)
    assert not hurried.proved
    assert hurried.tiers[0].gap == hurried.bound - hurried.value > 0


def test_a_limit_without_any_plan_says_so() -> None:
    # greedy reaches the floor with x, which has more points per cent and breaks the ceiling
    problem = Problem(
        (Source("S", 10, frozenset("xz")),),
        (Candidate("x", 6, 1, 9), Candidate("z", 10, 1, 1)),
        (
            MoneyRule("F", "floor", {"x": 5_000, "z": 10_000}, cents=5),
            MoneyRule("X", "ceiling", {"x": 10_000}, cents=5),
        ),
    )
    assert solve(problem).units == {"x": 0, "z": 1}
    with pytest.raises(Undecided, match="raise the limit"):
        solve(problem, limit=0.0)


# --- clashing rules -----------------------------------------------------------------------------------------


def test_clashing_rules_are_named_with_their_reasons() -> None:
    problem = Problem(
        (Source("S", 100, frozenset("xy")),),
        (Candidate("x", 60, 1, 1), Candidate("y", 60, 1, 1)),
        (
            UnitsRule("MUST-X", "x", least=1, reason="decided by the committee"),
            UnitsRule("MUST-Y", "y", least=1),
            MoneyRule("HARMLESS", "ceiling", {"x": 10_000}, cents=90),
        ),
    )
    with pytest.raises(Infeasible) as refusal:
        solve(problem)
    assert [rule.id for rule in refusal.value.rules] == ["MUST-X", "MUST-Y"]
    assert "MUST-X (decided by the committee); MUST-Y" in str(refusal.value)


def test_a_rule_that_clashes_with_the_money_alone_is_named_alone() -> None:
    rules = (UnitsRule("MUST", "x", least=1), UnitsRule("ALSO", "x", most=5))
    with pytest.raises(Infeasible, match=r"no plan can keep rule MUST: relax it"):
        solve(Problem((Source("S", 59, frozenset("x")),), (Candidate("x", 60, 1, 1),), rules))


# --- what is refused before a solver sees it ----------------------------------------------------------------

ONE = Candidate("x", 60, 1, 1)
SOME = Source("S", 100, frozenset("x"))


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem((SOME,), (ONE, ONE), ()), "two entries for activity x"),
        (Problem((SOME, SOME), (ONE,), ()), "two entries for agreement S"),
        (Problem((SOME,), (ONE,), (UnitsRule("R", "x"), UnitsRule("R", "x"))), "two entries for rule R"),
        (Problem((replace(SOME, cents=-1),), (ONE,), ()), "less than nothing"),
        (Problem((SOME,), (replace(ONE, unit_cents=-1),), ()), "negative cost"),
        (Problem((SOME,), (replace(ONE, units=-1),), ()), "negative cost or number of units"),
        (Problem((SOME,), (ONE,), (UnitsRule("R", "nowhere"),)), "nowhere, which is not a candidate"),
        (Problem((SOME,), (ONE,), (MoneyRule("R", "floor", {}),)), "either a share or an amount"),
        (Problem((SOME,), (ONE,), (MoneyRule("R", "floor", {}, 1, 1),)), "either a share or an amount"),
        (Problem((SOME,), (ONE,), (MoneyRule("R", "floor", {"x": 10_001}, 1),)), "outside 0 to 10000"),
        (Problem((SOME,), (ONE,), (MoneyRule("R", "floor", {}, 10_001),)), "outside 0 to 10000"),
        (Problem((replace(SOME, cents=LARGEST_SUM + 1),), (ONE,), ()), "far too large"),
        (Problem((SOME,), (replace(ONE, score=LARGEST_SUM + 1),), ()), "far too large"),
        (Problem((SOME,), (ONE,), (MoneyRule("R", "floor", {"x": 1}, cents=2**50),)), "far too large"),
    ],
)
def test_a_problem_that_contradicts_itself_is_refused(problem: Problem, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        solve(problem)


def test_every_constraint_tells_its_rule() -> None:
    model = with_first_cuts(build(network(47, 12)))
    assert {constraint.rule for constraint in model.constraints} == {"money", "AFRICA"}
    assert len({constraint.id for constraint in model.constraints}) == len(model.constraints)


# --- the verifier -------------------------------------------------------------------------------------------

ASKED = Problem(
    (Source("P", 70, frozenset("xy")), Source("Q", 50, frozenset("y"))),
    (Candidate("x", 20, 2, 3), Candidate("y", 30, 2, 2)),
    (MoneyRule("FLOOR", "floor", {"y": 10_000}, share=5_000), UnitsRule("MOST", "x", most=1)),
)
TRUE = Claim({"x": 1, "y": 2}, {("P", "x"): 20, ("P", "y"): 30, ("Q", "y"): 30}, 7, 7, True)


def test_a_true_claim_is_certified_with_every_check_listed() -> None:
    assert claim_of(solve(ASKED)).units == TRUE.units
    certificate = certify(ASKED, TRUE)
    assert certificate.checks == (
        *("whole numbers", "known names", "units within bounds", "no negative payment", "earmarks"),
        *("money of each agreement", "paid to the cent", "rule FLOOR", "rule MOST"),
        *("soft rules", "value", "bound", "proof", "not below greedy"),
    )


def changed(**flows: int) -> dict[tuple[str, str], int]:
    return {**TRUE.flows, **{(pair[0], pair[1]): cents for pair, cents in flows.items()}}


@pytest.mark.parametrize(
    ("check", "claim"),
    [
        ("whole numbers", replace(TRUE, units={"x": True, "y": 2})),
        ("known names", replace(TRUE, units={"x": 1})),
        ("known names", replace(TRUE, units={**TRUE.units, "z": 1})),
        ("known names", replace(TRUE, flows={**TRUE.flows, ("R", "x"): 1})),
        ("units within bounds", replace(TRUE, units={"x": 1, "y": 3})),
        ("units within bounds", replace(TRUE, units={"x": -1, "y": 2})),
        ("no negative payment", replace(TRUE, flows=changed(Py=-20, Qy=80))),
        ("earmarks", replace(TRUE, flows=changed(Px=0, Qx=20))),
        ("money of each agreement", replace(TRUE, flows=changed(Py=0, Qy=60))),
        ("paid to the cent", replace(TRUE, flows=changed(Py=31))),
        ("paid to the cent", replace(TRUE, flows=changed(Py=29))),
        ("value", replace(TRUE, value=8, bound=8)),
        ("bound", replace(TRUE, bound=6, proved=False)),
        ("proof", replace(TRUE, bound=8)),
        ("not below greedy", Claim({"x": 0, "y": 0}, {}, 0, 0, True)),
    ],
)
def test_each_kind_of_false_claim_is_caught(check: str, claim: Claim) -> None:
    with pytest.raises(CertificateError) as refusal:
        certify(ASKED, claim)
    assert refusal.value.check == check


P = frozenset("P")
WITH_Z = replace(ASKED, candidates=(*ASKED.candidates, Candidate("z", 10, 1, 0)), by_value=False)
NO_Z = replace(TRUE, units={**TRUE.units, "z": 0})
"""x and y are funded as before: 50 cents by P, 30 by Q; z is not."""

SCALED = Problem((Source("P", 100, frozenset("x")),), (Candidate("x", 10, 5, 1, least=3),), ())
"""None of x is funded, or three to five units."""


def scaled(units: int) -> Claim:
    return Claim({"x": units}, {("P", "x"): 10 * units} if units else {}, units, 5, False)


@pytest.mark.parametrize("units", [3, 4])
def test_the_fewest_units_may_be_funded_and_more(units: int) -> None:
    by_less = replace(SCALED, by_value=False)  # a greedy plan would be worth more
    assert "units within bounds" in certify(by_less, scaled(units)).checks


@pytest.mark.parametrize(("units", "said"), [(1, "1 units of x"), (2, "2 units of x"), (6, "6 of 5 units")])
def test_one_unit_less_than_the_fewest_is_caught(units: int, said: str) -> None:
    with pytest.raises(CertificateError, match=said) as refusal:
        certify(replace(SCALED, by_value=False), scaled(units))
    assert refusal.value.check == "units within bounds"


def test_an_agreement_may_pay_all_that_it_has_and_no_cent_more() -> None:
    exact = replace(SCALED, sources=(Source("P", 50, frozenset("x")),))
    assert "money of each agreement" in certify(exact, scaled(5)).checks
    with pytest.raises(CertificateError) as refusal:
        certify(replace(exact, sources=(Source("P", 49, frozenset("x")),)), scaled(5))
    assert refusal.value.check == "money of each agreement"


def test_a_soft_rule_may_be_missed_and_by_how_much_is_checked() -> None:
    """Half of the points' cents are asked for, and 15 of 30 missed: a part of a cent counts as one."""
    rule = MoneyRule("SOFT", "floor", {"x": 5_000}, cents=20, soft=True)
    problem = replace(SCALED, rules=(rule,), by_value=False)
    claim = replace(scaled(3), missed=5)
    with pytest.raises(CertificateError, match="misses the soft rules by"):  # five units miss nothing
        certify(problem, claim)
    assert "rule SOFT" not in certify(problem, replace(scaled(5), missed=0)).checks
    for wrong in (4, 6):
        with pytest.raises(CertificateError, match=f"missed by 5 cents and not {wrong}"):
            certify(problem, replace(claim, missed=wrong))


@pytest.mark.parametrize(("give_up", "given"), [(0, 5), (1_999, 5), (2_000, 4), (4_000, 3)])
def test_a_fairer_plan_gives_up_no_more_points_than_it_may(give_up: int, given: int) -> None:
    """Five points are the most: basis points of them may be given up, and no part of a point more."""
    problem = replace(SCALED, fairness=Fairness({}, give_up))
    for units in (3, 4, 5):
        claim = replace(scaled(units), value=5)
        if units >= given:
            assert "value" in certify(problem, claim).checks
        else:
            with pytest.raises(CertificateError, match=f"worth {units} points and not 5"):
                certify(problem, claim)
    with pytest.raises(CertificateError, match="worth 5 points and not 4"):
        certify(problem, replace(scaled(5), value=4))


def test_nothing_may_be_funded_where_a_few_units_may_not() -> None:
    assert certify(replace(SCALED, by_value=False), scaled(0)).checks


@pytest.mark.parametrize(
    "rule",
    [
        UnitsRule("R", "x", least=2),
        UnitsRule("R", "y", most=1),
        MoneyRule("R", "floor", {"x": 10_000}, share=2_501),
        MoneyRule("R", "ceiling", {"x": 10_000}, share=2_499),
        MoneyRule("R", "floor", {"y": 5_000}, cents=31),
        MoneyRule("R", "ceiling", {"y": 5_000}, cents=29),
        DonorRule("R", "floor", P, share=6_251),
        DonorRule("R", "ceiling", P, share=6_249),
        DonorRule("R", "floor", P, cents=51),
        DonorRule("R", "ceiling", P, cents=49),
        SumRule("R", {"x": 2, "y": 3}, least=9),
        SumRule("R", {"x": 2, "y": 3}, most=7),
        LinkRule("R", "excludes", "x", "y"),
        LinkRule("R", "requires", "x", "z"),
        ActivityCountRule("R", frozenset("xyz"), least=3),
        ConcentrationRule("R", {"g": {"x": 10_000}, "h": {"y": 10_000}}, share=7_499),
        ConcentrationRule("R", {"g": {"x": 10_000}, "h": {"y": 10_000}}, cents=59),
        ActivityCountRule("R", frozenset("xz"), most=0),
    ],
)
def test_a_broken_rule_is_named(rule: Rule) -> None:
    with pytest.raises(CertificateError) as refusal:
        certify(replace(WITH_Z, rules=(rule,)), NO_Z)
    assert refusal.value.check == "rule R"


@pytest.mark.parametrize(
    "rule",
    [
        UnitsRule("R", "x", least=1, most=1),
        UnitsRule("R", "z", most=0),
        MoneyRule("R", "floor", {"x": 10_000}, share=2_500),
        MoneyRule("R", "ceiling", {"x": 10_000}, share=2_500),
        MoneyRule("R", "floor", {"y": 5_000}, cents=30),
        MoneyRule("R", "ceiling", {"y": 5_000}, cents=30),
        DonorRule("R", "floor", P, share=6_250),
        DonorRule("R", "ceiling", P, share=6_250),
        DonorRule("R", "floor", P, cents=50),
        DonorRule("R", "ceiling", P, cents=50),
        DonorRule("R", "ceiling", frozenset("R"), cents=0),
        SumRule("R", {"x": 2, "y": 3}, least=8, most=8),
        SumRule("R", {"z": 1}, most=0),
        LinkRule("R", "requires", "x", "y"),
        LinkRule("R", "requires", "z", "x"),
        LinkRule("R", "excludes", "x", "z"),
        LinkRule("R", "excludes", "z", "x"),
        ActivityCountRule("R", frozenset("xyz"), least=2, most=2),
        ConcentrationRule("R", {"g": {"x": 10_000}, "h": {"y": 10_000}}, share=7_500),
        ConcentrationRule("R", {"g": {"x": 10_000}, "h": {"y": 10_000}}, cents=60),
        ActivityCountRule("R", frozenset("z"), most=0),
    ],
)
def test_a_rule_that_is_kept_to_the_cent_is_kept(rule: Rule) -> None:
    assert "rule R" in certify(replace(WITH_Z, rules=(rule,)), NO_Z).checks
