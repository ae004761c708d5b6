"""Text search in bank lines: finds codes and names, even where banks cut or respell them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from donors.bank.statement import BankLine

_FEWEST_SPREAD = 6
"""The fewest letters and digits of a code that is also found with blanks in it or without its dashes."""
_FEWEST_DIGITS = 9
"""The fewest digits of a code without letters; fewer may be a day, a month or a year."""
SHORTEST_NAME = 10
"""Characters without blanks. No shorter name is found in a text, and no shorter beginning of a name."""
_NOTHING = re.compile(r"(?!)")
_GAP = r"[\W_]{0,2}"
_MARKS = re.compile(r"[\W_]+")
_AS_ASCII = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_UMLAUT = re.compile("([aou])e")


class LineTexts(NamedTuple):
    """The texts of a bank line in the forms that codes and names are searched in."""

    original: str
    compact: str
    """The original in lower case, without blanks and marks."""
    normalised: str
    """The original as `normalise` returns it, with a blank before and after."""
    beside_payer: str
    """The same without the payer's name."""
    payer: str
    """The payer's name as the bank writes it."""

    @classmethod
    def of(cls, line: BankLine) -> LineTexts:
        """The texts of a line."""
        original = f"{line.counterparty} {line.remittance} {line.end_to_end}"
        return cls(
            original,
            _MARKS.sub("", original.casefold()),
            f" {normalise(original)} ",
            f" {normalise(f'{line.remittance} {line.end_to_end}')} ",
            line.counterparty,
        )


class Code(NamedTuple):
    """A pattern that finds a whole code in texts, also without its marks or broken by blanks."""

    compact: str
    whole: re.Pattern[str]

    @classmethod
    def of(cls, code: str) -> Code:
        """The pattern of a code; it never matches for a plain word or a short number, such as CITY or 2023.

        Too many texts have those.
        """
        kept = _MARKS.sub("", code.casefold())
        if code.isalpha() or (not re.search("[^0-9]", kept) and len(kept) < _FEWEST_DIGITS):
            return cls(kept, _NOTHING)
        found = rf"(?<![A-Za-z0-9._-]){re.escape(code)}(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"
        if len(kept) >= _FEWEST_SPREAD and re.search("[0-9]", kept):
            # No digit may follow: `A 2022 1` may be A-2022-1 and not A-2022.
            found += rf"|(?<![A-Za-z0-9._-]){_GAP.join(kept)}(?!{_GAP}[0-9]|[A-Za-z]|[._-][A-Za-z])"
        return cls(kept, re.compile(found, re.IGNORECASE))

    def found_in(self, texts: LineTexts) -> bool:
        """Whether the code is in the texts; a substring search first rules out most texts quickly."""
        return self.compact in texts.compact and self.whole.search(texts.original) is not None


def normalise(text: str) -> str:
    """Lower-case letters and digits without accents; any other characters become one blank.

    MÜNCHEN, MUNCHEN and MUENCHEN, the spelling of banks without umlauts, are the same.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_AS_ASCII))
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _UMLAUT.sub(r"\1", " ".join(re.findall(r"[^\W_]+", kept)))
