"""Exports: the whole journal as text that other programs can read and check.

`as_jsonl` is complete: a book can be rebuilt from it (`ledger.audit.rebuild`), and it can be judged without
this program (docs/export.md, docs/verify_export.py).
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, Table, select

from ledger.audit.export_rules import export_rules
from ledger.audit.personal_table import PersonalTable
from ledger.audit.plain_text import as_beancount, as_hledger
from ledger.entry.canonical import ENCODING, canonical_json
from ledger.entry.event import Kinds
from ledger.errors import Tampered
from ledger.journal.queries import entries, head
from ledger.storage import evidence
from ledger.storage.schema import proposal as proposal_table

FORMAT = "mdfm-export-2"
FIRST_FORMAT = "mdfm-export-1"
"""The format without rules and proposals, which is read and never written again."""


def as_jsonl(books: Connection, kinds: Kinds, personal: Sequence[PersonalTable] = ()) -> Iterator[str]:
    """The book as lines of canonical JSON, streamed: a header, entries, proposals, evidence files, a trailer.

    The rows of `personal` tables come after them. Tampered when a file that an entry or a proposal names is
    not in the book, or was changed.
    """
    last = head(books)._asdict()
    tables = [each.table for each in personal]
    yield _record(
        {
            "encoding": ENCODING,
            "format": FORMAT,
            "head": last,
            "personal": [table.name for table in tables],
            "rules": export_rules(kinds),
        }
    )
    counts = Counter({"entries": 0, "evidence": 0, "proposals": 0} | {table.name: 0 for table in tables})
    written: set[str] = set()
    for payload, record in _events(books):
        yield from _files(books, payload, written, record.get("proposal"))
        yield _record(record)
        counts["entries" if "entry" in record else "proposals"] += 1
    counts["evidence"] = len(written)
    for table in tables:
        for row in _rows(books, table):
            yield _record({table.name: row_values(table, row)})
            counts[table.name] += 1
    yield _record({"counts": counts, "head": last})


def _events(books: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """The record of every entry, then of every proposal, each with its payload."""
    for sealed, lines in entries(books):
        record = {"entry": sealed._asdict(), "lines": [line._asdict() for line in lines]}
        yield sealed.payload, record
    for row in _rows(books, proposal_table):
        yield row.payload, {"proposal": row_values(proposal_table, row)}


def _files(
    books: Connection, payload: str, written: set[str], proposal: dict[str, Any] | None
) -> Iterator[str]:
    """The files that a payload names and that were not written before; a rejected proposal may lack some."""
    for sha256, *_ in evidence.files_in(payload):
        if sha256 in written:
            continue
        if proposal is not None and not evidence.is_stored(books, sha256):
            if proposal["status"] == "rejected":
                continue
            raise Tampered(
                "proposal-evidence-missing",
                "Proposal {number} names the evidence {sha256}, which is missing from the book: reject the "
                "proposal, or restore a copy of the book.",
                number=proposal["id"],
                sha256=sha256,
            )
        written.add(sha256)
        content = base64.b64encode(evidence.checked_content(books, sha256)).decode()
        yield _record({"evidence": sha256, "content": content})


def _rows(books: Connection, table: Table) -> Iterator[Row[Any]]:
    rows = select(table).order_by(*table.primary_key)
    return iter(books.execute(rows, execution_options={"yield_per": 100}))


def row_values(table: Table, row: Row[Any]) -> dict[str, Any]:
    """The row of a table as a record has it; bytes are in base64."""
    values = dict(row._mapping)
    for column in table.columns:
        if isinstance(column.type, LargeBinary):
            values[column.name] = base64.b64encode(values[column.name]).decode()
    return values


def _record(value: object) -> str:
    return canonical_json(value) + "\n"


EXPORTS: dict[str, Callable[[Connection, Kinds], Iterator[str]]] = {
    "jsonl": as_jsonl,
    "beancount": lambda books, _kinds: as_beancount(books),
    "hledger": lambda books, _kinds: as_hledger(books),
}
"""By format: the function that writes the book, in pieces of text; without personal data."""
