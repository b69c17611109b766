"""The form of a table to fill: its columns, and row by row what each cell is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.items.formulas import Cell
from frontend.author.forms.nodes import Choice, Line, Node, Number, Problems, Words, read_plain, unambiguous
from frontend.author.forms.rows import Rows
from frontend.author.forms.shapes import Value
from frontend.numbers import read_whole

EMPTY, TEXT, NUMBER, ASK_NUMBER, ASK_FORMULA = "empty", "text", "number", "ask_number", "ask_formula"
WAYS = [
    (EMPTY, _("empty")),
    (TEXT, _("text")),
    (NUMBER, _("number")),
    (ASK_NUMBER, _("to fill with a number")),
    (ASK_FORMULA, _("to fill with a formula")),
]
SHEET_PLACES = (
    (r"^rows\[(\d+)\]\[(\d+)\]\.(en|tolerance)$", r"rows[\1].cells[\2].\3"),
    (r"^rows\[(\d+)\]\[(\d+)\](\.\w+)?$", r"rows[\1].cells[\2].vi"),
)


@dataclass(frozen=True, kw_only=True)
class Cells(Rows):
    """The cells of a row; each is called as in a spreadsheet."""

    def title(self, path: str, index: int) -> str:
        row = int(path[path.index("[") + 1 : path.index("]")])
        return str(_("Cell %(cell)s")) % {"cell": Cell(index, row + 1)}

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        cells = super().dump(value, path, problems)
        for index, cell in enumerate(cells):
            if cell.get("is") in (NUMBER, ASK_NUMBER):
                cell["vi"] = read_plain(cell["vi"], f"{path}[{index}].vi", problems)
        return cells


def sheet_parts() -> tuple[Node, ...]:
    """Return the parts: columns, and rows of cells."""
    cells = Cells(
        name="cells",
        one=_("Cell"),
        most=8,
        fixed=True,
        parts=(
            Choice(name="is", label=_("What it is"), choices=WAYS, start=EMPTY),
            Line(name="vi", label=_("Number, formula, or text in Vietnamese"), optional=True),
            Line(name="en", label=_("Text in English"), optional=True),
            Number(name="tolerance", label=_("How far off is still right"), optional=True),
        ),
    )
    columns = Rows(
        name="columns",
        label=_("Columns"),
        hint=_("Their headings are row 1 of the spreadsheet."),
        one=_("Column"),
        add=_("Add a column"),
        start=3,
        most=8,
        parts=(Words(rows=1),),
    )
    rows = Rows(
        name="rows",
        label=_("Rows"),
        hint=_("Formulas begin with =, with English function names and commas between values: =SUM(B2:B4)."),
        one=_("Row"),
        add=_("Add a row"),
        start=2,
        most=20,
        movable=True,
        parts=(cells,),
    )
    return columns, rows


def sheet_from_content(content: Value) -> Value:
    """Return a content with each row as a mapping of cells in the form's words."""
    return content | {"rows": [{"cells": [_cell_of(cell) for cell in row]} for row in content.get("rows", [])]}


def _cell_of(cell: Any) -> dict[str, Any]:
    if cell is None:
        return {"is": EMPTY}
    if not isinstance(cell, Mapping):
        return {"is": NUMBER, "vi": unambiguous(str(cell))}
    if "formula" in cell:
        return {"is": ASK_FORMULA, "vi": cell["formula"], "tolerance": cell.get("tolerance")}
    if "value" in cell:
        return {"is": ASK_NUMBER, "vi": unambiguous(str(cell["value"])), "tolerance": cell.get("tolerance")}
    return {"is": TEXT, **cell}


def sheet_to_content(value: Value) -> Value:
    """Return the content with each row as a list of cells."""
    return value | {"rows": [[_content_of(cell) for cell in row["cells"]] for row in value["rows"]]}


def _content_of(cell: dict[str, Any]) -> Any:
    way, text = cell.get("is"), cell["vi"]
    if way == EMPTY:
        return None
    if way == TEXT:
        return {"vi": text, "en": cell["en"]}
    if way == NUMBER:
        return text
    tolerance = {"tolerance": cell["tolerance"]} if "tolerance" in cell else {}
    return {"formula": text, **tolerance} if way == ASK_FORMULA else {"value": text, **tolerance}


def settle_sheet(value: Value) -> Value:
    """Give every row as many cells as there are columns."""
    columns = len(value["columns"])
    blank = {"is": EMPTY, "vi": "", "en": "", "tolerance": ""}
    for row in value["rows"]:
        row["cells"] = row["cells"][:columns]
        row["cells"] += [dict(blank) for _missing in range(columns - len(row["cells"]))]
    return value


def drop_column(value: Value, action: str) -> Value:
    """Take a column's cells away with it."""
    verb, _colon, rest = action.partition(":")
    name, _colon, number = rest.partition(":")
    column = read_whole(number)
    if (verb, name) == ("remove", "columns") and column is not None:
        for row in value["rows"]:
            del row["cells"][column : column + 1]
    return value
