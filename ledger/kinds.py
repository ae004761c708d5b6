"""The kinds of events that belong to the books themselves."""

from ledger import corrections, period, rates, term

KINDS = (*term.KINDS, *rates.KINDS, *period.KINDS, *corrections.KINDS)
