"""Exports: the whole journal as text that other programs can read and check.

`as_jsonl` is complete: a book can be rebuilt from it (`ledger.audit.rebuild`), and its seals can be checked
without this program (docs/export.md, docs/verify_export.py).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from ledger.audit.plain_text import as_beancount, as_hledger
from ledger.entry.canonical import ENCODING, canonical_json
from ledger.journal.queries import entries, head
from ledger.storage import evidence

FORMAT = "mdfm-export-1"


def as_jsonl(books: Connection) -> Iterator[str]:
    """The journal as lines of canonical JSON, streamed: a header, entries and evidence files, a trailer.

    Tampered when a file that an entry names is not in the book.
    """
    last = head(books)
    yield _record({"format": FORMAT, "encoding": ENCODING, "head": last._asdict()})
    written: set[str] = set()
    for sealed, lines in entries(books):
        for sha256 in evidence.named_in(sealed.payload):
            if sha256 not in written:
                written.add(sha256)
                content = base64.b64encode(evidence.content_of(books, sha256)).decode()
                yield _record({"evidence": sha256, "content": content})
        yield _record({"entry": sealed._asdict(), "lines": [line._asdict() for line in lines]})
    yield _record({"entries": last.seq, "head": last.hash})


def _record(value: object) -> str:
    return canonical_json(value) + "\n"


EXPORTS: dict[str, Callable[[Connection], Iterator[str]]] = {
    "jsonl": as_jsonl,
    "beancount": as_beancount,
    "hledger": as_hledger,
}
"""By format: the function that writes the journal, in pieces of text."""
