"""Faults of the text and of the seals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ledger.entry.canonical import Line, Sealed, entry_hash
from tests.support.exports import in_first_format, lines_of_records, records_of
from tests.support.published_exports.forger import Forger, text_fault

# ---- the text, and the seals


def _text(forger: Forger) -> list[bytes]:
    return lines_of_records(forger.records).encode().splitlines(keepends=True)


def _line_changed(forger: Forger, number: int, change: Callable[[bytes], bytes]) -> tuple[bytes, int]:
    lines = _text(forger)
    lines[number - 1] = change(lines[number - 1])
    return b"".join(lines), number


@text_fault("seal-wrong", "its content does not match its hash")
def _(forger: Forger) -> tuple[bytes, int]:
    wrong = forger.entry("contribution received")
    wrong["entry"]["approved_by"] = "somebody else"
    return b"".join(_text(forger)), forger.place(wrong) + 1


@text_fault("chain-broken", "it is not the next entry")
def _(forger: Forger) -> tuple[bytes, int]:
    wrong = forger.entry("contribution received")
    wrong["entry"]["prev"] = "1" * 64
    _seal_again(wrong)
    return b"".join(_text(forger)), forger.place(wrong) + 1


@text_fault("entry-left-out", "it is not the next entry")
def _(forger: Forger) -> tuple[bytes, int]:
    wrong = forger.entry("donor registered")
    number = forger.place(wrong) + 1
    forger.records.remove(wrong)
    return b"".join(_text(forger)), number + 1  # the evidence of the next entry stands between


@text_fault("input-hash-wrong", "its event does not match its input hash")
def _(forger: Forger) -> tuple[bytes, int]:
    wrong = forger.entry("donor registered")
    wrong["entry"]["input_hash"] = "1" * 64
    _seal_again(wrong)
    return b"".join(_text(forger)), forger.place(wrong) + 1


@text_fault("fewer-lines-than-sealed", "it does not have the lines that were sealed")
def _(forger: Forger) -> tuple[bytes, int]:
    wrong = forger.entry("contribution received")
    wrong["entry"]["line_count"] = 3
    _seal_again(wrong)
    return b"".join(_text(forger)), forger.place(wrong) + 1


def _seal_again(record: Any) -> None:
    record["entry"]["hash"] = entry_hash(
        Sealed(**record["entry"]), [Line(**line) for line in record["lines"]]
    )


@text_fault("head-of-another-book", "the header names another head")
def _(forger: Forger) -> tuple[bytes, int]:
    forger.records[0]["head"]["hash"] = "1" * 64
    return b"".join(_text(forger)), len(forger.records)


@text_fault("counts-wrong", "it is out of its place, or not the trailer of all this")
def _(forger: Forger) -> tuple[bytes, int]:
    forger.records[-1]["counts"]["proposals"] += 1
    return b"".join(_text(forger)), len(forger.records)


@text_fault("counts-of-yes", "it is out of its place, or not the trailer of all this")
def _(forger: Forger) -> tuple[bytes, int]:
    forger.records = [
        {
            "encoding": "mdfm-entry-1",
            "format": "mdfm-export-2",
            "personal": [],
            "rules": forger.records[0]["rules"],
        }
        | {"head": {"seq": 0, "hash": "0" * 64}},
        {"counts": {"entries": 0, "evidence": 0, "proposals": False}, "head": {"seq": 0, "hash": "0" * 64}},
    ]
    return b"".join(_text(forger)), 2


@text_fault("head-of-yes", "it is out of its place, or not the trailer of all this")
def _(forger: Forger) -> tuple[bytes, int]:
    first = forger.named("entry")
    forger.records = [forger.records[0], first]
    forger.records[0]["head"] = {"seq": 1, "hash": first["entry"]["hash"]}
    forger.records.append(
        {
            "counts": {"entries": 1, "evidence": 0, "proposals": 0},
            "head": {"seq": True, "hash": first["entry"]["hash"]},
        }
    )
    return b"".join(_text(forger)), 3


@text_fault("nothing", "the export is cut off after it")
def _(_forger: Forger) -> tuple[bytes, int]:
    return b"", 1


@text_fault("no-header", "its fields are not those of the format")
def _(forger: Forger) -> tuple[bytes, int]:
    return b"".join(_text(forger)[1:]), 1


@text_fault("no-trailer", "the export is cut off after it")
def _(forger: Forger) -> tuple[bytes, int]:
    lines = _text(forger)[:-1]
    return b"".join(lines), len(lines)


@text_fault("half-a-line", "it is cut off")
def _(forger: Forger) -> tuple[bytes, int]:
    lines = _text(forger)[:4]
    return b"".join(lines)[:-20], 4


@text_fault("no-last-line-feed", "it is cut off")
def _(forger: Forger) -> tuple[bytes, int]:
    return b"".join(_text(forger))[:-1], len(forger.records)


@text_fault("two-trailers", "it stands after the end")
def _(forger: Forger) -> tuple[bytes, int]:
    lines = _text(forger)
    return b"".join([*lines, lines[-1]]), len(lines) + 1


@text_fault("space-too-many", "it is not an object in canonical JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda line: line.replace(b":", b": ", 1))


@text_fault("fields-out-of-order", "it is not an object in canonical JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    wrong = forger.entry("donor registered")
    number = forger.place(wrong) + 1
    turned = json.dumps({"lines": wrong["lines"], "entry": wrong["entry"]}, separators=(",", ":"))
    return _line_changed(forger, number, lambda _: turned.encode() + b"\n")


@text_fault("field-twice", "it is not an object in canonical JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda line: line.replace(b'"seq":', b'"seq":1,"seq":', 1))


@text_fault("escape-too-many", "it is not an object in canonical JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda line: line.replace("ë".encode(), b"\\u00eb", 1))


@text_fault("half-a-surrogate", "it is not an object in canonical JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda line: line.replace("ë".encode(), b"\\ud800", 1))


@text_fault("not-utf8", "it is not UTF-8")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda line: line.replace("ë".encode(), b"\xeb", 1))


@text_fault("byte-order-mark", "it is not JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 1, lambda line: b"\xef\xbb\xbf" + line)


@text_fault("carriage-return", "it is not an object in canonical JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.removesuffix(b"\n") + b"\r\n")


@text_fault("control-character", "it is not JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda line: line.replace("ë".encode(), b"\x01", 1))


@text_fault("empty-line", "it is not JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda line: b"\n" + line)


@text_fault("fraction", "a number is not a whole number")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.replace(b'"seq":1,', b'"seq":1.0,', 1))


@text_fault("power-of-ten", "a number is not a whole number")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.replace(b'"seq":1,', b'"seq":1e0,', 1))


@text_fault("minus-zero", "it is not an object in canonical JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.replace(b'"reverses":0,', b'"reverses":-0,', 1))


@text_fault("no-number", "a number is not a whole number")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.replace(b'"seq":1,', b'"seq":NaN,', 1))


@text_fault("number-too-large", "a number is too large")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.replace(b'"seq":1,', b'"seq":9223372036854775808,', 1))


@text_fault("number-as-text", "its fields are not those of the format")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.replace(b'"seq":1,', b'"seq":"1",', 1))


@text_fault("yes-as-number", "its fields are not those of the format")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 2, lambda line: line.replace(b'"seq":1,', b'"seq":true,', 1))


@text_fault("nested-without-end", "it is not JSON")
def _(forger: Forger) -> tuple[bytes, int]:
    return _line_changed(forger, 3, lambda _: b"[" * 20_000 + b"\n")


@text_fault("first-format-with-proposals", "it is out of its place, or not the trailer of all this")
def _(forger: Forger) -> tuple[bytes, int]:
    records = records_of(in_first_format(lines_of_records(forger.records)))
    records.insert(-1, forger.proposal(4))
    return lines_of_records(records).encode(), len(records) - 1
