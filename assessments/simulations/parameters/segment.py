"""One segment of a draft, pointed at: the sentence with the error, the one to ask about."""

from collections.abc import Mapping
from typing import Any

from ..panes.draft import Draft
from ..reader import Cursor, Scope
from ..variables import Variable
from .base import ParameterError, Scene, text_of

REQUIRED: tuple[str, ...] = ("of",)
OPTIONAL: tuple[str, ...] = ()


def read(
    cursor: Cursor,
    fields: Mapping[str, Cursor],
    fixtures: Mapping[str, Any],
    variables: Mapping[str, Variable],
    scope: Scope,
) -> Draft:
    """`of` names the draft (`drafts.reply`); segments are offered in their original wording."""
    drafts = [name for name, fixture in fixtures.items() if isinstance(fixture, Draft)]
    name = fields["of"].one_of(drafts, "draft") if "of" in fields else ""
    draft: Draft = fixtures[name] if name else Draft(())
    return draft


def accept(draft: Draft, raw: object, scene: Scene) -> str:
    value = text_of(raw)
    if draft.segment(value) is None:
        raise ParameterError(f"there is no segment {value[:40]!r}")
    return value


def form(draft: Draft, scene: Scene) -> dict[str, Any]:
    return {"options": [{"value": segment.id, "label": scene.say(segment.label)} for segment in draft.segments]}


def examples(draft: Draft, scene: Scene) -> list[Any]:
    return [segment.id for segment in draft.segments]


def known(draft: Draft, inside: str) -> set[str] | None:
    return set() if inside else {segment.id for segment in draft.segments}


def keyboard() -> str:
    return "radio group or select"
