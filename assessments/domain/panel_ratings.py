"""Judges' ratings from a pasted table or a CSV file, with every fault by row and column."""

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LEVELS = tuple(str(level) for level in range(2, 9))
"""What the last seven columns are called: the level whose cut they are about."""
MOST_ROWS = 5000
DELIMITERS = "\t;,"


@dataclass(frozen=True, slots=True)
class RatingProblem:
    """A fault in a table. row, column: counted from 1 as in the table; 0 for the table or the row as a whole.

    reason: `header`, `no_rows`, `too_many_rows`, `cells`, `unknown_judge`, `unknown_item`, `not_a_number`,
    `out_of_range`, `not_whole`, `falls`, `not_above`, `repeated`, `missing`, `levels_alike`. value: what stood there or
    what is missing.
    """

    row: int
    column: int
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class RatingRow:
    """Seven judgements of one judge; item: None for a bookmark."""

    judge: str
    item: str | None
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RatingScheme:
    """What a table must hold. items: codes to be rated out of 100, empty where pages of a booklet are marked.

    pages: of that booklet.
    """

    judges: tuple[str, ...]
    items: tuple[str, ...] = ()
    pages: int = 0

    @property
    def by_item(self) -> bool:
        return bool(self.items)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns before the seven levels."""
        return ("judge", "item") if self.by_item else ("judge",)

    def expected(self) -> Iterator[tuple[str, str | None]]:
        """Every pair of judge and item that needs a row."""
        for judge in self.judges:
            if self.by_item:
                yield from ((judge, item) for item in self.items)
            else:
                yield judge, None


@dataclass(slots=True)
class _Reading:
    scheme: RatingScheme
    rows: list[RatingRow] = field(default_factory=list)
    problems: list[RatingProblem] = field(default_factory=list)

    def fault(self, row: int, column: int, reason: str, value: object = "") -> None:
        self.problems.append(RatingProblem(row, column, reason, str(value)[:80]))


def write_template(scheme: RatingScheme) -> str:
    """Return a CSV table with a row for every judgement that is wanted and the seven levels left empty."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([*scheme.names, *LEVELS])
    for judge, item in scheme.expected():
        writer.writerow([judge, *([item] if item is not None else []), *[""] * len(LEVELS)])
    return table.getvalue()


def read_ratings(text: str, scheme: RatingScheme) -> tuple[list[RatingRow], list[RatingProblem]]:
    """Read a table of ratings: columns apart by tabs, semicolons or commas, first row as in the template.

    Either all rows or all problems count; a table with problems gives nothing to store.
    """
    reading = _Reading(scheme)
    lines = [(number, line) for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1) if line.strip()]
    if not lines:
        return [], [RatingProblem(0, 0, "no_rows")]
    if len(lines) > MOST_ROWS:
        return [], [RatingProblem(0, 0, "too_many_rows", str(MOST_ROWS))]
    delimiter = max(DELIMITERS, key=lines[0][1].count)
    width = len(scheme.names) + len(LEVELS)
    header = _cells(lines[0][1], delimiter)
    if len(header) != width or tuple(header[-len(LEVELS) :]) != LEVELS:
        return [], [RatingProblem(lines[0][0], 0, "header", lines[0][1])]
    seen: dict[tuple[str, str | None], int] = {}
    for number, line in lines[1:]:
        cells = _cells(line, delimiter)
        if len(cells) != width:
            reading.fault(number, 0, "cells", len(cells))
            continue
        row = _read_row(reading, number, cells, decimal_comma=delimiter != ",")
        if row is None:
            continue
        if (row.judge, row.item) in seen:
            reading.fault(number, 0, "repeated", seen[row.judge, row.item])
            continue
        seen[row.judge, row.item] = number
        reading.rows.append(row)
    if not reading.problems:
        for judge, item in scheme.expected():
            if (judge, item) not in seen:
                reading.fault(0, 0, "missing", f"{judge}, {item}" if item is not None else judge)
    if not reading.problems:
        _check_levels_differ(reading)
    return reading.rows, reading.problems


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def _read_row(reading: _Reading, number: int, cells: Sequence[str], *, decimal_comma: bool) -> RatingRow | None:
    scheme, before = reading.scheme, len(reading.problems)
    judge = _match(cells[0], scheme.judges)
    if judge is None:
        reading.fault(number, 1, "unknown_judge", cells[0])
    item = None
    if scheme.by_item:
        item = _match(cells[1], scheme.items)
        if item is None:
            reading.fault(number, 2, "unknown_item", cells[1])
    values: list[float] = []
    first = len(scheme.names)
    for column, cell in enumerate(cells[first:], start=first + 1):
        value = _number(cell.replace(",", ".") if decimal_comma else cell)
        if value is None:
            reading.fault(number, column, "not_a_number", cell)
            continue
        if scheme.by_item:
            if not 0 < value < 100:
                reading.fault(number, column, "out_of_range", cell)
            elif values and value < values[-1]:
                reading.fault(number, column, "falls", cell)
        elif value != math.floor(value):
            reading.fault(number, column, "not_whole", cell)
        elif not 1 <= value <= scheme.pages:
            reading.fault(number, column, "out_of_range", cell)
        elif values and value <= values[-1]:
            reading.fault(number, column, "not_above", cell)
        values.append(value)
    if len(reading.problems) > before or judge is None:
        return None
    return RatingRow(judge, item, tuple(values))


def _match(cell: str, known: Sequence[str]) -> str | None:
    """The known name that a cell means, spaces and case apart."""
    folded: Mapping[str, str] = {" ".join(name.split()).casefold(): name for name in known}
    return folded.get(" ".join(cell.split()).casefold())


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _check_levels_differ(reading: _Reading) -> None:
    """A judge whose ratings are the same for two neighbouring levels over all items draws no line between them."""
    of_judge: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for row in reading.rows:
        of_judge[row.judge].append(row.values)
    for judge, rows in of_judge.items():
        means = [sum(values) / len(rows) for values in zip(*rows, strict=True)]
        for at in range(1, len(means)):
            if means[at] <= means[at - 1]:
                reading.fault(0, 0, "levels_alike", f"{judge}: {LEVELS[at - 1]}, {LEVELS[at]}")
