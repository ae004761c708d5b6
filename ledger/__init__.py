"""The ledger: money, accounts, the sealed journal, balances, periods, verification and replay.

It imports no other package. Donors and programmes are known to it only through the kinds of events that the
packages above define.
"""

from ledger.accounts import (
    ADVANCES,
    ALLOCATED,
    AVAILABLE,
    CASH_AT_BANK,
    CHART,
    COMMITMENTS,
    COMMITMENTS_CONTRA,
    CONTRACTUAL_SERVICES,
    CURRENCY_CLEARING,
    DUE_TO_AGENT,
    EQUIPMENT,
    EVERY_USE,
    EXPENSES,
    GOODS_HELD,
    GOODS_USED,
    GOODS_WRITTEN_OFF,
    HARMONISED_CATEGORIES,
    HELD_IN_KIND,
    HELD_IN_TRUST,
    INTEREST_TO_ATTRIBUTE,
    LOSSES,
    NOT_IDENTIFIED,
    NOT_YET_RECEIVED,
    OPERATING_COSTS,
    OWED_TO_DONORS,
    PAYABLES,
    PLEDGES,
    PLEDGES_CONTRA,
    REALISED_DIFFERENCES,
    RECEIVABLE,
    REFUNDS_PAYABLE,
    SERVICES_IN_KIND,
    SERVICES_IN_KIND_CONTRA,
    STAFF_COSTS,
    SUPPLIES,
    SUPPORT_COSTS,
    TRANSFERS_AND_GRANTS,
    TRAVEL,
    UNREALISED_DIFFERENCES,
    UNSPENT,
    USE_IN_KIND,
    USE_OF_MONEY,
    Account,
)
from ledger.audit.checkpoint import (
    Checkpoint,
    KeyPair,
    differences,
    make_key,
    new_key_pair,
    note_checkpoint,
    read_checkpoint,
    sign_head,
)
from ledger.audit.consistency import Check, CheckResult, consistency_checks, run_checks
from ledger.audit.evidence_files import (
    EVERY_FILE,
    EvidenceFilter,
    EvidenceNaming,
    StoredEvidence,
    entries_of_agreement,
    evidence_files,
    evidence_of_entry,
    evidence_of_proposal,
    find_evidence,
    save_evidence,
)
from ledger.audit.evidence_zip import ZippedFile, evidence_index, sample_of_entries, write_evidence_zip
from ledger.audit.export import EXPORTS, as_jsonl
from ledger.audit.export_rules import rules_text
from ledger.audit.personal_table import PersonalTable
from ledger.audit.rebuild import rebuild_book
from ledger.audit.strict_json import Unlawful, read_payload
from ledger.audit.verification import Finding, Verification, replay, verify
from ledger.book import Book, create_book, open_book
from ledger.calendar.period import PeriodClosed, PeriodReopened, last_day, open_months, periods, times_closed
from ledger.calendar.term import (
    Term,
    TermOpened,
    closed_term,
    current_term,
    get_term,
    open_term,
    require_in_term,
    require_open_term,
    terms,
    terms_into,
)
from ledger.child_process import SPAWN
from ledger.currency.rate_table import RateTable, read_rates
from ledger.currency.rates import (
    ApplicableRate,
    RateCorrected,
    RateHistory,
    RatesPublished,
    missing_months,
    new_rates,
    next_correction,
    rate_on,
    rates_on,
    usd_value,
    value_at,
)
from ledger.entry.canonical import GENESIS, Head, Line, Sealed, canonical_json
from ledger.entry.described import (
    DETAIL,
    HASH_DIGITS,
    AttachedFile,
    Described,
    Fingerprint,
    Known,
    Labelled,
    LabelledGroup,
    Listing,
    Meaning,
    NamedCode,
    Percent,
    Quantity,
    Surroundings,
    Value,
    described,
    undescribed,
)
from ledger.entry.event import (
    EarlierVersion,
    Event,
    Kind,
    Kinds,
    Recordable,
    Repeatable,
    VersionedEvent,
    first_problem,
)
from ledger.entry.field_types import (
    AmountField,
    BasisPoints,
    BasisPointsField,
    ByLanguage,
    CodeOf,
    CountField,
    CurrencyField,
    InUsdCents,
    MinorUnits,
    MonthsField,
    NumberOf,
    OccurrenceField,
    OrdinalField,
    PartOf,
    PersonDaysField,
    Sha256Field,
    TermField,
    Text,
    TextField,
    UsdCentsField,
    YearField,
)
from ledger.entry.posting import clearing, dollars, line, without_empty
from ledger.errors import BadInput, MdfmError, NotFound, Refused, Tampered
from ledger.event_types import KINDS
from ledger.hints import nearest
from ledger.journal.closed_agreements import all_closed, closed_agreement, closed_among, is_closed
from ledger.journal.description import Description, NamesInBooks, describe, describe_reversed
from ledger.journal.journal import Clock, Journal, utc_now
from ledger.journal.posted_lines import (
    AccountTotal,
    AsOf,
    PostedLine,
    posted,
    posted_sums,
    trial_balance,
    unreversed_lines,
)
from ledger.journal.queries import (
    entries,
    entries_of_kinds,
    find_entry,
    get_entry,
    head,
    head_at,
    line_text,
    lines_of,
    read_event,
    recorded_events,
)
from ledger.journal.reversal import EntryReversed
from ledger.money import (
    FUND_CURRENCY,
    Amount,
    NotNegative,
    Positive,
    format_minor,
    read_amount,
    read_money,
    require_tender,
    scale,
    share_of,
    split,
    usd,
)
from ledger.people.four_eyes import name_fault
from ledger.people.roles import Role, RolesGiven, ThresholdSet, all_roles, next_number, require_role, staff_of
from ledger.progress import Progress, ProgressCount, no_progress
from ledger.projections.balances import (
    Allotment,
    Balance,
    allotments,
    available,
    balances_by,
    open_balances,
    total,
)
from ledger.projections.registers import (
    NOW,
    as_known,
    as_known_on,
    find,
    nearest_code,
    project,
    read_once,
    read_one,
    register,
    require_new,
    text,
    whole,
)
from ledger.safekeeping.backup import back_up, back_up_book
from ledger.safekeeping.comparison import differences_from_backup, read_mark
from ledger.safekeeping.health import book_health, is_on_server
from ledger.safekeeping.health_line import HealthLine, HealthState, health_line, safely
from ledger.safekeeping.restore import restore_book
from ledger.safekeeping.upgrade import Upgrade, upgrade_book
from ledger.sanitise import sanitise
from ledger.sentence import Hint, Nearest, Sentence
from ledger.sheets.packaged_csv import packaged_rows
from ledger.sheets.reader import RowProblem, SheetColumn, SheetProblems, SheetRow, read_sheet
from ledger.sheets.template import render_template, write_template
from ledger.storage.atomic_file import atomic_file, new_file, to_disk, unwritable, write_atomically
from ledger.storage.backup_mark import BackupMark
from ledger.storage.database import without_password
from ledger.storage.document import Document, FileSource
from ledger.storage.evidence import (
    Evidence,
    NamedFile,
    attach,
    checked_content,
    evidence_of,
    files_in,
)
from ledger.storage.gc_tuning import infrequent_gc
from ledger.storage.long_lists import one_of
from ledger.storage.migrations import newest_migration
from ledger.storage.safe_csv import csv_bytes, csv_decimal, csv_text
from ledger.storage.safe_files import SavedFile, safe_name
from ledger.storage.schema import PERSONAL, metadata
from ledger.storage.unit_of_work import NeedsDatabase
from ledger.workflow.dry_run import DryRun, dry_run
from ledger.workflow.proposal import (
    Proposal,
    Proposed,
    approve,
    approve_batch,
    claimed_by_other,
    decided_together,
    proposal_of,
    proposals,
    propose,
    propose_many,
    proposed_event,
    reject,
    waiting_as,
    waiting_claims,
)

__all__ = [
    "ADVANCES", "ALLOCATED", "AVAILABLE", "CASH_AT_BANK", "CHART", "COMMITMENTS", "COMMITMENTS_CONTRA",
    "CONTRACTUAL_SERVICES", "CURRENCY_CLEARING", "DETAIL", "DUE_TO_AGENT", "EQUIPMENT", "EVERY_FILE",
    "EVERY_USE", "EXPENSES", "EXPORTS", "FUND_CURRENCY", "GENESIS", "GOODS_HELD", "GOODS_USED",
    "GOODS_WRITTEN_OFF", "HARMONISED_CATEGORIES", "HASH_DIGITS", "HELD_IN_KIND", "HELD_IN_TRUST",
    "INTEREST_TO_ATTRIBUTE", "KINDS", "LOSSES", "NOT_IDENTIFIED", "NOT_YET_RECEIVED", "NOW",
    "OPERATING_COSTS", "OWED_TO_DONORS", "PAYABLES", "PERSONAL", "PLEDGES", "PLEDGES_CONTRA",
    "REALISED_DIFFERENCES", "RECEIVABLE", "REFUNDS_PAYABLE", "SERVICES_IN_KIND",
    "SERVICES_IN_KIND_CONTRA", "SPAWN", "STAFF_COSTS", "SUPPLIES", "SUPPORT_COSTS",
    "TRANSFERS_AND_GRANTS", "TRAVEL", "UNREALISED_DIFFERENCES", "UNSPENT", "USE_IN_KIND", "USE_OF_MONEY",
    "Account", "AccountTotal", "Allotment", "Amount", "AmountField", "ApplicableRate", "AsOf",
    "AttachedFile", "BackupMark", "BadInput", "Balance", "BasisPoints", "BasisPointsField", "Book",
    "ByLanguage", "Check", "CheckResult", "Checkpoint", "Clock", "CodeOf", "CountField", "CurrencyField",
    "Described", "Description", "Document", "DryRun", "EarlierVersion", "EntryReversed", "Event",
    "Evidence", "EvidenceFilter", "EvidenceNaming", "FileSource", "Finding", "Fingerprint", "Head",
    "HealthLine", "HealthState", "Hint", "InUsdCents", "Journal", "KeyPair", "Kind", "Kinds", "Known",
    "Labelled", "LabelledGroup", "Line", "Listing", "MdfmError", "Meaning", "MinorUnits", "MonthsField",
    "NamedCode", "NamedFile", "NamesInBooks", "Nearest", "NeedsDatabase", "NotFound", "NotNegative",
    "NumberOf", "OccurrenceField", "OrdinalField", "PartOf", "Percent", "PeriodClosed", "PeriodReopened",
    "PersonDaysField", "PersonalTable", "Positive", "PostedLine", "Progress", "ProgressCount", "Proposal",
    "Proposed", "Quantity", "RateCorrected", "RateHistory", "RateTable", "RatesPublished", "Recordable",
    "Refused", "Repeatable", "Role", "RolesGiven", "RowProblem", "SavedFile", "Sealed", "Sentence",
    "Sha256Field", "SheetColumn", "SheetProblems", "SheetRow", "StoredEvidence", "Surroundings",
    "Tampered", "Term", "TermField", "TermOpened", "Text", "TextField", "ThresholdSet", "Unlawful",
    "Upgrade", "UsdCentsField", "Value", "Verification", "VersionedEvent", "YearField", "ZippedFile",
    "all_closed", "all_roles", "allotments", "approve", "approve_batch", "as_jsonl", "as_known",
    "as_known_on", "atomic_file", "attach", "available", "back_up", "back_up_book", "balances_by",
    "book_health", "canonical_json", "checked_content", "claimed_by_other", "clearing",
    "closed_agreement", "closed_among", "closed_term", "consistency_checks", "create_book", "csv_bytes",
    "csv_decimal", "csv_text", "current_term", "decided_together", "describe", "describe_reversed",
    "described", "differences", "differences_from_backup", "dollars", "dry_run", "entries",
    "entries_of_agreement", "entries_of_kinds", "evidence_files", "evidence_index", "evidence_of",
    "evidence_of_entry", "evidence_of_proposal", "files_in", "find", "find_entry", "find_evidence",
    "first_problem", "format_minor", "get_entry", "get_term", "head", "head_at", "health_line",
    "infrequent_gc", "is_closed", "is_on_server", "last_day", "line", "line_text", "lines_of", "make_key",
    "metadata", "missing_months", "name_fault", "nearest", "nearest_code", "new_file", "new_key_pair",
    "new_rates", "newest_migration", "next_correction", "next_number", "no_progress", "note_checkpoint",
    "one_of", "open_balances", "open_book", "open_months", "open_term", "packaged_rows", "periods",
    "posted", "posted_sums", "project", "proposal_of", "proposals", "propose", "propose_many",
    "proposed_event", "rate_on", "rates_on", "read_amount", "read_checkpoint", "read_event", "read_mark",
    "read_money", "read_once", "read_one", "read_payload", "read_rates", "read_sheet", "rebuild_book",
    "recorded_events", "register", "reject", "render_template", "replay", "require_in_term",
    "require_new", "require_open_term", "require_role", "require_tender", "restore_book", "rules_text",
    "run_checks", "safe_name", "safely", "sample_of_entries", "sanitise", "save_evidence", "scale",
    "share_of", "sign_head", "split", "staff_of", "terms", "terms_into", "text", "times_closed",
    "to_disk", "total", "trial_balance", "undescribed", "unreversed_lines", "unwritable", "upgrade_book",
    "usd", "usd_value", "utc_now", "value_at", "verify", "waiting_as", "waiting_claims", "whole",
    "without_empty", "without_password", "write_atomically", "write_evidence_zip", "write_template",
]  # fmt: skip
