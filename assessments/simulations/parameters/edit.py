"""What becomes of one segment of a draft: keep, a given replacement, redact or remove."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..panes.draft import Draft
from ..reader import Cursor, Scope
from ..variables import Variable
from .base import ParameterError, Scene, text_of

REQUIRED: tuple[str, ...] = ("of",)
OPTIONAL: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditParameter:
    draft: Draft
    variable: str


def read(
    cursor: Cursor,
    fields: Mapping[str, Cursor],
    fixtures: Mapping[str, Any],
    variables: Mapping[str, Variable],
    scope: Scope,
) -> EditParameter:
    """`of` names a variable of type `edits`."""
    editable = [name for name, variable in variables.items() if variable.type == "edits"]
    name = fields["of"].one_of(editable, "edits variable") if "of" in fields else ""
    draft = variables[name].draft if name else None
    return EditParameter(draft or Draft(()), name)


def accept(parameter: EditParameter, raw: object, scene: Scene) -> dict[str, str]:
    """`{"segment": id, "change": id}`."""
    if not isinstance(raw, dict) or set(raw) != {"segment", "change"}:
        raise ParameterError("expected segment and change")
    segment = parameter.draft.segment(text_of(raw["segment"]))
    if segment is None or text_of(raw["change"]) not in segment.changes:
        raise ParameterError("this segment does not take this change")
    return {"segment": segment.id, "change": raw["change"]}


def form(parameter: EditParameter, scene: Scene) -> dict[str, Any]:
    edits = scene.names[parameter.variable]
    return {
        "segments": [
            {
                "segment": segment.id,
                "label": scene.say(segment.label),
                "change": edits[segment.id],
                "options": [
                    {"change": change, "kind": segment.kind(change), "text": scene.say(text) if text else ""}
                    for change, text in segment.changes.items()
                ],
            }
            for segment in parameter.draft.segments
        ]
    }


def examples(parameter: EditParameter, scene: Scene) -> list[Any]:
    return [
        {"segment": segment.id, "change": change}
        for segment in parameter.draft.segments
        for change in segment.changes
        if change != scene.names[parameter.variable][segment.id]
    ]


def known(parameter: EditParameter, inside: str) -> set[str] | None:
    if inside == "segment":
        return {segment.id for segment in parameter.draft.segments}
    return (
        {change for segment in parameter.draft.segments for change in segment.changes} if inside == "change" else set()
    )


def keyboard() -> str:
    return "one radio group or select for each segment"
