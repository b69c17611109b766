"""The item types there are."""

from typing import Any, Protocol

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
from assessments.items.problems import UnknownItemType


class ItemType(Protocol):
    """What a module of an item type offers.

    A content is the type's own value object: `kind`, `stem`, `rationale`, `to_dict()` and what the type adds. A value
    is what `parse_response` made of a raw answer; only its own module looks into it. SAMPLE is a raw content.
    """

    KIND: str
    SAMPLE: dict[str, Any]

    def parse_content(self, raw: Any) -> Any: ...
    def player_view(self, content: Any, locale: str, seed: int) -> dict[str, Any]: ...
    def parse_response(self, content: Any, raw: Any) -> Any: ...
    def score(self, content: Any, value: Any) -> int | None: ...
    def maximum(self, content: Any) -> int: ...
    def key(self, content: Any) -> dict[str, Any]: ...
    def review_view(self, content: Any, locale: str, value: Any) -> dict[str, Any]: ...


class MarkedItemType(ItemType, Protocol):
    """A type whose `score` is None: it needs marking. Marks are points by criterion of its rubric."""

    def parse_marks(self, content: Any, raw: Any) -> dict[str, int]: ...
    def score_marks(self, content: Any, value: Any, marks: dict[str, int]) -> int: ...
    def marking_view(self, content: Any, locale: str, value: Any) -> dict[str, Any]: ...


MARKED_TYPES: dict[str, MarkedItemType] = {
    essay.KIND: essay,
    file_upload.KIND: file_upload,
    prompt.KIND: prompt,
}

ITEM_TYPES: dict[str, ItemType] = {
    single_choice.KIND: single_choice,
    multiple_choice.KIND: multiple_choice,
    true_false_reason.KIND: true_false_reason,
    matching.KIND: matching,
    ordering.KIND: ordering,
    categorise.KIND: categorise,
    cloze.KIND: cloze,
    short_text.KIND: short_text,
    numeric.KIND: numeric,
    table.KIND: table,
    highlight.KIND: highlight,
    hotspot.KIND: hotspot,
    **MARKED_TYPES,
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
