"""Validation of a scenario against its programme: names and demands.

An unknown name is refused with the nearest known one. Demands that no plan can meet, however much money
there is, are refused too: that needs no solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allocation.programme.activity import needed
from allocation.programme.programme import Activity
from allocation.scenario.rules.resources import PERSON_DAYS
from allocation.scenario.scenario import Scenario
from ledger import BadInput, nearest


def validate_scenario(scenario: Scenario, programme: Iterable[Activity], wanted: Iterable[Activity]) -> None:
    """Raise BadInput for unknown or already allocated names, and for demands that contradict each other."""
    programme, wanted = list(programme), list(wanted)
    for noun, name, is_open in _named(scenario, wanted):
        if name in is_open:
            continue
        known = _names(noun, programme)
        raise BadInput(
            "scenario-name-not-open",
            "The scenario {id} names the {noun} '{name}', which is not open for funding in the "
            "programme of the term {term}{already}{nearest}.",
            id=scenario.id,
            noun=noun,
            name=name,
            term=scenario.term,
            already=": it is allocated already" if name in known else "",
            nearest="" if name in known else nearest(name, known),
        )
    _refuse_contradictions(scenario, wanted)
    for each in scenario.resources:
        if each.unit != PERSON_DAYS and not each.uses:
            raise BadInput(
                "scenario-resource-without-use",
                "The scenario {id} does not say what uses the resource {resource}: the programme counts "
                "{unit} only, so give its uses by activity.",
                id=scenario.id,
                resource=each.id,
                unit=PERSON_DAYS,
            )


def _names(noun: str, of: Iterable[Activity]) -> set[str]:
    if noun == "activity":
        return {each.code for each in of}
    if noun == "cluster":
        return {cluster for each in of for cluster in each.cluster_shares}
    return {str(each.work_area) for each in of}


def _named(scenario: Scenario, wanted: list[Activity]) -> Iterator[tuple[str, str, set[str]]]:
    """Every name in the scenario with its noun, and the names of that noun that are open for funding."""
    weights = scenario.weights
    names_by_noun: dict[str, list[str]] = {
        "activity": [*scenario.must_fund, *scenario.never_fund, *weights.activities, *scenario.cover],
        "cluster": [*weights.clusters],
        "work area": [*weights.work_areas],
    }
    for _, table in scenario.rule_tables:
        for noun, name in table.names():
            names_by_noun[noun].append(name)
    for noun, names in names_by_noun.items():
        offered = _names(noun, wanted)
        for name in names:
            yield noun, name, offered


def _refuse_contradictions(scenario: Scenario, wanted: Iterable[Activity]) -> None:
    """What must be funded, with all that it requires, may not be forbidden or exclude one another."""
    by_code = {each.code: each for each in wanted}
    needs = {code: each.requires for code, each in by_code.items()}
    because = {code: code for code in scenario.must_fund}
    for code in scenario.must_fund:
        for other in needed(code, needs):
            because.setdefault(other, code)
    for code, why in because.items():
        if code in scenario.never_fund:
            raise BadInput(
                "scenario-requires-never-funded",
                "The scenario {id} must fund {why}, which requires {code}, and never_fund names "
                "{code}: drop one of the two.",
                id=scenario.id,
                why=why,
                code=code,
            )
        for other in by_code[code].excludes if code in by_code else ():
            if other in because:
                first, second = why, because[other]
                raise BadInput(
                    "scenario-funds-excluding-activities",
                    "The scenario {id} must fund both {first} and {second}, but {code} excludes "
                    "{other}: drop one of the two.",
                    id=scenario.id,
                    first=first,
                    second=second,
                    code=code,
                    other=other,
                )
