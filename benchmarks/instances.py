"""Public instances with known answers, read as problems of the allocation engine.

Activities stand for items, money or sums for capacities, points for profits. Numbers with decimals are
multiplied by a power of ten, so that everything stays a whole number.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from allocation.engine.problem import Candidate, Problem, Source
from allocation.engine.rules.sums import SumRule
from ledger import BadInput


@dataclass(frozen=True)
class Knapsack:
    """A multi-dimensional knapsack of the OR-Library (J. E. Beasley, 1990)."""

    number: int
    problem: Problem
    scale: int
    """What profits were multiplied by."""
    optimum: int
    """The known best profit, multiplied too; 0 when nobody knows."""


@dataclass(frozen=True)
class GoalsKnapsack:
    """A knapsack with several goals at once, and its known non-dominated points."""

    problem: Problem
    goals: tuple[Mapping[str, int], ...]
    """What one item adds to each goal."""
    points: frozenset[tuple[int, ...]]


@dataclass(frozen=True)
class Election:
    """A participatory budgeting, in the form of the Pabulib library."""

    name: str
    problem: Problem
    rule: str
    """The rule by which it was decided, such as `greedy-no-skip`."""
    below_threshold: frozenset[str]
    """Projects with too few votes to be funded at all."""
    order: tuple[str, ...]
    """Projects by votes, as the ballot lists those with equally many."""
    selected: frozenset[str]
    """The official result."""


def knapsacks(path: Path) -> Iterator[Knapsack]:
    """The problems of an `mknap` file: how many; of each n, m, optimum, profits, weights, capacities."""
    numbers = iter(_numbers(path, path.read_text(encoding="ascii", errors="replace").split()))
    try:
        for number in range(1, int(next(numbers)) + 1):
            items, resources, optimum = int(next(numbers)), int(next(numbers)), next(numbers)
            profits = [next(numbers) for _ in range(items)]
            weights = [[next(numbers) for _ in range(items)] for _ in range(resources)]
            capacities = [next(numbers) for _ in range(resources)]
            scale = _scale([*profits, optimum])
            problem = _knapsack([int(profit * scale) for profit in profits], weights, capacities)
            yield Knapsack(number, problem, scale, int(optimum * scale))
    except StopIteration:
        raise BadInput(
            "instance-cut-off", "{path} ends before its last problem does: is it cut off?", path=path
        ) from None


def goals_knapsack(folder: Path) -> GoalsKnapsack:
    """A folder of `a.csv` (weights), `b.csv` (capacities), `c.csv` (profits) and `pareto_sols.csv`."""
    weights, profits = _matrix(folder / "a.csv"), _matrix(folder / "c.csv")
    capacities = [row[0] for row in _matrix(folder / "b.csv")]
    scales = [_scale(row) for row in profits]
    names = [f"{number:04d}" for number in range(1, len(weights[0]) + 1)]
    goals = tuple(
        dict(zip(names, (int(profit * scale) for profit in row), strict=True))
        for row, scale in zip(profits, scales, strict=True)
    )
    known = (
        tuple(int(value * scale) for value, scale in zip(row, scales, strict=True))
        for row in _matrix(folder / "pareto_sols.csv")
    )
    return GoalsKnapsack(_knapsack([0] * len(names), weights, capacities), goals, frozenset(known))


def election(path: Path) -> Election:
    """A Pabulib file: the sections META, PROJECTS and VOTES, of which the votes are counted in PROJECTS."""
    meta, projects = _sections(path)
    scale = _scale([*(Decimal(row["cost"]) for row in projects.values()), Decimal(meta["budget"])])
    votes = {code: int(row.get("votes") or row.get("score") or 0) for code, row in projects.items()}
    candidates = tuple(
        Candidate(code, int(Decimal(row["cost"]) * scale), 1, votes[code]) for code, row in projects.items()
    )
    threshold = int(meta.get("min_project_score_threshold") or 0)
    budget = Source("budget", int(Decimal(meta["budget"]) * scale), frozenset(projects))
    return Election(
        name=meta["description"],
        problem=Problem((budget,), candidates, ()),
        rule=meta["rule"],
        below_threshold=frozenset(code for code, count in votes.items() if count < threshold),
        order=tuple(sorted(projects, key=lambda code: -votes[code])),
        selected=frozenset(code for code, row in projects.items() if row.get("selected") == "1"),
    )


def _knapsack(
    profits: Sequence[int], weights: Sequence[Sequence[Decimal]], capacities: Sequence[Decimal]
) -> Problem:
    names = [f"{number:04d}" for number in range(1, len(profits) + 1)]
    candidates = tuple(Candidate(name, 0, 1, profit) for name, profit in zip(names, profits, strict=True))
    rules = []
    for number, (row, capacity) in enumerate(zip(weights, capacities, strict=True), start=1):
        scale = _scale(row)
        amounts = {name: int(weight * scale) for name, weight in zip(names, row, strict=True)}
        rules.append(SumRule(f"capacity {number}", amounts, most=int(capacity * scale)))
    return Problem((), candidates, tuple(rules))


def _scale(numbers: Iterable[Decimal]) -> int:
    """The power of ten that makes them whole."""
    places = (-int(number.normalize().as_tuple().exponent) for number in numbers)
    return int(10 ** max(0, *places, 0))


def _numbers(path: Path, words: Iterable[str]) -> list[Decimal]:
    try:
        return [Decimal(word) for word in words]
    except InvalidOperation:
        raise BadInput(
            "instance-no-number", "{path} holds something that is not a number.", path=path
        ) from None


def _matrix(path: Path) -> list[list[Decimal]]:
    """A table of numbers without its header row and its column of numbers."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_numbers(path, row[1:]) for row in list(csv.reader(file))[1:]]


def _sections(path: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    meta: dict[str, str] = {}
    projects: dict[str, dict[str, str]] = {}
    section, header = "", list[str]()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file, delimiter=";"):
            if row and row[0] in ("META", "PROJECTS", "VOTES"):
                section, header = row[0], []
            elif row and not header:
                header = row
            elif row and section == "META":
                meta[row[0]] = row[1]
            elif row and section == "PROJECTS":
                projects[row[0]] = dict(zip(header, row, strict=False))
    if missing := {"budget", "rule"} - meta.keys():
        raise BadInput(
            "instance-not-pabulib",
            "{path} has no {missing} in its section META: is it a Pabulib file?",
            path=path,
            missing=min(missing),
        )
    return meta, projects
