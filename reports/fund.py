"""The whole fund, over all donors: what it was given, what became of it, how far it is to its target."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from allocation import TermClosed, activities_by_code, lines_of_term
from donors import GoodsReceived, agreements, donors
from ledger import AsOf, PostedLine, get_term, head_at
from reports.figures import ARRIVALS, USE, allocated, available, credit, debit, of_kind, on
from reports.overview import ActivityUse, Overview, Source
from reports.statement import FundSummary, Seal

WHOLE = 10_000


def seal_of(books: Connection, as_of: AsOf) -> Seal:
    """The state of the books that a report speaks of, with the hash that pins it."""
    return Seal(as_of.effective_to, as_of.known_at, head_at(books, as_of.known_at).hash)


def fund_summary(books: Connection, term: str, as_of: AsOf) -> FundSummary:
    """The fund in short; all amounts USD cents."""
    lines = list(lines_of_term(books, as_of, term))
    received = of_kind(on(lines, "2200"), *ARRIVALS)
    brought = credit(of_kind(on(lines, "2200", "2300"), TermClosed.kind)).cents
    total = credit(received).cents
    used = debit(on(lines, *USE)).cents
    target = get_term(books, term, as_of.known_at).target
    givers = _by_donor(books, received, as_of)
    types = {donor.code: donor.type for donor in donors(books, as_of.known_at)}
    by_type: Counter[str] = Counter()
    for code, cents in givers.items():
        by_type[types[code]] += cents
    return FundSummary(
        term=term,
        target=target,
        pledged=debit(on(lines, "9100")).cents,
        receivable=debit(on(lines, "1200")).cents,
        received=total,
        in_kind=credit(of_kind(on(lines, "2400"), GoodsReceived.kind)).cents + debit(on(lines, "9300")).cents,
        allocated=allocated(lines).cents,
        used=used,
        committed=debit(on(lines, "9200")).cents,
        available=available(lines).cents,
        progress=total * WHOLE // target,
        delivery_rate=used * WHOLE // (total + brought) if total + brought else 0,
        by_donor_type=tuple(sorted(by_type.items())),
        donors=len(givers),
    )


def _by_donor(books: Connection, received: list[PostedLine], as_of: AsOf) -> dict[str, int]:
    """USD cents received from each donor that gave."""
    owner = {each.code: each.donor for each in agreements(books, known_at=as_of.known_at)}
    given: Counter[str] = Counter()
    for line in received:
        # A contribution that was taken back left no agreement when it was a gift; its two lines are nothing.
        if line.agreement in owner:
            given[owner[line.agreement]] -= line.usd
    return {code: cents for code, cents in sorted(given.items()) if cents}


def draw_overview(books: Connection, term: str, as_of: AsOf, language: str) -> Overview:
    """The fund's term in one language: sources by donor, uses by activity."""
    lines = list(lines_of_term(books, as_of, term))
    names = {donor.code: donor for donor in donors(books, as_of.known_at)}
    given = _by_donor(books, of_kind(on(lines, "2200"), *ARRIVALS), as_of)
    used: Counter[str] = Counter()
    for line in on(lines, *USE):
        used[line.activity] += line.usd
    found = activities_by_code(books, term, as_of.known_at)
    titles = {code: activity.titles[language] for code, activity in found.items()}
    return Overview(
        fund=fund_summary(books, term, as_of),
        seal=seal_of(books, as_of),
        language=language,
        sources=tuple(Source(names[code].name, names[code].type, cents) for code, cents in given.items()),
        uses=tuple(
            ActivityUse(code, titles.get(code, ""), cents) for code, cents in sorted(used.items()) if cents
        ),
    )
