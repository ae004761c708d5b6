"""Filters of what is read: a code that the books do not have is an error, not an empty list."""

from __future__ import annotations

from sqlalchemy import Connection

from allocation import clusters_of, get_activity, get_grant
from donors import get_agreement, get_donor
from ledger import NOW, NotFound, get_term, nearest


def require_known(
    books: Connection,
    known_at: int = NOW,
    *,
    term: str | None = None,
    donor: str | None = None,
    agreement: str | None = None,
    grant: str | None = None,
    activity: str | None = None,
    cluster: str | None = None,
) -> None:
    """Raise NotFound for a code that was not in the books then; what is None or empty does not filter.

    An activity or a cluster is of the programme of a term, and is looked up where the term is given too. A
    grant is looked up in the books as they are now.
    """
    if term:
        get_term(books, term, known_at)
    if donor:
        get_donor(books, donor, known_at)
    if agreement:
        get_agreement(books, agreement, known_at)
    if grant:
        get_grant(books, grant)
    if term and activity:
        get_activity(books, term, activity, known_at)
    if term and cluster and cluster not in (offered := clusters_of(books, term, known_at)):
        raise NotFound(
            "programme-cluster-not-found",
            "There is no cluster '{cluster}' in the programme of the term {term}{nearest}.",
            cluster=cluster,
            term=term,
            nearest=nearest(cluster, offered),
        )
