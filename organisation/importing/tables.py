"""Open a table by what it is, not by what its name says, and check its header."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from organisation.domain.names import normalise_text
from organisation.importing.csv_rows import read_csv_rows
from organisation.importing.faults import FileRefused, column_letter
from organisation.importing.xlsx_rows import read_xlsx_rows

Cell = str | date
Row = tuple[int, list[Cell]]

LEFT_OUT = "-"
"""What a foreign column is that nothing is read from."""
MAX_BYTES = 256 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OTHERS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")


@dataclass(slots=True)
class Table:
    """A header and the rows below it. A row has one cell per column of the header; empty rows are left out.

    `foreign` are the file's columns that go by other names than ours, in lower case. Columns that are left out are in
    neither `columns` nor `rows`. Reading the rows raises FileRefused where the file cannot be read any further.
    """

    columns: list[str]
    rows: Iterator[Row]
    foreign: tuple[str, ...] = ()


def open_table(
    file: BinaryIO, columns: Sequence[str], required: Sequence[str], chosen: Mapping[str, str] | None = None
) -> Table:
    """Open a CSV (UTF-8, separated by comma, semicolon or tab) or XLSX file whose header names some of `columns`.

    Raises FileRefused when the file is no such table, is too big, or has a header with an unknown, repeated or
    missing column. `chosen` says which of `columns`, or LEFT_OUT, a column of another name (in lower case) is.
    """
    chosen = chosen or {}
    rows = _open_rows(file, [*columns, *chosen])
    number, header = next(rows, (1, []))
    theirs = [normalise_text(str(cell)).lower() for cell in header]
    while theirs and not theirs[-1]:
        theirs.pop()
    foreign = tuple(dict.fromkeys(name for name in theirs if name and name not in columns))
    names = [name if name in columns else chosen.get(name, name) for name in theirs]
    try:
        _check_header(number, names, columns, required)
    except FileRefused as refused:
        refused.foreign = foreign
        raise
    return Table([name for name in names if name != LEFT_OUT], _rows_of(rows, names), foreign)


def _check_header(number: int, names: list[str], columns: Sequence[str], required: Sequence[str]) -> None:
    if not set(names) & set(columns):
        raise FileRefused(number, "A", "no_header", columns=", ".join(required))
    for index, name in enumerate(names):
        if name == LEFT_OUT:
            continue
        if name not in columns:
            raise FileRefused(number, name or column_letter(index), "unknown_column", name=name)
        if name in names[:index]:
            raise FileRefused(number, name, "repeated_column", name=name)
    for name in required:
        if name not in names:
            raise FileRefused(number, name, "missing_column", name=name)


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
    left_out = [index for index, name in enumerate(names) if name == LEFT_OUT]
    for number, cells in rows:
        for index in range(width, len(cells)):
            if cells[index]:
                raise FileRefused(number, column_letter(index), "cell_without_column")
        cells = (cells + [""] * (width - len(cells)))[:width]
        for index in reversed(left_out):
            del cells[index]
        if any(cells):
            yield number, cells
