"""Reader of camt.053 files, the XML bank statement of ISO 20022, in the versions 02 to 08.

The file comes from outside, so the parser expands no entity, opens no other file and limits the depth of
nesting; a file with a document type (DOCTYPE), which no statement needs, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from lxml import etree

from donors.bank.statement import (
    BankLine,
    BankStatement,
    error_context,
    one_line,
    parse_minor,
    reference_code,
    shortened,
)
from ledger import BadInput, scale

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d\d)\}Document")
VERSIONS = range(2, 9)
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d|T.*)?", re.ASCII)


def read_camt(content: bytes) -> list[BankStatement]:
    """The statements in a camt.053 file; BadInput names the line of the file and the element."""
    document = _parsed(content)
    found = _NAMESPACE.fullmatch(document.tag)
    if not found or int(found[1]) not in VERSIONS:
        raise BadInput(
            "camt-version-unknown",
            "This is no camt.053 of version 02 to 08, but '{tag}': ask the bank for one.",
            tag=document.tag[:100],
        )
    statements = [_statement(_Element(each)) for each in document.iterfind("{*}BkToCstmrStmt/{*}Stmt")]
    if not statements:
        raise BadInput(
            "camt-no-statement",
            "There is no statement (Stmt) in this file: ask the bank for it again.",
        )
    return statements


def _parsed(content: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        document = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BadInput(
            "camt-xml-broken",
            "line {line}: this is no whole XML file ({why}): ask the bank for it again.",
            line=error.lineno or 1,
            why=one_line(error.msg)[:200],
        ) from None
    if document.getroottree().docinfo.doctype:
        raise BadInput(
            "camt-has-doctype",
            "line 1: DOCTYPE: a bank statement has no document type: do not trust this file.",
        )
    return document


class _Element:
    """An XML element whose parts are found by their names, without the namespace."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self._prefix = node.tag[: node.tag.index("}") + 1]

    @property
    def place(self) -> str:
        return f"line {self._node.sourceline}: {etree.QName(self._node).localname}"

    def all(self, path: str) -> Iterator[_Element]:
        """The elements at a path such as `Refs/EndToEndId`."""
        steps = "/".join(f"{self._prefix}{step}" for step in path.split("/"))
        return (_Element(node) for node in self._node.iterfind(steps))

    def one(self, path: str) -> _Element:
        """The first element at a path; BadInput where there is none."""
        for found in self.all(path):
            return found
        raise BadInput(
            "camt-element-missing",
            "{place}: there is no {path} in it: ask the bank for the file again.",
            place=self.place,
            path=path,
        )

    def text(self, *paths: str) -> str:
        """The text at the first of these paths that has any; empty where none has."""
        return next((text for path in paths for each in self.all(path) if (text := each.own)), "")

    @property
    def own(self) -> str:
        return one_line(self._node.text)

    @property
    def currency(self) -> str:
        return shortened(str(self._node.get("Ccy", "")))


def _statement(statement: _Element) -> BankStatement:
    account = statement.text("Acct/Id/IBAN", "Acct/Id/Othr/Id")
    if not account:
        raise BadInput(
            "camt-account-missing",
            "{place}: there is no account (Acct/Id) in it: ask the bank for the file again.",
            place=statement.place,
        )
    opened_on, opening, currency = _balance(statement, _OPENING, first=True)
    closed_on, closing, closes_in = _balance(statement, _CLOSING, first=False)
    if closes_in != currency:
        raise BadInput(
            "statement-currencies-differ",
            "{place}: it opens in {currency} and closes in {closes_in}.",
            place=statement.place,
            currency=currency,
            closes_in=closes_in,
        )
    booked = (entry for entry in statement.all("Ntry") if entry.text("Sts/Cd", "Sts") == "BOOK")
    lines = tuple(line for entry in booked for line in _lines(entry, currency))
    with error_context(statement.place):
        return BankStatement(account, currency, opened_on, closed_on, opening, closing, lines)


def _balance(statement: _Element, types: tuple[str, ...], *, first: bool) -> tuple[date, int, str]:
    """The day, amount and currency of a balance; a page of a statement has an intermediate one (ITBD)."""
    by_type: dict[str, list[_Element]] = {}
    for balance in statement.all("Bal"):
        by_type.setdefault(balance.text("Tp/CdOrPrtry/Cd"), []).append(balance)
    for wanted in (*types, "ITBD"):
        if wanted in by_type:
            found = by_type[wanted][0 if first else -1]
            currency = found.one("Amt").currency
            return _day(found, "Dt"), _signed(found, currency), currency
    raise BadInput(
        "camt-balance-missing",
        "{place}: there is no {which} balance ({types}) in it: ask the bank for the file again.",
        place=statement.place,
        which="opening" if first else "closing",
        types=types[0],
    )


def _lines(entry: _Element, currency: str) -> Iterator[BankLine]:
    """The line of an entry, or one for each transaction of a batch that lists its transactions."""
    minor = _signed(entry, currency)
    details = list(entry.all("NtryDtls/TxDtls"))
    payments = max(len(details), _batched(entry))
    if payments < 2:
        yield _line(entry, details[0] if details else entry, minor, entry.text("AcctSvcrRef"))
        return
    parts = [_part(each, currency, -1 if minor < 0 else 1) for each in details]
    if len(parts) < payments or None in parts or sum(filter(None, parts)) != minor:
        yield replace(_line(entry, entry, minor, entry.text("AcctSvcrRef")), payments=payments)
        return
    for each, part in zip(details, filter(None, parts), strict=True):
        yield _line(entry, each, part, "")


def _batched(entry: _Element) -> int:
    """The number of payments that an entry says it sums up."""
    counts = (each.own for each in entry.all("NtryDtls/Btch/NbOfTxs"))
    return sum(int(count) for count in counts if _NUMBER.fullmatch(count))


def _part(details: _Element, currency: str, sign: int) -> int | None:
    """The signed amount of one transaction of a batch; None if zero or not in the account's currency."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        for amount in details.all(path):
            with error_context(amount.place):
                sign = {"CRDT": 1, "DBIT": -1}.get(details.text("CdtDbtInd"), sign)
                return (
                    (sign * parse_minor(amount.own, currency) or None)
                    if amount.currency == currency
                    else None
                )
    return None


def _line(entry: _Element, details: _Element, minor: int, reference: str) -> BankLine:
    reverses = entry.text("RvslInd") in {"true", "1"} or any(details.all("RtrInf"))
    # A returned payment names the parties of the original payment.
    other = "Dbtr" if (minor > 0) != reverses else "Cdtr"
    parties = f"RltdPties/{other}"
    booked_on = _day(entry, "BookgDt")
    line = BankLine(
        place=entry.place,
        reference="",
        booked_on=booked_on,
        value_on=_day(entry, "ValDt") if entry.text("ValDt/Dt", "ValDt/DtTm") else booked_on,
        minor=minor,
        # From version 08 on, a party is a person or body (Pty) or an agent.
        counterparty=details.text(f"{parties}/Pty/Nm", f"{parties}/Nm", f"{parties}/Agt/FinInstnId/Nm"),
        counterparty_account=details.text(f"{parties}Acct/Id/IBAN", f"{parties}Acct/Id/Othr/Id"),
        remittance=one_line(
            *(each.own for each in details.all("RmtInf/Ustrd")),
            *(each.own for each in details.all("RmtInf/Strd/CdtrRefInf/Ref")),
            details.text("AddtlTxInf"),
            entry.text("AddtlNtryInf"),
        ),
        end_to_end=details.text("Refs/EndToEndId"),
        reverses=reverses,
    )
    # NtryRef is not used as a reference: its numbers start again with every statement.
    return replace(line, reference=reference_code(reference or details.text("Refs/AcctSvcrRef"), line))


def _signed(element: _Element, currency: str) -> int:
    """The element's signed amount. CdtDbtInd is the direction of this movement, also for a reversal."""
    amount = element.one("Amt")
    with error_context(amount.place):
        scale(amount.currency)
        if amount.currency != currency:
            raise BadInput(
                "camt-entry-other-currency",
                "it is in {currency}, and the account in {account_currency}.",
                currency=amount.currency,
                account_currency=currency,
            )
        minor = parse_minor(amount.own, currency)
    indicator = element.one("CdtDbtInd")
    if indicator.own not in {"CRDT", "DBIT"}:
        raise BadInput(
            "camt-direction-unknown",
            "{place}: '{text}' is neither CRDT nor DBIT.",
            place=indicator.place,
            text=shortened(indicator.own),
        )
    return minor if indicator.own == "CRDT" else -minor


def _day(element: _Element, path: str) -> date:
    written = element.text(f"{path}/Dt", f"{path}/DtTm")
    found = _DAY.fullmatch(written)
    try:
        return date.fromisoformat(found[1] if found else written)
    except ValueError:
        raise BadInput(
            "camt-day-invalid",
            "{place}: '{text}' is not a day.",
            place=element.one(path).place,
            text=shortened(written),
        ) from None
