"""Names of issued documents: what a user calls a statement or letter to have it given again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol, TypeVar

from donors.languages import Language
from ledger import BadInput, NotFound

_SHA256 = re.compile(r"[0-9a-f]{8,64}")
"""A hash as lists show it, or longer."""
_ENTRY = re.compile(r"[0-9]{1,18}")


class IssuedName(NamedTuple):
    """What an issued document is named by."""

    names: tuple[str, ...]
    """Its number, its verification code, and what else it is called."""
    entries: tuple[int, ...]
    hashes: tuple[str, ...]
    """The SHA-256 of its files; of two documents with the same, either may be given."""

    def is_meant_by(self, name: str) -> bool:
        """Whether a name is one of its names or entries, or the beginning of a hash."""
        if name in self.names or (_ENTRY.fullmatch(name) and int(name) in self.entries):
            return True
        return bool(_SHA256.fullmatch(name)) and any(sha256.startswith(name) for sha256 in self.hashes)


class InLanguage(Protocol):
    """A document in one language."""

    @property
    def language(self) -> Language:
        """Its language."""


_T = TypeVar("_T", bound=InLanguage)


def find_issued(
    every: Iterable[_T],
    name: str,
    language: str | None,
    named: Callable[[_T], IssuedName],
    unknown: Callable[[list[str]], NotFound],
    several: Callable[[list[_T]], BadInput],
) -> _T:
    """The first issued document with a name, in a language if one is given.

    Raises `unknown` of all names when none was issued, and `several` of those found where their files differ.
    """
    by_name = [(each, named(each)) for each in every]
    found = [
        (each, its) for each, its in by_name if language in {None, each.language} and its.is_meant_by(name)
    ]
    if not found:
        raise unknown([known for _, its in by_name for known in its.names])
    if len({its.hashes for _, its in found}) > 1:
        raise several([each for each, _ in found])
    return found[0][0]
