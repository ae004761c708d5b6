"""What is appended to a statement is distinguished from a signature, though no byte of it changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, IndirectObject, NameObject, NumberObject, TextStringObject

from reports import add_signature, load_signer, render_statement
from reports.render.pdf_increments import only_signatures
from reports.render.pdf_reading import read_pdf
from reports.statement.comparison import StatementComparison, compare_contents, compare_pdfs
from tests.support import altered_pdf
from tests.support.altered_pdf import as_written, with_objects_appended
from tests.support.sample_statement import empty_statement, sample_statement
from tests.support.signers import authority, holder


@cache
def issued() -> bytes:
    return render_statement(sample_statement())


def _pdf() -> Any:
    return PdfReader(BytesIO(issued()))


def _forged_drawing() -> bytes:
    """What draws the second page, with another figure."""
    drawing = _pdf().pages[1]["/Contents"].get_data().replace(b"500,000.00", b"900,000.00")
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawing), drawing)


def another_title() -> bytes:
    info = _pdf().trailer["/Info"]
    changed = as_written(info, Title=TextStringObject("Statement S-2021-9999"))
    return with_objects_appended(issued(), {_pdf().trailer.raw_get("/Info").idnum: changed})


def another_drawing_that_no_table_names() -> bytes:
    """Many readers search the file for objects when they do not find its end."""
    number = _pdf().pages[1].raw_get("/Contents").idnum
    return issued() + b"\n%d 0 obj\n%b\nendobj\n" % (number, _forged_drawing()) + b"% " + b"x" * 3_000 + b"\n"


def a_page_with_two_drawings() -> bytes:
    """Some readers take the first of two entries with the same name, others the last."""
    page, free = _pdf().pages[1], _pdf().trailer["/Size"]
    twice = as_written(page).rstrip().removesuffix(b">>") + b" /Contents %d 0 R >>" % free
    return with_objects_appended(issued(), {page.indirect_reference.idnum: twice, free: _forged_drawing()})


def a_page_cut_by_another_parent() -> bytes:
    """Some readers ask a page's parent what part of it they show."""
    page, free = _pdf().pages[1], _pdf().trailer["/Size"]
    parent = as_written(
        _pdf().root_object["/Pages"], CropBox=ArrayObject(map(NumberObject, (0, 500, 595, 842)))
    )
    moved = as_written(page, Parent=IndirectObject(free, 0, page.pdf))
    return with_objects_appended(issued(), {page.indirect_reference.idnum: moved, free: parent})


def a_page_that_is_gone() -> bytes:
    """The object that draws a page is marked as free."""
    number = _pdf().pages[1].raw_get("/Contents").idnum
    update = with_objects_appended(issued(), {_pdf().trailer["/Size"]: b"null"})
    at = update.index(b"trailer", len(issued()))
    return update[:at] + b"%d 1\n%010d %05d f \n" % (number, 0, 1) + update[at:]


def a_script() -> bytes:
    root = _pdf().trailer.raw_get("/Root").idnum
    script = b"<< /S /JavaScript /JS (app.alert(1)) >>"
    free = _pdf().trailer["/Size"]
    changed = as_written(_pdf().root_object, OpenAction=IndirectObject(free, 0, _pdf()))
    return with_objects_appended(issued(), {root: changed, free: script})


def metadata_that_say_something_else() -> bytes:
    told = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<r:Description xmlns:d="http://purl.org/dc/elements/1.1/" d:title="S-2021-9999"/>'
        b"</r:RDF></x:xmpmeta>"
    )
    root, free = _pdf().trailer.raw_get("/Root").idnum, _pdf().trailer["/Size"]
    changed = as_written(_pdf().root_object, Metadata=IndirectObject(free, 0, _pdf()))
    stream = b"<< /Type /Metadata /Length %d >>\nstream\n%b\nendstream" % (len(told), told)
    return with_objects_appended(issued(), {root: changed, free: stream})


def a_form_to_fill_in() -> bytes:
    root, free = _pdf().trailer.raw_get("/Root").idnum, _pdf().trailer["/Size"]
    form = b"<< /Fields [ << /FT /Tx /T (left) /V (9.00) /Rect [ 0 0 0 0 ] >> ] >>"
    changed = as_written(_pdf().root_object, AcroForm=IndirectObject(free, 0, _pdf()))
    return with_objects_appended(issued(), {root: changed, free: form})


def words_behind_the_end() -> bytes:
    return issued() + b"The fund owes this donor US$1,000,000.\n"


FORGERIES = (
    another_title,
    another_drawing_that_no_table_names,
    a_page_with_two_drawings,
    a_page_cut_by_another_parent,
    a_page_that_is_gone,
    a_script,
    metadata_that_say_something_else,
    a_form_to_fill_in,
    words_behind_the_end,
)


@pytest.mark.parametrize("forge", FORGERIES)
def test_what_is_appended_and_no_signature_is_never_confirmed(forge: Callable[[], bytes]) -> None:
    forged = forge()
    assert forged.startswith(issued())
    assert not only_signatures(forged, issued())


def test_what_is_appended_is_distinguished_from_what_was_saved_again() -> None:
    result = compare_pdfs(a_page_with_two_drawings(), issued())
    assert (result.same, result.appended) == (False, True)
    assert compare_pdfs(altered_pdf.saved_again(issued()), issued()) == StatementComparison(same=False)


def test_an_update_that_changes_nothing_is_no_forgery() -> None:
    """Whoever looks for the change in the forgeries above finds it in what they write, not in how."""
    page = _pdf().pages[1]
    plain = with_objects_appended(issued(), {page.indirect_reference.idnum: as_written(page)})
    assert only_signatures(plain, issued())


@pytest.mark.parametrize("forge", [another_title, a_page_with_two_drawings, a_page_cut_by_another_parent])
def test_a_signature_over_a_forgery_does_not_hide_it(forge: Callable[[], bytes], tmp_path: Path) -> None:
    key, certificate = holder("Example forger", authority("Example stranger")).pem(tmp_path)
    signer = load_signer(key, certificate, str)
    assert only_signatures(add_signature(issued(), signer), issued())
    try:
        signed = add_signature(forge(), signer)
    except Exception as refused:  # the library that signs reads strictly, too
        assert "Multiple definitions" in str(refused)
    else:
        assert not only_signatures(signed, issued())


# ---- altered and saved as a whole


@cache
def _empty() -> bytes:
    return render_statement(empty_statement())


def _whole(change: Callable[[Any], object]) -> tuple[str, ...]:
    return compare_contents(read_pdf(altered_pdf.with_change(_empty(), change)), read_pdf(_empty())).outside


def test_what_differs_of_the_document_as_a_whole_is_named() -> None:
    layers = NameObject("/OCProperties")
    assert _whole(lambda pdf: pdf.add_metadata({"/Title": "Other"})) == ("its title",)
    assert _whole(lambda pdf: pdf.add_attachment("a.txt", b"x")) == (
        "scripts, attachments or other named parts are added",
    )
    assert _whole(lambda pdf: pdf.root_object.update({layers: ArrayObject()})) == ("layers are added",)
    assert _whole(lambda pdf: pdf.remove_page(3)) == ("3 pages in place of 4",)
