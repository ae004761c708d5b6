"""Contributions in kind: goods, and services such as hosting and seconded staff.

Goods are recognised in the books; services are only disclosed (IPSAS 47: services in kind may be disclosed
without being recognised). Each has its fair value on a stated basis, with evidence; without evidence it is
refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, Row, select

from donors.agreement.agreement import get_agreement
from donors.codes import CODE_PATTERN, AgreementField
from donors.contribution.contribution import require_not_taken_back
from ledger import (
    GOODS_HELD,
    HELD_IN_KIND,
    NOW,
    SERVICES_IN_KIND,
    SERVICES_IN_KIND_CONTRA,
    Amount,
    Event,
    Evidence,
    Kind,
    Known,
    Labelled,
    Line,
    MonthsField,
    NotFound,
    Positive,
    Refused,
    TextField,
    as_known,
    dollars,
    find,
    one_of,
    project,
    register,
    require_new,
    text,
    usd_value,
)

ServiceForm = Literal["service", "hosting", "secondment"]


class _InKind(Event):
    """The common fields of goods and services in kind."""

    code: TextField = Field(pattern=CODE_PATTERN)
    agreement: AgreementField
    description: TextField = Field(min_length=1)
    value: Positive
    basis: TextField = Field(min_length=1)
    """How the fair value was determined."""
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
        """Its value as text for the annex of a statement."""
        return str(self.value)


class GoodsReceived(_InKind):
    """Goods arrive, for the fund's activities."""

    kind: ClassVar[str] = "goods received"
    says: ClassVar[str] = "Goods worth {value} arrive under the agreement {agreement}: {description}."


class ServiceReceived(_InKind):
    """A service is given, a meeting hosted, or staff seconded."""

    kind: ClassVar[str] = "service in kind received"
    says: ClassVar[str] = (
        "A contribution in kind worth {value} is given under agreement {agreement}: {description} ({form})."
    )

    form: ServiceForm
    months: MonthsField = Field(default=0, ge=0)
    """For seconded staff: the number of months."""
    monthly: Annotated[Amount | None, Labelled("cost a month")] = None
    """For seconded staff: their cost per month to who seconds them."""

    @model_validator(mode="before")
    @classmethod
    def _valued(cls, data: Any) -> Any:
        """Fill in the value of a secondment that has none: its months times the monthly cost."""
        if not isinstance(data, dict) or data.get("form") != "secondment" or data.get("value") is not None:
            return data
        months, monthly = data.get("months"), data.get("monthly")
        if not isinstance(months, int) or not isinstance(monthly, Amount):
            raise ValueError(_MONTHS_AND_COST)
        return data | {"value": _cost(monthly, months)}

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
        """Its value as text for the annex of a statement; for a secondment with months and monthly cost."""
        return f"{self.months} × {self.monthly} = {self.value}" if self.monthly else str(self.value)


_MONTHS_AND_COST = "a secondment, and nothing else, has months and a monthly cost: give both"


def _cost(monthly: Amount, months: int) -> Amount:
    return Amount(currency=monthly.currency, minor=monthly.minor * months)


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


@dataclass(frozen=True)
class InKindGift:
    """A contribution in kind as the books know it; its value is in the lines of entry `seq`."""

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
    """Contributions in kind received by a day, in the order of arrival."""
    query = (
        select(in_kind)
        .where(as_known(in_kind, known_at), in_kind.c.received_on <= effective_to.isoformat())
        .order_by(in_kind.c.received_on, in_kind.c.seq)
    )
    if agreements is not None:
        query = query.where(one_of(in_kind.c.agreement, agreements))
    return [_read(row) for row in books.execute(query)]


def get_in_kind(books: Connection, code: str, known_at: int = NOW) -> InKindGift:
    """The contribution in kind with this code; NotFound if there is none, TakenBack if it was reversed."""
    what = "contribution in kind"
    try:
        return _read(find(books, in_kind, what, code, known_at))
    except NotFound:
        require_not_taken_back(books, in_kind, [in_kind.c.code == code], f"{what} '{code}'", known_at)
        raise


def _valued(event: _InKind, books: Connection) -> tuple[str, int]:
    """The term, and the value in USD cents; Refused if the agreement does not run or the value is zero."""
    signed = get_agreement(books, event.agreement)
    signed.require_running(event.on, f"The contribution in kind {event.code}")
    value = usd_value(books, event.value.minor, event.value.currency, event.on)
    if not value:
        raise Refused(
            "in-kind-worth-nothing",
            "{value} is worth less than a cent of a US dollar: leave {code} out.",
            value=event.value,
            code=event.code,
        )
    return signed.term, value


def _post_goods(event: GoodsReceived, books: Connection) -> list[Line]:
    term, value = _valued(event, books)
    marks = {"agreement": event.agreement}
    return [dollars(GOODS_HELD, term, value, **marks), dollars(HELD_IN_KIND, term, -value, **marks)]


def _post_service(event: ServiceReceived, books: Connection) -> list[Line]:
    term, value = _valued(event, books)
    marks = {"agreement": event.agreement}
    return [
        dollars(SERVICES_IN_KIND, term, value, **marks),
        dollars(SERVICES_IN_KIND_CONTRA, term, -value, **marks),
    ]


def _apply(books: Connection, seq: int, event: GoodsReceived | ServiceReceived) -> None:
    require_new(books, in_kind, "contribution in kind", event.code)
    project(
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


def _named(books: Connection, code: str, _term: str) -> Known:
    gift = get_in_kind(books, code)
    return Known(f"{gift.description} ({code})", term=get_agreement(books, gift.agreement).term)


KINDS = (
    Kind(
        GoodsReceived,
        post=_post_goods,
        apply=_apply,
        registers=(in_kind,),
        reversible=True,
        names={"goods": _named},
    ),
    Kind(ServiceReceived, post=_post_service, apply=_apply, registers=(in_kind,), reversible=True),
)
