"""The form of a text with gaps: one row for each gap that the text marks."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.items.cloze import MOST_GAPS, MOST_OPTIONS
from frontend.author.forms.accepted import accepted_parts
from frontend.author.forms.nodes import Choice, Line, Words
from frontend.author.forms.rows import ONE, Rows, anchor
from frontend.author.forms.shapes import Value

CHOOSE, WRITE = "choose", "write"
_MARK = re.compile(r"\[\[([a-z][a-z0-9_]{0,29})\]\]")


@dataclass(frozen=True, kw_only=True)
class Gaps(Rows):
    """Rows that show only what their way of filling needs. The text says how many there are."""

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        return super().view(form, value, path) | {"add": f"refresh:{anchor(path)}", "next": anchor(path)}

    def row_view(self, form: Any, row: Any, path: str) -> list[dict[str, Any]]:
        views = super().row_view(form, row, path)
        hidden = {"options"} if row["way"] == WRITE else {"accepted", "rejected", "case", "diacritics", "edits"}
        return [view for part, view in zip(self.parts, views, strict=True) if part.name not in hidden]


def _gap_rows() -> Gaps:
    ways = [(CHOOSE, _("by choosing")), (WRITE, _("by writing"))]
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
        ),
    )


GAPS = _gap_rows()


def gaps_from_content(content: Value) -> Value:
    """Return a content with its gaps as a list."""
    gaps = [
        {"name": name, "way": CHOOSE if "options" in gap else WRITE, **gap}
        for name, gap in content.get("gaps", {}).items()
    ]
    return content | {"gaps": gaps}


def gaps_to_content(value: Value) -> Value:
    """Return the content with its gaps by name; of two with one name the later counts."""
    gaps = {}
    for gap in value["gaps"]:
        names = ("options",) if gap.get("way") == CHOOSE else ("accepted", "rejected", "case", "diacritics", "edits")
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
            return f"gaps[{number}]{path.removeprefix(prefix)}"
    return path
