"""The kinds of events by which money is allocated, granted, spent and carried over, and its results told."""

from allocation import (
    approval,
    closing,
    expenditure,
    grant,
    news,
    programme,
    reallocation,
    result,
    support_cost,
    term_close,
    year_end,
)

KINDS = (
    *programme.KINDS,
    *approval.KINDS,
    *reallocation.KINDS,
    *grant.KINDS,
    *expenditure.KINDS,
    *result.KINDS,
    *news.KINDS,
    *support_cost.KINDS,
    *year_end.KINDS,
    *term_close.KINDS,
    *closing.KINDS,
)
