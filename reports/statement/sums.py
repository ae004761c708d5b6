"""Totals of a statement: what was given, what of it was brought forward, and what is left."""

from __future__ import annotations

from reports.statement.statement import Statement


def given(statement: Statement) -> int:
    """USD cents to account for: brought forward and received, with interest and differences, less refunds.

    Transfers net to zero: what leaves one agreement of a donor arrives at another.
    """
    return (
        brought(statement)
        + statement.received.cents
        + statement.interest.cents
        + statement.exchange.cents
        + statement.transferred.cents
        - statement.refunds.cents
    )


def brought(statement: Statement) -> int:
    """USD cents brought forward: at the start of the period, or carried over from an earlier term."""
    return statement.opening.cents + statement.carried.cents


def left(statement: Statement) -> int:
    """USD cents that remain at the end: available and allocated."""
    return statement.balance.available.cents + statement.balance.allocated.cents
