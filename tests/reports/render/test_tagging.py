"""Tagged PDFs, read as a screen reader does: by the tree of their structure, not by the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from donors import contributions
from mdfm.books import open_at
from reports import build_letter, render_letter, render_statement
from reports.render.page import paragraph
from reports.render.signing import add_signature, load_signer
from reports.render.tables import Ruled, TableColumn
from tests.support.example_demo import Demo
from tests.support.sample_statement import sample_statement
from tests.support.signers import authority, holder

DRAWS_TEXT = {b"Tj", b"TJ", b"'", b'"'}
STATEMENT = "statements/CITY-A-en.pdf"
FILES = (
    STATEMENT,
    "statements/GOV-A-fr.pdf",
    "annual-report-2022.pdf",
    "fund-overview-es.pdf",
    "progress-report.pdf",
    "trial-balance.pdf",
)


@dataclass
class Node:
    """An element of the structure: what is in it, and the numbers of its marks as (page, mark)."""

    role: str
    source: Any
    nodes: list[Node] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)

    def all(self, role: str) -> Iterator[Node]:
        """The elements of a role in it, in reading order."""
        for node in self.nodes:
            if node.role == role:
                yield node
            yield from node.all(role)

    def every(self) -> Iterator[Node]:
        """It, and every element in it."""
        yield self
        for node in self.nodes:
            yield from node.every()

    @property
    def attributes(self) -> Any:
        return self.source.get("/A", {})


@dataclass
class Tagged:
    """A PDF with its structure, and the operators of each mark of each page."""

    reader: Any
    document: Node
    content: dict[tuple[int, int], list[bytes]]
    outside: list[bytes]
    """Operators that draw text in no marked content at all."""


def read(pdf: bytes) -> Tagged:
    reader: Any = PdfReader(BytesIO(pdf))
    pages = {page.indirect_reference.idnum: at for at, page in enumerate(reader.pages)}
    root = reader.root_object["/StructTreeRoot"]
    content: dict[tuple[int, int], list[bytes]] = {}
    outside: list[bytes] = []
    for at, page in enumerate(reader.pages):
        open_: list[int | None] = []
        for operands, operator in ContentStream(page["/Contents"], reader).operations:
            if operator in {b"BDC", b"BMC"}:
                assert not open_, "marked content in marked content"
                open_.append(int(operands[1]["/MCID"]) if operator == b"BDC" else None)
                if open_[0] is not None:
                    assert (at, open_[0]) not in content
                    content[at, open_[0]] = []
            elif operator == b"EMC":
                open_.pop()
            elif not open_:
                outside += [operator] if operator in DRAWS_TEXT else []
            elif open_[0] is not None:
                content[at, open_[0]].append(operator)
        assert not open_
    return Tagged(reader, _node(root["/K"], pages), content, outside)


def _node(source: Any, pages: dict[int, int]) -> Node:
    node = Node(source["/S"].removeprefix("/"), source)
    parts = source.get("/K", [])
    for part in parts if isinstance(parts, list) else [parts]:
        below = part.get_object()
        if isinstance(below, int):
            node.marks.append((pages[source.raw_get("/Pg").idnum], int(below)))
        elif below.get("/Type") == "/MCR":
            node.marks.append((pages[below.raw_get("/Pg").idnum], int(below["/MCID"])))
        else:
            node.nodes.append(_node(below, pages))
    return node


@cache
def long_one() -> Tagged:
    return read(render_statement(sample_statement(activities=120)))


@pytest.fixture(params=[*FILES, "letter", "long"])
def paper(request: pytest.FixtureRequest, demo: Demo, tmp_path: Path) -> Tagged:
    if request.param == "long":
        return long_one()
    if request.param == "letter":
        book = open_at(str(demo.copy(tmp_path / "mdfm.book")))
        with book.reading() as books:
            pdf = render_letter(build_letter(books, contributions(books)[0].reference))
        book.close()
        return read(pdf)
    return read((demo.folder / request.param).read_bytes())


def test_a_report_says_that_it_is_tagged_in_what_language_and_under_what_title(paper: Tagged) -> None:
    root = paper.reader.root_object
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] in {"en", "fr", "es"}
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert paper.reader.metadata is not None
    assert paper.reader.metadata.title
    assert all(page["/Tabs"] == "/S" for page in paper.reader.pages)


def test_every_text_is_in_the_structure_once_or_an_artifact(paper: Tagged) -> None:
    assert paper.outside == []
    marks = [mark for node in paper.document.every() for mark in node.marks]
    assert sorted(marks) == sorted(paper.content)
    assert len(set(marks)) == len(marks)


def test_each_mark_leads_to_its_element(paper: Tagged) -> None:
    numbers = paper.reader.root_object["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    of_page = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for node in paper.document.every():
        for page, mark in node.marks:
            assert of_page[paper.reader.pages[page]["/StructParents"]][mark].get_object() == node.source


def test_headings_begin_with_the_title_and_skip_no_level(paper: Tagged) -> None:
    levels = [int(node.role[1]) for node in paper.document.every() if node.role in {"H1", "H2", "H3"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_rows_of_a_table_have_as_many_cells_and_their_headings(paper: Tagged) -> None:
    for table in paper.document.all("Table"):
        assert {node.role for node in table.nodes} == {"TR"}
        widths = [sum(cell.attributes.get("/ColSpan", 1) for cell in row.nodes) for row in table.nodes]
        assert len(set(widths)) == 1
        for cell in (cell for row in table.nodes for cell in row.nodes):
            assert cell.role == "TD" or cell.attributes["/Scope"] in {"/Column", "/Row"}
    assert all(row.nodes for row in paper.document.all("TR"))


def test_a_table_over_pages_is_one_with_its_heading_once() -> None:
    over_pages = [
        table
        for table in long_one().document.all("Table")
        if len({page for node in table.every() for page, _ in node.marks}) > 1
    ]
    assert over_pages
    for table in over_pages:
        scopes = [{cell.attributes.get("/Scope") for cell in row.nodes} for row in table.nodes]
        assert scopes[0] == {"/Column"}
        assert {"/Column"} not in scopes[1:]


def test_the_picture_of_a_statement_says_what_is_printed_under_it(demo: Demo) -> None:
    paper = read((demo.folder / STATEMENT).read_bytes())
    (picture,) = paper.document.all("Figure")
    text = "".join("".join(page.extract_text().split()) for page in paper.reader.pages)
    assert str(picture.source["/Alt"]).startswith("mdfm-statement-")
    assert "".join(str(picture.source["/Alt"]).split()) in text
    left, bottom, right, top = map(float, picture.attributes["/BBox"])
    assert 0 < left < right < 595
    assert 0 < bottom < top < 842


def test_big_figures_are_read_one_after_the_other(demo: Demo) -> None:
    paper = read((demo.folder / STATEMENT).read_bytes())
    assert [len(each.nodes) for each in paper.document.nodes if each.role == "Div"][:5] == [3, 1, 3, 1, 3]


def test_a_signed_statement_stays_tagged(tmp_path: Path) -> None:
    issued = render_statement(sample_statement())
    key, certificate = holder("Example officer", authority("Example authority")).pem(tmp_path)
    signed = read(add_signature(issued, load_signer(key, certificate, str)))
    assert signed.content == read(issued).content


def test_a_canvas_without_tags_draws_the_same_parts() -> None:
    table = Ruled((TableColumn("Name", 1), TableColumn("US$")))
    table.line("A", "1.00")
    canvas = Canvas(BytesIO())
    for part in (paragraph("Text"), table.flowable(), Drawing(10, 10)):
        part.wrapOn(canvas, 400, 400)
        part.drawOn(canvas, 0, 0)
    assert not any("BDC" in str(line) for line in canvas._code)
