"""Tables of questions, XLSX and CSV: read row by row in bounded memory, and written."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import xlsxwriter

from assessments.items.exchange.archive import read_archive
from assessments.items.exchange.outcomes import MOST_QUESTIONS, ExchangeError, Outcome
from assessments.items.exchange.qti_package import PackedItem
from assessments.items.exchange.row_fields import COLUMNS
from assessments.items.exchange.table_rows import REQUIRED, outcome_of, row_of, why_not
from assessments.items.wording import composed
from organisation.importing.faults import FileRefused
from organisation.importing.tables import open_table

LARGEST_TABLE = 10 * 1024 * 1024
MOST_TAGS = 1_000_000
"""Of all parts of a workbook together; more than 2000 questions ever need."""
_WORKBOOK = "xl/workbook.xml"
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_HEADER_REASONS = ("no_header", "unknown_column", "repeated_column", "missing_column")
_REASONS = {
    "macros": "macros",
    "too_many_rows": "too_many_questions",
    "unpacks_too_big": "zip_bomb",
    "doctype": "forbidden_xml",
    "wrong_encoding": "not_utf8",
    **dict.fromkeys(_HEADER_REASONS, "bad_header"),
}
_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program takes for a formula at the beginning of a cell of a CSV file."""

Rows = Iterable[Mapping[str, str]]


def looks_like_workbook(data: bytes) -> bool:
    """Whether a file is a zip archive with a workbook in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _WORKBOOK in archive.namelist()
    # The last is what zipfile says of a file that asks for a newer format than it reads: no workbook of ours.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def looks_like_table(data: bytes) -> bool:
    """Whether the first line of a file names the columns that every table needs."""
    first = data[:8192].removeprefix(b"\xef\xbb\xbf").splitlines()[:1]
    names = {each.strip(b' "').lower() for each in re.split(rb"[,;\t]", first[0])} if first else set()
    return {each.encode() for each in REQUIRED} <= names


def read_workbook(data: bytes) -> list[Outcome]:
    """The questions of the first sheet, each with what becomes of it.

    Raises ExchangeError: what `read_archive` says of archives, macros, external_links, formulas, and what `read_table`
    says of tables.
    """
    if len(data) > LARGEST_TABLE:
        raise ExchangeError("too_large")
    parts = read_archive(data, (".xml", ".bin"))
    names = [name.lower() for name in parts]
    if any(name.endswith("vbaproject.bin") for name in names):
        raise ExchangeError("macros")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise ExchangeError("external_links")
    if sum(part.count(b"<") for part in parts.values()) > MOST_TAGS:
        raise ExchangeError("zip_bomb", "cells")
    if any(name.startswith("xl/worksheets/") and _FORMULA.search(part) for name, part in parts.items()):
        raise ExchangeError("formulas")
    return read_table(data)


def read_table(data: bytes) -> list[Outcome]:
    """The questions of a table, each with what becomes of it.

    Raises ExchangeError: too_large, too_many_questions, not_utf8, bad_header, broken_table; the last two with row and
    column.
    """
    if len(data) > LARGEST_TABLE:
        raise ExchangeError("too_large")
    try:
        table = open_table(io.BytesIO(data), COLUMNS, REQUIRED)
        rows, size = [], 0
        for row in islice(table.rows, MOST_QUESTIONS + 1):
            rows.append(row)
            size += sum(len(str(cell)) for cell in row[1])
            if size > LARGEST_TABLE:
                raise ExchangeError("too_large")
    except FileRefused as refusal:
        fault = refusal.fault
        reason = _REASONS.get(fault.reason, "broken_table")
        raise ExchangeError(reason, f"{fault.column}{fault.row}" if reason != "macros" else "") from None
    except csv.Error:  # where a line that cannot be decoded is also broken
        raise ExchangeError("broken_table") from None
    if len(rows) > MOST_QUESTIONS:
        raise ExchangeError("too_many_questions")
    return [
        outcome_of({name: _plain(str(cell)) for name, cell in zip(table.columns, cells, strict=True)}, number)
        for number, cells in rows
    ]


def rows_of(items: Iterable[PackedItem]) -> tuple[list[dict[str, str]], list[tuple[PackedItem, str]]]:
    """The rows of items, and those that a row cannot hold whole, each with the reason."""
    rows, left = [], []
    for item in items:
        row = row_of(item.content, competency=item.competency, level=item.level, seconds=item.seconds)
        if row is None:
            left.append((item, why_not(item.content["kind"])))
        else:
            rows.append(row)
    return rows, left


def left_rows(left: Iterable[tuple[PackedItem, str]]) -> list[dict[str, str]]:
    """Rows that say which items are not there; reading refuses them, by name."""
    return [
        {"kind": f"({item.content['kind']})", "competency": item.competency, "stem_vi": f"{item.code}: {text}"}
        for item, _reason in left
        for text in [item.content["stem"]["vi"]]
    ]


def write_csv(rows: Rows) -> bytes:
    """The rows as CSV in UTF-8 with its mark; what a spreadsheet program would run has an apostrophe before it."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: f"'{text}" if text.startswith(_RUNS) else text for name, text in row.items()})
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def write_workbook(rows: Rows, sheets: Sequence[tuple[str, Sequence[Sequence[str]]]] = (), *, title: str) -> bytes:
    """The rows as the first sheet of a workbook, called `title`, and after it sheets (name, lines) as they are."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        lines = [COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in rows)]
        for name, found in [(title, lines), *sheets]:
            sheet = book.add_worksheet(name[:31])
            sheet.set_column(0, len(COLUMNS), 24, text)
            sheet.freeze_panes(1, 0)
            for number, line in enumerate(found):
                for place, cell in enumerate(line):
                    if cell:
                        sheet.write_string(number, place, cell, heading if number == 0 else text)
    return buffer.getvalue()


def _plain(cell: str) -> str:
    """A cell's text in composed letters, without the apostrophe that guards it."""
    text = composed(cell).replace("\r\n", "\n").strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(_RUNS) else text
