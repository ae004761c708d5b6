"""Figures of the whole fund: what it received, how it was used, and the progress to its target."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from allocation import TermClosed, TermSums, activities_by_code
from donors import GoodsReceived, donors, owners
from ledger import (
    ALLOCATED,
    AVAILABLE,
    CHART,
    COMMITMENTS,
    HELD_IN_KIND,
    OWED_TO_DONORS,
    PLEDGES,
    RECEIVABLE,
    SERVICES_IN_KIND,
    USE_OF_MONEY,
    AsOf,
    get_term,
)
from reports.figures.figure import seal_of
from reports.figures.figures import ARRIVALS
from reports.fund.overview import ActivityUse, DonorTotal, FundSummary, Overview
from reports.words.percentages import part_of

NO_DONOR = {"": ""}
"""The empty code, for reversed gifts whose donor is no longer known; it belongs to no group."""
_WITHOUT_ACTIVITY = [
    code
    for code, account in CHART.items()
    if code.startswith(USE_OF_MONEY) and "activity" not in account.requires
]
"""The accounts of use on which a line needs no activity."""


def build_fund_summary(books: Connection, term: str, as_of: AsOf) -> FundSummary:
    """The key figures of the fund; all amounts in USD cents."""
    sums = TermSums(books, as_of, term)
    accounts = sums.on_accounts()
    of_kinds = Counter(sums.by("account", "kind", accounts=OWED_TO_DONORS))
    received = -sum(of_kinds[AVAILABLE, kind] for kind in ARRIVALS)
    brought = -sum(of_kinds[account, TermClosed.kind] for account in (AVAILABLE, ALLOCATED))
    used = sum(cents for account, cents in accounts.items() if account.startswith(USE_OF_MONEY))
    # Bank charges are use without an activity: they reduce what is available.
    without_activity = sum(sums.by("account", accounts=_WITHOUT_ACTIVITY, activity="").values())
    target = get_term(books, term, as_of.known_at).target
    givers = _givers(books, sums, as_of)
    types = {donor.code: donor.type for donor in donors(books, as_of.known_at)} | NO_DONOR
    by_type: Counter[str] = Counter()
    for code, cents in givers.items():
        by_type[types[code]] += cents
    return FundSummary(
        term=term,
        target=target,
        pledged=accounts[PLEDGES],
        receivable=accounts[RECEIVABLE],
        received=received,
        in_kind=accounts[SERVICES_IN_KIND] - of_kinds[HELD_IN_KIND, GoodsReceived.kind],
        allocated=-accounts[ALLOCATED] - (used - without_activity),
        used=used,
        committed=accounts[COMMITMENTS],
        available=-accounts[AVAILABLE] - without_activity,
        progress=part_of(received, target),
        delivery_rate=part_of(used, received + brought),
        by_donor_type=tuple(sorted(by_type.items())),
        donors=len(givers.keys() - {""}),
    )


def _givers(books: Connection, sums: TermSums, as_of: AsOf) -> dict[str, int]:
    """USD cents received from each donor; those of reversed gifts are under the empty code."""
    owner = owners(books, as_of.known_at)
    given: Counter[str] = Counter()
    for (agreement, kind), cents in sums.by("agreement", "kind", accounts=(AVAILABLE,)).items():
        if kind in ARRIVALS:
            given[owner.get(agreement, "")] -= cents
    return {code: cents for code, cents in sorted(given.items()) if cents}


def build_overview(books: Connection, term: str, as_of: AsOf, language: str) -> Overview:
    """The overview of a term in one language: sources by donor, uses by activity."""
    sums = TermSums(books, as_of, term)
    known = {donor.code: (donor.name, donor.type) for donor in donors(books, as_of.known_at)}
    given = _givers(books, sums, as_of)
    used = {activity: cents for (activity,), cents in sums.by("activity", accounts=USE_OF_MONEY).items()}
    found = activities_by_code(books, term, as_of.known_at)
    titles = {code: activity.title(language) for code, activity in found.items()}
    return Overview(
        fund=build_fund_summary(books, term, as_of),
        seal=seal_of(books, as_of),
        language=language,
        sources=tuple(DonorTotal(*known.get(code, ("", "")), cents) for code, cents in given.items()),
        uses=tuple(
            ActivityUse(code, titles.get(code, ""), cents) for code, cents in sorted(used.items()) if cents
        ),
    )
