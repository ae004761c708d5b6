"""Instalments: the parts of an agreement's amount, each due on a day, some on a condition."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ledger import Labelled, MinorUnits, TextField


class Instalment(BaseModel):
    """One part of an agreement's amount, as signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due_on: date
    minor: Annotated[int, MinorUnits(currency_of=("amount", "agreement")), Labelled("amount")] = Field(gt=0)
    """Minor units of the agreement's currency."""
    condition: TextField = ""
    """What must be met before it is due, in a sentence; empty if only the day decides."""
