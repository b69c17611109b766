"""A plain text on the screen: the task, a hint of the office, what came of it in the end."""

from collections.abc import Mapping
from typing import Any

from ..reader import Cursor, Scope
from ..variables import Variable
from ..wording import LocaleText, paragraphs
from .base import Scene

FIXTURE = "notes"
REQUIRED: tuple[str, ...] = ()
OPTIONAL: tuple[str, ...] = ()


def read_fixture(cursor: Cursor, scope: Scope) -> LocaleText:
    """A note is one text in both languages."""
    return cursor.text()


def read(fields: Mapping[str, Cursor], fixture: LocaleText, variables: Mapping[str, Variable]) -> LocaleText:
    return fixture


def render(note: LocaleText, scene: Scene) -> dict[str, Any]:
    return {"text": paragraphs(scene.say(note))}


def keyboard() -> str:
    return "text in reading order, nothing to operate"
