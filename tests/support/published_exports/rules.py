"""The published rules of exports: `docs/export-rules.json`, and the tables of `docs/judging-entries.md`.

`python -m tests.support.published_exports.rules` writes both anew, after a change that is meant. A kind of
event in a version that was released keeps its rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ledger import rules_text
from ledger.audit.export_rules import export_rules
from mdfm.books import ALL_KINDS
from tests.support.exports import PUBLISHED
from tests.support.place import ROOT

PAGE = ROOT / "docs" / "judging-entries.md"
TABLE = re.compile(r"(?<=<!-- (kinds|chart) -->\n)\|.*?(?=\n\n|\Z)", re.DOTALL)


def tables() -> dict[str, str]:
    """The tables as Markdown, by the name in the comment before each."""
    rules = export_rules(ALL_KINDS)
    return {
        "kinds": _table(("kind", "version", "second person", "can be reversed"), map(_kind, rules["kinds"])),
        "chart": _table(
            ("account", "name", "class", "requires", "balance", "in", "allotment"),
            map(_account, rules["chart"]),
        ),
    }


def rewritten(page: str) -> str:
    """The page with its tables as they are now."""
    made = tables()
    return TABLE.sub(lambda match: made[match[1]].rstrip("\n"), page).rstrip("\n") + "\n"


def _kind(kind: dict[str, Any]) -> Sequence[str]:
    needed = "needed" if kind["second_person"] else "only with lines"
    return f"`{kind['kind']}`", str(kind["version"]), needed, "yes" if kind["reversible"] else "no"


def _account(account: dict[str, Any]) -> Sequence[str]:
    requires = ", ".join(f"`{name}`" for name in account["requires"]) or "-"
    currency = "USD" if account["dollars_only"] else "any"
    name = account["name"]
    return (
        account["code"],
        name,
        account["class"],
        requires,
        account["side"],
        currency,
        account["allotment"] or "-",
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    PUBLISHED.write_text(rules_text(ALL_KINDS), encoding="utf-8")
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), encoding="utf-8")
