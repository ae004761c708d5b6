"""Money of a plan by region, cluster, work area and type of donor, with the rules about each group.

An activity's money is split over the regions of its beneficiary cities and over its clusters. Every list adds
up to the plan's total, to the cent (largest remainder).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Literal

from allocation import Activity, clusters, editions, work_areas
from donors import text_in
from ledger import split
from reports.plans.named_plan import NamedPlan
from reports.words.earmark_words import REGION_PHRASES
from reports.words.labels import DONOR_TYPES, label
from reports.words.language import N_, Words
from reports.words.percentages import WHOLE

NOWHERE = ""
"""The group of money that belongs to none: no cluster, or no named city."""

_BENEFICIARIES = {
    "africa": N_("Africa (M49)"),
    "low-income": N_("Low-income countries"),
    "ldc": N_("Least developed countries"),
}

BoundSense = Literal["floor", "ceiling"]
Parts = Mapping[str, Fraction]
"""The part of an activity's money by group; the parts add up to one."""


@dataclass(frozen=True)
class Mark:
    """A floor or a ceiling for one row, in USD cents."""

    rule: str
    sense: BoundSense
    bound: int
    reached: int

    @property
    def kept(self) -> bool:
        """Whether the plan satisfies it; a soft floor may be missed."""
        return self.reached >= self.bound if self.sense == "floor" else self.reached <= self.bound


@dataclass(frozen=True)
class PanelRow:
    """A group, its money in USD cents, and the rules about it."""

    label: str
    cents: int
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Panel:
    """The plan's money by one kind of group."""

    title: str
    rows: tuple[PanelRow, ...]
    whole: bool = True
    """Whether the rows add up to the plan's total; those of overlapping groups do not."""


@dataclass(frozen=True)
class _About:
    """A mark, and the panel and row that it belongs to."""

    panel: str
    row: str
    mark: Mark


def panels(named: NamedPlan, words: Words) -> tuple[Panel, ...]:
    """The plan's money by region, cluster, work area and type of donor, and other groups with rules."""
    marks = _marks(named)
    listed = (
        (N_("By region"), "region", _regions(named), _region_name),
        (N_("By cluster"), "cluster", _clusters(named), _cluster_name),
        (N_("By work area"), "work-area", _work_areas(named), _work_area_name),
        (N_("By type of donor"), "donor-type", _donor_types(named), _donor_type_name),
    )
    found = [
        Panel(words(title), tuple(
            PanelRow(name(code, words), cents, _on(marks, panel, code)) for code, cents in by_code.items()
        ))
        for title, panel, by_code, name in listed
    ]  # fmt: skip
    return (*found, *_others(named, marks, words))


def _on(marks: Sequence[_About], panel: str, row: str) -> tuple[Mark, ...]:
    return tuple(each.mark for each in marks if (each.panel, each.row) == (panel, row))


def _marks(named: NamedPlan) -> list[_About]:
    """The scenario's floors and ceilings with what the plan reaches, and the row of each."""
    reached = {rule.id: rule for rule in named.plan.rules}
    found = []
    for sense, bound in named.plan.scenario.bounds:
        rule = reached.get(bound.id)
        if rule is None:
            continue
        panel, row = (
            ("region", "Africa")
            if bound.group == "africa" and bound.definition == "unesco"
            else (bound.group, bound.of)
        )
        found.append(_About(panel, row, Mark(bound.id, sense, rule.bound, rule.reached)))
    return found


def _others(named: NamedPlan, marks: Sequence[_About], words: Words) -> list[Panel]:
    """Groups without a row in another panel, because they overlap."""
    about = dict.fromkeys(
        (each.panel, each.row) for each in marks if each.panel in {*_BENEFICIARIES, "country", "activity"}
    )
    rows = []
    for panel, code in about:
        on = _on(marks, panel, code)
        rows.append(PanelRow(_other_name(named, panel, code, words), on[0].reached, on))
    return [Panel(words("Other groups that rules are about"), tuple(rows), whole=False)] if rows else []


def _other_name(named: NamedPlan, group: str, code: str, words: Words) -> str:
    if group == "country":
        return words.country(code)
    if group == "activity":
        return f"{code} {named.activities[code].title(words.language)}"
    return words(_BENEFICIARIES[group])


# ---- the groups


def _regions(named: NamedPlan) -> dict[str, int]:
    in_programme = {city.region for each in named.activities.values() for city in each.cities} - {NOWHERE}
    return _shared_out(named, in_programme, region_parts)


def _clusters(named: NamedPlan) -> dict[str, int]:
    in_programme = {code for each in named.activities.values() for code in each.cluster_shares}
    return _shared_out(named, in_programme, cluster_parts)


def _work_areas(named: NamedPlan) -> dict[str, int]:
    in_programme = {str(each.work_area) for each in named.activities.values()}
    return _shared_out(named, in_programme, lambda activity: {str(activity.work_area): Fraction(1)})


def _donor_types(named: NamedPlan) -> dict[str, int]:
    paid = dict.fromkeys(DONOR_TYPES, 0)
    for award in named.plan.awards:
        for flow in award.flows:
            paid[named.givers[flow.agreement].type] += flow.cents
    return paid


def region_parts(activity: Activity) -> Parts:
    """The part of an activity's money for each region, by the shares of its beneficiary cities."""
    if not activity.cities:
        return {NOWHERE: Fraction(1)}
    shares = activity.shares or (1,) * len(activity.cities)
    parts: dict[str, Fraction] = {}
    for city, share in zip(activity.cities, shares, strict=True):
        parts[city.region] = parts.get(city.region, Fraction(0)) + Fraction(share, sum(shares))
    return parts


def cluster_parts(activity: Activity) -> Parts:
    """The part of an activity's money for each cluster."""
    shares = activity.cluster_shares
    if not shares:
        return {NOWHERE: Fraction(1)}
    return {code: Fraction(share, WHOLE) for code, share in shares.items()}


def _shared_out(named: NamedPlan, groups: set[str], parts_of: Callable[[Activity], Parts]) -> dict[str, int]:
    """The plan's money by group, ordered by code; money of no group comes last, if there is any."""
    exact = dict.fromkeys(sorted(groups), Fraction(0))
    for award in named.plan.awards:
        for group, part in parts_of(named.activities[award.activity]).items():
            exact[group] = exact.get(group, Fraction(0)) + part * award.cents
    return whole_cents(exact)


def whole_cents(exact: Mapping[str, Fraction]) -> dict[str, int]:
    """Round exact amounts to whole cents with the same total, each less than a cent away."""
    common = lcm(*(amount.denominator for amount in exact.values()))
    weights = {group: int(amount * common) for group, amount in exact.items()}
    return split(sum(weights.values()) // common, weights)


# ---- their names


def _region_name(code: str, words: Words) -> str:
    if code == NOWHERE:
        return words("No city named")
    name = label(REGION_PHRASES, code, words)
    return name[:1].upper() + name[1:]


def _cluster_name(code: str, words: Words) -> str:
    return cluster_title(code, words) or words("The whole network")


def cluster_title(code: str, words: Words) -> str:
    """A cluster's title in its newest edition; its code when it is in none."""
    titles = {each.code: each.titles for edition in editions() for each in clusters(edition)}
    return text_in(titles[code], words.language) if code in titles else code


def _work_area_name(code: str, words: Words) -> str:
    titles = {str(area.code): text_in(area.titles, words.language) for area in work_areas()}
    return f"{code} {titles[code]}"


def _donor_type_name(code: str, words: Words) -> str:
    return label(DONOR_TYPES, code, words)
