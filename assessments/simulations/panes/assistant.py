"""A chat with the office's AI assistant, whose replies are canned: everyone meets the same mistakes.

A reply may be worded in several ways of the same content; the seed picks one, so two neighbours in a room do
not read the same screen and a replay reads what the person read.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..expressions import Expression
from ..reader import Cursor, Scope
from ..variables import Variable
from ..wording import LocaleText, paragraphs
from .base import Choice, Scene, read_variable_name

FIXTURE = "assistants"
REQUIRED: tuple[str, ...] = ("asked",)
OPTIONAL: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    id: str
    ask: LocaleText
    variants: tuple[LocaleText, ...]
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Assistant:
    name: LocaleText
    opening: tuple[tuple[str, LocaleText], ...]
    replies: Mapping[str, Reply]

    def choices(self) -> list[Choice]:
        return [Choice(reply.id, reply.ask, reply.when) for reply in self.replies.values()]


@dataclass(frozen=True, slots=True)
class AssistantPane:
    assistant: Assistant
    asked: str


def read_fixture(cursor: Cursor, scope: Scope) -> Assistant:
    """An assistant has a name, the turns already spoken and, by question, the wordings of its reply."""
    keys = ("name", "opening", "replies")
    parts = cursor.fields(keys)
    if len(parts) < len(keys):
        return Assistant(LocaleText("", ""), (), {})
    opening = []
    for item in parts["opening"].items():
        turn = item.fields(("from", "text"))
        if len(turn) == 2:
            opening.append((turn["from"].one_of(("officer", "assistant"), "speaker"), turn["text"].text()))
    replies = {}
    for name, item in parts["replies"].entries():
        fields = item.fields(("ask", "variants"), ("when",))
        if {"ask", "variants"} <= set(fields):
            variants = tuple(variant.text() for variant in fields["variants"].items())
            if not variants:
                fields["variants"].problem("at least one wording of the reply is needed")
            when = fields["when"].condition(scope) if "when" in fields else None
            replies[name] = Reply(name, fields["ask"].text(), variants, when)
    return Assistant(parts["name"].text(), tuple(opening), replies)


def read(fields: Mapping[str, Cursor], fixture: Assistant, variables: Mapping[str, Variable]) -> AssistantPane:
    """`asked` names the list variable that holds the questions asked, in order."""
    return AssistantPane(fixture, read_variable_name(fields, "asked", variables, "list"))


def render(pane: AssistantPane, scene: Scene) -> dict[str, Any]:
    turns = [{"from": speaker, "text": paragraphs(scene.say(text))} for speaker, text in pane.assistant.opening]
    for place, question in enumerate(scene.names[pane.asked]):
        reply = pane.assistant.replies.get(question)
        if reply is not None:
            chosen = reply.variants[pick(scene.seed, f"{question}:{place}", len(reply.variants))]
            turns.append({"from": "officer", "text": paragraphs(scene.say(reply.ask))})
            turns.append({"from": "assistant", "text": paragraphs(scene.say(chosen))})
    return {"name": scene.say(pane.assistant.name), "turns": turns}


def pick(seed: int, name: str, size: int) -> int:
    """A number below `size` that depends on the seed and the name alone, on every machine and version."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big") % size


def keyboard() -> str:
    return "log of turns; the asking action is a choice"
