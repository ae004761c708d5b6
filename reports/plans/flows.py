"""Flows of a plan, grouped for a picture: at most 12 donors and at most 30 uses.

With more donors, types of donors are shown; with more activities, clusters, of which the largest are named
and the others are one use. The amounts always add up to the plan's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from donors import Donor
from reports.plans.money import cluster_parts, cluster_title, whole_cents
from reports.plans.named_plan import NamedPlan
from reports.words.labels import DONOR_TYPES, label
from reports.words.language import Words

DONORS_MAX, USES_MAX = 12, 30


@dataclass(frozen=True)
class Node:
    """A donor or a use of money."""

    code: str
    title: str
    group: str
    """The cluster that it is listed under; empty for none."""
    cents: int


@dataclass(frozen=True)
class Ribbon:
    """USD cents from one node to another; nodes are named by their positions."""

    source: int
    use: int
    cents: int


@dataclass(frozen=True)
class PlanFlows:
    """The content of the picture; the ribbons of a node add up to its amount."""

    sources: tuple[Node, ...]
    uses: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    notes: tuple[str, ...] = ()
    """Sentences on what is grouped."""


_Cents = Mapping[tuple[str, str], int]
"""USD cents by source and use."""


def plan_flows(named: NamedPlan, words: Words) -> PlanFlows:
    """The plan's flows, both sides in the order with few crossings."""
    sources, cents, notes = _by_source(named, words)
    uses: Mapping[str, tuple[str, str]]
    codes = {use for _, use in cents}
    if len(codes) <= USES_MAX:
        uses = {code: _activity(named, code, words) for code in sorted(codes, key=_in_programme(named))}
    else:
        notes.append(words("The {number} activities are shown by cluster.", number=words.number(len(codes))))
        cents = _by_cluster(named, cents)
        uses = {code: (_cluster(code, words), "") for code in sorted({use for _, use in cents})}
        if len(uses) > USES_MAX:
            uses, cents = _largest(uses, cents, words)
    return replace(_placed(sources, uses, cents), notes=tuple(notes))


def _by_source(
    named: NamedPlan, words: Words
) -> tuple[dict[str, str], dict[tuple[str, str], int], list[str]]:
    """Names and cents of the donors, or of their types with a note that says so."""
    paid = [(named.givers[flow.agreement], award.activity, flow.cents)
            for award in named.plan.awards for flow in award.flows]  # fmt: skip
    known = {donor.code: donor for donor, _, _ in paid}
    few = len(known) <= DONORS_MAX
    key: Callable[[Donor], str] = (lambda donor: donor.code) if few else (lambda donor: donor.type)
    names = {
        key(donor): donor.name if few else label(DONOR_TYPES, donor.type, words) for donor in known.values()
    }
    note = words("The {number} donors are shown by type.", number=words.number(len(known)))
    cents = _added((key(donor), activity, part) for donor, activity, part in paid)
    return names, cents, [] if few else [note]


def _added(parts: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    cents: dict[tuple[str, str], int] = {}
    for source, use, part in parts:
        cents[source, use] = cents.get((source, use), 0) + part
    return {pair: part for pair, part in cents.items() if part}


def _in_programme(named: NamedPlan) -> Callable[[str], tuple[bool, str, str]]:
    """A sort key for activities: those of the whole network first, then by cluster."""

    def place(code: str) -> tuple[bool, str, str]:
        cluster = named.activities[code].cluster
        return bool(cluster), cluster, code

    return place


def _activity(named: NamedPlan, code: str, words: Words) -> tuple[str, str]:
    activity = named.activities[code]
    return activity.title(words.language), _cluster(activity.cluster, words)


def _cluster(code: str, words: Words) -> str:
    return cluster_title(code, words) or words("The whole network")


def _by_cluster(named: NamedPlan, cents: _Cents) -> dict[tuple[str, str], int]:
    """The same money by cluster; a flow for several clusters is split to the cent."""
    return _added(
        (source, cluster, part)
        for (source, code), paid in cents.items()
        for cluster, part in whole_cents(
            {cluster: share * paid for cluster, share in cluster_parts(named.activities[code]).items()}
        ).items()
    )


def _largest(
    uses: Mapping[str, tuple[str, str]], cents: _Cents, words: Words
) -> tuple[dict[str, tuple[str, str]], dict[tuple[str, str], int]]:
    """The uses with most money, and the others as one use."""
    totals = _added(("", use, part) for (_, use), part in cents.items())
    ranked = sorted(uses, key=lambda use: (-totals["", use], use))
    kept = set(ranked[: USES_MAX - 1])
    others = words("{number} others", number=words.number(len(ranked) - len(kept)))
    shown = {use: named for use, named in uses.items() if use in kept} | {others: (others, "")}
    return shown, _added((source, use if use in kept else others, part)
                         for (source, use), part in cents.items())  # fmt: skip


def _placed(names: Mapping[str, str], uses: Mapping[str, tuple[str, str]], cents: _Cents) -> PlanFlows:
    """The flows with uses in their order, and sources ordered by the average position of their uses."""
    place = {use: number for number, use in enumerate(uses)}
    paid = _added((source, "", part) for (source, _), part in cents.items())
    received = _added(("", use, part) for (_, use), part in cents.items())
    moment = _added((source, "", part * (1 + place[use])) for (source, use), part in cents.items())
    ordered = sorted(names, key=lambda source: (moment[source, ""] * 10_000 // paid[source, ""], source))
    return PlanFlows(
        tuple(Node(source, names[source], "", paid[source, ""]) for source in ordered),
        tuple(Node(use, title, group, received["", use]) for use, (title, group) in uses.items()),
        tuple(
            Ribbon(number, place[use], cents[source, use])
            for number, source in enumerate(ordered)
            for use in uses
            if (source, use) in cents
        ),
    )
