"""Hints: the known name that is nearest to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, offered: Iterable[str], least: float = 0.6) -> str:
    """A question to put before the full stop of a sentence; empty when no name that is offered is near.

    The same name in other letters, such as `cso-x` for `CSO-X`, is the nearest. `least` is how alike a name
    must be otherwise, from 0 to 1.
    """
    by_lower = {each.lower(): each for each in sorted(offered)}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=least)
    return f" (did you mean '{by_lower[found[0]]}'?)" if found else ""
