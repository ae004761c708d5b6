"""Forging: a valid export is changed in one place; what the verifier says of each fault is registered."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from ledger import canonical_json
from ledger.entry.canonical import Line

MAKER, APPROVER = "Zoë Martín", "the director"
TERM = "2021-2023"

Records = list[Any]


class Forger:
    """The records of a valid export, to be changed in one place."""

    def __init__(self, records: Records) -> None:
        self.records = copy.deepcopy(records)

    def entry(self, kind: str, nth: int = 0) -> Any:
        """The record of an entry of a kind."""
        return [each for each in self.records if each.get("entry", {}).get("kind") == kind][nth]

    def proposal(self, number: int) -> Any:
        """The record of a proposal."""
        return next(each for each in self.records if each.get("proposal", {}).get("id") == number)

    def named(self, name: str, nth: int = 0) -> Any:
        """A record with a field of this name."""
        return [each for each in self.records if name in each][nth]

    def place(self, record: Any) -> int:
        """The index of this very record."""
        return next(index for index, each in enumerate(self.records) if each is record)

    def insert_before(self, record: Any, new: Any) -> Any:
        """A new record in the place of another one, which moves on."""
        self.records.insert(self.place(record), new)
        return new

    def add_entry(self, like: Any, **changed: Any) -> Any:
        """A copy of an entry with other fields, as the last entry."""
        new = copy.deepcopy(like)
        new["entry"] |= {"recorded_at": "2022-02-01T00:00:00.000000+00:00"} | changed
        last = [each for each in self.records if "entry" in each][-1]
        self.records.insert(self.place(last) + 1, new)
        return new

    def add_lines(self, *lines: dict[str, Any]) -> Any:
        """A last entry with these lines, of a kind that has lines."""
        like = self.entry("contribution received")
        payload = json.loads(like["entry"]["payload"]) | {"on": "2021-12-10", "evidence": []}
        new = self.add_entry(like, key="forged", effective_on="2021-12-10", payload=canonical_json(payload))
        empty = dict.fromkeys(Line._fields, "") | {"term": TERM, "currency": "USD"}
        new["lines"] = [empty | {"amount": line["usd"]} | line for line in lines]
        return new


def with_payload(record: Any, **changed: Any) -> Any:
    """Change fields of the event of an entry or proposal."""
    held = record.get("entry") or record["proposal"]
    held["payload"] = canonical_json(json.loads(held["payload"]) | changed)
    return record


def on_day(record: Any, day: str) -> Any:
    """Let an entry take effect on another day."""
    record["entry"]["effective_on"] = day
    return with_payload(record, on=day)


UNSEEN = "a name has what nobody can see, or nothing else"
"""What a verifier says of a name with characters that nobody sees."""

Change = Callable[[Forger], Any]
"""Changes the records and returns the one that is wrong."""
TextChange = Callable[[Forger], tuple[bytes, int]]
"""Returns the text of the whole export, and the line that is wrong."""

FAULTS: dict[str, tuple[str, Change]] = {}
"""By name: what the verifier says, and the change, after which everything is sealed again."""
TEXT_FAULTS: dict[str, tuple[str, TextChange]] = {}
"""The same of faults of the text or of the seals, after which nothing is sealed again."""
PERSONAL_FAULTS: dict[str, tuple[str, Change]] = {}
"""Faults of an export with contacts and letters."""


def fault(name: str, reason: str) -> Callable[[Change], Change]:
    """Register a fault that is sealed again."""

    def add(change: Change) -> Change:
        FAULTS[name] = reason, change
        return change

    return add


def text_fault(name: str, reason: str) -> Callable[[TextChange], TextChange]:
    """Register a fault of the text."""

    def add(change: TextChange) -> TextChange:
        TEXT_FAULTS[name] = reason, change
        return change

    return add


def personal_fault(name: str, reason: str) -> Callable[[Change], Change]:
    """Register a fault of personal data."""

    def add(change: Change) -> Change:
        PERSONAL_FAULTS[name] = reason, change
        return change

    return add
