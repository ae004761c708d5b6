"""Contributions in kind as reports list them: goods with what became of them, and services disclosed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from donors import in_kind_gifts, taken_from_goods
from ledger import AsOf, posted, terms_into
from reports.figures import credit, debit, grouped, on
from reports.statement import InKind


def in_kind_of(books: Connection, as_of: AsOf, term: str, agreements: Collection[str]) -> Iterator[InKind]:
    """What was given in kind under agreements in a term, and goods carried over to it, as they arrived."""
    codes = list(agreements)
    gifts = in_kind_gifts(books, agreements=codes, effective_to=as_of.effective_to, known_at=as_of.known_at)
    if not gifts:
        return
    chain = terms_into(books, term, as_of.known_at)
    moved = posted(books, as_of, accounts=("2400", "33", "9300"), agreements=codes)
    by_entry = grouped((line for line in moved if line.term in chain), lambda line: line.entry)
    for gift in gifts:
        value = by_entry.get(gift.seq, [])
        entries = taken_from_goods(books, gift.code, as_of.known_at)
        taken = [line for entry in entries for line in by_entry.get(entry, [])]
        now = [line for line in taken if line.term == term]
        given = InKind(
            form=gift.form,
            code=gift.code,
            agreement=gift.agreement,
            description=gift.description,
            on=gift.received_on,
            basis=gift.basis,
            evidence=gift.evidence,
            usd=credit(value) if gift.form == "goods" else debit(value),
            before=debit(line for line in taken if line.term != term),
            used=debit(on(now, "3300")),
            written_off=debit(on(now, "3390")),
            returned=debit(on(now, "2400")),
        )
        carried_over = gift.form == "goods" and given.held.cents
        if carried_over or any(line.term == term for line in value):
            yield given
