"""The kinds of events by which money is allocated, granted, spent and carried over."""

from allocation import (
    expenditure,
    grant,
    plan,
    programme,
    reallocation,
    support_cost,
    term_close,
    year_end,
)

KINDS = (
    *programme.KINDS,
    *plan.KINDS,
    *reallocation.KINDS,
    *grant.KINDS,
    *expenditure.KINDS,
    *support_cost.KINDS,
    *year_end.KINDS,
    *term_close.KINDS,
)
