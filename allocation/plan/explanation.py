"""The explanation of one activity in a plan: figures and codes, and the English sentences made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from allocation.engine.problem import BASIS_POINTS
from ledger import usd

NAMED_MAX = 8
"""How many activities or agreements a sentence names; it counts the rest."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Swap(_Part):
    """An activity that another plan funds with more or fewer units."""

    activity: str
    units: int
    """Positive for units added, negative for units displaced."""


class Counterfactual(_Part):
    """The best plan with another decision on one activity; of several, the one nearest to the plan."""

    loss: int | None
    """Points less than the best plan; negative if it misses soft rules more; None: no such plan."""
    proved: bool
    """Whether the loss is exact; else it is a lower bound, or nothing is known if it is None."""
    missed: int = 0
    """USD cents by which it misses soft rules more than the plan."""
    swaps: tuple[Swap, ...] = ()
    """The activities added and displaced, without the activity itself; by code."""
    clash: tuple[str, ...] = ()
    """If there is no plan: an irreducible infeasible subset of the rules."""


class Bottleneck(_Part):
    """What limits the money for an activity: a minimum cut of the payment network."""

    agreements: tuple[str, ...]
    """Agreements whose money could reach it, directly or by swaps."""
    cents: int
    """Their money together, in USD cents."""
    activities: tuple[str, ...]
    """The activity itself and all funded activities that only these agreements may pay for."""
    kept_out: tuple[str, ...]
    """Agreements with money left whose earmarks allow none of these activities."""
    kept_out_cents: int


class BreakEven(_Part):
    """Break-even of an activity: what would have it funded, or the limit up to which it stays funded."""

    unit_cents: int | None
    """The largest unit cost at which a plan with it is worth as much as one without; None: there is none."""
    gift_cents: int | None
    """The smallest gift for it alone with which a plan that funds more of it is worth as much.

    None if no sum is enough, or if all of it is funded.
    """
    proved: bool
    """Whether both are exact; if not, the limit was hit: they are sufficient, or none was found."""


class Explanation(_Part):
    """Why an activity is funded as it is. Money in USD cents, value in points."""

    activity: str
    units: int
    """Units that the plan funds."""
    wanted: int
    unit_cents: int
    next_units: int
    """The fewest further units that can be funded; 0 if all are funded."""
    value: int
    """The most points of any plan."""
    without: Counterfactual | None
    """The best plan without it; None if this plan does not fund it either."""
    more: Counterfactual | None
    """The best plan with more units of it; None if all are funded."""
    eligible_cents: int
    """Money whose earmark allows it."""
    left_cents: int
    """The part of that money that the plan leaves unspent."""
    reach_cents: int
    """The most money that could reach it with all else unchanged, if donors swap payments."""
    short_cents: int
    """The part of its next units' cost beyond that."""
    crowd: Bottleneck | None
    """The bottleneck, if the money that can reach it is too little."""
    binds: tuple[str, ...]
    """Rules that its next units would break with all else unchanged."""
    decided_by: tuple[str, ...]
    """The later tiers, if they decided between plans of equal value."""
    change: BreakEven | None = None
    """What would change the decision; only if that was asked."""
    sentences: tuple[str, ...] = ()
    """The explanation in English, one fact in each sentence."""


def with_sentences(explanation: Explanation) -> Explanation:
    """The same explanation with its sentences."""
    sentences = (sentence for part in paragraphs(explanation).values() for sentence in part)
    return explanation.model_copy(update={"sentences": tuple(sentences)})


def paragraphs(facts: Explanation) -> dict[str, tuple[str, ...]]:
    """The sentences by heading; headings without sentences are left out."""
    without = () if facts.without is None else _without(facts, facts.without)
    more = () if facts.more is None else _more(facts, facts.more)
    parts = {
        "Plan": (_standing(facts),),
        "Without it": tuple(without),
        "With it" if not facts.units else "With more": tuple(more),
        "Money": () if facts.more is None else tuple(_money(facts)),
        "Rules": tuple(_binding(facts)),
        "To change it": () if facts.change is None else tuple(_change(facts, facts.change)),
    }
    return {about: sentences for about, sentences in parts.items() if sentences}


def _standing(facts: Explanation) -> str:
    if facts.wanted == 1:
        return f"{facts.activity} ({usd(facts.unit_cents)}) is {'funded' if facts.units else 'not funded'}."
    funded = f"{facts.units:,}" if facts.units else "none"
    verb = "is" if facts.units < 2 else "are"
    return (
        f"{facts.activity}: {funded} of {facts.wanted:,} units at {usd(facts.unit_cents)} each {verb} funded."
    )


def _without(facts: Explanation, other: Counterfactual) -> Iterator[str]:
    if other.loss is not None:
        yield from _compared(facts, other, "without it")
    elif other.proved:
        yield f"No plan can do without it: {_rules(other.clash)} {_verb(other.clash, 'demand')} it."
    else:
        yield "Whether a plan can do without it was not found within the limit."


def _more(facts: Explanation, other: Counterfactual) -> Iterator[str]:
    if other.loss is not None:
        yield from _compared(facts, other, f"with {_next(facts)}")
    elif not other.proved:
        yield f"Whether a plan can have {_next(facts)} was not found within the limit."
    elif other.clash:
        forbids = f"{_rules(other.clash)} {_verb(other.clash, 'forbid')} it"
        yield f"With the money there is, no plan can have {_next(facts)}: {forbids}."
    else:
        yield f"No plan can have {_next(facts)}: the money whose earmarks allow it is too little."


def _compared(facts: Explanation, other: Counterfactual, which: str) -> Iterator[str]:
    loss = other.loss or 0
    missed = f", and misses the soft rules by {usd(other.missed)} more" if other.missed else ""
    if loss > 0:
        part = f" ({_percent(loss * BASIS_POINTS // facts.value)})" if facts.value else ""
        least = "" if other.proved else "at least "
        yield f"The best plan {which} is worth {least}{_points(loss)} less{part}{missed}."
    elif missed:
        worth = f"{_points(-loss)} more" if loss else "as much"
        yield f"The best plan {which} is worth {worth}{missed}."
    elif loss:
        yield f"A plan {which} may be worth {_points(-loss)} more: this one is not proved to be the best."
    else:
        yield f"A plan {which} is worth as much: {_names(facts.decided_by)} decided."
    come = [f"{swap.activity}{_times(swap.units)}" for swap in other.swaps if swap.units > 0]
    gone = [f"{swap.activity}{_times(-swap.units)}" for swap in other.swaps if swap.units < 0]
    done = [*([f"fund {_names(come)}"] if come else []), *([f"give up {_names(gone)}"] if gone else [])]
    if done:
        yield f"It would {' and '.join(done)}."


def _money(facts: Explanation) -> Iterator[str]:
    if not facts.eligible_cents:
        yield "No money may be used for it under the donors' earmarks."
        return
    left = f"leaves {usd(facts.left_cents)} of it" if facts.left_cents else "spends all of it"
    yield f"{usd(facts.eligible_cents)} may be used for it under the donors' earmarks; the plan {left}."
    if not facts.short_cents:
        yield f"With all else as it is, the money for {_next(facts)} can be found."
    elif facts.reach_cents > facts.left_cents:
        yield f"Donors could swap what they pay for and free {usd(facts.reach_cents)}: {_short(facts)}."
    else:
        yield f"With all else as it is, that is {_short(facts)}."
    if facts.crowd is not None:
        yield from _bottleneck(facts.crowd)


def _short(facts: Explanation) -> str:
    return f"{usd(facts.short_cents)} too little for {_next(facts)}"


def _bottleneck(crowd: Bottleneck) -> Iterator[str]:
    these = "It" if len(crowd.activities) == 1 else f"These {len(crowd.activities)} activities"
    named = "" if len(crowd.activities) == 1 else f": {_names(crowd.activities)}"
    holders = f" ({_agreements(crowd.agreements)})" if crowd.agreements else ""
    yield f"{these} can draw on only {usd(crowd.cents)}{holders}{named}."
    if crowd.kept_out:
        have, whose = (
            ("has", "its earmark does") if len(crowd.kept_out) == 1 else ("have", "their earmarks do")
        )
        left = f"{usd(crowd.kept_out_cents)} that {_agreements(crowd.kept_out)} {have} left"
        yield f"{left} may not be used there: {whose} not allow it."


def _binding(facts: Explanation) -> Iterator[str]:
    if facts.binds:
        yield f"With all else as it is, {_next(facts)} would break {_rules(facts.binds)}."


def _change(facts: Explanation, change: BreakEven) -> Iterator[str]:
    least = "" if change.proved else " (the limit was hit: it may be more)"
    if facts.more is None:
        if change.unit_cents is not None:
            demanded = facts.without is None or facts.without.loss is None
            worth = "could be funded" if demanded else "would be worth its money"
            yield f"It {worth} up to a unit cost of {usd(change.unit_cents)}{least}."
        return
    if change.unit_cents is None:
        never = "At no price would a plan with it be worth as much."
        yield never if change.proved else "At what price it would be funded was not found within the limit."
    elif change.unit_cents < facts.unit_cents:
        yield f"At a unit cost of {usd(change.unit_cents)}{least} a plan with it would be worth as much."
    if change.gift_cents:
        least = "" if change.proved else " (the limit was hit: it may be less)"
        yield f"So it would if a donor gave {usd(change.gift_cents)}{least} for it alone."


def _next(facts: Explanation) -> str:
    if not facts.units and facts.next_units == facts.wanted:
        return "it"
    more = "more " if facts.units else ""
    return f"{facts.next_units:,} {more}unit{'' if facts.next_units == 1 else 's'} of it"


def _times(units: int) -> str:
    return "" if units == 1 else f" ({units:,} units)"


def _points(points: int) -> str:
    return f"{points:,} point{'' if points == 1 else 's'}"


def _rules(ids: tuple[str, ...]) -> str:
    return f"the rule{'' if len(ids) == 1 else 's'} {_names(ids)}"


def _verb(subjects: tuple[str, ...], verb: str) -> str:
    return f"{verb}s" if len(subjects) == 1 else verb


def _names(names: Iterable[str]) -> str:
    """Names joined for a sentence; beyond NAMED_MAX the rest is counted."""
    named = list(names)
    if len(named) > NAMED_MAX:
        named = [*named[: NAMED_MAX - 1], f"{len(named) - NAMED_MAX + 1:,} more"]
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else "".join(named)


def _agreements(codes: Sequence[str]) -> str:
    return f"{'agreement' if len(codes) == 1 else 'agreements'} {_names(codes)}"


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}%"
