"""Working formulas out in decimal arithmetic, as spreadsheets do where they agree."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

from assessments.items.formulas import Cell, Node, Operation, Range

CellValue = Decimal | str | None
"""A number, a text, or None for an empty cell."""
Lookup = Callable[[Cell], CellValue]
LARGEST = Decimal(10) ** 30
_CONTEXT = Context(prec=34)


class FormulaFault(ArithmeticError):
    """A formula that has no value. reason: `division_by_zero`, `text_in_arithmetic`, `too_large`, `bad_digits`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def formula_value(node: Node, lookup: Lookup) -> Decimal:
    """The value of a formula. A comparison is 1 or 0, an empty cell 0. Raises FormulaFault, and whatever lookup raises.

    SUM, AVERAGE, MIN, MAX and COUNT pass over texts and empty cells of ranges; MIN and MAX of nothing are 0. ROUND
    rounds halves away from zero.
    """
    if isinstance(node, Decimal):
        return node
    if isinstance(node, Cell):
        return _number(lookup(node))
    if isinstance(node, Range):
        raise FormulaFault("text_in_arithmetic")
    if node.name == "IF":
        chosen = 1 if formula_value(node.arguments[0], lookup) else 2
        return formula_value(node.arguments[chosen], lookup)
    if node.name in _AGGREGATES:
        return _bounded(_AGGREGATES[node.name](_numbers(node, lookup)))
    return _bounded(_OPERATORS[node.name](*(formula_value(argument, lookup) for argument in node.arguments)))


def _number(value: CellValue) -> Decimal:
    if isinstance(value, str):
        raise FormulaFault("text_in_arithmetic")
    return Decimal(0) if value is None else value


def _numbers(node: Operation, lookup: Lookup) -> list[Decimal]:
    found: list[Decimal] = []
    for argument in node.arguments:
        if isinstance(argument, (Range, Cell)):
            cells = argument.cells() if isinstance(argument, Range) else [argument]
            found += [value for cell in cells if isinstance(value := lookup(cell), Decimal)]
        else:
            found.append(formula_value(argument, lookup))
    return found


def _bounded(value: Decimal) -> Decimal:
    if abs(value) > LARGEST:
        raise FormulaFault("too_large")
    return value


def _total(values: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _CONTEXT.add(total, value)
    return total


def _divided(left: Decimal, right: Decimal) -> Decimal:
    if right == 0:
        raise FormulaFault("division_by_zero")
    return _CONTEXT.divide(left, right)


def _rounded(value: Decimal, digits: Decimal) -> Decimal:
    if digits != digits.to_integral_value() or abs(digits) > 9:
        raise FormulaFault("bad_digits")
    scale = Decimal(10) ** int(digits)
    return _CONTEXT.divide(_CONTEXT.multiply(value, scale).to_integral_value(rounding=ROUND_HALF_UP), scale)


_AGGREGATES: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "SUM": _total,
    "AVERAGE": lambda values: _divided(_total(values), Decimal(len(values))),
    "MIN": lambda values: min(values, default=Decimal(0)),
    "MAX": lambda values: max(values, default=Decimal(0)),
    "COUNT": lambda values: Decimal(len(values)),
}
_OPERATORS: dict[str, Callable[..., Decimal]] = {
    "+": _CONTEXT.add,
    "-": _CONTEXT.subtract,
    "*": _CONTEXT.multiply,
    "/": _divided,
    "neg": _CONTEXT.minus,
    "%": lambda value: _CONTEXT.divide(value, Decimal(100)),
    "=": lambda left, right: Decimal(left == right),
    "<>": lambda left, right: Decimal(left != right),
    "<": lambda left, right: Decimal(left < right),
    "<=": lambda left, right: Decimal(left <= right),
    ">": lambda left, right: Decimal(left > right),
    ">=": lambda left, right: Decimal(left >= right),
    "ROUND": _rounded,
}
