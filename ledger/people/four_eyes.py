"""Four eyes: nobody approves what they recorded or proposed themselves."""

from __future__ import annotations

from ledger.errors import Refused


def require_two_people(kind: str, made_by: str, approved_by: str) -> None:
    """Refuse an approval by the person who recorded the event; an empty name approves nothing.

    The database compares the two names once more when it seals the entry.
    """
    if approved_by and is_same_person(made_by, approved_by):
        raise Refused(
            "approver-is-maker",
            "{made_by} cannot approve this too ({kind}): another person must.",
            made_by=made_by,
            kind=kind,
        )


def is_same_person(name: str, other: str) -> bool:
    """Whether two names differ by case and spaces at most, so that `ana` does not approve what `Ana` made."""
    return _folded(name) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
