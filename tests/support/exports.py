"""Exports to test with: written, read, changed, and sealed again as a forger would."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ledger import EXPORTS, GENESIS, Book, Line, PersonalTable, Sealed, as_jsonl, canonical_json
from ledger.entry.canonical import entry_hash, input_hash
from tests.support.place import ROOT

VERIFIER = ROOT / "docs" / "verify_export.py"
PUBLISHED = ROOT / "docs" / "export-rules.json"
"""The published rules."""


def exported(book: Book, form: str = "jsonl", personal: Sequence[PersonalTable] = ()) -> str:
    """The export of a book as one text."""
    with book.reading() as books:
        pieces = as_jsonl(books, book.kinds, personal) if personal else EXPORTS[form](books, book.kinds)
        return "".join(pieces)


def records_of(text: str) -> list[Any]:
    """The records of an export."""
    return [json.loads(line) for line in text.splitlines()]


def lines_of_records(records: Sequence[Any]) -> str:
    """Records as the lines of an export."""
    return "".join(canonical_json(record) + "\n" for record in records)


def resealed(records: list[Any]) -> list[Any]:
    """The records with every number, hash and count made right again, as a forger would; changed in place."""
    seq, last = 0, GENESIS
    counts = {"entries": 0, "evidence": 0, "proposals": 0} | dict.fromkeys(records[0].get("personal", ()), 0)
    named = {"entry": "entries", "proposal": "proposals", "evidence": "evidence"}
    for record in records[1:-1]:
        for name in record.keys() & (named.keys() | counts.keys()):
            counts[named.get(name, name)] += 1
        if "entry" in record:
            entry = record["entry"]
            entry["seq"], entry["prev"] = seq + 1, last
            entry["line_count"] = len(record["lines"])
            entry["input_hash"] = input_hash(entry["kind"], entry["version"], entry["payload"])
            entry["hash"] = entry_hash(Sealed(**entry), [Line(**line) for line in record["lines"]])
            seq, last = entry["seq"], entry["hash"]
    records[0]["head"] = {"seq": seq, "hash": last}
    first_format = "rules" not in records[0]
    records[-1] = (
        {"entries": seq, "head": last}
        if first_format
        else {"counts": counts, "head": {"seq": seq, "hash": last}}
    )
    return records


def strangers_verifier() -> ModuleType:
    """The standalone verifier as a module, to be called many times."""
    spec = importlib.util.spec_from_file_location("verify_export", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_first_format(text: str) -> str:
    """An export as the first format has it: without rules and proposals."""
    records = [each for each in records_of(text) if "proposal" not in each]
    del records[0]["rules"], records[0]["personal"]
    records[0]["format"] = "mdfm-export-1"
    named = {
        file["sha256"]
        for each in records
        if "entry" in each
        for file in json.loads(each["entry"]["payload"]).get("evidence", ())
    }
    return lines_of_records(resealed([each for each in records if each.get("evidence") in {None, *named}]))


def written(place: Path, text: str) -> Path:
    """A file with this text."""
    place.write_text(text, encoding="utf-8")
    return place
