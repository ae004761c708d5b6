"""Known answers: public instances, solved by the engine and compared with the published answers."""

from __future__ import annotations

from pathlib import Path

from allocation.analysis.goal import Goal
from allocation.analysis.pareto import front
from allocation.engine.certify import Claim, certify
from allocation.engine.problem import Candidate
from allocation.engine.solve import Best, best, solve
from benchmarks.instances import Election, election, goals_knapsack, knapsacks
from benchmarks.table import Figures, seconds


def all_in(folder: Path) -> bool:
    """Every instance that is found in a folder; whether all known answers were met."""
    met = [mknap(path) for path in sorted(folder.glob("mknap*.txt"))]
    met += [kp(path.parent) for path in sorted(folder.glob("*/pareto_sols.csv"))]
    met += [pabulib(path) for path in sorted(folder.glob("*.pb"))]
    return all(met)


def mknap(path: Path) -> bool:
    """Solve every knapsack of an OR-Library file; whether all known optima were met and proved."""
    figures = Figures(f"{path.name}: multi-dimensional knapsacks")
    met = []
    for each in knapsacks(path):
        found: list[Best | None] = []
        took = seconds(lambda each=each, found=found: found.append(best(each.problem)))  # type: ignore[misc]
        answer = found[0]
        good = answer is not None and answer.proved and each.optimum in (0, answer.value)
        met.append(good)
        size = f"{each.number}: {len(each.problem.candidates)} x {len(each.problem.rules)}"
        answer_text = "none" if answer is None else f"{answer.value / each.scale:,g}"
        known = f"{each.optimum / each.scale:,g}" if each.optimum else "unknown"
        figures.add(size, f"{answer_text}, {took:.2f} s", "known", f"{known}: {_verdict(good)}")
    figures.show()
    return all(met)


def kp(folder: Path) -> bool:
    """Find the whole front of a knapsack with two or three goals; whether it is the published one."""
    instance = goals_knapsack(folder)
    goals = [Goal(f"goal {number}", amounts) for number, amounts in enumerate(instance.goals, start=1)]
    found: list[tuple[int, ...]] = []
    took = seconds(lambda: found.extend(point.values for point in front(instance.problem, goals)))
    good = len(found) == len(set(found)) and frozenset(found) == instance.points
    figures = Figures(f"{folder.name}: a knapsack with {len(goals)} goals")
    known = f"{len(instance.points)}: {_verdict(good)}"
    figures.add("Pareto points", f"{len(found)}, {took:.2f} s", "known", known)
    figures.show()
    return good


def pabulib(path: Path) -> bool:
    """Decide an election by its own rule, and by the most votes that its budget can reach."""
    held = election(path)
    by_rule = _by_votes(held)
    good = by_rule == held.selected
    solution = solve(held.problem)
    certify(
        held.problem,
        Claim(solution.units, solution.flows, solution.value, solution.bound, solution.proved),
    )
    votes = {candidate.code: candidate.score for candidate in held.problem.candidates}
    figures = Figures(f"{path.name}: {held.name}, {len(votes)} projects")
    figures.add(
        held.rule,
        f"{len(by_rule)} projects, {sum(votes[code] for code in by_rule):,} votes",
        "official",
        f"{len(held.selected)}: {_verdict(good)}",
    )
    most = f"{sum(map(bool, solution.units.values()))} projects, {solution.value:,} votes"
    figures.add("most votes", most, "", "proved" if solution.proved else f"at most {solution.bound:,}")
    figures.show()
    return good


def _by_votes(held: Election) -> frozenset[str]:
    """Most votes first, while the budget lasts; what is too dear is passed over, or (`no-skip`) ends it."""
    candidates: dict[str, Candidate] = {each.code: each for each in held.problem.candidates}
    left = sum(source.cents for source in held.problem.sources)
    funded = set()
    for code in held.order:
        if code in held.below_threshold:
            continue
        if candidates[code].unit_cents <= left:
            left -= candidates[code].unit_cents
            funded.add(code)
        elif held.rule.endswith("no-skip"):
            break
    return frozenset(funded)


def _verdict(good: bool) -> str:
    return "met" if good else "NOT MET"
