"""Reading answers that have several fields or free text. Whatever JSON comes, it is read or refused."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from assessments.items.problems import ResponseError


def read_fields(raw: Any, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """A mapping with the required fields and no others than the optional ones. Raises ResponseError."""
    if not isinstance(raw, dict):
        raise ResponseError("", "not_a_mapping")
    for name in required:
        if name not in raw:
            raise ResponseError(name, "missing")
    for name in raw:
        if name not in required and name not in optional:
            raise ResponseError(str(name)[:40], "unknown_field")
    return raw


def known_id(raw: Any, field: str, known: Collection[str], reason: str = "unknown_option") -> str:
    """One of the known ids."""
    if not isinstance(raw, str) or raw not in known:
        raise ResponseError(field, reason)
    return raw


def known_ids(raw: Any, field: str, known: Collection[str]) -> tuple[str, ...]:
    """A list of different known ids, at least one."""
    if not isinstance(raw, list):
        raise ResponseError(field, "not_a_list")
    chosen = tuple(known_id(each, field, known) for each in raw)
    if len(set(chosen)) < len(chosen):
        raise ResponseError(field, "repeated")
    if not chosen:
        raise ResponseError(field, "nothing_chosen")
    return chosen


def answered_parts(raw: Any, field: str, known: Iterable[str]) -> dict[str, Any]:
    """The parts that were answered, in the content's order. One left out, null or "" is unanswered; one is needed."""
    if not isinstance(raw, dict):
        raise ResponseError(field, "not_a_mapping")
    order = tuple(known)
    for part in raw:
        if part not in order:
            raise ResponseError(field, "unknown_part")
    found = {part: raw[part] for part in order if raw.get(part) is not None and raw[part] != ""}
    if not found:
        raise ResponseError(field, "nothing_answered")
    return found


def assigned_ids(raw: Any, field: str, parts: Iterable[str], choices: Collection[str]) -> dict[str, str]:
    """To each answered part one of the choices, which may serve more than one part."""
    return {
        part: known_id(chosen, f"{field}.{part}", choices) for part, chosen in answered_parts(raw, field, parts).items()
    }


def free_text(raw: Any, field: str, longest: int) -> str:
    """A text that a person wrote, as it is. Refused: only blanks, too long, characters that no keyboard writes.

    Of those, U+0000 and lone surrogates could not even be stored.
    """
    if not isinstance(raw, str):
        raise ResponseError(field, "not_a_text")
    if len(raw) > longest:
        raise ResponseError(field, "too_long")
    if any((ord(char) < 32 and char not in "\n\r\t") or 0xD800 <= ord(char) <= 0xDFFF for char in raw):
        raise ResponseError(field, "control_character")
    if not raw.strip():
        raise ResponseError(field, "empty")
    return raw
