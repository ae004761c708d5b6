"""A relaxation: one rule, and by how much its bound moves so that a plan becomes possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger import usd

RelaxationKind = Literal["cents", "share", "units", "activities", "amount", "link"]


@dataclass(frozen=True)
class Relaxation:
    """One rule, and by how much it is relaxed."""

    rule: str
    """The id of the rule."""
    kind: RelaxationKind
    """The unit of the bound: USD cents, basis points, units, activities, or own amounts; a link has none."""
    bound: int
    """The new bound; 0 for a link, which is dropped."""
    was: int
    """The bound in the scenario; 1 for a link."""
    cents: int
    """By how much the repaired plan misses the original rule, in USD cents."""

    @property
    def by(self) -> int:
        """How far the bound moves."""
        return abs(self.was - self.bound)

    @property
    def text(self) -> str:
        """The relaxation in words, for the message that there is no plan."""
        if self.kind == "link":
            return f"no rule {self.rule} ({usd(self.cents)})"
        new, old = self._figure(self.bound), self._figure(self.was)
        return f"the rule {self.rule} at {new} instead of {old} ({usd(self.cents)})"

    def _figure(self, bound: int) -> str:
        if self.kind == "share":
            return f"{bound // 100}.{bound % 100:02d}".rstrip("0").rstrip(".") + "%"
        return usd(bound) if self.kind == "cents" else f"{bound:,}"


MovedBound = tuple[int | None, int | None]
"""A bound after and before a relaxation."""


def moved_side(
    rule: str, kind: RelaxationKind, least: MovedBound, most: MovedBound, cents: int
) -> Relaxation:
    """The relaxation of a rule with two bounds, of which one moves."""
    ((bound, was),) = [(new, old) for new, old in (least, most) if new != old]
    assert bound is not None
    assert was is not None
    return Relaxation(rule, kind, bound, was, cents)
