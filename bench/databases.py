"""The benches' databases, which stand beside the installation's."""

from typing import Any

import psycopg
from psycopg import sql


def drop(owner: psycopg.Connection[Any], name: str) -> None:
    """Drop a database and whoever uses it.

    Nobody but a superuser may end a vacuum that way; without force PostgreSQL sends it away by itself.
    """
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        owner.execute(sql.SQL("{} WITH (FORCE)").format(statement))
    except psycopg.errors.InsufficientPrivilege:
        owner.execute(statement)
