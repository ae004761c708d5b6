"""Trace of figures: each figure of a statement, with the journal lines that it is the sum of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from reports.figures.figure import Figure, LineRef
from reports.statement.statement import Statement


class FigureTrace(NamedTuple):
    """A figure of a statement, and the lines behind it."""

    part: str
    """The part of the statement, as numbered in it."""
    figure: str
    """What it is a figure of, in the codes of the books."""
    cents: int
    lines: tuple[LineRef, ...]
    """Journal lines: the entry's number and the line's number in it."""


class ResultTrace(NamedTuple):
    """A result in a statement, and the entries that it is the sum of."""

    part: str
    figure: str
    """The activity and the indicator."""
    reached: int
    entries: tuple[tuple[int, int], ...]
    """The number of each entry, and what it adds."""


def trace_results(statement: Statement) -> list[ResultTrace]:
    """Every reported result of a statement; targets without a result are left out."""
    return [
        ResultTrace("5 Programme", f"{activity.code} {each.indicator}", each.reached, each.entries)
        for activity in statement.activities
        for each in activity.reached
        if each.entries
    ]


def trace_figures(statement: Statement) -> list[FigureTrace]:
    """Every figure of a statement that is a sum of journal lines; figures without lines are left out."""
    named = [*_sources(statement), *_uses(statement), *_balance(statement), *_rest(statement)]
    return [
        FigureTrace(part, name, figure.cents, figure.lines) for part, name, figure in named if figure.lines
    ]


Named = Iterator[tuple[str, str, Figure]]


def _sources(statement: Statement) -> Named:
    yield "1 Source of funds", "opening balance", statement.opening
    yield "1 Source of funds", "carried over", statement.carried
    for receipt in statement.receipts:
        yield "1 Source of funds", f"received {receipt.reference} {receipt.agreement}", receipt.usd
    yield "1 Source of funds", "interest", statement.interest
    yield "1 Source of funds", "exchange differences", statement.exchange
    yield "1 Source of funds", "refunds", statement.refunds
    for moved in statement.transfers:
        yield "1 Source of funds", f"transferred {moved.code} {moved.source} {moved.target}", moved.usd
    for (kind, code), parts in groupby(statement.outstanding, key=lambda owed: (owed.kind, owed.code)):
        owed = [part.usd for part in parts]
        whole = Figure(sum(part.cents for part in owed), owed[0].lines)
        yield "1 Source of funds", f"{kind} {code}", whole


def _uses(statement: Statement) -> Named:
    for use in statement.uses:
        yield "2 Use of funds", f"{use.activity or 'no activity'} {use.category}", use.usd
    yield "2 Use of funds", "used in all", statement.used


def _balance(statement: Statement) -> Named:
    yield "3 Balance", "available", statement.balance.available
    yield "3 Balance", "allocated", statement.balance.allocated
    yield "3 Balance", "committed", statement.balance.committed
    yield "3 Balance", "refund due", statement.balance.refund_due
    for agreement in statement.agreements:
        yield "3 Balance", f"{agreement.code} available", agreement.available
        yield "3 Balance", f"{agreement.code} allocated", agreement.allocated


def _rest(statement: Statement) -> Named:
    for gift in statement.in_kind:
        yield "4 In kind", f"{gift.form} {gift.code}", gift.usd
        if gift.form == "goods":
            yield "4 In kind", f"{gift.form} {gift.code} used", gift.used
            yield "4 In kind", f"{gift.form} {gift.code} written off", gift.written_off
            yield "4 In kind", f"{gift.form} {gift.code} returned", gift.returned
            yield "4 In kind", f"{gift.form} {gift.code} left", gift.left
    for activity in statement.activities:
        yield "5 Programme", f"{activity.code} allocated", activity.allocated
        yield "5 Programme", f"{activity.code} used", activity.used
