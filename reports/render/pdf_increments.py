"""Increments of a PDF: whether nothing, or only invisible signatures, was appended to an issued file.

An update at the end of a PDF can replace any object before it without changing its bytes, and readers differ
in how they repair malformed files. So anything unusual is not accepted as a signature. Objects are compared
with those issued, by number, in their serialised form.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:  # half a second to load: only where something is appended
    from pyhanko.pdf_utils.generic import PdfObject, Reference
    from pyhanko.pdf_utils.reader import PdfFileReader

_END = re.compile(rb"\nstartxref\s+\d+\s+%%EOF\s*\Z")
"""The end of a file after which nothing is appended that its cross-reference table does not list."""
_MARK = re.compile(rb"%%EOF(?:\r\n|\n|\r)?")
_REVISIONS_MOST = 100
_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})[ \t\r\n]+\d{1,5}[ \t\r\n]+obj\b")
_PACKED = re.compile(rb"/(ObjStm|XRef)\b")
_OF_A_SIGNATURE = frozenset({"/FT", "/T", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"})
_ADDED_TO_ROOT = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"})
_ADDED_TO_PAGE = frozenset({"/Annots"})
_STAMPED = frozenset({"/ModDate", "/Producer"})
"""Keys that a signing program sets in the document's information."""
_SIGNING_METADATA = frozenset(
    {"xmpmeta", "xmptk", "RDF", "Description", "about", "ModifyDate", "MetadataDate", "Producer"}
)
"""The names in XMP metadata that only record the signing."""


def is_bare_signature(field: object) -> bool:
    """Whether a form field is a signature that is invisible, and draws and triggers nothing."""
    if not isinstance(field, Mapping) or not field.keys() <= _OF_A_SIGNATURE:
        return False
    rectangle = list(field.get("/Rect", (0, 0, 0, 0)))
    return bool(field.get("/FT") == "/Sig" and rectangle[:2] == rectangle[2:])


def only_signatures(file: bytes, issued: bytes) -> bool:
    """Whether a file is the issued one, byte for byte, with only invisible signatures appended.

    False for what cannot be read strictly.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    if not (file.startswith(issued) and _END.search(file)):
        return False
    try:
        came, ours = PdfFileReader(BytesIO(file)), PdfFileReader(BytesIO(issued))
        if not _refers_alike(came, ours):
            return False
        parts = {ours.root_ref: "root", ours.trailer.raw_get("/Info").reference: "info"}
        return all(
            _is_kept(_held(ours, ref), _held(came, ref), parts.get(ref, ""))
            for ref in ours.xrefs.explicit_refs_in_revision(0)
        )
    except Exception:  # a broken file can make the library raise anything
        return False


def revisions(file: bytes) -> Iterator[tuple[str, int]]:
    """SHA-256 and length of each beginning of a file after which something was appended, and of all of it.

    The shortest comes first. Of a file with more updates than programs leave, only the first are looked at.
    """
    ends = {len(file)}
    for mark in islice(_MARK.finditer(file), _REVISIONS_MOST):
        ends |= {mark.start() + len(b"%%EOF"), mark.end()}
    digest, at = hashlib.sha256(), 0
    for end in sorted(ends):
        digest.update(file[at:end])
        at = end
        yield digest.hexdigest(), end


def first_revision(file: bytes) -> bytes:
    """A file that the fund issued, as it was before it was signed."""
    _, end = next(revisions(file))
    return file[:end]


def paper_of(file: bytes, is_known: Callable[[str], bool]) -> bytes | None:
    """The beginning of a file, or all of it, whose SHA-256 is known: what was there before it was signed."""
    return next((file[:end] for sha256, end in revisions(file) if is_known(sha256)), None)


def has_one_reading(file: bytes) -> bool:
    """Whether a file has one version of every object, so that every program reads the same of it.

    False for what cannot be read strictly, and where objects are packed into streams.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    numbers = [int(number) for number in _OBJECT.findall(file)]
    once = all(file.count(mark) == 1 for mark in (b"startxref", b"%%EOF"))
    if not (file.startswith(b"%PDF-") and _END.search(file) and once and len(numbers) == len(set(numbers))):
        return False
    if _PACKED.search(file):
        return False
    try:
        reader = PdfFileReader(BytesIO(file))
        return reader.xrefs.total_revisions == 1 and {
            ref.idnum for ref in reader.xrefs.explicit_refs_in_revision(0)
        } == set(numbers)
    except Exception:  # a broken file can make the library raise anything
        return False


def _refers_alike(came: PdfFileReader, ours: PdfFileReader) -> bool:
    """Whether the document's root and information are still the same objects."""
    return came.root_ref == ours.root_ref and _written(came.trailer.raw_get("/Info")) == _written(
        ours.trailer.raw_get("/Info")
    )


def _held(reader: PdfFileReader, ref: Reference) -> PdfObject:
    found: PdfObject = reader.get_object(ref)  # type: ignore[no-untyped-call]
    return found


def _is_kept(was: PdfObject, now: PdfObject, part: str) -> bool:
    """Whether an object is unchanged, except for what a signature adds to it."""
    if _written(was) == _written(now):
        return True
    if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
        return False
    if part == "info":
        return _same_but(was, now, _STAMPED)
    if part == "root":
        return _same_but(was, now, _ADDED_TO_ROOT) and _adds_no_form(now) and _metadata_is_of_signing(now)
    return (
        was.get("/Type") == "/Page" and _same_but(was, now, _ADDED_TO_PAGE) and _adds_no_annotation(was, now)
    )


def _written(thing: PdfObject) -> bytes:
    file = BytesIO()
    thing.write_to_stream(file, None)
    return file.getvalue()


def _same_but(was: Any, now: Any, added: frozenset[str]) -> bool:
    """Whether two dictionaries agree in all names except some."""
    names = (was.keys() | now.keys()) - added
    return all(
        name in was and name in now and _written(was.raw_get(name)) == _written(now.raw_get(name))
        for name in names
    )


def _adds_no_form(root: Any) -> bool:
    """Whether the root's form, if any, holds signatures only."""
    if "/AcroForm" not in root:
        return True
    form = root["/AcroForm"]
    return form.keys() <= {"/Fields", "/SigFlags"} and all(map(is_bare_signature, _listed(form, "/Fields")))


def _adds_no_annotation(was: Any, now: Any) -> bool:
    """Whether a page has only its former annotations, and invisible signatures."""
    more = [each for each in _listed(now, "/Annots") if not is_bare_signature(each)]
    return list(map(_written, more)) == list(map(_written, _listed(was, "/Annots")))


def _listed(holder: Any, name: str) -> list[Any]:
    """The items of a list in a dictionary, direct or by reference."""
    things = holder[name] if name in holder else ()  # noqa: SIM401 - get() would not follow a reference
    return [things[at] for at in range(len(things))]


def _metadata_is_of_signing(root: Any) -> bool:
    """Whether added metadata only says when the file was signed."""
    if "/Metadata" not in root:
        return True
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    elements = etree.fromstring(root["/Metadata"].data, parser).iter(etree.Element)
    names = {name for each in elements for name in (each.tag, *each.attrib)}
    return {etree.QName(name).localname for name in names} <= _SIGNING_METADATA
