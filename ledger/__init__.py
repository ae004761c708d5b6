"""The books: money, accounts, the sealed journal, balances, periods, verification and replay.

Knows nothing of donors or programmes; what happens to them is told by the kinds of events that the
packages above define.
"""

from ledger.accounts import CHART, HARMONISED_CATEGORIES, Account
from ledger.balances import Allotment, Balance, allotments, available, by, standing, total
from ledger.book import Book, create_book, open_book
from ledger.checkpoint import Checkpoint, differences, make_key, read_checkpoint, sign_head
from ledger.consistency import Check, Checked, consistency_checks, run_checks
from ledger.corrections import EntryReversed
from ledger.encoding import GENESIS, Line, Sealed, canonical_json
from ledger.errors import BadInput, MdfmError, NotFound, Refused, Tampered
from ledger.events import Event, Kind, Kinds, Repeatable, first_problem
from ledger.evidence import Evidence, attach
from ledger.export import EXPORTS
from ledger.journal import Clock, Head, Journal, get_entry, head, head_at, line_text, lines_of, utc_now
from ledger.kinds import KINDS
from ledger.lines import AccountTotal, AsOf, PostedLine, posted, trial_balance
from ledger.money import (
    FUND_CURRENCY,
    Amount,
    format_minor,
    read_amount,
    require_tender,
    scale,
    share_of,
    split,
    usd,
)
from ledger.people import Role, RolesGiven, ThresholdSet, all_roles, next_number
from ledger.period import PeriodClosed, PeriodReopened, last_day, periods, times_closed
from ledger.posting import clearing, dollars, line, without_empty
from ledger.proposal import Proposal, approve, proposals, propose, reject
from ledger.rates import RatesPublished, rate_on, read_rates, usd_value
from ledger.registers import NOW, find, known, learn, read_one, register, require_new, text, whole
from ledger.restore import restore_book
from ledger.schema import metadata
from ledger.tables import packaged_rows
from ledger.term import (
    Term,
    TermOpened,
    closed_term,
    current_term,
    get_term,
    require_in_term,
    require_open_term,
    terms,
    terms_into,
)
from ledger.verification import Finding, Verification, replay, verify

__all__ = [
    "CHART",
    "EXPORTS",
    "FUND_CURRENCY",
    "GENESIS",
    "HARMONISED_CATEGORIES",
    "KINDS",
    "NOW",
    "Account",
    "AccountTotal",
    "Allotment",
    "Amount",
    "AsOf",
    "BadInput",
    "Balance",
    "Book",
    "Check",
    "Checked",
    "Checkpoint",
    "Clock",
    "EntryReversed",
    "Event",
    "Evidence",
    "Finding",
    "Head",
    "Journal",
    "Kind",
    "Kinds",
    "Line",
    "MdfmError",
    "NotFound",
    "PeriodClosed",
    "PeriodReopened",
    "PostedLine",
    "Proposal",
    "RatesPublished",
    "Refused",
    "Repeatable",
    "Role",
    "RolesGiven",
    "Sealed",
    "Tampered",
    "Term",
    "TermOpened",
    "ThresholdSet",
    "Verification",
    "all_roles",
    "allotments",
    "approve",
    "attach",
    "available",
    "by",
    "canonical_json",
    "clearing",
    "closed_term",
    "consistency_checks",
    "create_book",
    "current_term",
    "differences",
    "dollars",
    "find",
    "first_problem",
    "format_minor",
    "get_entry",
    "get_term",
    "head",
    "head_at",
    "known",
    "last_day",
    "learn",
    "line",
    "line_text",
    "lines_of",
    "make_key",
    "metadata",
    "next_number",
    "open_book",
    "packaged_rows",
    "periods",
    "posted",
    "proposals",
    "propose",
    "rate_on",
    "read_amount",
    "read_checkpoint",
    "read_one",
    "read_rates",
    "register",
    "reject",
    "replay",
    "require_in_term",
    "require_new",
    "require_open_term",
    "require_tender",
    "restore_book",
    "run_checks",
    "scale",
    "share_of",
    "sign_head",
    "split",
    "standing",
    "terms",
    "terms_into",
    "text",
    "times_closed",
    "total",
    "trial_balance",
    "usd",
    "usd_value",
    "utc_now",
    "verify",
    "whole",
    "without_empty",
]
