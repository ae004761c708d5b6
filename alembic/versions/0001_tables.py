"""The tables of a book: the journal, what stands beside it, and the registers.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def whole() -> sa.types.TypeEngine[int]:
    """A 64-bit integer; SQLite's STRICT tables call it INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:


def downgrade() -> None:
    raise NotImplementedError("a sealed journal is never taken apart: restore a copy instead")
