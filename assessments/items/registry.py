"""The item types there are."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from assessments.items import (
    categorise,
    cloze,
    essay,
    file_upload,
    highlight,
    hotspot,
    matching,
    multiple_choice,
    numeric,
    ordering,
    prompt,
    short_text,
    single_choice,
    table,
    true_false_reason,
)
from assessments.items.partial_credit import exact_score
from assessments.items.problems import UnknownItemType
from assessments.items.protocols import ItemType, MarkedItemType
from assessments.items.with_media import MarkedWithMedia, WithMedia

MARKED_TYPES: dict[str, MarkedItemType] = {
    essay.KIND: MarkedWithMedia(essay),
    file_upload.KIND: MarkedWithMedia(file_upload),
    prompt.KIND: MarkedWithMedia(prompt),
}

ITEM_TYPES: dict[str, ItemType] = {
    single_choice.KIND: WithMedia(single_choice),
    multiple_choice.KIND: WithMedia(multiple_choice),
    true_false_reason.KIND: WithMedia(true_false_reason),
    matching.KIND: WithMedia(matching),
    ordering.KIND: WithMedia(ordering),
    categorise.KIND: WithMedia(categorise),
    cloze.KIND: WithMedia(cloze),
    short_text.KIND: WithMedia(short_text),
    numeric.KIND: WithMedia(numeric),
    table.KIND: WithMedia(table),
    highlight.KIND: WithMedia(highlight),
    hotspot.KIND: WithMedia(hotspot),
    **MARKED_TYPES,
}

_PARTS: dict[str, Callable[[Any, Any], tuple[int, int]]] = {
    module.KIND: module.points for module in (categorise, cloze, highlight, hotspot, matching, multiple_choice, table)
}
_MARKED_PARTS: dict[str, Callable[[Any, Any, dict[str, int]], tuple[int, int]]] = {
    module.KIND: module.mark_points for module in (essay, file_upload, prompt)
}


def item_type(kind: str) -> ItemType:
    """The module of a kind; UnknownItemType when there is none."""
    try:
        return ITEM_TYPES[kind]
    except (KeyError, TypeError):
        raise UnknownItemType(f"unknown item type {kind!r}; there are {', '.join(sorted(ITEM_TYPES))}") from None


def needs_marking(kind: str) -> bool:
    """Whether a person marks items of the kind; UnknownItemType when there is none."""
    return item_type(kind).KIND in MARKED_TYPES


def marked_type(kind: str) -> MarkedItemType:
    """The module of a kind that needs marking; UnknownItemType for any other."""
    try:
        return MARKED_TYPES[kind]
    except (KeyError, TypeError):
        raise UnknownItemType(f"{kind!r} is not marked by people; {', '.join(sorted(MARKED_TYPES))} are") from None


def exact_points(kind: str, content: Any, value: Any) -> Fraction | None:
    """What an answer earns before it is binned, of the type's `maximum`; None when people mark it."""
    if kind in _PARTS:
        return exact_score(*_PARTS[kind](content, value))
    score = item_type(kind).score(content, value)
    return None if score is None else Fraction(score)


def exact_points_of_marks(kind: str, content: Any, value: Any, marks: dict[str, int]) -> Fraction:
    """What an answer earns by a marker's points before they are binned, of the type's `maximum`."""
    return exact_score(*_MARKED_PARTS[kind](content, value, marks))
