"""Rows of the first sheet of an XLSX workbook, read as a stream.

A reader of its own because the usual ones hold a whole sheet in memory, sized by what the file claims. This one holds
one row and the shared strings, and reads no further than the sizes it has checked.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import BinaryIO
from xml.parsers import expat

from organisation.importing.csv_rows import MAX_ROWS
from organisation.importing.faults import FileRefused, column_index, column_letter
from organisation.importing.xlsx_plain import MAX_COLUMNS, NotPlain, plain_rows, unescaped
from organisation.importing.xlsx_workbook import (
    MAX_CELL,
    Attributes,
    check_parts,
    date_styles,
    first_sheet,
    local_name,
    new_parser,
    shared_strings,
)

_CHUNK = 256 * 1024
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")


class ErrorValue(str):
    """What a cell shows whose formula failed, such as #N/A. It equals no text that somebody wrote."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ErrorValue) and str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((ErrorValue, str(self)))


def read_xlsx_rows(file: BinaryIO) -> Iterator[tuple[int, list[str | date]]]:
    """Yield (row number, cells) of the first sheet. Cells are texts, dates (of cells formatted as dates) or ErrorValue.

    Raises FileRefused for anything that is no plain workbook, and for more than MAX_ROWS rows or 512 MiB unpacked.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            check_parts(archive)
            sheet, dates_from_1904 = first_sheet(archive)
            parts = shared_strings(archive), date_styles(archive), dates_from_1904
            last = 0
            try:
                for last, cells in _SheetReader(*parts).plain_rows(archive, sheet):
                    yield last, cells
            except NotPlain:
                yield from (row for row in _SheetReader(*parts).rows(archive, sheet) if row[0] > last)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, LookupError, ValueError):
        # RuntimeError: an encrypted part; LookupError: a part or an attribute is missing that another one counts on.
        raise FileRefused(1, "A", "broken_workbook") from None
    except expat.ExpatError:
        raise FileRefused(1, "A", "broken_workbook") from None


class _SheetReader:
    """Turns the events of one sheet's XML into rows."""

    def __init__(self, strings: list[str], date_styles: set[str], dates_from_1904: bool) -> None:
        self._strings = strings
        self._date_styles = date_styles
        # Bounded: few sheets have as many days as there are in two centuries.
        self._day_of = lru_cache(maxsize=65536)(self._date_value)
        self._epoch = datetime(1904, 1, 1) if dates_from_1904 else datetime(1899, 12, 30)
        self._ready: list[tuple[int, list[str | date]]] = []
        self._number = 0
        self._cells: list[str | date] = []
        self._index = -1
        self._type = "n"
        self._style = "0"
        self._text: list[str] = []
        self._length = 0
        self._phonetic = False

    def plain_rows(self, archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, list[str | date]]]:
        """Yield the rows of a sheet as spreadsheet programs write it; raises NotPlain where anything is unusual."""
        last = 0
        for number, cells in plain_rows(archive, part, self._reader_of):
            if not last < number <= MAX_ROWS + 1:
                raise NotPlain
            last = number
            yield number, cells

    def _reader_of(self, style: str, kind: str) -> Callable[[str], str | date]:
        if kind == "s":
            return lambda text: self._strings[int(text)]
        if kind in ("", "n"):
            return self._day_of if style in self._date_styles else _number_value
        return unescaped

    def rows(self, archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, list[str | date]]]:
        parser = self._parser = new_parser(self._start)
        parser.buffer_size = 64 * 1024
        parser.EndElementHandler = self._end
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk)
                yield from self._ready
                self._ready.clear()
            parser.Parse(b"", True)
        yield from self._ready

    def _start(self, name: str, attributes: Attributes) -> None:
        name = local_name(name)
        if name == "c":
            self._index = self._column_of(attributes["r"]) if "r" in attributes else self._index + 1
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._text = []
            self._length = 0
        elif name == "v" or (name == "t" and not self._phonetic):
            self._parser.CharacterDataHandler = self._collect
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            number = attributes.get("r", str(self._number + 1))
            if not number.isdecimal() or len(number) > 9 or int(number) <= self._number:
                raise FileRefused(self._number + 1, "A", "broken_workbook")
            self._number = int(number)
            if self._number > MAX_ROWS + 1:
                raise FileRefused(MAX_ROWS + 2, "A", "too_many_rows", limit=MAX_ROWS)
            self._cells = []
            self._index = -1

    def _end(self, name: str) -> None:
        name = local_name(name)
        if name == "c":
            self._put(self._value("".join(self._text)))
        elif name in ("v", "t"):
            self._parser.CharacterDataHandler = None
        elif name == "rPh":
            self._phonetic = False
        elif name == "row":
            self._ready.append((self._number, self._cells))

    def _collect(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_CELL:
            raise FileRefused(self._number, column_letter(max(self._index, 0)), "too_long", limit=MAX_CELL)
        self._text.append(text)

    def _put(self, value: str | date) -> None:
        if not value:
            return
        if self._index >= MAX_COLUMNS:
            raise FileRefused(self._number, column_letter(self._index), "cell_without_column")
        self._cells.extend([""] * (self._index - len(self._cells)))
        if self._index < len(self._cells):
            raise FileRefused(self._number, column_letter(self._index), "broken_workbook")
        self._cells.append(value)

    def _column_of(self, reference: str) -> int:
        match = _REFERENCE.match(reference)
        if match is None:
            raise FileRefused(self._number, "A", "broken_workbook")
        return column_index(match[1])

    def _value(self, text: str) -> str | date:
        try:
            match self._type:
                case "s":
                    return self._strings[int(text)] if text else ""
                case "n":
                    read = self._date_value if self._style in self._date_styles else _number_value
                    return read(text) if text else ""
                case "d":
                    return date.fromisoformat(text[:10])
                case "e":
                    return ErrorValue(text)
                case "b":
                    return "TRUE" if text in ("1", "true") else "FALSE"
                case _:
                    return text
        except (ValueError, IndexError):
            raise FileRefused(self._number, column_letter(max(self._index, 0)), "broken_workbook") from None

    def _date_value(self, text: str) -> str | date:
        try:
            return (self._epoch + timedelta(days=float(text))).date()
        except OverflowError:
            return text


def _number_value(text: str) -> str:
    number = float(text)
    return str(int(number)) if number.is_integer() else text
