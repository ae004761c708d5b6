"""Approval of a plan by a second person, which books its flows as the allocation.

The problem is built again from the books as they are, and the plan checked by the independent verifier and a
second solver; then each flow is a line. A revised plan books only its differences from the present
allocation.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from sqlalchemy import Connection, select

from allocation.engine.certify import Claim, certify
from allocation.engine.problem import Problem
from allocation.plan.conflict_of_interest import own_cities
from allocation.plan.plan import Award, Plan, paid_by_agreement, read_plan
from allocation.programme.programme import activities
from allocation.scenario.committed_work import FundingKey, allocated_amounts, free_amounts
from allocation.scenario.cover import counted_offers
from allocation.scenario.problem_builder import build_problem, problem_hash, work_to_keep
from donors import Agreement, agreements
from ledger import (
    ALLOCATED,
    AVAILABLE,
    FUND_CURRENCY,
    NOW,
    Amount,
    BasisPointsField,
    Described,
    Event,
    Evidence,
    FileSource,
    Hint,
    Journal,
    Kind,
    Labelled,
    Line,
    Meaning,
    NotFound,
    Percent,
    Quantity,
    Refused,
    Sealed,
    Sentence,
    Sha256Field,
    Surroundings,
    TermField,
    TextField,
    Value,
    as_known,
    attach,
    dollars,
    get_entry,
    head,
    project,
    register,
    terms_into,
    text,
    usd,
)

ENTRIES_NAMED_MAX = 5
"""How many of the entries since a plan was solved a message names."""


class TierFigure(Meaning):
    """What a tier of a solution reaches, in the unit of the tier that the plan names."""

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return tier_figure(getattr(around.part, "name", ""), held)


def tier_figure(tier: str, figure: int) -> Value:
    """A figure of a tier for people: money, percent or a number of something."""
    if tier in _TIERS_OF_MONEY:
        return Amount(currency=FUND_CURRENCY, minor=figure)
    if tier == "fairness":
        return Percent(figure * 100)
    return Quantity(figure, *_TIER_UNITS.get(tier, ("", "")))


_TIERS_OF_MONEY = frozenset({"floors", "stability", "attribution"})
_TIER_UNITS = {"value": ("point", "points"), "tie-break": ("activity", "activities")}
TierFigureField = Annotated[int, TierFigure()]


class OpenTier(BaseModel):
    """An unproved tier of an approved plan, and how far from the best it may be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: TextField
    value: TierFigureField
    bound: TierFigureField
    """The best known bound: no plan reaches more."""
    gap: TierFigureField
    gap_basis_points: Annotated[BasisPointsField, Labelled("gap in percent")]
    """The gap as a part of the bound, rounded up."""


class PlanApproved(Event):
    """A plan is approved: its flows become the allocation."""

    kind: ClassVar[str] = "plan approved"

    plan_sha256: Annotated[Sha256Field, Labelled("plan")]
    term: TermField
    scenario: TextField
    lists_on: Annotated[date, Labelled("lists of countries of")]
    """The day whose lists of low-income and least developed countries the plan was solved with."""
    awards: tuple[Award, ...] = Field(min_length=1)
    evidence: tuple[Evidence, ...]
    """The plan file itself."""
    revises: bool = False
    """Whether it replaces the allocation of the term's programme, rather than adding to it."""
    unproved: tuple[OpenTier, ...] = ()
    """The tiers that hit their limit, if the plan is approved although it is not proved."""

    @property
    def sentence(self) -> str:
        if self.revises:
            return "The revised plan {scenario} of the term {term} is approved: it replaces the allocation."
        return "The plan {scenario} of the term {term} is approved: it becomes the allocation."

    def derived(self) -> tuple[Described, ...]:
        cents = sum(award.cents for award in self.awards)
        return (Described("awarded together", Amount(currency=FUND_CURRENCY, minor=cents)),)

    @property
    def key(self) -> str:
        return f"plan:{self.plan_sha256}"

    @model_serializer(mode="wrap")
    def _without_defaults(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out optional fields that have their defaults."""
        fields: dict[str, Any] = serialized(self)
        return {name: value for name, value in fields.items() if name not in _RARE or value}


_RARE = ("revises", "unproved")

approved_plan = register(
    "approved_plan", text("term"), text("scenario"), text("plan_sha256"), text("lists_on")
)


def approve_plan(
    journal: Journal,
    path: FileSource,
    approved_by: str,
    on: date | None = None,
    *,
    although_unproved: bool = False,
) -> Sealed:
    """Book a plan's flows as the allocation; of a revised plan, the differences from the allocation.

    Refused if the approver made the plan, if it allocates money that has not arrived, if the books have
    changed the problem since, and, unless `although_unproved`, if it is not proved optimal; with
    `although_unproved` the entry records how far from the best it may be. Raises CertificateError if the plan
    fails a check.
    """
    plan, content = read_plan(path)
    event = PlanApproved.make(
        on=on or plan.scenario.on,
        plan_sha256=hashlib.sha256(content).hexdigest(),
        term=plan.scenario.term,
        scenario=plan.scenario.id,
        lists_on=plan.scenario.lists_on,
        awards=plan.awards,
        evidence=(attach(journal.books, path),),
        revises=plan.revises,
        unproved=tuple(
            OpenTier(**tier.model_dump(exclude={"proved"}), gap_basis_points=tier.gap_basis_points)
            for tier in plan.unproved
        ),
    )
    if not journal.is_recorded(event):
        if event.unproved and not although_unproved:
            raise _not_proved(event.unproved)
        _require_arrived(plan)
        _require_valid(journal.books, plan)
    return journal.record(event, made_by=plan.made_by, approved_by=approved_by)


# --- checks before it is booked -----------------------------------------------------------------------------


def _not_proved(unproved: Iterable[OpenTier]) -> Refused:
    gaps = "; ".join(
        f"its {tier.name} is {tier_figure(tier.name, tier.value)} and may be as good as "
        f"{tier_figure(tier.name, tier.bound)} "
        f"(gap {tier_figure(tier.name, tier.gap)}, {_percent(tier.gap_basis_points)})"
        for tier in unproved
    )
    return Refused(
        "plan-not-proved",
        "The plan is not proved to be the best: {gaps}. Run the scenario again with a higher limit, or "
        "approve it all the same{hint}, which records the gap.",
        gaps=gaps,
        hint=Hint("approve-unproved"),
    )


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}%"


def _require_arrived(plan: Plan) -> None:
    for award in plan.awards:
        for flow in award.flows:
            if flow.arrives:
                raise Refused(
                    "plan-money-not-arrived",
                    "The plan gives {activity} {cents} of {named}, which is expected in {arrives} and "
                    "not there: approve a plan of what has arrived.",
                    activity=award.activity,
                    cents=usd(flow.cents),
                    named=_named(flow.agreement),
                    arrives=flow.arrives,
                )


def _named(source: str) -> str:
    """A source in words; a pledge's code begins with that word already."""
    return source if " " in source else f"agreement {source}"


def _require_valid(books: Connection, plan: Plan) -> None:
    from allocation.engine.solve import second_opinion  # noqa: PLC0415 - see `allocation.planning`

    _require_same_book(books, plan)
    _require_own_cities(books, plan)
    problem, claim = rebuild_problem(books, plan)
    certify(problem, claim)
    if not plan.proved:
        return  # without a proof there is no optimum to compare with
    second = second_opinion(problem)
    if second != plan.value:
        raise Refused(
            "plan-not-optimal",
            "A second solver finds a plan worth {second} points, not {value}: do not use this one.",
            second=second,
            value=plan.value,
        )


def _require_same_book(books: Connection, plan: Plan) -> None:
    seq = plan.manifest.head_seq
    try:
        same = seq == 0 or get_entry(books, seq).hash == plan.manifest.head_hash
    except NotFound:
        same = False
    if not same:
        raise Refused(
            "plan-of-other-books",
            "The plan was solved over other books: open its own book{hint}.",
            hint=Hint("say-book"),
        )


def _moved(books: Connection, plan: Plan) -> Refused:
    """Entries since the plan was solved have changed the problem."""
    since, last = plan.manifest.head_seq + 1, head(books).seq
    named = [f"{seq} ({get_entry(books, seq).kind})" for seq in range(since, last + 1)[:ENTRIES_NAMED_MAX]]
    more = last + 1 - since - len(named)
    entries = ", ".join(named) + (f" and {more} more" if more else "")
    because = f" (entries since: {entries})" if named else ""
    return Refused(
        "plan-out-of-date",
        "The money, the programme or the lists have changed since the plan was solved{because}: run the "
        "scenario again.",
        because=because,
    )


def _require_offers(books: Connection, plan: Plan) -> None:
    """Refuse a plan whose counted offers have changed, even at the same cost: a plan names who gives."""
    now = counted_offers(books, plan.scenario, activities(books, plan.scenario.term))
    then, again = (
        {(each.offer, each.covers) for each in offers if each.covers} for offers in (plan.offers, now)
    )
    if then != again:
        named = ", ".join(sorted({offer for offer, _ in then ^ again}))
        raise Refused(
            "plan-offers-changed",
            "The offers in kind that the plan counts have changed since it was solved ({named}): run "
            "the scenario again.",
            named=named,
        )


def _require_own_cities(books: Connection, plan: Plan) -> None:
    """Refuse a plan whose list of donors among the beneficiaries is no longer right."""
    if plan.own_cities != own_cities(books, plan.scenario.term, paid_by_agreement(plan.awards)):
        raise Refused(
            "plan-beneficiary-donors-differ",
            "Which donors are among the beneficiaries is not as the plan tells it: run the scenario again.",
        )


def rebuild_problem(books: Connection, plan: Plan) -> tuple[Problem, Claim]:
    """Build the problem of a plan from the books as they are now, and the plan's claim about it.

    Committed work is separated from the rest, as in the problem. Refused if the problem has changed.
    """
    _require_offers(books, plan)
    problem = build_problem(books, plan.scenario, revises=plan.revises)
    if problem_hash(problem) != plan.manifest.problem_sha256:
        raise _moved(books, plan)
    units = {candidate.code: 0 for candidate in problem.candidates} | dict(plan.units)
    flows = Counter(dict(plan.flows))
    for code, committed in (work_to_keep(books, plan.scenario) if plan.revises else {}).items():
        units[committed.code], units[code] = 1, units[code] - committed.units
    for source in problem.sources:
        if source.kept_for:
            (committed_code,) = source.eligible
            flows[source.id, committed_code] += source.cents
            flows[source.agreement, source.kept_for] -= source.cents
    candidates = {candidate.code for candidate in problem.candidates}
    funded = {code: number for code, number in units.items() if code in candidates or number}
    paid = {spot: cents for spot, cents in flows.items() if cents}
    missed = plan.tier("floors")
    return problem, Claim(
        funded,
        paid,
        plan.value,
        plan.bound,
        proved=plan.value == plan.bound,
        missed=None if missed is None else missed.value,
    )


# --- into the books -----------------------------------------------------------------------------------------


def _post(event: PlanApproved, books: Connection) -> list[Line]:
    """Each flow is a line on `ALLOCATED`; the money leaves its agreement's `AVAILABLE`."""
    changes = _changes(event, books)
    if not changes:
        raise Refused(
            "plan-allocated-already",
            "The revised plan is what is allocated already: there is nothing to book.",
        )
    signed = {each.code: each for each in agreements(books, term=event.term)}
    given: Counter[str] = Counter()
    for (agreement, _), cents in changes.items():
        _require_signed(event, agreement, signed, gives=cents > 0)
        given[agreement] += cents
    return [
        *(
            dollars(AVAILABLE, event.term, cents, agreement=code)
            for code, cents in sorted(given.items())
            if cents
        ),
        *(
            dollars(ALLOCATED, event.term, -cents, agreement=agreement, activity=activity)
            for (agreement, activity), cents in changes.items()
        ),
    ]


def _changes(event: PlanApproved, books: Connection) -> dict[FundingKey, int]:
    """What agreements give to activities, or take away if negative; in the order of the awards."""
    changes = paid_by_agreement(event.awards)
    if event.revises:
        programme = {activity.code for activity in activities(books, event.term)}
        spare = free_amounts(books, event.term)
        for spot, cents in allocated_amounts(books, event.term).items():
            if spot[1] in programme:
                changes[spot] -= cents
                _require_free(spot, -changes[spot], spare.get(spot, 0))
    return {spot: cents for spot, cents in changes.items() if cents}


def _require_free(spot: FundingKey, taken: int, spare: int) -> None:
    if taken > spare:
        agreement, activity = spot
        raise Refused(
            "plan-takes-used-money",
            "The revised plan takes {taken} of agreement {agreement} from {activity}, where only "
            "{spare} is neither used nor committed: run the scenario again.",
            taken=usd(taken),
            agreement=agreement,
            activity=activity,
            spare=usd(spare),
        )


def _require_signed(
    event: PlanApproved, agreement: str, signed: Mapping[str, Agreement], *, gives: bool
) -> None:
    if agreement not in signed:
        raise Refused(
            "plan-agreement-not-found",
            "There is no agreement '{agreement}' for the term {term}.",
            agreement=agreement,
            term=event.term,
        )
    if gives:
        signed[agreement].require_running(event.on, "An allocation")


def _apply(books: Connection, seq: int, event: PlanApproved) -> None:
    registered = {"term": event.term, "scenario": event.scenario, "plan_sha256": event.plan_sha256}
    project(books, approved_plan, seq, lists_on=event.lists_on.isoformat(), **registered)


def lists_day(books: Connection, term: str, known_at: int = NOW) -> date | None:
    """The day of the country lists that the newest approved plan of a term was solved with.

    A term without a plan has the day of the term that was carried over to it.
    """
    for each in terms_into(books, term, known_at):
        day = books.execute(
            select(approved_plan.c.lists_on)
            .where(approved_plan.c.term == each, as_known(approved_plan, known_at))
            .order_by(approved_plan.c.seq.desc())
            .limit(1)
        ).scalar()
        if day:
            return date.fromisoformat(day)
    return None


_NEW_PLAN = Sentence("a plan is approved once, so make a new one", Hint("make-a-new-plan"))

KINDS = (
    Kind(
        PlanApproved,
        post=_post,
        apply=_apply,
        registers=(approved_plan,),
        recorder="planner",
        reversible=True,
        when_recorded=_NEW_PLAN,
        when_reversed=_NEW_PLAN,
    ),
)
