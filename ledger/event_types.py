"""The kinds of events of the ledger: roles, terms, rates, periods, reversals."""

from ledger.calendar import period, term
from ledger.currency import rates
from ledger.journal import reversal
from ledger.people import roles

KINDS = (*roles.KINDS, *term.KINDS, *rates.KINDS, *period.KINDS, *reversal.KINDS)
