"""A short text typed by the person, compared in evidence by contains_number, contains_text and normalise."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..reader import Cursor, Scope
from ..variables import Variable
from ..wording import LocaleText
from .base import ParameterError, Scene, text_of

REQUIRED: tuple[str, ...] = ("max_length",)
OPTIONAL: tuple[str, ...] = ("hint", "optional")
LIMIT = 500


@dataclass(frozen=True, slots=True)
class TextParameter:
    max_length: int
    hint: LocaleText | None
    optional: bool


def read(
    cursor: Cursor,
    fields: Mapping[str, Cursor],
    fixtures: Mapping[str, Any],
    variables: Mapping[str, Variable],
    scope: Scope,
) -> TextParameter:
    """`max_length` in characters, an optional hint, and whether it may stay empty (`optional: true`)."""
    return TextParameter(
        fields["max_length"].integer(1, LIMIT) if "max_length" in fields else 1,
        fields["hint"].text() if "hint" in fields else None,
        fields["optional"].boolean() if "optional" in fields else False,
    )


def accept(parameter: TextParameter, raw: object, scene: Scene) -> str:
    text = unicodedata.normalize("NFC", text_of(raw)).replace("\r\n", "\n").strip()
    if any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in text):
        raise ParameterError("the text has control characters")
    if len(text) > parameter.max_length:
        raise ParameterError(f"{len(text)} characters; at most {parameter.max_length}")
    if not text and not parameter.optional:
        raise ParameterError("a text is needed")
    return text


def form(parameter: TextParameter, scene: Scene) -> dict[str, Any]:
    return {
        "max_length": parameter.max_length,
        "hint": scene.say(parameter.hint) if parameter.hint else None,
        "required": not parameter.optional,
    }


def examples(parameter: TextParameter, scene: Scene) -> list[Any]:
    return ["a"] + ([""] if parameter.optional else [])


def known(parameter: TextParameter, inside: str) -> set[str] | None:
    return set() if inside else None


def keyboard() -> str:
    return "text field"
