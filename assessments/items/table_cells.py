"""The cells of a table task: what is given, what is asked, and what the asked cells should hold."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from assessments.items.content import Text
from assessments.items.formula_values import CellValue, FormulaFault, formula_value
from assessments.items.formulas import Cell, FormulaError, Node, cells_of, read_formula
from assessments.items.question import Question, QuestionReading, plain_number

FEWEST_COLUMNS, MOST_COLUMNS = 2, 8
MOST_ROWS = 20
MOST_ASKED = 12
VARIATIONS = 3
"""A formula is tried on the data shown and on two variations of it."""
NOISE = Decimal("1e-25")
"""What two ways of working out the same number, to 34 digits, may differ by, as a share of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell to fill. value: the number wanted; or formula, node: the formula wanted. tolerance: what may be off."""

    value: Decimal | None
    formula: str
    node: Node | None
    tolerance: Decimal

    def to_dict(self) -> dict[str, Any]:
        wanted = {"formula": self.formula} if self.value is None else {"value": plain_number(self.value)}
        return {**wanted, "tolerance": plain_number(self.tolerance)}


Given = Decimal | Text | None
TableCell = Given | Asked


@dataclass(frozen=True, slots=True)
class Table(Question):
    """columns: headings, which are row 1 of the sheet. rows: as long as the headings; row 2 is the first of them."""

    columns: tuple[Text, ...]
    rows: tuple[tuple[TableCell, ...], ...]

    def at(self, cell: Cell) -> TableCell:
        return self.columns[cell.column] if cell.row == 0 else self.rows[cell.row - 1][cell.column]

    def has(self, cell: Cell) -> bool:
        return cell.column < len(self.columns) and cell.row <= len(self.rows)

    @property
    def asked(self) -> dict[str, tuple[Cell, Asked]]:
        """The cells to fill, by name (`D2`), row by row."""
        found = {}
        for row, cells in enumerate(self.rows, start=1):
            for column, content in enumerate(cells):
                if isinstance(content, Asked):
                    cell = Cell(column, row)
                    found[str(cell)] = (cell, content)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        rows = [
            [plain_number(cell) if isinstance(cell, Decimal) else cell and cell.to_dict() for cell in row]
            for row in self.rows
        ]
        return self.frame_to_dict() | {"columns": [column.to_dict() for column in self.columns], "rows": rows}


@dataclass(slots=True)
class KeySheet:
    """The table as its author fills it: on the data shown (variation 0), or on other numbers of the same kind."""

    table: Table
    variation: int = 0
    known: dict[Cell, Decimal] = field(default_factory=dict)

    def __call__(self, cell: Cell) -> CellValue:
        """The value of a cell. FormulaFault where a formula of the key has none."""
        content = self.table.at(cell)
        if isinstance(content, Decimal):
            return varied(content, cell, self.variation)
        if isinstance(content, Text):
            return content.vi
        return None if content is None else self.wanted(cell, content)

    def wanted(self, cell: Cell, asked: Asked) -> Decimal:
        """What an asked cell should hold."""
        if asked.value is not None:
            return asked.value
        assert asked.node is not None
        if cell not in self.known:
            self.known[cell] = formula_value(asked.node, self)
        return self.known[cell]


@lru_cache(maxsize=16384)
def varied(value: Decimal, cell: Cell, variation: int) -> Decimal:
    """Another number with the same sign and decimals, larger in size by up to half, always the same one."""
    if variation == 0:
        return value
    step = Decimal(1).scaleb(min(0, int(value.as_tuple().exponent)))
    steps = int(abs(value) / step) // 2 + 3
    more = step * (1 + int.from_bytes(hashlib.sha256(f"{variation}:{cell}".encode()).digest()[:8]) % steps)
    return value - more if value < 0 else value + more


def depends_on(table: Table, cell: Cell, wanted: Cell) -> bool:
    """Whether the key of a cell needs that other cell, over however many steps, or is it."""
    seen, waiting = {cell}, [cell]
    while waiting:
        content = table.at(waiting.pop())
        if isinstance(content, Asked) and content.node is not None:
            new = set(cells_of(content.node)) - seen
            seen |= new
            waiting += new
    return wanted in seen


def find_circle(formulas: Mapping[Cell, Node]) -> Cell | None:
    """A cell whose formula needs itself, over however many steps; None when there is none."""
    settled: set[Cell] = set()

    def circle_from(cell: Cell, above: tuple[Cell, ...]) -> Cell | None:
        if cell in above:
            return cell
        if cell in settled or cell not in formulas:
            return None
        for other in sorted(set(cells_of(formulas[cell])), key=str):
            found = circle_from(other, (*above, cell))
            if found is not None:
                return found
        settled.add(cell)
        return None

    return next((found for cell in formulas if (found := circle_from(cell, ())) is not None), None)


def read_cells(reading: QuestionReading, raw: Any, columns: int) -> tuple[tuple[TableCell, ...], ...]:
    """Read the rows, each as long as there are columns."""
    rows = []
    for number, entry in enumerate(reading.entries(raw, "rows", 1, MOST_ROWS)):
        path = f"rows[{number}]"
        cells = reading.entries(entry, path, columns, columns)
        rows.append(tuple(_read_cell(reading, cell, f"{path}[{place}]") for place, cell in enumerate(cells)))
    asked = sum(isinstance(cell, Asked) for row in rows for cell in row)
    if not 1 <= asked <= MOST_ASKED:
        reading.problem("rows", "wrong_number_asked", f"1..{MOST_ASKED}")
    return tuple(rows)


def _read_cell(reading: QuestionReading, raw: Any, path: str) -> TableCell:
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        return reading.number(raw, path)
    if "value" not in raw and "formula" not in raw:
        return reading.text(raw, path, 200)
    name = "formula" if "formula" in raw else "value"
    source = reading.mapping(raw, path, (name, "tolerance"))
    tolerance = reading.number(source.get("tolerance", 0), f"{path}.tolerance", least=Decimal(0))
    if name == "value":
        return Asked(reading.number(source["value"], f"{path}.value"), "", None, tolerance)
    formula = source["formula"]
    try:
        node = read_formula(formula if isinstance(formula, str) else "")
    except FormulaError as error:
        reading.problem(f"{path}.formula", error.reason)
        return Asked(Decimal(0), "", None, tolerance)
    return Asked(None, str(formula), node, tolerance)


def check_key(reading: QuestionReading, table: Table) -> None:
    """Note key formulas that reach out of the table, go in circles, or have no value on the data or a variation."""
    formulas = {cell: asked.node for cell, asked in table.asked.values() if asked.node is not None}
    for cell, node in formulas.items():
        if not all(table.has(each) for each in cells_of(node)):
            reading.problem(_path(cell), "outside_table")
    if reading.problems:
        return
    circle = find_circle(formulas)
    if circle is not None:
        reading.problem(_path(circle), "circular")
        return
    for cell in formulas:
        try:
            for variation in range(VARIATIONS):
                KeySheet(table, variation)(cell)
        except FormulaFault as fault:
            reading.problem(_path(cell), fault.reason)


def _path(cell: Cell) -> str:
    return f"rows[{cell.row - 1}][{cell.column}].formula"
