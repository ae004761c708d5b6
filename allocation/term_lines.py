"""The lines of a term as reports read them: without the entries that settle its accounts.

A year end sets use against what is owed, and the close of a term takes everything off its accounts. Neither
changes what donors gave, what became of it and what is left, so a report of the term is drawn as though they
had not been: before and after, it says the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from allocation.term_close import TermClosed
from allocation.year_end import YearEnded
from ledger import AsOf, PostedLine, get_entry, posted


def lines_of_term(
    books: Connection,
    as_of: AsOf,
    term: str,
    *,
    accounts: Collection[str] = (),
    agreements: Collection[str] | None = None,
) -> Iterator[PostedLine]:
    """Lines of a term, what was carried over to it included; otherwise as `ledger.posted` gives them."""
    closes: dict[int, str] = {}
    for line in posted(books, as_of, accounts=accounts, agreements=agreements, term=term):
        if line.kind == YearEnded.kind:
            continue
        if line.kind == TermClosed.kind:
            told = line.reverses or line.entry
            if told not in closes:
                closes[told] = TermClosed.model_validate_json(get_entry(books, told).payload).term
            if closes[told] == term:
                continue
        yield line
