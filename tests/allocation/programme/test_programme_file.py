"""A planner's own programme: what a file may contain, what is recorded, and what is refused and how."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from allocation import ProgrammeAdopted, activities, adopt, adopt_file
from allocation.programme.activity import PlannedActivity
from allocation.programme.file import PlannedRow
from ledger import BadInput, Book, Refused
from mdfm.cli.app import app
from mdfm.example import story
from tests.support.place import ROOT
from tests.support.small_books import NOV, TERM, file_of, tell

PAGE = ROOT / "docs/programme.md"


def shown(kind: str, folder: Path) -> Path:
    """The file that the documentation shows."""
    fence = {"csv": "text"}.get(kind, kind)
    (text,) = re.findall(rf"^```{fence}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
    path = folder / f"programme.{kind}"
    path.write_text(text, encoding="utf-8")
    return path


def planned(**more: object) -> dict[str, object]:
    usual = {
        "work_area": 1,
        "cluster": "",
        "titles": {},
        "unit_cents": 1,
        "units": 1,
        "demand": 1,
        "cities": (),
    }
    return usual | more


def adopted(*message: dict[str, object]) -> ProgrammeAdopted:
    cities = [{"name": name, "country": "KEN", "region": "Africa"} for name in ("North", "South")]
    return ProgrammeAdopted.make(on=NOV, term=TERM, edition="x", cities=cities, activities=message)


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    toml, table = (adopt_file(TERM, shown(kind, tmp_path), NOV) for kind in ("toml", "csv"))
    english = [each.model_copy(update={"titles": {}}) for each in toml.activities]
    assert english == [each.model_copy(update={"titles": {}}) for each in table.activities]
    assert toml.cities == table.cities
    assert toml.activities[1].titles["fr"] == "Ateliers sur l'eau"
    assert table.activities[1].titles["fr"] == "Workshops on water"


def test_what_is_adopted_is_what_the_file_says(unplanned: Book, tmp_path: Path) -> None:
    tell(unplanned, adopt_file(TERM, shown("toml", tmp_path), NOV))
    with unplanned.reading() as books:
        study, workshops, grants = activities(books, TERM)
    assert (study.units, study.least, study.cluster_shares) == (1, 1, {"ESD": 10_000})
    assert [(city.name, city.country, city.region) for city in study.cities] == [
        ("Kilifi County", "KEN", "Africa"),
        ("Juba", "SSD", "Africa"),
    ]
    assert (workshops.units, workshops.least, workshops.unit_cents) == (3, 2, 20_000_00)
    assert (workshops.cluster, workshops.cluster_shares) == ("ESD", {"ESD": 6_000, "HEALTH": 4_000})
    assert [
        (city.country, share) for city, share in zip(workshops.cities, workshops.shares, strict=True)
    ] == [
        ("KEN", 5_000),
        ("ZAF", 3_000),
        ("UGA", 2_000),
    ]
    assert (workshops.year, workshops.person_days, workshops.requires) == (2022, 15, ("WATER-1",))
    assert grants.scalable
    assert (grants.cost_cents, grants.least, grants.excludes) == (40_000_00, 50, ("WATER-2",))
    assert len(grants.cities) > 50
    assert grants.cluster_shares == {}
    assert (study.indicators, grants.indicators) == ({}, {})
    assert workshops.indicators == {"events-held": 1, "policy-makers-trained": 25, "cities-reached": 0}


def test_an_edition_is_written_down_as_before() -> None:
    """What only some activities have is left out: entries of programmes without it keep their hashes."""
    event = adopt(TERM, TERM, NOV, story.example_file("members.csv"))
    for message in json.loads(event.payload)["activities"]:
        assert message.keys() - {"indicators"} == {
            "code", "work_area", "cluster", "titles", "unit_cents", "units", "demand", "cities",
        }  # fmt: skip


def test_a_city_whose_region_nobody_states_counts_for_none() -> None:
    """Dakar joined in 2024, and no record of the network says which region UNESCO puts Senegal in."""
    event = adopt("2025-2027", "2021-2023", date(2025, 11, 1))
    assert {city.name: city.region for city in event.cities}["Dakar"] == ""


def test_what_is_written_down_is_read_again(tmp_path: Path) -> None:
    event = adopt_file(TERM, shown("toml", tmp_path), NOV)
    assert ProgrammeAdopted.model_validate_json(event.payload) == event


HEAD = "code,title,work_area,unit_cost,demand"
GOOD = f"{HEAD},%s\nA,Title,1,100,1,%s\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{HEAD}\nA,Title,1,100,1\nB,Title,1,a lot,1\n", "row 3, unit_cost: 'a lot' is not an amount"),
        (f"{HEAD}\nA,Title,1,,1\n", "row 2, unit_cost: Field required."),
        (f"{HEAD}\nA,Title,9,100,1\n", "row 2, work_area: 9 is none of the strategy's"),
        (f"{HEAD}\nA B,Title,1,100,1\n", "row 2, code: "),
        (f"{HEAD}\nA,Title,1,100,-1\n", "row 2, demand: "),
        (f"{HEAD}\nA,Title,1,100,1,more\n", "row 2: there are more cells than columns"),
        (f"{HEAD}\nA,Title,1,100,1\nA,Title,1,100,1\n", ": there are two activities A."),
        (GOOD % ("citis", "Durban"), "row 2, citis: there is no such key (did you mean 'cities'?)."),
        (GOOD % ("cities", "Durbn"), "'Durbn' is not a member city known by name (did you mean 'Durban'?)"),
        (GOOD % ("cities", "Juba (SSD)"), "row 2, cities: no member city tells the UNESCO region of SSD"),
        (GOOD % ("cities", '"Juba (SSD, Afrika)"'), "not a UNESCO region (did you mean 'Africa'?)"),
        (GOOD % ("cities", "XXX"), "row 2, cities: There is no country 'XXX'"),
        (GOOD % ("cities", "Durban; Durban"), "row 2, cities: 'Durban' stands there twice"),
        (GOOD % ("cities", "Durban=50%"), "row 2, the shares of A's cities must be positive"),
        (GOOD % ("cities", "Durban=100%; Gulu"), "the shares of A's cities must be positive"),
        (GOOD % ("cluster", "ESD=50%; HEALTH=40%"), "the shares of A's clusters must be positive and add up"),
        (GOOD % ("cluster", "E S D"), "row 2, cluster: 'E S D' is not a code."),
        (GOOD % ("indicators", "event-held=1"), "is not an indicator (did you mean 'events-held'?)"),
        (GOOD % ("indicators", "users; users=5"), "row 2, indicators: 'users' stands there twice"),
        (GOOD % ("indicators", "users=many"), "row 2, indicators.users: Input should be a valid integer"),
        (GOOD % ("indicators", "users=-5"), "row 2, indicators.users: Input should be a valid integer"),
        (GOOD % ("requires", "AA"), "row 2, requires: no activity here is 'AA' (did you mean 'A'?)."),
        (GOOD % ("requires", "A"), "requirements go in a circle: A requires A."),
        (GOOD % ("least", "2"), "row 2, A is worth funding from 2 units, and has only 1."),
        (GOOD % ("units", "99999999999999999999"), "row 2, units: Input should be less than or equal to"),
        (GOOD % ("units", "9007199254740000"), "costs or demands add up to more than 9,007,199,254,740,992"),
        (HEAD, "has no activity"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_row_and_key(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "programme.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        adopt_file(TERM, path, NOV)
    assert str(path) in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[activities]]\nunit_cost = 5\n[[activities]]\ncode = 3", "activity 1, code: Field required."),
        ("[[activites]]\ncode = 3", "activites: there is no such key (did you mean 'activities'?)"),
        ("activities = 3", "activities: write each activity under [[activities]]."),
        ("code = ", "is not a TOML file"),
    ],
)
def test_a_mistake_in_toml_is_reported_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "programme.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=re.escape(message)):
        adopt_file(TERM, path, NOV)


@pytest.mark.parametrize(
    ("links", "message"),
    [
        ({"A": ("B",), "B": ("C",), "C": ("A",)}, r"in a circle: (A|B|C) requires .* requires \1\."),
        ({"A": ("X",)}, "A names the activity 'X', which is not listed"),
    ],
)
def test_requirements_that_cannot_be_met_are_refused(links: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        adopted(*(planned(code=code, requires=links.get(code, ())) for code in "ABC"))


def test_a_circle_is_named_in_its_direction() -> None:
    with pytest.raises(BadInput) as error:
        adopted(
            planned(code="A", requires=("B",)),
            planned(code="B", requires=("C",)),
            planned(code="C", requires=("B",)),
        )
    assert str(error.value).endswith(("circle: B requires C requires B.", "circle: C requires B requires C."))


@pytest.mark.parametrize(
    ("message", "who"),
    [
        ({"A": {"requires": ("B",), "excludes": ("B",)}}, "it requires B, and A excludes B"),
        ({"A": {"requires": ("B",)}, "B": {"excludes": ("A",)}}, "it requires B, and B excludes A"),
        (
            {"A": {"requires": ("B",)}, "B": {"requires": ("C",)}, "C": {"excludes": ("A",)}},
            "A could never be funded: it requires C, and C excludes A",
        ),
        ({"A": {"requires": ("B", "C")}, "C": {"excludes": ("B",)}}, "requires C and B, and C excludes B"),
        ({"A": {"excludes": ("A",)}}, "it requires itself, and A excludes A"),
    ],
)  # fmt: skip
def test_what_excludes_all_that_it_needs_is_refused(message: dict[str, dict[str, object]], who: str) -> None:
    with pytest.raises(BadInput, match=who):
        adopted(*(planned(code=code, **message.get(code, {})) for code in "ABC"))


def test_long_chains_of_requirements_are_read_at_once() -> None:
    chain = (
        planned(code=f"X{number}", requires=(f"X{number - 1}",) * (number > 0)) for number in range(5_000)
    )
    event = adopted(*chain, planned(code="Y", excludes=("X4999",)))
    assert len(event.activities) == 5_001


def test_shares_go_with_the_cities() -> None:
    message = planned(code="A", cities=("North", "South"), shares=(10_000,))
    with pytest.raises(BadInput, match="A has 1 shares for 2 cities"):
        adopted(message)
    assert adopted(message | {"shares": (1, 9_999)}).activities[0].shares == (1, 9_999)


def test_an_activity_outside_the_term_is_refused(unplanned: Book) -> None:
    with pytest.raises(Refused, match="A takes place in 2024, outside the term 2021-2023"):
        tell(unplanned, adopted(planned(code="A", year=2024)))


def test_ten_thousand_activities_are_adopted(unplanned: Book, tmp_path: Path) -> None:
    rows = (f"X-{number},Title,1,100,1,all members" for number in range(10_000))
    path = tmp_path / "many.csv"
    path.write_text("\n".join([f"{HEAD},cities", *rows]), encoding="utf-8")
    tell(unplanned, adopt_file(TERM, path, date(2021, 11, 2)))
    with unplanned.reading() as books:
        found = activities(books, TERM)
    assert len(found) == 10_000
    assert found[0].cities is found[-1].cities


def test_every_key_of_a_programme_is_described() -> None:
    described = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert set(PlannedRow.model_fields) - described == set()


def test_what_was_left_out_is_as_usual() -> None:
    message = PlannedActivity.model_validate(planned(code="A"))
    assert (message.least, message.scalable, message.shares, message.clusters, message.year) == (
        1,
        False,
        (),
        {},
        None,
    )


# ---- the command


def mdfm(book: Path, *words: object) -> Result:
    return CliRunner(env={"MDFM_BOOK": str(book), "MDFM_BY": "planner"}).invoke(
        app, [str(word) for word in words]
    )


@pytest.fixture
def desk(unplanned: Book) -> Path:
    """The file of a book without a programme."""
    return Path(file_of(unplanned))


ADOPT = ("programme", "adopt", "--term", TERM, "--on", NOV)


def test_a_file_is_adopted_and_listed(desk: Path, tmp_path: Path) -> None:
    assert mdfm(desk, *ADOPT, "--file", shown("csv", tmp_path)).exit_code == 0
    listed = json.loads(mdfm(desk, "programme", "list", "--term", TERM, "--json").stdout)
    workshops = next(each for each in listed if each["code"] == "WATER-2")
    assert workshops["clusters"] == {"ESD": 6_000, "HEALTH": 4_000}
    assert (workshops["least"], workshops["year"], workshops["person_days"]) == (2, 2022, 15)
    assert (workshops["city_shares"], workshops["requires"]) == ([5_000, 3_000, 2_000], ["WATER-1"])
    assert [each["scalable"] for each in listed] == [False, False, True]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Name an edition of the catalogue (--edition) or a file of your own (--file)."),
        (("--edition", TERM, "--file", "x.csv"), "Name an edition of the catalogue (--edition) or a file"),
        (("--file", "x.csv", "--members", "y.csv"), "A file of your own names its cities itself"),
        (("--file", "x.csv"), "x.csv cannot be read as a UTF-8 CSV file"),
        (("--file", "x.toml"), "The programme x.toml cannot be read"),
    ],
)
def test_adopting_needs_an_edition_or_a_file(desk: Path, words: tuple[str, ...], message: str) -> None:
    result = mdfm(desk, *ADOPT, *words)
    assert result.exit_code == 2
    assert message in result.stderr
