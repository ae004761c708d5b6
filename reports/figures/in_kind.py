"""Contributions in kind as reports list them: goods with their use, and services that are disclosed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from donors import in_kind_gifts, taken_from_goods
from ledger import (
    GOODS_USED,
    GOODS_WRITTEN_OFF,
    HELD_IN_KIND,
    SERVICES_IN_KIND,
    USE_IN_KIND,
    AsOf,
    posted,
    terms_into,
)
from reports.figures.figure import Figure
from reports.figures.figures import credit, debit, grouped, on


def in_kind_of(
    books: Connection, as_of: AsOf, term: str, agreements: Collection[str]
) -> Iterator[InKindItem]:
    """The contributions in kind under agreements in a term, and goods carried over to it, by arrival."""
    codes = list(agreements)
    gifts = in_kind_gifts(books, agreements=codes, effective_to=as_of.effective_to, known_at=as_of.known_at)
    if not gifts:
        return
    chain = terms_into(books, term, as_of.known_at)
    moved = posted(books, as_of, accounts=(HELD_IN_KIND, USE_IN_KIND, SERVICES_IN_KIND), agreements=codes)
    by_entry = grouped((line for line in moved if line.term in chain), lambda line: line.entry)
    for gift in gifts:
        value = by_entry.get(gift.seq, [])
        entries = taken_from_goods(books, gift.code, as_of.known_at)
        taken = [line for entry in entries for line in by_entry.get(entry, [])]
        now = [line for line in taken if line.term == term]
        given = InKindItem(
            form=gift.form,
            code=gift.code,
            agreement=gift.agreement,
            description=gift.description,
            on=gift.received_on,
            basis=gift.basis,
            evidence=gift.evidence,
            usd=credit(value) if gift.form == "goods" else debit(value),
            before=debit(line for line in taken if line.term != term),
            used=debit(on(now, GOODS_USED)),
            written_off=debit(on(now, GOODS_WRITTEN_OFF)),
            returned=debit(on(now, HELD_IN_KIND)),
        )
        carried_over = gift.form == "goods" and given.held.cents
        if carried_over or any(line.term == term for line in value):
            yield given


@dataclass(frozen=True)
class InKindItem:
    """Goods recognised, or a service, hosting or secondment disclosed."""

    form: str
    """`goods`, `service`, `hosting` or `secondment`."""
    code: str
    agreement: str
    description: str
    on: date
    basis: str
    """How the value was determined."""
    evidence: tuple[str, ...]
    """SHA-256 of each evidence file."""
    usd: Figure
    """The value when it was received."""
    before: Figure
    """Goods only, as are all fields below: the part of the value that was gone before the term began."""
    used: Figure
    written_off: Figure
    returned: Figure
    """To the donor."""

    @property
    def held(self) -> Figure:
        """The value received in the term or carried over to it."""
        return Figure(self.usd.cents - self.before.cents, (*self.usd.lines, *self.before.lines))

    @property
    def left(self) -> Figure:
        """The value that is still there."""
        taken = (self.used, self.written_off, self.returned)
        cents = self.held.cents - sum(each.cents for each in taken)
        return Figure(cents, (*self.held.lines, *(line for each in taken for line in each.lines)))

    @property
    def became(self) -> tuple[Figure, Figure, Figure, Figure]:
        """Used, written off, returned and left; together they are what was held."""
        return self.used, self.written_off, self.returned, self.left
