"""Plans: the optimiser's answer as a file, and its approval, which books it as the allocation.

A plan file is canonical: the same scenario over the same books gives the same bytes. Approval asks the
question again from the books as they are, checks the answer with the independent verifier and with a second
solver, and books each flow as a line: the answer is the ledger's entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, select

from allocation.certify import Claim, certify
from allocation.problem import BASIS_POINTS, Candidate, MoneyRule, Problem, Rule, UnitsRule
from allocation.question import ask, problem_hash
from allocation.scenario import FUND_SOMETHING, Scenario
from donors import agreements
from ledger import (
    NOW,
    BadInput,
    Event,
    Evidence,
    Journal,
    Kind,
    Line,
    Refused,
    Sealed,
    attach,
    dollars,
    head,
    known,
    learn,
    register,
    terms_into,
    text,
    usd,
)

if TYPE_CHECKING:
    from allocation.solve import Solution

FORMAT: Literal["mdfm-plan-1"] = "mdfm-plan-1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Flow(_Part):
    """Money of one agreement for one activity."""

    agreement: str
    cents: int = Field(gt=0)


class Award(_Part):
    """One line of a plan: an activity that is funded, and by whom."""

    activity: str
    units: int
    cents: int
    flows: tuple[Flow, ...]


class NotFunded(_Part):
    """An activity that is wanted and not, or not wholly, funded."""

    activity: str
    units: int
    """Units that are wanted and not funded."""
    cents: int
    reason: str


class RuleReached(_Part):
    """A floor or ceiling, and what the plan reaches. In USD cents."""

    id: str
    sense: Literal["floor", "ceiling"]
    bound: int
    reached: int
    reason: str


class Tier(_Part):
    """What one tier of the solution reached."""

    name: str
    value: int
    bound: int
    gap: int
    proved: bool


class Manifest(_Part):
    """What the plan was solved from, and with what."""

    problem_sha256: str
    head_seq: int
    head_hash: str
    solver: str
    solver_version: str
    tiers: tuple[Tier, ...]


class Plan(_Part):
    """The answer to a scenario."""

    format: Literal["mdfm-plan-1"] = FORMAT
    made_by: str
    scenario: Scenario
    manifest: Manifest
    available: int
    """USD cents that the scenario may give."""
    awarded: int
    awards: tuple[Award, ...]
    not_funded: tuple[NotFunded, ...]
    rules: tuple[RuleReached, ...]

    @property
    def proved(self) -> bool:
        """Whether every tier is proved optimal."""
        return all(tier.proved for tier in self.manifest.tiers)

    @property
    def value(self) -> int:
        """Points."""
        return self.manifest.tiers[0].value

    @property
    def bound(self) -> int:
        """No plan is worth more points than this."""
        return self.manifest.tiers[0].bound

    def to_bytes(self) -> bytes:
        """The plan file's bytes: JSON with sorted keys."""
        told = self.model_dump(mode="json")
        return (json.dumps(told, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


class PlanApproved(Event):
    """A plan is approved: its flows become the allocation."""

    kind: ClassVar[str] = "plan approved"

    plan_sha256: str
    term: str
    scenario: str
    lists_on: date
    """The day whose lists of low-income and least developed countries the plan was solved with."""
    awards: tuple[Award, ...] = Field(min_length=1)
    evidence: tuple[Evidence, ...]
    """The plan file itself."""

    @property
    def key(self) -> str:
        return f"plan:{self.plan_sha256}"


approved_plan = register(
    "approved_plan", text("term"), text("scenario"), text("plan_sha256"), text("lists_on")
)


def run(books: Connection, scenario: Scenario, made_by: str, *, limit: float | None = None) -> Plan:
    """Solve a scenario over the books as they are.

    Raises Infeasible, naming the rules that clash. `limit` is deterministic solver time, never seconds.
    """
    # The solvers take half a second to load: only who plans or approves waits for them.
    from allocation.solve import solve  # noqa: PLC0415

    problem = ask(books, scenario)
    if not any(source.eligible for source in problem.sources):
        raise Refused(
            f"There is no money that scenario {scenario.id} may give to what is open for funding: record "
            f"contributions, or see which agreements run on {scenario.on} and what their earmarks allow."
        )
    solution = solve(problem, limit=limit)
    certify(problem, _claim(solution))
    now = head(books)
    unit_cents = {candidate.code: candidate.unit_cents for candidate in problem.candidates}
    awards = tuple(_awards(solution, unit_cents))
    return Plan(
        made_by=made_by,
        scenario=scenario,
        manifest=Manifest(
            problem_sha256=problem_hash(problem),
            head_seq=now.seq,
            head_hash=now.hash,
            solver=solution.solver,
            solver_version=solution.version,
            tiers=tuple(
                Tier(name=tier.name, value=tier.value, bound=tier.bound, gap=tier.gap, proved=tier.proved)
                for tier in solution.tiers
            ),
        ),
        available=sum(source.cents for source in problem.sources),
        awarded=sum(award.cents for award in awards),
        awards=awards,
        not_funded=tuple(_not_funded(problem, solution)),
        rules=tuple(_reached(problem, awards)),
    )


def _claim(solution: Solution) -> Claim:
    return Claim(solution.units, solution.flows, solution.value, solution.bound, solution.tiers[0].proved)


def _awards(solution: Solution, unit_cents: Mapping[str, int]) -> Iterable[Award]:
    for code in sorted(code for code, units in solution.units.items() if units):
        flows = sorted(
            (agreement, cents) for (agreement, paid), cents in solution.flows.items() if paid == code
        )
        yield Award(
            activity=code,
            units=solution.units[code],
            cents=solution.units[code] * unit_cents[code],
            flows=tuple(Flow(agreement=agreement, cents=cents) for agreement, cents in flows),
        )


def _not_funded(problem: Problem, solution: Solution) -> Iterable[NotFunded]:
    spent: dict[str, int] = {}
    for (agreement, _), cents in solution.flows.items():
        spent[agreement] = spent.get(agreement, 0) + cents
    for candidate in sorted(problem.candidates, key=lambda each: each.code):
        units = candidate.units - solution.units[candidate.code]
        if units:
            eligible = [source for source in problem.sources if candidate.code in source.eligible]
            left = sum(source.cents - spent.get(source.agreement, 0) for source in eligible)
            yield NotFunded(
                activity=candidate.code,
                units=units,
                cents=units * candidate.unit_cents,
                reason=_why_not(candidate, sum(source.cents for source in eligible), left, problem.rules),
            )


def _why_not(candidate: Candidate, could: int, left: int, rules: Iterable[Rule]) -> str:
    """What stood in the way, from the plan itself: an excluding rule, the earmarks, or better uses."""
    for rule in rules:
        if isinstance(rule, UnitsRule) and rule.activity == candidate.code and rule.most == 0:
            return f"The rule {rule.id} excludes it."
    if could < candidate.unit_cents:
        return f"Only {usd(could)} may be used for it under the donors' earmarks."
    if left < candidate.unit_cents:
        return f"Other uses of the money are worth more; {usd(left)} that may be used for it is left."
    return f"{usd(left)} that may be used for it is left, but the scenario's rules are met only without it."


def _reached(problem: Problem, awards: Iterable[Award]) -> Iterable[RuleReached]:
    cents = {award.activity: award.cents for award in awards}
    total = sum(cents.values())
    for rule in problem.rules:
        if isinstance(rule, MoneyRule) and rule.id != FUND_SOMETHING:
            reached = sum(cents.get(code, 0) * weight for code, weight in rule.weights.items())
            bound = rule.cents if rule.cents is not None else -(-total * (rule.share or 0) // BASIS_POINTS)
            yield RuleReached(
                id=rule.id, sense=rule.sense, bound=bound, reached=reached // BASIS_POINTS, reason=rule.reason
            )


def read_plan(path: Path) -> tuple[Plan, bytes]:
    """Read a plan file; BadInput when it is not one, or not as it was written."""
    try:
        content = path.read_bytes()
        plan = Plan.model_validate_json(content)
    except OSError as error:
        raise BadInput(f"The plan {path} cannot be read: {error.strerror}.") from None
    except ValidationError:
        raise BadInput(f"{path} is not a plan: make one with `mdfm plan run`.") from None
    if plan.to_bytes() != content:
        raise BadInput(f"{path} was edited after it was written: run the scenario again.")
    return plan, content


def approve_plan(journal: Journal, path: Path, approved_by: str, on: date | None = None) -> Sealed:
    """Book a plan's flows as the allocation.

    Refused when the plan is not proved, when the books have moved so that the question is another one, or
    when the approver made the plan; raises CertificateError when the answer fails a check.
    """
    plan, content = read_plan(path)
    term, event_on = plan.scenario.term, on or plan.scenario.on
    event = PlanApproved.make(
        on=event_on,
        plan_sha256=hashlib.sha256(content).hexdigest(),
        term=term,
        scenario=plan.scenario.id,
        lists_on=plan.scenario.lists_on,
        awards=plan.awards,
        evidence=(attach(journal.books, path),),
    )
    if not journal.is_recorded(event):
        _require_valid(journal.books, plan)
    return journal.record(event, made_by=plan.made_by, approved_by=approved_by)


def _require_valid(books: Connection, plan: Plan) -> None:
    from allocation.solve import second_opinion  # noqa: PLC0415 - see `run`

    if not plan.proved:
        raise Refused("The plan is not proved to be the best: run the scenario again with a higher limit.")
    problem = ask(books, plan.scenario)
    if problem_hash(problem) != plan.manifest.problem_sha256:
        raise Refused(
            "The money, the programme or the lists have changed since the plan was solved: "
            "run the scenario again."
        )
    units = {candidate.code: 0 for candidate in problem.candidates}
    units |= {award.activity: award.units for award in plan.awards}
    flows = {(flow.agreement, award.activity): flow.cents for award in plan.awards for flow in award.flows}
    certify(problem, Claim(units, flows, plan.value, plan.bound, proved=True))
    second = second_opinion(problem)
    if second != plan.value:
        raise Refused(
            f"A second solver finds a plan worth {second} points, not {plan.value}: do not use this one."
        )


def _post(event: PlanApproved, books: Connection) -> list[Line]:
    """Each flow is a line on 2300; the money leaves what its agreement has available on 2200."""
    signed = {each.code: each for each in agreements(books, term=event.term)}
    given: dict[str, int] = {}
    flows: list[Line] = []
    for award in event.awards:
        for flow in award.flows:
            if flow.agreement not in signed:
                raise Refused(f"There is no agreement '{flow.agreement}' for the term {event.term}.")
            signed[flow.agreement].require_running(event.on, "An allocation")
            given[flow.agreement] = given.get(flow.agreement, 0) + flow.cents
            flows.append(
                dollars("2300", event.term, -flow.cents, agreement=flow.agreement, activity=award.activity)
            )
    sources = [dollars("2200", event.term, cents, agreement=code) for code, cents in sorted(given.items())]
    return sources + flows


def _apply(books: Connection, seq: int, event: PlanApproved) -> None:
    told = {"term": event.term, "scenario": event.scenario, "plan_sha256": event.plan_sha256}
    learn(books, approved_plan, seq, lists_on=event.lists_on.isoformat(), **told)


def lists_day(books: Connection, term: str, known_at: int = NOW) -> date | None:
    """The day whose country lists the newest approved plan of a term was solved with.

    Without a plan of its own a term goes by that of the term that was carried over to it.
    """
    for each in terms_into(books, term, known_at):
        day = books.execute(
            select(approved_plan.c.lists_on)
            .where(approved_plan.c.term == each, known(approved_plan, known_at))
            .order_by(approved_plan.c.seq.desc())
            .limit(1)
        ).scalar()
        if day:
            return date.fromisoformat(day)
    return None


KINDS = (
    Kind(
        PlanApproved,
        post=_post,
        apply=_apply,
        registers=(approved_plan,),
        recorder="planner",
        reversible=True,
    ),
)
