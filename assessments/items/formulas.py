"""Reading spreadsheet formulas of a small, safe language: what is not in it does not parse.

    formula    = "=" comparison
    comparison = sum [("=" | "<>" | "<" | "<=" | ">" | ">=") sum]
    sum        = product {("+" | "-") product}
    product    = sign {("*" | "/") sign}
    sign       = ["+" | "-"] sign | percent
    percent    = atom {"%"}
    atom       = number | cell | function "(" argument {separator argument} ")" | "(" comparison ")"
    argument   = cell ":" cell | comparison          (a range only in SUM, AVERAGE, MIN, MAX, COUNT)

As in spreadsheets set to English, numbers have a decimal point and arguments a comma between them; set to Vietnamese,
numbers have a decimal comma and arguments a semicolon. A formula is read as whichever it can be; one that is both and
means two things, such as `=SUM(1,5)`, is refused unless the writer's notation is known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

LONGEST = 200
DEEPEST = 16
MOST_ARGUMENTS = 20
RANGE_FUNCTIONS = ("SUM", "AVERAGE", "MIN", "MAX", "COUNT")
FIXED_FUNCTIONS = {"IF": 3, "ROUND": 2}
_TOKEN = {
    decimal: re.compile(
        rf"\s*(?:(?P<number>[0-9]{{1,15}}(?:{re.escape(decimal)}[0-9]{{1,9}})?)"
        r"|(?P<cell>\$?[A-Za-z]\$?[0-9]{1,2})(?![A-Za-z0-9(])|(?P<name>[A-Za-z]+)(?=\s*\()"
        rf"|(?P<sign><>|<=|>=|[-+*/()%:<>=]|{separator}))"
    )
    for decimal, separator in ((".", ","), (",", ";"))
}
_SIGNS = str.maketrans("\u2212\u00d7\u00f7", "-*/")
_DECIMAL = {"en": ".", "vi": ","}
_SEPARATOR = {"en": ",", "vi": ";"}


class FormulaError(ValueError):
    """A text that is no formula of the language. reason: a fixed word."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by column and row, both from 0: B2 is column 1, row 1."""

    column: int
    row: int

    def __str__(self) -> str:
        return f"{chr(ord('A') + self.column)}{self.row + 1}"


@dataclass(frozen=True, slots=True)
class Range:
    """A block of cells with both corners."""

    first: Cell
    last: Cell

    def cells(self) -> Iterator[Cell]:
        """Every cell of the block, row by row."""
        rows = sorted((self.first.row, self.last.row))
        columns = sorted((self.first.column, self.last.column))
        for row in range(rows[0], rows[1] + 1):
            for column in range(columns[0], columns[1] + 1):
                yield Cell(column, row)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator or function on its arguments; `neg` and `%` have one."""

    name: str
    arguments: tuple["Node", ...]


Node = Decimal | Cell | Range | Operation


def read_formula(text: str, notation: str | None = None) -> Node:
    """Read a formula that begins with `=`. notation: `vi` or `en`, when the writer's is known. Raises FormulaError."""
    text = text.translate(_SIGNS).strip()
    if not text.startswith("="):
        raise FormulaError("not_a_formula")
    if len(text) > LONGEST:
        raise FormulaError("too_long")
    readings: dict[str, Node] = {}
    problem = FormulaError("bad_formula")
    for name in ("en", "vi"):
        try:
            readings[name] = _Parser(text[1:], name).whole()
        except FormulaError as error:
            problem = error if problem.reason == "bad_formula" else problem
    if not readings:
        raise problem
    found = list(readings.values())
    if len(found) == 2 and found[0] != found[1] and notation not in readings:
        raise FormulaError("ambiguous_formula")
    return readings[notation] if notation in readings else found[0]


def cells_of(node: Node) -> Iterator[Cell]:
    """Every cell that a formula speaks of."""
    if isinstance(node, Cell):
        yield node
    elif isinstance(node, Range):
        yield from node.cells()
    elif isinstance(node, Operation):
        for argument in node.arguments:
            yield from cells_of(argument)


class _Parser:
    """One pass over a formula in one notation, by recursive descent."""

    def __init__(self, text: str, notation: str) -> None:
        self.separator = _SEPARATOR[notation]
        self.tokens = list(self._tokens(text.rstrip(), _DECIMAL[notation]))
        self.place = 0

    @staticmethod
    def _tokens(text: str, decimal: str) -> Iterator[tuple[str, str]]:
        place = 0
        while place < len(text):
            found = _TOKEN[decimal].match(text, place)
            if found is None:
                raise FormulaError("bad_formula")
            kind = str(found.lastgroup)
            yield kind, found[kind].upper()
            place = found.end()

    def whole(self) -> Node:
        node = self._comparison(0)
        if self.place < len(self.tokens):
            raise FormulaError("bad_formula")
        return node

    def _sign_here(self, *signs: str) -> str:
        """The sign that comes next and is taken, when it is one of these."""
        if self.place < len(self.tokens):
            kind, text = self.tokens[self.place]
            if kind == "sign" and text in signs:
                self.place += 1
                return text
        return ""

    def _take(self, sign: str) -> None:
        if not self._sign_here(sign):
            raise FormulaError("bad_formula")

    def _comparison(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise FormulaError("too_deep")
        left = self._sum(depth)
        operator = self._sign_here("=", "<>", "<", "<=", ">", ">=")
        return Operation(operator, (left, self._sum(depth))) if operator else left

    def _sum(self, depth: int) -> Node:
        left = self._product(depth)
        while operator := self._sign_here("+", "-"):
            left = Operation(operator, (left, self._product(depth)))
        return left

    def _product(self, depth: int) -> Node:
        left = self._signed(depth)
        while operator := self._sign_here("*", "/"):
            left = Operation(operator, (left, self._signed(depth)))
        return left

    def _signed(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise FormulaError("too_deep")
        operator = self._sign_here("+", "-")
        if operator:
            inner = self._signed(depth + 1)
            return Operation("neg", (inner,)) if operator == "-" else inner
        node = self._atom(depth)
        while self._sign_here("%"):
            node = Operation("%", (node,))
        return node

    def _atom(self, depth: int) -> Node:
        if self._sign_here("("):
            node = self._comparison(depth + 1)
            self._take(")")
            return node
        if self.place == len(self.tokens):
            raise FormulaError("bad_formula")
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return Decimal(text.replace(",", "."))
        if kind == "cell":
            return _cell(text)
        if kind == "name":
            return self._call(text, depth)
        raise FormulaError("bad_formula")

    def _call(self, name: str, depth: int) -> Node:
        if name not in RANGE_FUNCTIONS and name not in FIXED_FUNCTIONS:
            raise FormulaError("unknown_function")
        self._take("(")
        arguments = [self._argument(name, depth)]
        while self._sign_here(self.separator):
            arguments.append(self._argument(name, depth))
        self._take(")")
        if len(arguments) != FIXED_FUNCTIONS.get(name, len(arguments)) or len(arguments) > MOST_ARGUMENTS:
            raise FormulaError("wrong_arguments")
        return Operation(name, tuple(arguments))

    def _argument(self, name: str, depth: int) -> Node:
        if (
            name in RANGE_FUNCTIONS
            and [kind for kind, _ in self.tokens[self.place : self.place + 3 : 2]] == ["cell"] * 2
        ):
            start = self.place
            first = _cell(self.tokens[start][1])
            self.place += 1
            if self._sign_here(":"):
                last = _cell(self.tokens[self.place][1])
                self.place += 1
                return Range(first, last)
            self.place = start
        return self._comparison(depth + 1)


def _cell(text: str) -> Cell:
    letters = text.replace("$", "")
    if letters[1:].startswith("0"):
        raise FormulaError("bad_formula")
    return Cell(ord(letters[0]) - ord("A"), int(letters[1:]) - 1)
