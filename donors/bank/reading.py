"""Matching a bank statement with the books: the verdict on each line, and the events that record it.

Money whose agreement is sure becomes a contribution; the rest may become receipts not yet identified. What is
in the books, or waits as a proposal, is recognised by the bank's reference and never recorded twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from donors.agreement.agreement import agreements
from donors.agreement.condition import conditions_met
from donors.agreement.due import Due, dues_of
from donors.bank.matching import DAYS_APART, BookedMoney, Match, match_lines
from donors.bank.owed import Owed, Part
from donors.bank.statement import BankStatement
from donors.contribution.contribution import ContributionReceived, contributions
from donors.contribution.unidentified import UnidentifiedReceived, unidentified_receipts
from donors.donor.donor import donors
from ledger import RECEIVABLE, Amount, BadInput, Balance, Event, Hint, balances_by, proposals, read_event

_RECEIVED = {ContributionReceived.kind, UnidentifiedReceived.kind}
_UNIDENTIFIED = {"doubtful", "unknown"}


@dataclass(frozen=True)
class Reading:
    """A bank statement with the verdicts on its lines."""

    account: str
    """The code of the bank account in the books."""
    statement: BankStatement
    matches: tuple[Match, ...]

    def count(self) -> Counter[str]:
        """The number of lines with each verdict."""
        return Counter(each.verdict for each in self.matches)


def match_statement(books: Connection, statement: BankStatement, account: str) -> Reading:
    """Match the lines of a statement to the agreements that still owe; nothing is recorded."""
    matches = match_lines(statement.lines, statement.currency, owed(books), booked_money(books, account))
    return Reading(account, statement, tuple(matches))


def owed(books: Connection) -> list[Owed]:
    """What is still owed under each agreement, ordered by code, also where it is zero. Gifts are left out."""
    names = {each.code: each.name for each in donors(books)}
    receivable = balances_by(books, RECEIVABLE, "agreement")
    met = conditions_met(books)
    nothing = Balance(0, 0)
    return [
        Owed(
            each.code,
            each.donor,
            names[each.donor],
            Amount(currency=each.amount.currency, minor=receivable.get(each.code, nothing).amount),
            each.first_day,
            each.ends_on,
            tuple(_parts(dues_of(each, receivable.get(each.code, nothing), met, date.max))),
        )
        for each in agreements(books)
        if not each.gift
    ]


def _parts(instalments: Sequence[Due]) -> Iterator[Part]:
    """The instalments that are not paid in full."""
    for each in instalments:
        if left := each.outstanding.minor:
            waits_for = "" if each.met_on else each.condition
            begun = left < each.amount.minor
            yield Part(each.number, len(instalments), each.due_on, left, begun=begun, waits_for=waits_for)


def booked_money(books: Connection, account: str) -> list[BookedMoney]:
    """Money received on a bank account, in the books or in waiting proposals, ordered by reference."""
    found = {each.reference: each for each in _proposed(books, account)}
    for receipt in unidentified_receipts(books):
        if receipt.bank_account == account:
            where = f"entry {receipt.seq}, not yet identified"
            found[receipt.reference] = BookedMoney(
                receipt.reference, receipt.amount.minor, receipt.arrived_on, where
            )
    for gave in contributions(books):
        if gave.bank_account == account:
            where = f"entry {gave.seq}, {gave.agreement}"
            found[gave.reference] = BookedMoney(gave.reference, gave.amount.minor, gave.received_on, where)
    return [found[reference] for reference in sorted(found)]


def seen_before(books: Connection, events: Sequence[Event]) -> list[tuple[int, str]]:
    """Contributions among the events that may be booked under another reference.

    Each with its index in `events` and a description of the booked money: the same amount on the same
    account, at most DAYS_APART days apart.
    """
    came = [(place, each) for place, each in enumerate(events) if isinstance(each, ContributionReceived)]
    known: dict[tuple[str, int, date], BookedMoney] = {}
    for account in {each.bank_account for _, each in came}:
        own = {each.reference for _, each in came if each.bank_account == account}
        known |= {
            (account, each.minor, each.on): each
            for each in booked_money(books, account)
            if each.reference not in own
        }
    if not known:
        return []
    found = []
    for place, each in came:
        days = sorted(range(-DAYS_APART, DAYS_APART + 1), key=abs)
        near = ((each.bank_account, each.amount.minor, each.on + timedelta(days=day)) for day in days)
        if (same := next(filter(None, map(known.get, near)), None)) is not None:
            found.append((place, f"{same.reference} of {same.on} ({same.where})"))
    return found


def _proposed(books: Connection, account: str) -> Iterator[BookedMoney]:
    for waiting in proposals(books):
        if waiting.kind not in _RECEIVED:
            continue
        event = read_event(books, waiting, Event)
        assert isinstance(event, ContributionReceived | UnidentifiedReceived)
        if event.bank_account == account:
            where = f"proposal {waiting.id} waits"
            yield BookedMoney(event.reference, event.amount.minor, event.on, where, waits=True)


def bookings(
    reading: Reading, *, rest_into: str = "", leave_out: Collection[str] = ()
) -> list[ContributionReceived | UnidentifiedReceived]:
    """The events that record the lines, without evidence, in the order of the file.

    A sure line becomes a contribution. With a term in `rest_into`, money without a sure agreement is recorded
    there as not yet identified. Lines with a reference in `leave_out` are skipped. BadInput if the books have
    another amount under a line's reference.
    """
    _require_known(leave_out, reading)
    asked_for = [each for each in reading.matches if each.line.reference not in leave_out]
    for each in asked_for:
        if each.verdict == "differs from the books":
            raise BadInput(
                "bank-line-differs-from-books",
                "{place}: {reference} of {booked_on}: {reason} Nothing is recorded: correct the one "
                "that is wrong, or leave this line out{hint}.",
                hint=Hint("leave-line-out"),
                place=each.line.place,
                reference=each.line.reference,
                booked_on=each.line.booked_on,
                reason=each.reason,
            )
    return [event for each in asked_for for event in _booking(reading, each, rest_into)]


def _booking(
    reading: Reading, match: Match, rest_into: str
) -> Iterator[ContributionReceived | UnidentifiedReceived]:
    line = match.line
    common = {
        "on": line.booked_on,
        "reference": line.reference,
        "bank_account": reading.account,
        "amount": Amount(currency=reading.statement.currency, minor=line.minor),
    }
    if match.verdict == "sure":
        yield ContributionReceived.make(**common, agreement=match.agreement)
    elif match.verdict in _UNIDENTIFIED and rest_into:
        yield UnidentifiedReceived.make(**common, term=rest_into)


def _require_known(references: Collection[str], reading: Reading) -> None:
    there = {each.line.reference for each in reading.matches}
    for reference in references:
        if reference not in there:
            raise BadInput(
                "bank-line-unknown-reference",
                "No line of the file has the reference {reference}: see them{hint}.",
                reference=reference,
                hint=Hint("read-only", " as they are read"),
            )
