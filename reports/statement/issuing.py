"""Issuing of statements: who received which one, with the file, which is given again byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from donors import Issue, StatementIssued, StatementRecipient, issues
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
from reports.render.pdf_increments import only_signatures, revisions
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

_SHA256 = re.compile(r"[0-9a-f]{8,64}")
"""A hash as lists show it, or longer."""
_ENTRY = re.compile(r"[0-9]{1,18}")


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
    """What an issue is told apart by: of two with the same, the second is the first again."""
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
    return StatementIssued.make(
        on=issuing.on,
        statement=file.statement,
        donor=file.donor,
        term=file.term,
        language=file.language,
        starts_on=file.starts_on,
        ends_on=file.ends_on,
        known_at=file.known_at,
        status=file.status,
        paper_sha256=file.sha256,
        verification=file.verification,
        to=issuing.to,
        evidence=(attach(books, Document(file.path.name, staged.content(file))),),
    )


# ---- files of earlier issues


def keep_statement(book: Book, file: FileSource, by: str) -> list[Issue]:
    """Keep the file of a statement that was issued without one; returns the issues that have it now.

    It must be the file that was issued: with the recorded hash when its signatures are taken off. Returns an
    empty list when the book has the file already. Raises BadInput for any other file.
    """
    content = file.read_bytes()
    with book.recording() as journal:
        books = journal.books
        paper = paper_of(content, {each.paper_sha256 for each in issues(books)}.__contains__)
        if paper is None or not (paper == content or only_signatures(content, paper)):
            raise BadInput(
                "statement-not-issued",
                "{file} is not a statement that was issued, byte for byte and with nothing but signatures "
                "added: give the file that was given to the donor.",
                file=file,
            )
        sha256 = hashlib.sha256(paper).hexdigest()
        missing = [each for each in issues(books) if each.paper_sha256 == sha256 and not each.file_sha256]
        events = [_with_file(books, each, Document(file.name, content)) for each in missing]
        journal.record_many(events, made_by=by)
        entries = {each.seq for each in missing}
        return [each for each in issues(books) if each.seq in entries]


def _with_file(books: Connection, issue: Issue, file: Document) -> StatementIssued:
    """The same issue once more, now with its file."""
    return StatementIssued.make(
        on=issue.on,
        statement=issue.statement,
        donor=issue.donor,
        term=issue.term,
        language=issue.language,
        starts_on=issue.starts_on,
        ends_on=issue.ends_on,
        known_at=issue.known_at,
        status=issue.status,
        paper_sha256=issue.paper_sha256,
        verification=issue.verification,
        to=issue.to,
        evidence=(attach(books, file),),
    )


def paper_of(file: bytes, is_known: Callable[[str], bool]) -> bytes | None:
    """The beginning of a file, or all of it, whose SHA-256 is known: what was there before it was signed."""
    return next((file[:end] for sha256, end in revisions(file) if is_known(sha256)), None)


# ---- given again


def find_issue(books: Connection, name: str, language: str | None = None) -> Issue:
    """The issued statement with this number, verification code, SHA-256 or entry.

    In a language if there are several. Raises NotFound when none was issued, and BadInput when the name fits
    several files.
    """
    every = issues(books)
    found = [each for each in every if _is_named(each, name) and language in {None, each.language}]
    if not found:
        where = f" in {language}" if language else ""
        known = (issued for each in every for issued in (each.statement, each.verification))
        raise NotFound(
            "unknown-issued-statement",
            "No statement '{name}' was issued{where}{nearest}{list_hint}.",
            name=name,
            where=where,
            nearest=nearest(name, known),
            list_hint=Hint("list-issued"),
        )
    if len({(each.paper_sha256, each.file_sha256) for each in found}) > 1:
        kinds = ", ".join(
            f"{each.language} with code {each.verification} to the {each.to} by entry {each.seq}"
            for each in found
        )
        raise BadInput(
            "statement-name-ambiguous",
            "The statement '{name}' was issued more than once ({kinds}): give {hint}, its code or its entry.",
            name=name,
            hint=Hint("say-language", "its language"),
            kinds=kinds,
        )
    return found[0]


def _is_named(issue: Issue, name: str) -> bool:
    if name in {issue.statement, issue.verification}:
        return True
    if _ENTRY.fullmatch(name) and int(name) in {issue.seq, issue.kept_by}:
        return True
    hashes = issue.paper_sha256, issue.file_sha256
    return bool(_SHA256.fullmatch(name)) and any(sha256.startswith(name) for sha256 in hashes)


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
