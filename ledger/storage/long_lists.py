"""Long lists: a condition that a column has one of any number of values, given as one parameter.

SQLAlchemy's `in_` gives each value a parameter of its own, and a statement takes only so many: 32,766 on
SQLite (sqlite.org/limits.html), 65,535 on PostgreSQL. Use `one_of` wherever a list may grow with the books.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Text,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def one_of(
    column: Column[Any], values: Collection[str] | Collection[int] | BindParameter[Any]
) -> ColumnElement[bool]:
    """Whether a column has one of these values, texts or whole numbers; never where there are none.

    For a statement that is built once, `values` is a parameter: `one_of(column, bindparam("codes"))`.
    """
    type_ = _ValueList(Text() if column.type.python_type is str else BigInteger())
    if isinstance(values, BindParameter):
        return _OneOf(column, bindparam(values.key, type_=type_))
    return _OneOf(column, bindparam(None, list(values), type_=type_))


class _ValueList(TypeDecorator[Sequence[Any]]):
    """A list of values as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class _OneOf(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True


@compiles(_OneOf, "sqlite")
def _on_sqlite(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"


@compiles(_OneOf, "postgresql")
def _on_postgresql(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} = ANY ({values}))"
