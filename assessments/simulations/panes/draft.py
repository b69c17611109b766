"""A drafted text in segments, each of which can be kept, replaced by given wordings, removed or redacted.

Editing by segment is what makes a free-looking edit checkable without a language model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..reader import Cursor, Scope, no_repeats
from ..variables import Variable
from ..wording import LocaleText
from .base import Scene, read_variable_name

FIXTURE = "drafts"
REQUIRED: tuple[str, ...] = ("edits",)
OPTIONAL: tuple[str, ...] = ()

KEEP, REMOVE, REDACT = "keep", "remove", "redact"


@dataclass(frozen=True, slots=True)
class Segment:
    """`changes` maps each allowed change (keep, replacement ids, redact, remove) to the text it leaves."""

    id: str
    label: LocaleText
    changes: Mapping[str, LocaleText | None]

    def kind(self, change: str) -> str:
        return change if change in (KEEP, REMOVE, REDACT) else "replace"


@dataclass(frozen=True, slots=True)
class Draft:
    segments: tuple[Segment, ...]

    def untouched(self) -> dict[str, str]:
        """Every segment kept."""
        return {segment.id: KEEP for segment in self.segments}

    def segment(self, name: str) -> Segment | None:
        return next((segment for segment in self.segments if segment.id == name), None)

    def allows(self, edits: Mapping[str, Any]) -> bool:
        """Whether `edits` gives every segment one of its changes and nothing else."""
        return len(edits) == len(self.segments) and all(
            edits.get(segment.id) in segment.changes for segment in self.segments
        )


@dataclass(frozen=True, slots=True)
class DraftPane:
    draft: Draft
    edits: str


def read_fixture(cursor: Cursor, scope: Scope) -> Draft:
    """A draft is a list of segments with a short label, a text and the changes it allows."""
    segments = [_read_segment(item) for item in cursor.items()]
    no_repeats(cursor, [segment.id for segment in segments], "segment")
    return Draft(tuple(segments))


def _read_segment(cursor: Cursor) -> Segment:
    fields = cursor.fields(("id", "label", "text"), ("replace", "redact", "remove"))
    if not {"id", "label", "text"} <= set(fields):
        return Segment("", LocaleText("", ""), {})
    changes: dict[str, LocaleText | None] = {KEEP: fields["text"].text()}
    for item in fields["replace"].items() if "replace" in fields else []:
        option = item.fields(("id", "text"))
        if len(option) == 2:
            name = option["id"].name()
            if name in (*changes, REMOVE, REDACT):
                option["id"].problem(f"{name!r} is taken; give each replacement its own id")
            changes[name] = option["text"].text()
    if "redact" in fields:
        changes[REDACT] = fields["redact"].text()
    if "remove" in fields and fields["remove"].boolean():
        changes[REMOVE] = None
    return Segment(fields["id"].name(), fields["label"].text(), changes)


def read(fields: Mapping[str, Cursor], fixture: Draft, variables: Mapping[str, Variable]) -> DraftPane:
    """`edits` names the variable of type `edits` that holds what became of each segment."""
    name = read_variable_name(fields, "edits", variables, "edits")
    if name and variables[name].draft is not fixture:
        fields["edits"].problem(f"{name!r} edits another draft than the one shown")
    return DraftPane(fixture, name)


def render(pane: DraftPane, scene: Scene) -> dict[str, Any]:
    edits = scene.names[pane.edits]
    segments = []
    for segment in pane.draft.segments:
        change = edits[segment.id]
        text = segment.changes[change]
        segments.append(
            {
                "id": segment.id,
                "label": scene.say(segment.label),
                "text": scene.say(text) if text else "",
                "state": {"keep": "kept", "replace": "replaced", "redact": "redacted", "remove": "removed"}[
                    segment.kind(change)
                ],
            }
        )
    return {"segments": segments}


def keyboard() -> str:
    return "list of segments; the editing action is a group of choices for each"
