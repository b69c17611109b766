"""Rows of a CSV file, read as a stream."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from typing import BinaryIO

from organisation.importing.faults import FileRefused, column_letter

MAX_ROWS = 600_000
MAX_LINE_BYTES = 64 * 1024
_DELIMITERS = ",;\t"


class _BadLine(Exception):
    """A line that cannot be decoded: what stands before the bad byte, and why."""

    def __init__(self, before: bytes, reason: str) -> None:
        self.before = before
        self.reason = reason


def read_csv_rows(file: BinaryIO, columns: Sequence[str]) -> Iterator[tuple[int, list[str | date]]]:
    """Yield (row number, cells) of a UTF-8 CSV file, the header first as row 1.

    The separator is the one of comma, semicolon and tab that makes most of the known `columns` appear in the header,
    else the one there are most of.
    Raises FileRefused for more than MAX_ROWS rows (counted before anything is read), a byte that is no UTF-8, a NUL,
    a line of more than 64 KiB or a broken quotation.
    """
    _refuse_too_many_rows(file)
    header = file.readline(MAX_LINE_BYTES).decode("utf-8-sig", errors="replace")
    file.seek(0)
    delimiter = max(_DELIMITERS, key=lambda each: (len(_names(header, each) & set(columns)), header.count(each)))
    names = header.rstrip("\r\n").split(delimiter)
    reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(cells)
    except _BadLine as bad:
        index = _count_cells(bad.before.decode("utf-8", errors="replace"), delimiter) - 1
        column = names[index] if number and index < len(names) else column_letter(index)
        raise FileRefused(number + 1, column, bad.reason) from None
    except csv.Error as error:
        raise FileRefused(number + 1, column_letter(0), "broken_row", detail=error) from None


def _count_cells(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([text], delimiter=delimiter), [""]))
    except csv.Error:  # what stands before the bad byte is broken too
        return text.count(delimiter) + 1


def _names(header: str, delimiter: str) -> set[str]:
    return {name.strip().strip('"').lower() for name in header.rstrip("\r\n").split(delimiter)}


def _refuse_too_many_rows(file: BinaryIO) -> None:
    lines = 0
    while chunk := file.read(1024 * 1024):
        lines += chunk.count(b"\n")
        if lines > MAX_ROWS + 1:
            raise FileRefused(MAX_ROWS + 2, "A", "too_many_rows", limit=MAX_ROWS)
    file.seek(0)


def _lines(file: BinaryIO) -> Iterator[str]:
    first = True
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise _BadLine(b"", "line_too_long")
        if b"\0" in line:
            raise _BadLine(line[: line.index(b"\0")], "nul_byte")
        try:
            yield line.decode("utf-8-sig" if first else "utf-8")
        except UnicodeDecodeError as error:
            raise _BadLine(line[: error.start], "wrong_encoding") from None
        first = False
