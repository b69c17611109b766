"""Statements that run so often that building and planning them anew would cost more than running them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, LiteralString, TypeVar

from django.db import connection
from django.db.models import JSONField, Model
from psycopg import Cursor, sql

M = TypeVar("M", bound=Model)
Statement = LiteralString | bytes


def fetch_prepared(statement: Statement, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the one row of a statement that is prepared on the server."""
    (row,) = fetch_all_prepared(statement, values)
    return row


def fetch_all_prepared(statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that is prepared on the server."""
    with _prepared(statement, values) as cursor:
        return cursor.fetchall()


def run_prepared(statement: Statement, values: Mapping[str, Any]) -> int:
    """Run a statement that is prepared on the server; return how many rows it wrote."""
    with _prepared(statement, values) as cursor:
        return cursor.rowcount


@contextmanager
def _prepared(statement: Statement, values: Mapping[str, Any]) -> Iterator[Cursor[tuple[Any, ...]]]:
    """The cursor of a prepared statement. Django's own cursors cannot prepare, and its connections forbid it.

    Where Django logs its queries, these are logged. Of a table with history they note nobody: use them for none such.
    """
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement if isinstance(statement, str) else statement.decode()})
    server = connection.connection
    server.prepare_threshold = 0
    try:
        with connection.wrap_database_errors, Cursor(server) as cursor:
            yield cursor.execute(statement, values)
    finally:
        server.prepare_threshold = None


def statement_of(text: LiteralString, **parts: sql.Composable) -> bytes:
    """Return a statement with its parts put in, as `fetch_prepared` takes it: written out once, not at each call."""
    return sql.SQL(text).format(**parts).as_bytes()


@cache
def columns_of(model: type[Model], alias: str, *without: str) -> sql.Composed:
    """Return the columns of a model's table under an alias, in the order that `row_as` takes them in.

    without: names of fields to leave out.
    """
    names = (sql.Identifier(alias, field.column) for field in _fields_of(model, *without))
    return sql.SQL(", ").join(names)


def row_as(model: type[M], row: Sequence[Any], *without: str) -> M:
    """Return a row of `columns_of` as the model that Django would have made of it; what was left out is deferred."""
    names, of_json = _names_of(model, *without)
    values = list(row)
    for at, field in of_json:
        values[at] = field.from_db_value(values[at], None, connection)
    return model.from_db("default", names, values)


def _fields_of(model: type[Model], *without: str) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.name not in without]


@cache
def _names_of(model: type[Model], *without: str) -> tuple[list[str], list[tuple[int, Any]]]:
    """The names of a model's fields, and those that come as text of JSON with their places."""
    fields = _fields_of(model, *without)
    of_json = [(at, field) for at, field in enumerate(fields) if isinstance(field, JSONField)]
    return [field.attname for field in fields], of_json
