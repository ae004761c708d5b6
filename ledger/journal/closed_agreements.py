"""Closed agreements: no new lines under them, and no reversals of old ones.

A package above decides when an agreement may be closed. The register is here because the journal refuses
every line under a closed agreement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection, bindparam, select

from ledger.entry.canonical import Line
from ledger.errors import Refused
from ledger.projections.registers import NOW, as_known, read_once, register
from ledger.storage.long_lists import one_of
from ledger.storage.schema import Whole, text
from ledger.storage.unit_of_work import current_unit_of_work

closed_agreement = register("closed_agreement", text("code"), text("closed_on"))

# Built once: building a query costs as much as running it.
_KNOWN = as_known(closed_agreement, bindparam("known_at", type_=Whole))
_ALL = select(closed_agreement.c.code, closed_agreement.c.closed_on).where(_KNOWN)
_OF_CODES = _ALL.where(one_of(closed_agreement.c.code, bindparam("codes")))


def all_closed(books: Connection, known_at: int = NOW) -> dict[str, date]:
    """The closed agreements, each with the day on which it was closed."""
    rows = books.execute(_ALL, {"known_at": known_at})
    return {row.code: date.fromisoformat(row.closed_on) for row in rows}


def closed_among(books: Connection, codes: Collection[str], known_at: int = NOW) -> dict[str, date]:
    """Those of these agreements that are closed, each with the day on which it was closed."""
    if known_at == NOW and current_unit_of_work(books) is not None:
        closed = read_once(books, closed_agreement, "", lambda: all_closed(books))
        return {code: closed[code] for code in codes if code in closed}
    rows = books.execute(_OF_CODES, {"codes": list(codes), "known_at": known_at})
    return {row.code: date.fromisoformat(row.closed_on) for row in rows}


def require_open_agreements(books: Connection, lines: Iterable[Line]) -> None:
    """Refuse lines under an agreement that is closed."""
    codes = {line.agreement for line in lines if line.agreement}
    for code, closed_on in sorted(closed_among(books, codes).items()) if codes else ():
        raise is_closed(code, closed_on)


def is_closed(code: str, closed_on: date) -> Refused:
    """The refusal of a line under a closed agreement."""
    return Refused(
        "agreement-closed",
        "The agreement {code} was closed on {closed_on}: nothing is booked under it, unless its "
        "closing is reversed first.",
        code=code,
        closed_on=closed_on,
    )
