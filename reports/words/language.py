"""The language of a report: its texts, and its formats for figures, dates and country names.

English is the source text. The other languages are gettext catalogues, `reports/words/locale/<language>.po`,
read without compiling. `reports.pot` beside them has all texts (`make texts`), and a language that lacks one
is an error. Numbers are formatted by the Unicode CLDR through Babel, from integers by way of Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.core import get_global
from babel.dates import format_date
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_currency, format_decimal

from donors import LANGUAGES, SOURCE_LANGUAGE
from ledger import BadInput, scale

CATALOGUES = Path(__file__).parent / "locale"
TEMPLATE = "reports.pot"
"""The file beside the catalogues with every text that a report may need."""
_NAMED_MISSING = 3
"""How many missing texts an error quotes."""

# ReportLab breaks lines at French's narrow no-break space, so the wide one takes its place.
_NARROW_SPACE, _SPACE = "\u202f", "\u00a0"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it, known to every extraction tool
    """Mark a text in a constant for translation."""
    return text


UN_NAMES = {
    "BN": N_("Brunei Darussalam"),
    "BO": N_("Plurinational State of Bolivia"),
    "BY": N_("Belarus"),
    "CD": N_("Democratic Republic of the Congo"),
    "CG": N_("Congo"),
    "CV": N_("Cabo Verde"),
    "FM": N_("Federated States of Micronesia"),
    "IR": N_("Islamic Republic of Iran"),
    "KG": N_("Kyrgyzstan"),
    "KP": N_("Democratic People’s Republic of Korea"),
    "KR": N_("Republic of Korea"),
    "LA": N_("Lao People’s Democratic Republic"),
    "MD": N_("Republic of Moldova"),
    "MM": N_("Myanmar"),
    "PS": N_("State of Palestine"),
    "RU": N_("Russian Federation"),
    "SY": N_("Syrian Arab Republic"),
    "SZ": N_("Eswatini"),
    "TL": N_("Timor-Leste"),
    "TR": N_("Türkiye"),
    "TZ": N_("United Republic of Tanzania"),
    "US": N_("United States of America"),
    "VE": N_("Bolivarian Republic of Venezuela"),
    "VN": N_("Viet Nam"),
}
"""Countries whose United Nations name differs from the CLDR name in one of the languages."""


@dataclass(frozen=True)
class Words:
    """One language: call it with an English text to get the translation, with `{names}` filled in."""

    language: str
    locale: Locale
    """The CLDR locale for figures and dates."""
    texts: Mapping[str, str]
    """Translation of each English text; empty for English itself."""

    def __call__(self, text: str, /, **values: object) -> str:
        """The translated text, its `{names}` filled in; BadInput for one that is not in the catalogue."""
        if self.language != SOURCE_LANGUAGE and text not in self.texts:
            raise _missing(self.language, [text])
        translated = self.texts.get(text, text)
        return translated.format(**values) if values else translated

    def counted(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The singular or plural text for `count`, which fills `{count}`; 0 is plural except in French."""
        text = one if self.locale.plural_form(count) == "one" else many
        return self(text, count=self.number(count), **values)

    def amount(self, minor: int, currency: str = "USD") -> str:
        """An amount in minor units without its currency, for a column whose heading names it: `1,234.50`."""
        decimals = scale(currency)
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return self._spaced(format_decimal(_units(minor, currency), format=pattern, locale=self.locale))

    def money(self, minor: int, currency: str) -> str:
        """An amount in minor units with its ISO 4217 code before or after it, as the language does."""
        digits = self.amount(minor, currency)
        code_first = self.locale.currency_formats["standard"].pattern.startswith("¤")
        return f"{currency}{_SPACE}{digits}" if code_first else f"{digits}{_SPACE}{currency}"

    def usd(self, cents: int) -> str:
        """USD cents with the dollar sign of the language: `US$1,234.50`, `1 234,50 $US`."""
        return self._spaced(format_currency(_units(cents, "USD"), "USD", locale=self.locale))

    def decimal(self, digits: str) -> str:
        """A decimal number given in plain digits, such as an exchange rate, with all its decimals."""
        number = Decimal(digits)
        return self._spaced(format_decimal(number, locale=self.locale, decimal_quantization=False))

    def number(self, whole: int) -> str:
        """A count, with its thousands grouped."""
        return self._spaced(format_decimal(whole, locale=self.locale))

    def percent(self, basis_points: int) -> str:
        """Basis points as a percentage, exactly: 1234 is `12.34%`."""
        space = _SPACE if "\u00a0" in self.locale.percent_formats[None].pattern else ""
        digits = format_decimal(Decimal(basis_points).scaleb(-2), format="#,##0.00", locale=self.locale)
        return self._spaced(f"{digits}{space}%")

    def long_date(self, day: date) -> str:
        """A date in full: `31 December 2021`."""
        return self._date(day, "long")

    def short_date(self, day: date) -> str:
        """A date for a narrow column; the month is in letters so that it cannot be taken for the day."""
        return self._date(day, "medium")

    def country(self, code: str) -> str:
        """The name of a country from its ISO 3166-1 code (two or three letters), or the code if it has none.

        Names are those of the United Nations terminology database, UNTERM.
        """
        two_letters = get_global("territory_aliases").get(code, [code])[0]
        if two_letters in UN_NAMES:
            return self(UN_NAMES[two_letters])
        return str(self.locale.territories.get(two_letters, code))

    def _date(self, day: date, manner: Literal["long", "medium"]) -> str:
        written = self._spaced(format_date(day, manner, self.locale))
        # French writes the first of a month as an ordinal number, which CLDR leaves out.
        return f"1er{written[1:]}" if self.language == "fr" and day.day == 1 else written

    @staticmethod
    def _spaced(text: str) -> str:
        return text.replace(_NARROW_SPACE, _SPACE)


def _units(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-scale(currency))


@cache
def words_in(language: str) -> Words:
    """The words of a language; BadInput for an unknown one, or if its catalogue is missing or incomplete."""
    if language not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise BadInput(
            "unknown-language",
            "Reports are not written in '{language}': choose one of {known}.",
            language=language,
            known=known,
        )
    texts = {} if language == SOURCE_LANGUAGE else _translations(language)
    return Words(language, Locale.parse(LANGUAGES[language]), texts)


def _translations(language: str) -> dict[str, str]:
    file = CATALOGUES / f"{language}.po"
    if not file.is_file():
        raise BadInput(
            "language-catalogue-missing",
            "There is no catalogue of the language '{language}': make {file} from {template}.",
            language=language,
            file=file,
            template=TEMPLATE,
        )
    found = _texts_in(file)
    if missing := [text for text in _texts_in(CATALOGUES / TEMPLATE) if not found.get(text)]:
        raise _missing(language, missing)
    return found


def _texts_in(path: Path) -> dict[str, str]:
    """The texts of a catalogue with their translations, without those marked as doubtful (fuzzy)."""
    try:
        with path.open("rb") as file:
            messages = list(read_po(file, abort_invalid=True))
    except (OSError, ValueError, PoFileError) as error:
        raise BadInput(
            "language-catalogue-not-readable",
            "The catalogue {path} cannot be read: {why}.",
            path=path,
            why=error,
        ) from None
    return {str(each.id): str(each.string or "") for each in messages if each.id and not each.fuzzy}


def _missing(language: str, texts: Sequence[str]) -> BadInput:
    quoted = ", ".join(f"“{text}”" for text in texts[:_NAMED_MISSING])
    more = f" and {len(texts) - _NAMED_MISSING:,} more" if len(texts) > _NAMED_MISSING else ""
    return BadInput(
        "catalogue-incomplete",
        "The catalogue of the language '{language}' lacks {texts}{more}: add them to {language}.po.",
        language=language,
        texts=quoted,
        more=more,
    )
