"""Filters of lists: a code that nobody knows is an error, not an empty list."""

from __future__ import annotations

from sqlalchemy import Connection

from allocation import clusters_of, get_activity, get_grant
from donors import get_agreement, get_donor
from ledger import get_term, nearest
from mdfm.cli.console import Misused


def require_known(
    books: Connection,
    *,
    term: str | None = None,
    donor: str | None = None,
    agreement: str | None = None,
    grant: str | None = None,
    activity: str | None = None,
    cluster: str | None = None,
) -> None:
    """Raise NotFound for a code that is not in the books; what is None or empty does not filter.

    An activity or a cluster is of the programme of a term, and is looked up where the term is given too.
    """
    if term:
        get_term(books, term)
    if donor:
        get_donor(books, donor)
    if agreement:
        get_agreement(books, agreement)
    if grant:
        get_grant(books, grant)
    if term and activity:
        get_activity(books, term, activity)
    if term and cluster and cluster not in (offered := clusters_of(books, term)):
        hint = nearest(cluster, offered)
        raise Misused(f"There is no cluster '{cluster}' in the programme of the term {term}{hint}.")
