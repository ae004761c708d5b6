"""People check: an entry whose kind needs a second person has one, who is not the person who made it.

The database compares two names as they are written, and asks for the second one where an entry has lines.
Which other kinds need one, that `ana` is no second person beside `Ana`, and that nothing of a name is unseen,
is checked when an event is recorded, and here again.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from ledger.entry.event import Kinds
from ledger.errors import MdfmError
from ledger.people.four_eyes import require_two_people
from ledger.sentence import Sentence
from ledger.storage.schema import entry


def people_faults(books: Connection, kinds: Kinds) -> Iterator[tuple[int, str | Sentence]]:
    """What is wrong with the people of entries, each with its entry."""
    of = entry.c
    pairs = select(of.made_by, of.approved_by, func.min(of.seq)).group_by(of.made_by, of.approved_by)
    for made_by, approved_by, first in books.execute(pairs):
        try:
            require_two_people("entry", str(made_by), str(approved_by))
        except MdfmError as error:
            yield first, error.sentence
    alone = select(of.kind, of.version, of.seq).where(of.approved_by == "", of.kind.in_(_needing(kinds)))
    for kind, version, seq in books.execute(alone.order_by(of.seq)):
        if _needs(kinds, kind, version):
            yield seq, f"it was not approved by a second person, whom the {kind} needs"


def _needing(kinds: Kinds) -> list[str]:
    return [kind.event.kind for kind in kinds if kind.four_eyes]


def _needs(kinds: Kinds, name: str, version: int) -> bool:
    try:
        return kinds.named(name, version).four_eyes
    except MdfmError:  # another check names a kind that is not known
        return False
