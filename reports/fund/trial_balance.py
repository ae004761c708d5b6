"""Trial balance: the balance of every account, and the check that assets equal liabilities less use."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ledger import CHART, AccountTotal, AsOf, trial_balance
from reports.figures.figure import Seal, seal_of


@dataclass(frozen=True)
class TrialBalance:
    """The accounts of one term, or of all, at two clocks; USD cents, debits positive."""

    seal: Seal
    term: str
    """Empty for all terms together."""
    rows: tuple[AccountTotal, ...]

    def total(self, account_class: str) -> int:
        """The sum in USD cents over the accounts of a class: asset, liability, use or memo."""
        return sum(row.usd for row in self.rows if CHART[row.account].account_class == account_class)

    def sides(self, *account_classes: str) -> tuple[int, int]:
        """The debits and the credits of classes of accounts, both in positive USD cents."""
        of = [row.usd for row in self.rows if CHART[row.account].account_class in account_classes]
        return sum(usd for usd in of if usd > 0), -sum(usd for usd in of if usd < 0)

    @property
    def holds(self) -> bool:
        """Whether assets = liabilities - use, and memo accounts balance among themselves."""
        books = self.total("asset") + self.total("liability") + self.total("use")
        return books == 0 and self.total("memo") == 0


def build_trial_balance(books: Connection, as_of: AsOf, term: str = "") -> TrialBalance:
    """The trial balance of a term, or of all terms together."""
    return TrialBalance(seal_of(books, as_of), term, tuple(trial_balance(books, as_of, term or None)))
