"""Reading answers: exact shapes, known option ids."""

from typing import Any

from assessments.items.content import Content
from assessments.items.problems import ResponseError


def only_field(raw: Any, name: str) -> Any:
    """The single field that an answer of this type has. ResponseError when it is missing or not alone."""
    if not isinstance(raw, dict):
        raise ResponseError("", "not_a_mapping")
    if name not in raw:
        raise ResponseError(name, "missing")
    for other in raw:
        if other != name:
            raise ResponseError(str(other)[:40], "unknown_field")
    return raw[name]


def option_ids(raw: Any, name: str, content: Content) -> tuple[str, ...]:
    """A list of different option ids of the content, in the order given."""
    if not isinstance(raw, list):
        raise ResponseError(name, "not_a_list")
    known = content.by_id
    for value in raw:
        if not isinstance(value, str) or value not in known:
            raise ResponseError(name, "unknown_option")
    if len(set(raw)) < len(raw):
        raise ResponseError(name, "repeated")
    return tuple(raw)
