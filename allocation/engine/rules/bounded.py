"""What rules with the same kind of bound share: a share or an amount of money, or a least and a most."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Set
from dataclasses import replace
from typing import ClassVar, Self

from allocation.engine.problem import BASIS_POINTS, Problem, Units
from allocation.engine.rules.relaxation import Relaxation, RelaxationKind, moved_side
from allocation.engine.rules.rule import Rule, check_bound, outside


class ShareOrAmountRule(Rule):
    """A rule whose bound is `share`, basis points of all money awarded, or `cents`."""

    share: int | None
    cents: int | None

    def check(self, codes: Set[str]) -> None:
        """A share or an amount."""
        del codes
        check_bound(self.id, self.share, self.cents)

    def price(self, problem: Problem) -> int:
        """A cent."""
        del problem
        return 1

    def relaxed(self, relaxation: Relaxation) -> Self:
        """The rule with another share or amount."""
        return self._at(relaxation.bound)

    @property
    def _bound(self) -> int:
        return self.share if self.share is not None else self.cents or 0

    def _at(self, bound: int) -> Self:
        return replace(self, cents=bound) if self.share is None else replace(self, share=bound)

    def _limit(self, awarded: int) -> int:
        """The bound when so many cents are awarded, in cents times basis points."""
        return self._bound * (BASIS_POINTS if self.share is None else awarded)

    def _relaxation(self, new: int, cents: int) -> Relaxation:
        """The bound moved, for a plan that misses the rule by so many cents."""
        return Relaxation(self.id, "cents" if self.share is None else "share", new, self._bound, cents)


class LeastMostRule(Rule):
    """A rule whose bounds are `least` and `most`, on a figure that units alone tell."""

    kind: ClassVar[RelaxationKind]
    """What its figure counts."""
    least: int | None
    most: int | None

    def shortfall(self, problem: Problem, units: Units) -> int:
        """In what it counts."""
        del problem
        return outside(self._figure(units), self.least, self.most)

    def loosened(self, problem: Problem, units: Units) -> Self:
        """Bounds that include the figure."""
        del problem
        figure = self._figure(units)
        least = None if self.least is None else min(self.least, figure)
        return replace(self, least=least, most=None if self.most is None else max(self.most, figure))

    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """Another bound."""
        new, cents = self.loosened(problem, units), self.shortfall(problem, units) * self.price(problem)
        return moved_side(self.id, self.kind, (new.least, self.least), (new.most, self.most), cents)

    def relaxed(self, relaxation: Relaxation) -> Self:
        """The rule with another bound."""
        if relaxation.bound < relaxation.was:
            return replace(self, least=relaxation.bound)
        return replace(self, most=relaxation.bound)

    @abstractmethod
    def _figure(self, units: Units) -> int:
        """What the bounds are on."""
