"""Contributions in kind: goods, which the books recognise, and services, hosting and seconded staff, which
they disclose (IPSAS 47: services in kind may be disclosed without being recognised).

Each is valued at fair value on a stated basis, with evidence; without evidence it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, Row, select

from donors.agreement import get_agreement, get_open_agreement
from donors.contribution import require_not_taken_back
from donors.donor import CODE_PATTERN
from ledger import (
    NOW,
    Amount,
    Event,
    Evidence,
    Kind,
    Line,
    NotFound,
    Positive,
    Refused,
    dollars,
    find,
    known,
    learn,
    lines_of,
    register,
    require_new,
    text,
    usd,
    usd_value,
    whole,
)

ServiceForm = Literal["service", "hosting", "secondment"]
LossReason = Literal["damaged", "expired", "given-on", "lost"]
"""Why goods are written off; `given-on` is to others, without use for an activity of the fund."""


class _InKind(Event):
    """What a gift of goods and a gift of services have in common."""

    code: str = Field(pattern=CODE_PATTERN)
    agreement: str
    description: str = Field(min_length=1)
    value: Positive
    basis: str = Field(min_length=1)
    """How the fair value was found."""
    evidence: tuple[Evidence, ...]

    @property
    def key(self) -> str:
        return f"in kind:{self.code}"

    @model_validator(mode="after")
    def _proved(self) -> Self:
        if not self.evidence:
            raise ValueError("a value in kind needs evidence: attach the file that proves it")
        return self

    @property
    def worth(self) -> str:
        """Its value as an annex tells it."""
        return str(self.value)


class GoodsReceived(_InKind):
    """Goods arrive, for the fund's activities."""

    kind: ClassVar[str] = "goods received"


class ServiceReceived(_InKind):
    """A service is given, a meeting hosted, or staff seconded."""

    kind: ClassVar[str] = "service in kind received"

    form: ServiceForm
    months: int = Field(default=0, ge=0)
    """For seconded staff: how many months."""
    monthly: Amount | None = None
    """For seconded staff: what a month costs who seconds them."""

    @model_validator(mode="before")
    @classmethod
    def _valued(cls, told: Any) -> Any:
        """The value of a secondment need not be given: it is what its months cost."""
        if not isinstance(told, dict) or told.get("form") != "secondment" or told.get("value") is not None:
            return told
        months, monthly = told.get("months"), told.get("monthly")
        if not isinstance(months, int) or not isinstance(monthly, Amount):
            raise ValueError(_MONTHS_AND_COST)
        return told | {"value": _cost(monthly, months)}

    @model_validator(mode="after")
    def _months_at_their_cost(self) -> Self:
        if (self.form == "secondment") != bool(self.months and self.monthly):
            raise ValueError(_MONTHS_AND_COST)
        if self.monthly and self.value != _cost(self.monthly, self.months):
            raise ValueError(
                f"the value must be {self.months} months of {self.monthly}, and it is {self.value}"
            )
        return self

    @property
    def worth(self) -> str:
        """Its value as an annex tells it: of a secondment also the months and what each costs."""
        return f"{self.months} × {self.monthly} = {self.value}" if self.monthly else str(self.value)


_MONTHS_AND_COST = "a secondment, and nothing else, has months and a monthly cost: give both"


def _cost(monthly: Amount, months: int) -> Amount:
    return Amount(currency=monthly.currency, minor=monthly.minor * months)


class _GoodsTaken(Event):
    """Goods in kind, or a part of them, are held no more."""

    reference: str = Field(pattern=CODE_PATTERN)
    goods: str
    value: int = Field(gt=0)
    """USD cents, of the value at which the goods were recognised."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.reference}"


class GoodsUsed(_GoodsTaken):
    """Goods are used for an activity."""

    kind: ClassVar[str] = "goods used"

    activity: str = Field(min_length=1)


class GoodsWrittenOff(_GoodsTaken):
    """Goods are gone without having been used: nobody has them, or somebody for whom they were not given."""

    kind: ClassVar[str] = "goods written off"

    reason: LossReason
    evidence: tuple[Evidence, ...]

    @model_validator(mode="after")
    def _proved(self) -> Self:
        if not self.evidence:
            raise ValueError("a write-off of goods needs evidence: attach the file that proves it")
        return self


class GoodsReturned(_GoodsTaken):
    """Goods go back to the donor who gave them."""

    kind: ClassVar[str] = "goods returned"

    evidence: tuple[Evidence, ...] = ()


in_kind = register(
    "in_kind",
    text("code"),
    text("form"),
    text("agreement"),
    text("description"),
    text("basis"),
    text("received_on"),
    text("evidence"),
    named_as="goods",
)
goods_taken = register("goods_taken", text("goods"), whole("cents"))


@dataclass(frozen=True)
class InKindGift:
    """A contribution in kind as the books know it; its value stands in the lines of entry `seq`."""

    seq: int
    code: str
    form: str
    agreement: str
    description: str
    basis: str
    received_on: date
    evidence: tuple[str, ...]


def _read(row: Row[Any]) -> InKindGift:
    return InKindGift(
        row.seq,
        row.code,
        row.form,
        row.agreement,
        row.description,
        row.basis,
        date.fromisoformat(row.received_on),
        tuple(row.evidence.split()),
    )


def in_kind_gifts(
    books: Connection,
    *,
    agreements: list[str] | None = None,
    effective_to: date = date.max,
    known_at: int = NOW,
) -> list[InKindGift]:
    """Contributions in kind received by a date, in the order they arrived."""
    query = (
        select(in_kind)
        .where(known(in_kind, known_at), in_kind.c.received_on <= effective_to.isoformat())
        .order_by(in_kind.c.received_on, in_kind.c.seq)
    )
    if agreements is not None:
        query = query.where(in_kind.c.agreement.in_(agreements))
    return [_read(row) for row in books.execute(query)]


def get_in_kind(books: Connection, code: str, known_at: int = NOW) -> InKindGift:
    """The contribution in kind with this code; NotFound when the books have none, TakenBack when they had."""
    what = "contribution in kind"
    try:
        return _read(find(books, in_kind, what, code, known_at))
    except NotFound:
        require_not_taken_back(books, in_kind, [in_kind.c.code == code], f"{what} '{code}'", known_at)
        raise


def taken_from_goods(books: Connection, code: str, known_at: int = NOW) -> dict[int, int]:
    """The entries that used goods, wrote them off or returned them, with the USD cents that each took."""
    rows = books.execute(
        select(goods_taken.c.seq, goods_taken.c.cents).where(
            goods_taken.c.goods == code, known(goods_taken, known_at)
        )
    )
    return {row.seq: row.cents for row in rows}


def goods_left(books: Connection, goods: InKindGift) -> int:
    """What is neither used nor written off nor returned of goods, USD cents."""
    received = sum(line.usd for line in lines_of(books, goods.seq) if line.account == "1400")
    return received - sum(taken_from_goods(books, goods.code).values())


def _valued(event: _InKind, books: Connection) -> tuple[str, int]:
    """The term and the value in USD cents."""
    signed = get_agreement(books, event.agreement)
    signed.require_running(event.on, f"The contribution in kind {event.code}")
    value = usd_value(books, event.value.minor, event.value.currency, event.on)
    if not value:
        raise Refused(f"{event.value} is worth less than a cent of a US dollar: leave {event.code} out.")
    return signed.term, value


def _post_goods(event: GoodsReceived, books: Connection) -> list[Line]:
    term, value = _valued(event, books)
    marks = {"agreement": event.agreement}
    return [dollars("1400", term, value, **marks), dollars("2400", term, -value, **marks)]


def _post_service(event: ServiceReceived, books: Connection) -> list[Line]:
    term, value = _valued(event, books)
    marks = {"agreement": event.agreement}
    return [dollars("9300", term, value, **marks), dollars("9390", term, -value, **marks)]


def _post_taken(event: _GoodsTaken, books: Connection, account: str, activity: str = "") -> list[Line]:
    """Goods leave 1400 for the account that says what became of them."""
    goods = get_in_kind(books, event.goods)
    if goods.form != "goods":
        raise Refused(f"{goods.code} is a {goods.form}: only goods are held, services are disclosed.")
    if event.on < goods.received_on:
        raise Refused(f"The goods {goods.code} were received on {goods.received_on}, after {event.on}.")
    left = goods_left(books, goods)
    if event.value > left:
        raise Refused(f"Of the goods {goods.code} only {usd(left)} is left.")
    term = get_open_agreement(books, goods.agreement).term
    return [
        dollars(account, term, event.value, agreement=goods.agreement, activity=activity),
        dollars("1400", term, -event.value, agreement=goods.agreement),
    ]


def _post_use(event: GoodsUsed, books: Connection) -> list[Line]:
    return _post_taken(event, books, "3300", event.activity)


def _post_written_off(event: GoodsWrittenOff, books: Connection) -> list[Line]:
    return _post_taken(event, books, "3390")


def _post_returned(event: GoodsReturned, books: Connection) -> list[Line]:
    """What goes back was not used: the liability ends with the goods."""
    return _post_taken(event, books, "2400")


def _apply(books: Connection, seq: int, event: GoodsReceived | ServiceReceived) -> None:
    require_new(books, in_kind, "contribution in kind", event.code)
    learn(
        books,
        in_kind,
        seq,
        code=event.code,
        form=event.form if isinstance(event, ServiceReceived) else "goods",
        agreement=event.agreement,
        description=event.description,
        basis=f"{event.basis} ({event.worth})",
        received_on=event.on.isoformat(),
        evidence=" ".join(file.sha256 for file in event.evidence),
    )


def _apply_taken(books: Connection, seq: int, event: _GoodsTaken) -> None:
    learn(books, goods_taken, seq, goods=event.goods, cents=event.value)


KINDS = (
    Kind(GoodsReceived, post=_post_goods, apply=_apply, registers=(in_kind,), reversible=True),
    Kind(ServiceReceived, post=_post_service, apply=_apply, registers=(in_kind,), reversible=True),
    Kind(GoodsUsed, post=_post_use, apply=_apply_taken, registers=(goods_taken,), reversible=True),
    Kind(
        GoodsWrittenOff,
        post=_post_written_off,
        apply=_apply_taken,
        registers=(goods_taken,),
        reversible=True,
    ),
    Kind(GoodsReturned, post=_post_returned, apply=_apply_taken, registers=(goods_taken,), reversible=True),
)
