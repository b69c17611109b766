"""The parts of an XLSX workbook around its cells: which sheet is first, shared strings, which styles show dates."""

import posixpath
import re
import zipfile
from collections.abc import Callable
from functools import cache
from xml.parsers import expat

from organisation.importing.faults import FileRefused

MAX_UNPACKED = 512 * 1024 * 1024
MAX_STRINGS_UNPACKED = 128 * 1024 * 1024
MAX_PARTS = 1000
MAX_CELL = 32_767
"""Characters of one cell: as many as spreadsheet programs write."""
# Number formats that show a date: the built-in ones (ECMA-376 part 1, 18.8.30) and any that names a day or a year.
_DATE_FORMATS = {14, 15, 16, 17, 22}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')

Attributes = dict[str, str]


def check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse what is no workbook, has macros, unpacks too big or declares a document type in any of its parts."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise FileRefused(1, "A", "not_a_table")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise FileRefused(1, "A", "macros")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED:
        raise FileRefused(1, "A", "unpacks_too_big", megabytes=MAX_UNPACKED // 1024 // 1024)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            _parse(archive, part.filename, lambda name, attributes: None, prolog_only=True)


def _refuse_doctype(*declaration: object) -> None:
    raise FileRefused(1, "A", "doctype")


def new_parser(start: Callable[[str, Attributes], None]) -> expat.XMLParserType:
    """Return a parser that refuses every document type declaration, so that no entity is ever defined."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    return parser


def _parse(
    archive: zipfile.ZipFile, part: str, start: Callable[[str, Attributes], None], *, prolog_only: bool = False
) -> None:
    """Feed a small part to a parser; `prolog_only` stops behind the root element's tag."""
    seen = False

    def first(name: str, attributes: Attributes) -> None:
        nonlocal seen
        seen = True
        start(local_name(name), attributes)

    parser = new_parser(first)
    with archive.open(part) as stream:
        while chunk := stream.read(4096):
            parser.Parse(chunk)
            if seen and prolog_only:
                return
        parser.Parse(b"", True)


@cache
def local_name(name: str) -> str:
    """Return an element's name without its prefix."""
    return name.rpartition(":")[2]


def first_sheet(archive: zipfile.ZipFile) -> tuple[str, bool]:
    """Return the part that holds the first sheet, and whether the workbook counts its days from 1904."""
    sheets: list[str] = []
    from_1904 = False
    targets: dict[str, str] = {}

    def in_workbook(name: str, attributes: Attributes) -> None:
        nonlocal from_1904
        if name == "sheet":
            sheets.extend(value for key, value in attributes.items() if key.endswith(":id"))
        elif name == "workbookPr":
            from_1904 = attributes.get("date1904") in ("1", "true")

    def in_relations(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            targets[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")

    _parse(archive, "xl/workbook.xml", in_workbook)
    _parse(archive, "xl/_rels/workbook.xml.rels", in_relations)
    if not sheets:
        raise FileRefused(1, "A", "broken_workbook")
    return targets[sheets[0]], from_1904


def date_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the cell styles (by index, as text) that show a date."""
    formats: dict[str, str] = {}
    styles: list[int] = []
    inside = ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        if name in ("cellXfs", "cellStyleXfs"):
            inside = name
        elif name == "numFmt":
            formats[attributes["numFmtId"]] = attributes["formatCode"]
        elif name == "xf" and inside == "cellXfs":
            styles.append(int(attributes.get("numFmtId", "0")))

    if "xl/styles.xml" not in archive.namelist():
        return set()
    _parse(archive, "xl/styles.xml", start)
    dates = _DATE_FORMATS | {
        int(number) for number, code in formats.items() if set("dy") & set(_QUOTED.sub("", code).lower())
    }
    return {str(index) for index, number in enumerate(styles) if number in dates}


def shared_strings(archive: zipfile.ZipFile) -> list[str]:
    """Return the texts that cells name by number, readings in another script left out."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    if archive.getinfo("xl/sharedStrings.xml").file_size > MAX_STRINGS_UNPACKED:
        raise FileRefused(1, "A", "unpacks_too_big", megabytes=MAX_STRINGS_UNPACKED // 1024 // 1024)
    strings: list[str] = []
    pieces: list[str] = []
    length = 0
    phonetic = False

    def collect(text: str) -> None:
        nonlocal length
        length += len(text)
        if length > MAX_CELL:
            raise FileRefused(1, "A", "too_long", limit=MAX_CELL)
        pieces.append(text)

    def start(name: str, attributes: Attributes) -> None:
        nonlocal phonetic, length
        name = local_name(name)
        if name == "si":
            pieces.clear()
            length = 0
        elif name == "rPh":
            phonetic = True
        elif name == "t" and not phonetic:
            parser.CharacterDataHandler = collect

    def end(name: str) -> None:
        nonlocal phonetic
        name = local_name(name)
        if name == "t":
            parser.CharacterDataHandler = None
        elif name == "rPh":
            phonetic = False
        elif name == "si":
            strings.append("".join(pieces))

    parser = new_parser(start)
    parser.EndElementHandler = end
    with archive.open("xl/sharedStrings.xml") as stream:
        parser.ParseFile(stream)
    return strings
