"""Roles on PostgreSQL: who records can add to the journal and never change it; who reads can change nothing.

Only the contacts can be emptied: they are personal data, and no part of the journal.

SQLite has no roles: there, whoever can write the file owns the book.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RECORDER, READER = "mdfm_recorder", "mdfm_reader"
ADD_ONLY = ("entry", "line", "evidence")
NEVER_WRITTEN = ("account", "alembic_version")
ERASABLE = "contact"
"""Personal data, which is no part of the journal."""


def upgrade() -> None:
    """Make the roles where they are missing, and give each what its work needs."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for role in (RECORDER, READER):
        bind.exec_driver_sql(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}')"
            f" THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
        )
        # Who was given the role need not have the right to give it on.
        if not bind.exec_driver_sql(f"SELECT pg_has_role('{role}', 'USAGE')").scalar_one():
            bind.exec_driver_sql(f"GRANT {role} TO CURRENT_USER")
        bind.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {role}")
        bind.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    tables = (
        bind.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars().all()
    )
    for table in tables:
        if table in NEVER_WRITTEN:
            continue
        rights = "INSERT" if table in ADD_ONLY else "INSERT, UPDATE"
        bind.exec_driver_sql(f'GRANT {rights} ON "{table}" TO {RECORDER}')
    bind.exec_driver_sql(f"GRANT TRUNCATE ON {ERASABLE} TO {RECORDER}")


def downgrade() -> None:
    """Refused: see the message."""
    raise NotImplementedError("a sealed journal is never taken apart: restore a copy instead")
