"""A small spreadsheet with cells to fill, by a number or by a formula.

Value: `{"cells": {"D2": "=B2+C2", "D5": "12,5"}, "notation": "vi"}`; a cell may be left out, `notation` is needed only
for what could be read two ways. A cell that wants a value takes a number or a formula with that result. A cell that
wants a formula takes one that gives the same as the author's on the data shown and on two variations of it, so that
typing the result does not pay. A formula that relies on another cell to fill is judged as if that one held what it
should, provided that it is filled. Each right cell is a point, binned to at most 4.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from assessments.items.answer_fields import answered_parts, free_text, known_id, read_fields
from assessments.items.content import Text
from assessments.items.decimal_forms import NOTATIONS, NumberFormError, read_number, show_number
from assessments.items.formula_values import CellValue, FormulaFault, formula_value
from assessments.items.formulas import (
    FIXED_FUNCTIONS,
    LONGEST,
    RANGE_FUNCTIONS,
    Cell,
    FormulaError,
    Node,
    cells_of,
    read_formula,
)
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.problems import ResponseError
from assessments.items.question import QuestionReading
from assessments.items.table_cells import (
    FEWEST_COLUMNS,
    MOST_COLUMNS,
    NOISE,
    VARIATIONS,
    Asked,
    KeySheet,
    Table,
    TableCell,
    check_key,
    depends_on,
    find_circle,
    read_cells,
)

KIND = "table"
SHOWN_DECIMALS = 6
MOST_CELLS = 400
"""How many cells a formula may speak of, counted as often as it does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person put into a cell: as written, and the number or formula that it is."""

    written: str
    content: Node
    is_formula: bool


Entries = dict[str, Entry]


def parse_content(raw: Any) -> Table:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("columns", "rows"))
    headings = reading.entries(source.get("columns"), "columns", FEWEST_COLUMNS, MOST_COLUMNS)
    columns = tuple(reading.text(entry, f"columns[{place}]", 200) for place, entry in enumerate(headings))
    table = Table(KIND, stem, rationale, columns, read_cells(reading, source.get("rows"), len(columns)))
    if not reading.problems:
        check_key(reading, table)
    reading.finish()
    return table


def player_view(content: Table, locale: str, seed: int) -> dict[str, Any]:
    """Headings (row 1) and rows (from 2) of cells: `{"ref", "text"}`, or `{"ref", "input"}`: number or formula."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "columns": [
            {"ref": str(Cell(place, 0)), "text": each.at(locale)} for place, each in enumerate(content.columns)
        ],
        "rows": [
            [_shown(cell, Cell(column, row), locale) for column, cell in enumerate(cells)]
            for row, cells in enumerate(content.rows, start=1)
        ],
        "functions": [*RANGE_FUNCTIONS, *FIXED_FUNCTIONS],
        "longest": LONGEST,
    }


def _shown(content: TableCell, cell: Cell, locale: str) -> dict[str, Any]:
    if isinstance(content, Asked):
        return {"ref": str(cell), "input": "formula" if content.node is not None else "number"}
    if isinstance(content, Text):
        return {"ref": str(cell), "text": content.at(locale)}
    return {"ref": str(cell), "text": "" if content is None else show_number(content, locale)}


def parse_response(content: Table, raw: Any) -> Entries:
    """Read an answer to what stands in each filled cell. Raises ResponseError, also for formulas that go in circles."""
    source = read_fields(raw, ("cells",), ("notation",))
    notation = source.get("notation")
    if notation is not None:
        known_id(notation, "notation", NOTATIONS, "unknown_notation")
    entries = {
        ref: _read_entry(content, free_text(text, f"cells.{ref}", LONGEST), f"cells.{ref}", notation)
        for ref, text in answered_parts(source["cells"], "cells", content.asked).items()
    }
    circle = find_circle({content.asked[ref][0]: each.content for ref, each in entries.items() if each.is_formula})
    if circle is not None:
        raise ResponseError(f"cells.{circle}", "circular")
    return entries


def _read_entry(content: Table, text: str, field: str, notation: str | None) -> Entry:
    try:
        if not text.lstrip().startswith("="):
            return Entry(text, read_number(text, notation=notation), False)
        node = read_formula(text, notation)
    except (FormulaError, NumberFormError) as error:
        raise ResponseError(field, error.reason) from None
    cells = list(islice(cells_of(node), MOST_CELLS + 1))
    if not all(content.has(cell) for cell in cells):
        raise ResponseError(field, "outside_table")
    if len(cells) > MOST_CELLS:
        raise ResponseError(field, "too_many_cells")
    return Entry(text, node, True)


def results(content: Table, value: Entries) -> dict[str, Decimal | str]:
    """What the sheet shows in each filled cell: its number, or why it has none (a FormulaFault's reason)."""
    entries = {content.asked[ref][0]: entry for ref, entry in value.items()}
    known: dict[Cell, Decimal | FormulaFault] = {}

    def lookup(cell: Cell) -> CellValue:
        given = content.at(cell)
        if not isinstance(given, Asked):
            return given.vi if isinstance(given, Text) else given
        if cell not in entries:
            return None
        found = worked_out(cell)
        if isinstance(found, FormulaFault):
            raise found
        return found

    def worked_out(cell: Cell) -> Decimal | FormulaFault:
        if cell not in known:
            try:
                known[cell] = formula_value(entries[cell].content, lookup)
            except FormulaFault as fault:
                known[cell] = fault
        return known[cell]

    found = {ref: worked_out(content.asked[ref][0]) for ref in value}
    return {ref: each.reason if isinstance(each, FormulaFault) else each for ref, each in found.items()}


def right_cells(content: Table, value: Entries) -> set[str]:
    """The names of the cells that hold what they should."""
    sheets = [KeySheet(content, variation) for variation in range(VARIATIONS)]
    asked = content.asked
    return {ref for ref, entry in value.items() if _is_right(sheets, value, entry, *asked[ref])}


def _is_right(sheets: list[KeySheet], value: Entries, entry: Entry, cell: Cell, asked: Asked) -> bool:
    if asked.node is not None and not entry.is_formula:
        return False
    table = sheets[0].table
    for sheet in sheets if asked.node is not None else sheets[:1]:

        def lookup(other: Cell, sheet: KeySheet = sheet) -> CellValue:
            is_asked = isinstance(table.at(other), Asked)
            return None if is_asked and (str(other) not in value or depends_on(table, other, cell)) else sheet(other)

        wanted = sheet.wanted(cell, asked)
        try:
            off = abs(formula_value(entry.content, lookup) - wanted)
        except FormulaFault:
            return False
        if off > asked.tolerance + NOISE * abs(wanted):
            return False
    return True


def points(content: Table, value: Entries) -> tuple[int, int]:
    """Right cells, of how many."""
    return len(right_cells(content, value)), len(content.asked)


def score(content: Table, value: Entries) -> int:
    """Right cells, binned."""
    return binned_score(*points(content, value))


def maximum(content: Table) -> int:
    """The number of cells to fill, at most 4."""
    return highest_score(len(content.asked))


def key(content: Table) -> dict[str, Any]:
    """An answer that earns the highest score."""
    sheet = KeySheet(content)
    return {
        "cells": {
            ref: asked.formula or show_number(sheet.wanted(cell, asked), "en")
            for ref, (cell, asked) in content.asked.items()
        },
        "notation": "en",
    }


def review_view(content: Table, locale: str, value: Entries | None) -> dict[str, Any]:
    """What the person sees after submission: each cell to fill with what it should hold and what theirs came to.

    result: None for a cell left out, a number in words of the locale, or why the formula has none.
    """
    given = value or {}
    shown, right, sheet = results(content, given), right_cells(content, given), KeySheet(content)
    rows = []
    for row, cells in enumerate(content.rows, start=1):
        views = []
        for column, each in enumerate(cells):
            view = _shown(each, Cell(column, row), locale)
            if isinstance(each, Asked):
                ref = view["ref"]
                result = shown.get(ref)
                view |= {
                    "wanted": show_number(sheet.wanted(Cell(column, row), each), locale, SHOWN_DECIMALS),
                    "formula": each.formula,
                    "given": given[ref].written if ref in given else None,
                    "result": show_number(result, locale, SHOWN_DECIMALS) if isinstance(result, Decimal) else result,
                    "correct": ref in right,
                }
            views.append(view)
        rows.append(views)
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "columns": [
            {"ref": str(Cell(place, 0)), "text": each.at(locale)} for place, each in enumerate(content.columns)
        ],
        "rows": rows,
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Bảng dưới đây là số hồ sơ của ba phường trong tháng. Hãy điền các ô còn trống; ô tổng và ô tỷ lệ phải "
        "dùng công thức để khi số liệu thay đổi thì kết quả thay đổi theo.",
        "en": "The table shows the applications of three wards in a month. Fill the empty cells; the total and the "
        "share must be formulas, so that they follow when the figures change.",
    },
    "columns": [
        {"vi": "Đơn vị", "en": "Unit"},
        {"vi": "Đã tiếp nhận", "en": "Received"},
        {"vi": "Đúng hạn", "en": "On time"},
        {"vi": "Trễ hạn", "en": "Late"},
    ],
    "rows": [
        [{"vi": "Phường An Phú", "en": "An Phú ward"}, "420", "399", {"value": "21", "tolerance": "0"}],
        [{"vi": "Phường Tân Lập", "en": "Tân Lập ward"}, "350", "343", {"value": "7", "tolerance": "0"}],
        [{"vi": "Xã Bình Hòa", "en": "Bình Hòa commune"}, "180", "171", "9"],
        [
            {"vi": "Tổng số", "en": "Total"},
            {"formula": "=SUM(B2:B4)", "tolerance": "0"},
            {"formula": "=SUM(C2:C4)", "tolerance": "0"},
            None,
        ],
        [
            {"vi": "Tỷ lệ đúng hạn (làm tròn 3 chữ số)", "en": "Share on time (3 decimals)"},
            None,
            {"formula": "=ROUND(C5/B5,3)", "tolerance": "0"},
            None,
        ],
    ],
    "rationale": {
        "vi": "Công thức giữ cho bảng luôn đúng; số gõ tay sẽ sai ngay khi một ô thay đổi.",
        "en": "Formulas keep a table right; a typed number is wrong as soon as one cell changes.",
    },
}
