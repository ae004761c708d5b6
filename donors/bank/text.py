"""Text on a bank's line, and how codes and names are found in it, however banks cut and respell them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from donors.bank.statement import BankLine

_FEWEST_SPREAD = 6
"""Letters and digits of a code that is also found with blanks in it, or without its dashes."""
_FEWEST_DIGITS = 9
"""Of a code without letters; fewer may be a day, a month or a year."""
_NOTHING = re.compile(r"(?!)")
_GAP = r"[\W_]{0,2}"
_MARKS = re.compile(r"[\W_]+")
_AS_ASCII = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_UMLAUT = re.compile("([aou])e")


class LineTexts(NamedTuple):
    """What a line says: as it is written, and as names are compared."""

    written: str
    squeezed: str
    """Without capitals, blanks and marks."""
    normalised: str
    """With a blank before and after it."""
    payer_squeezed: str
    payer_words: frozenset[str]

    @classmethod
    def of(cls, line: BankLine) -> LineTexts:
        """The texts of a line."""
        written = f"{line.counterparty} {line.remittance} {line.end_to_end}"
        payer = normalise(line.counterparty)
        return cls(
            written,
            _MARKS.sub("", written.casefold()),
            f" {normalise(written)} ",
            payer.replace(" ", ""),
            frozenset(payer.split()),
        )


class Code(NamedTuple):
    """A code that is looked for in texts as a whole, also where a bank lost its marks or broke it in two."""

    squeezed: str
    whole: re.Pattern[str]

    @classmethod
    def of(cls, code: str) -> Code:
        """One that is a plain word or a short number, such as CITY or 2023, is in too many texts."""
        kept = _MARKS.sub("", code.casefold())
        if code.isalpha() or (not re.search("[^0-9]", kept) and len(kept) < _FEWEST_DIGITS):
            return cls(kept, _NOTHING)
        found = rf"(?<![A-Za-z0-9._-]){re.escape(code)}(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"
        if len(kept) >= _FEWEST_SPREAD and re.search("[0-9]", kept):
            # No digit after it: `A 2022 1` may be A-2022-1.
            found += rf"|(?<![A-Za-z0-9._-]){_GAP.join(kept)}(?!{_GAP}[0-9]|[A-Za-z]|[._-][A-Za-z])"
        return cls(kept, re.compile(found, re.IGNORECASE))

    def stands_in(self, texts: LineTexts) -> bool:
        """Whether it stands in a text; most texts do not have it at all."""
        return self.squeezed in texts.squeezed and self.whole.search(texts.written) is not None


def normalise(text: str) -> str:
    """Small letters and digits without accents; everything else is a blank.

    MÜNCHEN, MUNCHEN and MUENCHEN, as a bank writes it that has no umlauts, are the same.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_AS_ASCII))
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _UMLAUT.sub(r"\1", " ".join(re.findall(r"[^\W_]+", kept)))
