"""The fund in one look: what a report on all donors together is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from reports.statement import FundSummary, Seal


@dataclass(frozen=True)
class Source:
    """What one donor gave in the term."""

    donor: str
    donor_type: str
    received: int
    """USD cents."""


@dataclass(frozen=True)
class ActivityUse:
    """What an activity used in the term, of all donors' money."""

    code: str
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
