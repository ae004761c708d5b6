"""The fund in one look: what a report on all donors together is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from reports.statement import FundSummary, Seal


@dataclass(frozen=True)
class Source:
    """What one donor gave in the term."""

    donor: str
    """Its name; empty for gifts that were taken back later, of which no donor is known any more."""
    donor_type: str
    received: int
    """USD cents."""


@dataclass(frozen=True)
class ActivityUse:
    """What an activity used in the term, of all donors' money."""

    code: str
    """Empty for what is tied to no activity, such as bank charges."""
    title: str
    used: int
    """USD cents."""


@dataclass(frozen=True)
class Overview:
    """The whole fund's term, in one language."""

    fund: FundSummary
    seal: Seal
    language: str
    sources: tuple[Source, ...]
    uses: tuple[ActivityUse, ...]
