"""Schema integrity: the tables, triggers and constraints are compared with those that the migrations make.

A journal whose triggers were dropped may still be sound, but nothing protected it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, PrimaryKeyConstraint, text

from ledger.journal.queries import head
from ledger.storage.backup_mark import MARK_TABLE, is_marked, mark_faults, mark_of
from ledger.storage.database import MEMORY, engine_at
from ledger.storage.migrations import migrate, migrations, newest_migration
from ledger.storage.schema import metadata

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

Objects = dict[tuple[str, str], str]
"""The objects of a database: the definition of each, by type and name."""


def faults(books: Connection, migration: str | None = None) -> Iterator[str]:
    """A sentence for each object that is not as the migrations make it; up to `migration`, if it is given.

    On PostgreSQL, what an earlier migration should have is known of functions and triggers alone.
    """
    earlier = migration if migration not in {None, newest_migration()} else None
    if books.dialect.name == "sqlite":
        yield from _damage(books)
        if is_marked(books):
            yield from _mark_faults(books)
        should, stands = _made_on_sqlite(earlier), _on_sqlite(books)
    else:
        should = _sealed_on_postgresql(earlier) if earlier else _made_on_postgresql()
        sorts = _SEALING if earlier else _PRESENT.keys()
        stands = _on_postgresql(books, sorts)
    for name in sorted(should.keys() | stands.keys(), key=repr):  # damage can put any type anywhere
        if should.get(name) != stands.get(name):
            yield f"the {name[0]} {name[1]} of the database is not as the migrations make it"


def _damage(books: Connection) -> Iterator[str]:
    for (problem,) in books.execute(text("PRAGMA integrity_check(1)")):
        if problem != "ok":
            yield f"the database file is damaged: {problem}"


def _mark_faults(books: Connection) -> Iterator[str]:
    """A backup has the mark that this program makes, and the head that its mark names."""
    yield from mark_faults(books)
    mark, last = mark_of(books), head(books)
    if mark is not None and mark.head != last:
        yield (
            f"the backup was taken at entry {mark.seq} {mark.hash}, "
            f"and its journal ends with entry {last.seq} {last.hash}"
        )


_REVISION = "SELECT 'revision' AS type, version_num AS name, '' AS sql FROM alembic_version"


@cache
def _made_on_sqlite(migration: str | None) -> Objects:
    fresh = engine_at(MEMORY)
    migrate(fresh, migration or "head")
    with fresh.connect() as model:
        made = _on_sqlite(model)
    fresh.dispose()
    return made


def _on_sqlite(books: Connection) -> Objects:
    rows = books.execute(text("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
    revisions = books.execute(text(_REVISION))
    found = {(row.type, row.name): row.sql for row in (*rows, *revisions)}
    found.pop(MARK_TABLE, None)  # only backups have it, and it is compared by itself
    return found


_FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\).*? SET (search_path) = (.*?) AS \$\$(.*)\$\$", re.DOTALL
)
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) .*")


def _made_on_postgresql() -> Objects:
    made: Objects = {("table", name): "" for name in metadata.tables}
    made["revision", str(_revisions().get_current_head())] = ""
    for table in metadata.tables.values():
        for constraint in table.constraints:
            # A table without a key has an empty one in the model.
            if not isinstance(constraint, PrimaryKeyConstraint) or len(constraint.columns):
                made["constraint", str(constraint.name)] = table.name
        for column in table.c:
            optional = "" if column.nullable else " never null"
            made["column", f"{table.name}.{column.name}"] = f"{_TYPES[column.type.python_type]}{optional}"
    return made | _sealed_on_postgresql(newest_migration())


_SEALING = ("function", "rule", "trigger", "view")


def _sealed_on_postgresql(migration: str) -> Objects:
    made: Objects = {}
    for statement in _seal_of_postgresql(migration):
        if function := _FUNCTION.match(statement):
            made["function", function[1]] = f"{function[2]}={function[3]} {function[4]}"
        elif trigger := _TRIGGER.match(statement):
            made["trigger", trigger[1]] = f"{trigger[0]} enabled"
    return made


_TYPES = {int: "bigint", str: "text C", bytes: "bytea"}


def _revisions() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only verification on PostgreSQL pays for it

    return ScriptDirectory(str(migrations()))


def _seal_of_postgresql(migration: str) -> list[str]:
    """What the migrations up to one say about functions and triggers, in order: the last word holds."""
    revisions = _revisions().walk_revisions(head=migration)
    modules = [revision.module for revision in reversed(list(revisions))]
    return [
        statement for each in modules if hasattr(each, "on_postgresql") for statement in each.on_postgresql()
    ]


_PRESENT = {
    "revision": "SELECT version_num, '' FROM alembic_version",
    "table": """
        SELECT tablename, '' FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'""",
    "column": """
        SELECT table_name || '.' || column_name, data_type || coalesce(' ' || collation_name, '')
            || CASE is_nullable WHEN 'NO' THEN ' never null' ELSE '' END
        FROM information_schema.columns JOIN pg_tables ON tablename = table_name
        WHERE table_schema = 'public' AND schemaname = 'public' AND tablename <> 'alembic_version'""",
    "constraint": """
        SELECT conname, relname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE contype IN ('c', 'p', 'u', 'f') AND convalidated AND relnamespace = 'public'::regnamespace
        AND relname <> 'alembic_version'""",
    "function": """
        SELECT proname, coalesce(array_to_string(proconfig, ' '), '') || ' ' || prosrc FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "rule": """
        SELECT rulename, '' FROM pg_rules WHERE schemaname = 'public'""",
    "trigger": """
        SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true)
            || CASE tgenabled WHEN 'O' THEN ' enabled' ELSE ' disabled' END
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace""",
    "view": """
        SELECT viewname, '' FROM pg_views WHERE schemaname = 'public'""",
}


def _on_postgresql(books: Connection, sorts: Iterable[str]) -> Objects:
    return {(sort, row[0]): row[1] for sort in sorts for row in books.exec_driver_sql(_PRESENT[sort])}
