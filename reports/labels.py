"""The names that readers see for the codes of the books: donor types, earmarks, kinds and categories."""

from __future__ import annotations

from collections.abc import Mapping

from reports.language import N_, Words

DONOR_TYPES = {
    "city": N_("Member city"),
    "government": N_("Government of a Member State"),
    "multilateral": N_("International financial institution or multilateral"),
    "private": N_("Company, philanthropy or foundation"),
    "civil-society": N_("Civil society"),
}
EARMARKS = {
    "unearmarked": N_("Unearmarked"),
    "softly": N_("Softly earmarked"),
    "earmarked": N_("Earmarked"),
    "tightly": N_("Tightly earmarked"),
}
"""Degrees of earmarking of the Grand Bargain."""

OUTSTANDING = {"pledge": N_("Pledge"), "receivable": N_("Receivable")}
IN_KIND = {
    "goods": N_("Goods"),
    "service": N_("Service"),
    "hosting": N_("Hosting"),
    "secondment": N_("Secondment of staff"),
}
CATEGORIES = {
    "3110": N_("Staff and other personnel costs"),
    "3120": N_("Supplies, commodities and materials"),
    "3130": N_("Equipment, vehicles and furniture"),
    "3140": N_("Contractual services"),
    "3150": N_("Travel"),
    "3160": N_("Transfers and grants to counterparts"),
    "3170": N_("General operating and other direct costs"),
    "3180": N_("Indirect programme support costs"),
    "3900": N_("Losses and write-offs"),
}
"""The UN harmonised expense categories by account, and what was lost."""


def label(labels: Mapping[str, str], code: str, words: Words) -> str:
    """The name of a code in the reader's language; a code without a name speaks for itself."""
    return words(labels[code]) if code in labels else code
