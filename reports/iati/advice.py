"""Advice on an IATI file: what a validator would report, and what readers will miss.

Rules with a number are those of the IATI Validator (its list of data quality rules for the standard 2.03, and
its advisories, 1000.*), in our words. Rules with a name are gaps that no validator counts. What always holds
by construction, such as shares that add up to 100 %, needs no advice: tests prove it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger import Hint, Sentence
from reports.iati.codes import (
    ACTUAL_END,
    ACTUAL_START,
    DEVELOPING_COUNTRIES,
    EXPENDITURE,
    FINALISATION,
    FUNDING,
    IMPLEMENTING,
    INCOMING,
    NOT_TARGETED,
    OTHER_FLOWS,
)
from reports.iati.iati import ActivityFile, IatiActivity, OrganisationFile

_AGENCY = re.compile(r"(XI|XM|XR|(?!X)[A-Z]{2})-[A-Z0-9]+-.+")
"""Identifiers that begin with a registration agency: a country, or XI, XM or XR for the world, and the
agency."""

Severity = Literal["error", "warning", "advisory", "gap"]
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advisory", "gap")


@dataclass(frozen=True)
class Advice:
    """One thing to correct, or to know, before a file is published."""

    rule: str
    """Number of the validator's rule, or the missing element."""
    severity: Severity
    count: int
    """Number of elements concerned."""
    sentence: str | Sentence


_Rule = Callable[[ActivityFile], Iterator[Advice]]


def activity_advice(file: ActivityFile) -> list[Advice]:
    """Advice on an activity file, the most severe first."""
    found = [each for rule in _RULES for each in rule(file)]
    return sorted(found, key=lambda each: _SEVERITIES.index(each.severity))


def organisation_advice(file: OrganisationFile) -> list[Advice]:
    """Advice on an organisation file."""
    sentence = (
        "Budgets and expenditure are those of the fund alone, and the file says so: an organisation "
        "publishes one file, with all that it does."
    )
    alone = Advice("total-budget", "gap", len(file.budgets), sentence)
    return [*_registered("1.18.8", file.publisher.reference, 1), alone]


def _agency(file: ActivityFile) -> Iterator[Advice]:
    yield from _registered("1.14.8", file.publisher.reference, len(file.activities))


def _registered(rule: str, reference: str, count: int) -> Iterator[Advice]:
    if not _AGENCY.fullmatch(reference):
        sentence = (
            f"The reporting organisation's identifier '{reference}' does not begin with the code of a "
            f"registration agency, as XM-DAC does: give the one that is registered with IATI."
        )
        yield Advice(rule, "warning", count, sentence)


def _future(file: ActivityFile) -> Iterator[Advice]:
    day = file.updated_at[:10]
    for rule, type_, what in (("11.1.4", ACTUAL_START, "begun"), ("11.1.5", ACTUAL_END, "ended")):
        if early := sum(dict(of.dates).get(type_, date.min).isoformat() > day for of in file.activities):
            sentence = (
                f"Activities are recorded to have {what} on a day after {day}, when the books were last "
                f"written: an actual date in the future is refused until it has come."
            )
            yield Advice(rule, "error", early, sentence)
    if late := sum(each.on.isoformat() > day for of in file.activities for each in of.transactions):
        sentence = (
            f"Transactions are dated after {day}, when the books were last written: a date in the future is "
            f"refused until it has come."
        )
        yield Advice("11.2.1", "error", late, sentence)


def _elsewhere(file: ActivityFile) -> Iterator[Advice]:
    here = {activity.id for activity in file.activities}
    moved = [each for activity in file.activities for each in activity.transactions]
    linked = {side.activity for each in moved for side in (each.provider, each.receiver) if side}
    if missing := linked - here - {""}:
        sentence = (
            f"Activities of another term are linked to, such as {min(missing)}: publish its file as well."
        )
        yield Advice("1000.0.4", "advisory", len(missing), sentence)


def _unnamed(role: str, who: str) -> _Rule:
    def rule(file: ActivityFile) -> Iterator[Advice]:
        everyone = [each for activity in file.activities for each in activity.participants]
        if without := {party for as_, party in everyone if as_ == role and not party.ref}:
            sentence = Sentence(
                f"{who} have no IATI organisation identifier, so money cannot be followed to their own "
                "files: give it",
                Hint("say-reference"),
                ".",
            )
            yield Advice("participating-org/@ref", "gap", len(without), sentence)

    return rule


def _gap(rule: str, lacks: Callable[[IatiActivity], bool], sentence: str) -> _Rule:
    """A rule that is checked for each activity."""

    def check(file: ActivityFile) -> Iterator[Advice]:
        if count := sum(lacks(activity) for activity in file.activities):
            yield Advice(rule, "gap", count, sentence)

    return check


def _default_value(rule: str, value: Callable[[ActivityFile], bool], sentence: Sentence) -> _Rule:
    """A rule about a value of the whole file that nobody has set."""

    def check(file: ActivityFile) -> Iterator[Advice]:
        if value(file):
            yield Advice(rule, "gap", len(file.activities), sentence)

    return check


_RULES: tuple[_Rule, ...] = (
    _agency,
    _future,
    _elsewhere,
    _unnamed(FUNDING, "Donors"),
    _unnamed(IMPLEMENTING, "Partners"),
    _gap(
        "location/point",
        lambda of: bool(of.places),
        "Cities are named without coordinates: the books have none.",
    ),
    _gap(
        "recipient-region",
        lambda of: any(share.code == DEVELOPING_COUNTRIES for share in of.regions),
        "Money for no named city goes to 'developing countries, unspecified': name cities in the programme.",
    ),
    _gap(
        "budget",
        lambda of: any(not budget.committed for budget in of.budgets),
        "Budgets are shared out over the years by days: the programme does not say in which year they fall.",
    ),
    _gap(
        "activity-date",
        lambda of: of.status == FINALISATION and ACTUAL_END not in dict(of.dates),
        "Activities of a term that is over have no actual end: the books do not record it.",
    ),
    _gap(
        "transaction/receiver-org",
        lambda of: any(each.type == EXPENDITURE and not each.receiver for each in of.transactions),
        "Expenditure of the agent itself names no receiver, because a payee may be a person.",
    ),
    _gap(
        "transaction/provider-org",
        lambda of: any(each.type == INCOMING and not each.provider for each in of.transactions),
        "Money came from a donor that the books no longer name.",
    ),
    _gap(
        "result",
        lambda of: of.total(EXPENDITURE) > 0 and not any(each.reached for each in of.results),
        "Money was used and nothing is reported to have been reached: report results of the grants.",
    ),
    _gap(
        "document-link",
        lambda of: True,
        "No documents are linked: the books hold evidence, not publications.",
    ),
    _default_value(
        "policy-marker",
        lambda file: file.publisher.gender == NOT_TARGETED,
        Sentence(
            "The gender marker says 'not targeted', as nobody said otherwise: give ",
            Hint("say-gender", "it as"),
            " 1 or 2 where it is.",
        ),
    ),
    _default_value(
        "default-flow-type",
        lambda file: file.publisher.flow == OTHER_FLOWS,
        Sentence(
            "The flow type is 'other flows': the books do not know what is official development assistance; "
            "give ",
            Hint("say-flow", "it as"),
            " 10 if all of it is.",
        ),
    ),
)
