"""The event kinds of this package, from the adoption of a programme to the close of an agreement."""

from allocation import agreement_close
from allocation.delivery import expenditure, grant, news, result, support_cost
from allocation.plan import approval, reallocation
from allocation.programme import programme
from allocation.term import term_close, year_end

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
    *agreement_close.KINDS,
)
