"""SCIM filters and sort orders as conditions on a queryset."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from scim2_models import InvalidFilterException
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

_LOOKUPS = {
    CompareOperator.eq: "exact",
    CompareOperator.co: "contains",
    CompareOperator.sw: "startswith",
    CompareOperator.ew: "endswith",
    CompareOperator.gt: "gt",
    CompareOperator.ge: "gte",
    CompareOperator.lt: "lt",
    CompareOperator.le: "lte",
}
_OF_TEXTS = (CompareOperator.eq, CompareOperator.co, CompareOperator.sw, CompareOperator.ew)
NOTHING = Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Column:
    """Where an attribute lies. `kind` is one of text, exact (a case-exact text), number, boolean, time."""

    lookup: str
    kind: str = "text"

    def compare(self, operator: CompareOperator, value: Any) -> Q:
        """Return the condition; a value of another kind than the column's equals nothing."""
        if value is None:
            return ~self.present()
        try:
            value = _READERS[self.kind](value)
        except (TypeError, ValueError, OverflowError):
            return NOTHING
        lookup = _LOOKUPS[operator]
        if self.kind == "text" and operator in _OF_TEXTS:
            lookup = f"i{lookup}"
        elif self.kind not in ("text", "exact") and operator in _OF_TEXTS[1:]:
            return NOTHING
        return Q(**{f"{self.lookup}__{lookup}": value})

    def present(self) -> Q:
        there = Q(**{f"{self.lookup}__isnull": False})
        if self.kind in ("text", "exact"):
            there &= ~Q(**{self.lookup: ""})
        return there


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return value


def _key(value: Any) -> int:
    key = int(_text(value))
    if not 0 < key < 2**63:
        raise ValueError
    return key


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "exact": _text,
    "number": _key,
    "boolean": _boolean,
    "time": _time,
}


def attribute_name(path: AttrPath | str) -> str:
    """Return an attribute's path in lower case without its schema: `emails.value`."""
    if isinstance(path, str):
        return path.rpartition(":")[2].lower()
    return path.attr.lower() + (f".{path.sub_attr.lower()}" if path.sub_attr else "")


class ConditionOf(FilterVisitor[Q]):
    """Turns a filter that was checked against the schemas into a condition.

    `columns` are those of one resource type by `attribute_name`. With `is_only` an attribute that has no column cannot
    be filtered by; among several types it is another's, and none of this one matches.
    """

    def __init__(self, columns: Mapping[str, Column], *, is_only: bool, prefix: str = "") -> None:
        self.columns = columns
        self.is_only = is_only
        self.prefix = prefix

    def _column(self, path: AttrPath) -> Column | None:
        name = self.prefix + attribute_name(path)
        column = self.columns.get(name) or self.columns.get(f"{name}.value")
        if column is None and self.is_only:
            raise InvalidFilterException(detail=f"It is not possible to filter by {path}")
        return column

    def visit_comparison(self, node: Comparison) -> Q:
        column = self._column(node.attr_path)
        if column is None:
            return NOTHING
        if node.op == CompareOperator.ne:
            return ~column.compare(CompareOperator.eq, node.value)
        return column.compare(node.op, node.value)

    def visit_present(self, node: Present) -> Q:
        column = self._column(node.attr_path)
        return column.present() if column else NOTHING

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        condition = Q()
        for term in node.terms:
            if node.op == LogicalOperator.and_:
                condition &= self.visit(term)
            else:
                condition |= self.visit(term)
        return condition

    def visit_value_path(self, node: ValuePath) -> Q:
        inner: FilterNode = node.val_filter
        prefix = f"{attribute_name(node.attr_path)}."
        return ConditionOf(self.columns, is_only=self.is_only, prefix=prefix).visit(inner)
