"""The typed model: what stands between a problem's data and a solver that knows only numbers.

The only unknowns are units. Whose cents pay for them need no variables: a plan can be paid from the
earmarked money exactly when no set of purses is overdrawn by the activities that can draw on nothing else
(Gale 1957, Hall 1935). Each such set is one *money row*. There may be exponentially many, so a model starts
with the obvious ones and a solver's answer that cannot be paid names the next (`Model.money_row`).

Every row is divided by its greatest common divisor, which rounds its bounds to whole units of money that
can really be spent: this is what makes proofs of optimality fast. No row is enforced conditionally, because
OR-Tools adds the coefficients of such rows in 32 bits (issue google/or-tools #5293) and then calls a wrong
answer optimal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd
from typing import Literal

from allocation.problem import BASIS_POINTS, Candidate, MoneyRule, Problem, Rule, Source, UnitsRule
from ledger import BadInput

LARGEST_SUM = 2**53
"""What any row or objective may add up to, so that 64-bit integers and doubles both hold it exactly."""

Tier = Literal["legal", "floors", "value"]
Terms = tuple[tuple[str, int], ...]
"""Variable names with their coefficients."""


@dataclass(frozen=True)
class Variable:
    """How many units of one activity to fund; its name is the activity's code."""

    name: str
    lower: int
    upper: int


@dataclass(frozen=True)
class Row:
    """One linear condition: `lower <= sum(coefficient * variable) <= upper`; None is no bound."""

    id: str
    rule: str
    """The id of the rule it states, or `money` for what the earmarks allow, or the tier's name."""
    tier: Tier
    coefficients: Terms
    lower: int | None
    upper: int | None

    @property
    def impossible(self) -> bool:
        """Whether the bounds contradict each other."""
        return self.lower is not None and self.upper is not None and self.lower > self.upper

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether these values satisfy the row, in exact integers."""
        total = weigh(self.coefficients, values)
        return (self.lower is None or total >= self.lower) and (self.upper is None or total <= self.upper)


@dataclass(frozen=True)
class Purse:
    """The money of all agreements whose earmark allows the same activities."""

    sources: tuple[Source, ...]
    eligible: frozenset[str]

    @property
    def cents(self) -> int:
        """All money in the purse, in USD cents."""
        return sum(source.cents for source in self.sources)


@dataclass(frozen=True)
class Model:
    """Variables and rows in an order that does not depend on the order of the input."""

    candidates: tuple[Candidate, ...]
    purses: tuple[Purse, ...]
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]

    @cached_property
    def value(self) -> Terms:
        """The objective of the value tier: points per unit."""
        return tuple((candidate.code, candidate.score) for candidate in self.candidates)

    def costs(self, units: Mapping[str, int]) -> dict[str, int]:
        """The cost of each funded activity, in USD cents."""
        return {c.code: c.unit_cents * units[c.code] for c in self.candidates if c.unit_cents * units[c.code]}

    def broken(self, units: Mapping[str, int]) -> Row | None:
        """The first row that these units do not satisfy."""
        return next((row for row in self.rows if not row.holds(units)), None)

    def money_row(self, purses: Iterable[int]) -> Row:
        """What draws on nothing but these purses may not cost more than they hold."""
        chosen = sorted(set(purses))
        allowed = frozenset(chosen)
        terms = tuple((c.code, c.unit_cents) for c in self.candidates if self.drawing[c.code] <= allowed)
        names = "+".join(self.purses[index].sources[0].agreement for index in chosen)
        cents = sum(self.purses[index].cents for index in chosen)
        return _row(f"money:{names}", "money", "legal", terms, upper=cents)

    def with_row(self, row: Row) -> Model:
        """The same model with one more row."""
        return replace(self, rows=(*self.rows, row))

    def keeping(self, tier: Tier, objective: Terms, least: int) -> Model:
        """The same model in which a later tier may not lose what this one has reached."""
        return self.with_row(_row(f"tier:{tier}", tier, tier, objective, lower=least))

    def fixing(self, units: Mapping[str, int]) -> Model:
        """The same model in which these activities have exactly these units."""
        variables = tuple(
            Variable(v.name, units[v.name], units[v.name]) if v.name in units else v for v in self.variables
        )
        return replace(self, variables=variables)

    @cached_property
    def drawing(self) -> dict[str, frozenset[int]]:
        """The purses, by index, that each activity can draw on."""
        return {
            candidate.code: frozenset(i for i, p in enumerate(self.purses) if candidate.code in p.eligible)
            for candidate in self.candidates
        }


def weigh(terms: Terms, values: Mapping[str, int]) -> int:
    """The sum of coefficient times value."""
    return sum(coefficient * values[name] for name, coefficient in terms)


def build(problem: Problem) -> Model:
    """State a problem as variables and rows.

    Raises `BadInput` for a problem that contradicts itself or whose sums a solver could not hold.
    """
    _check(problem)
    candidates = tuple(sorted(problem.candidates, key=lambda candidate: candidate.code))
    purses = _purses(problem.sources, frozenset(candidate.code for candidate in candidates))
    model = Model(candidates, purses, tuple(_variable(c, purses) for c in candidates), ())
    rules = sorted(problem.rules, key=lambda rule: rule.id)
    rows = (*_obvious_money_rows(model), *(_rule_row(rule, candidates) for rule in rules))
    model = replace(model, rows=rows)
    _refuse_overflow(model)
    return model


def _purses(sources: Sequence[Source], known: frozenset[str]) -> tuple[Purse, ...]:
    by_earmark: dict[frozenset[str], list[Source]] = defaultdict(list)
    for source in sorted(sources, key=lambda source: source.agreement):
        by_earmark[source.eligible & known].append(source)
    return tuple(Purse(tuple(members), eligible) for eligible, members in by_earmark.items() if eligible)


def _variable(candidate: Candidate, purses: Sequence[Purse]) -> Variable:
    upper = candidate.units
    if candidate.unit_cents:
        money = sum(purse.cents for purse in purses if candidate.code in purse.eligible)
        upper = min(upper, money // candidate.unit_cents)
    return Variable(candidate.code, 0, upper)


def _obvious_money_rows(model: Model) -> tuple[Row, ...]:
    """One row for each activity's own purses, and one for all money."""
    upper = {variable.name: variable.upper for variable in model.variables}
    sets = dict.fromkeys([frozenset(range(len(model.purses))), *model.drawing.values()])
    rows = (model.money_row(chosen) for chosen in sets)
    return tuple(row for row in rows if not row.holds(upper))


def _rule_row(rule: Rule, candidates: Sequence[Candidate]) -> Row:
    if isinstance(rule, UnitsRule):
        return Row(f"rule:{rule.id}", rule.id, "floors", ((rule.activity, 1),), rule.least, rule.most)
    share, bound = (rule.share, 0) if rule.share is not None else (0, (rule.cents or 0) * BASIS_POINTS)
    terms = tuple((c.code, (rule.weights.get(c.code, 0) - share) * c.unit_cents) for c in candidates)
    floor = rule.sense == "floor"
    lower, upper = (bound, None) if floor else (None, bound)
    return _row(f"rule:{rule.id}", rule.id, "floors", terms, lower, upper)


def _row(
    id: str, rule: str, tier: Tier, terms: Terms, lower: int | None = None, upper: int | None = None
) -> Row:
    """A row in lowest terms: its bounds become the nearest sums that integers can reach."""
    terms = tuple(term for term in terms if term[1])
    divisor = gcd(*(coefficient for _, coefficient in terms)) or 1
    return Row(
        id,
        rule,
        tier,
        tuple((name, coefficient // divisor) for name, coefficient in terms),
        None if lower is None else -(-lower // divisor),
        None if upper is None else upper // divisor,
    )


def _check(problem: Problem) -> None:
    _refuse_twins("activity", [candidate.code for candidate in problem.candidates])
    _refuse_twins("agreement", [source.agreement for source in problem.sources])
    _refuse_twins("rule", [rule.id for rule in problem.rules])
    for source in problem.sources:
        if source.cents < 0:
            raise BadInput(f"Agreement {source.agreement} has less than nothing to allocate; correct it.")
    for candidate in problem.candidates:
        if candidate.unit_cents < 0 or candidate.units < 0:
            raise BadInput(f"Activity {candidate.code} has a negative cost or number of units; correct it.")
    codes = {candidate.code for candidate in problem.candidates}
    for rule in problem.rules:
        if isinstance(rule, MoneyRule):
            _check_money_rule(rule)
        elif rule.activity not in codes:
            raise BadInput(f"Rule {rule.id} is about activity {rule.activity}, which is not a candidate.")


def _check_money_rule(rule: MoneyRule) -> None:
    if (rule.share is None) == (rule.cents is None):
        raise BadInput(f"Rule {rule.id} must give either a share or an amount, and not both.")
    shares = [*rule.weights.values(), *(() if rule.share is None else (rule.share,))]
    if not all(0 <= share <= BASIS_POINTS for share in shares):
        raise BadInput(f"Rule {rule.id} has a share outside 0 to {BASIS_POINTS} basis points; correct it.")


def _refuse_twins(what: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInput(f"There are two entries for {what} {name}; give each {what} once.")
        seen.add(name)


def _refuse_overflow(model: Model) -> None:
    upper = {variable.name: variable.upper for variable in model.variables}
    sums = [sum(purse.cents for purse in model.purses), *upper.values(), _reach(model.value, upper)]
    for row in model.rows:
        sums += [_reach(row.coefficients, upper), abs(row.lower or 0), abs(row.upper or 0)]
    sums += [candidate.unit_cents * upper[candidate.code] for candidate in model.candidates]
    if max(sums) > LARGEST_SUM:
        raise BadInput(
            f"The amounts add up to more than {LARGEST_SUM:,}, which a solver cannot add exactly; "
            "check the units, costs, scores and rules for a figure that is far too large."
        )


def _reach(terms: Terms, upper: Mapping[str, int]) -> int:
    return sum(abs(coefficient) * upper[name] for name, coefficient in terms)
