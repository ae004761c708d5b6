"""A table of conflicts of interest: donors whose money goes to activities that benefit their own city."""

from __future__ import annotations

from collections.abc import Sequence

from allocation import OwnCity
from mdfm.cli import console
from mdfm.cli.console import UsdCents


def print_own_cities(found: Sequence[OwnCity], title: str) -> None:
    """Print donors whose money goes to activities that benefit their own city."""
    rows = [each.model_dump() | {"cents": UsdCents(each.cents)} for each in found]
    columns = {
        "donor": "Donor",
        "agreement": "Agreement",
        "activity": "Activity",
        "city": "Its own city",
        "cents": "US$ for all its cities",
    }
    console.table(rows, columns, title=title)
