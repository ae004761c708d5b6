"""The kinds of events that belong to the books themselves."""

from ledger import corrections, people, period, rates, term

KINDS = (*people.KINDS, *term.KINDS, *rates.KINDS, *period.KINDS, *corrections.KINDS)
