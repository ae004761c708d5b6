"""The code of a statement: one line, in the metadata, in print and as a picture."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from pypdf import PdfReader

from donors import LANGUAGES
from ledger import BadInput
from reports.render.pdf_reading import read_pdf
from reports.statement.pdf import render_statement
from reports.statement.qr_code import MARK, code_of, find_code
from reports.statement.sums import given, left
from reports.words.labels import STATUS
from reports.words.language import words_in
from tests.support.sample_statement import FUND, empty_statement, sample_statement

PIXELS = 4

Image = np.ndarray[tuple[int, int], np.dtype[np.uint8]]


def picture(pdf: bytes) -> Image:
    """The squares on the last page of a statement, black on white."""
    data = PdfReader(BytesIO(pdf)).pages[-1].get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    boxes = [tuple(map(int, found)) for found in re.findall(r"\b(\d+) (\d+) (\d+) 1 re\b", data)]
    side = max(max(x + width, y + 1) for x, y, width in boxes) + min(x for x, _, _ in boxes)
    drawn = np.full((side, side), 255, np.uint8)
    for x, y, width in boxes:
        drawn[y, x : x + width] = 0
    return drawn.repeat(PIXELS, 0).repeat(PIXELS, 1)


def plain(said: str) -> str:
    return " ".join(said.split())


def decoded(image: Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_the_print_and_the_metadata_say_the_same_line(language: str) -> None:
    statement = sample_statement(language)
    line, pdf = code_of(statement).line, render_statement(statement)
    assert line.startswith(
        f"{MARK} id=S-2021-0001 donor=D-017 term=2021-2023 language={language} status=interim "
    )
    assert decoded(picture(pdf)) == [line]
    read = read_pdf(pdf)
    assert read.keywords == line
    printed = find_code(read.text)
    assert printed
    assert printed.line == line


def test_the_picture_is_read_when_a_part_of_it_is_soiled() -> None:
    statement = sample_statement()
    soiled = picture(render_statement(statement))
    soiled[100:150, 100:150] = 0
    assert decoded(soiled) == [code_of(statement).line]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_block_says_the_totals_in_words(language: str) -> None:
    statement = sample_statement(language)
    words = words_in(language)
    block = [plain(" ".join(row)) for row in read_pdf(render_statement(statement)).pages[-1].rows]
    facts = {
        "Given": words.usd(given(statement)),
        "Used": words.usd(statement.used.cents),
        "Left": words.usd(left(statement)),
        "Code": statement.verification,
        "Number": f"{statement.id} · {words(STATUS[statement.status])}",
        "Head of the journal": statement.seal.head,
    }
    for name, value in facts.items():
        assert plain(f"{words(name)} {value}") in block


def test_a_line_holds_no_name_of_a_donor() -> None:
    assert "Espoo" not in code_of(sample_statement()).line


def test_a_term_with_spaces_and_accents_survives_the_line() -> None:
    fund = replace(FUND, term="2021 – 2023, première phase=1")
    code = code_of(replace(empty_statement(), fund=fund))
    assert find_code(code.line) == code
    assert decoded(picture(render_statement(replace(empty_statement(), fund=fund)))) == [code.line]


def test_a_line_is_found_where_it_was_broken_and_with_names_of_later_versions() -> None:
    code = code_of(sample_statement())
    broken = code.line.replace(" head=", "\nhead=").replace(" code=", " audited=yes code=")
    assert find_code(f"Code 7K3M\n{broken}\nS-2021-0001 Effective to") == code


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("known-at=48213", "known-at=many"),
        ("known-at=48213", f"known-at={2**63}"),
        ("donor=D-017", "donor=D%20017"),
        ("from=2021-01-01", "from=then"),
        (" given=", " giving="),
        ("status=interim", "status=guessed"),
        ("head=3f", "head=zz"),
    ],
)
def test_a_line_that_is_incomplete_is_reported(old: str, new: str) -> None:
    line = code_of(sample_statement()).line
    assert old in line
    with pytest.raises(BadInput, match="take the PDF as it was issued"):
        find_code(line.replace(old, new))


def test_a_text_without_a_line_has_no_code() -> None:
    assert find_code("A paper about mdfm-statement-1 and mdfm-statement-2 id=7") is None
