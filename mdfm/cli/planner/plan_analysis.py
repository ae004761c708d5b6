"""`mdfm plan compare`, `alternatives`, `sensitivity` and `risk`: the analysis of plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from allocation import (
    Alternatives,
    Comparison,
    Effects,
    Infeasible,
    Plan,
    Risk,
    Scenario,
    Sensitivity,
    Step,
    read_plan,
    read_scenario,
)
from ledger import usd
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo, GroupedNumber, Misused, UsdCents
from mdfm.cli.recording import opened

SCENARIO = click.argument("scenario", type=options.FILE, metavar="SCENARIO.toml")


@contextmanager
def _or_no() -> Iterator[None]:
    """Report that there is no plan with exit code 1: it is an answer, not bad input."""
    try:
        yield
    except Infeasible as error:
        raise AnswerIsNo(error.sentence) from error


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d} %"


def _each(amounts: Mapping[str, int]) -> str:
    """Names with amounts of dollars, on the screen."""
    return ", ".join(f"{name} {console.format_value(UsdCents(cents))}" for name, cents in amounts.items())


# --- compare ------------------------------------------------------------------------------------------------


@click.command("compare", cls=console.JsonCommand)
@click.argument("before", type=options.FILE, metavar="BEFORE")
@click.argument("after", type=options.FILE, metavar="AFTER")
def compare(before: Path, after: Path) -> None:
    """Compare two plans, and show which change of the scenario caused which difference.

    BEFORE and AFTER are scenarios (.toml), which are solved over the books as they are, or plans (.json).
    """
    sides = _scenario_or_plan(before), _scenario_or_plan(after)
    with opened() as fund, _or_no(), console.progress("Solving the scenarios in between") as progress:
        compared = fund.plans.compare(*sides, progress)
    console.emit(_plain_comparison(compared), lambda: _print_comparison(compared, *map(_name_of, sides)))


def _scenario_or_plan(file: Path) -> Scenario | Plan:
    return read_plan(file)[0] if file.suffix == ".json" else read_scenario(file)


def _name_of(side: Scenario | Plan) -> str:
    scenario = side.scenario if isinstance(side, Plan) else side
    return f"{scenario.id} {scenario.title}".strip()


def _plain_comparison(compared: Comparison) -> dict[str, object]:
    """The differences for JSON; a flow is named by its two ends."""
    ends = {
        name: {"value": end.value, "awarded": end.awarded, "awards": end.awards, "paid": end.paid}
        for name, end in (("before", compared.before), ("after", compared.after))
    }
    flows = [
        {"agreement": agreement, "activity": activity, "before": old, "after": new}
        for (agreement, activity), old, new in compared.flows
    ]
    return {**ends, "changes": compared.changes, "caused": compared.caused, "flows": flows}


def _print_comparison(compared: Comparison, before: str, after: str) -> None:
    _print_ends(compared, before, after)
    if compared.changes:
        _print_changes(compared)
    else:
        console.line("\nThe scenarios ask the same.")
    if compared.awards:
        _print_awards(compared)
    else:
        console.line("\nBoth fund the same.")
    if compared.paid:
        rows = [
            {"code": code, "before": UsdCents(old), "after": UsdCents(new), "change": UsdCents(new - old)}
            for code, old, new in compared.paid
        ]
        columns = {"code": "Agreement", "before": "Before US$", "after": "After US$", "change": "Change US$"}
        console.table(rows, columns, title="Whose money")
    _say_how(compared.caused)


def _print_ends(compared: Comparison, before: str, after: str) -> None:
    old, new = compared.before, compared.after
    rows = [
        {
            "side": side,
            "name": name,
            "value": GroupedNumber(end.value),
            "cents": UsdCents(end.awarded),
            "n": len(end.awards),
        }
        for side, name, end in (("Before", before, old), ("After", after, new))
    ]
    change = {
        "side": "Change",
        "value": GroupedNumber(new.value - old.value),
        "cents": UsdCents(new.awarded - old.awarded),
        "n": len(new.awards) - len(old.awards),
    }
    columns = {"side": "", "name": "Scenario", "value": "Value", "cents": "Awarded US$", "n": "Activities"}
    console.table(rows, columns, total=change)


def _print_changes(compared: Comparison) -> None:
    rows: list[dict[str, object]] = [each._asdict() for each in compared.changes]
    columns = {"id": "Change", "before": "Before", "after": "After"}
    total = None
    if compared.caused:
        effects = compared.caused.effects
        for row, effect in zip(rows, effects, strict=True):
            row |= {"value": GroupedNumber(effect.value), "cents": UsdCents(effect.awarded)}
        total = {
            "id": "Together",
            "value": GroupedNumber(sum(effect.value for effect in effects)),
            "cents": UsdCents(sum(effect.awarded for effect in effects)),
        }
        columns |= {"value": "Value", "cents": "Awarded US$"}
    console.table(rows, columns, title="What changed, and what it did", total=total)


def _print_awards(compared: Comparison) -> None:
    rows = []
    for code, old, new in compared.awards:
        effects = compared.caused.effects if compared.caused else ()
        because = {each.change.id: each.awards[code] for each in effects if code in each.awards}
        cents = {"before": UsdCents(old), "after": UsdCents(new), "change": UsdCents(new - old)}
        rows.append({"code": code, **cents, "because": _each(because)})
    columns = {"code": "Activity", "before": "Before US$", "after": "After US$", "change": "Change US$"}
    console.table(rows, columns | ({"because": "Because of"} if compared.caused else {}), title="Awards")


def _say_how(caused: Effects | None) -> None:
    if caused is None:
        console.stderr(
            "The books have changed since a plan was solved: compare scenarios to see what caused what."
        )
    elif len(caused.effects) > 1:
        how = f"Effects are those of each change {_METHODS[caused.method]}; they add up exactly."
        without = f" Scenarios in between without a plan fund nothing: {caused.without_plan}."
        console.stderr(how + (without if caused.without_plan else ""))


_METHODS = {
    "every order": "on the mean over every order in which they could be made",
    "in the order listed": "when they are made one after the other as listed",
}


# --- alternatives -------------------------------------------------------------------------------------------


@click.command("alternatives", cls=console.JsonCommand)
@SCENARIO
@click.option(
    "--within", type=options.PERCENT, default="2%", show_default=True, help="How far below the best value."
)
@click.option(
    "--count", type=click.IntRange(1, 50), default=3, show_default=True, help="The most plans to find."
)
def alternatives(scenario: Path, within: int, count: int) -> None:
    """Find other plans that are nearly as good, as different as possible, and what all of them fund."""
    if within > 10_000:
        raise Misused("A plan cannot be worth more than 100% less than the best: give --within less.")
    question = read_scenario(scenario)
    with opened() as fund, _or_no(), console.progress("Looking for other plans") as progress:
        found = fund.plans.alternatives(question, within=within, count=count, progress=progress)
    console.emit(found, lambda: _print_alternatives(found))


def _print_alternatives(found: Alternatives) -> None:
    best = {
        "name": "best",
        "value": GroupedNumber(found.value),
        "cents": UsdCents(sum(found.awards.values())),
    }
    rows: list[dict[str, object]] = [best]
    for number, plan in enumerate(found.plans, 1):
        rows.append(
            {
                "name": f"{number}",
                "value": GroupedNumber(plan.value),
                "cents": UsdCents(sum(plan.awards.values())),
                "moved": UsdCents(plan.moved),
                "more": _each(plan.more),
                "less": _each(plan.less),
            }
        )
    columns = {
        "name": "Plan",
        "value": "Value",
        "cents": "Awarded US$",
        "moved": "Moves US$",
        "more": "More than the best",
        "less": "Less than the best",
    }
    console.table(rows, columns, title=f"Plans within {_percent(found.within)} of the best value")
    by_often = {
        often: ", ".join(code for code, how in found.often.items() if how == often)
        for often in ("always", "sometimes", "never")
    }
    console.line("\nAmong all plans within it, these activities are funded")
    console.details({often: codes or "-" for often, codes in by_often.items()})


# --- sensitivity --------------------------------------------------------------------------------------------


@click.command("sensitivity", cls=console.JsonCommand)
@SCENARIO
@click.option(
    "--amount",
    "cents",
    type=options.DOLLARS,
    default="10,000",
    show_default=True,
    help="US dollars, e.g. 10,000.00.",
)
def sensitivity(scenario: Path, cents: int) -> None:
    """Show what more money, or less, from each donor would change."""
    if cents <= 0:
        raise Misused("Give an --amount of more than nothing.")
    question = read_scenario(scenario)
    with opened() as fund, _or_no(), console.progress("Solving with more and less") as progress:
        found = fund.plans.sensitivity(question, cents, progress)
    console.emit(found, lambda: _print_sensitivity(found, cents))


def _print_sensitivity(found: Sensitivity, cents: int) -> None:
    console.line(f"The plan is worth {found.value:,} points.")
    _print_steps(found.more, f"With {usd(cents)} more", "Gain")
    _print_steps(found.less, f"With {usd(cents)} less", "Loss")


def _print_steps(steps: Iterable[Step], title: str, heading: str) -> None:
    rows = [
        {
            "who": ", ".join(step.sources)
            + ("" if step.earmarked else f"{' ' * bool(step.sources)}(no earmark)"),
            "cents": UsdCents(abs(step.cents)),
            "gain": "no plan" if step.gain is None else GroupedNumber(abs(step.gain)),
            "more": _each(step.more),
            "less": _each(step.less),
        }
        for step in steps
    ]
    columns = {
        "who": "Whose money",
        "cents": "US$",
        "gain": heading,
        "more": "Gets more",
        "less": "Gets less",
    }
    console.table(rows, columns, title=title)


# --- risk ---------------------------------------------------------------------------------------------------


def _read_chance(text: str) -> tuple[str, int]:
    name, found, percent = text.partition("=")
    if not found or not name.strip():
        raise Misused(
            f"'{text}' is not NAME=PERCENT: write the agreement or pledge and how likely, as A-1=70%."
        )
    chance: int = options.PERCENT.convert(percent, None, None)
    if chance > 10_000:
        raise Misused(f"'{text}' is more than certain: give at most 100%.")
    return name.strip(), chance


@click.command("risk", cls=console.JsonCommand)
@SCENARIO
@click.option(
    "--probability",
    "chances",
    type=options.Typed("NAME=70%", _read_chance),
    multiple=True,
    help="The probability that the money of an agreement or pledge arrives; may be repeated.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Keep the order of the plan when money falls short, in place of planning again.",
)
@click.option(
    "--samples",
    type=click.IntRange(100, 100_000),
    default=1_000,
    show_default=True,
    help="How many outcomes to sample where there are too many to examine all.",
)
def risk(scenario: Path, chances: tuple[tuple[str, int], ...], keep: bool, samples: int) -> None:
    """Assess the risk that expected money does not arrive: chances, mean and worst value."""
    names = [name for name, _ in chances]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Misused(f"The probability of {twice} is given twice: give it once.")
    question = read_scenario(scenario)
    with opened() as fund, _or_no(), console.progress("Going through the outcomes") as progress:
        found = fund.plans.risk(question, dict(chances), keep=keep, samples=samples, progress=progress)
    console.emit(found, lambda: _print_risk(found))


def _print_risk(found: Risk) -> None:
    promises = [
        {"source": each.source, "cents": UsdCents(each.cents), "chance": _percent(each.chance)}
        for each in found.promises
    ]
    console.table(promises, {"source": "Expected", "cents": "US$", "chance": "Probability"})
    looked = (
        f"{found.samples:,} drawn, {found.outcomes:,} different"
        if found.samples
        else f"all {found.outcomes:,}"
    )
    console.details(
        {
            "\nOutcomes": f"\n{looked}",
            "In each": "the plan is kept in its order" if found.kept else "the plan is made anew",
            "Value if all arrives": GroupedNumber(found.value),
            "Expected value": GroupedNumber(found.expected),
        }
        | {f"Mean of the worst {part // 100} %": GroupedNumber(value) for part, value in found.tails.items()}
        | ({"No plan at all": _percent(found.without_plan)} if found.without_plan else {})
    )
    rows = [
        {
            "activity": each.activity,
            "units": each.units,
            "chance": _percent(each.chance),
            "cents": UsdCents(each.cents),
        }
        for each in sorted(found.chances, key=lambda each: (-each.chance, each.activity))
    ]
    columns = {
        "activity": "Activity",
        "units": "Units if all arrives",
        "chance": "Funded",
        "cents": "Mean US$",
    }
    console.table(rows, columns, title="How likely each activity is funded")
