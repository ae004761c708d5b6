"""Hints: the known name that is nearest to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from ledger.sentence import Nearest


def nearest(name: str, offered: Iterable[str], least: float = 0.6) -> Nearest:
    """A question to put before the full stop of a sentence; empty when no name that is offered is near.

    The same name in other letters, such as `cso-x` for `CSO-X`, is the nearest. `least` is how alike a name
    must be otherwise, from 0 to 1.
    """
    by_lower = {each.lower(): each for each in sorted(offered)}
    meant = name.lower()
    found = process.extract(meant, list(by_lower), scorer=fuzz.ratio, score_cutoff=100 * least, limit=None)
    if not found:
        return Nearest()
    # Of names that share as much, the one that the fewest slips of the keyboard lead to.
    best, *_ = min(found, key=lambda each: (-each[1], OSA.distance(meant, each[0]), each[0]))
    return Nearest(by_lower[best])
