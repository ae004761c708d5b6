"""Issuing of statements: who received which one, with the file, which is given again byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from donors import Issue, IssuedName, StatementIssued, StatementRecipient, find_issued, issues
from ledger import (
    AsOf,
    BadInput,
    Book,
    Document,
    FileSource,
    Hint,
    Journal,
    NotFound,
    Refused,
    attach,
    checked_content,
    nearest,
)
from reports.render.pdf_increments import only_signatures, paper_of
from reports.render.sandbox import sandbox
from reports.statement.batch import (
    Sign,
    StagedStatements,
    StatementBatch,
    StatementFile,
    StatementProgress,
    stage_statements,
)
from reports.statement.builder import build_statement
from reports.statement.pdf import render_statement

BYTES_MOST = 32_000_000
"""Of a file from outside."""


@dataclass(frozen=True)
class Reprint:
    """An issued statement: the file that was given, or where the book has none, one that is drawn again."""

    issue: Issue
    content: bytes
    kept: bool = False
    """Whether it is the file that was given, with its signature if it had one."""

    @property
    def same(self) -> bool:
        """Whether it is the file that was issued; one that is drawn again may not be."""
        return self.kept or hashlib.sha256(self.content).hexdigest() == self.issue.paper_sha256


@dataclass(frozen=True)
class Issuing:
    """Who issues statements, when and to whom."""

    by: str
    """The person who records it."""
    on: date
    to: StatementRecipient = "donor"


def issue_statements(
    book: Book,
    batch: StatementBatch,
    folder: Path,
    issuing: Issuing,
    *,
    jobs: int | None = None,
    progress: StatementProgress = lambda done, of: None,
    sign: Sign | None = None,
) -> tuple[Sequence[StatementFile], int]:
    """Write the statements of a batch and record their issue; returns the files and how many are new.

    All files and entries are written, or none, as in `write_statements`; the book keeps each file. One that
    was issued before is not recorded again, and the file that was issued then is written. Raises Refused when
    the book has no file of it and it is drawn otherwise today.
    """
    with (
        stage_statements(book, batch, folder, jobs=jobs, progress=progress, sign=sign) as staged,
        book.recording() as journal,
    ):
        files = _record(journal, staged, issuing)
        staged.publish()
    return files, sum(not file.issued_by for file in files)


def _record(journal: Journal, staged: StagedStatements, issuing: Issuing) -> list[StatementFile]:
    """Record what was not issued before; returns what each file is now."""
    known = {_made_for(each): each for each in issues(journal.books)}
    files, events = [], []
    for file in staged.files:
        before = known.get(_made_for(file, issuing.to))
        if before is None:
            files.append(file)
            events.append(_issue(journal.books, staged, file, issuing))
        else:
            files.append(_as_issued(journal.books, staged, file, before))
    journal.record_many(events, made_by=issuing.by)
    return files


def _made_for(of: Issue | StatementFile, to: StatementRecipient | None = None) -> tuple[object, ...]:
    """The identity of an issue: of two with the same one, the second is the first again."""
    recipient = of.to if isinstance(of, Issue) else to
    return of.donor, of.term, of.language, of.starts_on, of.ends_on, of.known_at, of.status, recipient


def _as_issued(
    books: Connection, staged: StagedStatements, file: StatementFile, before: Issue
) -> StatementFile:
    """The file that was issued before in the place of today's; Refused where the book has none to give."""
    if before.file_sha256:
        staged.put_instead(file, checked_content(books, before.file_sha256))
    elif before.paper_sha256 != file.sha256:
        raise Refused(
            "statement-renders-differently",
            "The statement {statement} was issued on {on} in {language} as another file, which this book "
            "does not have, and this program draws it in another way. Issue it as of a later entry, or keep "
            "the file that was issued{hint}.",
            statement=before.statement,
            on=before.on,
            language=before.language,
            hint=Hint("keep-statement"),
        )
    return replace(file, sha256=before.paper_sha256, issued_by=before.seq, as_issued=bool(before.file_sha256))


def _issue(
    books: Connection, staged: StagedStatements, file: StatementFile, issuing: Issuing
) -> StatementIssued:
    given = Document(file.path.name, staged.content(file))
    return _issued(books, file, on=issuing.on, to=issuing.to, paper_sha256=file.sha256, given=given)


def _issued(
    books: Connection,
    made: StatementFile | Issue,
    *,
    on: date,
    to: StatementRecipient,
    paper_sha256: str,
    given: Document,
) -> StatementIssued:
    """The issue of a statement, with the file that is given as its evidence."""
    return StatementIssued.make(
        on=on,
        statement=made.statement,
        donor=made.donor,
        term=made.term,
        language=made.language,
        starts_on=made.starts_on,
        ends_on=made.ends_on,
        known_at=made.known_at,
        status=made.status,
        paper_sha256=paper_sha256,
        verification=made.verification,
        to=to,
        evidence=(attach(books, given),),
    )


# ---- files of earlier issues


def keep_statement(book: Book, file: FileSource, by: str) -> list[Issue]:
    """Keep the file of a statement that was issued without one; returns the issues that have it now.

    It must be the file that was issued: with the recorded hash when its signatures are taken off. Returns an
    empty list when the book has the file already. Raises BadInput for any other file, and for one that is too
    large or too slow to read.
    """
    content = bounded_content(file)
    with book.reading() as books:
        known = {each.paper_sha256 for each in issues(books)}
    # It is from outside, and may be made to keep its reader busy: nobody waits for that to record.
    paper = _issued_paper(content, known)
    if paper is None:
        raise BadInput(
            "statement-not-issued",
            "{file} is not a statement that was issued, byte for byte and with nothing but signatures "
            "added: give the file that was given to the donor.",
            file=file,
        )
    sha256 = hashlib.sha256(paper).hexdigest()
    with book.recording() as journal:
        books = journal.books
        missing = [each for each in issues(books) if each.paper_sha256 == sha256 and not each.file_sha256]
        given = Document(file.name, content)
        events = [
            _issued(books, each, on=each.on, to=each.to, paper_sha256=sha256, given=given) for each in missing
        ]
        journal.record_many(events, made_by=by)
        entries = {each.seq for each in missing}
        return [each for each in issues(books) if each.seq in entries]


def _issued_paper(content: bytes, known: set[str]) -> bytes | None:
    """What was issued, if a file is that, perhaps with signatures; they are judged in a process apart."""
    paper = paper_of(content, known.__contains__)
    if paper is None or paper == content:
        return paper
    with sandbox() as run:
        return paper if run(only_signatures, content, paper) else None


def bounded_content(file: FileSource) -> bytes:
    """A file from outside; BadInput for one that is too large for a statement or letter."""
    with file.open("rb") as opened:
        content = opened.read(BYTES_MOST + 1)
    if len(content) > BYTES_MOST:
        raise BadInput(
            "statement-file-too-large",
            "{file} has more than {bytes_max:,} bytes: no statement has.",
            file=file,
            bytes_max=BYTES_MOST,
        )
    return content


# ---- given again


def find_issue(books: Connection, name: str, language: str | None = None) -> Issue:
    """The issued statement with this number, verification code, SHA-256 or entry.

    In a language if there are several. Raises NotFound when none was issued, and BadInput when the name fits
    several files.
    """
    return find_issued(
        issues(books),
        name,
        language,
        _named,
        lambda known: NotFound(
            "unknown-issued-statement",
            "No statement '{name}' was issued{where}{nearest}{list_hint}.",
            name=name,
            where=f" in {language}" if language else "",
            nearest=nearest(name, known),
            list_hint=Hint("list-issued"),
        ),
        lambda found: BadInput(
            "statement-name-ambiguous",
            "The statement '{name}' was issued more than once ({kinds}): give {hint}, its code or its entry.",
            name=name,
            hint=Hint("say-language", "its language"),
            kinds=", ".join(
                f"{each.language} with code {each.verification} to the {each.to} by entry {each.seq}"
                for each in found
            ),
        ),
    )


def _named(issue: Issue) -> IssuedName:
    return IssuedName(
        names=(issue.statement, issue.verification),
        entries=(issue.seq, issue.kept_by),
        hashes=(issue.paper_sha256, issue.file_sha256),
    )


def reprint(books: Connection, issue: Issue) -> Reprint:
    """The file of an issued statement; without one, the statement is built and rendered again.

    Tampered where the file in the book is not the one that was issued.
    """
    if issue.file_sha256:
        return Reprint(issue, checked_content(books, issue.file_sha256), kept=True)
    statement = build_statement(
        books,
        issue.donor,
        issue.term,
        AsOf(issue.ends_on, issue.known_at),
        issue.language,
        issue.starts_on,
        certified=issue.status == "certified",
    )
    return Reprint(issue, render_statement(statement))
