"""The languages in which the fund writes to its donors: their one list.

A language is a line in `LANGUAGES` and a catalogue of texts, `reports/words/locale/<language>.po`.
`CONTRIBUTING.md` has the recipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from babel import Locale
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

SOURCE_LANGUAGE = "en"
"""The language of the texts in the sources, which needs no catalogue."""

LANGUAGES = {
    "en": "en_001",  # international English: the day comes first and dollars are US$
    "fr": "fr",
    "es": "es",
}
"""Each language by its ISO 639-1 code, with its CLDR locale for figures, dates and country names."""


def _known(language: str) -> str:
    if language not in LANGUAGES:
        *others, last = (repr(each) for each in LANGUAGES)
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(others)} or {last}"})
    return language


Language = Annotated[str, AfterValidator(_known), WithJsonSchema({"enum": list(LANGUAGES), "type": "string"})]
"""One of `LANGUAGES`."""


def language_name(language: str, in_language: str) -> str:
    """The name of a language in a language, such as `French`."""
    return str(Locale.parse(language).get_language_name(in_language))


def text_in(texts: Mapping[str, str], language: str) -> str:
    """A text in a language; empty if it is in none.

    Where it is missing or empty, the first one found in the order of `LANGUAGES`, and then of other codes,
    takes its place.
    """
    order = (language, *LANGUAGES, *sorted(texts))
    return next((texts[each] for each in order if texts.get(each)), "")
