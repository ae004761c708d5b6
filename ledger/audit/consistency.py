"""Consistency checks: small questions to the books in SQL, each answered by the rows that offend.

A check is a file `checks/*.sql` of a package: a header of comments with its title and why it matters, and
one query that SQLite and PostgreSQL both run. An auditor can read it, and run it in any database tool
without this program (after LedgerSMB's consistency checks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import Connection, text

ROWS_MAX = 100
"""How many offending rows are kept of each check; all are counted."""

_HEADER = re.compile(r"-- title: (?P<title>.+)\n-- why: (?P<why>.+(?:\n-- .+)*)\n(?P<query>[^-][\s\S]+)")


@dataclass(frozen=True)
class Check:
    """A question to the books; no row is the right answer."""

    name: str
    title: str
    """What holds when no row is found."""
    why: str
    query: str


@dataclass(frozen=True)
class CheckResult:
    """The answer to a check: how many rows offend, and the first of them."""

    check: Check
    found: int
    rows: list[dict[str, str | int]]


def consistency_checks(*packages: str) -> list[Check]:
    """The checks of packages, in order of their names within each."""
    return [
        _read(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for package in packages
        for file in sorted(files(package).joinpath("checks").iterdir(), key=lambda each: each.name)
        if file.name.endswith(".sql")
    ]


def run_checks(books: Connection, asked: list[Check]) -> Iterator[CheckResult]:
    """Ask each check, one after the other."""
    for check in asked:
        found = 0
        rows = []
        for row in books.execute(text(check.query), execution_options={"yield_per": 1000}).mappings():
            found += 1
            if found <= ROWS_MAX:
                rows.append({name: _plain(value) for name, value in row.items()})
        yield CheckResult(check, found, rows)


def _plain(value: str | int | Decimal) -> str | int:
    """PostgreSQL gives a sum of integers as a decimal."""
    return int(value) if isinstance(value, Decimal) else value


def _read(name: str, content: str) -> Check:
    header = _HEADER.fullmatch(content)
    if header is None:
        raise AssertionError(f"the check {name} must begin with its title and why, followed by a query")
    why = header["why"].replace("\n-- ", " ")
    return Check(name, header["title"], why, header["query"].strip())
