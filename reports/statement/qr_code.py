"""Code of a statement: one machine-readable line that identifies a statement and holds its totals.

    mdfm-statement-1 id=… donor=… term=… language=… status=… from=… to=… known-at=… head=…
        given=… used=… left=… code=…

The line is in the PDF three times: in the metadata (Keywords), as a QR code, and in print below it. It holds
no personal data. Amounts are USD cents. Values are percent-encoded, so that none has a space in it. Later
versions may add names; readers ignore those that they do not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from donors import CODE_PATTERN
from ledger import BadInput, first_problem
from reports.render.page import CONTENT_WIDTH, paragraph, section_heading
from reports.render.palette import INK, RULE
from reports.render.tagging import ColumnTags, GridTags, figure, tagged
from reports.render.typeface import REGULAR
from reports.statement.statement import Statement, StatementStatus
from reports.statement.sums import given, left
from reports.words.labels import STATUS, label
from reports.words.language import Words

MARK = "mdfm-statement-1"
"""The beginning of a line: the kind of document and the version of the line."""

_LINE = re.compile(rf"{MARK}(?: [a-z][a-z-]*=\S+)+")
_LONGEST = 2_000
_MODULE = 1.4
"""Side of one square of the QR code in points: half a millimetre, which a phone reads from paper."""
_MASK = 0
_QUIET = 4
"""White squares around a QR code, by its standard (ISO/IEC 18004)."""


class StatementCode(BaseModel):
    """The content of the line."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        alias_generator=lambda name: {"starts_on": "from", "ends_on": "to"}.get(name, name.replace("_", "-")),
    )

    id: str
    donor: str = Field(pattern=CODE_PATTERN)
    term: str
    language: str
    status: StatementStatus
    starts_on: date
    ends_on: date
    """Also the day to which the figures are effective."""
    known_at: int = Field(ge=0, lt=2**63)
    head: str = Field(pattern="^[0-9a-f]{64}$")
    given: int
    used: int
    left: int
    code: str

    @property
    def line(self) -> str:
        """The line as it is in the PDF."""
        values = self.model_dump(mode="json", by_alias=True)
        return " ".join([MARK, *(f"{name}={quote(str(value))}" for name, value in values.items())])


def code_of(statement: Statement) -> StatementCode:
    """The code of a statement."""
    return StatementCode(
        id=statement.id,
        donor=statement.donor,
        term=statement.fund.term,
        language=statement.language,
        status=statement.status,
        starts_on=statement.starts_on,
        ends_on=statement.ends_on,
        known_at=statement.seal.known_at,
        head=statement.seal.head,
        given=given(statement),
        used=statement.used.cents,
        left=left(statement),
        code=statement.verification,
    )


def find_code(text: str) -> StatementCode | None:
    """The code in a text, which may be broken over several lines; None where there is none.

    Raises BadInput for an incomplete line.
    """
    found = _LINE.search(" ".join(text.split()))
    if found is None:
        return None
    pairs = (pair.split("=", 1) for pair in found[0][:_LONGEST].split(" ")[1:])
    try:
        return StatementCode.model_validate({name: unquote(value) for name, value in pairs})
    except ValidationError as error:
        raise BadInput(
            "statement-code-invalid",
            "The statement's code cannot be used: {problem}; take the PDF as it was issued.",
            problem=first_problem(error),
        ) from None


def code_block(statement: Statement, words: Words) -> list[Flowable]:
    """The end of a statement: its code as a QR code, as a table, and as the printed line."""
    code = code_of(statement)
    picture = QrCode(code.line)
    block = Table([[picture, _in_words(code, words, CONTENT_WIDTH - picture.width)]], renderCB=ColumnTags())
    block.setStyle(TableStyle([*_FLUSH, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    block.hAlign = "LEFT"
    return [
        section_heading(words("Check this statement")),
        paragraph(words(
            "Every figure can be held against the books: whoever keeps them, or a copy of them, runs "
            "“{command}” on this file. The picture holds the line printed under it; amounts in it are US "
            "cents.",
            command="mdfm audit statement",
        )),
        block,
        Spacer(0, 4),
        paragraph(code.line, "fine"),
    ]  # fmt: skip


def _in_words(code: StatementCode, words: Words, width: float) -> Flowable:
    rows = [[paragraph(name, "fact"), paragraph(value, "cell")] for name, value in _facts(code, words)]
    table = Table(rows, colWidths=[0.22 * width, 0.78 * width], renderCB=GridTags())
    table.setStyle(TableStyle([
        *_FLUSH,
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ("LINEABOVE", (0, 1), (-1, -1), 0.4, RULE),
    ]))  # fmt: skip
    return table


def _facts(code: StatementCode, words: Words) -> Iterator[tuple[str, str]]:
    yield words("Number"), f"{code.id}  ·  {label(STATUS, code.status, words)}"
    yield words("Language"), words.locale.language_name or code.language
    yield words("Period"), f"{words.long_date(code.starts_on)} – {words.long_date(code.ends_on)}"
    yield words("Effective to"), words.long_date(code.ends_on)
    yield words("Known at"), words("Journal entry {entry}", entry=words.number(code.known_at))
    yield words("Head of the journal"), code.head
    yield words("Given"), words.usd(code.given)
    yield words("Used"), words.usd(code.used)
    yield words("Left"), words.usd(code.left)
    yield words("Code"), code.code


_FLUSH = [
    ("FONTNAME", (0, 0), (-1, -1), REGULAR),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]  # fmt: skip


class QrCode(Flowable):  # type: ignore[misc]  # reportlab has no annotations
    """A line as a QR code, drawn as vectors; about a seventh of it may be damaged."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line, self._rows = line, _squares(line)
        self.width = self.height = (len(self._rows) + 2 * _QUIET) * _MODULE

    def draw(self) -> None:
        """Draw it, dark on the white of the page; in words, it is the line."""
        with tagged(self.canv, "Figure", figure(self.canv, self._line, self.width, self.height)):
            self.canv.setFillColor(INK)
            self.canv.translate(0, self.height)
            self.canv.scale(_MODULE, -_MODULE)
            # A thousand bars: written here in whole numbers, because ReportLab is slow with so many.
            self.canv.addLiteral(" ".join(self._bars()))

    def _bars(self) -> Iterator[str]:
        """Adjacent dark squares as one rectangle, measured in squares; then the command to fill them all."""
        for down, row in enumerate(self._rows, start=_QUIET):
            across = _QUIET
            for dark, run in groupby(row):
                length = len(list(run))
                if dark:
                    yield f"{across} {down} {length} 1 re"
                across += length
        yield "f"


def _squares(line: str) -> list[list[bool]]:
    """The rows of a QR code, true where a square is dark."""
    qr = QRCode(None, QRErrorCorrectLevel.M)
    qr.addData(line)
    qr.version = qr.calculate_version()
    # Every reader accepts any of the eight masks; choosing the best would cost eight drawings.
    qr.makeImpl(False, _MASK)
    return [[bool(square) for square in row] for row in qr.modules]
