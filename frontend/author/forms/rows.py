"""Parts that may be many: rows that are added, removed and moved by submit buttons, without JavaScript."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from frontend.author.forms.nodes import Group, Node, Problems
from frontend.numbers import read_whole

ONE, MANY = "one", "many"
_ACTION = re.compile(r"(add|remove|up|down):([\w.\[\]]+)(?::(\d{1,3}))?")


@dataclass(frozen=True, kw_only=True)
class Rows(Node):
    """A list. parts: of each row. fewest, most, start: numbers of rows. one: what a row is called.

    mark: rows say whether they are right, of which there is ONE or are MANY. movable: their order matters. fixed: their
    number follows from something else.
    """

    parts: tuple[Node, ...] = ()
    one: Any = ""
    add: Any = ""
    fewest: int = 0
    most: int = 8
    start: int = 0
    mark: str = ""
    movable: bool = False
    fixed: bool = False
    kind: str = "rows"

    @property
    def row(self) -> Group:
        return Group(parts=self.parts)

    def read(self, post: QueryDict, path: str) -> Any:
        marked = post.getlist(f"{path}-correct")
        rows = []
        for index in range(_count(post.get(f"{path}-count", ""), self.most)):
            row = self.row.read(post, f"{path}[{index}]")
            rows.append(row | {"correct": str(index) in marked} if self.mark else row)
        return rows

    def load(self, value: Any) -> Any:
        entries = list(value) if value is not None else [None] * self.start
        return [self.load_row(entry) for entry in entries]

    def load_row(self, entry: Any) -> dict[str, Any]:
        """Return the form's value of one row; None makes a blank one."""
        row: dict[str, Any] = self.row.load(entry)
        if self.mark:
            row["correct"] = bool(isinstance(entry, Mapping) and entry.get("correct"))
        return row

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        rows = []
        for index, row in enumerate(value):
            entry = self.row.dump(row, f"{path}[{index}]", problems)
            rows.append(entry | {"correct": row["correct"]} if self.mark else entry)
        return rows

    def fields(self, value: Any, path: str, root: Any) -> dict[str, tuple[forms.Field, Any]]:
        found: dict[str, tuple[forms.Field, Any]] = {}
        for index, row in enumerate(value):
            found |= self.row.fields(row, f"{path}[{index}]", root)
        return found

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        last = len(value) - 1
        rows = [
            {
                "number": index + 1,
                "index": index,
                "anchor": anchor(f"{path}[{index}]"),
                "parts": self.row_view(form, row, f"{path}[{index}]"),
                "correct": row.get("correct", False),
                "up": f"up:{path}:{index}" if self.movable and index > 0 else "",
                "down": f"down:{path}:{index}" if self.movable and index < last else "",
                "remove": "" if self.fixed else f"remove:{path}:{index}",
                "title": self.title(path, index),
                "above": anchor(f"{path}[{index - 1}]"),
                "below": anchor(f"{path}[{index + 1}]"),
            }
            for index, row in enumerate(value)
        ]
        return {
            "kind": self.kind,
            "path": path,
            "anchor": anchor(path),
            "label": self.label,
            "hint": self.hint,
            "one": self.one,
            "mark": self.mark,
            "rows": rows,
            "count": len(rows),
            "add": f"add:{path}" if len(rows) < self.most and not self.fixed else "",
            "add_label": self.add,
            "next": anchor(f"{path}[{len(rows)}]"),
            "nested": "[" in path,
            "fixed": self.fixed,
        }

    def title(self, path: str, index: int) -> str:
        """Return what a row is called."""
        return f"{self.one} {index + 1}"

    def row_view(self, form: Any, row: Any, path: str) -> list[dict[str, Any]]:
        """Return the views of a row's parts."""
        views: list[dict[str, Any]] = self.row.view(form, row, path)["parts"]
        return views


def anchor(path: str) -> str:
    """Return the id of the place on the page where a path's part stands."""
    return "part-" + re.sub(r"\W+", "-", path).strip("-")


def reshape(shape: Group, value: dict[str, Any], action: str) -> tuple[dict[str, Any], str]:
    """Change the rows as a button says, and return the value with the anchor of the row to go on at.

    action: `add:PATH`, `remove:PATH:N`, `up:PATH:N`, `down:PATH:N` (N from 0). `refresh:ANCHOR` only says where to go
    on. Any other changes nothing.
    """
    if action.startswith("refresh:"):
        return value, action.removeprefix("refresh:")
    found = _ACTION.fullmatch(action)
    place = _find(shape, value, found[2]) if found else None
    if found is None or place is None:
        return value, ""
    rows_of, rows = place
    verb, path, number = found[1], found[2], found[3]
    index = int(number) if number and int(number) < len(rows) else None
    if verb == "add" and len(rows) < rows_of.most and not rows_of.fixed:
        rows.append(rows_of.load_row(None))
        return value, anchor(f"{path}[{len(rows) - 1}]")
    if verb == "remove" and index is not None and not rows_of.fixed:
        del rows[index]
        return value, anchor(path)
    if verb in ("up", "down") and index is not None and rows_of.movable:
        other = index - 1 if verb == "up" else index + 1
        if 0 <= other < len(rows):
            rows[index], rows[other] = rows[other], rows[index]
            return value, anchor(f"{path}[{other}]")
    return value, ""


def _find(shape: Group, value: dict[str, Any], path: str) -> tuple[Rows, list[dict[str, Any]]] | None:
    """Return the rows at a path such as `rubric[1].levels`, with their value."""
    node: Node = shape
    here: Any = value
    for step in path.split("."):
        name, _, index = step.partition("[")
        parts = node.parts if isinstance(node, (Group, Rows)) else ()
        found = next((part for part in parts if part.name == name), None)
        if found is None or not isinstance(here, Mapping) or name not in here:
            return None
        node, here = found, here[name]
        if index:
            number = read_whole(index.removesuffix("]"))
            if not isinstance(here, list) or number is None or number >= len(here):
                return None
            here = here[number]
    return (node, here) if isinstance(node, Rows) and isinstance(here, list) else None


def _count(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0
