"""Open a table by what it is, not by what its name says, and check its header."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from organisation.importing.csv_rows import read_csv_rows
from organisation.importing.faults import FileRefused, column_letter
from organisation.importing.xlsx_rows import read_xlsx_rows

Cell = str | date
Row = tuple[int, list[Cell]]

MAX_BYTES = 256 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OTHERS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")


@dataclass(slots=True)
class Table:
    """A header and the rows below it. A row has one cell per column of the header; empty rows are left out.

    Reading the rows raises FileRefused where the file cannot be read any further.
    """

    columns: list[str]
    rows: Iterator[Row]


def open_table(file: BinaryIO, columns: Sequence[str], required: Sequence[str]) -> Table:
    """Open a CSV (UTF-8, separated by comma, semicolon or tab) or XLSX file whose header names some of `columns`.

    Raises FileRefused when the file is no such table, is too big, or has a header with an unknown, repeated or
    missing column.
    """
    rows = _open_rows(file, columns)
    number, header = next(rows, (1, []))
    names = [str(cell).strip().lower() for cell in header]
    while names and not names[-1]:
        names.pop()
    if not set(names) & set(columns):
        raise FileRefused(number, "A", "no_header", columns=", ".join(required))
    for index, name in enumerate(names):
        if name not in columns:
            raise FileRefused(number, name or column_letter(index), "unknown_column", name=name)
        if name in names[:index]:
            raise FileRefused(number, name, "repeated_column", name=name)
    for name in required:
        if name not in names:
            raise FileRefused(number, name, "missing_column", name=name)
    return Table(names, _rows_of(rows, names))


def _open_rows(file: BinaryIO, columns: Sequence[str]) -> Iterator[Row]:
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if not head:
        raise FileRefused(1, "A", "empty_file")
    if head.startswith(_OLD_EXCEL):
        raise FileRefused(1, "A", "old_excel")
    if head.startswith(_UTF16):
        raise FileRefused(1, "A", "wrong_encoding")
    if head.startswith(_OTHERS):
        raise FileRefused(1, "A", "not_a_table")
    if size > MAX_BYTES:
        raise FileRefused(1, "A", "too_big", megabytes=MAX_BYTES // 1024 // 1024)
    return read_xlsx_rows(file) if head.startswith(_ZIP) else read_csv_rows(file, columns)


def _rows_of(rows: Iterator[Row], names: list[str]) -> Iterator[Row]:
    width = len(names)
    for number, cells in rows:
        for index in range(width, len(cells)):
            if cells[index]:
                raise FileRefused(number, column_letter(index), "cell_without_column")
        if any(cells):
            yield number, (cells + [""] * (width - len(cells)))[:width]
