"""Numbers between PostgreSQL's binary arrays and numpy: they never become Python objects.

Several threads may read by one connection while another writes: psycopg lets statements follow one another, and the
whole of a COPY be one of them.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray

_HEADER = struct.Struct(">5i")
"""Dimensions, whether there are nulls, type of the elements, their number and the first one's; nothing after the third
where the array is empty."""
_BIGINT = 20
"""The type's number."""
_GATHERED = "SELECT {gathered} FROM ({statement}) AS found ({names}) {grouped}"
# The table as one statement sees it, some of its pages at a time.
_STREAMED = """
    SELECT part.* FROM unnest(%(first)s::text[]::tid[], %(after)s::text[]::tid[]) AS pages (first, after)
    CROSS JOIN LATERAL ({gathered}) AS part
"""
OF_PAGES = "ctid >= pages.first AND ctid < pages.after"
"""For the WHERE of a statement of `stream_columns`."""
_BEYOND = "(4294967295,0)"
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
    statement: str,
    parameters: Mapping[str, Any],
    kinds: str,
    link: psycopg.Connection[Any] | None = None,
    part: int | None = None,
) -> list[NDArray[Any]]:
    """Return the columns of a statement, each of shape (n,). One query.

    kinds: a letter for each column, b for bigint, f for double precision, and y for bytes, which come joined, shape
    (all of them,). No value may be null. Rows come in any order: PostgreSQL may gather them in several processes.
    part: the column that says what comes together; of ten megabytes in one piece, most of the time goes into memory.
    """
    rows = _fetch(_gathered(statement, kinds, part), parameters, link or open_link())
    columns = [b"".join(filter(None, pieces)) for pieces in zip(*rows, strict=True)]
    return _numbers(columns or [b""] * len(kinds), kinds)


def stream_columns(
    statement: str, kinds: str, pages: Sequence[tuple[int, int | None]], link: psycopg.Connection[Any]
) -> Iterator[list[NDArray[Any]]]:
    """Yield the columns of a statement on one table, as `fetch_columns` returns them, for some pages after others.

    All as they were at one moment, in a transaction of the caller's. statement: with OF_PAGES. pages: the first ones
    and those after the last, None for the table's end.
    """
    places = {
        "first": [f"({first},0)" for first, _after in pages],
        "after": [_BEYOND if after is None else f"({after},0)" for _first, after in pages],
    }
    with psycopg.ServerCursor(link, "streamed") as cursor:
        cursor.itersize = 1
        cursor.execute(_STREAMED.format(gathered=_gathered(statement, kinds)), places, binary=True)
        for columns in cursor:
            yield _numbers(columns, kinds)


def fetch_packed(
    statement: str, parameters: Mapping[str, Any], link: psycopg.Connection[Any] | None = None
) -> Iterator[list[bytes]]:
    """Yield the rows of a statement whose columns are arrays or bytes, for `unpack` and `unpack_bytes`. One query."""
    for row in _fetch(statement, parameters, link or open_link()):
        yield [value or b"" for value in row]


def unpack(arrays: Iterable[bytes]) -> NDArray[np.int64]:
    """Return the elements of bigint[] without nulls, of all one after the other."""
    elements = np.frombuffer(b"".join([each[_HEADER.size :] for each in arrays]), _ELEMENT)["value"]
    return elements.astype(np.int64)


def unpack_bytes(values: Iterable[bytes], width: int) -> NDArray[np.int64]:
    """Return the numbers in bytes as `packed_bytes` made them, of all one after the other."""
    return np.frombuffer(b"".join(values), f">i{width}").astype(np.int64)


def packed_bytes(numbers: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """Return whole numbers as bytes, `width` of each, for `pack_rows`: shape (rows, numbers of a row * width)."""
    rows = np.ascontiguousarray(numbers, f">i{width}").reshape(len(numbers), -1)
    return rows.view(np.uint8)


def copy_rows(table: str, columns: str, packed: Iterable[bytes]) -> None:
    """Write rows that `pack_rows` packed."""
    link = open_link()
    with (
        link.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_COPY_HEAD)
        for rows in packed:
            copy.write(rows)
        copy.write(_COPY_END)


def pack_rows(count: int, fields: Sequence[bytes | NDArray[np.int64] | NDArray[np.uint8] | None]) -> bytes:
    """Return rows as PostgreSQL keeps them.

    Bytes and None (null) stand in every row. An array of shape (count,) has a bigint for each of them, one of shape
    (count, n) a bigint[] of one dimension, or what a bytea holds.
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
            size = field.shape[1]
            elements = np.empty(field.shape, _ELEMENT)
            elements["size"], elements["value"] = 8, field
            whole = _HEADER.pack(1, 0, _BIGINT, size, 1) if size else struct.pack(">3i", 0, 0, _BIGINT)
            head = struct.pack(">i", len(whole) + elements.itemsize * size) + whole
        parts.append(np.frombuffer(head, np.uint8))
        if elements is not None and elements.size:
            parts.append(elements.view(np.uint8).reshape(count, -1))
    return np.concatenate([np.broadcast_to(part, (count, part.shape[-1])) for part in parts], axis=1).tobytes()


def _gathered(statement: str, kinds: str, part: int | None = None) -> str:
    names = [f"c{at}" for at in range(len(kinds))]
    bytes_of = [_BYTES_OF[kind].format(name) for name, kind in zip(names, kinds, strict=True)]
    gathered = ", ".join(f"string_agg({each}, ''::bytea)" for each in bytes_of)
    grouped = "" if part is None else f"GROUP BY {names[part]}"
    return _GATHERED.format(gathered=gathered, statement=statement, names=", ".join(names), grouped=grouped)


def _numbers(columns: Iterable[bytes | None], kinds: str) -> list[NDArray[Any]]:
    found = [np.frombuffer(column or b"", _NUMBERS[kind]) for column, kind in zip(columns, kinds, strict=True)]
    return [column.astype(column.dtype.newbyteorder("="), copy=False) for column in found]


def _fetch(
    statement: str, parameters: Mapping[str, Any], link: psycopg.Connection[Any]
) -> Iterator[list[bytes | None]]:
    with psycopg.Cursor(link) as cursor:  # Django's own bind on the client, and read text alone
        cursor.execute(statement, parameters, binary=True)
        result = cursor.pgresult
        assert result
        for row in range(result.ntuples):
            yield [result.get_value(row, column) for column in range(result.nfields)]
