"""Faults of an export with contacts and letters."""

from __future__ import annotations

import base64
from typing import Any

from tests.support.published_exports.forger import Forger, personal_fault, with_payload

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
