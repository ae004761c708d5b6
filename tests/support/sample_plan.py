"""Plans made up for papers: any donors, activities and flows, without a book behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from hypothesis import strategies as st

from allocation import Activity, Award, Plan, PlannedCity, Scenario
from allocation.plan.plan import Flow, Manifest, NotFunded, RuleReached, Tier
from donors import Donor
from mdfm.books import open_at
from reports import NamedPlan, name_plan
from tests.support.example_demo import Demo

REGIONS = ("Africa", "Arab States", "Europe and North America")
TYPES = ("city", "government", "multilateral", "private", "civil-society")


def of_demo(demo: Demo) -> NamedPlan:
    """The demo's plan, as the demo's book names what is in it."""
    plan = Plan.model_validate_json((demo.folder / "plan.json").read_bytes())
    book = open_at(str(demo.book))
    with book.reading() as books:
        found = name_plan(books, plan)
    book.close()
    return found


def donor(number: int, name: str = "") -> Donor:
    return Donor(f"D{number}", name or f"Example donor {number}", TYPES[number % 5], "", "en", "", "")  # type: ignore[arg-type]


def activity(number: int, clusters: int = 3, regions: Sequence[str] = REGIONS) -> Activity:
    code = f"C{number % clusters}"
    titles = dict.fromkeys(("en", "fr", "es"), f"Example activity {number} with a title of some length")
    cities = tuple(PlannedCity(name=f"City {each}", country="KEN", region=each) for each in regions)
    return Activity(f"{code}-{number}", number % 4 + 1, code, titles, 1, 10**9, 5, cities)


def made_up(
    paid: Mapping[tuple[int, int], int],
    *,
    clusters: int = 3,
    bounds: Mapping[str, object] | None = None,
    rules: Sequence[RuleReached] = (),
    not_funded: Sequence[NotFunded] = (),
    title: str = "",
    names: Mapping[int, str] | None = None,
) -> NamedPlan:
    """A plan from cents by donor and activity."""
    activities = {number: activity(number, clusters) for number in sorted({number for _, number in paid})}
    awards = []
    for number, each in activities.items():
        flows = tuple(
            Flow(agreement=f"A{giver}", cents=cents)
            for (giver, use), cents in sorted(paid.items())
            if use == number
        )
        total = sum(flow.cents for flow in flows)
        awards.append(Award(activity=each.code, units=total, cents=total, flows=flows))
    awarded = sum(paid.values())
    tier = Tier(name="value", value=7, bound=9, gap=2, proved=False)
    day = date(2022, 3, 31)
    told = {"id": "made-up", "title": title, "term": "2021-2023", "on": day, "lists_on": day}
    plan = Plan(
        made_by="planner",
        scenario=Scenario.model_validate(told | dict(bounds or {})),
        manifest=Manifest(
            problem_sha256="0" * 64, head_seq=1, head_hash="1" * 64, solver="none", solver_version="0",
            solver_reason="made up", tiers=(tier,),
        ),
        points=7,
        available=awarded,
        awarded=awarded,
        awards=tuple(awards),
        not_funded=tuple(not_funded),
        rules=tuple(rules),
    )  # fmt: skip
    givers = {f"A{giver}": donor(giver, (names or {}).get(giver, "")) for giver, _ in paid}
    return NamedPlan(plan, {each.code: each for each in activities.values()}, givers)


payments = st.dictionaries(
    st.tuples(st.integers(0, 17), st.integers(0, 39)), st.integers(1, 10**12), min_size=1, max_size=60
)
"""Cents by donor and activity: from one flow to many donors and activities."""
