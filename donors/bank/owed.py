"""What is owed under an agreement, by instalments and donor, in the form that bank lines are matched with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from donors.bank.text import SHORTEST_NAME, Code, normalise
from ledger import Amount

CHARGE = 50
"""A bank's charge is at most the 50th part (2 %) of a transfer: 20 of 1,000."""


class Part(NamedTuple):
    """The outstanding part of one instalment of an agreement."""

    number: int
    """The number of the instalment, from 1."""
    of: int
    """How many instalments the agreement has."""
    due_on: date
    minor: int
    """Outstanding minor units of the agreement's currency."""
    begun: bool = False
    """Whether a part of it has been paid."""
    waits_for: str = ""
    """The condition that is not met yet; empty if there is none."""

    @property
    def named(self) -> str:
        """The instalment, for messages: `instalment 2 of 3`."""
        return f"{'the rest of ' if self.begun else ''}instalment {self.number} of {self.of}"


@dataclass(frozen=True)
class Owed:
    """What is still owed under an agreement."""

    agreement: str
    donor: str
    donor_name: str
    amount: Amount
    starts_on: date
    ends_on: date
    parts: tuple[Part, ...]
    """The open instalments that make up the amount, the next one first."""

    def less(self, minor: int) -> Owed:
        """What is owed after a payment of `minor`, which settles the earliest instalments first."""
        left = []
        for part in self.parts:
            paid = min(minor, part.minor)
            minor -= paid
            if paid < part.minor:
                left.append(part._replace(minor=part.minor - paid, begun=part.begun or paid > 0))
        amount = Amount(currency=self.amount.currency, minor=sum(part.minor for part in left))
        return replace(self, amount=amount, parts=tuple(left))

    @cached_property
    def sums(self) -> frozenset[int]:
        """The next instalment, the next two together, and so on up to all that is owed, in minor units."""
        return frozenset(accumulate(part.minor for part in self.parts))

    def short_by(self, minor: int) -> int:
        """By how much `minor` falls short of the next instalments; 0 if that is no bank's charge."""
        less = min((each - minor for each in self.sums if each > minor), default=0)
        return less if less * CHARGE <= minor + less else 0

    def paid_by(self, minor: int) -> tuple[Part, ...]:
        """The instalments that a payment of `minor` settles, the last of them perhaps in part."""
        before = accumulate((part.minor for part in self.parts), initial=0)
        return tuple(part for part, earlier in zip(self.parts, before, strict=False) if earlier < minor)

    @cached_property
    def code(self) -> Code:
        """Finds the agreement's code in a text, and not in a longer code."""
        return Code.of(self.agreement)

    @cached_property
    def donor_code(self) -> Code:
        """Finds the donor's code in a text, and not in a longer code, such as an agreement's."""
        return Code.of(self.donor)

    @cached_property
    def name_in_text(self) -> str:
        """The donor's name as it stands in a normalised text; empty if it is too short to look for."""
        name = normalise(self.donor_name)
        return f" {name} " if len(name.replace(" ", "")) >= SHORTEST_NAME else ""
