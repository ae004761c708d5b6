"""Issuing of statements: a record of who received which one, and byte-for-byte reprints."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from donors import Issue, StatementIssued, StatementRecipient, issues
from ledger import AsOf, BadInput, Book, Hint, Journal, NotFound, Refused, nearest, recorded_payloads
from reports.statement.batch import Sign, StatementBatch, StatementFile, StatementProgress, stage_statements
from reports.statement.builder import build_statement
from reports.statement.pdf import render_statement


@dataclass(frozen=True)
class Reprint:
    """An issued statement, built and rendered again."""

    issue: Issue
    content: bytes

    @property
    def same(self) -> bool:
        """Whether it is the file that was issued."""
        return hashlib.sha256(self.content).hexdigest() == self.issue.paper_sha256


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

    All files and entries are written, or none, as in `write_statements`. The recorded hash is that of the PDF
    without a signature. Raises Refused when a statement was already issued as another file.
    """
    with (
        stage_statements(book, batch, folder, jobs=jobs, progress=progress, sign=sign) as staged,
        book.recording() as journal,
    ):
        new = _record(journal, staged.files, issuing)
        staged.publish()
    return staged.files, new


def _record(journal: Journal, files: Sequence[StatementFile], issuing: Issuing) -> int:
    events = {event.key: event for event in (_issue(file, issuing) for file in files)}
    for key, payload in recorded_payloads(journal.books, list(events)).items():
        before, now = StatementIssued.model_validate_json(payload), events.pop(key)
        if before.paper_sha256 != now.paper_sha256:
            raise Refused(
                "statement-renders-differently",
                "The statement {statement} was issued on {on} in {language} as another file: this "
                "program renders it differently. Issue it as of a later entry, or write it with the "
                "version that issued it.",
                statement=now.statement,
                on=before.on,
                language=before.language,
            )
    return journal.record_many(events.values(), made_by=issuing.by)


def _issue(file: StatementFile, issuing: Issuing) -> StatementIssued:
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
        evidence=(),
    )


def find_issue(books: Connection, name: str, language: str | None = None) -> Issue:
    """The issued statement with this number or verification code, in a language if there are several.

    Raises NotFound when none was issued, and BadInput when the name fits several files.
    """
    every = issues(books)
    found = [
        each
        for each in every
        if name in {each.statement, each.verification} and language in {None, each.language}
    ]
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
    if len({each.paper_sha256 for each in found}) > 1:
        kinds = ", ".join(f"{each.language} with code {each.verification}" for each in found)
        raise BadInput(
            "statement-name-ambiguous",
            "The statement '{name}' was issued more than once ({kinds}): give {hint}, or its code.",
            name=name,
            hint=Hint("say-language", "its language"),
            kinds=kinds,
        )
    return found[0]


def reprint(books: Connection, issue: Issue) -> Reprint:
    """Build an issued statement again from what the books knew then, and render it."""
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
