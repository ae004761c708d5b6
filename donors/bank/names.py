"""Names: finds the donors whose name a payer's name on a bank line is, begins, or is like.

Names are alike when their words pair off, each with the same word or with a misspelt or abbreviated one, and
at most one of the two names has words left over. A name in which each lacks a word of the other is another
name, however many letters they share: City of Exampleville, City of Exampletown. Legal forms, articles and
prepositions do not count, and the common words for what a body is are the same in the languages of the table.

Distances are counted in letters (RapidFuzz), and likeness is a whole number of 100, so it is the same on
every machine.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice, takewhile
from typing import Literal, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Indel

from donors.bank.text import SHORTEST_NAME, normalise

ALIKE_MIN = 75
"""The least likeness, of 100, of two names that are alike."""
_LEFT_OVER = 10
"""What words left over in one of the names take off, beside their letters."""
_PREFILTER = 60
"""The least ratio of the sorted words of names that are compared word by word."""
_FEWEST_WORDS = 2
"""Words that two names must share to be alike."""
_SHORTEST_MISSPELT = 5
"""Letters of the shortest word in which one letter may be missing, added or swapped with the next."""
_LONG = 9
"""Letters of the shortest word in which any two letters may differ; in shorter ones, as Iceland and Ireland,
another letter makes another word."""
_SHORTEST_ABBREVIATED = 3
_PAST_ALPHABETS = "\u0530"
"""Latin, Greek and Cyrillic letters come before it. In other scripts one sign may be a whole word."""

_SAME_WORDS = """
agency agence agencia agentur
association asociacion associacao associazione assoc assn
bank banque banco banca
city ville stadt ciudad cidade città
council conseil consejo conselho
department département departamento dept dep
foundation fondation fundación fundação stiftung fondazione stichting fdn
government gouvernement gobierno governo regierung govt gov
institute institut instituto istituto inst
international internacional internationale intl
ministry ministère ministerio ministério ministerium ministero ministerie min
municipality municipalité municipalidad municipio município kommune commune comune gemeinde
national nacional nationale natl
university université universidad universidade universität università univ
"""
"""What bodies are called, one a row: English, other languages, abbreviations."""
_CANONICAL = {
    normalise(word): row.split()[0] for row in _SAME_WORDS.strip().splitlines() for word in row.split()
}
_UNCOUNTED = frozenset(
    normalise("""
    the of for and de la le les du des del los las el en et per pour para und der die das dem den für von
    van do da dos di della delle
    """).split()
)
_LEGAL_FORM_ROWS = """
ltd limited
inc incorporated
corp corporation
co company
"""
_OTHER_LEGAL_FORMS = """
llc llp plc gmbh ggmbh mbh ag kg ev eg sa sas sarl srl spa sl bv nv ab as oy aps asbl vzw pty kft sro doo
"""
_LEGAL_FORMS = {form: form for form in _OTHER_LEGAL_FORMS.split()} | {
    word: row.split()[0] for row in _LEGAL_FORM_ROWS.strip().splitlines() for word in row.split()
}
"""Legal forms as they stand at the end of a name, and how each is written here."""
_SINGLES = re.compile(r"\b(\w)((?: \w\b)+)")
_ELIDED = re.compile(r"\b(?:[ld](?= [aeiou])|[ey](?= \w\w))")
_ABBREVIATED = re.compile(rf"[^\W_]{{{_SHORTEST_ABBREVIATED},}}(?=\.\s*\w)")


class Payers(NamedTuple):
    """The donors who may be the payer of a line, by their names."""

    how: Literal["is", "begins", "is like", ""]
    """Whether the payer's name is those names, or their beginning, or like them; empty if there are none."""
    likeness: Mapping[str, int]
    """How like they are, of 100, by name."""


class _Name(NamedTuple):
    """A name in the form in which it is compared word by word."""

    words: tuple[str, ...]
    """The words that count, sorted, each once."""
    forms: frozenset[str]
    """Legal forms at its end."""
    abbreviated: frozenset[str]
    """Words with a full stop behind, except the last."""

    @classmethod
    def of(cls, text: str) -> _Name:
        joined = _SINGLES.sub(lambda found: found[0].replace(" ", ""), normalise(text))
        words = _ELIDED.sub("", joined).split()
        forms = set()
        while len(words) > 1 and words[-1] in _LEGAL_FORMS:
            forms.add(_LEGAL_FORMS[words.pop()])
        counted = {_canonical(word) for word in words if word not in _UNCOUNTED}
        abbreviated = frozenset(normalise(word) for word in _ABBREVIATED.findall(text))
        return cls(tuple(sorted(counted)), frozenset(forms), abbreviated)

    def likeness(self, other: _Name) -> int:
        """How alike two names are, of 100; 0 if they are two names."""
        if self.forms and other.forms and not self.forms & other.forms:
            return 0
        pairs = self._pairs(other)
        mine = [word for word in self.words if word not in pairs]
        theirs = [word for word in other.words if word not in pairs.values()]
        if len(pairs) < _FEWEST_WORDS or (mine and theirs):
            return 0
        one, another = " ".join([*pairs, *mine]), " ".join([*pairs.values(), *theirs])
        letters = len(one) + len(another)
        likeness = 100 * (letters - Indel.distance(one, another)) // letters
        return likeness - _LEFT_OVER if mine or theirs else likeness

    def _pairs(self, other: _Name) -> dict[str, str]:
        """Words of this name with the same ones of the other name, or the nearest that may be meant."""
        pairs = {word: word for word in self.words if word in other.words}
        left = [word for word in other.words if word not in pairs]
        for word in self.words:
            meant = [each for each in left if word not in pairs and self._may_mean(word, other, each)]
            if meant:
                pairs[word] = min(meant, key=lambda each: (OSA.distance(word, each), each))
                left.remove(pairs[word])
        return pairs

    def _may_mean(self, word: str, other: _Name, another: str) -> bool:
        """Whether a word of this name is one of the other name, misspelt or abbreviated."""
        return (
            _misspelt(word, another)
            or (word in self.abbreviated and another.startswith(word))
            or (another in other.abbreviated and word.startswith(another))
        )


class DonorNames:
    """The names of donors, in which payers are looked up."""

    def __init__(self, names: Iterable[str]) -> None:
        """Names are compared without blanks, because MT940 loses those at the end of a line."""
        self._by_compact: dict[str, list[str]] = {}
        self._by_words: dict[frozenset[str], list[str]] = {}
        self._names: dict[str, _Name] = {}
        self._sorted: dict[str, str] = {}
        for name in sorted(set(names)):
            normalised = normalise(name)
            self._by_compact.setdefault(normalised.replace(" ", ""), []).append(name)
            self._by_words.setdefault(frozenset(normalised.split()), []).append(name)
            self._names[name] = _Name.of(name)
            self._sorted[name] = " ".join(self._names[name].words)
        self._compacts = sorted(self._by_compact)
        self._found: dict[str, Payers] = {}

    def find(self, payer: str) -> Payers:
        """The names that a payer's name is; else those that it begins; else those that it is like.

        So no donor is taken for the payer because its name is near that of the donor who is.
        """
        if (found := self._found.get(payer)) is None:
            found = self._found[payer] = self._look_up(payer)
        return found

    def _look_up(self, payer: str) -> Payers:
        normalised = normalise(payer)
        compact = normalised.replace(" ", "")
        if not compact:
            return Payers("", {})
        if same := {*self._by_compact.get(compact, ()), *self._reordered(normalised.split())}:
            return Payers("is", dict.fromkeys(same, 100))
        if longer := self._begun(compact):
            return Payers("begins", dict.fromkeys(longer, 100))
        alike = self._alike(_Name.of(payer))
        return Payers("is like" if alike else "", alike)

    def _reordered(self, words: list[str]) -> Iterable[str]:
        """The names that have the same words, in any order."""
        return self._by_words.get(frozenset(words), ()) if len(words) >= _FEWEST_WORDS else ()

    def _begun(self, compact: str) -> list[str]:
        """The names that a bank may have cut off to this."""
        if len(compact) < SHORTEST_NAME:
            return []
        first = bisect_left(self._compacts, compact)
        longer = takewhile(lambda each: each.startswith(compact), islice(self._compacts, first, None))
        return [name for each in longer for name in self._by_compact[each]]

    def _alike(self, payer: _Name) -> dict[str, int]:
        """The names that are like the payer's, of which the ratio of sorted words first rules out most."""
        if len(payer.words) < _FEWEST_WORDS:
            return {}
        words = " ".join(payer.words)
        near = process.extract(words, self._sorted, scorer=fuzz.ratio, score_cutoff=_PREFILTER, limit=None)
        likeness = {name: payer.likeness(self._names[name]) for _, _, name in near}
        return {name: alike for name, alike in likeness.items() if alike >= ALIKE_MIN}


@lru_cache(maxsize=10_000)
def _canonical(word: str) -> str:
    """A word, or the first one of its row in the table, where it may be misspelt."""
    if word in _CANONICAL:
        return _CANONICAL[word]
    meant = min((each for each in _CANONICAL if _misspelt(word, each)), default=word)
    return _CANONICAL.get(meant, word)


def _misspelt(word: str, another: str) -> bool:
    """Whether two words are one, misspelt; the first letter of a word is seldom wrong, and numbers never."""
    if word[0] != another[0] or not _in_letters(word) or not _in_letters(another):
        return False
    shorter = min(len(word), len(another))
    if shorter >= _LONG:
        return OSA.distance(word, another, score_cutoff=2) <= 2
    if shorter < _SHORTEST_MISSPELT or OSA.distance(word, another, score_cutoff=1) > 1:
        return False
    return len(word) != len(another) or sorted(word) == sorted(another)


def _in_letters(word: str) -> bool:
    return word.isalpha() and max(word) < _PAST_ALPHABETS
