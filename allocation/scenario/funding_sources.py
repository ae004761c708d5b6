"""Funding sources: the money that a scenario counts, whether received, signed for, or only pledged.

A scenario never counts more than the books hold. Only received money can be booked; the rest serves for
*what if* analyses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from allocation.engine.problem import BASIS_POINTS, Source
from allocation.programme.earmark_eligibility import allows
from allocation.programme.programme import Activity
from allocation.scenario.scenario import Scenario
from donors import Agreement, Earmark, Pledge, agreements, dues_of, open_pledges
from ledger import (
    PLEDGES,
    RECEIVABLE,
    BadInput,
    Balance,
    available,
    balances_by,
    current_term,
    get_term,
    lines_of,
    nearest,
)

PLEDGED = "pledge "
"""The prefix of a pledge's code in `Source.agreement`; no agreement's code has a blank."""


@dataclass(frozen=True)
class FundingSource:
    """A source of a problem, with the code of its donor."""

    source: Source
    donor: str


def funding_sources(
    books: Connection, scenario: Scenario, wanted: list[Activity], back: Mapping[str, int]
) -> list[FundingSource]:
    """The money that may be allocated to the wanted activities: agreements, then pledges.

    `back` is, by agreement, what a revised plan may allocate anew, in USD cents.

    BadInput for a name that the term does not have, and for a pledge without a probability.
    """
    term = get_term(books, scenario.term)
    signed = agreements(books, term=scenario.term)
    pledges = [
        each for each in open_pledges(books) if current_term(books, each.term) == scenario.term
    ]  # a pledge that was kept is an agreement's money by now
    _require_known(scenario, signed, pledges)
    # If no activity has a year, it makes no difference when money arrives.
    later = term.ends_on.year if any(each.year for each in wanted) else None
    eligible = _Eligible(scenario, wanted)
    arrived = Counter(available(books, scenario.term)) + Counter(back)
    found = list(_from_agreements(books, scenario, signed, arrived, eligible, later))
    if scenario.money == "pledged":
        found += _from_pledges(books, scenario, pledges, eligible)
    return found


def _require_known(scenario: Scenario, signed: list[Agreement], pledges: list[Pledge]) -> None:
    for noun, key, named, known in (
        ("agreement", "arrives", scenario.arrives, [each.code for each in signed]),
        ("open pledge", "probability", scenario.probability, [each.code for each in pledges]),
    ):
        for name in named:
            if name not in known:
                raise BadInput(
                    "scenario-source-unknown",
                    "The scenario {id} names the {noun} '{name}' under {key}, which the term {term} "
                    "does not have{nearest}.",
                    id=scenario.id,
                    noun=noun,
                    name=name,
                    key=key,
                    term=scenario.term,
                    nearest=nearest(name, known),
                )


class _Eligible:
    """The activities that money may pay for, computed once for each earmark and span of years."""

    def __init__(self, scenario: Scenario, wanted: list[Activity]) -> None:
        self._lists_on = scenario.lists_on
        self._wanted = wanted
        self._allowed: dict[Earmark, list[Activity]] = {}
        self._known: dict[tuple[Earmark, int, int], frozenset[str]] = {}

    def __call__(self, earmark: Earmark, first: int, last: int) -> frozenset[str]:
        """Codes of the activities that the earmark allows and that have no year or one from first to last."""
        key = earmark, first, last
        if key not in self._known:
            if earmark not in self._allowed:
                self._allowed[earmark] = [e for e in self._wanted if allows(earmark, e, self._lists_on)]
            self._known[key] = frozenset(
                each.code
                for each in self._allowed[earmark]
                if each.year is None or first <= each.year <= last
            )
        return self._known[key]


def _from_agreements(
    books: Connection,
    scenario: Scenario,
    signed: Iterable[Agreement],
    arrived: Mapping[str, int],
    eligible: _Eligible,
    later: int | None,
) -> Iterator[FundingSource]:
    expected = (
        balances_by(books, RECEIVABLE, "agreement", term=scenario.term)
        if scenario.money != "received"
        else {}
    )
    for each in signed:
        if not each.runs_on(scenario.on):
            continue
        money = Counter[int | None]({None: arrived.get(each.code, 0)})
        if each.code in expected:
            money.update(_coming(scenario, each, expected[each.code], later))
        first, last = each.starts_on.year, each.ends_on.year
        for arrives, cents in money.items():
            kept = cents - cents * scenario.reserve // BASIS_POINTS
            if kept > 0:
                allowed = eligible(each.earmark, max(first, arrives or first), last)
                source = Source(each.code, kept, allowed, str(arrives or ""))
                yield FundingSource(source, each.donor)


def _coming(scenario: Scenario, signed: Agreement, owed: Balance, later: int | None) -> dict[int | None, int]:
    """What a donor still owes, by the fiscal year in which it counts; None: it counts as received.

    The year is the scenario's, if it names one; else that of each instalment (the year of the decision if
    that is later); else the last year of the agreement.
    """
    if signed.code in scenario.arrives or later is None:
        return {scenario.arrives.get(signed.code): owed.usd}
    if not signed.instalments:
        return {min(later, signed.ends_on.year): owed.usd}
    coming = Counter[int | None]()
    for due in dues_of(signed, owed, {}, scenario.on):
        coming[max(due.due_on.year, scenario.on.year)] += due.cents
    return coming


def _from_pledges(
    books: Connection, scenario: Scenario, pledges: Iterable[Pledge], eligible: _Eligible
) -> Iterator[FundingSource]:
    for pledge in pledges:
        probability = scenario.probability.get(pledge.code, scenario.pledge_probability)
        if probability is None:
            raise BadInput(
                "scenario-pledge-without-probability",
                "The scenario {id} counts pledges: say how likely they are with pledge_probability = "
                '"70%", or for {code} alone under probability.',
                id=scenario.id,
                code=pledge.code,
            )
        worth = sum(line.usd for line in lines_of(books, pledge.seq) if line.account == PLEDGES)
        cents = worth * probability // BASIS_POINTS
        cents -= cents * scenario.reserve // BASIS_POINTS
        if cents > 0:
            year = pledge.expected_on.year
            source = Source(f"{PLEDGED}{pledge.code}", cents, eligible(Earmark(), year, 9999), str(year))
            yield FundingSource(source, pledge.donor)
