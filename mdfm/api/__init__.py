"""The door to a fund: what a notebook, the command line and a web page use, all in the same way.

Open a fund with `open_fund` or `create_fund`. Files come in as a `Document` (a name and bytes) or a path, and
go out as a `Document`. Each call is a transaction of its own, and raises an `MdfmError` with a sentence for
the user. There is no rule of accounting here: the packages `ledger`, `donors`, `allocation` and `reports`
have them, and their public names are what is passed in and out. `docs/python.md` has examples.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from allocation import CertificateError, Infeasible, Plan, Scenario, adopt, adopt_file
from donors import Contact, Earmark, ImportPreview, Reading, Reconciliation
from ledger import (
    Amount,
    AsOf,
    BackupMark,
    BadInput,
    Checkpoint,
    Document,
    Event,
    Finding,
    HealthLine,
    KeyPair,
    MdfmError,
    NotFound,
    Proposal,
    Refused,
    SheetProblems,
    StoredEvidence,
    Tampered,
    Verification,
    new_key_pair,
    open_term,
    read_money,
    usd,
)
from mdfm.api import events
from mdfm.api.audit import Audit
from mdfm.api.backups import back_up_fund, read_backup, restore_fund
from mdfm.api.bank import Bank, BankFiles
from mdfm.api.drafts import (
    donor_amended,
    period_closed,
    period_reopened,
    receipt_identified,
    roles_given,
    threshold_set,
)
from mdfm.api.evidence import EvidenceDoor
from mdfm.api.fund import Fund, create_fund, open_fund, rebuild_fund
from mdfm.api.health import check_health
from mdfm.api.imports import SHEETS, ImportedRows, Imports, NewRates, SheetRows
from mdfm.api.plans import Plans
from mdfm.api.proposals import Approved, ProposalPreview, Proposals
from mdfm.api.recording import Draft, RecordedEntry, Submitted, draft, with_evidence
from mdfm.api.upgrades import upgrade_fund
from mdfm.api.view import BooksAsOf

if TYPE_CHECKING:
    from mdfm.api.reports import FundReports, Report
    from mdfm.api.statements import StatementPeriod, Statements, StatementsWritten, signer
    from reports import CheckedStatement, Issuing, Publisher, StatementBatch

_PAPERS = {
    "mdfm.api.reports": ("FundReports", "Report"),
    "mdfm.api.statements": ("StatementPeriod", "Statements", "StatementsWritten", "signer"),
    "reports": ("CheckedStatement", "Issuing", "Publisher", "StatementBatch"),
}
"""Names that are imported when they are asked for: what renders reports takes half a second to load."""

__all__ = [
    "SHEETS",
    "Amount",
    "Approved",
    "AsOf",
    "Audit",
    "BackupMark",
    "BadInput",
    "Bank",
    "BankFiles",
    "BooksAsOf",
    "CertificateError",
    "CheckedStatement",
    "Checkpoint",
    "Contact",
    "Document",
    "Draft",
    "Earmark",
    "Event",
    "EvidenceDoor",
    "Finding",
    "Fund",
    "FundReports",
    "HealthLine",
    "ImportPreview",
    "ImportedRows",
    "Imports",
    "Infeasible",
    "Issuing",
    "KeyPair",
    "MdfmError",
    "NewRates",
    "NotFound",
    "Plan",
    "Plans",
    "Proposal",
    "ProposalPreview",
    "Proposals",
    "Publisher",
    "Reading",
    "Reconciliation",
    "RecordedEntry",
    "Refused",
    "Report",
    "Scenario",
    "SheetProblems",
    "SheetRows",
    "StatementBatch",
    "StatementPeriod",
    "Statements",
    "StatementsWritten",
    "StoredEvidence",
    "Submitted",
    "Tampered",
    "Verification",
    "adopt",
    "adopt_file",
    "back_up_fund",
    "check_health",
    "create_fund",
    "donor_amended",
    "draft",
    "events",
    "new_key_pair",
    "open_fund",
    "open_term",
    "period_closed",
    "period_reopened",
    "read_backup",
    "read_money",
    "rebuild_fund",
    "receipt_identified",
    "restore_fund",
    "roles_given",
    "signer",
    "threshold_set",
    "upgrade_fund",
    "usd",
    "with_evidence",
]


def __getattr__(name: str) -> Any:
    for module, names in _PAPERS.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'mdfm.api' has no attribute '{name}'")
