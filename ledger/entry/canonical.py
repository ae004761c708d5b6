"""The canonical form of an entry, over which its seal is computed (docs/sealing.md).

Every field is a netstring (length in bytes, colon, bytes, comma), so no two entries have the same form; the
first field names the version of the encoding.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

ENCODING = "mdfm-entry-1"
GENESIS = "0" * 64
"""The previous hash that the first entry names."""


class Line(NamedTuple):
    """One line of an entry: an account, its dimensions, and an amount (debit positive).

    `amount` is in minor units of `currency`; `usd` is its value in USD cents.
    """

    account: str
    term: str
    agreement: str
    activity: str
    grant_code: str
    bank_account: str
    donor: str
    currency: str
    amount: int
    usd: int


class Sealed(NamedTuple):
    """An entry as stored in the journal, without its lines."""

    seq: int
    effective_on: str
    recorded_at: str
    kind: str
    version: int
    payload: str
    made_by: str
    approved_by: str
    key: str
    input_hash: str
    reverses: int
    line_count: int
    prev: str
    hash: str


class Head(NamedTuple):
    """The last entry of a journal: its number (0 when there is none) and its hash."""

    seq: int
    hash: str


def canonical_json(value: Any) -> str:
    """A value as canonical JSON: keys sorted, no spaces, non-ASCII characters unescaped, no floats."""
    return _CANONICAL.encode(value)


def _refuse(value: object) -> str:
    raise TypeError(f"{type(value).__name__} has no canonical form")


_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_refuse
)


def netstrings(fields: Iterable[str | int]) -> bytes:
    """The fields as netstrings, one after the other (D. J. Bernstein, 1997)."""
    texts = [str(field) for field in fields]
    joined = "".join([f"{len(text)}:{text}," for text in texts])
    if joined.isascii():  # a character is a byte: by far the most common case, and twice as quick
        return joined.encode()
    return b"".join([b"%d:%b," % (len(data), data) for data in map(str.encode, texts)])


_TO_THE_SECOND = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
_TIMES = {
    "microseconds": re.compile(_TO_THE_SECOND + r"\.[0-9]{6}\+00:00"),
    "seconds": re.compile(_TO_THE_SECOND + r"\+00:00"),
}


def written_time(moment: datetime) -> str:
    """A moment in the one form of `recorded_at`: UTC, ISO 8601 with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_time(text: str, to_the: Literal["microseconds", "seconds"] = "microseconds") -> datetime | None:
    """The moment that `recorded_at` says; None for a text in any other form, or a moment that never was."""
    try:
        return datetime.fromisoformat(text) if _TIMES[to_the].fullmatch(text) else None
    except ValueError:
        return None


def input_hash(kind: str, version: int, payload: str) -> str:
    """The hash by which two uses of one idempotency key are compared: equal for the same event."""
    return hashlib.sha256(netstrings((kind, version, payload))).hexdigest()


def entry_hash(entry: Sealed, lines: Sequence[Line]) -> str:
    """The seal of an entry: SHA-256 over all its fields but the hash itself, and over all its lines."""
    return seal(entry[:-1], lines)


def seal(fields: Iterable[str | int], lines: Sequence[Line]) -> str:
    """The seal of an entry, from its fields in the order of `Sealed` without the hash."""
    sealed_fields = [ENCODING, *fields]
    for number, line in enumerate(lines, start=1):
        sealed_fields += (number, *line)
    return hashlib.sha256(netstrings(sealed_fields)).hexdigest()
