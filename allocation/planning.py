"""Planning: builds the problem of a scenario from the books, solves it, and makes a plan of the solution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from allocation.engine.certify import Claim, certify
from allocation.engine.iis import Infeasible
from allocation.engine.problem import Problem
from allocation.plan.conflict_of_interest import own_cities
from allocation.plan.explanation import Explanation, with_sentences
from allocation.plan.plan import (
    Award,
    Difference,
    Flow,
    Manifest,
    NotFunded,
    Plan,
    RuleReached,
    Tier,
    paid_by_agreement,
)
from allocation.programme.programme import activities
from allocation.scenario.committed_work import (
    CommittedWork,
    activity_of,
    allocated_amounts,
    is_committed_work,
)
from allocation.scenario.cover import counted_offers
from allocation.scenario.problem_builder import build_problem, problem_hash, work_to_keep
from allocation.scenario.scenario import NONEMPTY_PLAN_RULE, Scenario
from ledger import (
    Progress,
    Refused,
    Sentence,
    head,
    no_progress,
)

if TYPE_CHECKING:
    from allocation.analysis.repair import Repair
    from allocation.engine.solve import Solution


EXPLAINED_SENTENCES = 2
"""How many sentences of an explanation make a reason: what is lost, and what would be given up for it."""


class NoPlan(Infeasible):
    """No plan keeps the scenario's rules; the message also says what would make one possible."""

    def __init__(self, clash: Infeasible, found: tuple[Repair, ...]) -> None:
        super().__init__(clash.rules)
        self.repairs = found
        """The smallest relaxations of the rules, the smallest first."""

    @property
    def sentence(self) -> Sentence:
        """Which rules contradict each other, and the smallest repairs."""
        from allocation.analysis.repair import sentence_of  # noqa: PLC0415 - as `make_plan`

        return Sentence(f"{super().sentence} {sentence_of(self.repairs)}".rstrip())


def make_plan(
    books: Connection,
    scenario: Scenario,
    made_by: str,
    *,
    limit: float | None = None,
    revises: bool = False,
    explained: bool = True,
    progress: Progress = no_progress,
) -> Plan:
    """Solve a scenario over the books as they are, and explain the plan.

    A plan that `revises` replaces what is allocated in the term, except committed work.
    `limit` is deterministic solver time, never seconds, for the plan and for each explanation. Raises NoPlan,
    naming the rules that contradict each other and what would make a plan possible.
    """
    problem = build_problem(books, scenario, revises=revises)
    if not any(source.eligible for source in problem.sources):
        raise Refused(
            "scenario-without-money",
            "There is no money that scenario {id} may give to what is open for funding: record "
            "contributions, or see which agreements run on {on} and what their earmarks allow.",
            id=scenario.id,
            on=scenario.on,
        )
    solution = _solved(problem, limit)
    reasons = _explanations(problem, solution, limit, progress) if explained else ()
    kept = work_to_keep(books, scenario) if revises else {}
    awards = tuple(_awards(problem, solution, kept))
    now = head(books)
    return Plan(
        made_by=made_by,
        scenario=scenario,
        revises=revises,
        manifest=Manifest(
            problem_sha256=problem_hash(problem),
            head_seq=now.seq,
            head_hash=now.hash,
            solver=solution.solver,
            solver_version=solution.version,
            solver_reason=solution.solver_reason,
            tiers=tuple(
                Tier(name=tier.name, value=tier.value, bound=tier.bound, gap=tier.gap, proved=tier.proved)
                for tier in solution.tiers
            ),
        ),
        points=solution.points,
        available=sum(source.cents for source in problem.sources),
        awarded=sum(award.cents for award in awards),
        awards=awards,
        not_funded=tuple(_not_funded(problem, solution, reasons)),
        rules=tuple(_reached(problem, solution)),
        offers=counted_offers(books, scenario, activities(books, scenario.term)),
        own_cities=own_cities(books, scenario.term, paid_by_agreement(awards)),
        changes=tuple(_changes(books, problem, awards, scenario.term)) if revises else (),
        explanations=reasons,
    )


def _solved(problem: Problem, limit: float | None) -> Solution:
    # The solvers take half a second to load: import them only to plan or to approve.
    from allocation.engine.solve import solve  # noqa: PLC0415

    try:
        solution = solve(problem, limit=limit)
    except Infeasible as clash:
        from allocation.analysis.repair import repairs  # noqa: PLC0415 - only who has no plan waits for it

        raise NoPlan(clash, repairs(problem)) from None
    missed = solution.tier("floors")
    certify(
        problem,
        Claim(
            solution.units,
            solution.flows,
            solution.value,
            solution.bound,
            proved=solution.value == solution.bound,
            missed=None if missed is None else missed.value,
        ),
    )
    return solution


def _explanations(
    problem: Problem, solution: Solution, limit: float | None, progress: Progress
) -> tuple[Explanation, ...]:
    """Explain every activity; committed work needs no explanation."""
    from allocation.analysis.explain import explain  # noqa: PLC0415 - see `_solved`

    explanations = explain(
        problem, solution.units, solution.flows, solution.value, limit=limit, progress=progress
    )
    return tuple(each for each in explanations if not is_committed_work(each.activity))


def _awards(problem: Problem, solution: Solution, kept: Mapping[str, CommittedWork]) -> Iterator[Award]:
    units: Counter[str] = Counter()
    cents: Counter[str] = Counter()
    for candidate in problem.candidates:
        code, funded = activity_of(candidate.code), solution.units[candidate.code]
        units[code] += kept[code].units if is_committed_work(candidate.code) else funded
        cents[code] += funded * candidate.unit_cents
    for code in sorted(code for code, funded in units.items() if funded):
        yield Award(
            activity=code, units=units[code], cents=cents[code], flows=tuple(_flows(problem, solution, code))
        )


def _flows(problem: Problem, solution: Solution, activity: str) -> Iterator[Flow]:
    sources = {source.id: source for source in problem.sources}
    paid: Counter[tuple[str, str]] = Counter()
    for (source, code), cents in solution.flows.items():
        if activity_of(code) == activity:
            paid[sources[source].agreement, sources[source].arrives] += cents
    for (agreement, arrives), cents in sorted(paid.items()):
        yield Flow(agreement=agreement, cents=cents, arrives=arrives)


def _not_funded(problem: Problem, solution: Solution, reasons: Iterable[Explanation]) -> Iterator[NotFunded]:
    why = {each.activity: _reason(each) for each in reasons}
    for candidate in sorted(problem.candidates, key=lambda each: each.code):
        units = candidate.units - solution.units[candidate.code]
        if units:
            yield NotFunded(
                activity=candidate.code,
                units=units,
                cents=units * candidate.unit_cents,
                reason=why.get(candidate.code, "Not explained: ask why."),
            )


def _reason(explanation: Explanation) -> str:
    """Why no more of an activity is funded, in short."""
    of_more = with_sentences(explanation.model_copy(update={"without": None, "change": None})).sentences[1:]
    return " ".join(of_more[:EXPLAINED_SENTENCES])


def _reached(problem: Problem, solution: Solution) -> Iterator[RuleReached]:
    for rule in problem.rules:
        if rule.id == NONEMPTY_PLAN_RULE:
            continue
        for each in rule.reached(problem, solution.units, solution.flows):
            yield RuleReached(
                id=each.name,
                sense=each.sense,
                bound=each.bound,
                reached=each.reached,
                reason=rule.reason,
                in_cents=each.share is not None,
            )


def _changes(books: Connection, problem: Problem, awards: Iterable[Award], term: str) -> Iterator[Difference]:
    """How awards differ from what is allocated now to the activities of the problem."""
    about = {activity_of(candidate.code) for candidate in problem.candidates}
    changed = paid_by_agreement(awards)
    changed.subtract(
        {spot: cents for spot, cents in allocated_amounts(books, term).items() if spot[1] in about}
    )
    for (agreement, activity), cents in sorted(changed.items()):
        if cents:
            yield Difference(agreement=agreement, activity=activity, cents=cents)
