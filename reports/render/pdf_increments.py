"""What is appended to a file after it was issued: whether it is signatures that show nothing, and no more.

An update at the end of a PDF may replace any object before it, though no byte there changes. And readers
differ in what they make of a file that is not quite one: so whatever is not plain is not taken for a
signature. Objects are held against those issued by number, as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:  # half a second to load: only where something is appended
    from pyhanko.pdf_utils.generic import PdfObject, Reference
    from pyhanko.pdf_utils.reader import PdfFileReader

_END = re.compile(rb"\nstartxref\s+\d+\s+%%EOF\s*\Z")
"""Of a file to which nothing is appended that no table of contents names."""
_OF_A_SIGNATURE = frozenset({"/FT", "/T", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"})
_ADDED_TO_ROOT = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"})
_ADDED_TO_PAGE = frozenset({"/Annots"})
_STAMPED = frozenset({"/ModDate", "/Producer"})
"""What a program that signs writes of itself into the document's information."""
_SIGNING_METADATA = frozenset(
    {"xmpmeta", "xmptk", "RDF", "Description", "about", "ModifyDate", "MetadataDate", "Producer"}
)
"""The names in metadata (XMP) that say no more than that."""


def is_bare_signature(field: object) -> bool:
    """Whether a form field is a signature that takes no place on its page, draws and starts nothing."""
    if not isinstance(field, Mapping) or not field.keys() <= _OF_A_SIGNATURE:
        return False
    rectangle = list(field.get("/Rect", (0, 0, 0, 0)))
    return bool(field.get("/FT") == "/Sig" and rectangle[:2] == rectangle[2:])


def only_signatures(file: bytes, issued: bytes) -> bool:
    """Whether a file is the one issued, byte for byte, and what is appended is signatures that show nothing.

    What cannot be read strictly is something else.
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
    except Exception:  # whatever a broken file makes a reader stumble over
        return False


def _refers_alike(came: PdfFileReader, ours: PdfFileReader) -> bool:
    """Whether the document's root and its information are the objects that they were."""
    return came.root_ref == ours.root_ref and _written(came.trailer.raw_get("/Info")) == _written(
        ours.trailer.raw_get("/Info")
    )


def _held(reader: PdfFileReader, ref: Reference) -> PdfObject:
    found: PdfObject = reader.get_object(ref)  # type: ignore[no-untyped-call]
    return found


def _is_kept(was: PdfObject, now: PdfObject, part: str) -> bool:
    """Whether an object is as it was, but for what a signature adds to it."""
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
    """Whether two dictionaries agree in all names but some."""
    names = (was.keys() | now.keys()) - added
    return all(
        name in was and name in now and _written(was.raw_get(name)) == _written(now.raw_get(name))
        for name in names
    )


def _adds_no_form(root: Any) -> bool:
    """Whether a form that the root has holds signatures only."""
    if "/AcroForm" not in root:
        return True
    form = root["/AcroForm"]
    return form.keys() <= {"/Fields", "/SigFlags"} and all(map(is_bare_signature, _listed(form, "/Fields")))


def _adds_no_annotation(was: Any, now: Any) -> bool:
    """Whether a page has no annotations but those it had, and signatures that do not show."""
    more = [each for each in _listed(now, "/Annots") if not is_bare_signature(each)]
    return list(map(_written, more)) == list(map(_written, _listed(was, "/Annots")))


def _listed(holder: Any, name: str) -> list[Any]:
    """The things in a list of a dictionary, whether or not they stand there themselves."""
    things = holder[name] if name in holder else ()  # noqa: SIM401 - get() would not follow a reference
    return [things[at] for at in range(len(things))]


def _metadata_is_of_signing(root: Any) -> bool:
    """Whether metadata that a signing program adds say when it signed, and nothing of the document."""
    if "/Metadata" not in root:
        return True
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    elements = etree.fromstring(root["/Metadata"].data, parser).iter(etree.Element)
    names = {name for each in elements for name in (each.tag, *each.attrib)}
    return {etree.QName(name).localname for name in names} <= _SIGNING_METADATA
