"""A check question inside a lesson: one right option, feedback on each. It teaches; it is never evidence."""

import hashlib
from typing import Any

from ..reader import Bilingual, Reader, join

REQUIRED = ("stem", "options")
OPTIONAL: tuple[str, ...] = ()


class UnknownOption(LookupError):
    """An option id that the question does not have."""


def parse(raw: dict[str, Any], path: str, reader: Reader) -> dict[str, Any]:
    """`{"stem", "options": [{"id", "text", "correct", "feedback"}]}`; ids come from the wording, not from the order."""
    stem = reader.bilingual(raw["stem"], join(path, "stem"))
    options: list[dict[str, Any]] = []
    for item, where in reader.items(raw["options"], join(path, "options"), least=2):
        fields = reader.fields(item, where, ("vi", "en", "feedback"), ("correct",))
        if not {"vi", "en", "feedback"} <= set(fields):
            continue
        text = reader.bilingual({"vi": fields["vi"], "en": fields["en"]}, where)
        correct = fields.get("correct", False)
        if not isinstance(correct, bool):
            reader.problem(join(where, "correct"), "expected true or false")
        feedback = reader.bilingual(fields["feedback"], join(where, "feedback"))
        options.append({"id": option_id(stem, text), "text": text, "correct": correct is True, "feedback": feedback})
    if sum(option["correct"] for option in options) != 1:
        reader.problem(join(path, "options"), "exactly one option must be correct")
    if len({option["id"] for option in options}) < len(options):
        reader.problem(join(path, "options"), "two options say the same")
    return {"stem": stem, "options": options}


def option_id(stem: Bilingual, text: Bilingual) -> str:
    """A stable id: 12 hexadecimal digits of the SHA-256 of the question and the option in both languages."""
    parts = (stem["vi"], stem["en"], text["vi"], text["en"])
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def render(content: dict[str, Any], locale: str) -> dict[str, Any]:
    """`{"stem", "options": [{"id", "text"}]}` in one language: nothing of what is right."""
    return {
        "stem": content["stem"][locale],
        "options": [{"id": option["id"], "text": option["text"][locale]} for option in content["options"]],
    }


def judge(content: dict[str, Any], option_id: str) -> bool:
    """Say whether an option is the right one; UnknownOption when the question has none of that id."""
    for option in content["options"]:
        if option["id"] == option_id:
            return bool(option["correct"])
    raise UnknownOption(option_id)


def feedback(content: dict[str, Any], option_id: str, locale: str) -> str:
    """What the author says to who chose the option; UnknownOption when the question has none of that id."""
    for option in content["options"]:
        if option["id"] == option_id:
            return str(option["feedback"][locale])
    raise UnknownOption(option_id)


def identity(content: dict[str, Any]) -> str:
    return ",".join(sorted(option["id"] for option in content["options"]))
