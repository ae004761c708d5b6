"""Grants to partners: commitment, tranches, expenditure reports, returns, write-offs and cancellation.

Each step is attributed to agreements pro rata (largest remainder): a commitment to what each has free, a
tranche to what is committed and not yet advanced, reported expenditure to what the partner holds. So every
cent of use belongs to one donor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy import Connection, Row, select

from allocation.delivery.sharing import (
    Category,
    free_by_agreement,
    spent_together,
    split_pro_rata,
    used_lines,
)
from allocation.programme.programme import get_activity
from donors import CODE_PATTERN, ActivityField, BankAccountField, get_agreement, require_account
from ledger import (
    ADVANCES,
    CASH_AT_BANK,
    COMMITMENTS,
    COMMITMENTS_CONTRA,
    FUND_CURRENCY,
    LOSSES,
    NOW,
    AmountField,
    CodeOf,
    Described,
    Event,
    Evidence,
    Kind,
    Known,
    Line,
    Refused,
    TermField,
    TextField,
    UsdCentsField,
    as_known,
    balances_by,
    canonical_json,
    current_term,
    dollars,
    find,
    project,
    register,
    require_in_term,
    require_new,
    terms_into,
    text,
    whole,
)

GrantField = Annotated[str, CodeOf("grant")]


class GrantCommitted(Event):
    """UIL commits money of an activity to a partner."""

    kind: ClassVar[str] = "grant committed"
    says: ClassVar[str] = (
        "{cents} of the activity {activity} are committed to {partner} until {ends_on}, as grant {code}."
    )

    code: TextField = Field(pattern=CODE_PATTERN)
    term: TermField
    activity: ActivityField
    partner: TextField = Field(min_length=1, max_length=300)
    cents: AmountField = Field(gt=0)
    ends_on: date
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"grant:{self.code}"


class _OfGrant(Event):
    """An event of a grant."""

    grant: GrantField
    reference: TextField = Field(pattern=CODE_PATTERN)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.grant}:{self.reference}"


class TranchePaid(_OfGrant):
    """A part of the grant is advanced to the partner."""

    kind: ClassVar[str] = "tranche paid"
    says: ClassVar[str] = "{cents} are advanced under the grant {grant}, from {bank_account}."

    bank_account: BankAccountField
    cents: AmountField = Field(gt=0)


class ExpenditureReported(_OfGrant):
    """The partner reports what it spent of its advance, with results. `on` ends the reported period."""

    kind: ClassVar[str] = "expenditure reported"
    says: ClassVar[str] = (
        "The partner of the grant {grant} reports what it spent of its advance up to {on}: {spent}."
    )

    spent: dict[Category, UsdCentsField] = Field(min_length=1)
    """USD cents by UN harmonised category."""
    results: tuple[TextField, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def derived(self) -> tuple[Described, ...]:
        return (spent_together(self.spent),)


class AdvanceReturned(_OfGrant):
    """The partner returns money that it did not spend."""

    kind: ClassVar[str] = "advance returned"
    says: ClassVar[str] = "The partner of the grant {grant} returns {cents} to {bank_account}."

    bank_account: BankAccountField
    cents: AmountField = Field(gt=0)


class AdvanceWrittenOff(_OfGrant):
    """A part of the advance is lost: the partner will neither use nor return it."""

    kind: ClassVar[str] = "advance written off"
    says: ClassVar[str] = "{cents} advanced under the grant {grant} are lost, and written off."

    cents: AmountField = Field(gt=0)
    reason: TextField = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()


class CommitmentCancelled(_OfGrant):
    """The part of a commitment that is neither advanced nor spent becomes free again."""

    kind: ClassVar[str] = "commitment cancelled"
    says: ClassVar[str] = "What is neither advanced nor spent under the grant {grant} is no longer committed."

    reason: TextField = Field(min_length=1)


grant = register(
    "grant_agreement",
    text("code"),
    text("term"),
    text("activity"),
    text("partner"),
    whole("cents"),
    text("committed_on"),
    text("ends_on"),
    named_as="grant",
)
result = register("result", text("grant_code"), text("activity"), text("reported_on"), text("results"))


@dataclass(frozen=True)
class Grant:
    """A grant, from the books."""

    seq: int
    code: str
    term: str
    activity: str
    partner: str
    cents: int
    committed_on: date
    ends_on: date


@dataclass(frozen=True)
class GrantBalance:
    """The balance of a grant, USD cents."""

    committed: int
    """Committed and not yet spent; the advance is a part of it."""
    advanced: int
    """Held by the partner."""


def _read(row: Row[Any]) -> Grant:
    dates = (date.fromisoformat(row.committed_on), date.fromisoformat(row.ends_on))
    return Grant(row.seq, row.code, row.term, row.activity, row.partner, row.cents, *dates)


def get_grant(books: Connection, code: str) -> Grant:
    """The grant with this code, in the term where it is now; NotFound if there is none."""
    made = _read(find(books, grant, "grant", code))
    return replace(made, term=current_term(books, made.term))


def grants(books: Connection, term: str | None = None, known_at: int = NOW) -> list[Grant]:
    """Grants, by code; those of a term include what was carried over to it."""
    query = select(grant).where(as_known(grant, known_at)).order_by(grant.c.code)
    if term is not None:
        query = query.where(grant.c.term.in_(terms_into(books, term, known_at)))
    found = [_read(row) for row in books.execute(query)]
    return [replace(each, term=term or current_term(books, each.term, known_at)) for each in found]


def grant_balance(books: Connection, code: str) -> GrantBalance:
    """The balance of a grant now."""
    return GrantBalance(sum(_committed(books, code).values()), sum(_advanced(books, code).values()))


def results_of(books: Connection, activity: str, until: date, known_at: int = NOW) -> list[str]:
    """The results that partners reported in words for an activity, the earliest first."""
    rows = books.execute(
        select(result)
        .where(
            result.c.activity == activity,
            result.c.reported_on <= until.isoformat(),
            as_known(result, known_at),
        )
        .order_by(result.c.reported_on, result.c.seq)
    )
    return [sentence for row in rows for sentence in json.loads(row.results)]


def _committed(books: Connection, code: str) -> dict[str, int]:
    return {
        agreement: found.usd
        for agreement, found in balances_by(books, COMMITMENTS, "agreement", grant_code=code).items()
    }


def _advanced(books: Connection, code: str) -> dict[str, int]:
    return {
        agreement: found.usd
        for agreement, found in balances_by(books, ADVANCES, "agreement", grant_code=code).items()
    }


def _not_advanced(books: Connection, code: str) -> dict[str, int]:
    held = _advanced(books, code)
    return {agreement: cents - held.get(agreement, 0) for agreement, cents in _committed(books, code).items()}


def _memo(held: Grant, agreement: str, cents: int) -> list[Line]:
    """Commitment lines: a positive amount commits, a negative one releases."""
    marks = {"agreement": agreement, "activity": held.activity, "grant_code": held.code}
    return [
        dollars(COMMITMENTS, held.term, cents, **marks),
        dollars(COMMITMENTS_CONTRA, held.term, -cents, **marks),
    ]


def _post_committed(event: GrantCommitted, books: Connection) -> list[Line]:
    require_in_term(books, event.term, event.on, "A grant")
    get_activity(books, event.term, event.activity)
    free = free_by_agreement(books, event.term, event.activity, event.on)
    made = Grant(
        0, event.code, event.term, event.activity, event.partner, event.cents, event.on, event.ends_on
    )
    lacks = f"is allocated to {event.activity} and free on {event.on}"
    parts = split_pro_rata(event.cents, free, lacks)
    return [memo for agreement, part in sorted(parts.items()) for memo in _memo(made, agreement, part)]


def _post_tranche(event: TranchePaid, books: Connection) -> list[Line]:
    held = get_grant(books, event.grant)
    require_account(books, event.bank_account, FUND_CURRENCY, event.on)
    parts = split_pro_rata(
        event.cents, _not_advanced(books, held.code), f"is committed to {held.code} and not yet paid"
    )
    return [
        *_advance_lines(held, parts),
        dollars(CASH_AT_BANK, held.term, -event.cents, bank_account=event.bank_account),
    ]


def _post_returned(event: AdvanceReturned, books: Connection) -> list[Line]:
    held = get_grant(books, event.grant)
    require_account(books, event.bank_account, FUND_CURRENCY, event.on)
    parts = split_pro_rata(event.cents, _advanced(books, held.code), f"the partner of {held.code} holds")
    return [
        dollars(CASH_AT_BANK, held.term, event.cents, bank_account=event.bank_account),
        *_advance_lines(held, {agreement: -part for agreement, part in parts.items()}),
    ]


def _advance_lines(held: Grant, parts: Mapping[str, int]) -> list[Line]:
    return [
        dollars(ADVANCES, held.term, part, agreement=agreement, activity=held.activity, grant_code=held.code)
        for agreement, part in sorted(parts.items())
    ]


def _post_reported(event: ExpenditureReported, books: Connection) -> list[Line]:
    held = get_grant(books, event.grant)
    left = _advanced(books, held.code)
    for agreement in left:
        get_agreement(books, agreement).require_running(event.on, f"Expenditure of the grant {held.code}")
    marks = {"activity": held.activity, "grant_code": held.code}
    lacks = f"the partner of {held.code} holds"
    lines, used = used_lines(held.term, event.spent, left, lacks, **marks)
    return [*lines, *_settled(held, used)]


def _settled(held: Grant, parts: Mapping[str, int]) -> list[Line]:
    """Lines that take an amount off the partner's advance and off the commitment."""
    released = [memo for agreement, cents in sorted(parts.items()) for memo in _memo(held, agreement, -cents)]
    return [*_advance_lines(held, {agreement: -cents for agreement, cents in parts.items()}), *released]


def _post_written_off(event: AdvanceWrittenOff, books: Connection) -> list[Line]:
    held = get_grant(books, event.grant)
    parts = split_pro_rata(event.cents, _advanced(books, held.code), f"the partner of {held.code} holds")
    marks = {"activity": held.activity, "grant_code": held.code}
    lost = [
        dollars(LOSSES, held.term, part, agreement=agreement, **marks)
        for agreement, part in sorted(parts.items())
    ]
    return [*lost, *_settled(held, parts)]


def _post_cancelled(event: CommitmentCancelled, books: Connection) -> list[Line]:
    held = get_grant(books, event.grant)
    open_parts = {agreement: cents for agreement, cents in _not_advanced(books, held.code).items() if cents}
    if not open_parts:
        raise Refused(
            "grant-nothing-to-release",
            "Nothing of the grant {code} is committed and not yet paid.",
            code=held.code,
        )
    return [
        memo for agreement, cents in sorted(open_parts.items()) for memo in _memo(held, agreement, -cents)
    ]


def _apply_committed(books: Connection, seq: int, event: GrantCommitted) -> None:
    require_new(books, grant, "grant", event.code)
    project(
        books,
        grant,
        seq,
        code=event.code,
        term=event.term,
        activity=event.activity,
        partner=event.partner,
        cents=event.cents,
        committed_on=event.on.isoformat(),
        ends_on=event.ends_on.isoformat(),
    )


def _apply_reported(books: Connection, seq: int, event: ExpenditureReported) -> None:
    if event.results:
        held = get_grant(books, event.grant)
        registered = {
            "grant_code": held.code,
            "activity": held.activity,
            "results": canonical_json(list(event.results)),
        }
        project(books, result, seq, reported_on=event.on.isoformat(), **registered)


def _still_committed(books: Connection, event: _OfGrant) -> None:
    """Refuse if the partner would hold more than is committed to it."""
    held = get_grant(books, event.grant)
    committed = _committed(books, held.code)
    for agreement, cents in _advanced(books, held.code).items():
        if cents > committed.get(agreement, 0):
            raise Refused(
                "grant-advance-exceeds-commitment",
                "The partner of {code} would hold more than is committed to it: reverse first what "
                "released the commitment.",
                code=held.code,
            )


def _named(books: Connection, code: str, _term: str) -> Known:
    known = get_grant(books, code)
    return Known(f"{code} to {known.partner}", term=known.term)


KINDS = (
    Kind(
        GrantCommitted,
        post=_post_committed,
        apply=_apply_committed,
        registers=(grant,),
        reversible=True,
        names={"grant": _named},
    ),
    Kind(TranchePaid, post=_post_tranche, reversible=True),
    Kind(
        ExpenditureReported, post=_post_reported, apply=_apply_reported, registers=(result,), reversible=True
    ),
    Kind(AdvanceReturned, post=_post_returned, reversible=True, on_reverse=_still_committed),
    Kind(AdvanceWrittenOff, post=_post_written_off, reversible=True),
    Kind(CommitmentCancelled, post=_post_cancelled, reversible=True),
)
