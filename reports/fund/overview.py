"""Overview of the fund: the data of a one-page report on all donors together."""

from __future__ import annotations

from dataclasses import dataclass

from reports.figures.figure import Seal


@dataclass(frozen=True)
class DonorTotal:
    """What one donor gave in the term."""

    donor: str
    """The donor's name; empty for reversed gifts, whose donor is no longer known."""
    donor_type: str
    received: int
    """USD cents."""


@dataclass(frozen=True)
class ActivityUse:
    """What an activity used in the term, of all donors' money."""

    code: str
    """Empty for use without an activity, such as bank charges."""
    title: str
    used: int
    """USD cents."""


@dataclass(frozen=True)
class Overview:
    """The overview of a term, in one language."""

    fund: FundSummary
    seal: Seal
    language: str
    sources: tuple[DonorTotal, ...]
    uses: tuple[ActivityUse, ...]


@dataclass(frozen=True)
class FundSummary:
    """Key figures of the whole fund, over all donors, in USD cents."""

    term: str
    target: int
    pledged: int
    receivable: int
    received: int
    """Money received since the term began; the measure of progress to the target."""
    in_kind: int
    """Goods recognised and services disclosed; not counted towards the target."""
    allocated: int
    """To activities, and not yet used."""
    used: int
    committed: int
    """Of the allocated: bound by an agreement with a partner."""
    available: int
    """Not allocated. Used, allocated and available add up to what was given."""
    progress: int
    """Received as part of the target, in basis points."""
    delivery_rate: int
    """Used as part of received (net funded), in basis points."""
    by_donor_type: tuple[tuple[str, int], ...]
    """Money received by type of donor."""
    donors: int
