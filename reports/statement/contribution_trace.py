"""Trace of a contribution: from the bank's line to the figures of the donor's statement, to the cent.

An agreement's dollars are one pool; which of them paid for what follows first in, first out
(`reports.figures.fifo`). What was used, is unspent, left the agreement or is available adds up to the
contribution; over all contributions of an agreement, to the agreement's own figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from allocation import activities_by_code
from donors import (
    Agreement,
    BankLine,
    Contribution,
    Donor,
    arrival_of,
    bank_accounts,
    find_line,
    get_agreement,
    get_contribution,
    get_donor,
)
from ledger import (
    CASH_AT_BANK,
    COMMITMENTS,
    Amount,
    AsOf,
    BadInput,
    Event,
    Evidence,
    Line,
    PostedLine,
    Sealed,
    Term,
    checked_content,
    get_entry,
    get_term,
    lines_of,
    posted,
    proposal_of,
    read_event,
)
from reports.figures.fifo import IN_AVAILABLE, FifoTrace, Move, Pot, fifo, take_layers
from reports.figures.figure import Seal, seal_of
from reports.figures.figures import on
from reports.figures.instalments import Settled, settled_by
from reports.statement.builder import build_statement
from reports.statement.figure_trace import trace_figures
from reports.words.earmark_words import earmark_sentence
from reports.words.language import words_in

COMMITTED = ("3 Balance", "committed")
"""A figure whose lines carry no FIFO layers: commitments are part of what is unspent."""
CONVENTION = "An agreement's dollars are one pot, followed first in, first out: in allocation, then in use."


@dataclass(frozen=True)
class EvidenceFile:
    """A file that an entry refers to, and the bank's line in it if it is a bank file."""

    sha256: str
    name: str
    line: BankLine | None


@dataclass(frozen=True)
class BankSide:
    """The bank's record of the contribution."""

    arrived_on: date
    account: str
    account_name: str
    reference: str
    amount: Amount
    usd: int
    """Value in USD cents on the day it arrived."""
    files: tuple[EvidenceFile, ...]


@dataclass(frozen=True)
class Booked:
    """An entry that recorded the contribution."""

    sealed: Sealed
    proposal: int
    """The number of the proposal it came from; 0 where it was recorded directly."""
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Given:
    """The agreement and the donor of the contribution."""

    agreement: str
    gift: bool
    donor: str
    donor_name: str
    signed_on: date
    starts_on: date
    ends_on: date
    amount: Amount
    earmark: str
    """As a plain sentence."""
    earmark_level: str
    instalments: tuple[Settled, ...]


@dataclass(frozen=True)
class TraceStep:
    """Cents of the contribution that one journal line moved, negative where they came back."""

    entry: int
    line: int
    on: date
    kind: str
    activity: str
    account: str
    """For use: its harmonised category, or losses."""
    grant: str
    cents: int


class ActivityTrace(NamedTuple):
    """The part of the contribution that was allocated to one activity, and its use, in USD cents."""

    activity: str
    title: str
    allocated: int
    used: int
    unspent: int
    committed: int
    """Part of the unspent: bound by a grant."""


class StatementPart(NamedTuple):
    """A figure of the donor's statement, and the contribution's part in it, in USD cents."""

    statement: str
    part: str
    figure: str
    of: int
    cents: int


@dataclass(frozen=True)
class ContributionTrace:
    """A contribution traced through the books; cents are USD cents."""

    seal: Seal
    convention: str
    bank: BankSide
    entries: tuple[Booked, ...]
    given: Given
    allocated: tuple[TraceStep, ...]
    activities: tuple[ActivityTrace, ...]
    used: tuple[TraceStep, ...]
    gone: tuple[TraceStep, ...]
    """What left the agreement: refunds, transfers, exchange losses."""
    available: int
    """Not allocated, and still in the agreement."""
    statements: tuple[StatementPart, ...]

    @property
    def cents(self) -> int:
        """The contribution; its parts add up to this."""
        return self.bank.usd


def trace_contribution(
    books: Connection, reference: str, as_of: AsOf, bank_account: str = ""
) -> ContributionTrace:
    """Trace the contribution with the bank's reference up to a day, as known at an entry.

    Raises NotFound when the books have none by then, and BadInput when several accounts have the reference or
    the day is before it was posted.
    """
    given = get_contribution(books, reference, bank_account, as_of.known_at)
    sealed = get_entry(books, given.seq)
    if date.fromisoformat(sealed.effective_on) > as_of.effective_to:
        raise BadInput(
            "trace-before-contribution",
            "The contribution {reference} is in the books from {effective_on}: trace it to that day or "
            "a later one.",
            reference=reference,
            effective_on=sealed.effective_on,
        )
    signed = get_agreement(books, given.agreement, as_of.known_at)
    donor = get_donor(books, signed.donor, as_of.known_at)
    entries = tuple(_booked(books, given))
    lines = list(posted(books, as_of, agreements=[signed.code]))
    found = fifo(lines)
    layer = next(number for number, each in enumerate(found.layers) if each.line.entry == given.seq)
    moves = [move for move in found.moves if move.layer == layer]
    pots = found.of(layer)
    own = {line: found.parts[line.entry, line.no][layer] for line in lines}
    own = {line: cents for line, cents in own.items() if cents}
    committed = _committed(found, lines, layer)
    return ContributionTrace(
        seal=seal_of(books, as_of),
        convention=CONVENTION,
        bank=_bank_side(books, given, entries),
        entries=entries,
        given=_given(books, given, signed, donor),
        allocated=_steps(moves, "allocated"),
        activities=tuple(_standings(books, signed.term, as_of, pots, committed)),
        used=_steps(moves, "used"),
        gone=_steps(moves, "gone"),
        available=pots.get(IN_AVAILABLE, 0),
        statements=tuple(_stated(books, donor.code, as_of, own, sum(committed.values()))),
    )


# --- arrival ------------------------------------------------------------------------------------------------


def _booked(books: Connection, given: Contribution) -> Iterator[Booked]:
    """The entry of its arrival and, where it was identified later, that of the identification."""
    for seq in sorted({arrival_of(books, given), given.seq}):
        yield _entry(books, get_entry(books, seq))


def _entry(books: Connection, sealed: Sealed) -> Booked:
    asked = proposal_of(books, sealed.seq)
    return Booked(sealed, asked.id if asked else 0, tuple(lines_of(books, sealed.seq)))


def _bank_side(books: Connection, given: Contribution, entries: tuple[Booked, ...]) -> BankSide:
    names = {account.code: account.name for account in bank_accounts(books)}
    files = {file.sha256: file for entry in entries for file in _evidence(books, entry.sealed)}
    return BankSide(
        arrived_on=given.received_on,
        account=given.bank_account,
        account_name=names[given.bank_account],
        reference=given.reference,
        amount=given.amount,
        usd=sum(line.usd for line in entries[0].lines if line.account == CASH_AT_BANK),
        files=tuple(
            EvidenceFile(
                file.sha256,
                file.name,
                find_line(checked_content(books, file.sha256), given.reference, given.amount),
            )
            for file in files.values()
        ),
    )


def _evidence(books: Connection, sealed: Sealed) -> tuple[Evidence, ...]:
    return tuple(getattr(read_event(books, sealed, Event), "evidence", ()))


def _given(books: Connection, given: Contribution, signed: Agreement, donor: Donor) -> Given:
    return Given(
        agreement=signed.code,
        gift=signed.gift,
        donor=donor.code,
        donor_name=donor.name,
        signed_on=signed.signed_on,
        starts_on=signed.starts_on,
        ends_on=signed.ends_on,
        amount=signed.amount,
        earmark=earmark_sentence(signed.earmark, words_in("en")),
        earmark_level=signed.earmark.level,
        instalments=settled_by(books, given),
    )


# --- use ----------------------------------------------------------------------------------------------------


def _steps(moves: Iterable[Move], sort: str) -> tuple[TraceStep, ...]:
    return tuple(
        TraceStep(
            entry=move.line.entry,
            line=move.line.no,
            on=move.line.effective_on,
            kind=move.line.kind,
            activity=move.pot.activity,
            account=move.pot.account,
            grant=move.line.grant_code if move.pot.sort == "used" else "",
            cents=move.cents,
        )
        for move in moves
        if move.pot.sort == sort
    )


def _committed(found: FifoTrace, lines: Iterable[PostedLine], layer: int) -> dict[str, int]:
    """By activity, the part of the layer that is bound by grants: of what is unspent, the first dollars."""
    bound: Counter[str] = Counter()
    for line in on(lines, COMMITMENTS):
        bound[line.activity] += line.usd
    return {
        activity: take_layers(found.pots[Pot("allocated", activity)], cents, len(found.layers))[layer]
        for activity, cents in bound.items()
        if cents > 0
    }


def _standings(
    books: Connection, term: str, as_of: AsOf, pots: Mapping[Pot, int], committed: Mapping[str, int]
) -> Iterator[ActivityTrace]:
    """By activity, ordered by code."""
    titles = activities_by_code(books, term, as_of.known_at)
    for code in sorted({pot.activity for pot in pots if pot.activity}):
        used = sum(cents for pot, cents in pots.items() if pot.activity == code and pot.sort == "used")
        unspent = pots.get(Pot("allocated", code), 0)
        title = titles[code].title("en")
        yield ActivityTrace(code, title, used + unspent, used, unspent, committed.get(code, 0))


def _stated(
    books: Connection, donor: str, as_of: AsOf, own: Mapping[PostedLine, int], committed: int
) -> Iterator[StatementPart]:
    """The figures of the donor's statements that contain cents of the contribution, term by term.

    No figure nets inflows with outflows, so each part has the sign of the figure.
    """
    parts = {(line.entry, line.no): cents for line, cents in own.items()}
    codes = {line.term for line in own}
    found = [get_term(books, code, as_of.known_at) for code in codes]
    terms = sorted((each for each in found if each.starts_on <= as_of.effective_to), key=_start)
    for term in terms:
        statement = build_statement(books, donor, term.code, as_of, "en")
        for traced in trace_figures(statement):
            cents = abs(sum(parts.get(ref, 0) for ref in traced.lines))
            if (traced.part, traced.figure) == COMMITTED and term is terms[-1]:
                cents = committed
            if cents:
                yield StatementPart(statement.id, traced.part, traced.figure, traced.cents, cents)


def _start(term: Term) -> date:
    return term.starts_on
