"""The rules by which a stranger judges an entry: they stand in the header of every export (docs/export.md).

They are the kinds of events with what each needs, the chart of accounts, and the limits of numbers and texts.
An export may have fewer of them than the program that reads it, and stricter ones where a later program asks
for less, but never weaker ones.
"""

from __future__ import annotations

from typing import Any

from ledger.accounts import CHART, Account
from ledger.audit.strict_json import DEEPEST, LONGEST_LINE, Unlawful
from ledger.entry.canonical import canonical_json
from ledger.entry.event import Kinds
from ledger.money import LARGEST
from ledger.projections.balances import ALLOTMENT, ALLOTTED

LIMITS = {"depth": DEEPEST, "line": LONGEST_LINE, "number": LARGEST}

_SIDES = {1: "debit", -1: "credit", 0: "either"}


def export_rules(kinds: Kinds) -> dict[str, Any]:
    """The rules as they stand in the header of an export."""
    return {
        "chart": [_account(account) for _, account in sorted(CHART.items())],
        "kinds": [
            _kind(kinds, kind.event.kind, version)
            for kind in sorted(kinds, key=lambda kind: kind.event.kind)
            for version in range(1, kind.event.version + 1)
        ],
        "limits": LIMITS,
    }


def rules_text(kinds: Kinds) -> str:
    """The rules as one line of canonical JSON: the file `docs/export-rules.json`."""
    return canonical_json(export_rules(kinds)) + "\n"


class GivenRules:
    """The rules in the header of an export, which are as strict as this program's; Unlawful if they are not.

    A kind that this program does not know is no fault: an entry of it is one.
    """

    def __init__(self, given: Any, kinds: Kinds) -> None:
        known = export_rules(kinds)
        own_kinds = {(kind["kind"], kind["version"]): kind for kind in known["kinds"]}
        if not isinstance(given, dict) or given.keys() != known.keys() or given["limits"] != LIMITS:
            raise Unlawful("the header has other limits than this program, or rules of another form")
        self.kinds: dict[tuple[str, int], dict[str, Any]] = {}
        for kind in _in_form(given["kinds"], _KIND):
            own = own_kinds.get((kind["kind"], kind["version"]), kind)
            weaker = kind["second_person"] < own["second_person"] or kind["reversible"] > own["reversible"]
            if weaker or (kind["kind"], kind["version"]) in self.kinds:
                raise Unlawful(f"the header has other rules than this program for the kind {kind['kind']}")
            self.kinds[kind["kind"], kind["version"]] = kind
        self.accounts: set[str] = set()
        for account in _in_form(given["chart"], _ACCOUNT):
            if account not in known["chart"] or account["code"] in self.accounts:
                raise Unlawful(
                    f"the header has other rules than this program for the account {account['code']}"
                )
            self.accounts.add(account["code"])


_KIND: dict[str, type] = {"kind": str, "reversible": bool, "second_person": bool, "version": int}
_ACCOUNT: dict[str, type] = dict.fromkeys(("allotment", "class", "code", "name", "side"), str)
_ACCOUNT |= {"dollars_only": bool, "requires": list}


def _in_form(rules: object, form: dict[str, type]) -> list[dict[str, Any]]:
    if not isinstance(rules, list):
        raise Unlawful("the header has rules of another form")
    for rule in rules:
        if not isinstance(rule, dict) or {name: type(held) for name, held in rule.items()} != form:
            raise Unlawful("the header has rules of another form")
    return rules


def _account(account: Account) -> dict[str, Any]:
    figure = ALLOTTED.get(account.code)
    return {
        "allotment": "" if figure is None else ALLOTMENT.figures[figure],
        "class": account.account_class,
        "code": account.code,
        "dollars_only": account.fund_currency_only,
        "name": account.name,
        "requires": list(account.requires),
        "side": _SIDES[account.sign],
    }


def _kind(kinds: Kinds, name: str, version: int) -> dict[str, Any]:
    kind = kinds.named(name, version)
    return {
        "kind": name,
        "reversible": kind.reversible,
        "second_person": kind.four_eyes,
        "version": version,
    }
