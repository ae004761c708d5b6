"""Tables of personal data beside the journal, which an export has only when somebody asks for them.

Other packages have such tables: the book names a person at a donor, and this package knows no donors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table


class PersonalTable(NamedTuple):
    """A table of personal data, and what its rows must be beside the books that they belong to."""

    table: Table
    require_valid: Callable[[Connection, Mapping[str, Any]], None]
    """Raises an error for a row that this program would not have written."""
