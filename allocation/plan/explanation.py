"""What a plan says about one activity: figures and codes first, and the English sentences made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from allocation.engine.problem import BASIS_POINTS
from ledger import usd

NAMED_MAX = 8
"""How many activities or agreements a sentence names before it counts the rest."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Swap(_Part):
    """An activity that another plan funds with more units, or with fewer."""

    activity: str
    units: int
    """Positive for what would come in, negative for what would be displaced."""


class Counterfactual(_Part):
    """The best plan in which one activity stands otherwise; of several, the one nearest to the plan."""

    loss: int | None
    """Points that it is worth less than the best plan; negative where it misses more; None: no such plan."""
    proved: bool
    """Whether the loss is exact; else it is at least so much, or nothing is known where it is None."""
    missed: int = 0
    """USD cents by which it misses soft rules more than the plan does."""
    swaps: tuple[Swap, ...] = ()
    """What would come in and what would be displaced, the activity itself left out; by code."""
    clash: tuple[str, ...] = ()
    """Where there is no plan: a smallest set of rules that forbids it with the money there is."""


class Bottleneck(_Part):
    """What stands between an activity and more money: a smallest cut of the network of earmarks."""

    agreements: tuple[str, ...]
    """All whose money could be brought to it, also by taking over what others pay for."""
    cents: int
    """What they hold together, in USD cents."""
    activities: tuple[str, ...]
    """Itself and all that is funded and can draw on nothing else."""
    kept_out: tuple[str, ...]
    """Agreements with money left whose earmarks allow none of these activities."""
    kept_out_cents: int


class BreakEven(_Part):
    """What would have the activity funded, or the last that would keep it."""

    unit_cents: int | None
    """The largest unit cost at which a plan that funds it is worth as much as one without; None: at none."""
    gift_cents: int | None
    """The least money, given for it alone, with which a plan that funds more of it is worth as much.

    None where no sum is enough, and where all of it is funded.
    """
    proved: bool
    """Whether both are exact; else the limit was hit: they are enough, or none was found."""


class Explanation(_Part):
    """Why an activity is funded as it is. Money in USD cents, value in points."""

    activity: str
    units: int
    """Units that the plan funds."""
    wanted: int
    unit_cents: int
    next_units: int
    """The fewest units more that it can be funded with; 0 where all are funded."""
    value: int
    """The most points that a plan can be worth."""
    without: Counterfactual | None
    """The best plan that does not fund it at all; None where this one does not either."""
    more: Counterfactual | None
    """The best plan that funds more units of it; None where all are funded."""
    eligible_cents: int
    """Money whose earmark allows it."""
    left_cents: int
    """What the plan leaves of that money."""
    reach_cents: int
    """The most that could be brought to it with all else as it is, donors swapping what they pay for."""
    short_cents: int
    """What its next units cost beyond that."""
    crowd: Bottleneck | None
    """Who shares the money with it, where what can be brought to it is too little."""
    binds: tuple[str, ...]
    """Rules that its next units would break with all else as it is."""
    decided_by: tuple[str, ...]
    """The later tiers, where a plan in which it stands otherwise is worth as much: they decided."""
    change: BreakEven | None = None
    """What would change it; only where it was asked."""
    sentences: tuple[str, ...] = ()
    """All this in English, one fact to a sentence."""


def with_sentences(explanation: Explanation) -> Explanation:
    """The same explanation with its sentences."""
    sentences = (sentence for part in paragraphs(explanation).values() for sentence in part)
    return explanation.model_copy(update={"sentences": tuple(sentences)})


def paragraphs(facts: Explanation) -> dict[str, tuple[str, ...]]:
    """The sentences, by what they are about; what there is nothing to say about is left out."""
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
    holders = f" (agreements {_names(crowd.agreements)})" if crowd.agreements else ""
    yield f"{these} can draw on only {usd(crowd.cents)}{holders}{named}."
    if crowd.kept_out:
        left = f"{usd(crowd.kept_out_cents)} that agreements {_names(crowd.kept_out)} have left"
        yield f"{left} may not be used there: their earmarks do not allow it."


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
    """Names in a row; more than a sentence can bear are counted."""
    named = list(names)
    if len(named) > NAMED_MAX:
        named = [*named[: NAMED_MAX - 1], f"{len(named) - NAMED_MAX + 1:,} more"]
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else "".join(named)


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}%"
