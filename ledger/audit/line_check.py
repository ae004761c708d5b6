"""Line check: the texts of a line are what they can be in any book, whoever sealed them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ledger.entry.canonical import Line
from ledger.people.four_eyes import folded_name

_CURRENCY = re.compile("[A-Z]{3}")


def line_fault(line: Line) -> str:
    """What is wrong with the texts of a line; empty if nothing is."""
    return text_fault({name: value for name, value in line._asdict().items() if isinstance(value, str)})


def text_fault(place: Mapping[str, str]) -> str:
    """What is wrong with some of the texts of a line; empty if nothing is."""
    for name, value in place.items():
        if value and not folded_name(value):
            return f"has a {name} of which nothing can be seen"
    if not _CURRENCY.fullmatch(place.get("currency", "USD")):
        return f"has the currency {place['currency']!a}, which is not three capital letters"
    return ""
