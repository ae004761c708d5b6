"""Percentages: parts of a whole, in basis points (1/10,000)."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import share_of, split

WHOLE = 10_000
"""100 % in basis points."""


def part_of(cents: int, whole: int) -> int:
    """A part of a whole in basis points, rounded down, so that 100 % means all of it; 0 of nothing."""
    return cents * WHOLE // whole if whole > 0 else 0


def nearest_share(cents: int, whole: int) -> int:
    """A part of a whole in basis points, rounded half to even; 0 of nothing."""
    return share_of(WHOLE, cents, whole) if whole > 0 else 0


def shares_of_whole(parts: Mapping[str, int]) -> dict[str, int]:
    """The share of each part in the total, in basis points that add up to exactly 100 %.

    If any part is negative, each share is rounded to the nearest by itself.
    """
    whole = sum(parts.values())
    if whole > 0 and min(parts.values()) >= 0:
        return split(WHOLE, parts)
    return {name: nearest_share(cents, whole) for name, cents in parts.items()}
