"""Verification code: sixteen digits by which a reader compares a statement or letter with the books."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from ledger import canonical_json
from reports.figures.figure import Seal
from reports.statement.statement import StatementBalance, StatementStatus, Use


def verification_code(
    statement_id: str,
    starts_on: date,
    status: StatementStatus,
    seal: Seal,
    balance: StatementBalance,
    uses: Iterable[Use],
) -> str:
    """The code of a statement; it changes with the period, the status, the books, the balance and any use."""
    content = [
        statement_id,
        starts_on.isoformat(),
        status,
        seal.head,
        balance.available.cents,
        balance.allocated.cents,
        [[use.activity, use.category, use.usd.cents] for use in uses],
    ]
    return short_code(content)


def short_code(content: object) -> str:
    """Sixteen hexadecimal digits of the hash of the content, in groups that can be read out."""
    digest = hashlib.sha256(canonical_json(content).encode()).hexdigest().upper()
    return "-".join(digest[start : start + 4] for start in range(0, 16, 4))
