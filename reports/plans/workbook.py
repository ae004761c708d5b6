"""Workbook of a plan for planners: what is funded and by whom, what is not and why, and the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from allocation import Plan, Scenario
from reports.plans.named_plan import NamedPlan
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table, column_letter

_SHARES = frozenset({"share", "reserve", "give_up", "pledge_probability", "probability"})
_AMOUNTS = frozenset({"amount", "cover"})


def render_plan_workbook(named: NamedPlan) -> bytes:
    """The plan as an XLSX file, in English as the plan is; equal plans give equal bytes."""
    # Imported here so that XlsxWriter is loaded only to write a workbook.
    from reports.render.xlsx import write_workbook  # noqa: PLC0415

    plan = named.plan
    awards, whose = _awards(named), _whose_money(named)
    tables = [
        _head(plan, awards, whose),
        awards,
        whose,
        _not_funded(named),
        *([_explanations(named)] if plan.explanations else []),
        *([_offers(named)] if plan.offers else []),
        *([_changes(named)] if plan.revises else []),
        _rules(plan),
        _scenario(plan.scenario),
    ]
    return write_workbook(f"Plan {plan.scenario.id}", plan.scenario.on, tables)


def _head(plan: Plan, awards: Table, whose: Table) -> Table:
    """The plan's key facts, how far its optimality is proved, and a check of its sums."""
    scenario, manifest = plan.scenario, plan.manifest
    funded = awards.total_cell(_CENTS)
    paid = whose.total_cell(len(whose.head) - 1)
    rows: list[Sequence[CellValue]] = [
        ("Scenario", scenario.id),
        ("Title", scenario.title),
        ("Term", scenario.term),
        ("Decided on", scenario.on),
        ("Lists of", scenario.lists_on),
        ("Planner", plan.made_by),
        ("Available, US$", Dollars(plan.available)),
        ("Awarded, US$", Formula(f"={funded}", awards.sum_of(_CENTS).cents)),
        ("Left, US$", Formula(f"={_AVAILABLE}-{_AWARDED}", plan.available - plan.awarded)),
        ("Awarded less whose money, US$ (must be 0)", Formula(f"={funded}-{paid}", 0)),
        ("Books as of entry", manifest.head_seq),
        ("Head hash", manifest.head_hash),
        ("Question's hash", manifest.problem_sha256),
        ("Solver", f"{manifest.solver} {manifest.solver_version}"),
        ("Chosen because", manifest.solver_reason),
    ]
    for tier in manifest.tiers:
        how = "proved" if tier.proved else f"not proved, {tier.gap:,} open"
        rows.append((f"Tier: {tier.name}", f"{tier.value:,} of at best {tier.bound:,}, {how}"))
    return Table("Plan", ("Plan", "Value"), rows)


_AVAILABLE, _AWARDED = "B8", "B9"
_CENTS = 6


def _awards(named: NamedPlan) -> Table:
    head = ("Activity", "Title", "Work area", "Cluster", "Units", "Unit US$", "US$")
    rows = []
    for award in named.plan.awards:
        activity = named.activities[award.activity]
        unit = Dollars(award.cents // award.units)
        rows.append((*_named(named, award.activity), activity.work_area, activity.cluster,
                     award.units, unit, Dollars(award.cents)))  # fmt: skip
    return Table("Awards", head, rows, summed=(_CENTS,))


def _named(named: NamedPlan, code: str) -> tuple[str, str]:
    return code, named.activities[code].title("en")


def _whose_money(named: NamedPlan) -> Table:
    """Agreements across, activities down, with the sums of both."""
    awards = named.plan.awards
    sources = sorted({(flow.source, flow.agreement) for award in awards for flow in award.flows})
    last = column_letter(len(sources) + 1)
    rows = []
    for number, award in enumerate(awards, start=2):
        paid = {flow.source: Dollars(flow.cents) for flow in award.flows}
        across = Formula(f"=SUM(C{number}:{last}{number})", sum(paid.values()))
        rows.append((*_named(named, award.activity), *(paid.get(source) for source, _ in sources), across))
    donors = [f"{source}\n{named.givers[agreement].name}" for source, agreement in sources]
    head = ("Activity", "Title", *donors, "US$")
    return Table("Whose money", head, rows, summed=range(2, len(head)))


def _not_funded(named: NamedPlan) -> Table:
    head = ("Activity", "Title", "Units not funded", "US$", "Why not")
    rows = [
        (*_named(named, each.activity), each.units, Dollars(each.cents), each.reason)
        for each in named.plan.not_funded
    ]
    return Table("Not funded", head, rows, summed=(3,))


def _explanations(named: NamedPlan) -> Table:
    """The plan's explanation of every activity, funded or not."""
    head = ("Activity", "Title", "Units", "Units wanted", "Explanation", "Rules in the way",
            "May be used for it, US$", "Of that left, US$", "Missing for more, US$")  # fmt: skip
    rows = [
        (
            *_named(named, each.activity),
            each.units,
            each.wanted,
            "\n".join(each.sentences),
            ", ".join(each.binds),
            Dollars(each.eligible_cents),
            Dollars(each.left_cents),
            Dollars(each.short_cents),
        )
        for each in named.plan.explanations
    ]
    return Table("Explanations", head, rows)


def _offers(named: NamedPlan) -> Table:
    """Offers in kind that cover costs of activities."""
    head = ("Offer", "Donor", "Status", "Activity", "Worth, US$", "Covers of a unit, US$", "Left out, US$")
    rows = [
        (
            each.offer,
            each.donor,
            each.status,
            each.activity,
            Dollars(each.worth),
            Dollars(each.covers),
            Dollars(each.left_out),
        )
        for each in named.plan.offers
    ]
    return Table("Covered in kind", head, rows)


def _changes(named: NamedPlan) -> Table:
    """How a revised plan differs from what is allocated."""
    head = ("Activity", "Title", "Agreement", "US$")
    rows = [
        (*_named(named, each.activity), each.agreement, Dollars(each.cents)) for each in named.plan.changes
    ]
    return Table("Changes", head, rows, summed=(3,))


def _rules(plan: Plan) -> Table:
    """The bound and the value of each rule: money in dollars, anything else as a count."""
    head = ("Rule", "Sense", "Bound", "Reached", "Unit", "Reason")
    rows = []
    for rule in plan.rules:
        amount: type[int] = Dollars if rule.in_cents else int
        sense = "at least" if rule.sense == "floor" else "at most"
        unit = "US$" if rule.in_cents else ""
        rows.append((rule.id, sense, amount(rule.bound), amount(rule.reached), unit, rule.reason))
    return Table("Rules", head, rows)


def _scenario(scenario: Scenario) -> Table:
    """The content of the scenario file, a row for each key."""
    return Table("Scenario", ("Key", "Value"), list(_lines(scenario.model_dump(), ())))


def _lines(node: object, keys: tuple[str, ...]) -> Iterator[tuple[str, CellValue]]:
    match node:
        case Mapping():
            for key, value in node.items():
                yield from _lines(value, (*keys, str(key)))
        case list() | tuple():
            for number, value in enumerate(node, start=1):
                yield from _lines(value, (*keys, str(number)))
        case None | "":
            return
        case _:
            yield " ".join(keys), _cell(node, {keys[-1], *keys[-2:-1]})


def _cell(value: object, keys: set[str]) -> CellValue:
    """A value in the format of its key: `share` is a percentage, `amount` is money, as is what they name."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() if keys & _SHARES:
            return Percentage(value)
        case int() if keys & _AMOUNTS:
            return Dollars(value)
        case int() | date():
            return value
    return str(value)
