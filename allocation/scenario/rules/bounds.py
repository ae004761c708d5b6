"""Floors and ceilings: on the money that reaches a group, or that donors of a type pay."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import model_validator

from allocation.engine.problem import Sense
from allocation.engine.rules.donors import DonorRule
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.rule import Rule
from allocation.programme.earmark_eligibility import BeneficiaryGroup
from allocation.scenario.rules.groups import GroupTable, ProgrammeGroup, weights_of
from allocation.scenario.rules.table import RuleFacts, require_share_or_amount
from allocation.toml_values import Cents, Share
from donors import DonorType

DonorGroup = Literal["donor-type"]


class Bound(GroupTable):
    """A floor or a ceiling on the money that reaches a group, or that a group of donors pays.

    As a share of all money awarded or as an amount.
    """

    group: BeneficiaryGroup | ProgrammeGroup | DonorGroup
    share: Share | None = None
    amount: Cents | None = None
    soft: bool = False
    """Whether a floor may be missed, by as little as possible, if it cannot be kept."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        require_share_or_amount(self.id, self.share, self.amount)
        if self.group == "donor-type":
            if self.soft:
                raise ValueError(f"the rule {self.id} is about who pays, which cannot be soft")
            self.require_known(set(get_args(DonorType)))
        return self


def floor(table: Bound, facts: RuleFacts) -> Rule:
    """The rule that a group gets at least so much."""
    return _rule("floor", table, facts)


def ceiling(table: Bound, facts: RuleFacts) -> Rule:
    """The rule that a group gets at most so much."""
    return _rule("ceiling", table, facts)


def _rule(sense: Sense, table: Bound, facts: RuleFacts) -> Rule:
    if table.group == "donor-type":
        paid_by = frozenset(agreement for agreement, type in facts.donor_types.items() if type == table.of)
        return DonorRule(table.id, sense, paid_by, table.share, table.amount, table.reason)
    weights = weights_of(table, facts)
    return MoneyRule(table.id, sense, weights, table.share, table.amount, table.reason, table.soft)
