"""The schema: the tables that are not projections, namely the sealed journal, accounts, evidence, proposals.

The Alembic migrations create them with the triggers that protect them; this module describes them to Python.
Optional texts are empty, never NULL, so that every column is hashed and compared in one way.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

BytewiseText = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that is compared and sorted byte by byte, on every engine alike."""

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer. SQLite's STRICT tables call it INTEGER, and refuse a fraction in it."""

PERSONAL = {"personal": True}
"""The `info` of a table of personal data, which can be erased (`ledger.storage.personal_reading`)."""

DIMENSIONS = ("term", "agreement", "activity", "grant_code", "bank_account", "donor")


def text(name: str, *, key: bool = False, added: bool = False) -> Column[str]:
    """A text column that is never NULL; one that was added to a table later is empty in its older rows."""
    return Column(name, BytewiseText, primary_key=key, nullable=False, server_default="" if added else None)


def whole(name: str, *, key: bool = False) -> Column[int]:
    """A 64-bit integer column that is never NULL; amounts are such columns."""
    return Column(name, Whole, primary_key=key, nullable=False, autoincrement=False)


account = Table(
    "account",
    metadata,
    text("code", key=True),
    text("name"),
    text("class"),
    text("requires"),
    whole("sign"),
    whole("fund_currency_only"),
    CheckConstraint("class IN ('asset', 'liability', 'use', 'memo')", name="no_revenue_class"),
    CheckConstraint(
        "(class = 'asset' AND code LIKE '1%') OR (class = 'liability' AND code LIKE '2%')"
        " OR (class = 'use' AND code LIKE '3%') OR (class = 'memo' AND code LIKE '9%')",
        name="class_of_code",
    ),
    CheckConstraint("sign IN (-1, 0, 1)", name="sign"),
    sqlite_strict=True,
)

entry = Table(
    "entry",
    metadata,
    whole("seq", key=True),
    text("effective_on"),
    text("recorded_at"),
    text("kind"),
    whole("version"),
    text("payload"),
    text("made_by"),
    text("approved_by"),
    Column("key", BytewiseText, nullable=False, unique=True),
    text("input_hash"),
    whole("reverses"),
    whole("line_count"),
    text("prev"),
    text("hash"),
    CheckConstraint("made_by <> ''", name="made_by"),
    CheckConstraint("made_by <> approved_by", name="four_eyes"),
    CheckConstraint("line_count = 0 OR approved_by <> ''", name="approved"),
    CheckConstraint("effective_on LIKE '____-__-__'", name="effective_on"),
    CheckConstraint("line_count <> 1", name="double_entry"),
    Index("ix_entry_effective_on", "effective_on"),
    sqlite_strict=True,
)

line = Table(
    "line",
    metadata,
    Column(
        "entry",
        Whole,
        ForeignKey("entry.seq", deferrable=True, initially="DEFERRED"),
        primary_key=True,
        autoincrement=False,
    ),
    whole("no", key=True),
    Column("account", BytewiseText, ForeignKey("account.code"), nullable=False),
    *(text(name) for name in DIMENSIONS),
    text("currency"),
    whole("amount"),
    whole("usd"),
    CheckConstraint("term <> ''", name="term"),
    CheckConstraint("currency <> 'USD' OR amount = usd", name="usd"),
    CheckConstraint("amount <> 0 OR usd <> 0", name="not_empty"),
    Index("ix_line_agreement", "agreement"),
    Index("ix_line_account", "account"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

evidence = Table(
    "evidence",
    metadata,
    text("sha256", key=True),
    Column("content", LargeBinary, nullable=False),
    sqlite_strict=True,
)

proposal = Table(
    "proposal",
    metadata,
    whole("id", key=True),
    text("kind"),
    whole("version"),
    text("payload"),
    text("made_by"),
    text("made_at"),
    text("status"),
    text("decided_by"),
    whole("entry"),
    whole("batch"),
    CheckConstraint("made_by <> decided_by", name="four_eyes"),
    CheckConstraint("status IN ('waiting', 'approved', 'rejected')", name="status"),
    sqlite_strict=True,
)

kept_head = Table(
    "kept_head",
    metadata,
    text("sort"),
    text("made_at"),
    whole("seq"),
    text("hash"),
    text("name"),
    CheckConstraint("sort IN ('backup', 'checkpoint')", name="sort"),
    sqlite_strict=True,
)
"""The heads that are kept outside the book: by a backup or a checkpoint, when, and under which name."""
