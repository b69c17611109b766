"""CSV tables with a fixed set of columns."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from competencies.importing.problems import ImportProblem

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_PROBLEMS = 100
FORMULA_SIGNS = ("=", "+", "-", "@")


@dataclass(slots=True)
class Table:
    """The rows of one file as (row number, column -> text), and the problems found so far."""

    file: str
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)

    def problem(self, reason: str, row: int | None = None, column: str = "", value: str = "") -> None:
        """Note a problem; after the first hundred the rest would tell nothing new."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(ImportProblem(self.file, reason, row, column, value[:80]))


def read_table(path: Path, columns: Mapping[str, int], optional: Sequence[str] = ()) -> Table:
    """Read a UTF-8 CSV file with exactly these columns, in any order.

    columns: name -> the longest text that fits. Cells of `optional` columns may be empty. A cell that a spreadsheet
    would run as a formula is a problem. Rows with a problem are left out of `rows`.
    """
    table = Table(path.name)
    text = _read_text(path, table)
    if text is None:
        return table
    try:
        _read_rows(csv.reader(io.StringIO(text, newline=""), strict=True), columns, optional, table)
    except csv.Error:
        table.problem("not_csv", len(table.rows) + 2)
    return table


def _read_text(path: Path, table: Table) -> str | None:
    if not path.is_file():
        table.problem("missing_file")
        return None
    if path.stat().st_size > MAX_BYTES:
        table.problem("too_large", value=str(MAX_BYTES // 1024 // 1024))
        return None
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        table.problem("not_utf8")
        return None


def _read_rows(reader: Iterator[list[str]], columns: Mapping[str, int], optional: Sequence[str], table: Table) -> None:
    header = [name.strip() for name in next(reader, [])]
    for name in columns:
        if name not in header:
            table.problem("missing_column", 1, name)
    for name in header:
        if name not in columns or header.count(name) > 1:
            table.problem("unknown_column", 1, name)
    if table.problems:
        return
    for number, cells in enumerate(reader, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if number > MAX_ROWS + 1:
            table.problem("too_many_rows", value=str(MAX_ROWS))
            return
        if len(cells) != len(header):
            table.problem("wrong_number_of_cells", number, value=str(len(header)))
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        if _is_sound(row, number, columns, optional, table):
            table.rows.append((number, row))
    if not table.rows and not table.problems:
        table.problem("no_rows")


def _is_sound(
    row: Mapping[str, str], number: int, columns: Mapping[str, int], optional: Sequence[str], table: Table
) -> bool:
    sound = True
    for name, text in row.items():
        reason = ""
        if not text:
            reason = "" if name in optional else "empty"
        elif text.startswith(FORMULA_SIGNS):
            reason = "formula"
        elif len(text) > columns[name]:
            reason = "too_long"
        elif any(ord(char) < 32 and char not in "\n\t" for char in text):
            reason = "control_character"
        if reason:
            table.problem(reason, number, name, str(columns[name]) if reason == "too_long" else text)
            sound = False
    return sound
