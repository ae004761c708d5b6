"""The fund in one look: what a report on all donors together is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from reports.figures.figure import Seal


@dataclass(frozen=True)
class DonorTotal:
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
    sources: tuple[DonorTotal, ...]
    uses: tuple[ActivityUse, ...]


@dataclass(frozen=True)
class FundSummary:
    """The whole fund in short, over all donors."""

    term: str
    target: int
    pledged: int
    receivable: int
    received: int
    """Money received since the term began; the measure of progress to the target."""
    in_kind: int
    """Goods recognised and services disclosed; kept beside the target, never inside it."""
    allocated: int
    """To activities, and not yet used."""
    used: int
    committed: int
    """Of the allocated: bound by an agreement with a partner."""
    available: int
    """Not allocated. Used, allocated and available are together what was given."""
    progress: int
    """Received as part of the target, in basis points."""
    delivery_rate: int
    """Used as part of received (net funded), in basis points."""
    by_donor_type: tuple[tuple[str, int], ...]
    """Money received by type of donor."""
    donors: int
