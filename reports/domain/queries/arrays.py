"""Numbers between PostgreSQL's binary arrays and numpy: they never become Python objects."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray

_HEADER = struct.Struct(">5i")
"""Dimensions, whether there are nulls, type of the elements, their number and the first one's; nothing after the third
where the array is empty."""
_OIDS = {8: 20, 4: 23}
"""Types of numbers by their bytes: bigint and integer."""
_GATHERED = "SELECT {gathered} FROM ({statement}) AS found ({names})"
_BYTES_OF = {"b": "int8send({}::bigint)", "f": "float8send({}::float8)", "y": "{}"}
_NUMBERS: Mapping[str, np.dtype[Any]] = {"b": np.dtype(">i8"), "f": np.dtype(">f8"), "y": np.dtype(np.uint8)}
_ELEMENT = np.dtype([("size", ">i4"), ("value", ">i8")])
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = struct.pack(">h", -1)


def open_link() -> psycopg.Connection[Any]:
    """Return what the thread's connection, with its transaction, is made of: another thread may read by it as well."""
    connection.ensure_connection()
    found: psycopg.Connection[Any] = connection.connection
    return found


def fetch_columns(
    statement: str, parameters: Mapping[str, Any], kinds: str, link: psycopg.Connection[Any] | None = None
) -> list[NDArray[Any]]:
    """Return the columns of a statement, each of shape (n,). One query.

    kinds: a letter for each column, b for bigint, f for double precision, and y for bytes, which come joined, shape
    (all of them,). No value may be null. Rows come in any order: PostgreSQL may gather them in several processes.
    """
    names = [f"c{at}" for at in range(len(kinds))]
    bytes_of = [_BYTES_OF[kind].format(name) for name, kind in zip(names, kinds, strict=True)]
    gathered = ", ".join(f"string_agg({each}, ''::bytea)" for each in bytes_of)
    whole = _GATHERED.format(gathered=gathered, statement=statement, names=", ".join(names))
    (columns,) = _fetch(whole, parameters, link or open_link())
    found = [np.frombuffer(column or b"", _NUMBERS[kind]) for column, kind in zip(columns, kinds, strict=True)]
    return [column.astype(column.dtype.newbyteorder("=")) for column in found]


def fetch_packed(statement: str, parameters: Mapping[str, Any]) -> Iterator[list[bytes]]:
    """Yield the rows of a statement whose columns are all arrays, for `unpack`. One query."""
    for row in _fetch(statement, parameters, open_link()):
        yield [value or b"" for value in row]


def unpack(arrays: Iterable[bytes]) -> NDArray[np.int64]:
    """Return the elements of bigint[] without nulls, of all one after the other."""
    elements = np.frombuffer(b"".join([each[_HEADER.size :] for each in arrays]), _ELEMENT)["value"]
    return elements.astype(np.int64)


class Ragged(NamedTuple):
    """Arrays one after the other. sizes: how many numbers each has, shape (n,)."""

    sizes: NDArray[np.int64]
    values: NDArray[np.int64]


def fetch_joined(
    source: str, parameters: Mapping[str, Any], numbers: Sequence[str], arrays: Mapping[str, int]
) -> tuple[list[NDArray[np.int64]], list[Ragged]]:
    """Return the columns of rows that have numbers and arrays of numbers, none of them null. One query.

    source: of the statement, from its FROM. arrays: bytes of an element of each, as of `pack`. PostgreSQL joins each
    column into one value, for a thousand values apart cost more than what is in them.
    """
    gathered = [f"array_agg(({each})::bigint)" for each in (*numbers, *(f"cardinality({name})" for name in arrays))]
    gathered += [f"string_agg(substr(array_send({name}), {_HEADER.size + 1}), ''::bytea)" for name in arrays]
    (found,) = _fetch(f"SELECT {', '.join(gathered)} {source}", parameters, open_link())
    columns = [unpack([value or b""]) for value in found[: len(numbers) + len(arrays)]]
    joined = []
    for sizes, value, width in zip(columns[len(numbers) :], found[len(columns) :], arrays.values(), strict=True):
        elements = np.frombuffer(value or b"", [("size", ">i4"), ("value", f">i{width}")])
        joined.append(Ragged(sizes, elements["value"].astype(np.int64)))
    return columns[: len(numbers)], joined


def copy_rows(table: str, columns: str, packed: Iterable[bytes]) -> None:
    """Write rows that `pack_rows` packed."""
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_COPY_HEAD)
        for rows in packed:
            copy.write(rows)
        copy.write(_COPY_END)


def pack_rows(count: int, fields: Sequence[bytes | NDArray[np.integer[Any]] | None]) -> bytes:
    """Return rows as PostgreSQL keeps them.

    Bytes and None (null) stand in every row. An array of shape (count,) has a bigint for each of them, one of shape
    (count, n) a bigint[] or integer[] of one dimension, or bytes where it is of these.
    """
    elements: NDArray[Any] | None
    parts = [np.frombuffer(struct.pack(">h", len(fields)), np.uint8)]
    for field in fields:
        if not isinstance(field, np.ndarray):
            head, elements = struct.pack(">i", -1 if field is None else len(field)) + (field or b""), None
        elif field.dtype == np.uint8:
            head, elements = struct.pack(">i", field.shape[1]), field
        elif field.ndim == 1:
            head, elements = struct.pack(">i", 8), field.astype(">i8")
        else:
            size, width = field.shape[1], field.itemsize
            elements = np.empty(field.shape, [("size", ">i4"), ("value", f">i{width}")])
            elements["size"], elements["value"] = width, field
            whole = _HEADER.pack(1, 0, _OIDS[width], size, 1) if size else struct.pack(">3i", 0, 0, _OIDS[width])
            head = struct.pack(">i", len(whole) + elements.itemsize * size) + whole
        parts.append(np.frombuffer(head, np.uint8))
        if elements is not None and elements.size:
            parts.append(elements.view(np.uint8).reshape(count, -1))
    return np.concatenate([np.broadcast_to(part, (count, part.shape[-1])) for part in parts], axis=1).tobytes()


def _fetch(
    statement: str, parameters: Mapping[str, Any], link: psycopg.Connection[Any]
) -> Iterator[list[bytes | None]]:
    with psycopg.Cursor(link) as cursor:  # Django's own bind on the client, and read text alone
        cursor.execute(statement, parameters, binary=True)
        result = cursor.pgresult
        assert result
        for row in range(result.ntuples):
            yield [result.get_value(row, column) for column in range(result.nfields)]
