"""Contributions in kind as reports list them: goods with what is used of them, and services disclosed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection

from donors import in_kind_gifts, uses_of_goods
from ledger import AsOf, PostedLine, posted
from reports.figures import credit, debit, on
from reports.statement import InKind


def in_kind_of(
    books: Connection, as_of: AsOf, term: str, agreements: Collection[str], lines: Iterable[PostedLine]
) -> Iterator[InKind]:
    """What was given in kind under agreements in a term, or earlier and used in it, in order of arrival.

    `lines` are those of the agreements in the term.
    """
    codes, uses_of_term = list(agreements), on(lines, "3300")
    gifts = in_kind_gifts(books, agreements=codes, effective_to=as_of.effective_to, known_at=as_of.known_at)
    values = list(posted(books, as_of, accounts=("2400", "9300"), agreements=codes)) if gifts else []
    for gift in gifts:
        value = [line for line in values if line.entry == gift.seq]
        entries = set(uses_of_goods(books, gift.code, as_of.known_at))
        used = [line for line in uses_of_term if line.entry in entries]
        if not used and not any(line.term == term for line in value):
            continue  # a gift of an earlier term, of which nothing was used in this one
        yield InKind(
            form=gift.form,
            code=gift.code,
            agreement=gift.agreement,
            description=gift.description,
            on=gift.received_on,
            basis=gift.basis,
            evidence=gift.evidence,
            usd=credit(value) if gift.form == "goods" else debit(value),
            used=debit(used),
        )
