"""The rules by which a stranger judges an entry: they stand in the header of every export (docs/export.md).

They are the kinds of events with what each needs, the chart of accounts, and the limits of numbers and texts.
An export may have fewer of them than the program that reads it, and stricter ones where a later program asks
for less, but never weaker ones.
"""

from __future__ import annotations

from typing import Any

from ledger.accounts import CHART, Account
from ledger.audit.strict_json import DEEPEST, LONGEST_LINE
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


def weakened(given: Any, kinds: Kinds) -> str | None:
    """What the rules of an export say otherwise than this program, or None.

    A kind that this program does not know is no fault: an entry of it is one.
    """
    known = export_rules(kinds)
    try:
        for account in given["chart"]:
            if account not in known["chart"]:
                return f"the account {account['code']}"
        kinds_known = {(kind["kind"], kind["version"]): kind for kind in known["kinds"]}
        for kind in given["kinds"]:
            own = kinds_known.get((kind["kind"], kind["version"]), kind)
            as_strict = kind | {
                "second_person": own["second_person"] or kind["second_person"] is True,
                "reversible": own["reversible"] and kind["reversible"] is True,
            }
            if kind != as_strict or kind.keys() != own.keys():
                return f"the kind {kind['kind']} version {kind['version']}"
    except (TypeError, KeyError, AttributeError):
        return "rules in another form"
    if given != {"chart": given["chart"], "kinds": given["kinds"], "limits": LIMITS}:
        return "the limits"
    return None


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
