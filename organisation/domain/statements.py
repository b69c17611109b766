"""Statements that run so often that planning them anew would cost more than running them."""

from typing import Any, LiteralString

from django.db import connection
from psycopg import Cursor


def fetch_prepared(statement: LiteralString, values: dict[str, Any]) -> tuple[Any, ...]:
    """Return the one row of a statement that is prepared on the server.

    Django's own cursors cannot prepare, and its connections forbid it.
    """
    connection.ensure_connection()
    server = connection.connection
    server.prepare_threshold = 0
    try:
        with Cursor(server) as cursor:
            (row,) = cursor.execute(statement, values).fetchall()
    finally:
        server.prepare_threshold = None
    return row
