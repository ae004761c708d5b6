"""Context of statements: what the statements of all donors for a term share, computed once.

It is fixed at two clocks and never changes. Each part is read when the first statement needs it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from functools import cache, cached_property
from itertools import groupby

from sqlalchemy import Connection

from allocation import (
    Achievement,
    Activity,
    TermSums,
    activities_by_code,
    against_targets,
    results,
    results_of,
)
from donors import Pledge, Refund, conditions_met, open_pledges, owners, refunds
from ledger import ALLOCATED, ApplicableRate, AsOf, get_term, rates_on, terms_into
from reports.figures.figure import Seal, seal_of
from reports.figures.markers import MarkerTests, marker_shares, markers
from reports.fund.fund import build_fund_summary
from reports.fund.overview import FundSummary


class StatementContext:
    """Data of the whole fund for the statements of a term, at two clocks.

    Raises NotFound for an unknown term.
    """

    def __init__(self, books: Connection, term: str, as_of: AsOf) -> None:
        self.books = books
        self.term = term
        self.as_of = as_of
        self.starts_on = get_term(books, term, as_of.known_at).starts_on
        # Cached on this object, so that the caches end with it.
        self.shares = cache(self._shares)
        self.reported_results = cache(self._reported_results)
        self.rate = cache(self._rate)

    @cached_property
    def seal(self) -> Seal:
        """The state of the books."""
        return seal_of(self.books, self.as_of)

    @cached_property
    def fund(self) -> FundSummary:
        """The key figures of the fund."""
        return build_fund_summary(self.books, self.term, self.as_of)

    @cached_property
    def terms(self) -> list[str]:
        """The term, and those that were carried over to it."""
        return terms_into(self.books, self.term, self.as_of.known_at)

    @cached_property
    def activities(self) -> dict[str, Activity]:
        """The activities that money of the term can be on, by code."""
        return activities_by_code(self.books, self.term, self.as_of.known_at)

    @cached_property
    def allocated(self) -> Counter[str]:
        """USD cents allocated to each activity by all donors together."""
        sums = TermSums(self.books, self.as_of, self.term).by("activity", accounts=(ALLOCATED,))
        return Counter({activity: -cents for (activity,), cents in sums.items()})

    @cached_property
    def reached(self) -> dict[str, tuple[Achievement, ...]]:
        """Results against the targets of each activity."""
        until, known_at = self.as_of.effective_to, self.as_of.known_at
        reported_results = results(self.books, term=self.term, effective_to=until, known_at=known_at)
        found = against_targets(self.activities, self.allocated, reported_results)
        return {code: tuple(each) for code, each in groupby(found, lambda reached: reached.activity)}

    @cached_property
    def owned(self) -> dict[str, list[str]]:
        """The agreements of each donor, of any term and day of signature."""
        found: dict[str, list[str]] = defaultdict(list)
        for agreement, donor in owners(self.books, self.as_of.known_at).items():
            found[donor].append(agreement)
        return found

    @cached_property
    def pledges(self) -> dict[str, list[Pledge]]:
        """The open pledges of each donor for the term."""
        found: dict[str, list[Pledge]] = defaultdict(list)
        for pledge in open_pledges(self.books, self.as_of.effective_to, self.as_of.known_at):
            if pledge.term in self.terms:
                found[pledge.donor].append(pledge)
        return found

    @cached_property
    def refunds(self) -> dict[str, list[Refund]]:
        """The refunds of each agreement; those paid after the day count as unpaid."""
        found: dict[str, list[Refund]] = defaultdict(list)
        for each in refunds(self.books, known_at=self.as_of.known_at):
            late = each.paid_on is not None and each.paid_on > self.as_of.effective_to
            found[each.agreement].append(replace(each, paid_on=None, paid=None) if late else each)
        return found

    @cached_property
    def met(self) -> dict[tuple[str, int], date]:
        """The day on which the condition of each (agreement, instalment) was met."""
        return conditions_met(self.books, self.as_of.effective_to, self.as_of.known_at)

    @cached_property
    def tests(self) -> MarkerTests:
        """Tests of whether a city is in Africa, in a low-income or in a least developed country."""
        return markers(self.books, self.term, self.as_of)

    def _shares(self, code: str) -> tuple[int, int, int]:
        """The parts of an activity that reach Africa, low-income and least developed countries."""
        return marker_shares(self.activities[code], self.tests)

    def _rate(self, currency: str, on: date, known_at: int) -> ApplicableRate:
        """The exchange rate that applied to a currency on a day, as known at an entry."""
        (rate,) = rates_on(self.books, on, currency, known_at)
        return rate

    def _reported_results(self, code: str) -> tuple[str, ...]:
        """The results of an activity in the words of its partners."""
        return tuple(results_of(self.books, code, self.as_of.effective_to, self.as_of.known_at))
