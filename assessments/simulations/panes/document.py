"""A document in sections: a procedure page, a regulation, a notice. Sections may stay folded until opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..reader import Cursor, Scope, no_repeats
from ..variables import Variable
from ..wording import LocaleText, paragraphs
from .base import Choice, Scene, read_variable_name

FIXTURE = "documents"
REQUIRED: tuple[str, ...] = ()
OPTIONAL: tuple[str, ...] = ("opened",)


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[LocaleText, ...]
    rows: tuple[tuple[LocaleText, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    heading: LocaleText
    text: LocaleText | None
    points: tuple[LocaleText, ...]
    table: Table | None


@dataclass(frozen=True, slots=True)
class OfficeDocument:
    heading: LocaleText
    source: LocaleText | None
    sections: tuple[Section, ...]

    def choices(self) -> list[Choice]:
        return [Choice(section.id, section.heading) for section in self.sections]


@dataclass(frozen=True, slots=True)
class DocumentPane:
    document: OfficeDocument
    opened: str | None


def read_fixture(cursor: Cursor, scope: Scope) -> OfficeDocument:
    """A document has a heading, where it is from, and sections of text, points or a table."""
    fields = cursor.fields(("heading", "sections"), ("source",))
    if len({"heading", "sections"} & set(fields)) < 2:
        return OfficeDocument(LocaleText("", ""), None, ())
    sections = [_read_section(item) for item in fields["sections"].items()]
    no_repeats(fields["sections"], [section.id for section in sections], "section")
    source = fields["source"].text() if "source" in fields else None
    return OfficeDocument(fields["heading"].text(), source, tuple(sections))


def _read_section(cursor: Cursor) -> Section:
    fields = cursor.fields(("id", "heading"), ("text", "points", "table"))
    if not {"text", "points", "table"} & set(fields):
        cursor.problem("a section has a text, points or a table")
    return Section(
        fields["id"].name() if "id" in fields else "",
        fields["heading"].text() if "heading" in fields else LocaleText("", ""),
        fields["text"].text() if "text" in fields else None,
        tuple(item.text() for item in fields["points"].items()) if "points" in fields else (),
        _read_table(fields["table"]) if "table" in fields else None,
    )


def _read_table(cursor: Cursor) -> Table:
    fields = cursor.fields(("columns", "rows"))
    if len(fields) < 2:
        return Table((), ())
    columns = tuple(item.text() for item in fields["columns"].items())
    rows = []
    for row in fields["rows"].items():
        cells = tuple(cell.text() for cell in row.items())
        if len(cells) != len(columns):
            row.problem(f"{len(cells)} cells for {len(columns)} columns")
        rows.append(cells)
    return Table(columns, tuple(rows))


def read(fields: Mapping[str, Cursor], fixture: OfficeDocument, variables: Mapping[str, Variable]) -> DocumentPane:
    """`opened`, if given, names the set variable of opened section ids; without it all sections are open."""
    opened = read_variable_name(fields, "opened", variables, "set") if "opened" in fields else None
    return DocumentPane(fixture, opened)


def render(pane: DocumentPane, scene: Scene) -> dict[str, Any]:
    document = pane.document
    opened = None if pane.opened is None else scene.names[pane.opened]
    return {
        "heading": scene.say(document.heading),
        "source": scene.say(document.source) if document.source else None,
        "sections": [
            _render_section(section, scene, opened is None or section.id in opened) for section in document.sections
        ],
    }


def _render_section(section: Section, scene: Scene, opened: bool) -> dict[str, Any]:
    view: dict[str, Any] = {"id": section.id, "heading": scene.say(section.heading), "opened": opened}
    table = section.table if opened else None
    view["text"] = paragraphs(scene.say(section.text)) if opened and section.text else []
    view["points"] = [scene.say(point) for point in section.points] if opened else []
    view["table"] = table and {
        "columns": [scene.say(column) for column in table.columns],
        "rows": [[scene.say(cell) for cell in row] for row in table.rows],
    }
    return view


def keyboard() -> str:
    return "headings, text and tables; the opening action is a button or a choice"
