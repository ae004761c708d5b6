"""How commands open the fund: to read, and to record or propose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from ledger import Event
from mdfm.api import Draft, Fund, draft, open_fund
from mdfm.cli.entries import print_results


@contextmanager
def opened() -> Iterator[Fund]:
    """The fund whose book `--book` names."""
    with open_fund(click.get_current_context().obj) as fund:
        yield fund


@contextmanager
def reading() -> Iterator[Connection]:
    """The books, open for reading."""
    with opened() as fund, fund.reading() as books:
        yield books


def submit(by: str, kind: type[Event], *, files: Sequence[Path] | None = None, **fields: Any) -> None:
    """Record or propose one event, with files as its evidence, and print the outcome."""
    submit_all(by, [draft(kind, evidence=files, **fields)])


def submit_all(by: str, events: Sequence[Event | Draft]) -> None:
    """Record or propose events, all of them or none, and print the outcome of each."""
    with opened() as fund:
        results = fund.submit_all(events, by=by)
    print_results(results)
