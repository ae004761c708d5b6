"""Earmarks as plain sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from donors import Earmark
from reports.words.language import N_, Words

REGION_PHRASES = {
    "Africa": N_("Africa"),
    "Arab States": N_("the Arab States"),
    "Asia and the Pacific": N_("Asia and the Pacific"),
    "Europe and North America": N_("Europe and North America"),
    "Latin America and the Caribbean": N_("Latin America and the Caribbean"),
}


def earmark_sentence(earmark: Earmark, words: Words) -> str:
    """What the money may be used for, as a sentence in the donor's language."""
    areas = [str(number) for number in earmark.work_areas]
    parts = [
        _part(words, N_("work area {names}"), N_("work areas {names}"), areas),
        _part(words, N_("cluster {names}"), N_("clusters {names}"), earmark.clusters),
        _part(words, N_("activity {names}"), N_("activities {names}"), earmark.activities),
        _cities(words, [words(REGION_PHRASES[name]) for name in earmark.regions]),
        _cities(words, [words.country(iso3) for iso3 in earmark.countries]),
        words("cities in low-income countries") if earmark.income_groups else "",
        words("cities in least developed countries") if earmark.ldc else "",
    ]
    conditions = [part for part in parts if part]
    if not conditions:
        return words("For any activity of the programme.")
    if len(conditions) > 1:  # a plain list could be read as alternatives
        return words("Only for activities that meet all of this: {what}.", what="; ".join(conditions))
    return words("For {what} only.", what=conditions[0])


def _part(words: Words, of_one: str, of_several: str, names: Sequence[str]) -> str:
    return words(of_several if len(names) > 1 else of_one, names=", ".join(names)) if names else ""


def _cities(words: Words, names: Sequence[str]) -> str:
    return words("cities in {names}", names=", ".join(names)) if names else ""
