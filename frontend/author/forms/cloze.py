"""The form of a text with gaps: one row for each gap that the text marks."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.items.cloze import MOST_GAPS, MOST_OPTIONS
from frontend.author.forms.accepted import accepted_parts
from frontend.author.forms.nodes import Choice, Line, Problems, Words
from frontend.author.forms.number import number_parts
from frontend.author.forms.rows import ONE, Rows, anchor
from frontend.author.forms.shapes import Value

CHOOSE, WRITE, COUNT = "choose", "write", "count"
_NAMES = {
    CHOOSE: ("options",),
    WRITE: ("accepted", "rejected", "case", "diacritics", "edits"),
    COUNT: ("answer", "tolerance"),
}
"""What a gap has, by the way it is filled."""
_MARK = re.compile(r"\[\[([a-z][a-z0-9_]{0,29})\]\]")


@dataclass(frozen=True, kw_only=True)
class Gaps(Rows):
    """Rows that show only what their way of filling needs. The text says how many there are."""

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        return super().view(form, value, path) | {"add": f"refresh:{anchor(path)}", "next": anchor(path)}

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        found: Problems = []
        rows = super().dump(value, path, found)
        hidden = tuple(f"{path}[{place}].{name}" for place, row in enumerate(value) for name in _hidden(row))
        problems += [problem for problem in found if not problem.path.startswith(hidden)]
        return rows

    def row_view(self, form: Any, row: Any, path: str) -> list[dict[str, Any]]:
        views = super().row_view(form, row, path)
        return [view for part, view in zip(self.parts, views, strict=True) if part.name not in _hidden(row)]


def _hidden(row: Value) -> set[str]:
    """What a gap that is filled in this way does not have."""
    return {name for way, names in _NAMES.items() if way != (row["way"] or CHOOSE) for name in names}


def _gap_rows() -> Gaps:
    ways = [(CHOOSE, _("by choosing")), (WRITE, _("by writing")), (COUNT, _("by a number"))]
    options = Rows(
        name="options",
        label=_("Options of the gap"),
        one=_("Option"),
        add=_("Add an option"),
        start=3,
        most=MOST_OPTIONS,
        mark=ONE,
        parts=(Words(rows=1),),
    )
    return Gaps(
        name="gaps",
        label=_("Gaps"),
        hint=_("A gap is added by its mark in the text."),
        one=_("Gap"),
        add=_("Bring in the gaps that the text marks"),
        most=MOST_GAPS,
        parts=(
            Line(name="name", label=_("Name in the text"), css="form-control--short"),
            Choice(name="way", kind="switch", label=_("How it is filled"), choices=ways, start=CHOOSE),
            options,
            *accepted_parts(),
            *number_parts(_("Right number")),
        ),
    )


GAPS = _gap_rows()


def gaps_from_content(content: Value) -> Value:
    """Return a content with its gaps as a list."""
    gaps = [
        {"name": name, "way": CHOOSE if "options" in gap else COUNT if "answer" in gap else WRITE, **gap}
        for name, gap in content.get("gaps", {}).items()
    ]
    return content | {"gaps": gaps}


def gaps_to_content(value: Value) -> Value:
    """Return the content with its gaps by name; of two with one name the later counts."""
    gaps = {}
    for gap in value["gaps"]:
        names = _NAMES.get(gap.get("way", ""), _NAMES[WRITE])
        gaps[gap["name"]] = {name: gap[name] for name in names if name in gap}
    return value | {"gaps": gaps}


def settle_gaps(value: Value) -> Value:
    """Add a row for each gap that the text marks and that has none."""
    known = {row["name"] for row in value["gaps"]}
    for name in dict.fromkeys(_MARK.findall(value["text"]["vi"]) + _MARK.findall(value["text"]["en"])):
        if name not in known and len(value["gaps"]) < MOST_GAPS:
            value["gaps"].append(GAPS.load_row({"name": name, "way": CHOOSE}))
    return value


def find_gap(path: str, value: Value) -> str:
    """Return the path of a gap by its number for one by its name."""
    for number, row in enumerate(value["gaps"]):
        prefix = f"gaps.{row['name']}"
        if path == prefix or path.startswith(f"{prefix}."):
            rest = path.removeprefix(prefix)
            return f"gaps[{number}]{'.tolerance.amount' if rest.startswith('.tolerance.') else rest}"
    return path
