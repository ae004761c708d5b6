"""PDFs altered after they were issued, as somebody with an editor would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any, NamedTuple

from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from reports.statement.pdf import render_statement
from tests.support.sample_statement import empty_statement

_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\) Tj", re.DOTALL)
_CHARACTER = re.compile(rb"\\[0-7]{3}|\\.|.", re.DOTALL)
_DRAWN_OVER = b"\nq 1 1 1 rg 430 500 90 20 re f Q\n"


class Place(NamedTuple):
    """A digit that is printed on a page: in which of its streams, and where."""

    page: int
    """From 1."""
    form: str
    """The name of the form it is drawn by; empty for the page's own stream."""
    at: int


def digits(pdf: bytes) -> list[Place]:
    """Every digit printed in a PDF."""
    return [
        Place(number, form, at)
        for number, page in enumerate(PdfReader(BytesIO(pdf)).pages, start=1)
        for form, stream in _streams(page)
        for at in _digits(stream.get_data())
    ]


def with_digit_changed(pdf: bytes, place: Place) -> bytes:
    """The PDF with one digit changed into the next one."""

    def change(data: bytes) -> bytes:
        digit = b"%d" % ((int(data[place.at : place.at + 1]) + 1) % 10)
        return data[: place.at] + digit + data[place.at + 1 :]

    return with_stream_changed(pdf, place.page, change, place.form)


def with_stream_changed(pdf: bytes, page: int, change: Callable[[bytes], bytes], form: str = "") -> bytes:
    """The PDF with what draws a page, or one of its forms, changed."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    holder: Any = writer.pages[page - 1]
    name = "/Contents"
    if form:
        holder, name = holder["/Resources"]["/XObject"], form
    old = holder[name].get_object()
    new = DecodedStreamObject()
    new.update(
        {key: value for key, value in old.items() if key not in {"/Filter", "/Length", "/DecodeParms"}}
    )
    new.set_data(change(old.get_data()))
    holder[NameObject(name)] = writer._add_object(new)
    return _written(writer)


def with_figure_covered(pdf: bytes, page: int) -> bytes:
    """The PDF with a white rectangle over a place of a page."""
    return with_stream_changed(pdf, page, lambda data: data + _DRAWN_OVER)


def with_note(pdf: bytes, page: int) -> bytes:
    """The PDF with a note stuck on a page."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.add_annotation(page - 1, FreeText(text="999,999.00", rect=(430, 500, 520, 520)))
    return _written(writer)


def with_change(pdf: bytes, change: Callable[[Any], object]) -> bytes:
    """The PDF as a program writes it after something was done to it."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    change(writer)
    return _written(writer)


def saved_again(pdf: bytes) -> bytes:
    """The same PDF, written by another program."""
    return with_change(pdf, lambda _: None)


def copied_page_by_page(pdf: bytes) -> bytes:
    """The pages and the metadata in a new file, without the tree for screen readers."""
    reader, writer = PdfReader(BytesIO(pdf)), PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    writer.add_metadata(reader.metadata or {})
    return _written(writer)


def with_note_appended(pdf: bytes, page: int) -> bytes:
    """The PDF with a note stuck on a page, by an update that leaves the bytes before it alone."""
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    writer.add_annotation(page - 1, FreeText(text="999,999.00", rect=(430, 500, 520, 520)))
    return _written(writer)


def with_objects_appended(pdf: bytes, objects: Mapping[int, bytes]) -> bytes:
    """The PDF with an update at its end that writes objects, by number, anew."""
    reader = PdfReader(BytesIO(pdf))
    root, info = (reader.trailer.raw_get(name).idnum for name in ("/Root", "/Info"))
    file, table = pdf + b"\n", b"xref\n"
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    size = max(int(str(reader.trailer["/Size"])), *(number + 1 for number in objects))
    table += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d >>\n" % (
        size,
        root,
        info,
        _table_at(pdf),
    )
    return file + table + b"startxref\n%d\n%%%%EOF\n" % len(file)


def _table_at(pdf: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def as_written(thing: Any, **more: Any) -> bytes:
    """A dictionary as a PDF has it, with some names set to something else."""
    named = {NameObject(f"/{name}"): value for name, value in more.items()}
    file = BytesIO()
    DictionaryObject({**{name: thing.raw_get(name) for name in thing}, **named}).write_to_stream(file)
    return file.getvalue()


def encrypted(pdf: bytes) -> bytes:
    """The PDF under a password."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.encrypt("secret")
    return _written(writer)


def with_typefaces_exchanged(pdf: bytes) -> bytes:
    """The PDF whose text is the same to a machine, and which shows other shapes for it."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    program = DecodedStreamObject()
    program.set_data(b"other shapes")
    resources: Any = writer.pages[0]["/Resources"]
    for font in resources["/Font"].values():
        if "/FontDescriptor" in font:
            font["/FontDescriptor"][NameObject("/FontFile2")] = writer._add_object(program)
    return _written(writer)


def blank(pages: int) -> bytes:
    """A PDF of so many empty pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    return _written(writer)


def wordy(words: int) -> bytes:
    """A page of so many words."""
    return with_stream_changed(
        render_statement(empty_statement()),
        1,
        lambda data: data + b"BT /F1+0 8 Tf (" + b"0 " * words + b") Tj ET",
    )


def endless() -> bytes:
    """A small PDF whose only page is drawn by forms that draw forms, twelve times each, twelve deep."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    inner = _form(writer, b"BT (x) Tj ET", {})
    for _ in range(12):
        inner = _form(writer, b"/F Do " * 12, {NameObject("/F"): inner})
    page[NameObject("/Contents")] = _form(writer, b"/F Do", {})
    page[NameObject("/Resources")] = _forms({NameObject("/F"): inner})
    return _written(writer)


def _form(writer: PdfWriter, data: bytes, forms: dict[Any, Any]) -> Any:
    form = DecodedStreamObject()
    form.set_data(data)
    form.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
    form[NameObject("/Resources")] = _forms(forms)
    return writer._add_object(form)


def _forms(forms: dict[Any, Any]) -> DictionaryObject:
    return DictionaryObject({NameObject("/XObject"): DictionaryObject(forms)})


def _streams(page: Any) -> Iterator[tuple[str, Any]]:
    yield "", page["/Contents"].get_object()
    for name, form in page["/Resources"].get("/XObject", {}).items():
        yield name, form.get_object()


def _digits(data: bytes) -> Iterator[int]:
    for shown in _SHOWN.finditer(data):
        for character in _CHARACTER.finditer(data, shown.start(1), shown.end(1)):
            if character[0].isdigit():
                yield character.start()


def _written(writer: PdfWriter) -> bytes:
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
