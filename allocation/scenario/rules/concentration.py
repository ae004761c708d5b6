"""A limit on the money that reaches any one country, region, cluster, work area or activity."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from allocation.engine.rules.concentration import ConcentrationRule
from allocation.engine.rules.rule import Rule
from allocation.scenario.rules.groups import Partition, parts_of
from allocation.scenario.rules.table import RuleFacts, RuleTable, require_share_or_amount
from allocation.toml_values import Cents, Share
from ledger import BadInput


class ConcentrationLimit(RuleTable):
    """A limit that holds for each country, cluster, ... that occurs in the programme.

    As a share of all money awarded or as an amount.
    """

    each: Partition
    share: Share | None = None
    amount: Cents | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        require_share_or_amount(self.id, self.share, self.amount)
        return self


def concentration_limit(table: ConcentrationLimit, facts: RuleFacts) -> Rule:
    """The rule for all groups; BadInput if there is none."""
    groups: dict[str, dict[str, int]] = {}
    for activity in facts.wanted:
        for group, share in parts_of(activity, table.each).items():
            groups.setdefault(group, {})[activity.code] = share
    if not groups:
        raise BadInput(
            "concentration-of-nothing",
            "The rule {id} is about each {each}, and nothing that is open for funding has one.",
            id=table.id,
            each=table.each,
        )
    return ConcentrationRule(table.id, dict(sorted(groups.items())), table.share, table.amount, table.reason)
