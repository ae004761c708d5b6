"""How a plan looks on the screen: what is funded and by whom, what is not and why, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence

from allocation import Flow, OwnCity, Plan, Tier
from ledger import usd
from mdfm.cli import console
from mdfm.cli.console import Cents, Count


def draw_plan(plan: Plan) -> None:
    """Print a plan's tables."""
    _draw_head(plan)
    _draw_awards(plan)
    _draw_money(plan)
    if plan.offers:
        _draw_offers(plan)
    if plan.own_cities:
        draw_own_cities(plan.own_cities, "Donors among the beneficiaries")
    if plan.rules:
        _draw_rules(plan)
    _draw_tiers(plan)
    if plan.changes:
        _draw_changes(plan)
    if plan.not_funded:
        _draw_not_funded(plan)


def _draw_head(plan: Plan) -> None:
    scenario, manifest = plan.scenario, plan.manifest
    console.record(
        {
            "Scenario": f"{scenario.id} {scenario.title}".strip(),
            "Term": scenario.term,
            "Decided on": scenario.on,
            "Lists of": scenario.lists_on,
            "Planner": plan.made_by,
            "Available": usd(plan.available),
            "Awarded": usd(plan.awarded),
            "Left": usd(plan.available - plan.awarded),
            **({"Revises": "what is allocated in the term, but for what is begun"} if plan.revises else {}),
            "Books": f"as of entry {manifest.head_seq}, {manifest.head_hash[:16]}",
            "Solver": f"{manifest.solver} {manifest.solver_version}: {manifest.solver_reason}",
        }
    )


def _draw_awards(plan: Plan) -> None:
    """An award's first flow stands beside it, its other flows below; what is wholly in kind has none."""
    rows: list[dict[str, object]] = []
    for award in plan.awards:
        given = {"activity": award.activity, "units": award.units, "cents": Cents(award.cents)}
        flows = [{"agreement": _named(flow), "flow": Cents(flow.cents)} for flow in award.flows]
        rows += [given | dict(*flows[:1]), *flows[1:]]
    total = {
        "activity": "Total",
        "units": sum(award.units for award in plan.awards),
        "cents": Cents(plan.awarded),
        "flow": Cents(sum(flow.cents for award in plan.awards for flow in award.flows)),
    }
    columns = {
        "activity": "Activity",
        "units": "Units",
        "cents": "US$",
        "agreement": "Agreement",
        "flow": "of it US$",
    }
    console.table(rows, columns, title="Awards", total=total)


def _named(flow: Flow) -> str:
    """Whose money it is, and when it comes if it is not there."""
    return f"{flow.agreement} ({flow.arrives})" if flow.arrives else flow.agreement


def _draw_money(plan: Plan) -> None:
    given: dict[str, int] = {}
    for award in plan.awards:
        for flow in award.flows:
            given[_named(flow)] = given.get(_named(flow), 0) + flow.cents
    rows = [{"agreement": code, "cents": Cents(cents)} for code, cents in sorted(given.items())]
    total = {"agreement": "Total", "cents": Cents(sum(given.values()))}
    console.table(rows, {"agreement": "Agreement", "cents": "US$"}, title="Whose money", total=total)


def _draw_offers(plan: Plan) -> None:
    """What donors give in kind, so that the fund need not pay it."""
    rows = [
        {
            "offer": each.offer,
            "donor": each.donor,
            "status": each.status,
            "activity": each.activity,
            "worth": Cents(each.worth),
            "covers": Cents(each.covers),
            "left_out": Cents(each.left_out),
        }
        for each in plan.offers
    ]
    columns = {
        "offer": "Offer",
        "donor": "Donor",
        "status": "",
        "activity": "Activity",
        "worth": "Worth US$",
        "covers": "Of a unit US$",
        "left_out": "Left out US$",
    }
    console.table(rows, columns, title="Covered in kind")


def draw_own_cities(found: Sequence[OwnCity], title: str) -> None:
    """Print whose money goes to activities that benefit the city that the donor is."""
    rows = [each.model_dump() | {"cents": Cents(each.cents)} for each in found]
    columns = {
        "donor": "Donor",
        "agreement": "Agreement",
        "activity": "Activity",
        "city": "Its own city",
        "cents": "US$ for all its cities",
    }
    console.table(rows, columns, title=title)


def _draw_rules(plan: Plan) -> None:
    rows = [
        {
            "id": rule.id,
            "sense": "at least" if rule.sense == "floor" else "at most",
            "bound": Cents(rule.bound) if rule.in_cents else Count(rule.bound),
            "reached": Cents(rule.reached) if rule.in_cents else Count(rule.reached),
            "reason": rule.reason,
        }
        for rule in plan.rules
    ]
    in_cents = all(rule.in_cents for rule in plan.rules)
    columns = {
        "id": "Rule",
        "sense": "",
        "bound": "Bound US$" if in_cents else "Bound",
        "reached": "Reached US$" if in_cents else "Reached",
        "reason": "Reason",
    }
    console.table(rows, columns, title="Rules")


def _draw_tiers(plan: Plan) -> None:
    rows = [
        {
            "name": tier.name,
            "value": Count(tier.value),
            "bound": Count(tier.bound),
            "proved": "proved" if tier.proved else f"not proved: gap {tier.gap:,}, {_percent(tier)}",
        }
        for tier in plan.manifest.tiers
    ]
    columns = {"name": "Tier", "value": "Value", "bound": "Bound", "proved": ""}
    console.table(rows, columns, title="How good it is")


def _percent(tier: Tier) -> str:
    return f"{tier.gap_basis_points // 100}.{tier.gap_basis_points % 100:02d}%"


def _draw_changes(plan: Plan) -> None:
    rows = [
        {"activity": each.activity, "agreement": each.agreement, "cents": Cents(each.cents)}
        for each in plan.changes
    ]
    total = {"activity": "Total", "cents": Cents(sum(each.cents for each in plan.changes))}
    columns = {"activity": "Activity", "agreement": "Agreement", "cents": "More or less US$"}
    console.table(rows, columns, title="What changes", total=total)


def _draw_not_funded(plan: Plan) -> None:
    rows = [
        {"activity": each.activity, "units": each.units, "cents": Cents(each.cents), "reason": each.reason}
        for each in plan.not_funded
    ]
    total = {
        "activity": "Total",
        "units": sum(each.units for each in plan.not_funded),
        "cents": Cents(sum(each.cents for each in plan.not_funded)),
    }
    columns = {"activity": "Activity", "units": "Units", "cents": "US$", "reason": "Why not"}
    console.table(rows, columns, title="Not funded", total=total)
