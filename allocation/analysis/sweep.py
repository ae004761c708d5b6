"""Sweeps: many scenarios over the same books, solved in parallel, each result in a file of its own.

The books are read once. A result holds what it was solved from, so that a sweep that is resumed, or run
again with a larger grid, solves only what is new; and nothing of who solved it or when, so that it is the
same byte for byte however many workers there are.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection

from allocation.analysis.grid import Variation
from allocation.analysis.workers import SolveOutcome, Workers, solver_version
from allocation.engine.problem import Problem
from allocation.scenario.problem_builder import build_problem, problem_hash
from allocation.scenario.scenario import NONEMPTY_PLAN_RULE, Scenario
from ledger import (
    FUND_CURRENCY,
    BadInput,
    MdfmError,
    Progress,
    format_minor,
    no_progress,
    write_atomically,
)

SWEEP_FORMAT: Literal["mdfm-sweep-1"] = "mdfm-sweep-1"
SUMMARY = "sweep.csv"
"""The file with one line for each scenario."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Funded(_Part):
    """An activity that is funded."""

    activity: str
    units: int
    cents: int


class RuleCount(_Part):
    """The amount that a rule counts in a plan."""

    rule: str
    counted: int
    """USD cents; of a resource, its own unit."""
    share: int | None
    """For money: the part of all money awarded, in basis points, rounded down."""

    @property
    def text(self) -> str:
        """A share as `45.06%`, a count as it is."""
        return str(self.counted) if self.share is None else f"{self.share // 100}.{self.share % 100:02}%"


class SweepResult(_Part):
    """The result of one scenario."""

    format: Literal["mdfm-sweep-1"] = SWEEP_FORMAT
    scenario: Scenario
    varied: dict[str, str]
    """The varied settings by place, with the values as written."""
    status: Literal["solved", "infeasible", "undecided", "failed", "refused"]
    """`refused`: the problem cannot be built; the others are those of `SolveOutcome`."""
    reason: str = ""
    """Why there is no plan."""
    problem_sha256: str = ""
    limit: float | None = None
    solver_version: str
    available: int = 0
    """USD cents that the scenario may give."""
    awarded: int = 0
    value: int = 0
    """Points."""
    bound: int = 0
    proved: bool = False
    """Whether every tier is proved optimal."""
    awards: tuple[Funded, ...] = ()
    rules: tuple[RuleCount, ...] = ()

    def to_bytes(self) -> bytes:
        """The result file's bytes: JSON with sorted keys."""
        fields = self.model_dump(mode="json")
        return (json.dumps(fields, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True)
class _Case:
    """A scenario with its problem, and the parts of its result that are known before solving."""

    path: Path
    problem: Problem | None
    result: SweepResult


def sweep(
    books: Connection,
    variations: Sequence[Variation],
    folder: Path,
    workers: Workers,
    *,
    limit: float | None = None,
    progress: Progress = no_progress,
) -> tuple[SweepResult, ...]:
    """Solve every scenario over the books as they are; results in the order of the scenarios.

    Each result is written to the folder as soon as it is solved, as `<scenario>.json`, atomically; a result
    that is there already for the same problem, limit and solver is not solved again. At the end `sweep.csv`
    has a line for each. A scenario without a plan has a result too, with the reason. Raises `WorkersLost` if
    the workers end early, and BadInput if the folder cannot be written.
    """
    _require_distinct(variations)
    cases = [_case(books, each, folder, limit) for each in variations]
    results = {index: known for index, case in enumerate(cases) if (known := _known(case)) is not None}
    for index, result in results.items():
        _write(cases[index].path, result.to_bytes())
    progress(len(results), len(cases))
    waiting = [index for index in range(len(cases)) if index not in results]
    problems = [problem for index in waiting if (problem := cases[index].problem) is not None]
    if problems:
        with closing(workers(problems, limit)) as outcomes:
            for at, outcome in outcomes:
                index = waiting[at]
                results[index] = _filled(cases[index].result, problems[at], outcome)
                _write(cases[index].path, results[index].to_bytes())
                progress(len(results), len(cases))
    ordered = tuple(results[index] for index in range(len(cases)))
    _write(folder / SUMMARY, _summary(ordered))
    return ordered


def _require_distinct(variations: Sequence[Variation]) -> None:
    often = Counter(each.scenario.id for each in variations)
    for id, times in often.items():
        if times > 1:
            raise BadInput(
                "sweep-scenario-id-twice",
                "Two scenarios have the id {id}: give each an id of its own.",
                id=id,
            )


def _case(books: Connection, variation: Variation, folder: Path, limit: float | None) -> _Case:
    scenario, varied = variation.scenario, dict(variation.varied)
    path = folder / f"{scenario.id}.json"
    solver = solver_version()
    try:
        problem = build_problem(books, scenario)
    except MdfmError as error:
        refused = SweepResult(
            scenario=scenario, varied=varied, status="refused", reason=str(error), solver_version=solver
        )
        return _Case(path, None, refused)
    known = SweepResult(
        scenario=scenario,
        varied=varied,
        status="failed",
        problem_sha256=problem_hash(problem),
        limit=limit,
        solver_version=solver,
        available=sum(source.cents for source in problem.sources),
    )
    return _Case(path, problem, known)


def _known(case: _Case) -> SweepResult | None:
    """The result if nothing is to be solved: refused, or in the folder already."""
    if case.problem is None:
        return case.result
    try:
        found = SweepResult.model_validate_json(case.path.read_bytes())
    except (OSError, ValidationError):
        return None
    expected = case.result
    same = (found.problem_sha256, found.limit, found.solver_version) == (
        *(expected.problem_sha256, expected.limit),
        expected.solver_version,
    )
    if not same or found.status == "failed":
        return None
    return found.model_copy(update={"scenario": expected.scenario, "varied": expected.varied})


def _filled(known: SweepResult, problem: Problem, outcome: SolveOutcome) -> SweepResult:
    if outcome.solution is None:
        return known.model_copy(update={"status": outcome.status, "reason": outcome.reason})
    solution = outcome.solution
    cents = {each.code: each.unit_cents * solution.units[each.code] for each in problem.candidates}
    awards = (
        Funded(activity=code, units=units, cents=cents[code])
        for code, units in sorted(solution.units.items())
        if units
    )
    solved = {
        "status": outcome.status,
        "awarded": sum(cents.values()),
        "value": solution.value,
        "bound": solution.bound,
        "proved": solution.proved,
        "awards": tuple(awards),
        "rules": tuple(_counted(problem, solution.units, solution.flows)),
    }
    return known.model_copy(update=solved)


def _counted(
    problem: Problem, units: Mapping[str, int], flows: Mapping[tuple[str, str], int]
) -> Iterator[RuleCount]:
    """What each rule counts; of a rule for several groups, that of the group with the most."""
    for rule in problem.rules:
        first = next(rule.reached(problem, units, flows), None)
        if first is not None and rule.id != NONEMPTY_PLAN_RULE:
            yield RuleCount(rule=rule.id, counted=first.reached, share=first.share)


def _summary(results: Sequence[SweepResult]) -> bytes:
    """The summary as CSV: one line for each result, money in US dollars."""
    places = _first_seen(place for result in results for place in result.varied)
    rules = _first_seen(rule.rule for result in results for rule in result.rules)
    out = io.StringIO()
    head = ("scenario", *places, "status", "value", "bound", "proved", "available", "awarded", "activities")
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*head, *rules, "reason"])
    for result in results:
        reached = {rule.rule: rule.text for rule in result.rules}
        table.writerow(
            [
                *(result.scenario.id, *(result.varied.get(place, "") for place in places), result.status),
                *(result.value, result.bound, "yes" if result.proved else "no"),
                *(_dollars(result.available), _dollars(result.awarded), len(result.awards)),
                *(*(reached.get(rule, "") for rule in rules), result.reason),
            ]
        )
    return out.getvalue().encode()


def _first_seen(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _dollars(cents: int) -> str:
    return format_minor(cents, FUND_CURRENCY).replace(",", "")


def _write(path: Path, content: bytes) -> None:
    """Write a file atomically, unless it has this content already."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            "file-unwritable",
            "{path} cannot be written: {why}.",
            path=path,
            why=error.strerror,
        ) from None
    write_atomically(path, content)
