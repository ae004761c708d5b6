"""The integer model: a problem as variables and linear constraints, which every solver can read.

The variables are units of activities. Payments need no variables: a plan can be paid from the earmarked
money exactly when no set of fund groups is overdrawn by the activities that can draw on nothing else
(`allocation.engine.payment_cuts`). Each such set is one *payment cut*. There may be exponentially many, so a
model starts with the obvious ones, and each solver result that cannot be paid gives the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from allocation.engine.checking import check
from allocation.engine.constraints.constraint import Constraint, Terms, TierName, Variable, constraint
from allocation.engine.constraints.funded import funded_constraints
from allocation.engine.fund_groups import FundGroup, Pool, donor_pools, group_sources
from allocation.engine.problem import LARGEST_SUM, Candidate, Problem
from allocation.engine.rules.rule import ModelFacts, Rule
from ledger import BadInput


@dataclass(frozen=True)
class Model:
    """Variables and constraints in an order that does not depend on the order of the input."""

    candidates: tuple[Candidate, ...]
    fund_groups: tuple[FundGroup, ...]
    pools: tuple[Pool, ...]
    variables: tuple[Variable, ...]
    """First the candidates' units, in their order; then the auxiliary variables of the rules."""
    constraints: tuple[Constraint, ...]

    @cached_property
    def value(self) -> Terms:
        """The objective of the value tier: points per unit."""
        return tuple((candidate.code, candidate.score) for candidate in self.candidates)

    @cached_property
    def spared(self) -> Terms:
        """The objective of the floors tier: minus the cents by which soft rules are missed."""
        return tuple((v.name, -1) for v in self.variables if v.name.startswith("missed:"))

    @cached_property
    def upper(self) -> dict[str, int]:
        """The upper bound of each variable."""
        return {variable.name: variable.upper for variable in self.variables}

    @cached_property
    def drawing(self) -> dict[str, frozenset[int]]:
        """The fund groups, by index, that may pay for each activity."""
        found: dict[str, set[int]] = {candidate.code: set() for candidate in self.candidates}
        for index, fund_group in enumerate(self.fund_groups):
            for code in fund_group.eligible:
                found[code].add(index)
        return {code: frozenset(fund_groups) for code, fund_groups in found.items()}

    def units(self, values: Mapping[str, int]) -> dict[str, int]:
        """The units among a solver's values, by activity."""
        return {candidate.code: values[candidate.code] for candidate in self.candidates}

    def costs(self, units: Mapping[str, int]) -> dict[str, int]:
        """The cost of each funded activity, in USD cents."""
        return {c.code: c.unit_cents * units[c.code] for c in self.candidates if c.unit_cents * units[c.code]}

    def broken(self, values: Mapping[str, int]) -> Constraint | None:
        """The first constraint that these values do not satisfy."""
        return next((constraint for constraint in self.constraints if not constraint.holds(values)), None)

    def adding(self, constraints: Iterable[Constraint], variables: Iterable[Variable] = ()) -> Model:
        """The same model with more constraints and variables."""
        more = (*self.variables, *variables)
        return replace(self, constraints=(*self.constraints, *constraints), variables=more)

    def keeping(self, tier: TierName, objective: Terms, least: int) -> Model:
        """The same model in which later tiers keep at least `least` of this tier's objective."""
        return self.adding([constraint(f"tier:{tier}", tier, tier, objective, lower=least)])

    def within(self, ranges: Mapping[str, tuple[int, int]]) -> Model:
        """The same model in which these variables have narrower bounds."""
        variables = (Variable(v.name, *ranges[v.name]) if v.name in ranges else v for v in self.variables)
        return replace(self, variables=tuple(variables))


def build(problem: Problem) -> Model:
    """Build the model of a problem.

    Raises `BadInput` for a problem that contradicts itself or whose sums a solver could not hold.
    """
    check(problem)
    candidates = tuple(sorted(problem.candidates, key=lambda candidate: candidate.code))
    pools = donor_pools(problem.rules, problem.sources)
    fund_groups = group_sources(problem.sources, frozenset(candidate.code for candidate in candidates), pools)
    bare = Model(candidates, fund_groups, pools, (), ())
    model = bare.adding((), (_variable(candidate, bare) for candidate in candidates))
    asked = {code for rule in problem.rules for code in rule.flags}
    counted = {each.code: each for each in candidates if _needs_flag(each, model.upper[each.code], asked)}
    stated = [funded_constraints(candidate, model.upper[code]) for code, candidate in counted.items()]
    facts = ModelFacts(
        costs={candidate.code: candidate.unit_cents for candidate in candidates},
        money=sum(fund_group.cents for fund_group in fund_groups),
        funded={code: f"funded:{code}" if code in counted else code for code in model.upper},
    )
    stated += [rule.constraints(facts) for rule in sorted(problem.rules, key=lambda rule: rule.id)]
    for each in stated:
        model = model.adding(each.constraints, each.variables)
    refuse_overflow(model)
    return model


def refuse_overflow(model: Model) -> None:
    """Raise `BadInput` if some sum is larger than every solver can hold exactly."""
    upper = model.upper
    sums = [
        sum(fund_group.cents for fund_group in model.fund_groups),
        *upper.values(),
        _reach(model.value, upper),
    ]
    for each in model.constraints:
        sums += [_reach(each.coefficients, upper), abs(each.lower or 0), abs(each.upper or 0)]
    sums += [candidate.unit_cents * upper[candidate.code] for candidate in model.candidates]
    if max(sums) > LARGEST_SUM:
        raise BadInput(
            "problem-sum-too-large",
            "The amounts add up to more than {sum_max:,}, which a solver cannot add exactly; check "
            "the units, costs, scores and rules for a figure that is far too large.",
            sum_max=LARGEST_SUM,
        )


def _variable(candidate: Candidate, model: Model) -> Variable:
    upper = candidate.units
    if candidate.unit_cents:
        money = sum(model.fund_groups[index].cents for index in model.drawing[candidate.code])
        upper = min(upper, money // candidate.unit_cents)
    return Variable(candidate.code, 0, upper if upper >= candidate.least else 0)


def _needs_flag(candidate: Candidate, upper: int, asked: set[str]) -> bool:
    """Whether a 0-1 variable is needed: for a minimum number of units, or a rule that asks for it."""
    return upper > 1 and (candidate.least > 1 or candidate.code in asked)


def _reach(terms: Terms, upper: Mapping[str, int]) -> int:
    return sum(abs(coefficient) * upper[name] for name, coefficient in terms)


def firmly(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The same rules with every soft rule made hard."""
    return tuple(rule.hard() for rule in rules)
