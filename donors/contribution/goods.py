"""Goods in kind that are no longer held: used for an activity, written off or returned to their donor."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, select

from donors.agreement.agreement import get_open_agreement
from donors.codes import CODE_PATTERN, ActivityField, GoodsField
from donors.contribution.in_kind import InKindGift, get_in_kind
from ledger import (
    GOODS_HELD,
    GOODS_USED,
    GOODS_WRITTEN_OFF,
    HELD_IN_KIND,
    NOW,
    Event,
    Evidence,
    Kind,
    Line,
    Refused,
    TextField,
    UsdCentsField,
    as_known,
    dollars,
    lines_of,
    project,
    register,
    text,
    usd,
    whole,
)

LossReason = Literal["damaged", "expired", "given-on", "lost"]
"""Why goods are written off; `given-on` means given to others without use for an activity of the fund."""


class _GoodsTaken(Event):
    """Goods in kind, or a part of them, are no longer held."""

    reference: TextField = Field(pattern=CODE_PATTERN)
    goods: GoodsField
    value: UsdCentsField = Field(gt=0)
    """USD cents of the value at which the goods were recognised."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.reference}"


class GoodsUsed(_GoodsTaken):
    """Goods are used for an activity."""

    kind: ClassVar[str] = "goods used"
    says: ClassVar[str] = "Goods worth {value} are used for the activity {activity}: {goods}."

    activity: ActivityField = Field(min_length=1)


class GoodsWrittenOff(_GoodsTaken):
    """Goods are lost, damaged, expired or given on without having been used for an activity."""

    kind: ClassVar[str] = "goods written off"
    says: ClassVar[str] = "Goods worth {value} are written off ({reason}): {goods}."

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
    says: ClassVar[str] = "Goods worth {value} go back to their donor: {goods}."

    evidence: tuple[Evidence, ...] = ()


goods_taken = register("goods_taken", text("goods"), whole("cents"))


def taken_from_goods(books: Connection, code: str, known_at: int = NOW) -> dict[int, int]:
    """USD cents taken from goods by each entry that used, wrote off or returned a part of them."""
    rows = books.execute(
        select(goods_taken.c.seq, goods_taken.c.cents).where(
            goods_taken.c.goods == code, as_known(goods_taken, known_at)
        )
    )
    return {row.seq: row.cents for row in rows}


def goods_left(books: Connection, goods: InKindGift) -> int:
    """The value of goods that are neither used nor written off nor returned, USD cents."""
    received = sum(line.usd for line in lines_of(books, goods.seq) if line.account == GOODS_HELD)
    return received - sum(taken_from_goods(books, goods.code).values())


def _post_taken(event: _GoodsTaken, books: Connection, account: str, activity: str = "") -> list[Line]:
    """The lines that move a value of goods from account 1400 to `account`; Refused if less is left."""
    goods = get_in_kind(books, event.goods)
    if goods.form != "goods":
        raise Refused(
            "in-kind-not-goods",
            "{code} is a {form}: only goods are held, services are disclosed.",
            code=goods.code,
            form=goods.form,
        )
    if event.on < goods.received_on:
        raise Refused(
            "goods-not-yet-received",
            "The goods {code} were received on {received_on}, after {on}.",
            code=goods.code,
            received_on=goods.received_on,
            on=event.on,
        )
    left = goods_left(books, goods)
    if event.value > left:
        raise Refused(
            "goods-not-left",
            "Of the goods {code} only {left} is left.",
            code=goods.code,
            left=usd(left),
        )
    term = get_open_agreement(books, goods.agreement).term
    return [
        dollars(account, term, event.value, agreement=goods.agreement, activity=activity),
        dollars(GOODS_HELD, term, -event.value, agreement=goods.agreement),
    ]


def _post_use(event: GoodsUsed, books: Connection) -> list[Line]:
    return _post_taken(event, books, GOODS_USED, event.activity)


def _post_written_off(event: GoodsWrittenOff, books: Connection) -> list[Line]:
    return _post_taken(event, books, GOODS_WRITTEN_OFF)


def _post_returned(event: GoodsReturned, books: Connection) -> list[Line]:
    """Returned goods were not used, so the liability ends with them."""
    return _post_taken(event, books, HELD_IN_KIND)


def _apply(books: Connection, seq: int, event: _GoodsTaken) -> None:
    project(books, goods_taken, seq, goods=event.goods, cents=event.value)


KINDS = (
    Kind(GoodsUsed, post=_post_use, apply=_apply, registers=(goods_taken,), reversible=True),
    Kind(
        GoodsWrittenOff,
        post=_post_written_off,
        apply=_apply,
        registers=(goods_taken,),
        reversible=True,
    ),
    Kind(GoodsReturned, post=_post_returned, apply=_apply, registers=(goods_taken,), reversible=True),
)
