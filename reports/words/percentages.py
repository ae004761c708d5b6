"""Shares: parts of a whole, in basis points."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import share_of, split

WHOLE = 10_000


def part_of(cents: int, whole: int) -> int:
    """How far a whole is reached, rounded down so that 100 % means all of it; none of nothing."""
    return cents * WHOLE // whole if whole > 0 else 0


def nearest_share(cents: int, whole: int) -> int:
    """A part of a whole, rounded to the nearest, half to even; none of nothing."""
    return share_of(WHOLE, cents, whole) if whole > 0 else 0


def shares_of_whole(parts: Mapping[str, int]) -> dict[str, int]:
    """The share of each part in all of them, which add up to the whole.

    Where a part is below nothing each is rounded to the nearest for itself.
    """
    whole = sum(parts.values())
    if whole > 0 and min(parts.values()) >= 0:
        return split(WHOLE, parts)
    return {name: nearest_share(cents, whole) for name, cents in parts.items()}
