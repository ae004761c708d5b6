"""CSV tables that ship with a package."""

from __future__ import annotations

import csv
from importlib.resources import files


def packaged_rows(package: str, name: str) -> list[dict[str, str]]:
    """The rows of `data/<name>.csv` of a package, in the file's order, keyed by its header."""
    text = files(package).joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
