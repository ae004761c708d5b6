"""The pictures of a plan: their sums, their geometry, and the files they become."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.graphics.shapes import Drawing, Polygon, Rect, Shape, String
from reportlab.graphics.shapes import Path as Curve

from allocation.plan.plan import RuleReached
from donors import LANGUAGES
from ledger import BadInput, Book, Refused
from mdfm.cli.planner.plan_files import draw
from reports import NamedPlan, draw_money, draw_sankey, name_plan
from reports.plans.flows import DONORS_MAX, USES_MAX, plan_flows
from reports.plans.money import panels, whole_cents
from reports.plans.sankey import TINTS, spread_labels
from reports.render.palette import BLUE
from reports.render.picture import Picture, wrap_lines
from reports.render.typeface import BOLD, REGULAR, width
from reports.words.language import words_in
from tests.support.effort import effort
from tests.support.example_demo import Demo
from tests.support.sample_plan import made_up, of_demo, payments

EN = words_in("en")
DRAWN = (draw_money, draw_sankey)
Box = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def example_plan(demo: Demo) -> NamedPlan:
    return of_demo(demo)


def shapes(drawing: Drawing) -> list[Shape]:
    (group,) = drawing.contents
    return list(group.contents)


def boxes(drawing: Drawing) -> Iterator[tuple[Shape, Box]]:
    """Every shape with its left, bottom, right and top on the page."""
    up = drawing.height
    for shape in shapes(drawing):
        if isinstance(shape, String):
            across = width(shape.text, shape.fontName, shape.fontSize)
            yield shape, (shape.x, up + shape.y - 0.25 * shape.fontSize,
                          shape.x + across, up + shape.y + 0.75 * shape.fontSize)  # fmt: skip
        else:
            left, bottom, right, top = shape.getBounds()
            yield shape, (left, up + bottom, right, up + top)


def intersect(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def require_readable(drawing: Drawing) -> None:
    """All ink is on the page, and no two texts overlap."""
    found = list(boxes(drawing))
    for shape, (left, bottom, right, top) in found:
        assert left >= 0, shape
        assert bottom >= 0, shape
        assert right <= drawing.width, shape
        assert top <= drawing.height, shape
    texts = [(shape.text, box) for shape, box in found if isinstance(shape, String)]
    overlaps = [(a, b) for (a, one), (b, other) in itertools.combinations(texts, 2) if intersect(one, other)]
    assert overlaps == []


# ---- the sums


def test_every_list_adds_up_to_what_is_awarded(example_plan: NamedPlan) -> None:
    found = panels(example_plan, EN)
    assert [panel.title for panel in found if not panel.whole] == ["Other groups that rules are about"]
    sums = [sum(row.cents for row in panel.rows) for panel in found if panel.whole]
    assert sums == [example_plan.plan.awarded] * 4


def test_a_region_gets_its_cities_part_of_every_award(example_plan: NamedPlan) -> None:
    exact = Fraction(0)
    for award in example_plan.plan.awards:
        cities = example_plan.activities[award.activity].cities
        exact += Fraction(award.cents * sum(city.region == "Africa" for city in cities), len(cities))
    by_region = {row.label: row.cents for row in panels(example_plan, EN)[0].rows}
    assert abs(by_region["Africa"] - exact) < 1
    assert 0 < by_region["Africa"] < example_plan.plan.awarded


@given(payments)
def test_made_up_plans_add_up_too(paid: dict[tuple[int, int], int]) -> None:
    for panel in panels(made_up(paid), EN):
        assert sum(row.cents for row in panel.rows) == sum(paid.values()), panel.title


@given(st.lists(st.integers(1, 7), min_size=1, max_size=6), st.integers(0, 10**15))
def test_largest_remainders_are_less_than_a_cent_away(parts: list[int], total: int) -> None:
    exact = {str(number): Fraction(total * part, sum(parts)) for number, part in enumerate(parts)}
    whole = whole_cents(exact)
    assert sum(whole.values()) == total
    assert all(abs(whole[name] - amount) < 1 for name, amount in exact.items())


def test_each_rule_is_a_mark_on_the_row_that_it_is_about(example_plan: NamedPlan) -> None:
    marked = {
        mark.rule: (panel.title, row.label, mark.bound)
        for panel in panels(example_plan, EN)
        for row in panel.rows
        for mark in row.marks
    }
    bounds = {rule.id: rule.bound for rule in example_plan.plan.rules}
    assert marked == {
        "africa": ("By region", "Africa", bounds["africa"]),
        "communication": ("By work area", "4 Communication", bounds["communication"]),
        "low-income": ("Other groups that rules are about", "Low-income countries", bounds["low-income"]),
    }


def with_a_floor(reached: int) -> NamedPlan:
    floor = {"id": "c1", "group": "cluster", "of": "C1", "amount": 100_00, "soft": True}
    rule = RuleReached(id="c1", sense="floor", bound=100_00, reached=reached, reason="")
    return made_up({(0, 0): 500_00, (0, 1): reached}, bounds={"floors": [floor]}, rules=[rule])


def test_a_floor_that_is_missed_says_by_how_much() -> None:
    assert "c1: at least 100.00; missed by 30.00" in draw_money(with_a_floor(70_00), "en").description
    assert "missed" not in draw_money(with_a_floor(100_00), "en").description


# ---- the geometry of the bars


def bars(drawing: Drawing) -> list[float]:
    return [shape.width for shape in shapes(drawing) if isinstance(shape, Rect) and shape.fillColor == BLUE]


def test_bars_are_as_long_as_their_money(example_plan: NamedPlan) -> None:
    rows = [row.cents for panel in panels(example_plan, EN) for row in panel.rows]
    lengths = bars(draw_money(example_plan, "en").drawing)
    scale = max(lengths) / max(rows)
    assert lengths == pytest.approx([cents * scale for cents in rows])


def test_a_mark_stands_where_a_bar_of_its_money_would_end() -> None:
    named = with_a_floor(70_00)
    drawing = draw_money(named, "en").drawing
    longest = next(s for s in shapes(drawing) if isinstance(s, Rect) and s.fillColor == BLUE and s.width)
    _legend_floor, _legend_ceiling, wedge = [s for s in shapes(drawing) if isinstance(s, Polygon)]
    rows = {row.label: row.cents for panel in panels(named, EN) for row in panel.rows}
    scale = max(bars(drawing)) / max(rows.values())
    assert wedge.points[0] == pytest.approx(longest.x + 100_00 * scale)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("picture", DRAWN)
def test_the_example_s_pictures_are_readable(example_plan: NamedPlan, picture: object, language: str) -> None:
    require_readable(picture(example_plan, language).drawing)  # type: ignore[operator]


# ---- the geometry of the flows


@settings(max_examples=effort(40, 400))
@given(payments)
@example({(0, 0): 1})
@example({(giver, use): 10**11 if giver == use == 0 else 1 for giver in range(12) for use in range(30)})
def test_any_plan_s_pictures_are_readable(paid: dict[tuple[int, int], int]) -> None:
    named = made_up(paid)
    for picture in DRAWN:
        require_readable(picture(named, "en").drawing)


def thickness(ribbon: Curve) -> float:
    """How wide a ribbon is where it begins: the first point's height less the last's."""
    return float(ribbon.points[1] - ribbon.points[-1])


@settings(max_examples=effort(40, 400))
@given(payments)
def test_every_width_is_its_money(paid: dict[tuple[int, int], int]) -> None:
    named = made_up(paid)
    shown = plan_flows(named, EN)
    drawn = shapes(draw_sankey(named, "en").drawing)
    widths = [thickness(shape) for shape in drawn if isinstance(shape, Curve)]
    scale = sum(widths) / sum(paid.values())
    assert widths == pytest.approx([ribbon.cents * scale for ribbon in shown.ribbons], abs=1e-6)
    nodes = [shape.height for shape in drawn if isinstance(shape, Rect)]
    assert nodes == pytest.approx([node.cents * scale for node in (*shown.sources, *shown.uses)], abs=1e-6)


@given(payments, st.integers(1, 40))
def test_flows_keep_every_cent(paid: dict[tuple[int, int], int], clusters: int) -> None:
    shown = plan_flows(made_up(paid, clusters=clusters), EN)
    for side, place in ((shown.sources, "source"), (shown.uses, "use")):
        for number, node in enumerate(side):
            ribbons = [each.cents for each in shown.ribbons if getattr(each, place) == number]
            assert sum(ribbons) == node.cents > 0
    assert sum(each.cents for each in shown.ribbons) == sum(paid.values())
    assert len(shown.sources) <= DONORS_MAX
    assert len(shown.uses) <= USES_MAX


def test_a_dozen_donors_are_shown_by_name_and_more_by_type() -> None:
    dozen = plan_flows(made_up({(giver, 0): 1_00 for giver in range(12)}), EN)
    assert {node.title for node in dozen.sources} == {f"Example donor {giver}" for giver in range(12)}
    assert dozen.notes == ()
    more = plan_flows(made_up({(giver, 0): 1_00 for giver in range(13)}), EN)
    assert more.notes == ("The 13 donors are shown by type.",)
    assert {node.code: node.cents for node in more.sources} == {
        "city": 3_00, "government": 3_00, "multilateral": 3_00, "private": 2_00, "civil-society": 2_00,
    }  # fmt: skip


def test_many_activities_are_shown_by_cluster_and_many_clusters_as_others() -> None:
    by_cluster = plan_flows(made_up({(0, use): 1_00 for use in range(31)}), EN)
    assert by_cluster.notes == ("The 31 activities are shown by cluster.",)
    assert {node.title: node.cents for node in by_cluster.uses} == {"C0": 11_00, "C1": 10_00, "C2": 10_00}
    rare = plan_flows(made_up({(0, use): (use + 1) * 1_00 for use in range(40)}, clusters=40), EN)
    assert rare.uses[-1].title == "11 others"
    assert rare.uses[-1].cents == sum(range(1, 12)) * 1_00


labels = st.lists(st.tuples(st.integers(-12, 0), st.integers(1, 3)), min_size=1, max_size=3)


@given(labels)
def test_labels_move_as_little_as_they_can(wanted: list[tuple[int, int]]) -> None:
    heights = sorted((float(want) for want, _ in wanted), reverse=True)
    downs = [float(down) for _, down in wanted]
    placed = spread_labels(heights, downs, 0.0, -12.0)
    assert fits(placed, downs)
    halves = [-step / 2 for step in range(25)]
    least = min(
        cost(each, heights) for each in itertools.product(halves, repeat=len(downs)) if fits(each, downs)
    )
    assert cost(placed, heights) <= least + 1e-9


def fits(places: tuple[float, ...] | list[float], downs: list[float]) -> bool:
    ends = [place - down for place, down in zip(places, downs, strict=True)]
    apart = all(below <= end + 1e-9 for end, below in zip(ends, places[1:], strict=False))
    return apart and places[0] <= 1e-9 and ends[-1] >= -12 - 1e-9


def cost(places: tuple[float, ...] | list[float], wanted: list[float]) -> float:
    return sum((place - want) ** 2 for place, want in zip(places, wanted, strict=True))


def test_neighbouring_donors_stay_apart_in_grey() -> None:
    greys = [0.2126 * tint.red + 0.7152 * tint.green + 0.0722 * tint.blue for tint in TINTS]
    assert all(abs(a - b) > 0.15 for a, b in zip(greys, (*greys[1:], greys[0]), strict=True))


# ---- texts


@given(st.text(max_size=200), st.integers(1, 4), st.floats(12, 200))
def test_a_broken_text_fits_its_room(text: str, most: int, room: float) -> None:
    lines = wrap_lines(text, REGULAR, 8, room, most)
    assert 1 <= len(lines) <= most
    assert all(width(line, REGULAR, 8) <= room for line in lines)


def test_a_text_is_cut_only_where_it_must_be() -> None:
    assert wrap_lines("Alpha beta gamma", BOLD, 8, 500, 1) == ["Alpha beta gamma"]
    (cut,) = wrap_lines("Alpha beta gamma", BOLD, 8, 50, 1)
    assert cut.endswith("…")
    assert "Alpha beta gamma".startswith(cut[:-1])


def test_names_are_text_and_never_markup() -> None:
    hostile = '</text><script>alert("1")</script>&amp;\u202e\x07\uffff =1+1'
    picture = draw_sankey(made_up({(0, 0): 1_00}, names={0: hostile}), "en")
    root = ET.fromstring(picture.to_svg())
    assert not list(root.iter(f"{SVG}script"))
    assert "<script>" in "".join(root.itertext())
    assert "\u202e" not in picture.to_svg().decode()


# ---- the files

SVG = "{http://www.w3.org/2000/svg}"


def fonts(content: bytes) -> dict[str, bool]:
    """The typefaces of a PDF, and whether each is embedded."""
    found = {}
    for page in PdfReader(BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            told = font.get_object()
            found[told["/BaseFont"]] = "/FontFile2" in told["/FontDescriptor"].get_object()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("picture", DRAWN)
def test_a_pdf_is_one_page_with_embedded_type(
    example_plan: NamedPlan, picture: object, language: str
) -> None:
    drawn: Picture = picture(example_plan, language)  # type: ignore[operator]
    content = drawn.to_pdf()
    reader = PdfReader(BytesIO(content))
    (page,) = reader.pages
    assert (page.mediabox.width, page.mediabox.height) == (drawn.drawing.width, drawn.drawing.height)
    assert reader.metadata is not None
    assert reader.metadata.title == drawn.title
    assert fonts(content)
    assert all(fonts(content).values())
    assert content == picture(example_plan, language).to_pdf()  # type: ignore[operator]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("picture", DRAWN)
def test_an_svg_tells_what_it_shows(example_plan: NamedPlan, picture: object, language: str) -> None:
    drawn: Picture = picture(example_plan, language)  # type: ignore[operator]
    content = drawn.to_svg()
    root = ET.fromstring(content)
    assert b"<!DOCTYPE" not in content
    assert root.attrib["role"] == "img"
    named = [root.find(f"{SVG}*[@id='{name}']") for name in root.attrib["aria-labelledby"].split()]
    assert [element.text for element in named if element is not None] == [drawn.title, drawn.description]
    assert words_in(language).usd(example_plan.plan.awarded) in drawn.title
    texts = list(root.iter(f"{SVG}text"))
    written = [shape.text for shape in shapes(drawn.drawing) if isinstance(shape, String)]
    assert [text.text for text in texts] == written
    for text in texts:
        assert "sans-serif" in text.attrib["style"]
        assert float(text.attrib["textLength"]) > 0
    assert content == picture(example_plan, language).to_svg()  # type: ignore[operator]


def test_ribbons_let_others_shine_through_in_both_files(example_plan: NamedPlan) -> None:
    picture = draw_sankey(example_plan, "en")
    assert picture.to_svg().count(b"fill-opacity: 0.75") == len(plan_flows(example_plan, EN).ribbons)
    (page,) = PdfReader(BytesIO(picture.to_pdf())).pages
    states = [state.get_object() for state in page["/Resources"]["/ExtGState"].values()]  # type: ignore[index]
    assert 0.75 in [state.get("/ca") for state in states]


def test_what_is_drawn_is_described(example_plan: NamedPlan) -> None:
    money = draw_money(example_plan, "en").description
    for rule in example_plan.plan.rules:
        assert (
            f"{rule.id}: at {'least' if rule.sense == 'floor' else 'most'} {EN.amount(rule.bound)}" in money
        )
    told = draw_sankey(example_plan, "en").description
    for flow in plan_flows(example_plan, EN).ribbons:
        assert EN.usd(flow.cents) in told


def test_a_plan_of_another_book_is_refused(example_plan: NamedPlan, played_once: Book) -> None:
    with played_once.reading() as books, pytest.raises(Refused, match="solved over other books"):
        name_plan(books, example_plan.plan)


# ---- the command


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_the_command_writes_both_pictures(demo: Demo, tmp_path: Path, kind: str) -> None:
    told = CliRunner().invoke(
        draw,
        [
            str(demo.folder / "plan.json"),
            "--out",
            str(tmp_path / "new"),
            "--language",
            "fr",
            "--format",
            kind,
        ],
        obj=str(demo.book),
    )
    assert told.exit_code == 0, told.output
    found = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert found == [f"base-2022-flows-fr.{kind}", f"base-2022-money-fr.{kind}"]


def test_a_file_is_no_folder(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("kept")
    told = refused(demo, tmp_path / "a file")
    assert told.exit_code == 2
    assert "is a file" in told.output
    assert (tmp_path / "a file").read_text() == "kept"


def test_what_cannot_be_written_leaves_nothing_behind(demo: Demo, tmp_path: Path) -> None:
    in_the_way = tmp_path / "base-2022-money-en.pdf"
    in_the_way.mkdir()
    told = refused(demo, tmp_path)
    assert isinstance(told.exception, BadInput)
    assert str(told.exception).startswith(f"{in_the_way} cannot be written: ")
    assert list(tmp_path.rglob("*")) == [in_the_way]


def test_a_language_that_is_not_written_is_refused(demo: Demo, tmp_path: Path) -> None:
    told = refused(demo, tmp_path, "--language", "de")
    assert "'de' is not one of 'en', 'fr', 'es'" in told.stderr
    assert list(tmp_path.iterdir()) == []


def refused(demo: Demo, out: Path, *more: str) -> Result:
    command = [str(demo.folder / "plan.json"), "--out", str(out), *more]
    return CliRunner().invoke(draw, command, obj=str(demo.book))
