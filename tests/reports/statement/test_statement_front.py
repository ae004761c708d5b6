"""The first page of a statement: one page, whatever the names, and readable in grey."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader
from reportlab.lib.colors import Color

from donors import LANGUAGES, cities, donors
from ledger import AsOf
from mdfm.books import open_at
from mdfm.example import story
from reports import build_statement, render_statement, words_in
from reports.figures.beneficiaries import Beneficiaries
from reports.figures.figure import Figure
from reports.render import palette
from reports.render.missing_glyphs import missing_glyphs
from reports.render.typeface import missing
from reports.statement.statement import Statement
from tests.support.example_demo import Demo
from tests.support.sample_statement import empty_statement, sample_statement
from tests.support.scripts import NAMES, UNSHOWN, of_length


def pages(statement: Statement) -> list[str]:
    return [plain(page.extract_text()) for page in PdfReader(BytesIO(render_statement(statement))).pages]


def plain(text: str) -> str:
    return " ".join(text.split())


def outside(statement: Statement) -> str:
    """What the first page ends with, in the statement's language."""
    return plain(
        words_in(statement.language)(
            "The money is held in trust for the donors. It is not revenue of the UNESCO Institute for "
            "Lifelong Learning."
        )
    )


# ---- what it tells


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_where_the_money_went_by_activity_and_by_region(language: str) -> None:
    statement, words = sample_statement(language), words_in(language)
    first = pages(statement)[0]
    for region, name in zip(
        statement.regions, ("Africa", "Asia and the Pacific", "No city named"), strict=True
    ):
        assert f"{plain(words(name))} {plain(words.usd(region.used.cents))}" in first
    for use in statement.uses[1:7]:
        assert plain(words.usd(use.usd.cents)) in first


def test_the_largest_region_comes_first_and_money_for_no_city_last() -> None:
    nothing = Figure(0)
    regions = [
        Beneficiaries(name, 1, nothing, Figure(cents), nothing)
        for name, cents in (("Africa", 10), ("Arab States", 4_279_250), ("", 100), ("no-city", 200))
    ]
    first = pages(replace(sample_statement(), regions=tuple(regions)))[0]
    order = ["Arab States", "Region not stated", "Africa US$0.10", "No city named"]
    assert sorted(order, key=first.index) == order


def test_where_nothing_is_used_it_tells_where_the_money_is_to_go() -> None:
    sample = sample_statement()
    unused = replace(
        sample,
        uses=(),
        used=Figure(0),
        balance=replace(sample.balance, available=Figure(sample.balance.available.cents + sample.used.cents)),
        activities=tuple(replace(each, used=Figure(0)) for each in sample.activities[:2]),
        regions=(Beneficiaries("Africa", 6, Figure(1_700_000), Figure(0), Figure(1_700_000)),),
    )
    first = pages(unused)[0]
    assert "Where the money is to go: allocated and not yet used None of the money was used" in first
    assert first.count("US$8,500.00") == 2
    assert "Africa US$17,000.00" in first


def test_cities_that_activities_have_in_common_are_listed_once() -> None:
    sample = sample_statement(activities=2)
    cities = sample_statement().activities[3].cities
    both = replace(sample, activities=tuple(replace(each, cities=cities) for each in sample.activities))
    said = " ".join(pages(both))
    assert said.count("Bouaké (Côte d’Ivoire); Cao Lãnh (Viet Nam); Yaoundé 1er (Cameroon)") == 1
    assert said.count("The same cities as 1.1, 3 in number.") == 1


# ---- one page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("activities", [1, 9, 60, 300])
def test_it_is_one_page_however_many_activities_there_are(language: str, activities: int) -> None:
    statement = sample_statement(language, activities)
    first, second, *_ = pages(statement)
    assert outside(statement) in first
    assert second.startswith(statement.id)
    assert plain(words_in(language)("This statement")) in second


@pytest.mark.parametrize(
    "name", [*map(of_length, NAMES.values()), "x" * 300, "Word " * 60, "北" * 160, "ก" * 300]
)
@pytest.mark.parametrize("title", ["y" * 300, "Word " * 60])
def test_it_is_one_page_however_long_the_names_are(name: str, title: str) -> None:
    sample = sample_statement("fr", activities=20)
    uses = tuple(replace(use, title=title) for use in sample.uses)
    statement = replace(sample, donor_name=name, uses=uses)
    first, second, *_ = pages(statement)
    assert outside(statement) in first
    assert "Ce relevé" in second


def test_activities_that_have_no_room_share_a_bar_and_nothing_is_lost() -> None:
    statement = sample_statement(activities=40)
    first = pages(statement)[0]
    by_activity: dict[str, int] = {}
    for use in statement.uses:
        by_activity[use.activity] = by_activity.get(use.activity, 0) + use.usd.cents
    by_activity.pop("")
    largest = sorted(by_activity.values(), reverse=True)
    assert f"Other activities (32) {words_in('en').usd(sum(largest[8:]))}" in first


# ---- other scripts


@pytest.mark.parametrize("script", sorted(UNSHOWN))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_in_a_script_that_is_not_at_hand_is_explained(script: str, language: str) -> None:
    name, words = UNSHOWN[script], words_in(language)
    said = " ".join(pages(replace(empty_statement(language), donor_name=name)))
    count = len(set(name) - {" "})
    expected = words(
        "Texts on this paper have characters that its typeface cannot show ({count} in all). Each "
        "stands as its Unicode number, such as {example}; the books keep the texts in their own script.",
        count=count,
        example=f"[U+{ord(name[0]):04X}]",
    )
    assert plain(expected) in said


def test_nothing_is_explained_where_everything_is_shown() -> None:
    assert "typeface cannot show" not in " ".join(pages(sample_statement()))
    assert missing_glyphs(sample_statement()) == []
    for name in NAMES.values():
        assert missing_glyphs(replace(sample_statement(), donor_name=name)) == []


def test_every_text_of_a_statement_is_looked_at() -> None:
    sample = sample_statement()
    for changed in (
        replace(sample, agreements=(replace(sample.agreements[0], earmark="\u0e01"),)),
        replace(sample, receipts=(replace(sample.receipts[0], reference="\u0e01"),)),
        replace(sample, uses=(replace(sample.uses[0], title="\u0e01"),)),
        replace(sample, in_kind=(replace(sample.in_kind[0], description="\u0e01"),)),
        replace(sample, activities=(replace(sample.activities[0], results=("fine", "\u0e01")),)),
    ):
        assert missing_glyphs(changed) == ["\u0e01"]


def test_the_typeface_shows_every_name_in_the_data(demo: Demo) -> None:
    told = [(city.name, city.iso3) for city in cities()]
    assert [name for name in told if missing("".join(name))] == []
    book = open_at(str(demo.folder / "mdfm.book"))
    with book.reading() as books:
        as_of = AsOf.now(books, story.YEAR_END)
        for donor in donors(books):
            for language in LANGUAGES:
                drawn = build_statement(books, donor.code, story.TERM, as_of, language)
                assert missing_glyphs(drawn) == [], (donor.code, language)
                assert "[U+" not in " ".join(pages(drawn))
    book.close()


# ---- in grey


def lightness(colour: Color) -> float:
    """CIE L* of a colour: 0 for black, 100 for white; what is left of it in grey."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour.rgb()
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return float(116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("BLUE", "MUTED", 15),  # bars of an activity and of the others
        ("ACCENT", "WASH", 30),  # a track and how far it is filled
        ("ACCENT", "RULE", 15),  # its quarters
        ("ACCENT", "BLUE", 30),
        ("INK", "WASH", 70),  # words in a notice
        ("MUTED", "WASH", 45),
    ],
)
def test_colours_that_meet_are_distinguished_by_their_lightness(one: str, other: str, apart: int) -> None:
    assert abs(lightness(getattr(palette, one)) - lightness(getattr(palette, other))) >= apart


def test_words_are_dark_on_white() -> None:
    assert max(lightness(each) for each in (palette.INK, palette.BLUE, palette.MUTED)) <= 50


def test_a_donor_who_gave_in_kind_alone_sees_it_on_the_first_page() -> None:
    nothing = empty_statement()
    assert "In kind" not in pages(nothing)[0].partition("The whole fund")[0]
    hosted = replace(nothing, in_kind=sample_statement().in_kind)
    told = words_in("en").usd(sum(gift.held.cents for gift in hosted.in_kind))
    assert f"In kind, beside the money: {told} (part 4)." in pages(hosted)[0]
