"""Term report to the conference: progress to the target, donors, and the regions and groups reached.

The money of an activity is split among its cities (`reports.figures.beneficiaries`). All amounts are USD
cents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from allocation import (
    Activity,
    Executed,
    PlannedCity,
    activities_by_code,
    execution,
    lines_of_term,
    results_of,
)
from donors import Donor, GoodsReceived, country, donors, owners, stated_region
from ledger import AVAILABLE, HELD_IN_KIND, PLEDGES, RECEIVABLE, SERVICES_IN_KIND, AsOf
from reports.figures.beneficiaries import ActivityMoney, Beneficiaries, by_marker, by_region
from reports.figures.figure import Figure, Seal, seal_of
from reports.figures.figures import ARRIVALS, of_kind, on
from reports.figures.markers import markers
from reports.fund.fund import NO_DONOR, build_fund_summary
from reports.fund.overview import FundSummary


@dataclass(frozen=True)
class Giving:
    """What donors of one type, or of one region, pledged and gave."""

    group: str
    """The type of donor, or the region; empty where none is stated or the donor is no longer known."""
    donors: int
    """How many of them pledged, signed or gave anything."""
    pledged: int
    """Announced, and neither signed nor withdrawn."""
    receivable: int
    received: int
    in_kind: int
    """Not counted towards the target."""

    @property
    def signed(self) -> int:
        """Received and still receivable."""
        return self.received + self.receivable


@dataclass(frozen=True)
class GroupReached:
    """The part of the money that reaches a group of cities."""

    group: str
    """`africa`, `low-income` or `ldc`."""
    allocated: int
    used: int
    cities: int
    """Number of cities of the group in funded activities."""


@dataclass(frozen=True)
class TermReport:
    """The data of the term report, in one language."""

    fund: FundSummary
    seal: Seal
    language: str
    by_type: tuple[Giving, ...]
    by_region: tuple[Giving, ...]
    activities: tuple[Executed, ...]
    titles: dict[str, str]
    """Titles of the activities in the language of the report, by code."""
    regions: tuple[Beneficiaries, ...]
    """The same money by region of the cities that it reaches."""
    total: Executed
    reached: tuple[GroupReached, ...]
    cities: tuple[PlannedCity, ...]
    """All cities in funded activities, by country and name."""
    results: tuple[tuple[str, str], ...]
    """Activity, and a result reported for it."""


def build_term_report(books: Connection, term: str, as_of: AsOf, language: str) -> TermReport:
    """The report on a term up to a day, as known at an entry; NotFound for an unknown term."""
    fund = build_fund_summary(books, term, as_of)
    carried_out = execution(books, term, as_of)
    found = activities_by_code(books, term, as_of.known_at) if carried_out.rows else {}
    funded = {row.name: found[row.name] for row in carried_out.rows}
    given = list(_given(books, term, as_of))
    everyone = donors(books, as_of.known_at)
    return TermReport(
        fund=fund,
        seal=seal_of(books, as_of),
        language=language,
        by_type=tuple(_grouped(given, {each.code: each.type for each in everyone} | NO_DONOR)),
        by_region=tuple(_grouped(given, {each.code: _region(each) for each in everyone} | NO_DONOR)),
        activities=carried_out.rows,
        titles={code: activity.title(language) for code, activity in funded.items()},
        regions=by_region(_money(carried_out.rows, funded)),
        total=carried_out.total,
        reached=tuple(groups_reached(books, term, as_of, carried_out.rows, funded)),
        cities=tuple(sorted(_cities(funded.values()), key=lambda city: (city.country, city.name))),
        results=tuple(
            (code, result)
            for code in funded
            for result in results_of(books, code, as_of.effective_to, as_of.known_at)
        ),
    )


_Gift = tuple[str, str, int]
"""Donor, kind of giving, and USD cents."""


def _given(books: Connection, term: str, as_of: AsOf) -> Iterator[_Gift]:
    owner = owners(books, as_of.known_at)
    lines = list(
        lines_of_term(
            books, as_of, term, accounts=(PLEDGES, RECEIVABLE, AVAILABLE, HELD_IN_KIND, SERVICES_IN_KIND)
        )
    )
    for line in on(lines, PLEDGES):
        yield line.donor, "pledged", line.usd
    for name, parts, sign in (
        ("receivable", on(lines, RECEIVABLE), 1),
        ("received", of_kind(on(lines, AVAILABLE), *ARRIVALS), -1),
        ("in_kind", of_kind(on(lines, HELD_IN_KIND), GoodsReceived.kind), -1),
        ("in_kind", on(lines, SERVICES_IN_KIND), 1),
    ):
        for line in parts:
            yield owner.get(line.agreement, ""), name, sign * line.usd


def _grouped(given: Iterable[_Gift], group: dict[str, str]) -> Iterator[Giving]:
    """Giving by group, the largest amount received first."""
    sums: dict[str, Counter[str]] = {}
    by_donor: Counter[tuple[str, str]] = Counter()
    for donor, name, cents in given:
        sums.setdefault(group[donor], Counter())[name] += cents
        by_donor[donor, name] += cents
    givers = {donor for (donor, _), cents in by_donor.items() if donor and cents}
    for name, of in sorted(sums.items(), key=lambda item: (-item[1]["received"], item[0])):
        count = sum(group[donor] == name for donor in givers)
        if count or any(of.values()):
            yield Giving(name, count, of["pledged"], of["receivable"], of["received"], of["in_kind"])


def _region(donor: Donor) -> str:
    return stated_region(country(donor.country)) if donor.country else ""


def groups_reached(
    books: Connection, term: str, as_of: AsOf, rows: Sequence[Executed], funded: dict[str, Activity]
) -> Iterator[GroupReached]:
    """The money and the number of cities of activities that each of the three groups has."""
    _all, *groups = by_marker(_money(rows, funded), markers(books, term, as_of))
    for group in groups:
        yield GroupReached(group.name, group.allocated.cents, group.used.cents, group.cities)


def _money(rows: Iterable[Executed], funded: Mapping[str, Activity]) -> list[ActivityMoney]:
    """The money of each activity, to be split among its cities."""
    return [
        ActivityMoney(funded[row.name], Figure(row.planned), Figure(row.used), Figure(row.planned - row.used))
        for row in rows
    ]


def _cities(funded: Iterable[Activity]) -> set[PlannedCity]:
    return {city for activity in funded for city in activity.cities}
