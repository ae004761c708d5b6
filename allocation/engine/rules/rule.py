"""What a rule of allocation can do: the base class of all rules, and what its methods return.

A rule is a frozen dataclass: its name and fields, but for the reason, are in the hash of a problem. Methods
that most rules do not need have a default, which says that the rule is not concerned.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import Field, dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

from allocation.engine.constraints.constraint import RuleConstraints
from allocation.engine.problem import BASIS_POINTS, Candidate, Flows, Problem, Sense, Units, canonical
from allocation.engine.rules.relaxation import Relaxation
from ledger import BadInput


class ModelFacts(NamedTuple):
    """What a rule needs to know of a model to state its constraints."""

    costs: Mapping[str, int]
    """Cost of one unit in USD cents, by activity; all candidates, in the order of the model."""
    money: int
    """All money there is, in USD cents."""
    funded: Mapping[str, str]
    """By activity in `flags`: the name of the variable that is 1 exactly when it is funded."""


class Measure(NamedTuple):
    """A rule as a linear sum for the greedy plan: it is kept while the slack is not negative."""

    gains: Mapping[str, int]
    """What one unit of each activity adds to the slack."""
    slack: int
    """The slack of an empty plan."""


class UnitBounds(NamedTuple):
    """How many units of an activity must and may be funded."""

    least: int
    most: int | None


class CommittedUnits(NamedTuple):
    """The committed work of an activity in a revised plan."""

    code: str
    """The activity that stands for it in the problem: one unit of it must be funded."""
    units: int
    """The units that it consists of."""


@dataclass(frozen=True)
class DonorLimit:
    """A floor or a ceiling on what the donors of some agreements pay together."""

    id: str
    sense: Sense
    agreements: frozenset[str]
    share: int | None
    cents: int | None

    def when(self, awarded: int) -> int:
        """The cents that they must (floor) or may (ceiling) pay when `awarded` cents are awarded."""
        if self.share is None:
            return self.cents or 0
        share = self.share * awarded
        return -(-share // BASIS_POINTS) if self.sense == "floor" else share // BASIS_POINTS


@dataclass(frozen=True)
class Reached:
    """What a plan reaches of a floor or a ceiling."""

    name: str
    """The rule's id; with the group, if the rule holds for each of several."""
    sense: Sense
    bound: int
    reached: int
    share: int | None = None
    """Of money, the part of all money awarded, in basis points, rounded down; None if not money."""


@dataclass(frozen=True)
class Elastic:
    """A rule with slack: sums, the slack variables that may break them, and 0-1 counters."""

    sums: tuple[Rule, ...]
    slack: tuple[Candidate, ...]
    counters: tuple[Candidate, ...] = ()


class Rule(ABC):
    """A rule that a plan keeps."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    id: str
    reason: str
    """Where the rule comes from, in words that a planner reads."""
    soft: bool = False
    """Whether it may be missed, by as few cents as possible: that is minimised before anything else."""

    @property
    def label(self) -> str:
        """Its id and reason, for a message."""
        return f"{self.id} ({self.reason})" if self.reason else self.id

    def renamed(self, id: str) -> Self:
        """The same rule under another id."""
        return replace(self, id=id)

    # --- in the problem

    def canonical(self) -> list[Any]:
        """The rule in a problem's hash."""
        return canonical(self)

    def check(self, codes: Set[str]) -> None:
        """Raise `BadInput` if the rule contradicts itself; `codes` are those of all activities."""
        del codes

    # --- in the model

    @property
    def flags(self) -> frozenset[str]:
        """The activities of which it matters to the rule whether they are funded, and not how much."""
        return frozenset()

    @abstractmethod
    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """The rule as linear constraints."""

    def hard(self) -> Rule:
        """The same rule, which may not be missed."""
        return self

    def donor_limit(self) -> DonorLimit | None:
        """What the rule says about who pays; None for a rule about what is funded."""
        return None

    @property
    def bounds_donors(self) -> bool:
        """Whether it is about who pays: units alone do not tell whether such a rule is kept."""
        return self.donor_limit() is not None

    # --- in a greedy plan

    @property
    def unit_bounds(self) -> Mapping[str, UnitBounds]:
        """Its bounds on the units of single activities."""
        return {}

    def measures(self, costs: Mapping[str, int]) -> Iterator[Measure]:
        """The rule as linear sums; `costs` are those of one unit, in cents by activity."""
        del costs
        return iter(())

    def breaks(self, units: Units) -> bool:
        """Whether these units break it, for a rule with `flags`."""
        del units
        return False

    def lacking(self, units: Units) -> frozenset[str]:
        """The activities of which at least one more must be funded to keep it, for a rule with `flags`."""
        del units
        return frozenset()

    # --- what a plan reaches

    @abstractmethod
    def shortfall(self, problem: Problem, units: Units) -> int:
        """By how much these units miss it; 0 if they keep it, and for a rule about who pays."""

    def binding(self, problem: Problem, before: Units, after: Units) -> Iterator[str]:
        """Its name, for an explanation, if the units after miss it by more than those before."""
        if self.shortfall(problem, after) > self.shortfall(problem, before):
            yield self.id

    def reached(self, problem: Problem, units: Units, flows: Flows) -> Iterator[Reached]:
        """What a plan shows of it; nothing for a rule that is simply kept."""
        del problem, units, flows
        return iter(())

    # --- with another bound

    def as_reached(self, problem: Problem, units: Units) -> Rule | None:
        """The rule with its bound moved to what these units reach: itself if kept, None without a bound."""
        return self.loosened(problem, units) if self.shortfall(problem, units) else self

    def loosened(self, problem: Problem, units: Units) -> Rule | None:
        """`as_reached` for units that miss it."""
        del problem, units
        return None

    def kept_as_far(self, problem: Problem, units: Units) -> Rule:
        """The rule itself; a soft one as a hard rule that is kept as far as by these units."""
        if not self.soft:
            return self
        reached = self.as_reached(problem, units)
        assert reached is not None, "a soft rule has a bound"
        return reached.hard()

    @property
    def share_sense(self) -> Sense | None:
        """Whether it is a floor or a ceiling on a share of the money; None for any other rule."""
        return None

    def at_share(self, share: int) -> Rule:
        """The same rule as a hard one, with another share, for a rule with a `share_sense`."""
        raise NotImplementedError(share)

    # --- in a repair

    @abstractmethod
    def price(self, problem: Problem) -> int:
        """The price of missing it by one, in USD cents; at least 1, so that nothing is missed needlessly."""

    @abstractmethod
    def elastic(self, problem: Problem) -> Elastic:
        """The rule with slack; not for a rule about who pays."""

    @abstractmethod
    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """The relaxation that lets these units, which miss it, keep it."""

    @abstractmethod
    def relaxed(self, relaxation: Relaxation) -> Rule | None:
        """The rule with its bound moved; None if it is dropped."""

    # --- where the activities change

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> Rule | None:
        """The rule with committed work counted too; None if that settles it.

        `kept` is the committed work by activity, `opened` are the activities with open units.
        """
        del kept, opened
        return self

    def counting(self, code: str, substitutes: Set[str]) -> Rule:
        """The rule with the money of these substitutes counted like that of the activity."""
        del code, substitutes
        return self

    def money_counted(self, costs: Mapping[str, int]) -> Mapping[str, int] | None:
        """What one unit of each activity adds to the money it counts, in cents times basis points.

        None for a rule that counts no money, or that of several groups. `costs` are those of one unit.
        """
        del costs
        return None


# --- what several rules need --------------------------------------------------------------------------------


def check_bound(id: str, share: int | None, cents: int | None) -> None:
    """Refuse a bound that is not a share or an amount."""
    if (share is None) == (cents is None):
        raise BadInput(
            "rule-share-or-amount",
            "Rule {id} must give either a share or an amount, and not both.",
            id=id,
        )
    if cents is not None and cents < 0:
        raise BadInput(
            "rule-amount-negative",
            "Rule {id} has an amount below nothing; correct it.",
            id=id,
        )
    check_shares(f"Rule {id}", () if share is None else (share,))


def check_shares(what: str, shares: Sequence[int]) -> None:
    """Refuse shares that are not parts of a whole."""
    if not all(0 <= share <= BASIS_POINTS for share in shares):
        raise BadInput(
            "share-out-of-range",
            "{what} has a share outside 0 to {basis_points} basis points; correct it.",
            what=what,
            basis_points=BASIS_POINTS,
        )


def check_known(id: str, named: Sequence[str], codes: Set[str]) -> None:
    """Refuse activities that are not candidates."""
    for code in named:
        if code not in codes:
            raise BadInput(
                "rule-activity-not-candidate",
                "Rule {id} is about activity {code}, which is not a candidate.",
                id=id,
                code=code,
            )


def slack(id: str, name: str, most: int) -> Candidate:
    """A slack variable, as an activity whose code no other has: codes have no spaces."""
    return Candidate(f"{id} {name}", 0, most, 0)


def outside(reached: int, least: int | None, most: int | None) -> int:
    """How far a figure is from its bounds."""
    return max(0, 0 if least is None else least - reached, 0 if most is None else reached - most)


def unit_costs(problem: Problem) -> dict[str, int]:
    """The cost of one unit of each activity, in USD cents."""
    return {each.code: each.unit_cents for each in problem.candidates}


def awards(problem: Problem, units: Units) -> dict[str, int]:
    """What is awarded to each activity, in USD cents."""
    return {each.code: each.unit_cents * units[each.code] for each in problem.candidates}


def weights_with_committed(
    parts: Mapping[str, int],
    kept: Mapping[str, CommittedUnits],
    opened: Set[str],
    *,
    of_a_unit: bool = False,
) -> dict[str, int]:
    """Weights by activity, with those of committed work added and those of nothing left out.

    Weights `of_a_unit` count as often as committed work has units.
    """
    started = {
        kept[code].code: part * (kept[code].units if of_a_unit else 1)
        for code, part in parts.items()
        if code in kept
    }
    return {code: part for code, part in parts.items() if code in opened} | started
