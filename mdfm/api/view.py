"""The books as of two clocks: effective to a day, and known at an entry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from allocation import (
    Achievement,
    Activity,
    Execution,
    Grant,
    News,
    Result,
    View,
    achievements,
    activities,
    execution,
    grants,
    news_of,
    results,
)
from donors import (
    Agreement,
    BankAccount,
    Contribution,
    Donor,
    Due,
    InKindGift,
    Offer,
    Pledge,
    agreements,
    bank_accounts,
    contributions,
    donors,
    dues,
    get_agreement,
    get_donor,
    in_kind_gifts,
    offers,
    open_pledges,
)
from ledger import (
    AccountTotal,
    ApplicableRate,
    AsOf,
    Book,
    PostedLine,
    entries,
    get_entry,
    lines_of,
    posted,
    rates_on,
    trial_balance,
)
from mdfm.api.filters import require_known
from mdfm.api.recording import RecordedEntry


@dataclass(frozen=True)
class BooksAsOf:
    """What the books knew at an entry, effective to a day. Each call reads; the answers never change.

    Lists are ordered by code or by date. NotFound for a code that the books did not have then.
    """

    _book: Book
    as_of: AsOf
    """The two clocks: `effective_to` and `known_at`."""

    @property
    def _clocks(self) -> tuple[date, int]:
        return self.as_of.effective_to, self.as_of.known_at

    def donors(self) -> list[Donor]:
        """The donors."""
        with self._book.reading() as books:
            return donors(books, self.as_of.known_at)

    def donor(self, code: str) -> Donor:
        """A donor."""
        with self._book.reading() as books:
            return get_donor(books, code, self.as_of.known_at)

    def agreements(self, *, donor: str | None = None, term: str | None = None) -> list[Agreement]:
        """The agreements, and the gifts that came without one."""
        to, known_at = self._clocks
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, donor=donor, term=term)
            return agreements(books, donor=donor, term=term, effective_to=to, known_at=known_at)

    def agreement(self, code: str) -> Agreement:
        """An agreement, whatever day it takes effect."""
        with self._book.reading() as books:
            return get_agreement(books, code, self.as_of.known_at)

    def dues(self, *, donor: str | None = None, term: str | None = None, within: int = 30) -> list[Due]:
        """The instalments of agreements, and their state with so many days ahead."""
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, donor=donor, term=term)
            return dues(books, self.as_of, donor=donor, term=term, within=within)

    def contributions(self, *, agreement: str | None = None) -> list[Contribution]:
        """The contributions in money."""
        only = None if agreement is None else [agreement]
        to, known_at = self._clocks
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, agreement=agreement)
            return contributions(books, agreements=only, effective_to=to, known_at=known_at)

    def in_kind(self, *, agreement: str | None = None) -> list[InKindGift]:
        """The contributions in kind."""
        only = None if agreement is None else [agreement]
        to, known_at = self._clocks
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, agreement=agreement)
            return in_kind_gifts(books, agreements=only, effective_to=to, known_at=known_at)

    def pledges(self) -> list[Pledge]:
        """The open pledges."""
        with self._book.reading() as books:
            return open_pledges(books, *self._clocks)

    def offers(self, *, term: str | None = None) -> list[Offer]:
        """The offers, whatever became of them."""
        to, known_at = self._clocks
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, term=term)
            return offers(books, term=term, effective_to=to, known_at=known_at)

    def bank_accounts(self) -> list[BankAccount]:
        """The bank accounts; `balances` has what is on them, account Cash at bank."""
        with self._book.reading() as books:
            return bank_accounts(books, self.as_of.known_at)

    def rates(self, currency: str = "") -> list[ApplicableRate]:
        """The rates of exchange that apply on the day, in units of the currency for one US dollar."""
        with self._book.reading() as books:
            return rates_on(books, self.as_of.effective_to, currency, self.as_of.known_at)

    def trial_balance(self, term: str | None = None) -> list[AccountTotal]:
        """Every account with its total: minor units of each currency and USD cents, debit positive."""
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, term=term)
            return trial_balance(books, self.as_of, term)

    def lines(
        self, *, accounts: Collection[str] = (), agreements: Collection[str] | None = None, **dimensions: str
    ) -> list[PostedLine]:
        """The lines of the journal, of some accounts, agreements or other dimensions (`term`, `activity`)."""
        with self._book.reading() as books:
            return list(posted(books, self.as_of, accounts=accounts, agreements=agreements, **dimensions))

    def activities(self, term: str) -> list[Activity]:
        """The programme of a term: the activities that can be funded."""
        with self._book.reading() as books:
            return activities(books, term, self.as_of.known_at)

    def allocations(self, term: str, by: View = "activity") -> Execution:
        """Planned, committed, used and left in USD cents, by `activity`, `cluster` or `region`."""
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, term=term)
            return execution(books, term, self.as_of, by)

    def grants(self, term: str | None = None) -> list[Grant]:
        """The grants to partners."""
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, term=term)
            return grants(books, term, self.as_of.known_at)

    def results(
        self, *, term: str | None = None, activity: str | None = None, grant: str | None = None
    ) -> list[Result]:
        """The results that grants reported, report by report."""
        to, known_at = self._clocks
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, term=term, activity=activity, grant=grant)
            return results(
                books, term=term, activity=activity, grant=grant, effective_to=to, known_at=known_at
            )

    def achievements(self, term: str) -> list[Achievement]:
        """The results of a term beside the targets of what is funded, by activity."""
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, term=term)
            return achievements(books, term, self.as_of)

    def news(self, term: str, *, cluster: str | None = None) -> list[News]:
        """The news that clusters sent."""
        to, known_at = self._clocks
        with self._book.reading() as books:
            require_known(books, self.as_of.known_at, term=term, cluster=cluster)
            return news_of(books, term, cluster=cluster, effective_to=to, known_at=known_at)

    def entries(self, *, first: int = 1, last: int | None = None) -> list[RecordedEntry]:
        """The entries from one number to another, with their lines; the last one known if None."""
        known_at = self.as_of.known_at
        ends = known_at if last is None else min(last, known_at)
        day = self.as_of.effective_to.isoformat()
        with self._book.reading() as books:
            return [
                RecordedEntry(sealed, lines)
                for sealed, lines in entries(books, first, ends)
                if sealed.effective_on <= day
            ]

    def entry(self, number: int) -> RecordedEntry:
        """An entry with its lines."""
        with self._book.reading() as books:
            return RecordedEntry(get_entry(books, number), lines_of(books, number))
