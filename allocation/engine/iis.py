"""IIS: an irreducible infeasible subset of the rules, which explains why there is no plan.

A deletion filter leaves out each rule in turn, and keeps it out if the others are still infeasible. The
result is minimal: without any one of the rules named, the others can be kept. Money and earmarks are law and
are never among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from allocation.engine.rules.rule import Rule
from ledger import MdfmError


class Infeasible(MdfmError):
    """No plan keeps all the rules with the money there is."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        """An irreducible infeasible subset, by id."""
        named = "; ".join(rule.label for rule in rules)
        if len(rules) == 1:
            template = (
                "With the money there is, no plan can keep rule {rules}: relax it or find eligible money."
            )
        else:
            template = "With the money there is, no plan can keep all of these rules, relax one: {rules}."
        super().__init__("infeasible", template, rules=named)


def irreducible_infeasible_subset(
    rules: Sequence[Rule], infeasible: Callable[[Sequence[Rule]], bool]
) -> tuple[Rule, ...]:
    """Reduce infeasible rules to an irreducible infeasible subset; the last ids are left out first.

    `infeasible` returns whether a set of rules is *proved* to have no plan; it must hold for `rules`.
    """
    kept = sorted(rules, key=lambda rule: rule.id)
    for rule in reversed(kept.copy()):
        others = [other for other in kept if other is not rule]
        if infeasible(others):
            kept = others
    return tuple(kept)
