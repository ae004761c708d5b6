"""Consistency checks: SQL queries that return the rows that break a rule.

A check is a file `checks/*.sql` of a package: a header of comments with its title and why it matters, and one
query that runs on SQLite and PostgreSQL. An auditor can read it, and run it in any database tool without this
program (after LedgerSMB's consistency checks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import Connection, text

ROWS_MAX = 100
"""How many rows of each check are kept; all are counted."""

_HEADER = re.compile(r"-- title: (?P<title>.+)\n-- why: (?P<why>.+(?:\n-- .+)*)\n(?P<query>[^-][\s\S]+)")


@dataclass(frozen=True)
class Check:
    """A consistency check; the books pass when its query returns no row."""

    name: str
    title: str
    """The rule that holds when the query returns no row."""
    why: str
    query: str


@dataclass(frozen=True)
class CheckResult:
    """The result of a check: how many rows break the rule, and the first of them."""

    check: Check
    found: int
    rows: list[dict[str, str | int]]


def consistency_checks(*packages: str) -> list[Check]:
    """The checks of these packages, in order of name within each."""
    return [
        _read(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for package in packages
        for file in sorted(files(package).joinpath("checks").iterdir(), key=lambda each: each.name)
        if file.name.endswith(".sql")
    ]


def run_checks(books: Connection, checks: list[Check]) -> Iterator[CheckResult]:
    """Run each check, one after the other."""
    for check in checks:
        found = 0
        rows = []
        for row in books.execute(text(check.query), execution_options={"yield_per": 1000}).mappings():
            found += 1
            if found <= ROWS_MAX:
                rows.append({name: _plain(value) for name, value in row.items()})
        yield CheckResult(check, found, rows)


def _plain(value: str | int | Decimal) -> str | int:
    """The value with an integer for a decimal, as PostgreSQL returns a sum of integers."""
    return int(value) if isinstance(value, Decimal) else value


def _read(name: str, content: str) -> Check:
    header = _HEADER.fullmatch(content)
    if header is None:
        raise AssertionError(f"the check {name} must begin with its title and why, followed by a query")
    why = header["why"].replace("\n-- ", " ")
    return Check(name, header["title"], why, header["query"].strip())
