"""One of several options: written out, or whatever a fixture offers (its messages, sections, questions)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..panes.base import Choice
from ..reader import Cursor, Scope, no_repeats
from ..variables import Variable
from .base import ParameterError, Scene, text_of

REQUIRED: tuple[str, ...] = ()
OPTIONAL: tuple[str, ...] = ("options", "of")


@dataclass(frozen=True, slots=True)
class ChoiceParameter:
    choices: tuple[Choice, ...]


def read(
    cursor: Cursor,
    fields: Mapping[str, Cursor],
    fixtures: Mapping[str, Any],
    variables: Mapping[str, Variable],
    scope: Scope,
) -> ChoiceParameter:
    """Either `options` (id, label, when) or `of`, the fixture that offers them (`mailboxes.office`)."""
    if ("options" in fields) == ("of" in fields):
        cursor.problem("a choice takes either options or of")
        return ChoiceParameter(())
    if "of" in fields:
        offering = [name for name, fixture in fixtures.items() if hasattr(fixture, "choices")]
        name = fields["of"].one_of(offering, "fixture with choices")
        return ChoiceParameter(tuple(fixtures[name].choices()) if name else ())
    choices = []
    for item in fields["options"].items():
        option = item.fields(("id", "label"), ("when",))
        if {"id", "label"} <= set(option):
            when = option["when"].condition(scope) if "when" in option else None
            choices.append(Choice(option["id"].name(), option["label"].text(), when))
    if not choices:
        fields["options"].problem("at least one option is needed")
    no_repeats(fields["options"], [choice.id for choice in choices], "option")
    return ChoiceParameter(tuple(choices))


def _open(parameter: ChoiceParameter, scene: Scene) -> list[Choice]:
    return [choice for choice in parameter.choices if scene.shows(choice.when)]


def accept(parameter: ChoiceParameter, raw: object, scene: Scene) -> str:
    value = text_of(raw)
    if value not in [choice.id for choice in _open(parameter, scene)]:
        raise ParameterError(f"{value[:40]!r} cannot be chosen now")
    return value


def form(parameter: ChoiceParameter, scene: Scene) -> dict[str, Any]:
    return {"options": [{"value": choice.id, "label": scene.say(choice.label)} for choice in _open(parameter, scene)]}


def examples(parameter: ChoiceParameter, scene: Scene) -> list[Any]:
    return [choice.id for choice in _open(parameter, scene)]


def known(parameter: ChoiceParameter, inside: str) -> set[str] | None:
    return set() if inside else {choice.id for choice in parameter.choices}


def keyboard() -> str:
    return "radio group or select"
