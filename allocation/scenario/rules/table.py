"""A rule's table in a scenario file, and what is known when a rule is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from allocation.programme.programme import Activity

NonEmptyText = Annotated[str, Field(min_length=1)]


class RuleTable(BaseModel):
    """A rule, as in its table."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: NonEmptyText
    reason: str = ""

    def names(self) -> Iterator[tuple[str, str]]:
        """What it names of the programme, each with its noun: `activity`, `cluster` or `work area`."""
        return iter(())


def require_share_or_amount(id: str, share: object, amount: object) -> None:
    """Raise ValueError for a rule that has neither or both."""
    if (share is None) == (amount is None):
        raise ValueError(f"the rule {id} needs a share or an amount, one of the two")


@dataclass(frozen=True)
class RuleFacts:
    """What rules are made from: the programme and the books."""

    wanted: list[Activity]
    """The activities that are open for funding."""
    lists_on: date
    """The day whose lists of low-income and least developed countries apply."""
    donor_types: Mapping[str, str]
    """By agreement that may pay: the type of its donor."""
