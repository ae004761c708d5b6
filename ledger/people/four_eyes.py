"""Four eyes: nobody approves what they recorded or proposed themselves, in whatever spelling of their name.

Names are typed, not proved. They are compared as people see them, so that no second person is made from the
first by a character that nobody sees; letters of another alphabet that look alike remain other letters.
"""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category, normalize

from ledger.errors import Refused

_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols in name, of which nothing is printed."""


def require_two_people(kind: str, made_by: str, approved_by: str) -> None:
    """Refuse an approval by the person who recorded the event; an empty name approves nothing.

    Refused, too, when one of the names has what nobody can see. The database compares the two names once more
    when it seals the entry.
    """
    for name in filter(None, (made_by, approved_by)):
        require_visible(name)
    if approved_by and is_same_person(made_by, approved_by):
        raise Refused(
            "approver-is-maker",
            "{made_by} cannot approve this too ({kind}): another person must.",
            made_by=made_by,
            kind=kind,
        )


def is_same_person(name: str, other: str) -> bool:
    """Whether two names look alike but for case, spaces, accents and the form of their characters.

    So `ana` does not approve what `Ana` made.
    """
    return folded_name(name) == folded_name(other)


@lru_cache(1000)
def folded_name(name: str) -> str:
    """A name without what two spellings of it may differ by; empty if nothing of it can be seen.

    Unicode's NFKD and full case folding, without marks, without characters that are not printed, and with any
    run of white space as one space (docs/judging-entries.md).
    """
    name = normalize("NFKD", normalize("NFKD", name).casefold())
    seen = (char for char in name if char.isspace() or not (_is_unseen(char) or _is_mark(char)))
    return " ".join("".join(seen).split())


def require_visible(name: str) -> None:
    """Refuse a name that has nothing to see, or something that nobody sees."""
    if fault := name_fault(name):
        raise Refused(
            "name-not-visible",
            "The name {name} cannot stand for a person who records, approves or rejects: {why}.",
            name=ascii(name),
            why=fault,
        )


def name_fault(name: str) -> str:
    """Why a name cannot stand for a person who records, approves or rejects; empty if it can."""
    unseen = next(filter(_is_unseen, name), "")
    if unseen:
        return f"it has the character U+{ord(unseen):04X}, which nobody sees; write it without"
    return "" if folded_name(name) else "nothing of it can be seen"


def _is_unseen(char: str) -> bool:
    return category(char)[0] == "C" or char in _FILLERS


def _is_mark(char: str) -> bool:
    return category(char) in ("Mn", "Me")
