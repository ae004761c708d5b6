"""IATI organisation file: the sums of the activity file by fiscal year, so that both always agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from ledger import split
from reports.iati.codes import EXPENDITURE
from reports.iati.iati import ActivityFile, Budget, IatiActivity, OrganisationFile, YearTotal


def build_organisation_file(file: ActivityFile) -> OrganisationFile:
    """The yearly totals of an activity file's activities, and their budgets by country and region."""
    all_budgets = [(activity, budget) for activity in file.activities for budget in activity.budgets]
    by_year: Counter[int] = Counter()
    estimated = {budget.year for _, budget in all_budgets if not budget.committed}
    by_place: Counter[tuple[int, str]] = Counter()
    for activity, budget in all_budgets:
        by_year[budget.year] += budget.cents
        by_place.update(_by_place(activity, budget))
    places = [
        YearTotal(year, cents, code, year not in estimated)
        for (year, code), cents in sorted(by_place.items())
        if cents
    ]
    return OrganisationFile(
        publisher=file.publisher,
        term=file.term,
        updated_at=file.updated_at,
        seal=file.seal,
        budgets=tuple(
            YearTotal(year, cents, committed=year not in estimated) for year, cents in sorted(by_year.items())
        ),
        regions=tuple(each for each in places if not each.code.isalpha()),
        countries=tuple(each for each in places if each.code.isalpha()),
        expenditure=tuple(_expenditure(file)),
    )


def _by_place(activity: IatiActivity, budget: Budget) -> dict[tuple[int, str], int]:
    weights = {share.code: share.basis_points for share in (*activity.countries, *activity.regions)}
    return {(budget.year, code): cents for code, cents in split(budget.cents, weights).items()}


def _expenditure(file: ActivityFile) -> Iterator[YearTotal]:
    spent: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for activity in file.activities:
        for each in activity.transactions:
            if each.type == EXPENDITURE:
                spent[each.on.year][each.category] += each.cents
    for year, parts in sorted(spent.items()):
        yield YearTotal(year, parts.total(), parts=tuple(sorted(parts.items())))
