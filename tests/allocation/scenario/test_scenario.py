"""Scenario files: how they are read, how one builds on another, and what is refused and how."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import Scenario, read_scenario
from allocation.scenario.file import _merged
from allocation.scenario.rules.bounds import Bound
from allocation.scenario.rules.registry import RULE_TABLES
from allocation.scenario.rules.resources import Resource
from allocation.scenario.scenario import FairnessTier, Tiers, Weights
from ledger import BadInput
from mdfm.example import story
from tests.support.place import ROOT

PAGE = ROOT / "docs/scenario.md"
HEADER = 'id = "s"\nterm = "2021-2023"\non = 2022-03-31\nlists_on = 2025-12-31\n'


def written(folder: Path, text: str, name: str = "scenario.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, name: str = "scenario.toml") -> Scenario:
    return read_scenario(written(folder, text, name))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("budget = 5", "budget: there is no such key, only id, title, term"),
        ("weigths = 5", "weigths: there is no such key (did you mean 'weights'?)."),
        ("weights = {cluster = {ESD = 1}}", "(did you mean 'clusters'?)."),
        ('[[floors]]\nid = "a"\ngroup = "ldc"\nshre = "5%"', "(did you mean 'share'?)."),
        ('[tiers]\nfairness = {over = "region", giveup = 1}', "giveup: there is no such key (did you mean"),
        ('money = "all"', "money: 'all' is none of received, signed, pledged."),
        ('money = "pledge"', "none of received, signed, pledged (did you mean 'pledged'?)."),
        ('must_fund = "A"', 'must_fund: write a list in brackets, as ["A", "B"].'),
        ('pledge_probability = "likely"', "'likely' is not a share"),
        ("cover = {A = -5}", "cover.A: Input should be greater than or equal to 0"),
        ("cover = {A = 99999999999999999999999}", "cover.A: Input should be less than or equal to 9007"),
        ("weights = {work_areas = {1 = -1}}", "work_areas.1: Input should be greater than or equal"),
        ("reserve = 0.5", "is not a share"),
        ('reserve = "120%"', "reserve: '120%' is more than 100%"),
        ('must_fund = ["A", "A"]', "must_fund names A twice"),
        ('must_fund = ["A"]\nnever_fund = ["B", "A"]', "must_fund and never_fund both name A"),
        ('[[ceilings]]\nid = "a"\ngroup = "ldc"\nshare = "5%"\nsoft = true', "only a floor can be soft"),
        ('[[floors]]\nid = "a"\ngroup = "donor-type"\nof = "city"\nshare = 5\nsoft = true', "cannot be soft"),
        ('[[floors]]\nid = "a"\ngroup = "donor-type"\nof = "cities"\nshare = "5%"', "(did you mean 'city'?)"),
        ('[[floors]]\nid = "a"\ngroup = "region"\nof = "Arab"\nshare = "5%"', "'Arab', which is none"),
        ('[[floors]]\nid = "a"\ngroup = "country"\nof = "KENYA"\nshare = "5%"', "no country 'KENYA'"),
        ('[[resources]]\nid = "a"\nmost = 1\n[[resources]]\nid = "a"\nmost = 2', "two rules have the id"),
        ('[[resources]]\nid = "fund-something"\nmost = 1', "fund-something is the id of a rule"),
        ('[[counts]]\nid = "a"\ngroup = "all"', "needs the least or the most activities, or both"),
        ('[[counts]]\nid = "a"\ngroup = "all"\nleast = 3\nmost = 2', "at least 3 and at most 2"),
        ('[[counts]]\nid = "a"\ngroup = "activities"\nmost = 2', "must list its activities"),
        ('[[counts]]\nid = "a"\ngroup = "all"\nactivities = ["A"]\nmost = 2', "must list its activities"),
        ('[[counts]]\nid = "a"\ngroup = "country"\nmost = 2', "must say of which one"),
        ('[[counts]]\nid = "a"\ngroup = "donor-type"\nof = "city"\nmost = 2',
         "counts.0.group: 'donor-type' is none of africa, low-income, ldc, region, country, work-area, "
         "cluster, activity, all, activities."),
        ('[[floors]]\nid = "a"\ngroup = "donor-typ"\nshare = 5',
         "floors.0.group: 'donor-typ' is none of africa, low-income, ldc, region, country, work-area, "
         "cluster, activity, donor-type (did you mean 'donor-type'?)."),
        ('[[resources]]\nid = "a"\nmost = 1\n[[counts]]\nid = "a"\ngroup = "all"\nmost = 2', "two rules"),
        ('[[concentration_limits]]\nid = "a"\neach = "country"', "needs a share or an amount"),
        ('[[concentration_limits]]\nid = "a"\neach = "partner"\nshare = 5', "each: 'partner' is none of"),
        ('remove = ["a"]', "remove: there is nothing to remove rules from without based_on."),
        ("based_on = 5", "based_on: write the name of a scenario file in quotation marks."),
        ('based_on = "none.toml"', "none.toml cannot be read"),
        ('[tiers]\nstability = "none.json"', "none.json cannot be read: No such file or directory."),
        ('[tiers]\nstability = "scenario.toml"', "scenario.toml is not a plan."),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_in_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)) as error:
        read(tmp_path, HEADER + text)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_misspelt_key_is_reported_before_the_one_it_leaves_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=re.escape("trm: there is no such key (did you mean 'term'?).")):
        read(tmp_path, HEADER.replace("term", "trm"))


def test_a_scenario_changes_the_one_it_is_based_on(tmp_path: Path) -> None:
    base = read_scenario(story.example_file("scenario.toml"))
    written(tmp_path, story.example_file("scenario.toml").read_text(encoding="utf-8"), "base.toml")
    changed = read(
        tmp_path,
        """based_on = "base.toml"
        remove = ["communication"]
        id = "changed"
        must_fund = ["MDFM-2.2"]
        [weights.work_areas]
        3 = 80
        [[floors]]
        id = "low-income"
        amount = "90,000"
        [[floors]]
        id = "cities"
        group = "donor-type"
        of = "city"
        share = "10%"
        """,
    )
    africa, low_income = base.floors
    assert changed == base.model_copy(
        update={
            "id": "changed",
            "must_fund": ("MDFM-2.2",),
            "weights": base.weights.model_copy(update={"work_areas": {"2": 150, "3": 80}}),
            "floors": (
                africa,
                low_income.model_copy(update={"share": None, "amount": 90_000_00}),
                Bound(id="cities", group="donor-type", of="city", share=1_000),
            ),
            "ceilings": (),
        }
    )


def test_tiers_are_switched_off_where_another_switched_them_on(tmp_path: Path) -> None:
    tiers = (
        '[tiers]\nvalue = false\nfairness = {over = "cluster", give_up = "2%"}\nstability = {A = 1, B = 2}\n'
    )
    assert read(tmp_path, HEADER + tiers, "base.toml").tiers == Tiers(
        value=False, fairness=FairnessTier(over="cluster", give_up=200), stability={"A": 1, "B": 2}
    )
    delta = 'based_on = "base.toml"\nid = "x"\n[tiers]\n'
    assert read(tmp_path, delta + "fairness = false\nstability = false\nvalue = true").tiers == Tiers()
    changed = read(tmp_path, delta + 'fairness = {over = "region"}\nstability = {C = 3}').tiers
    assert changed.fairness == FairnessTier(over="region", give_up=200)
    assert changed.stability == {"C": 3}


def test_an_earlier_plan_is_read_beside_the_file_that_names_it(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    awards = [{"activity": "A", "units": 2, "cents": 5, "flows": []}]
    (below / "plan.json").write_text(json.dumps({"awards": awards}), encoding="utf-8")
    written(below, HEADER + '[tiers]\nstability = "plan.json"', "base.toml")
    asked = read(tmp_path, 'based_on = "below/base.toml"\nid = "x"')
    assert asked.tiers.stability == {"A": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('remove = ["afrika"]\nid = "x"', "has the id 'afrika' (did you mean 'africa'?)."),
        ('remove = "africa"\nid = "x"', 'remove: write a list of the ids of rules, as ["africa"].'),
        ("remove = [{}]\nid = 'x'", "remove: write a list of the ids of rules"),
        ("", "id: give it a name of its own, other than that of base.toml."),
        ('id = "x"\n[[floors]]\nshare = "5%"', "floors.1.id: Field required"),
        (
            'id = "x"\n[[floors]]\nid = "africa"\n[[floors]]\nid = "africa"',
            "scenario.toml: floors.1.group: Field",
        ),
        ('id = "x"\nfloors = 5', "scenario.toml: floors: write [[floors]] in two pairs of brackets"),
        ('id = "x"\nfloors = [5]', "scenario.toml: floors.1: Input should be"),
    ],
)
def test_a_mistake_in_what_is_changed_is_reported(tmp_path: Path, text: str, message: str) -> None:
    floor = '[[floors]]\nid = "africa"\ngroup = "africa"\ndefinition = "m49"\nshare = "5%"'
    written(tmp_path, HEADER + floor, "base.toml")
    with pytest.raises(BadInput, match=re.escape(message)):
        read(tmp_path, f'based_on = "base.toml"\n{text}')


@pytest.mark.parametrize("key", RULE_TABLES)
def test_a_rule_in_one_pair_of_brackets_is_reported(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadInput) as error:
        read(tmp_path, f'{HEADER}[{key}]\nid = "a"\nmost = 2')
    sentence = f"{key}: write [[{key}]] in two pairs of brackets above each of its tables."
    assert str(error.value).endswith(f"scenario.toml: {sentence}")


def test_a_mistake_in_the_file_below_is_reported_of_that_file(tmp_path: Path) -> None:
    written(tmp_path, HEADER + "budget = 5", "base.toml")
    with pytest.raises(BadInput, match=r"base\.toml: budget"):
        read(tmp_path, 'based_on = "base.toml"\nid = "x"')


def test_a_circle_of_files_is_refused_with_its_names(tmp_path: Path) -> None:
    written(tmp_path, 'based_on = "two.toml"\nid = "one"', "one.toml")
    written(tmp_path, 'based_on = "one.toml"\nid = "two"', "two.toml")
    circle = "Scenario files go in a circle: one.toml is based on two.toml is based on one.toml."
    with pytest.raises(BadInput, match=re.escape(circle)):
        read(tmp_path, 'based_on = "one.toml"\nid = "x"')


def test_a_chain_of_files_is_read_from_its_end(tmp_path: Path) -> None:
    written(tmp_path, HEADER + 'title = "one"\nreserve = "1%"\nmoney = "signed"', "one.toml")
    written(tmp_path, 'based_on = "one.toml"\nid = "two"\ntitle = "two"\nreserve = "2%"', "two.toml")
    asked = read(tmp_path, 'based_on = "two.toml"\nid = "three"\ntitle = "three"')
    assert (asked.id, asked.title, asked.reserve, asked.money) == ("three", "three", 200, "signed")


def test_the_scenarios_that_are_shown_can_be_read(tmp_path: Path) -> None:
    first, second = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
    whole = read(tmp_path, first, "example.toml")
    assert whole.resources == (
        Resource(
            id="coordination", most=900, uses={"GCED-1.1": 30}, reason="coordinating seven clusters at once "
            "was too much (2021)",
        ),
    )  # fmt: skip
    cautious = read(tmp_path, second)
    assert (cautious.money, cautious.ceilings, cautious.floors[0].share) == ("received", (), 3_000)
    assert cautious.floors[0].reason == whole.floors[0].reason


def test_every_key_of_every_part_is_described() -> None:
    described = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    parts = (Scenario, Weights, Bound, Resource, Tiers, FairnessTier)
    keys = {key for part in parts for key in part.model_fields} | {"based_on", "remove"}
    assert keys - described == set()


def test_a_plan_holds_the_scenario_whole(tmp_path: Path) -> None:
    """What a plan file embeds reads as the same scenario, with no other file at hand."""
    first, _ = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
    asked = read(tmp_path, first)
    assert Scenario.model_validate_json(asked.model_dump_json()) == asked
    assert asked.on == date(2022, 3, 31)


tables = st.recursive(
    st.integers(),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=8,
)
trees = st.dictionaries(st.sampled_from("abc"), tables, min_size=1, max_size=3)


@given(trees, trees)
def test_tables_are_put_together_key_by_key(base: dict[str, object], message: dict[str, object]) -> None:
    def leaves(tree: object, place: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
        if not isinstance(tree, dict):
            return {place: tree}
        return {at: leaf for key, value in tree.items() for at, leaf in leaves(value, (*place, key)).items()}

    above = leaves(message)
    hidden = {
        at for at in leaves(base) for other in above if at[: len(other)] == other or other[: len(at)] == at
    }
    kept = {at: leaf for at, leaf in leaves(base).items() if at not in hidden}
    assert leaves(_merged(base, message)) == kept | above
