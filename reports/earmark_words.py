"""Earmarks in plain sentences, in the reader's language."""

from __future__ import annotations

from donors import Earmark
from reports.language import N_, Words

REGIONS = {
    "Africa": N_("Africa"),
    "Arab States": N_("the Arab States"),
    "Asia and the Pacific": N_("Asia and the Pacific"),
    "Europe and North America": N_("Europe and North America"),
    "Latin America and the Caribbean": N_("Latin America and the Caribbean"),
}


def earmark_sentence(earmark: Earmark, words: Words) -> str:
    """What the money may be used for, said to the donor who gave it."""
    parts = [
        _part(words, N_("work areas {names}"), [str(number) for number in earmark.work_areas]),
        _part(words, N_("clusters {names}"), earmark.clusters),
        _part(words, N_("activities {names}"), earmark.activities),
        _part(words, N_("cities in {names}"), [words(REGIONS[name]) for name in earmark.regions]),
        _part(words, N_("cities in {names}"), [words.country(iso3) for iso3 in earmark.countries]),
        words("cities in low-income countries") if earmark.income_groups else "",
        words("cities in least developed countries") if earmark.ldc else "",
    ]
    told = [part for part in parts if part]
    if not told:
        return words("For any activity of the programme.")
    return words("For {what} only.", what="; ".join(told))


def _part(words: Words, pattern: str, names: list[str] | tuple[str, ...]) -> str:
    return words(pattern, names=", ".join(names)) if names else ""
