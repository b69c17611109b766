"""Reading the answer of a posted question form: plain fields in, the item types' raw values out."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict

Reader = Callable[[QueryDict], dict[str, Any]]


def read_answer(post: QueryDict, kind: str) -> dict[str, Any]:
    """Return what was answered as the item type reads it; a field that was left out is left out.

    The files of a file upload do not come here: see `frontend.learn.uploads`.
    """
    return READERS[kind](post)


def moved_step(order: list[str], step: str, direction: str) -> list[str]:
    """Return an order with one step a place up or down; as it was when there is no such step or place."""
    place = order.index(step) if step in order else -1
    other = place - 1 if direction == "up" else place + 1
    if place < 0 or not 0 <= other < len(order):
        return order
    found = list(order)
    found[place], found[other] = found[other], found[place]
    return found


def _choice(post: QueryDict) -> dict[str, Any]:
    return {"choice": post["choice"]} if "choice" in post else {}


def _judgement(post: QueryDict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if post.get("answer") in ("true", "false"):
        found["answer"] = post["answer"] == "true"
    if post.get("reason"):
        found["reason"] = post["reason"]
    return found


def _parts(name: str) -> Reader:
    """Read fields `name-PART` as a mapping from part to value; an empty one is a part left out."""
    prefix = f"{name}-"

    def read(post: QueryDict) -> dict[str, Any]:
        found = {field.removeprefix(prefix): str(post[field]) for field in post if field.startswith(prefix)}
        return {name: {part: value for part, value in found.items() if value.strip()}}

    return read


def _text(post: QueryDict) -> dict[str, Any]:
    return {"text": _plain_lines(post.get("text", ""))}


def _number(post: QueryDict) -> dict[str, Any]:
    unit = {"unit": post["unit"]} if post.get("unit") else {}
    return {"value": post.get("value", ""), **unit, **_notation(post)}


def _noted(name: str) -> Reader:
    """Read parts of which some are numbers."""
    return lambda post: _parts(name)(post) | _notation(post)


def _notation(post: QueryDict) -> dict[str, Any]:
    """How the writer means numbers that could be read two ways; asked for only when one was."""
    return {"notation": post["notation"]} if post.get("notation") in ("vi", "en") else {}


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


READERS: Mapping[str, Reader] = {
    "single_choice": _choice,
    "multiple_choice": lambda post: {"choices": post.getlist("choices")},
    "true_false_reason": _judgement,
    "matching": _parts("pairs"),
    "ordering": lambda post: {"order": post.getlist("order")},
    "categorise": _parts("cards"),
    "cloze": _noted("gaps"),
    "short_text": _text,
    "numeric": _number,
    "table": _noted("cells"),
    "highlight": _parts("marks"),
    "hotspot": lambda post: {"regions": post.getlist("regions")},
    "essay": _text,
    "prompt": _text,
    "file_upload": lambda post: {"files": []},
}
"""By kind; a test holds this to the registry of item types."""
