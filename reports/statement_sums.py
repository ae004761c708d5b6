"""The two sums that a statement stands on: what was given and what is left."""

from __future__ import annotations

from reports.statement import Statement


def given(statement: Statement) -> int:
    """USD cents to account for: brought forward and received, with interest and differences, less refunds.

    Transfers come to nothing: what leaves one agreement of a donor arrives at another.
    """
    return (
        statement.opening.cents
        + statement.received.cents
        + statement.interest.cents
        + statement.exchange.cents
        + statement.transferred.cents
        - statement.refunds.cents
    )


def left(statement: Statement) -> int:
    """USD cents that remain at the end: available and allocated."""
    return statement.balance.available.cents + statement.balance.allocated.cents
