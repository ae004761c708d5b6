"""Amendments of agreements: signed changes of the amount, last day, earmark or instalments.

The currency never changes. An increase is a new receivable at the rate of the day; a decrease reduces the
receivable at its carrying value, and never below what has arrived. Allocations stay, whatever the new
earmark is. An instalment that is paid, or whose condition is met, keeps its terms and its number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection

from donors.agreement.agreement import (
    Agreement,
    agreement,
    get_open_agreement,
    get_terms,
    project_agreement,
    recognise_receivable,
    require_schedule,
)
from donors.agreement.condition import conditions_met
from donors.agreement.due import dues_of
from donors.agreement.earmark import Earmark
from donors.agreement.instalment import Instalment
from donors.codes import AgreementField
from donors.contribution.contribution import contributions, settlement_lines
from donors.contribution.in_kind import in_kind_gifts
from donors.donor.screening import require_screened
from ledger import (
    ALLOCATED,
    RECEIVABLE,
    Amount,
    Evidence,
    Hint,
    Kind,
    Labelled,
    Line,
    NotNegative,
    OrdinalField,
    Refused,
    Repeatable,
    Sentence,
    TextField,
    total,
    unreversed_lines,
    without_empty,
)


class AgreementAmended(Repeatable):
    """A donor and UIL change the terms of an agreement. `on` is the day from which the new ones apply."""

    kind: ClassVar[str] = "agreement amended"

    agreement: AgreementField
    number: Annotated[OrdinalField, Labelled("amendment")] = Field(ge=1)
    """The number of the amendment, as signed."""
    amount: NotNegative | None = None
    """The new total amount, if it changes."""
    ends_on: date | None = None
    """The new last day, if it changes."""
    earmark: Earmark | None = None
    """The new earmark, if it changes."""
    instalments: tuple[Instalment, ...] = ()
    """The complete new schedule, if any instalment changes."""
    reason: TextField = Field(min_length=1)
    evidence: tuple[Evidence, ...]
    """What the donor signed, which is also the consent to another earmark."""

    @property
    def sentence(self) -> str:
        changes = {
            "its amount becomes {amount}": self.amount,
            "it ends on {ends_on}": self.ends_on,
            "its earmark becomes: {earmark}": self.earmark,
            "its instalments are new": self.instalments,
        }
        said = ", ".join(change for change, given in changes.items() if given)
        return f"The agreement {{agreement}} is changed by amendment {{number}}: {said}."

    @property
    def first_key(self) -> str:
        return f"agreement amended:{self.agreement}:{self.number}"

    @model_validator(mode="after")
    def _changes(self) -> Self:
        if self.amount is None and self.ends_on is None and self.earmark is None and not self.instalments:
            raise ValueError("an amendment changes the amount, the last day, the earmark or the instalments")
        if not self.evidence:
            raise ValueError("an amendment needs what the donor signed: attach it as evidence")
        return self


def _amended(event: AgreementAmended, before: Agreement) -> Agreement:
    """The terms of the agreement after the amendment."""
    return replace(
        before,
        amount=before.amount if event.amount is None else event.amount,
        ends_on=event.ends_on or before.ends_on,
        earmark=before.earmark if event.earmark is None else event.earmark,
        instalments=event.instalments or before.instalments,
        raised=tuple(_raised(event, before)),
        amended_on=event.on,
    )


def _raised(event: AgreementAmended, before: Agreement) -> Iterator[Instalment]:
    """If there are no instalments: the parts due after the first day; a decrease reduces them in reverse."""
    if event.instalments or before.instalments:
        return
    now = before.amount if event.amount is None else event.amount
    left = now.minor - before.amount.minor + sum(part.minor for part in before.raised)
    for part in before.raised:
        if left > 0:
            yield part.model_copy(update={"minor": min(part.minor, left)})
            left -= part.minor
    if left > 0 and event.on > before.first_day:
        yield Instalment(due_on=event.on, minor=left)


def _post(event: AgreementAmended, books: Connection) -> list[Line]:
    before = get_open_agreement(books, event.agreement)
    after = _amended(event, before)
    _require_amendable(event, before, after)
    if after.amount.minor > before.amount.minor:
        require_screened(books, before.donor, event.on)
    if after.ends_on < before.ends_on:
        _require_nothing_after(books, after)
    if before.instalments and event.instalments:
        _require_kept(books, before, after)
    _require_new_schedule(event, before, after)
    return _difference(event, books, before, after)


def _require_amendable(event: AgreementAmended, before: Agreement, after: Agreement) -> None:
    if before.gift:
        raise Refused(
            "amendment-of-gift",
            "{code} is a gift without an agreement: there is nothing to amend.",
            code=before.code,
        )
    if event.on < before.amended_on:
        raise Refused(
            "amendment-before-last-terms",
            "The terms of agreement {code} apply from {amended_on}: amend them on that day or later, "
            "not on {on}.",
            code=before.code,
            amended_on=before.amended_on,
            on=event.on,
        )
    if after.amount.currency != before.amount.currency:
        raise Refused(
            "amendment-changes-currency",
            "The agreement {code} is in {currency} and stays so: sign a new one for {new_currency}.",
            code=before.code,
            currency=before.amount.currency,
            new_currency=after.amount.currency,
        )
    if replace(after, amended_on=before.amended_on) == before:
        raise Refused(
            "amendment-changes-nothing",
            "Amendment {number} changes nothing of agreement {code}.",
            number=event.number,
            code=before.code,
        )


def _require_nothing_after(books: Connection, after: Agreement) -> None:
    if after.ends_on < after.starts_on:
        raise Refused(
            "amendment-ends-before-start",
            "The agreement {code} cannot end on {ends_on}, before it starts on {starts_on}: end it on "
            "that day or later.",
            code=after.code,
            ends_on=after.ends_on,
            starts_on=after.starts_on,
        )
    last = max(_days_of_money(books, after.code), default=after.starts_on)
    if last > after.ends_on:
        raise Refused(
            "amendment-ends-before-use",
            "The agreement {code} cannot end on {ends_on}: money came, was allocated or was used under "
            "it on {last}, so end it on that day or later.",
            code=after.code,
            ends_on=after.ends_on,
            last=last,
        )


def _days_of_money(books: Connection, code: str) -> Iterator[date]:
    """The days on which something arrived under an agreement, was allocated or was used.

    The end of a year and the close of a term only move balances and do not count.
    """
    yield from (each.received_on for each in contributions(books, agreements=[code]))
    yield from (each.received_on for each in in_kind_gifts(books, agreements=[code]))
    given: Counter[tuple[date, int, str, str]] = Counter()
    for each in unreversed_lines(books, accounts=(ALLOCATED, "3"), agreements=[code]):
        given[each.effective_on, each.entry, each.account, each.activity] += each.usd
    for (on, _, account, _), cents in given.items():
        if (cents < 0) == (account == ALLOCATED) and cents:
            yield on


def _require_kept(books: Connection, before: Agreement, after: Agreement) -> None:
    owed = total(books, RECEIVABLE, agreement=before.code)
    for due in dues_of(before, owed, conditions_met(books), after.amended_on):
        place = slice(due.number - 1, due.number)
        stays = not due.outstanding.minor or due.met_on is not None
        if stays and after.instalments[place] != before.instalments[place]:
            why = "its condition is met" if due.outstanding.minor else "it is paid"
            raise Refused(
                "amendment-changes-fixed-instalment",
                "Instalment {number} of agreement {code} must stay as it is, because {why}: give it "
                "unchanged and in its place, and the others as they are from now on.",
                number=due.number,
                code=before.code,
                why=why,
            )


def _require_new_schedule(event: AgreementAmended, before: Agreement, after: Agreement) -> None:
    if before.instalments and not event.instalments and after.amount != before.amount:
        raise Refused(
            "amendment-without-new-instalments",
            "The agreement {code} comes in instalments: give all of them anew with the new amount.",
            code=before.code,
        )
    try:
        require_schedule(after.instalments, after.amount, after.starts_on, after.ends_on)
    except ValueError as error:
        raise Refused(
            "amendment-schedule-invalid",
            "The agreement {code} cannot be amended so: {why}.",
            code=before.code,
            why=error,
        ) from None


def _difference(
    event: AgreementAmended, books: Connection, before: Agreement, after: Agreement
) -> list[Line]:
    """The lines that adjust the receivable from the old amount to the new one."""
    more, currency = after.amount.minor - before.amount.minor, before.amount.currency
    if more > 0:
        added = Amount(currency=currency, minor=more)
        return recognise_receivable(books, before.term, before.code, added, event.on)
    if more == 0:
        return []
    owed = total(books, RECEIVABLE, agreement=before.code).amount
    if -more > owed:
        least = Amount(currency=currency, minor=before.amount.minor - owed)
        raise Refused(
            "amendment-below-arrived",
            "The agreement {code} cannot be amended to {amount}: {least} of it has arrived or was "
            "written off, so amend it to that or more.",
            code=before.code,
            amount=after.amount,
            least=least,
        )
    return without_empty(settlement_lines(books, before, Amount(currency=currency, minor=-more), event.on))


def _apply(books: Connection, seq: int, event: AgreementAmended) -> None:
    project_agreement(books, seq, _amended(event, get_terms(books, event.agreement)))


KINDS = (
    Kind(
        AgreementAmended,
        post=_post,
        apply=_apply,
        registers=(agreement,),
        reversible=True,
        when_recorded=Sentence(
            "give this amendment the next number; if that one is wrong, reverse it",
            Hint("reverse-entry"),
            " and record this as the next ",
            Hint("occurrence", "occurrence"),
        ),
    ),
)
