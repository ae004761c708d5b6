"""Runs the migrations over the connection that `ledger.book` hands in, all in its one transaction."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=False)
context.run_migrations()
