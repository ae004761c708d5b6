"""Guards: is the database still able to refuse what it must refuse?

Its tables, triggers and constraints are compared with those that the migrations make. A journal whose
triggers were dropped may still be whole, but nothing would have kept it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Connection, text

from ledger.book import MEMORY, create_book, migrations
from ledger.events import Kinds
from ledger.schema import metadata

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

Objects = dict[tuple[str, str], str]
"""What stands in a database: the definition of each thing, by its sort and name."""


def faults(books: Connection) -> Iterator[str]:
    """What is not as the migrations make it, a sentence for each."""
    if books.dialect.name == "sqlite":
        yield from _damage(books)
        should, stands = _made_on_sqlite(), _on_sqlite(books)
    else:
        should, stands = _made_on_postgresql(), _on_postgresql(books)
    for name in sorted(should.keys() | stands.keys(), key=repr):  # damage can put any type anywhere
        if should.get(name) != stands.get(name):
            yield f"the {name[0]} {name[1]} of the database is not as the migrations make it"


def _damage(books: Connection) -> Iterator[str]:
    for (problem,) in books.execute(text("PRAGMA integrity_check(1)")):
        if problem != "ok":
            yield f"the database file is damaged: {problem}"


_REVISION = "SELECT 'revision' AS type, version_num AS name, '' AS sql FROM alembic_version"


@cache
def _made_on_sqlite() -> Objects:
    fresh = create_book(MEMORY, Kinds(()))
    with fresh.reading() as model:
        made = _on_sqlite(model)
    fresh.close()
    return made


def _on_sqlite(books: Connection) -> Objects:
    rows = books.execute(text("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
    revisions = books.execute(text(_REVISION))
    return {(row.type, row.name): row.sql for row in (*rows, *revisions)}


_FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(\).*?\$\$(.*)\$\$", re.DOTALL)
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) BEFORE (\w+) ON (\w+) .*EXECUTE FUNCTION (\w+)\(\)")


def _made_on_postgresql() -> Objects:
    made: Objects = {("table", name): "" for name in metadata.tables}
    made["revision", str(_revisions().get_current_head())] = ""
    for table in metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                made["constraint", str(constraint.name)] = table.name
    for statement in _seal_of_postgresql():
        if function := _FUNCTION.match(statement):
            made["function", function[1]] = function[2]
        elif trigger := _TRIGGER.match(statement):
            made["trigger", trigger[1]] = f"{trigger[3]} {trigger[4]} enabled"
    return made


def _revisions() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only verification on PostgreSQL pays for it

    return ScriptDirectory(str(migrations()))


def _seal_of_postgresql() -> list[str]:
    return list(_revisions().get_revision("0002").module.on_postgresql())


_STANDS = {
    "revision": "SELECT version_num, '' FROM alembic_version",
    "table": """
        SELECT tablename, '' FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'""",
    "constraint": """
        SELECT conname, relname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE contype = 'c' AND convalidated AND relnamespace = 'public'::regnamespace""",
    "function": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "trigger": """
        SELECT tgname, relname || ' ' || proname
            || CASE tgenabled WHEN 'O' THEN ' enabled' ELSE ' disabled' END
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace""",
}


def _on_postgresql(books: Connection) -> Objects:
    return {(sort, row[0]): row[1] for sort, query in _STANDS.items() for row in books.exec_driver_sql(query)}
