"""Offers: what a city, or another donor, says it can contribute; no promise until an agreement accepts it.

They come from the questionnaire to member cities, which asks for six things (draft strategy 2019-2021,
annex): a thematic experts' meeting, a small-scale learning and exchange, a capacity-building workshop,
research and case studies, a financial contribution to the MDFM, and other things.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, Row, Select, and_, select

from donors.codes import CODE_PATTERN
from donors.donor.donor import get_donor
from ledger import (
    NOW,
    Amount,
    Event,
    Evidence,
    Kind,
    NotNegative,
    Refused,
    Repeatable,
    as_known,
    find,
    get_term,
    project,
    register,
    require_new,
    text,
    whole,
)

Item = Literal["experts-meeting", "exchange", "workshop", "research", "financial", "other"]
"""The six items of the questionnaire, in its order."""


class OfferReceived(Event):
    """A donor says what it can contribute; `on` is the day of the answer."""

    kind: ClassVar[str] = "offer received"

    code: str = Field(pattern=CODE_PATTERN)
    donor: str
    term: str
    item: Item
    description: str = Field(min_length=1, max_length=1000)
    value: NotNegative
    """What it may be worth, as the donor estimates; zero where it says nothing."""
    activity: str = ""
    """The activity of the programme of which it could cover a part; empty where that is open."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"offer:{self.code}"

    @model_validator(mode="after")
    def _worth_something(self) -> Self:
        if self.item == "financial" and not self.value.minor:
            raise ValueError("an offer of money needs its amount")
        return self


class OfferDeclined(Repeatable):
    """An offer will not be taken up."""

    kind: ClassVar[str] = "offer declined"

    offer: str
    reason: str = Field(min_length=1)

    @property
    def first_key(self) -> str:
        return f"offer declined:{self.offer}"


offer = register(
    "offer",
    text("code"),
    text("donor"),
    text("term"),
    text("item"),
    text("description"),
    text("currency"),
    whole("value"),
    text("activity"),
    text("offered_on"),
)
offer_end = register("offer_end", text("offer"), text("ended_on"), text("how"), text("agreement"))


@dataclass(frozen=True)
class Offer:
    """An offer as the books know it."""

    seq: int
    code: str
    donor: str
    term: str
    item: Item
    description: str
    value: Amount
    activity: str
    offered_on: date
    status: Literal["open", "accepted", "declined"]
    agreement: str
    """The agreement that accepted it; empty where none has."""


def _read(row: Row[Any]) -> Offer:
    return Offer(
        row.seq,
        row.code,
        row.donor,
        row.term,
        row.item,
        row.description,
        Amount(currency=row.currency, minor=row.value),
        row.activity,
        date.fromisoformat(row.offered_on),
        row.how or "open",
        row.agreement or "",
    )


def _with_ends(effective_to: date, known_at: int) -> Select[Any]:
    """Offers made by a day, each with how it ended by then."""
    day = effective_to.isoformat()
    its_end = and_(
        offer_end.c.offer == offer.c.code, offer_end.c.ended_on <= day, as_known(offer_end, known_at)
    )
    return (
        select(offer, offer_end.c.how, offer_end.c.agreement)
        .select_from(offer.outerjoin(offer_end, its_end))
        .where(as_known(offer, known_at), offer.c.offered_on <= day)
        .order_by(offer.c.code)
    )


def offers(
    books: Connection, *, term: str | None = None, effective_to: date = date.max, known_at: int = NOW
) -> list[Offer]:
    """Offers made by a day as they stood on it, by code; those of a term only if one is named."""
    query = _with_ends(effective_to, known_at)
    if term is not None:
        query = query.where(offer.c.term == term)
    return [_read(row) for row in books.execute(query)]


def get_offer(books: Connection, code: str) -> Offer:
    """The offer with this code; NotFound when the books have none."""
    find(books, offer, "offer", code)
    return _read(books.execute(_with_ends(date.max, NOW).where(offer.c.code == code)).one())


def get_open_offer(books: Connection, code: str) -> Offer:
    """The offer with this code; Refused when it was accepted or declined already."""
    found = get_offer(books, code)
    if found.status != "open":
        raise Refused(f"The offer {code} was {found.status} already.")
    return found


def end_offer(books: Connection, seq: int, code: str, on: date, how: str, agreement: str = "") -> None:
    """Note in the register that an offer is open no more."""
    project(books, offer_end, seq, offer=code, ended_on=on.isoformat(), how=how, agreement=agreement)


def _apply_received(books: Connection, seq: int, event: OfferReceived) -> None:
    require_new(books, offer, "offer", event.code)
    get_donor(books, event.donor)
    get_term(books, event.term)
    project(
        books,
        offer,
        seq,
        code=event.code,
        donor=event.donor,
        term=event.term,
        item=event.item,
        description=event.description,
        currency=event.value.currency,
        value=event.value.minor,
        activity=event.activity,
        offered_on=event.on.isoformat(),
    )


def _apply_declined(books: Connection, seq: int, event: OfferDeclined) -> None:
    get_open_offer(books, event.offer)
    end_offer(books, seq, event.offer, event.on, "declined")


def _require_not_accepted(books: Connection, event: OfferReceived) -> None:
    """Refuse to take an offer back that an agreement builds on."""
    accepted = select(offer_end.c.agreement).where(offer_end.c.offer == event.code, as_known(offer_end))
    agreement = books.execute(accepted).scalar()
    if agreement:
        raise Refused(
            f"The offer {event.code} cannot be reversed while the agreement {agreement} accepts it: "
            f"reverse that one first."
        )


KINDS = (
    Kind(
        OfferReceived,
        apply=_apply_received,
        registers=(offer,),
        four_eyes=False,
        reversible=True,
        on_reverse=_require_not_accepted,
    ),
    Kind(OfferDeclined, apply=_apply_declined, registers=(offer_end,), four_eyes=False, reversible=True),
)
