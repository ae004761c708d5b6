"""Why there is no plan: a smallest set of rules that cannot all be kept.

A deletion filter: each rule is left out in turn, and stays out if the others still clash. What remains is
minimal, so dropping any one of the rules named makes a plan possible as far as these rules go. The money and
its earmarks are law and never among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from allocation.engine.problem import Rule
from ledger import MdfmError


class Infeasible(MdfmError):
    """No plan satisfies all the rules with the money there is."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        """A minimal set of rules that clash, by id."""
        named = "; ".join(f"{rule.id} ({rule.reason})" if rule.reason else rule.id for rule in rules)
        if len(rules) == 1:
            said = f"With the money there is, no plan can keep rule {named}: relax it or find eligible money."
        else:
            said = f"With the money there is, no plan can keep all of these rules, relax one: {named}."
        super().__init__(said)


def irreducible_infeasible_subset(
    rules: Sequence[Rule], clash: Callable[[Sequence[Rule]], bool]
) -> tuple[Rule, ...]:
    """Reduce clashing rules to a minimal clashing set, trying to leave out the last ids first.

    `clash` tells whether rules are *proved* to have no plan; it must hold for `rules` themselves.
    """
    kept = sorted(rules, key=lambda rule: rule.id)
    for rule in reversed(kept.copy()):
        others = [other for other in kept if other is not rule]
        if clash(others):
            kept = others
    return tuple(kept)
