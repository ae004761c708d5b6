"""The lines of a term for reports: without the entries that settle its accounts.

A year end sets use against the liability to donors, and the close of a term clears its accounts. Neither
changes what donors gave, what was done with it and what is left, so reports of the term leave these entries
out: before and after them, a report shows the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, select

from allocation.term.term_close import TermClosed
from allocation.term.year_end import YearEnded
from ledger import (
    OWED_TO_DONORS,
    AsOf,
    PostedLine,
    closed_term,
    posted,
    posted_sums,
    read_event,
    trial_balance,
)


def lines_of_term(
    books: Connection,
    as_of: AsOf,
    term: str,
    *,
    accounts: Collection[str] = (),
    agreements: Collection[str] | None = None,
) -> Iterator[PostedLine]:
    """Lines of a term, including what was carried over to it; otherwise as `ledger.posted` gives them."""
    closes: dict[int, str] = {}
    for line in posted(books, as_of, accounts=accounts, agreements=agreements, term=term):
        if line.kind == YearEnded.kind:
            continue
        if line.kind == TermClosed.kind:
            close = line.reverses or line.entry
            if close not in closes:
                closes[close] = read_event(books, close, TermClosed).term
            if closes[close] == term:
                continue
        yield line


class TermSums:
    """Sums of `lines_of_term` in USD cents, debit positive, without reading the lines one by one."""

    def __init__(self, books: Connection, as_of: AsOf, term: str) -> None:
        self._books = books
        self._as_of = as_of
        self._term = term
        self._settling = self._settled_by()

    def _settled_by(self) -> set[int]:
        """The entries that settle the term's accounts, and their reversals."""
        # A year end has a line on what is owed, where lines are few, for each that it has on what was used.
        years = posted_sums(
            self._books,
            self._as_of,
            ("entry",),
            accounts=OWED_TO_DONORS,
            kinds=(YearEnded.kind,),
            term=self._term,
        )
        closes = self._books.execute(
            select(closed_term.c.seq, closed_term.c.reversed_by).where(closed_term.c.code == self._term)
        )
        return {seq for (seq,) in years} | {seq for row in closes for seq in row if seq}

    def on_accounts(self) -> Counter[str]:
        """Of every account, from the register of monthly movements."""
        totals: Counter[str] = Counter()
        for row in trial_balance(self._books, self._as_of, self._term):
            totals[row.account] += row.usd
        settled = posted_sums(self._books, self._as_of, ("account",), entries=self._settling, term=self._term)
        for (account,), cents in settled.items():
            totals[account] -= cents
        return totals

    def by(self, *fields: str, accounts: Collection[str], **dimensions: str) -> dict[tuple[Any, ...], int]:
        """By fields of a PostedLine, e.g. `by("kind", "activity", accounts=("2300",))`."""

        def summed(entries: Collection[int] | None) -> dict[tuple[Any, ...], int]:
            return posted_sums(
                self._books,
                self._as_of,
                fields,
                accounts=accounts,
                entries=entries,
                term=self._term,
                **dimensions,
            )

        sums, settled = summed(None), summed(self._settling) if self._settling else {}
        return {key: cents - settled.get(key, 0) for key, cents in sums.items()}
