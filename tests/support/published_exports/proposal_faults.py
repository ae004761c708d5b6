"""Faults of what stands beside entries: evidence, proposals and the header."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from tests.support.published_exports.forger import APPROVER, MAKER, UNSEEN, Forger, fault, with_payload

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


@fault("proposal-of-a-name-that-is-not-seen", UNSEEN)
def _(forger: Forger) -> Any:
    wrong = forger.proposal(6)
    wrong["proposal"]["made_by"] = "\u200b"
    return wrong


@fault("proposal-decided-by-a-name-that-is-not-seen", UNSEEN)
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
