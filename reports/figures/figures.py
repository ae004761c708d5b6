"""Sums of posted lines that keep references to the lines."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from donors import ContributionReceived, ReceiptIdentified
from ledger import ALLOCATED, AVAILABLE, USE_OF_MONEY, PostedLine
from reports.figures.figure import Figure

K = TypeVar("K", bound=Hashable)

ARRIVALS = (ContributionReceived.kind, ReceiptIdentified.kind)
"""The kinds of events by which money is received under an agreement."""


def debit(lines: Iterable[PostedLine]) -> Figure:
    """The sum of lines in USD cents, debits positive."""
    parts = tuple(lines)
    return Figure(sum(line.usd for line in parts), tuple((line.entry, line.no) for line in parts))


def credit(lines: Iterable[PostedLine]) -> Figure:
    """The sum of lines in USD cents, credits positive."""
    figure = debit(lines)
    return Figure(-figure.cents, figure.lines)


def on(lines: Iterable[PostedLine], *accounts: str) -> list[PostedLine]:
    """The lines on accounts, given as prefixes of account codes."""
    return [line for line in lines if line.account.startswith(accounts)]


def of_kind(lines: Iterable[PostedLine], *kinds: str) -> list[PostedLine]:
    """The lines of some kinds of events, including the reversals of such events."""
    return [line for line in lines if line.kind in kinds]


def available_funds(lines: Iterable[PostedLine]) -> Figure:
    """Received and not allocated, less what was used of it without an activity, such as bank charges."""
    return credit(line for line in on(lines, AVAILABLE, *USE_OF_MONEY) if not line.activity)


def allocated_funds(lines: Iterable[PostedLine]) -> Figure:
    """Allocated to activities and not yet used."""
    return credit(line for line in on(lines, ALLOCATED, *USE_OF_MONEY) if line.activity)


def grouped(lines: Iterable[PostedLine], key: Callable[[PostedLine], K]) -> dict[K, list[PostedLine]]:
    """Lines by a key, in the order in which the keys first appear."""
    groups: dict[K, list[PostedLine]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return groups
