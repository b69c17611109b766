"""Rows of a sheet written the plain way, read by patterns: several times as fast as a parser that is told every tag.

Spreadsheet programs write sheets the same plain way. Whatever looks different in any respect, or wrong, is left to the
parser: it alone judges.
"""

import re
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from datetime import date

from organisation.importing.faults import column_index

_CHUNK = 256 * 1024
_LONGEST_ROW = 32_000
MAX_COLUMNS = 100
_MOST_CHANGES = 100  # of what cells look like: a sheet that keeps changing is read cell by cell
_AT = r'[1-9][0-9]{0,6}"'
_VALUE, _TEXT = "<v>([^<]*)</v>", '<is><t(?: xml:space="preserve")?>([^<]*)</t></is>'
_CELL = (
    rf'<c r="([A-Z]{{1,3}}){_AT}(?: s="([0-9]+)")?(?: t="(s|n|str|inlineStr)")?'
    rf"(?:/>|>(?:{_VALUE}|{_TEXT})?</c>)"
)
_CELLS = re.compile(_CELL)
_ROW_HEAD = r'<row r="([1-9][0-9]{0,6})"(?: [a-zA-Z:0-9]+="[^"<&]*")*'
_ROW = re.compile(rf"{_ROW_HEAD}(?:/>|>((?:{_CELL})*)</row>)\s*")
_HEAD = re.compile(r'(?:<\?xml version="1\.0"(?: encoding="(?i:utf-8)")?(?: standalone="\w+")?\?>\s*)?<worksheet[ >]')
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))

Cell = str | date
Reader = Callable[[str], Cell]
ReaderOf = Callable[[str, str], Reader]
"""Gives what reads the content of cells of a style and a type, "" for what the sheet does not say."""


class NotPlain(Exception):
    """The sheet is not written the plain way from here on."""


def plain_rows(archive: zipfile.ZipFile, part: str, reader_of: ReaderOf) -> Iterator[tuple[int, list[Cell]]]:
    """Yield (row number, cells) of a sheet in UTF-8, from its first row. Raises NotPlain, possibly after some rows."""
    decoder = getincrementaldecoder("utf-8")()
    text, inside = "", False
    shape = _Shape(reader_of)
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            try:
                text += decoder.decode(chunk)
            except UnicodeDecodeError:
                raise NotPlain from None
            if not inside:
                head, found, text = text.partition("<sheetData>")
                if not found or "<!" in head or not _HEAD.match(head):
                    raise NotPlain
                inside = True
            at = 0
            while row := shape.read(text, at):
                at, number, cells = row
                yield number, cells
            text = text[at:]
            if text.startswith("</sheetData>"):
                rest = text + decoder.decode(stream.read(_CHUNK))
                if "<!" in rest or not rest.rstrip().endswith("</worksheet>"):
                    raise NotPlain
                return
            if len(text) > _LONGEST_ROW + _CHUNK:
                raise NotPlain
    raise NotPlain


class _Shape:
    """What the cells of each column looked like last: one pattern reads a whole row of such cells."""

    def __init__(self, reader_of: ReaderOf) -> None:
        self._reader_of = reader_of
        self._columns: dict[int, tuple[str, Reader]] = {}
        self._changes = 0
        self._pattern, self._readers = _ROW, list[tuple[int, Reader]]()

    def read(self, text: str, at: int) -> tuple[int, int, list[Cell]] | None:
        """Return where the row that begins at `at` ends, its number and its cells; None when it is not all there."""
        row = self._pattern.match(text, at) if self._readers else None
        try:
            if row is not None:
                number, *contents = row.groups()
                places = self._readers
            else:
                row = _ROW.match(text, at)
                if row is None:
                    return None
                number, contents, places = row[1], *self._by_cell(row[2] or "")
            cells: list[Cell] = [""] * (places[-1][0] + 1 if places else 0)
            for (place, read), content in zip(places, contents, strict=True):
                if content:
                    cells[place] = read(content)
        except (ValueError, IndexError):
            raise NotPlain from None
        if row.end() - at > _LONGEST_ROW:
            raise NotPlain
        while cells and not cells[-1]:
            cells.pop()
        return row.end(), int(number), cells

    def _by_cell(self, body: str) -> tuple[list[str], list[tuple[int, Reader]]]:
        """Return the contents of a row's cells and what reads each, and remember what they look like."""
        contents, places = list[str](), list[tuple[int, Reader]]()
        looks: dict[int, tuple[str, Reader]] = {}
        for letters, style, kind, value, text in _CELLS.findall(body):
            place = column_index(letters)
            if place >= MAX_COLUMNS or (places and place <= places[-1][0]):
                raise NotPlain
            read = self._reader_of(style or "0", kind)
            contents.append(text or value)
            places.append((place, read))
            looks[place] = _cell_pattern(letters, style, kind), read
        if self._changes < _MOST_CHANGES:
            self._changes += 1
            self._columns |= looks
            columns = sorted(self._columns.items())
            self._pattern = re.compile(rf"{_ROW_HEAD}>{''.join(each for _, (each, _read) in columns)}</row>\s*")
            self._readers = [(place, read) for place, (_pattern, read) in columns]
        return contents, places


def _cell_pattern(letters: str, style: str, kind: str) -> str:
    """Return a pattern of a cell that may be left out, its content being a group."""
    attributes = f' s="{style}"' if style else ""
    attributes += f' t="{kind}"' if kind else ""
    return rf'(?:<c r="{letters}{_AT}{attributes}(?:/>|>(?:{_TEXT if kind == "inlineStr" else _VALUE})?</c>))?+'


def unescaped(text: str) -> str:
    """Return the text with its entities replaced. Raises NotPlain for others than XML's own five."""
    if "&" not in text:
        return text
    plain = text
    for entity, _char in _ENTITIES:
        plain = plain.replace(entity, "")
    if "&" in plain:
        raise NotPlain
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text
