"""An electronic case file: its fields and the log of what was done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..expressions import Expression
from ..reader import Cursor, Scope
from ..variables import Variable
from ..wording import LocaleText
from .base import Scene

FIXTURE = "case_files"
REQUIRED: tuple[str, ...] = ()
OPTIONAL: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogLine:
    time: str | None
    text: LocaleText
    when: Expression | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    heading: LocaleText
    fields: tuple[tuple[LocaleText, LocaleText], ...]
    history: tuple[LogLine, ...]


def read_fixture(cursor: Cursor, scope: Scope) -> CaseFile:
    """A case file has a heading, labelled fields and a history whose lines may depend on what was done."""
    keys = ("heading", "fields", "history")
    parts = cursor.fields(keys)
    if len(parts) < len(keys):
        return CaseFile(LocaleText("", ""), (), ())
    fields = []
    for item in parts["fields"].items():
        pair = item.fields(("label", "value"))
        if len(pair) == 2:
            fields.append((pair["label"].text(), pair["value"].text()))
    history = []
    for item in parts["history"].items():
        line = item.fields(("text",), ("time", "when"))
        if "text" in line:
            time = line["time"].string(20) if "time" in line else None
            when = line["when"].condition(scope) if "when" in line else None
            history.append(LogLine(time, line["text"].text(), when))
    return CaseFile(parts["heading"].text(), tuple(fields), tuple(history))


def read(fields: Mapping[str, Cursor], fixture: CaseFile, variables: Mapping[str, Variable]) -> CaseFile:
    return fixture


def render(case: CaseFile, scene: Scene) -> dict[str, Any]:
    return {
        "heading": scene.say(case.heading),
        "fields": [{"label": scene.say(label), "value": scene.say(value)} for label, value in case.fields],
        "history": [
            {"time": line.time, "text": scene.say(line.text)} for line in case.history if scene.shows(line.when)
        ],
    }


def keyboard() -> str:
    return "description list and list, nothing to operate"
