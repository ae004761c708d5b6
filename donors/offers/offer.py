"""Offers: what a city or another donor states it can contribute; not binding until an agreement accepts it.

They come from the questionnaire to member cities, which has six items (draft strategy 2019-2021, annex): a
thematic experts' meeting, a small-scale learning and exchange, a capacity-building workshop, research and
case studies, a financial contribution to the MDFM, and other things.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, Row, Select, and_, select

from donors.codes import CODE_PATTERN, ActivityField, DonorField, OfferField
from donors.donor.donor import get_donor
from ledger import (
    NOW,
    Amount,
    Event,
    Evidence,
    Kind,
    Known,
    NotNegative,
    Refused,
    Repeatable,
    TermField,
    TextField,
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
    """A donor states what it can contribute; `on` is the day of the answer."""

    kind: ClassVar[str] = "offer received"

    code: TextField = Field(pattern=CODE_PATTERN)
    donor: DonorField
    term: TermField
    item: Item
    description: TextField = Field(min_length=1, max_length=1000)
    value: NotNegative
    """The donor's estimate of its value; zero if it gives none."""
    activity: ActivityField = ""
    """The activity of the programme of which it could cover a part; empty if not decided."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def sentence(self) -> str:
        if not self.value.minor:
            return "{donor} makes the offer {code}, without a value: {description}."
        return "{donor} makes the offer {code}, worth {value} by its estimate: {description}."

    @property
    def key(self) -> str:
        return f"offer:{self.code}"

    @model_validator(mode="after")
    def _worth_something(self) -> Self:
        if self.item == "financial" and not self.value.minor:
            raise ValueError("an offer of money needs its amount")
        return self


class OfferDeclined(Repeatable):
    """An offer is declined."""

    kind: ClassVar[str] = "offer declined"
    says: ClassVar[str] = "The offer {offer} is declined."

    offer: OfferField
    reason: TextField = Field(min_length=1)

    @property
    def first_key(self) -> str:
        return f"offer declined:{self.offer}"

    @property
    def claims(self) -> tuple[str, ...]:
        return self.key, f"offer ended:{self.offer}"


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
    """The agreement that accepted it; empty if none has."""


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
    """A query for the offers made by a day, each with its end by then, if any."""
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
    """Offers made by a day, with their status on it, ordered by code; only those of a term, if named."""
    query = _with_ends(effective_to, known_at)
    if term is not None:
        query = query.where(offer.c.term == term)
    return [_read(row) for row in books.execute(query)]


def get_offer(books: Connection, code: str) -> Offer:
    """The offer with this code; NotFound if there is none."""
    find(books, offer, "offer", code)
    return _read(books.execute(_with_ends(date.max, NOW).where(offer.c.code == code)).one())


def get_open_offer(books: Connection, code: str) -> Offer:
    """The offer with this code; NotFound if there is none, Refused if it was accepted or declined."""
    found = get_offer(books, code)
    if found.status != "open":
        raise Refused(
            "offer-ended",
            "The offer {code} was {status} already: if that is wrong, reverse that entry first.",
            code=code,
            status=found.status,
        )
    return found


def end_offer(books: Connection, seq: int, code: str, on: date, how: str, agreement: str = "") -> None:
    """Add to the register that an offer is no longer open; `how` is `accepted` or `declined`."""
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
    """Refuse the reversal of an offer that an agreement accepts."""
    accepted = select(offer_end.c.agreement).where(offer_end.c.offer == event.code, as_known(offer_end))
    agreement = books.execute(accepted).scalar()
    if agreement:
        raise Refused(
            "offer-accepted-by-agreement",
            "The offer {code} cannot be reversed while the agreement {agreement} accepts it: reverse "
            "that one first.",
            code=event.code,
            agreement=agreement,
        )


def _named(books: Connection, code: str, _term: str) -> Known:
    row = find(books, offer, "offer", code)
    return Known(f"{code} of {get_donor(books, row.donor).name}", row.currency, row.term)


KINDS = (
    Kind(
        OfferReceived,
        names={"offer": _named},
        apply=_apply_received,
        registers=(offer,),
        four_eyes=False,
        reversible=True,
        on_reverse=_require_not_accepted,
    ),
    Kind(OfferDeclined, apply=_apply_declined, registers=(offer_end,), four_eyes=False, reversible=True),
)
