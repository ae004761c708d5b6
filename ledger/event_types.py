"""The kinds of events that belong to the books themselves."""

from ledger.calendar import period, term
from ledger.currency import rates
from ledger.journal import reversal
from ledger.people import roles

KINDS = (*roles.KINDS, *term.KINDS, *rates.KINDS, *period.KINDS, *reversal.KINDS)
