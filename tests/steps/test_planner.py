"""The planner's job: a plan that is proved, approved by another, booked, and carried out under grants."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from donors import cities
from mdfm.example import story
from tests.steps.office import DIRECTOR, DONORS, FIRST_DAY, LAST_DAY, OFFICER, TERM, Office, cents

scenarios("planner.feature")

PLANNER = "planner"
LATER_TERM = ("2023-11-01", "2025-10-31")
ARRIVED, DECIDED, LATER = "2021-12-06", "2021-12-20", "2022-01-10"
HEADER = f'id = "scenario"\nterm = "{TERM}"\non = {DECIDED}\nlists_on = 2025-12-31\n'

EARMARKS = {
    "anything": (),
    "cities in Africa": ("--earmark-region", "Africa"),
    "work area 2": ("--earmark-work-area", "2"),
    "the cluster HEALTH": ("--earmark-cluster", "HEALTH"),
}
GROUPS = {
    "Africa": 'group = "africa"\ndefinition = "unesco"',
    "low incomes": 'group = "low-income"',
    "work area 4": 'group = "work-area"\nof = "4"',
    "anything": 'group = "all"',
    "any one country": 'each = "country"',
}
SENSES = {"at least": "floors", "at most": "ceilings"}

Rows = list[list[str]]


@pytest.fixture
def scenario(office: Office) -> Path:
    """The planner's question; a plain one until a scenario says otherwise."""
    return office.file("scenario.toml", HEADER)


@pytest.fixture
def own_programme(office: Office) -> Path:
    return office.folder / "programme.csv"


@pytest.fixture
def plan_file(office: Office) -> Path:
    return office.folder / "plan.json"


def plan(path: Path) -> Any:
    """A plan as anybody can read it."""
    return json.loads(path.read_bytes())


def as_plan(answer: Any) -> bytes:
    """A plan's content in the form in which plans are written."""
    return (json.dumps(answer, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def flows(path: Path) -> dict[tuple[str, str], int]:
    """Cents by activity and agreement."""
    return {
        (award["activity"], flow["agreement"]): flow["cents"]
        for award in plan(path)["awards"]
        for flow in award["flows"]
    }


# ---- what went before


@given("the strategy's programme of 2021-2023 is adopted")
def _programme(office: Office) -> None:
    members = ("--members", story.example_file("members.csv"))
    office.asks("programme", "adopt", "--term", TERM, "--edition", TERM, *members, "--on", FIRST_DAY)


@given("this money has arrived")
def _money(office: Office, datatable: Rows) -> None:
    signed, received = [], []
    for agreement, donor, amount, earmark in datatable[1:]:
        terms = ("--donor", DONORS[donor], "--term", TERM, "--amount", amount, *EARMARKS[earmark])
        dates = ("--from", FIRST_DAY, "--to", LAST_DAY, "--on", ARRIVED)
        signed.append(("agreement", "sign", agreement, *terms, *dates))
        received.append(_receipt(office, amount, "--agreement", agreement))
    office.prepares(*signed)
    office.prepares(*received)


@given(parsers.parse("{amount} more has arrived as a gift from {donor}"))
def _gift(office: Office, amount: str, donor: str) -> None:
    office.prepares(_receipt(office, amount, "--donor", DONORS[donor], "--term", TERM))


@given("the planner has a plan")
def _has_plan(office: Office, scenario: Path, plan_file: Path) -> None:
    office.asks("plan", "run", scenario, "--out", plan_file, by=PLANNER)


@given("the director has approved the planner's plan")
def _has_approved(office: Office, scenario: Path, plan_file: Path) -> None:
    _has_plan(office, scenario, plan_file)
    office.asks("plan", "approve", plan_file, by=DIRECTOR)


@given(parsers.parse("the term {term} is open, and USD {amount} has arrived for it"))
def _next_term(office: Office, term: str, amount: str) -> None:
    dates = ("--from", LATER_TERM[0], "--to", LATER_TERM[1], "--on", LATER_TERM[0])
    office.prepares(("term", "open", term, *dates))
    gift = ("--donor", "CITY", "--term", term, "--bank", "BANK-USD", "--amount", f"USD {amount}")
    office.prepares(("contribution", "receive", office.number("R"), *gift, "--on", LATER_TERM[0]))


@given(parsers.parse("the member city offers a hall and trainers worth {value} for {activity}, as {code}"))
def _offer(office: Office, value: str, activity: str, code: str) -> None:
    details = (
        "--donor",
        "CITY",
        "--term",
        TERM,
        "--item",
        "workshop",
        "--description",
        "A hall and trainers",
    )
    worth = ("--value", value, "--activity", activity, "--on", ARRIVED)
    office.prepares(("offer", "record", code, *details, *worth))


@given("the planner has written down this programme")
def _programme_file(own_programme: Path, datatable: Rows) -> None:
    with own_programme.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(datatable)


# ---- what the planner and the director do


@when("the planner adopts the programme")
def _adopt(office: Office, own_programme: Path) -> None:
    details = ("--term", "2023-2025", "--file", own_programme, "--on", LATER_TERM[0])
    office.does(PLANNER, "programme", "adopt", *details)


@when("the planner asks what to fund of it")
def _ask_of_it(office: Office, scenario: Path, plan_file: Path) -> None:
    asked = HEADER.replace(TERM, "2023-2025").replace(DECIDED, LATER_TERM[0])
    scenario.write_text(asked, encoding="utf-8")
    office.does(PLANNER, "plan", "run", scenario, "--out", plan_file)


@when("the planner asks what to fund, under these rules")
def _ask(office: Office, scenario: Path, plan_file: Path, datatable: Rows) -> None:
    scenario.write_text(HEADER + "".join(map(_rule, datatable[1:])), encoding="utf-8")
    office.does(PLANNER, "plan", "run", scenario, "--out", plan_file)


@when(parsers.re('the planner asks what to fund, with the line "(?P<line>.+)"'))
def _ask_with(office: Office, scenario: Path, plan_file: Path, line: str) -> None:
    scenario.write_text(HEADER + line, encoding="utf-8")
    office.does(PLANNER, "plan", "run", scenario, "--out", plan_file)


@when(parsers.parse("the planner asks what to fund, {activity} among it, counting open offers"))
def _ask_with_offers(office: Office, scenario: Path, plan_file: Path, activity: str) -> None:
    scenario.write_text(f'{HEADER}offers = "open"\nmust_fund = ["{activity}"]\n', encoding="utf-8")
    office.does(PLANNER, "plan", "run", scenario, "--out", plan_file, "--no-explain")


@when(parsers.re('the finance officer declines (?P<offer>[^,]+), because "(?P<reason>.+)"'))
def _decline(office: Office, offer: str, reason: str) -> None:
    office.does(OFFICER, "offer", "decline", offer, "--reason", reason, "--on", DECIDED)


@when("the planner asks the same again")
def _ask_again(office: Office, scenario: Path, plan_file: Path) -> None:
    office.does(PLANNER, "plan", "run", scenario, "--out", plan_file.with_name("again.json"))


@when("the planner asks what to fund, with no time to prove it")
def _ask_in_no_time(office: Office, scenario: Path, plan_file: Path) -> None:
    answer = office.does(PLANNER, "plan", "run", scenario, "--out", plan_file, "--limit", 0)
    assert f"mdfm plan approve {plan_file} --although-unproved" in answer.err


@when("the planner revises the plan, to fund nothing more of what it funds")
def _revise(office: Office, scenario: Path, plan_file: Path) -> None:
    plan_file.with_name("first.json").write_bytes(plan_file.read_bytes())
    codes = [award["activity"] for award in plan(plan_file)["awards"]]
    scenario.write_text(f"{HEADER}never_fund = {json.dumps(codes)}\n", encoding="utf-8")
    office.does(PLANNER, "plan", "run", scenario, "--out", plan_file, "--revise")


@when("the director approves the plan although it is not proved")
def _approve_unproved(office: Office, plan_file: Path) -> None:
    office.does(DIRECTOR, "plan", "approve", plan_file, "--although-unproved")


@when(parsers.parse("the {who} approves the plan"))
def _approve(office: Office, who: str, plan_file: Path) -> None:
    office.does(who, "plan", "approve", plan_file)


@when("somebody changes the plan to leave out its last reason")
def _edit(plan_file: Path) -> None:
    edited = plan(plan_file)
    edited["not_funded"][-1]["reason"] = ""
    plan_file.write_text(json.dumps(edited), encoding="utf-8")


@when("somebody moves a cent out of a flow")
def _move_a_cent(plan_file: Path) -> None:
    """Written just as a plan is, so that only its sums are wrong."""
    edited = plan(plan_file)
    assert as_plan(edited) == plan_file.read_bytes()
    edited["awards"][-1]["flows"][-1]["cents"] -= 1
    plan_file.write_bytes(as_plan(edited))


# ---- what the programme office does


@when(parsers.parse("the programme office commits USD {amount} of {activity} to a partner as grant {code}"))
def _commit(office: Office, amount: str, activity: str, code: str) -> None:
    office.prepares(_commitment(amount, activity, code))


@when(parsers.parse("the planner reports that {grant} reached {value}"))
def _reports_result(office: Office, grant: str, value: str) -> None:
    reference = office.number("RES")
    office.does(PLANNER, "result", "report", grant, reference, "--indicator", value, "--on", LATER)


@then(parsers.parse("the results of {activity} are"))
def _results_are(office: Office, activity: str, datatable: Rows) -> None:
    answer = office.asks("result", "reached", "--term", TERM, "--activity", activity, "--to", LATER)
    rows = [[each["indicator"], str(each["reached"]), str(each["target"])] for each in answer]
    assert rows == datatable[1:]


@when(parsers.parse("somebody commits USD {amount} of {activity} to a partner as grant {code}"))
def _commit_too_much(office: Office, amount: str, activity: str, code: str) -> None:
    office.does(OFFICER, *_commitment(amount, activity, code))


@when(parsers.parse("pays the partner of {code} USD {amount}"))
def _pay(office: Office, code: str, amount: str) -> None:
    office.prepares(("grant", "pay", code, "T-1", "--bank", "BANK-USD", "--amount", amount, "--on", LATER))


@when(parsers.parse("the partner of {code} reports USD {travel} of travel and USD {staff} of staff"))
def _report(office: Office, code: str, travel: str, staff: str) -> None:
    spent = ("--spent", f"travel={travel}", "--spent", f"staff={staff}", "--result", "One workshop held.")
    office.prepares(("grant", "report", code, "E-1", *spent, "--on", LATER))


@when(parsers.parse("somebody reports that {code} has spent USD {amount}"))
def _report_too_much(office: Office, code: str, amount: str) -> None:
    office.does(OFFICER, "grant", "report", code, "E-1", "--spent", f"travel={amount}", "--on", LATER)


# ---- what came of it


@then("the plan is proved to be the best there is")
def _proved(office: Office, plan_file: Path) -> None:
    assert office.outcome.code == 0, office.outcome.err
    tiers = plan(plan_file)["manifest"]["tiers"]
    assert len(tiers) > 1
    assert all(tier["proved"] and tier["value"] == tier["bound"] and tier["gap"] == 0 for tier in tiers)


@then("the plan awards STUDY 1 and COURSE 2 units, and says why a unit of COURSE is not funded")
def _awards(office: Office, plan_file: Path) -> None:
    assert office.outcome.code == 0, office.outcome.err
    made = plan(plan_file)
    assert {each["activity"]: each["units"] for each in made["awards"]} == {"STUDY": 1, "COURSE": 2}
    (left,) = made["not_funded"]
    assert (left["activity"], left["units"]) == ("COURSE", 1)
    assert left["reason"]


@then("every rule is kept")
def _kept(plan_file: Path) -> None:
    rules = {rule["id"]: rule for rule in plan(plan_file)["rules"]}
    assert rules.keys() == {"africa", "low-income", "communication"}
    for rule in rules.values():
        at_least, at_most = (rule["bound"], rule["reached"])[:: 1 if rule["sense"] == "floor" else -1]
        assert at_least <= at_most


@then(parsers.parse("the plan funds {number:d} activities, {part:d} of them of work area {area:d}"))
def _funds(office: Office, plan_file: Path, number: int, part: int, area: int) -> None:
    programme = {each["code"]: each for each in office.asks("programme", "list", "--term", TERM)}
    funded = [award["activity"] for award in plan(plan_file)["awards"]]
    assert len(funded) == number
    assert sum(programme[code]["work_area"] == area for code in funded) == part


@then(parsers.parse("the planner reads that {rule} is in the way of one more activity"))
def _in_the_way(office: Office, plan_file: Path, rule: str) -> None:
    code = next(each["activity"] for each in plan(plan_file)["not_funded"])
    why = office.asks("plan", "why", plan_file, code, by=PLANNER)
    assert any(rule in sentence for sentence in why["sentences"])


@then(parsers.parse("no country gets more than {percent:d}% of what is awarded"))
def _spread(office: Office, plan_file: Path, percent: int) -> None:
    lies_in = {city.name: city.iso3 for city in cities()}
    programme = {each["code"]: each["cities"] for each in office.asks("programme", "list", "--term", TERM)}
    given: Counter[str] = Counter()
    for award in plan(plan_file)["awards"]:
        reached = programme[award["activity"]]
        for city in reached:
            given[lies_in[city]] += award["cents"] * (10_000 // len(reached))
    assert max(given.values()) <= plan(plan_file)["awarded"] * percent * 100


@then(parsers.parse("the planner reads for which country {rule} binds"))
def _binds_for(office: Office, plan_file: Path, rule: str) -> None:
    (most, *_) = plan(plan_file)["rules"]
    assert most["id"].startswith(f"{rule} (")
    assert 0 < most["reached"] <= most["bound"]
    binds = [name for each in plan(plan_file)["explanations"] for name in each["binds"]]
    assert any(name.startswith(f"{rule} (") for name in binds)


@then("the awards are paid to the cent, and no agreement gives more than it has")
def _paid(office: Office, plan_file: Path) -> None:
    made = plan(plan_file)
    given: dict[str, int] = {}
    for (_, agreement), flow in flows(plan_file).items():
        given[agreement] = given.get(agreement, 0) + flow
    for award in made["awards"]:
        assert sum(flow["cents"] for flow in award["flows"]) == award["cents"]
    assert sum(given.values()) == made["awarded"] == sum(award["cents"] for award in made["awards"])
    has = {each["code"]: each["available_cents"] for each in office.asks("agreement", "list")}
    assert all(cents <= has[code] for code, cents in given.items())


@then(parsers.parse("{agreement} pays for {only} only"))
def _within_earmark(office: Office, plan_file: Path, agreement: str, only: str) -> None:
    programme = {each["code"]: each for each in office.asks("programme", "list", "--term", TERM)}
    paid = [programme[activity] for activity, payer in flows(plan_file) if payer == agreement]
    assert paid
    for each in paid:
        assert only in (each["code"], f"work area {each['work_area']}", f"the cluster {each['cluster']}")


@then("what is not funded has its reason")
def _reasons(office: Office, plan_file: Path) -> None:
    made = plan(plan_file)
    assert all(each["reason"] for each in made["not_funded"])
    wanted = sum(each["cost_cents"] for each in office.asks("programme", "list", "--term", TERM))
    assert made["awarded"] + sum(each["cents"] for each in made["not_funded"]) == wanted == 2_750_000_00


@then(parsers.parse("the plan gives {activity} USD {given}, and names {offer} as cover of USD {covered}"))
def _covers(plan_file: Path, activity: str, given: str, offer: str, covered: str) -> None:
    answer = plan(plan_file)
    (award,) = (each for each in answer["awards"] if each["activity"] == activity)
    assert award["cents"] == cents(given)
    (counted,) = answer["offers"]
    assert (counted["offer"], counted["activity"], counted["covers"]) == (offer, activity, cents(covered))


@then(parsers.parse("USD {amount} is allocated to {activity}"))
def _is_allocated(office: Office, amount: str, activity: str) -> None:
    lines = office.journal()[-1]["lines"]
    booked = [line["usd"] for line in lines if line["account"] == "2300" and line["activity"] == activity]
    assert -sum(booked) == cents(amount)


@then("the second plan is the first, byte for byte")
def _same(office: Office, plan_file: Path) -> None:
    assert office.outcome.code == 0, office.outcome.err
    assert plan_file.with_name("again.json").read_bytes() == plan_file.read_bytes()


@then("there is no plan")
def _no_plan(plan_file: Path) -> None:
    assert not plan_file.exists()


@then("each flow of the plan is a line of the allocation, and nothing else is")
def _flows_are_lines(office: Office, plan_file: Path) -> None:
    assert office.outcome.code == 0, office.outcome.err
    entry = office.journal()[-1]
    allocated = [line for line in entry["lines"] if line["account"] == "2300"]
    booked = {(line["activity"], line["agreement"]): -line["usd"] for line in allocated}
    assert entry["kind"] == "plan approved"
    assert booked == flows(plan_file)
    assert len(allocated) == len(booked)
    assert {line["account"] for line in entry["lines"]} == {"2200", "2300"}


@then("the last entry records the gap between the plan and the best")
def _gap_is_recorded(office: Office, plan_file: Path) -> None:
    assert office.outcome.code == 0, office.outcome.err
    unproved = office.journal()[-1]["payload"]["unproved"]
    tiers = [tier for tier in plan(plan_file)["manifest"]["tiers"] if not tier["proved"]]
    assert [tier["name"] for tier in unproved] == [tier["name"] for tier in tiers]
    assert all(tier["gap"] == abs(tier["bound"] - tier["value"]) > 0 for tier in unproved)
    assert all(tier["gap_basis_points"] > 0 for tier in unproved)


@then("of what was allocated MDFM-1.2 alone has its money still")
def _begun(office: Office, plan_file: Path) -> None:
    assert office.outcome.code == 0, office.outcome.err
    before = flows(plan_file.with_name("first.json"))
    kept = {spot for spot in flows(plan_file) if spot[0] in {activity for activity, _ in before}}
    assert kept == {spot for spot in before if spot[0] == "MDFM-1.2"}
    assert all(flows(plan_file)[spot] == before[spot] for spot in kept)


@then("what is allocated is what the plan gives")
def _allocated(office: Office, plan_file: Path) -> None:
    has = {
        each["activity"]: each["allocated_cents"]
        for each in office.asks("allocation", "list", "--term", TERM)
    }
    gives = {award["activity"]: award["cents"] for award in plan(plan_file)["awards"]}
    assert {activity: cents for activity, cents in has.items() if cents} == gives


@then(parsers.parse("execution against plan is {amount} committed and none used of what the plan gives"))
def _executed(office: Office, plan_file: Path, amount: str) -> None:
    for view in ("activity", "cluster", "region"):
        answer = office.asks("plan", "execution", "--term", TERM, "--group-by", view, "--to", LATER)
        total = answer["total"]
        assert (total["planned"], total["committed"]) == (plan(plan_file)["awarded"], cents(amount))
        for figure in ("planned", "committed", "used", "left"):
            assert sum(row[figure] for row in answer["rows"]) == total[figure]
        assert total["used"] == 0


@then("what the agreements have available is less by what the plan takes from them")
def _less(office: Office, plan_file: Path) -> None:
    for signed in office.asks("agreement", "list"):
        taken = sum(cents for (_, payer), cents in flows(plan_file).items() if payer == signed["code"])
        assert signed["available_cents"] == signed["amount"]["minor"] - taken


@then(
    parsers.parse("each use is shared among the agreements as they were allocated to {activity}, to the cent")
)
def _shared(office: Office, plan_file: Path, activity: str) -> None:
    shares = {payer: cents for (paid, payer), cents in flows(plan_file).items() if paid == activity}
    entry = office.journal()[-1]
    assert len(shares) > 1
    for account, category in (("3150", "travel"), ("3110", "staff")):
        spent = entry["payload"]["spent"][category]
        used = {line["agreement"]: line["usd"] for line in entry["lines"] if line["account"] == account}
        assert sum(used.values()) == spent
        assert used.keys() <= shares.keys()
        for payer, share in shares.items():
            exact_times_total = spent * share
            assert abs(used.get(payer, 0) * sum(shares.values()) - exact_times_total) < 2 * sum(
                shares.values()
            )


@then(
    parsers.parse("of grant {code} US${committed} is committed, US${advanced} advanced and US${spent} spent")
)
def _stands(office: Office, code: str, committed: str, advanced: str, spent: str) -> None:
    (grant,) = office.asks("grant", "list")
    figures = [grant[f"{name}_cents"] for name in ("committed", "advanced", "spent")]
    assert (grant["code"], figures) == (code, [cents(committed), cents(advanced), cents(spent)])


def _receipt(office: Office, amount: str, *of: str) -> tuple[str, ...]:
    details = ("--bank", "BANK-USD", "--amount", amount, *of, "--on", ARRIVED)
    return ("contribution", "receive", office.number("R"), *details)


def _commitment(amount: str, activity: str, code: str) -> tuple[str, ...]:
    terms = ("--term", TERM, "--activity", activity, "--partner", "Example partner", "--to", "2023-06-30")
    return ("grant", "commit", code, *terms, "--amount", amount, "--on", LATER)


def _rule(row: list[str]) -> str:
    name, bound, group = row
    sense, much = bound[:8].strip(), bound[8:].strip()
    if much.endswith(" activities"):
        key = {"at least": "least", "at most": "most"}[sense]
        return f'[[counts]]\nid = "{name}"\n{key} = {much.split()[0]}\n{GROUPS[group]}\n'
    array = "concentration_limits" if group.startswith("any one ") else SENSES[sense]
    field = "share" if much.endswith("%") else "amount"
    much = much.removeprefix("USD ")
    return f'[[{array}]]\nid = "{name}"\n{field} = "{much}"\n{GROUPS[group]}\n'
