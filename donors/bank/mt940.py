"""Reader of MT940 files, SWIFT's bank statement in text fields such as `:61:`, with the library mt-940.

The library checks nothing. A line that it skips is noticed because the statement no longer adds up.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from mt940 import Options, parse_statements
from mt940.models import Balance, Transactions

from donors.bank.statement import (
    LINES_MAX,
    BankLine,
    BankStatement,
    error_context,
    one_line,
    parse_minor,
    reference_code,
)
from ledger import BadInput

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_LENGTH = 4_000
_LONGEST_SEARCHED = 200_000
"""Characters, as in the statement of a busy month; a longer text is not searched for the faulty field."""
_LONG_LINE = re.compile(rf"^.{{{_LINE_LENGTH}}}", re.MULTILINE)
_FIELD = re.compile(r"^:(?:20:|61:)?", re.MULTILINE)
_MOST_FIELDS = 50
"""Fields between two lines of a statement: the library appends each to the line before and copies it each
time, so many fields take quadratic time."""
_MOST_TEXT_LINES = 10 * LINES_MAX
_WITHOUT_CODE = re.compile(r"^:86:(?=\?\d\d)", re.MULTILINE)
"""A field in the German and Swiss structure without its three digits for the kind of transaction."""
_SLASHED = re.compile(
    r"/(ABWA|ADDR|BENM|BIC|CNTP|CREF|CSID|EREF|IBAN|ID|IREF|ISDT|KREF|MARF|NAME|ORDP|PREF|PURP|REMI|RTRN|"
    r"SVCL|SVWZ|TRCD|TRTP|ULTB|ULTD)/"
)
"""Keywords between slashes with which banks of the Benelux and others structure the field :86:."""
_MOST = {":20:": 1_000, ":61:": LINES_MAX}
"""Limits on statements and on lines of statements: the library keeps a dictionary for each."""

# The library logs what it then raises, and the log goes to the screen.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)


def read_mt940(content: bytes) -> list[BankStatement]:
    """The statements in an MT940 file; BadInput names the statement, and the line in it."""
    text = _text(content)
    found = _parsed(text)
    if found is None:
        with error_context(_spoilt(text)):
            raise BadInput(
                "mt940-malformed",
                "this cannot be read as MT940: ask the bank for the file again.",
            )
    if not found:
        raise BadInput(
            "mt940-no-statement",
            "There is no statement (:20:) in this file: ask the bank for it again.",
        )
    return [_statement(each, f"statement {number}") for number, each in enumerate(found, 1)]


def _text(content: bytes) -> str:
    """The file as text; SWIFT allows ASCII only, but banks also use UTF-8 and Windows-1252."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadInput(
            "mt940-encoding-unknown",
            "This is no text in UTF-8 or Windows-1252: ask the bank for the file in one of them.",
        )
    for pattern, what in (
        (_CONTROLS, "a control character"),
        (_LONG_LINE, f"a line of {_LINE_LENGTH} characters or more"),
    ):
        if found := pattern.search(text):
            raise BadInput(
                "mt940-text-not-allowed",
                "line {number}: there is {what}: ask the bank for the file again.",
                number=_number(text, found),
                what=what,
            )
    if text.count("\n") > _MOST_TEXT_LINES:
        raise BadInput(
            "mt940-too-many-lines",
            "There are more than {lines_max} lines in this file: ask for fewer days.",
            lines_max=_MOST_TEXT_LINES,
        )
    _require_few_fields(text)
    return _WITHOUT_CODE.sub(":86:000", text)


def _require_few_fields(text: str) -> None:
    seen = Counter[str]()
    for found in _FIELD.finditer(text):
        name = found[0]
        seen[name] += 1
        if name != ":":
            seen[":"] = 0
        if seen[name] > _MOST.get(name, _MOST_FIELDS):
            what = f"fields {name}" if name in _MOST else "fields in a row that are not :61:"
            raise BadInput(
                "mt940-too-many-fields",
                "line {number}: there are too many {what}: ask for fewer days.",
                number=_number(text, found),
                what=what,
            )


def _parsed(text: str) -> list[Transactions] | None:
    """The statements that the library reads; None if it fails, with whatever exception."""
    try:
        # As a stream: a string that is the name of a file would be opened.
        return list(parse_statements(StringIO(text), options=Options.all(), processors=_PROCESSORS))
    except Exception:
        return None


def _spoilt(text: str) -> str:
    """The line of the field at which the library fails; empty if the search would take too long."""
    if len(text) > _LONGEST_SEARCHED:
        return ""
    starts = [found.start() for found in re.finditer("^:", text, re.MULTILINE)] or [0]
    ends = [*starts[1:], len(text)]
    field = bisect_left(ends, True, key=lambda end: _parsed(text[:end]) is None)
    return f"line {text.count(chr(10), 0, starts[field]) + 1}"


def _number(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1


def _only_of_a_line(
    statement: Transactions, _tag: object, fields: dict[str, Any], *_more: object
) -> dict[str, Any]:
    """Drop fields about the whole statement after its close, which the library adds to its last line."""
    closed = statement.data.keys() & {
        "final_closing_balance",
        "intermediate_closing_balance",
        "closing_balance",
    }
    return {"transaction_details": ""} if closed else fields


_PROCESSORS = {"pre_transaction_details": [_only_of_a_line]}


def _statement(read: Transactions, place: str) -> BankStatement:
    account = one_line(read.data.get("account_identification"))
    if not account:
        raise BadInput(
            "mt940-account-missing",
            "{place}: :25:: the account is not named: ask the bank for the file again.",
            place=place,
        )
    opens, opening, currency = _balance(read, "opening_balance", place)
    closes, closing, closes_in = _balance(read, "closing_balance", place)
    if closes_in != currency:
        raise BadInput(
            "statement-currencies-differ",
            "{place}: it opens in {currency} and closes in {closes_in}.",
            place=place,
            currency=currency,
            closes_in=closes_in,
        )
    lines = tuple(_line(each.data, currency, f"{place}, line {no}") for no, each in enumerate(read, 1))
    with error_context(place):
        return BankStatement(account, currency, opens, closes, opening, closing, lines)


def _balance(read: Transactions, name: str, place: str) -> tuple[date, int, str]:
    for kind in ("final_", "intermediate_", ""):
        found = read.data.get(f"{kind}{name}")
        if isinstance(found, Balance) and found.date is not None and not isinstance(found.amount, str | None):
            with error_context(f"{place}: {name.replace('_', ' ')}"):
                currency = (found.amount.currency or "").upper()
                return _plain_day(found.date), _minor(found.amount.amount, currency), currency
    raise BadInput(
        "mt940-balance-missing",
        "{place}: there is no {balance}: ask the bank for the file again.",
        place=place,
        balance=name.replace("_", " "),
    )


def _line(data: dict[str, Any], currency: str, place: str) -> BankLine:
    if "amount" not in data:
        raise BadInput(
            "mt940-amount-missing",
            "{place}: :61:: there is no amount: ask the bank for the file again.",
            place=place,
        )
    with error_context(f"{place}: :61:"):
        minor = _minor(data["amount"].amount, currency)
    value_on = _plain_day(data["date"])
    slashed = _slashed(str(data.get("transaction_details") or ""))
    line = BankLine(
        place=place,
        reference="",
        booked_on=_plain_day(data.get("entry_date") or value_on),
        value_on=value_on,
        minor=minor,
        counterparty=one_line(data.get("applicant_name"), slashed.get("NAME")),
        counterparty_account=one_line(
            data.get("applicant_iban"), data.get("gvc_applicant_iban"), slashed.get("IBAN")
        ),
        remittance=one_line(
            data.get("purpose"),
            data.get("additional_purpose"),
            slashed.get("REMI") or data.get("transaction_details"),
            data.get("extra_details"),
        ),
        end_to_end=one_line(data.get("end_to_end_reference"), slashed.get("EREF")),
        reverses=str(data.get("status") or "").startswith("R"),
    )
    return replace(line, reference=reference_code(_reference(data), line))


def _slashed(details: str) -> dict[str, str]:
    """The parts of a field :86: such as `/NAME/City/REMI/Gift`, by the keywords between slashes."""
    if not details.startswith("/"):
        return {}
    # A line ends after 65 characters, in the middle of a word or of a reference.
    _, *parts = _SLASHED.split(details.replace("\n", ""))
    return {word: value.strip("/ ") for word, value in zip(parts[::2], parts[1::2], strict=True)}


def _reference(data: dict[str, Any]) -> str:
    """The bank's reference, or the customer's where the field :61: has no other."""
    own, customers = (str(data.get(name) or "") for name in ("bank_reference", "customer_reference"))
    return own or customers.partition("\n")[0]


def _minor(amount: Decimal, currency: str) -> int:
    minor = parse_minor(f"{abs(amount):f}", currency)
    return -minor if amount < 0 else minor


def _plain_day(day: date) -> date:
    """A standard date: the library has its own date class."""
    return date(day.year, day.month, day.day)
