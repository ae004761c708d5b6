"""Bank files: camt.053, MT940 or CSV, recognised by their content and read as checked statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from donors.bank.camt import read_camt
from donors.bank.csv_statement import ColumnMap, read_bank_csv
from donors.bank.mt940 import read_mt940
from donors.bank.statement import (
    BankLine,
    BankStatement,
    dated_reference,
    error_context,
    join_statements,
    read_content,
)
from ledger import Amount, BadInput, FileSource, Hint

_XML = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<")
_PACKED = b"PK\x03\x04"
_BEGINNING = 300
"""Bytes within which an MT940 file, with or without an envelope, has its first field."""


def read_statements(paths: Sequence[FileSource], columns: ColumnMap | None = None) -> list[BankStatement]:
    """The statements in bank files, joined: one for each account and currency.

    With a map of columns the files are CSV; without one, camt.053 or MT940, recognised by their content.
    BadInput names the file and the place in it; a file with an error is refused as a whole.
    """
    return join_statements(statement for path in paths for statement in _read(path, columns))


def statement_of_account(statements: Sequence[BankStatement], account: str, currency: str) -> BankStatement:
    """The statement of one account (IBAN; empty if there is only one) in its currency; BadInput otherwise."""
    wanted = account.replace(" ", "").upper()
    found = [each for each in statements if wanted in {"", each.account.replace(" ", "").upper()}]
    if len({each.account for each in found}) == 1 < len(found):  # an account in several currencies
        found = [each for each in found if each.currency == currency] or found[:1]
    if len(found) != 1:
        names = ", ".join(f"{each.account} ({each.currency})" for each in statements)
        raise BadInput(
            "bank-file-several-accounts",
            "The files are about {names}: name one of these accounts{hint}.",
            names=names,
            hint=Hint("say-iban"),
        )
    if found[0].currency != currency:
        raise BadInput(
            "bank-file-other-currency",
            "The account {account} of the file is in {currency}, that of the books in {account_currency}: "
            "choose the account of the books that the file is about.",
            account=found[0].account,
            currency=found[0].currency,
            account_currency=currency,
        )
    return found[0]


def find_line(content: bytes, reference: str, amount: Amount) -> BankLine | None:
    """The line of a camt.053 or MT940 file with this reference and amount; None if there is none.

    Always None for a CSV file, which cannot be read without its map of columns.
    """
    try:
        statements = join_statements(_statements(content, None))
    except BadInput:
        return None
    for statement in statements:
        for line in statement.lines:
            names = {line.reference, dated_reference(line.reference, line.booked_on)}
            if reference in names and (statement.currency, line.minor) == (amount.currency, amount.minor):
                return line
    return None


def _read(path: FileSource, columns: ColumnMap | None) -> Iterator[BankStatement]:
    content = read_content(path)
    with error_context(str(path)):
        statements = _statements(content, columns)
    for each in statements:
        lines = tuple(replace(line, place=f"{path}: {line.place}") for line in each.lines)
        yield replace(each, place=str(path), lines=lines)


def _statements(content: bytes, columns: ColumnMap | None) -> list[BankStatement]:
    if content.startswith(_PACKED):
        raise BadInput(
            "bank-file-is-archive",
            "This is a ZIP archive or an Excel workbook: unpack the archive, or save the workbook as CSV.",
        )
    if columns is not None:
        return read_bank_csv(content, columns)
    if content[:_BEGINNING].lstrip().startswith(_XML):
        return read_camt(content)
    if b":20:" in content[:_BEGINNING]:
        return read_mt940(content)
    raise BadInput(
        "bank-format-unknown",
        "This is neither camt.053 nor MT940: for a CSV file, name its map of columns{hint}.",
        hint=Hint("say-column-map"),
    )
