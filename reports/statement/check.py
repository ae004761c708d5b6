"""Check of a statement or a letter: whether a PDF that came back was issued, or says what an issued one says.

The first question is whether it is the file that was issued, by its hash. The second is whether it is that
file with nothing appended but signatures. Any other file is compared: with the file that was issued, if the
book has it, in every word and drawing. Where it has none, the statement is drawn again, and as another
version of the program may draw it in another way, the figures decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from donors import Issue, issues
from ledger import (
    AsOf,
    BadInput,
    FileSource,
    MdfmError,
    NotFound,
    Tampered,
    checked_content,
    head,
    head_at,
)
from reports.render.pdf_increments import only_signatures, paper_of
from reports.render.sandbox import Sandbox, sandbox
from reports.render.signing import SignatureFound, load_certificates, signatures_of
from reports.statement.builder import build_statement
from reports.statement.comparison import StatementComparison, compare_figures, compare_pdfs
from reports.statement.issuing import bounded_content
from reports.statement.letter_check import letter_by_code, letter_by_hash, letter_codes_in
from reports.statement.pdf import render_statement
from reports.statement.qr_code import MARK, StatementCode, find_code
from reports.statement.verdict import APPENDED, CheckedStatement, Found, found_in, judge, pages_of

_NOT_ISSUED = "The books do not know it as issued."
_OTHER_FILE = "The book has only the SHA-256 of the file that was issued, and this is another file."


def check_statement(books: Connection, file: FileSource, trust: FileSource | None = None) -> CheckedStatement:
    """Compare the PDF of a statement, or of a letter, with the books; nothing is recorded.

    Signatures are trusted only where they lead to a certificate in the file `trust`. Raises BadInput for a
    file that is no PDF, neither statement nor letter, broken, or too large or too slow to read, and Tampered
    where the file that the book keeps is not the one that was issued.
    """
    pdf = bounded_content(file)
    if trust:
        load_certificates(trust)
    with sandbox() as run:
        found = _checked(run, books, pdf)
        signatures: tuple[SignatureFound, ...] = ()
        try:
            signatures = run(signatures_in, pdf, trust)
        except BadInput as error:
            found.reasons.append(str(error))
    return found.result(signatures)


def _checked(run: Sandbox, books: Connection, pdf: bytes) -> Found:
    """First by hash, then as what was issued with signatures, then by comparing."""
    every = issues(books)
    sha256 = hashlib.sha256(pdf).hexdigest()
    given = [each for each in every if each.file_sha256 == sha256]
    if given:
        return _issued(run, books, pdf, given)
    paper = paper_of(pdf, {each.paper_sha256 for each in every}.__contains__)
    if paper is not None:
        paper_sha256 = hashlib.sha256(paper).hexdigest()
        return _signed(run, books, pdf, paper, [each for each in every if each.paper_sha256 == paper_sha256])
    sent = letter_by_hash(run, books, pdf)
    if sent is not None:
        return sent
    code, letter_codes = run(codes_in, pdf)
    if code is not None:
        return _compared(run, books, pdf, code, [each for each in every if _is_of(each, code)])
    letter = letter_by_code(run, books, pdf, letter_codes)
    if letter is not None:
        return letter
    raise BadInput(
        "statement-code-missing",
        "The PDF has no statement's code ({mark}): take a statement as it was issued.",
        mark=MARK,
    )


def code_in(pdf: bytes) -> StatementCode:
    """The code of the statement in a PDF: from its metadata, or else from its print.

    Raises BadInput for a PDF without a code, and as `read_pdf` does.
    """
    code, _ = codes_in(pdf)
    if code is None:
        raise BadInput(
            "statement-code-missing",
            "The PDF has no statement's code ({mark}): take a statement as it was issued.",
            mark=MARK,
        )
    return code


def codes_in(pdf: bytes) -> tuple[StatementCode | None, frozenset[str]]:
    """The code of the statement in a PDF, or else everything in it that may be the code of a letter."""
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    read = read_pdf(pdf)
    code = find_code(read.keywords) or find_code(read.text)
    return code, frozenset() if code else letter_codes_in(read.text)


def signatures_in(pdf: bytes, trust: FileSource | None) -> tuple[SignatureFound, ...]:
    """The signatures of a PDF from outside; BadInput where they cannot be read."""
    try:
        return signatures_of(pdf, trust)
    except BadInput:
        raise
    except Exception as error:  # a broken file can make the library raise anything
        raise BadInput(
            "pdf-signatures-not-readable",
            "The PDF's signatures cannot be read ({name}): take it as it was issued.",
            name=type(error).__name__,
        ) from None


# ---- known by its hash


def _issued(run: Sandbox, books: Connection, pdf: bytes, given: list[Issue]) -> Found:
    """The file that was issued: nothing is drawn."""
    found = Found(run(code_in, pdf), given)
    found.outcome = "issued"
    found.notes += [f"This is the file that was issued {_when(each)}." for each in given]
    _note_newer(found)
    _compare_with_books(books, found)
    return found


def _signed(run: Sandbox, books: Connection, pdf: bytes, paper: bytes, given: list[Issue]) -> Found:
    """The file that was issued without its signature, or with other signatures, or with more."""
    if pdf == paper or run(only_signatures, pdf, paper):
        found = Found(run(code_in, pdf), given)
        found.outcome = "issued" if pdf == paper else "signed"
        signed = "" if pdf == paper else ", with nothing but signatures added"
        found.notes += [
            f"This is, byte for byte{signed}, the statement that was issued {_when(each)}." for each in given
        ]
    else:
        found = Found(run(code_in, paper), given)
        result = run(compare_pdfs, pdf, paper)
        found.outcome = "differs"
        found.differences = result.differences
        found.notes += [f"It begins with the statement that was issued {_when(each)}." for each in given]
        found.reasons += [*found_in(result, "the file that was issued"), APPENDED]
    _note_newer(found)
    _compare_with_books(books, found)
    return found


def _when(issue: Issue) -> str:
    to = f"the donor {issue.donor}" if issue.to == "donor" else f"the {issue.to} (of {issue.donor})"
    return f"on {issue.on} to {to} (entry {issue.seq:,})"


def _note_newer(found: Found) -> None:
    newer = sorted({each.superseded_by for each in found.issues} - {0})
    if newer:
        found.notes.append(f"A newer statement of the same days was issued by entry {newer[-1]:,}.")


def _compare_with_books(books: Connection, found: Found) -> None:
    """Whether a file that was issued is that of the entry which names it, and of this book."""
    code = found.code
    assert code is not None
    if not all(_is_of(each, code) and each.verification == code.code for each in found.issues):
        found.reasons.append("The file says that it is another statement than the one its entry names.")
        found.outcome = "differs"
    if other := _another_book(books, code):
        found.reasons.append(other)
        found.outcome = "unknown"


def _is_of(issue: Issue, code: StatementCode) -> bool:
    """Whether a code names a statement that was issued; the figures in the code may be forged."""
    return (
        issue.statement == code.id
        and (issue.donor, issue.term, issue.language) == (code.donor, code.term, code.language)
        and (issue.starts_on, issue.ends_on) == (code.starts_on, code.ends_on)
        and (issue.known_at, issue.status) == (code.known_at, code.status)
    )


# ---- compared


class _Original(NamedTuple):
    """What a file is compared with."""

    content: bytes
    is_issued: bool
    """Whether it is the statement that was issued, and not only a new drawing of it."""


def _compared(run: Sandbox, books: Connection, pdf: bytes, code: StatementCode, given: list[Issue]) -> Found:
    found = Found(code, given)
    try:
        original = _original(books, code, given)
        other = _another_book(books, code)
    except Tampered:
        raise
    except MdfmError as error:
        found.reasons.append(f"The books have no such statement: {error}")
        return found
    if other:
        found.reasons.append(other)
    found.notes += [f"The statement of this number was issued {_when(each)}." for each in given]
    _note_newer(found)
    result: StatementComparison = run(compare_pdfs, pdf, original.content)
    if original.is_issued:
        judge(run, pdf, result, found, "the file that was issued")
    else:
        found.notes.append(_OTHER_FILE if given else _NOT_ISSUED)
        if result.same:
            found.outcome = "drawn alike"
        elif result.alike or result.appended:
            judge(run, pdf, result, found, "the books")
        else:
            _judge_figures(run, pdf, original.content, code.language, result, found)
    if other:
        found.outcome = "unknown"
    return found


def _original(books: Connection, code: StatementCode, given: Sequence[Issue]) -> _Original:
    """The file that was issued, if the book has it; or else the statement, drawn again.

    Tampered where the book's file was changed; other errors say that the books have no such statement.
    """
    for each in given:
        if each.file_sha256:
            return _Original(checked_content(books, each.file_sha256), is_issued=True)
    drawn = _issued_again(books, code)
    sha256 = hashlib.sha256(drawn).hexdigest()
    return _Original(drawn, is_issued=any(each.paper_sha256 == sha256 for each in given))


def _issued_again(books: Connection, code: StatementCode) -> bytes:
    ends = head(books).seq
    if code.known_at > ends:
        raise NotFound(
            "book-older-than-statement",
            "it knows entry {known_at:,}, and this book ends with entry {ends:,}; use a newer copy of "
            "the book.",
            known_at=code.known_at,
            ends=ends,
        )
    as_of = AsOf(code.ends_on, code.known_at)
    certified = code.status == "certified"
    statement = build_statement(
        books, code.donor, code.term, as_of, code.language, code.starts_on, certified=certified
    )
    return render_statement(statement)


def _judge_figures(
    run: Sandbox, pdf: bytes, drawn: bytes, language: str, result: StatementComparison, found: Found
) -> None:
    """Judge a file by its figures: the drawing it is compared with may be that of another version."""
    figures = run(compare_figures, pdf, drawn, language)
    if figures.differences:
        found.outcome = "differs"
        found.differences = figures.differences
        found.reasons.append(f"The figures on {pages_of(figures.differences)} are not those of the books.")
    else:
        found.outcome = "figures agree"
        found.differences = result.differences
        found.drawing_unknown = True
    if figures.outside:
        found.reasons.append(f"The document as a whole was altered: {', '.join(figures.outside)}.")


def _another_book(books: Connection, code: StatementCode) -> str:
    if code.known_at > head(books).seq:
        return f"The statement is of another book: this one has no entry {code.known_at:,}."
    seal = head_at(books, code.known_at).hash
    if seal == code.head:
        return ""
    return f"The statement is of another book: at entry {code.known_at:,} this one has the head {seal}."
