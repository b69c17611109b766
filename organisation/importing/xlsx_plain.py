"""Rows of a sheet written the plain way, read by patterns: several times as fast as a parser that is told every tag.

Spreadsheet programs write sheets the same plain way. Whatever looks different in any respect, or wrong, is left to the
parser: it alone judges.
"""

import re
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterator

_CHUNK = 256 * 1024
_LONGEST_ROW = 32_000
_CELL = (
    r'<c r="([A-Z]{1,3})[1-9][0-9]{0,6}"(?: s="([0-9]+)")?(?: t="(s|n|str|inlineStr)")?'
    r'(?:/>|>(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
)
_CELLS = re.compile(_CELL)
_ROW = re.compile(r'<row r="([1-9][0-9]{0,6})"(?: [a-zA-Z:0-9]+="[^"<&]*")*(?:/>|>((?:' + _CELL + r")*)</row>)\s*")
_HEAD = re.compile(r'(?:<\?xml version="1\.0"(?: encoding="(?i:utf-8)")?(?: standalone="\w+")?\?>\s*)?<worksheet[ >]')
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))

PlainCell = tuple[str, ...]
"""Column's letters, style, type, value, inline text; "" for what is not there."""


class NotPlain(Exception):
    """The sheet is not written the plain way from here on."""


def plain_rows(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, list[PlainCell]]]:
    """Yield (row number, cells) of a sheet in UTF-8, from its first row. Raises NotPlain, possibly after some rows."""
    decoder = getincrementaldecoder("utf-8")()
    text, inside = "", False
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
            while row := _ROW.match(text, at):
                at = row.end()
                yield int(row[1]), _cells(row[2] or "")
            text = text[at:]
            if text.startswith("</sheetData>"):
                rest = text + decoder.decode(stream.read(_CHUNK))
                if "<!" in rest or not rest.rstrip().endswith("</worksheet>"):
                    raise NotPlain
                return
            if len(text) > _LONGEST_ROW + _CHUNK:
                raise NotPlain
    raise NotPlain


def _cells(body: str) -> list[PlainCell]:
    if len(body) > _LONGEST_ROW:
        raise NotPlain
    if "&" in body:
        cells = [tuple(_unescaped(value) for value in cell) for cell in _CELLS.findall(body)]
    else:
        cells = _CELLS.findall(body)
    return cells


def _unescaped(text: str) -> str:
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
