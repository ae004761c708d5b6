"""Bank files: read, matched with the books, recorded and reconciled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from donors import (
    BankStatement,
    Reading,
    Reconciliation,
    bank_accounts,
    bookings,
    match_statement,
    read_column_map,
    read_statements,
    reconcile,
    statement_of_account,
)
from ledger import Book, FileSource, NotFound, nearest
from mdfm.api.files import require_file
from mdfm.api.recording import Submitted, submit_all, with_evidence


@dataclass(frozen=True)
class BankFiles:
    """Files of a bank account, as `read` and `reconcile` take them."""

    account: str
    """The code of the bank account in the books."""
    files: Sequence[FileSource]
    """camt.053 or MT940, recognised by their content, or CSV; together they are one statement."""
    columns: FileSource | None = None
    """For CSV: the map of its columns, a TOML file."""
    iban: str = ""
    """The bank's account, where the files are about several."""


@dataclass(frozen=True)
class Bank:
    """Bank files of a fund."""

    _book: Book

    def read(self, files: BankFiles) -> Reading:
        """Read bank files and match the money received with agreements; nothing is recorded.

        BadInput names the file and the place of what cannot be read; NotFound for an unknown account.
        """
        with self._book.reading() as books:
            return match_statement(books, _statement(books, files), files.account)

    def record(
        self,
        reading: Reading,
        files: BankFiles,
        *,
        by: str,
        rest_into: str = "",
        leave_out: Collection[str] = (),
    ) -> list[Submitted]:
        """Record or propose the lines whose agreement is sure, with the files as their evidence.

        With a term in `rest_into` the other money that came is recorded there as not yet identified. Lines
        with a reference in `leave_out` are skipped. BadInput if the books have another amount under a line's
        reference.
        """
        events = bookings(reading, rest_into=rest_into, leave_out=leave_out)
        return submit_all(self._book, with_evidence(events, files.files), by)

    def reconcile(self, files: BankFiles) -> Reconciliation:
        """Compare the bank's balances and lines with the books, to the minor unit."""
        with self._book.reading() as books:
            return reconcile(books, _statement(books, files), files.account)


def _statement(books: Connection, files: BankFiles) -> BankStatement:
    for file in files.files:
        require_file(file)
    currencies = {each.code: each.currency for each in bank_accounts(books)}
    if files.account not in currencies:
        raise NotFound(
            "unknown-code",
            "There is no {noun} '{code}' in this book{nearest}.",
            noun="bank account",
            code=files.account,
            nearest=nearest(files.account, currencies),
        )
    column_map = None if files.columns is None else read_column_map(require_file(files.columns))
    return statement_of_account(
        read_statements(files.files, column_map), files.iban, currencies[files.account]
    )
