"""Contacts: the people at a donor to whom the fund writes; erasable, so never a part of the journal.

What is personal stands in this one table, keyed by the donor, beside the journal and not part of it: no
event, export, seal or register has it, and a replay leaves it alone.
"""

from __future__ import annotations

from sqlalchemy import Table

from ledger import metadata, text

contact = Table(
    "contact",
    metadata,
    text("donor", key=True),
    text("name", key=True),
    text("role"),
    text("email"),
    text("phone"),
    text("address"),
    sqlite_strict=True,
)
