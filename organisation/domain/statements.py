"""Statements that run so often that building and planning them anew would cost more than running them."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, LiteralString, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import JSONField, Model
from psycopg import Connection, OperationalError, sql
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.numeric import Int8Dumper

M = TypeVar("M", bound=Model)
Statement = LiteralString | bytes


def fetch_prepared(statement: Statement, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the one row of a statement that is prepared on the server."""
    (row,) = fetch_all_prepared(statement, values)
    return row


def fetch_all_prepared(statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that is prepared on the server."""
    server = _server(statement)
    result = server.run(statement, values)
    server.transformer.set_pgresult(result)
    return server.transformer.load_rows(0, result.ntuples, tuple)


def fetch_bytes_prepared(statement: Statement, values: Mapping[str, Any]) -> list[bytes | None]:
    """Return the values of the one row of a statement that is prepared on the server, as PostgreSQL keeps them."""
    result = _server(statement).run(statement, values, is_binary=True)
    return [result.get_value(0, column) for column in range(result.nfields)]


def run_prepared(statement: Statement, values: Mapping[str, Any]) -> int:
    """Run a statement that is prepared on the server; return how many rows it wrote."""
    return _server(statement).run(statement, values).command_tuples or 0


def _server(statement: Statement) -> "_Server":
    """The prepared statements of Django's connection of now. Where Django logs its queries, this one is logged.

    Of a table with history they note nobody: use them for none such.
    """
    django = connections[DEFAULT_DB_ALIAS]
    django.ensure_connection()
    if django.queries_logged:
        django.queries_log.append({"sql": statement if isinstance(statement, str) else statement.decode()})
    kept = vars(django.connection)
    if "thang_server" not in kept:
        kept["thang_server"] = _Server(django.connection)
    server: _Server = kept["thang_server"]
    return server


class _Server:
    """What one connection has prepared, by libpq itself: cursors would take five times the processor's time.

    Django's own cursors cannot prepare, and its connections forbid psycopg's to.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self.adapters = AdaptersMap(connection.adapters)
        self.adapters.register_loader("timestamptz", TimestamptzLoader)  # psycopg's own: Django's is written in Python
        self.adapters.register_dumper(int, Int8Dumper)  # one width: else a statement is prepared for each there is
        self.transformer = Transformer(self)
        self.names: dict[tuple[Statement, tuple[int, ...]], bytes] = {}

    def run(self, statement: Statement, values: Mapping[str, Any], *, is_binary: bool = False) -> PGresult:
        """Run a statement, prepared first if it is new with types of values like these. Errors are Django's.

        is_binary: the values of the result, which are texts otherwise.
        """
        text, order = _numbered(statement)
        given = self.transformer.dump_sequence([values[name] for name in order], [PyFormat.AUTO] * len(order))
        types = self.transformer.types or ()
        libpq = self.connection.pgconn
        if libpq.transaction_status == TransactionStatus.IDLE and not self.connection.autocommit:
            self._checked(libpq.exec_(b"BEGIN"))
        name = self.names.get((statement, types))
        if name is None:
            name = b"thang_%d" % len(self.names)
            self._checked(libpq.prepare(name, text, types))
            self.names[statement, types] = name
        formats = self.transformer.formats
        return self._checked(libpq.exec_prepared(name, cast(Sequence[bytes], given), formats, int(is_binary)))

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        with connections[DEFAULT_DB_ALIAS].wrap_database_errors:
            if self.connection.pgconn.status == ConnStatus.BAD:
                raise OperationalError(result.get_error_message())
            raise error_from_result(result)


@cache
def _numbered(statement: Statement) -> tuple[bytes, list[str]]:
    """A statement with its values numbered, and their names in that order."""
    names: dict[str, int] = {}

    def numbered(found: re.Match[bytes]) -> bytes:
        return b"$%d" % names.setdefault(found[1].decode(), len(names) + 1) if found[1] else b"%"

    text = statement.encode() if isinstance(statement, str) else statement
    return re.sub(rb"%\((\w+)\)s|%%", numbered, text), list(names)


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
