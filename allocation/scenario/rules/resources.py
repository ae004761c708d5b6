"""Resources that are not money, such as the time of the coordination team."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from allocation.engine.rules.rule import Rule
from allocation.engine.rules.sums import SumRule
from allocation.scenario.rules.table import NonEmptyText, RuleFacts, RuleTable
from allocation.toml_values import Count

PERSON_DAYS = "person-days"
"""The unit of the one resource that the programme counts: the coordination team's time."""


class Resource(RuleTable):
    """A limited resource that is not money, such as the time of the coordination team."""

    unit: NonEmptyText = PERSON_DAYS
    most: Count
    """The most that the funded units may use together."""
    uses: dict[str, Count] = Field(default={})
    """What one unit of an activity uses, if it differs from the programme."""

    def names(self) -> Iterator[tuple[str, str]]:
        """The activities that use it."""
        return (("activity", code) for code in self.uses)


def resource(table: Resource, facts: RuleFacts) -> Rule:
    """The rule that all funded units use at most so much."""
    planned = {each.code: each.person_days for each in facts.wanted} if table.unit == PERSON_DAYS else {}
    amounts = {code: amount for code, amount in (planned | table.uses).items() if amount}
    reason = table.reason or f"{table.most} {table.unit}"
    return SumRule(table.id, amounts, most=table.most, reason=reason)
