"""Bank reconciliation: compares a bank statement with the books, to the minor unit.

A difference between the closing balances is always explained in full: by the difference of the opening
balances, by lines that are not in the books, and by entries that are not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from donors.bank.statement import BankLine, BankStatement, dated_reference
from ledger import CASH_AT_BANK, AsOf, BadInput, Event, posted, read_event


@dataclass(frozen=True)
class BankMovement:
    """What an entry moved on the bank account, net of a reversal within the days of the statement."""

    entry: int
    on: date
    kind: str
    reference: str
    minor: int


@dataclass(frozen=True)
class Reconciliation:
    """A statement compared with the books. Balances are minor units of the account's currency."""

    account: str
    currency: str
    starts_on: date
    closed_on: date
    file_opening: int
    books_opening: int
    """The balance in the books at the start of the statement's first day."""
    file_closing: int
    books_closing: int
    pairs: tuple[tuple[BankLine, BankMovement], ...]
    only_in_file: tuple[BankLine, ...]
    only_in_books: tuple[BankMovement, ...]

    @property
    def difference(self) -> int:
        """The books' closing balance less the bank's."""
        return self.books_closing - self.file_closing

    @property
    def opening_difference(self) -> int:
        """The books' opening balance less the bank's: the part that arose before the statement."""
        return self.books_opening - self.file_opening


def reconcile(books: Connection, statement: BankStatement, account: str) -> Reconciliation:
    """Compare a statement with the books' cash on a bank account, effective to the statement's last day.

    BadInput if the statement has no balances.
    """
    if statement.opening is None or statement.closing is None:
        raise BadInput(
            "bank-file-without-balances",
            "The file gives no balances of {account}, so there is nothing to compare: name the column "
            "of the balance in the map of columns.",
            account=statement.account,
        )
    before, movements = _movements(books, statement, account)
    pairs = list(_paired(statement.lines, movements))
    lines, entries = {id(line) for line, _ in pairs}, {entry.entry for _, entry in pairs}
    return Reconciliation(
        account=account,
        currency=statement.currency,
        starts_on=statement.starts_on,
        closed_on=statement.closed_on,
        file_opening=statement.opening,
        books_opening=before,
        file_closing=statement.closing,
        books_closing=before + sum(each.minor for each in movements),
        pairs=tuple(pairs),
        only_in_file=tuple(line for line in statement.lines if id(line) not in lines),
        only_in_books=tuple(each for each in movements if each.entry not in entries),
    )


def _movements(books: Connection, statement: BankStatement, account: str) -> tuple[int, list[BankMovement]]:
    """The balance of the account before the statement, and the movements during its days."""
    before = 0
    moved: dict[int, list[int]] = {}
    days: dict[int, date] = {}
    kinds: dict[int, str] = {}
    for each in posted(
        books, AsOf.now(books, statement.closed_on), accounts=(CASH_AT_BANK,), bank_account=account
    ):
        if each.effective_on < statement.starts_on:
            before += each.amount
            continue
        entry = each.reverses or each.entry
        moved.setdefault(entry, []).append(each.amount)
        days.setdefault(entry, each.effective_on)
        kinds.setdefault(entry, each.kind)
    return before, [
        BankMovement(entry, days[entry], kinds[entry], _reference(books, entry), sum(amounts))
        for entry, amounts in moved.items()
        if sum(amounts)
    ]


def _reference(books: Connection, entry: int) -> str:
    return str(getattr(read_event(books, entry, Event), "reference", ""))


def _paired(
    lines: Sequence[BankLine], movements: Sequence[BankMovement]
) -> Iterator[tuple[BankLine, BankMovement]]:
    """Pairs of lines and entries of the same amount, by the bank's reference first, then the nearest day."""
    free = {each.entry: each for each in movements}
    unpaired = []
    by_reference = {(each.reference, each.minor): each for each in movements if each.reference}
    for line in lines:
        names = (line.reference, dated_reference(line.reference, line.booked_on))
        found = next(
            (by_reference[name, line.minor] for name in names if (name, line.minor) in by_reference), None
        )
        if found is not None and free.pop(found.entry, None) is not None:
            yield line, found
        else:
            unpaired.append(line)
    by_amount: dict[int, list[BankMovement]] = {}
    for each in free.values():
        by_amount.setdefault(each.minor, []).append(each)
    for line in unpaired:
        if same := by_amount.get(line.minor):
            nearest = min(same, key=lambda each: (abs((each.on - line.booked_on).days), each.entry))
            same.remove(nearest)
            yield line, nearest
