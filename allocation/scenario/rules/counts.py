"""How many activities of a group a plan funds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from allocation.engine.rules.counts import ActivityCountRule
from allocation.engine.rules.rule import Rule
from allocation.programme.earmark_eligibility import BeneficiaryGroup
from allocation.scenario.rules.groups import GroupTable, ProgrammeGroup, weights_of
from allocation.scenario.rules.table import RuleFacts
from allocation.toml_values import Count
from ledger import BadInput


class ActivityCount(GroupTable):
    """At least or at most so many activities of a group are funded."""

    group: BeneficiaryGroup | ProgrammeGroup | Literal["all", "activities"]
    activities: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Which activities, for a list of them."""
    least: Count | None = None
    most: Count | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.least is None and self.most is None:
            raise ValueError(f"the rule {self.id} needs the least or the most activities, or both")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"the rule {self.id} asks for at least {self.least} and at most {self.most}")
        if (self.group == "activities") != bool(self.activities):
            raise ValueError(f'the rule {self.id} must list its activities for group = "activities"')
        return self

    def names(self) -> Iterator[tuple[str, str]]:
        """The cluster or work area, or the activities."""
        yield from super().names()
        yield from (("activity", code) for code in self.activities)


def activity_count(table: ActivityCount, facts: RuleFacts) -> Rule:
    """The rule on the number of activities; BadInput if it asks for more than there are."""
    group = _members(table, facts)
    if table.least is not None and table.least > len(group):
        raise BadInput(
            "rule-least-exceeds-open",
            "The rule {id} asks for at least {least} activities, and only {open} of its group are "
            "open for funding: lower it.",
            id=table.id,
            least=table.least,
            open=len(group),
        )
    return ActivityCountRule(table.id, group, table.least, table.most, table.reason)


def _members(table: ActivityCount, facts: RuleFacts) -> frozenset[str]:
    """The activities of a group; those that reach it in part count as one."""
    if table.group == "all":
        return frozenset(each.code for each in facts.wanted)
    return frozenset(table.activities or weights_of(table, facts))
