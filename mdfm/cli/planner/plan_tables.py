"""A plan on the screen: awards, money, rules, proof of optimality, and what is not funded."""

from __future__ import annotations

from allocation import Flow, Plan, Tier
from ledger import usd
from mdfm.cli import console
from mdfm.cli.console import GroupedNumber, UsdCents
from mdfm.cli.own_cities import print_own_cities


def print_plan(plan: Plan) -> None:
    """Print a plan's tables."""
    _print_head(plan)
    _print_awards(plan)
    _print_money(plan)
    if plan.offers:
        _print_offers(plan)
    if plan.own_cities:
        print_own_cities(plan.own_cities, "Donors among the beneficiaries")
    if plan.rules:
        _print_rules(plan)
    _print_tiers(plan)
    if plan.changes:
        _print_changes(plan)
    if plan.not_funded:
        _print_not_funded(plan)


def _print_head(plan: Plan) -> None:
    scenario, manifest = plan.scenario, plan.manifest
    console.details(
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


def _print_awards(plan: Plan) -> None:
    """Print the awards: the first flow beside its award, the others below; an award in kind has none."""
    rows: list[dict[str, object]] = []
    for award in plan.awards:
        given = {"activity": award.activity, "units": award.units, "cents": UsdCents(award.cents)}
        flows = [{"agreement": _named(flow), "flow": UsdCents(flow.cents)} for flow in award.flows]
        rows += [given | dict(*flows[:1]), *flows[1:]]
    total = {
        "activity": "Total",
        "units": sum(award.units for award in plan.awards),
        "cents": UsdCents(plan.awarded),
        "flow": UsdCents(sum(flow.cents for award in plan.awards for flow in award.flows)),
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
    """The agreement, and the day on which its money arrives if it is not there yet."""
    return f"{flow.agreement} ({flow.arrives})" if flow.arrives else flow.agreement


def _print_money(plan: Plan) -> None:
    given: dict[str, int] = {}
    for award in plan.awards:
        for flow in award.flows:
            given[_named(flow)] = given.get(_named(flow), 0) + flow.cents
    rows = [{"agreement": code, "cents": UsdCents(cents)} for code, cents in sorted(given.items())]
    total = {"agreement": "Total", "cents": UsdCents(sum(given.values()))}
    console.table(rows, {"agreement": "Agreement", "cents": "US$"}, title="Whose money", total=total)


def _print_offers(plan: Plan) -> None:
    """Print what donors cover in kind, so that the fund need not pay it."""
    rows = [
        {
            "offer": each.offer,
            "donor": each.donor,
            "status": each.status,
            "activity": each.activity,
            "worth": UsdCents(each.worth),
            "covers": UsdCents(each.covers),
            "left_out": UsdCents(each.left_out),
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


def _print_rules(plan: Plan) -> None:
    rows = [
        {
            "id": rule.id,
            "sense": "at least" if rule.sense == "floor" else "at most",
            "bound": UsdCents(rule.bound) if rule.in_cents else GroupedNumber(rule.bound),
            "reached": UsdCents(rule.reached) if rule.in_cents else GroupedNumber(rule.reached),
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


def _print_tiers(plan: Plan) -> None:
    rows = [
        {
            "name": tier.name,
            "value": GroupedNumber(tier.value),
            "bound": GroupedNumber(tier.bound),
            "proved": "proved" if tier.proved else f"not proved: gap {tier.gap:,}, {_percent(tier)}",
        }
        for tier in plan.manifest.tiers
    ]
    columns = {"name": "Tier", "value": "Value", "bound": "Bound", "proved": ""}
    console.table(rows, columns, title="How good it is")


def _percent(tier: Tier) -> str:
    return f"{tier.gap_basis_points // 100}.{tier.gap_basis_points % 100:02d}%"


def _print_changes(plan: Plan) -> None:
    rows = [
        {"activity": each.activity, "agreement": each.agreement, "cents": UsdCents(each.cents)}
        for each in plan.changes
    ]
    total = {"activity": "Total", "cents": UsdCents(sum(each.cents for each in plan.changes))}
    columns = {"activity": "Activity", "agreement": "Agreement", "cents": "More or less US$"}
    console.table(rows, columns, title="What changes", total=total)


def _print_not_funded(plan: Plan) -> None:
    rows = [
        {"activity": each.activity, "units": each.units, "cents": UsdCents(each.cents), "reason": each.reason}
        for each in plan.not_funded
    ]
    total = {
        "activity": "Total",
        "units": sum(each.units for each in plan.not_funded),
        "cents": UsdCents(sum(each.cents for each in plan.not_funded)),
    }
    columns = {"activity": "Activity", "units": "Units", "cents": "US$", "reason": "Why not"}
    console.table(rows, columns, title="Not funded", total=total)
