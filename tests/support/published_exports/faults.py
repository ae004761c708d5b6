"""The faults of invalid exports, one each: a change of a valid one, and what the verifier says of it."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

from ledger import canonical_json
from ledger.entry.canonical import Line, Sealed, entry_hash
from tests.support.exports import PUBLISHED, in_first_format, lines_of_records, records_of

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


# ---- the faults: people


@fault("one-person", "it was not approved by a second person")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    wrong["entry"]["approved_by"] = ""
    return wrong


@fault("one-person-for-a-fact", "it was not approved by a second person")
def _(forger: Forger) -> Any:
    wrong = forger.entry("period closed")
    wrong["entry"]["approved_by"] = ""
    return wrong


@fault("approved-by-its-maker", "it has no maker, or its maker approved it")
def _(forger: Forger) -> Any:
    wrong = forger.entry("donor registered")
    wrong["entry"]["approved_by"] = MAKER
    return wrong


@fault("approved-by-its-maker-in-capitals", "it has no maker, or its maker approved it")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    wrong["entry"]["approved_by"] = f" {MAKER.upper().replace(' ', '  ')}"
    return wrong


@fault("no-maker", "it has no maker, or its maker approved it")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    wrong["entry"]["made_by"] = ""
    return wrong


def _approved_by(name: str, made_by: str = MAKER) -> Change:
    def change(forger: Forger) -> Any:
        wrong = forger.entry("contribution received")
        wrong["entry"] |= {"made_by": made_by, "approved_by": name}
        return wrong

    return change


_UNSEEN = "a name has what nobody can see, or nothing else"
for _name, _written in {
    "zero-width": f"{MAKER}\u200b",
    "soft-hyphen": f"{APPROVER}\u00ad",
    "direction": f"\u202e{APPROVER}",
    "filler": f"{APPROVER}\u3164",
    "control": f"{APPROVER}\x7f",
    "nothing": "\u200b",
    "blank": " ",
    "mark": "\u0301",
}.items():
    FAULTS[f"name-with-{_name}"] = _UNSEEN, _approved_by(_written)
for _name, _pair in {
    "in-another-form": ("Jose\u0301", "Jos\u00e9"),
    "without-accents": ("JOSE", "Jos\u00e9"),
    "in-wide-letters": ("\uff2aose", "Jose"),
    "with-another-space": ("Jose\u00a0Li", "jose li"),
}.items():
    FAULTS[f"approved-by-its-maker-{_name}"] = (
        "it has no maker, or its maker approved it",
        _approved_by(*_pair),
    )


# ---- lines


@fault("dimension-missing", "a line lacks a dimension that its account requires")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    next(line for line in wrong["lines"] if line["bank_account"])["bank_account"] = ""
    return wrong


@fault("dimension-blank", "a field of a line has nothing that can be seen")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    next(line for line in wrong["lines"] if line["bank_account"])["bank_account"] = " "
    return wrong


@fault("term-blank", "a field of a line has nothing that can be seen")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    for line in wrong["lines"]:
        line["term"] = "\u00a0"
    return wrong


def _in_currency(currency: str) -> Change:
    def change(forger: Forger) -> Any:
        pair = ({"account": "1900", "usd": 5}, {"account": "1900", "usd": -5})
        return forger.add_lines(*(line | {"currency": currency} for line in pair))

    return change


for _name, _currency in {"missing": "", "in-small-letters": "usd", "with-a-space": "USD "}.items():
    FAULTS[f"currency-{_name}"] = (
        "the currency of a line is not three capital letters",
        _in_currency(_currency),
    )


@fault("term-missing", "a line lacks a dimension that its account requires")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    for line in wrong["lines"]:
        line["term"] = ""
    return wrong


@fault("account-unknown", "a line is on an account that is not in the chart")
def _(forger: Forger) -> Any:
    return forger.add_lines({"account": "4000", "usd": -5}, {"account": "2800", "usd": 5})


@fault("not-in-dollars", "a line is not in dollars, or its value in dollars is another")
def _(forger: Forger) -> Any:
    return forger.add_lines(
        {"account": "2800", "usd": 5, "currency": "EUR"}, {"account": "2800", "usd": -5, "currency": "EUR"}
    )


@fault("dollars-of-another-value", "a line is not in dollars, or its value in dollars is another")
def _(forger: Forger) -> Any:
    return forger.add_lines(
        {"account": "2800", "usd": 5, "amount": 4}, {"account": "2800", "usd": -5, "amount": -4}
    )


@fault("line-of-nothing", "a line has no amount")
def _(forger: Forger) -> Any:
    return forger.add_lines({"account": "2800", "usd": 0}, {"account": "2800", "usd": 0})


@fault("sum-not-zero", "its lines do not add up to zero")
def _(forger: Forger) -> Any:
    return forger.add_lines({"account": "2800", "usd": 5}, {"account": "2800", "usd": -4})


@fault("sum-of-a-term-not-zero", "its lines do not add up to zero")
def _(forger: Forger) -> Any:
    return forger.add_lines(
        {"account": "2800", "usd": 5}, {"account": "2800", "usd": -5, "term": "2019-2021"}
    )


@fault("memo-with-money", "its lines do not add up to zero")
def _(forger: Forger) -> Any:
    forger.records[0]["rules"]["chart"] = _whole_chart(forger)
    return forger.add_lines({"account": "9100", "usd": 5, "donor": "CITY"}, {"account": "2600", "usd": -5})


@fault("clearing-not-zero", "its lines do not add up to zero")
def _(forger: Forger) -> Any:
    return forger.add_lines({"account": "1900", "usd": 5}, {"account": "2800", "usd": -5})


@fault("wrong-side", "it leaves a balance on the wrong side of its account")
def _(forger: Forger) -> Any:
    return forger.add_lines(
        {"account": "1100", "usd": -20_000_00, "bank_account": "USD1"}, {"account": "2800", "usd": 20_000_00}
    )


@fault("used-and-not-allocated", "more is used and committed than was allocated")
def _(forger: Forger) -> Any:
    use = {"account": "3120", "usd": 5, "agreement": "A1", "activity": "T-1"}
    return forger.add_lines(use, {"account": "2800", "usd": -5})


@fault("one-line", "it does not have the lines that were sealed")
def _(forger: Forger) -> Any:
    return forger.add_lines({"account": "2800", "usd": 5})


@fault("balance-too-large", "it leaves a balance that is too large")
def _(forger: Forger) -> Any:
    most = 2**63 - 1
    pair = ({"account": "2800", "usd": most}, {"account": "2810", "usd": -most})
    forger.records[0]["rules"]["chart"] = _whole_chart(forger)
    forger.add_lines(*pair)
    wrong = forger.add_lines(*pair)
    wrong["entry"]["key"] = "forged again"
    return wrong


@fault("allotment-too-large", "it leaves an allotment that is too large")
def _(forger: Forger) -> Any:
    most = 2**63 - 1
    line = {"account": "2200", "agreement": "A1", "donor": "OTHER"}
    return forger.add_lines(line | {"usd": -most}, {"account": "2800", "usd": most})


def _whole_chart(forger: Forger) -> list[Any]:
    """Accounts that the story does not use, as they are in the published rules."""
    published = json.loads(PUBLISHED.read_text("utf-8"))
    used = {each["code"] for each in forger.records[0]["rules"]["chart"]} | {"2600", "2810", "9100"}
    return [each for each in published["chart"] if each["code"] in used]


# ---- time, days and periods


@fault("time-going-back", "it is recorded before the entry before it")
def _(forger: Forger) -> Any:
    wrong = forger.entry("entry reversed")
    wrong["entry"]["recorded_at"] = "2021-12-31T23:59:59.999999+00:00"
    return wrong


@fault("time-in-another-form", "its time is not written as it must be")
def _(forger: Forger) -> Any:
    wrong = forger.entry("entry reversed")
    wrong["entry"]["recorded_at"] = wrong["entry"]["recorded_at"].replace("+00:00", "Z")
    return wrong


@fault("time-that-never-was", "its time is not written as it must be")
def _(forger: Forger) -> Any:
    wrong = forger.entry("entry reversed")
    wrong["entry"]["recorded_at"] = "2022-02-30T00:00:00.000000+00:00"
    return wrong


@fault("day-that-never-was", "its event has no day")
def _(forger: Forger) -> Any:
    return on_day(forger.entry("entry reversed"), "2022-02-30")


@fault("day-of-another-event", "it is not effective on the day of its event")
def _(forger: Forger) -> Any:
    wrong = forger.entry("entry reversed")
    wrong["entry"]["effective_on"] = "2021-12-11"
    return wrong


@fault("lines-in-a-closed-month", "it has lines in a closed period")
def _(forger: Forger) -> Any:
    wrong = forger.add_lines({"account": "2800", "usd": 5}, {"account": "2800", "usd": -5})
    return on_day(wrong, "2021-11-30")


@fault("lines-in-a-closed-year", "it has lines in a closed period")
def _(forger: Forger) -> Any:
    closing = forger.add_entry(forger.entry("period closed"), key="period closed:2021:1")
    on_day(with_payload(closing, period="2021"), "2022-01-01")
    return forger.add_lines({"account": "2800", "usd": 5}, {"account": "2800", "usd": -5})


@fault("closed-before-its-end", "the period has not ended on that day")
def _(forger: Forger) -> Any:
    return on_day(forger.entry("period closed"), "2021-11-29")


@fault("closed-twice", "the period is so already")
def _(forger: Forger) -> Any:
    return with_payload(
        forger.add_entry(forger.entry("period closed"), key="period closed:2021-11:2"), times=2
    )


# ---- keys and reversals


@fault("key-twice", "its key is empty or that of another entry")
def _(forger: Forger) -> Any:
    return forger.add_entry(forger.entry("donor registered"))


@fault("reversed-twice", "the entry is reversed already")
def _(forger: Forger) -> Any:
    return forger.add_entry(forger.entry("entry reversed"), key="reversal:6:2")


@fault("reversal-with-other-lines", "it does not mirror the lines of the entry that it reverses")
def _(forger: Forger) -> Any:
    wrong = forger.entry("entry reversed")
    for line in wrong["lines"]:
        line["amount"] += 1 if line["amount"] > 0 else -1
        line["usd"] = line["amount"]
    return wrong


@fault("reversal-of-another-entry", "it does not reverse what its event says")
def _(forger: Forger) -> Any:
    wrong = forger.entry("entry reversed")
    wrong["entry"]["reverses"] = 5
    return wrong


@fault("reversal-of-a-reversal", "an entry of this kind cannot be reversed")
def _(forger: Forger) -> Any:
    like = forger.entry("entry reversed")
    wrong = forger.add_entry(like, key="reversal:7", reverses=like["entry"]["seq"])
    for line in wrong["lines"]:
        line["amount"], line["usd"] = -line["amount"], -line["usd"]
    return with_payload(wrong, entry=like["entry"]["seq"])


@fault("reversal-of-the-future", "there is no such entry to reverse")
def _(forger: Forger) -> Any:
    wrong = forger.entry("entry reversed")
    wrong["entry"]["reverses"] = 12
    return with_payload(wrong, entry=12)


@fault("reversal-before-its-entry", "it takes effect before the entry that it reverses")
def _(forger: Forger) -> Any:
    return on_day(forger.entry("entry reversed"), "2021-11-09")


@fault("reversing-by-another-kind", "it does not reverse what its event says")
def _(forger: Forger) -> Any:
    wrong = forger.entry("donor registered")
    wrong["entry"]["reverses"] = 1
    return wrong


# ---- events


@fault("kind-unknown", "its kind of event is not known")
def _(forger: Forger) -> Any:
    wrong = forger.entry("donor registered")
    wrong["entry"]["kind"] = "revenue recognised"
    return wrong


@fault("version-unknown", "its kind of event is not known")
def _(forger: Forger) -> Any:
    wrong = forger.entry("donor registered")
    wrong["entry"]["version"] = 99
    return wrong


@fault("event-not-canonical", "its event is not an object in canonical JSON")
def _(forger: Forger) -> Any:
    wrong = forger.entry("donor registered")
    wrong["entry"]["payload"] = wrong["entry"]["payload"].replace(",", ", ", 1)
    return wrong


@fault("event-with-a-key-twice", "its event is not an object in canonical JSON")
def _(forger: Forger) -> Any:
    wrong = forger.entry("donor registered")
    wrong["entry"]["payload"] = '{"code":"BOGUS",' + wrong["entry"]["payload"].removeprefix("{")
    return wrong


@fault("event-with-a-large-number", "a number is too large")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    return with_payload(wrong, amount={"currency": "USD", "minor": 2**63})


@fault("event-with-a-fraction", "a number is not a whole number")
def _(forger: Forger) -> Any:
    wrong = forger.entry("contribution received")
    wrong["entry"]["payload"] = wrong["entry"]["payload"].replace('"minor":1000000', '"minor":1000000.0')
    return wrong


@fault("event-too-deep", "its event is nested too deeply")
def _(forger: Forger) -> Any:
    wrong = forger.entry("donor registered")
    deep: list[Any] = []
    for _level in range(32):
        deep = [deep]
    return with_payload(wrong, name=deep)


# ---- evidence


@fault("evidence-missing", "it names evidence that is not in the export")
def _(forger: Forger) -> Any:
    forger.records.remove(forger.named("evidence"))
    return forger.entry("agreement signed")


@fault("evidence-that-nobody-names", "the evidence before it is named by nobody")
def _(forger: Forger) -> Any:
    stray = {"evidence": _sha256(b"stray\n"), "content": base64.b64encode(b"stray\n").decode()}
    forger.insert_before(forger.records[-1], stray)
    return forger.records[-1]


@fault("evidence-too-early", "the evidence before it is not what it names, in this order")
def _(forger: Forger) -> Any:
    file = forger.named("evidence")
    forger.records.remove(file)
    forger.insert_before(forger.entry("donor registered"), file)
    return forger.entry("donor registered")


@fault("evidence-changed", "the file is not what its name says")
def _(forger: Forger) -> Any:
    wrong = forger.named("evidence")
    wrong["content"] = base64.b64encode(b"We give a million dollars.\n").decode()
    return wrong


@fault("evidence-twice", "the file is here for the second time")
def _(forger: Forger) -> Any:
    return forger.insert_before(forger.entry("contribution received"), dict(forger.named("evidence")))


@fault("evidence-in-another-base64", "the file is not what its name says")
def _(forger: Forger) -> Any:
    content = base64.b64encode(b"ab").decode()
    assert content == "YWI="
    return forger.insert_before(
        forger.entry("contribution received"), {"evidence": _sha256(b"ab"), "content": "YWJ="}
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---- proposals


@fault("proposal-approved-as-something-else", "it was approved as something else")
def _(forger: Forger) -> Any:
    return with_payload(forger.proposal(1), amount={"currency": "USD", "minor": 3_000_00})


@fault("proposal-of-another-maker", "it was approved as something else")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(1)
    wrong["proposal"]["made_by"] = "somebody else"
    return wrong


@fault("proposal-decided-by-its-maker", "it was not decided by another person")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(4)
    wrong["proposal"]["decided_by"] = MAKER
    return wrong


@fault("proposal-decided-by-its-maker-in-capitals", "it was not decided by another person")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(4)
    wrong["proposal"]["decided_by"] = MAKER.upper().replace(" ", "  ")
    return wrong


@fault("proposal-approved-without-entry", "its entry does not go with its status")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(6)
    wrong["proposal"] |= {"status": "approved", "decided_by": APPROVER}
    return wrong


@fault("proposal-of-an-entry-of-another", "it was approved as something else")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(6)
    first = forger.proposal(1)["proposal"]
    wrong["proposal"] = first | {"id": 6}
    forger.records.remove(forger.named("evidence", 2))
    return wrong


@fault("proposal-left-out", "it is not the next proposal")
def _(forger: Forger) -> Any:
    forger.records.remove(forger.proposal(2))
    return forger.proposal(3)


@fault("proposal-with-a-status-of-its-own", "it has no such status")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(6)
    wrong["proposal"]["status"] = "lost"
    return wrong


@fault("proposal-of-no-batch", "it does not belong to its batch")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(6)
    wrong["proposal"]["batch"] = 4
    return wrong


@fault("proposal-alone-in-its-batch", "the proposal before it is alone in its batch")
def _(forger: Forger) -> Any:
    forger.proposal(6)["proposal"]["batch"] = 6
    return forger.records[-1]


@fault("proposal-at-no-time", "it does not say who made it and when")
def _(forger: Forger) -> Any:
    wrong = forger.proposal(6)
    wrong["proposal"]["made_at"] = "yesterday"
    return wrong


@fault("proposal-of-a-name-that-is-not-seen", _UNSEEN)
def _(forger: Forger) -> Any:
    wrong = forger.proposal(6)
    wrong["proposal"]["made_by"] = "\u200b"
    return wrong


@fault("proposal-decided-by-a-name-that-is-not-seen", _UNSEEN)
def _(forger: Forger) -> Any:
    wrong = forger.proposal(4)
    wrong["proposal"]["decided_by"] = f"{MAKER}\u200b"
    return wrong


@fault("proposal-that-waits-without-its-evidence", "it names evidence that is not in the export")
def _(forger: Forger) -> Any:
    forger.records.remove(forger.named("evidence", -1))
    return forger.proposal(6)


@fault("entry-after-proposals", "it is out of its place, or not the trailer of all this")
def _(forger: Forger) -> Any:
    entry = forger.entry("contribution received", -1)
    forger.records.remove(entry)
    return forger.insert_before(forger.proposal(2), entry)


# ---- the header


@fault("weakened-header", "the kind 'period closed' is not as published")
def _(forger: Forger) -> Any:
    kind = next(each for each in forger.records[0]["rules"]["kinds"] if each["kind"] == "period closed")
    kind["second_person"] = False
    forger.entry("period closed")["entry"]["approved_by"] = ""
    return forger.records[0]


@fault("weakened-chart", "the account '1100' is not as published")
def _(forger: Forger) -> Any:
    account = next(each for each in forger.records[0]["rules"]["chart"] if each["code"] == "1100")
    account["side"] = "either"
    return forger.records[0]


@fault("weakened-reversal", "the kind 'entry reversed' is not as published")
def _(forger: Forger) -> Any:
    kind = next(each for each in forger.records[0]["rules"]["kinds"] if each["kind"] == "entry reversed")
    kind["reversible"] = True
    return forger.records[0]


@fault("weakened-limits", "the limits are not those of the format")
def _(forger: Forger) -> Any:
    forger.records[0]["rules"]["limits"]["number"] = 2**62
    return forger.records[0]


@fault("later-format", "it is not a header known here")
def _(forger: Forger) -> Any:
    forger.records[0]["format"] = "mdfm-export-3"
    return forger.records[0]


@fault("contact-not-announced", "it is out of its place, or not the trailer of all this")
def _(forger: Forger) -> Any:
    contact = {"donor": "CITY", "name": "Ana", "role": "", "email": "", "phone": "", "address": ""}
    return forger.insert_before(forger.records[-1], {"contact": contact})


# ---- contacts and letters


@personal_fault("contacts-out-of-order", "it is not in its order")
def _(forger: Forger) -> Any:
    first, second = forger.named("contact"), forger.named("contact", 1)
    forger.records.remove(second)
    forger.insert_before(first, second)
    return first


@personal_fault("letter-changed", "the file is not what its name says")
def _(forger: Forger) -> Any:
    wrong = next(each for each in forger.records if each.get("letter_file", {}).get("contact"))
    wrong["letter_file"]["content"] = base64.b64encode(b"Dear Bo Li\n").decode()
    return wrong


@personal_fault("letter-missing", "the file of a letter is missing before it")
def _(forger: Forger) -> Any:
    forger.records.remove(forger.named("letter_file", 1))
    return forger.records[-1]


@personal_fault("letter-to-another-donor", "no entry names this letter to this donor")
def _(forger: Forger) -> Any:
    wrong = forger.named("letter_file")
    wrong["letter_file"]["donor"] = "FOUND"
    return wrong


@personal_fault("contact-of-nobody", "its donor was never registered")
def _(forger: Forger) -> Any:
    wrong = forger.named("contact", 1)
    wrong["contact"]["donor"] = "FOUND"
    return wrong


@personal_fault("letter-of-nobody", "no entry names this letter to this donor")
def _(forger: Forger) -> Any:
    name = "f" * 64
    letter = {"sha256": name, "donor": "CITY", "contact": "", "content": ""}
    return forger.insert_before(forger.records[-1], {"letter_file": letter})


@personal_fault("donor-without-a-code", "it does not name a donor as it must")
def _(forger: Forger) -> Any:
    like = forger.entry("donor registered")
    return with_payload(forger.add_entry(like, key="donor:None"), code=None)


@personal_fault("letter-without-a-donor", "it does not name a donor as it must")
def _(forger: Forger) -> Any:
    return with_payload(forger.entry("letter issued"), donor=["CITY"])


@personal_fault("letter-without-a-file", "it does not name the file of a letter as it must")
def _(forger: Forger) -> Any:
    return with_payload(forger.entry("letter issued"), file_sha256=None)


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
