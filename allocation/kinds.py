"""The kinds of events by which money is allocated, granted, spent and carried over."""

from allocation import (
    approval,
    expenditure,
    grant,
    programme,
    reallocation,
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
    *support_cost.KINDS,
    *year_end.KINDS,
    *term_close.KINDS,
)
