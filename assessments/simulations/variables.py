"""Typed variables of a simulation's world and the values they may hold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .reader import Cursor

if TYPE_CHECKING:
    from .panes.draft import Draft

TYPES = ("bool", "int", "number", "string", "enum", "list", "set", "edits")
MAX_STRING = 2_000
MAX_MEMBERS = 200
MAX_INTEGER = 2**53

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its type, its initial value and, by type, the allowed members or the draft it edits."""

    name: str
    type: str
    initial: Any
    members: tuple[str, ...] = ()
    draft: "Draft | None" = None

    def accept(self, value: Any) -> Any:
        """`value` in the variable's own form (a set sorted, a number as float); ValueError when it does not fit."""
        return _ACCEPT[self.type](self, value)


def read_variable(name: str, cursor: Cursor, drafts: Mapping[str, "Draft"]) -> Variable:
    """Read one entry of `world.variables`."""
    kind = cursor.value.get("type") if isinstance(cursor.value, dict) else None
    required, optional = ["type", "initial"], []
    if kind == "enum":
        required.append("values")
    elif kind in ("list", "set"):
        optional.append("values")
    elif kind == "edits":
        required = ["type", "draft"]
    fields = cursor.fields(required, optional)
    if "type" not in fields or not fields["type"].one_of(TYPES, "variable type"):
        return Variable(name, "string", "")
    members = tuple(item.string() for item in fields["values"].items()) if "values" in fields else ()
    if kind == "edits":
        draft = drafts.get(fields["draft"].one_of(list(drafts), "draft")) if "draft" in fields else None
        return Variable(name, "edits", {} if draft is None else draft.untouched(), (), draft)
    variable = Variable(name, str(kind), None, members)
    if "initial" not in fields:
        return variable
    try:
        return Variable(name, str(kind), variable.accept(fields["initial"].value), members)
    except ValueError as error:
        fields["initial"].problem(str(error))
        return variable


def _bool(variable: Variable, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{variable.name} is true or false, not {value!r}")
    return value


def _int(variable: Variable, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INTEGER:
        raise ValueError(f"{variable.name} is a whole number, not {value!r}")
    return value


def _number(variable: Variable, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{variable.name} is a number, not {value!r}")
    return float(value)


def _string(variable: Variable, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_STRING:
        raise ValueError(f"{variable.name} is a text of at most {MAX_STRING} characters")
    return value


def _enum(variable: Variable, value: Any) -> str:
    if value not in variable.members:
        raise ValueError(f"{variable.name} is one of {', '.join(variable.members)}, not {value!r}")
    return str(value)


def _list(variable: Variable, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_MEMBERS or not all(isinstance(part, str) for part in value):
        raise ValueError(f"{variable.name} is a list of at most {MAX_MEMBERS} texts")
    strange = [part for part in value if variable.members and part not in variable.members]
    if strange or any(len(part) > MAX_STRING for part in value):
        raise ValueError(
            f"{variable.name} cannot hold {strange[0]!r}" if strange else f"{variable.name}: text too long"
        )
    return list(value)


def _set(variable: Variable, value: Any) -> list[str]:
    return sorted(set(_list(variable, value)))


def _edits(variable: Variable, value: Any) -> dict[str, str]:
    if variable.draft is None or not isinstance(value, dict) or not variable.draft.allows(value):
        raise ValueError(f"{variable.name} holds one allowed change for each segment of its draft")
    return dict(value)


_ACCEPT = {
    "bool": _bool,
    "int": _int,
    "number": _number,
    "string": _string,
    "enum": _enum,
    "list": _list,
    "set": _set,
    "edits": _edits,
}
