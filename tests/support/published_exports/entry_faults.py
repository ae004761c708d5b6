"""Faults of entries: people, lines, time, keys and events."""

from __future__ import annotations

import json
from typing import Any

from tests.support.exports import PUBLISHED
from tests.support.published_exports.forger import (
    APPROVER,
    FAULTS,
    MAKER,
    UNSEEN,
    Change,
    Forger,
    fault,
    on_day,
    with_payload,
)

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
    FAULTS[f"name-with-{_name}"] = UNSEEN, _approved_by(_written)
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
